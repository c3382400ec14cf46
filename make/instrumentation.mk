# The tests on builds that watch themselves: test/instrumentation.

.PHONY: asan coverage valgrind
asan coverage: setup
valgrind:
	tools/install-dependencies --for-valgrind
	test/instrumentation/run valgrind

asan: ## unit, regress and pgtap under the address, undefined-behaviour and leak sanitizers
coverage: ## lines run by unit, regress and pgtap (MISSED=all lists the others)
valgrind: ## every function of the extension under memcheck
asan coverage:
	test/instrumentation/run $@
