# The tests on builds that watch themselves: test/instrumentation.

.PHONY: asan coverage sqlsmith valgrind
asan coverage: setup
sqlsmith:
	tools/install-dependencies --for-sqlsmith
	test/instrumentation/run sqlsmith
valgrind:
	tools/install-dependencies --for-valgrind
	test/instrumentation/run valgrind

asan: ## unit, regress and pgtap under the address, undefined-behaviour and leak sanitizers
coverage: ## lines run by unit, regress and pgtap (MISSED=all lists the others)
sqlsmith: ## random queries of every function under the sanitizers, SMITH_SECONDS (600)
valgrind: ## every function of the extension under memcheck
asan coverage:
	test/instrumentation/run $@
