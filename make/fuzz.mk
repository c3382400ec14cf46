# Inputs made to break the parsers of stored and foreign text: test/fuzz.

.PHONY: fuzz
fuzz: ## every fuzz target finds its planted fault, and is run for FUZZ_SECONDS (600) each, two at a time (needs clang)
	tools/install-dependencies --for-fuzzing
	test/fuzz/run planted
	test/fuzz/run long
