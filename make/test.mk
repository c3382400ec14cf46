# Tests. Each target sets up what it needs; the work is done by test/run, which stops the servers that it starts.

SUITES = unit fuzz lint regress pgtap docs catalog isolation tap upgrade

.PHONY: test $(SUITES:%=test-%) differential lint matrix setup
setup: ## install what building and testing needs (apt, as root or through sudo)
	tools/install-dependencies --for-tests

test: setup ## everything: unit, fuzz, lint, regress, pgtap, docs, catalog, isolation, tap, upgrade
	test/run $(SUITES)

test-unit: ## the core alone, by CMake and GoogleTest
test-fuzz: ## a short run of every fuzz target over its corpus
test-lint lint: ## the rules of the code base
test-regress: ## pg_regress: test/sql against expected/
test-pgtap: ## pgTAP: test/pgtap, without anything, and preloaded with a key ring
test-docs: ## the examples of README.md and doc/
test-catalog: ## the lints over the installed catalog, each with its planted faults
test-isolation: ## concurrent calls by the isolation tester, each spec with its planted fault
test-tap: ## restarts, crashes, dumps, standbys, poolers, memory: test/tap
test-upgrade: ## fresh = upgraded = restored, for each released version and one for tests
$(SUITES:%=test-%):
	test/run $(@:test-%=%)
lint: test-lint

differential: setup ## random changes of random tables, which the log must tell again, DIFFERENTIAL_SECONDS (3600)
	test/run differential

matrix: ## build and test on PostgreSQL 15, 17 and 18, by gcc and clang (MATRIX=folder for the trees)
	tools/matrix $(or $(MATRIX),$(error say where: make matrix MATRIX=folder, about 3 GB))
