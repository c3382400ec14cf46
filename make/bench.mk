# Figures, each against a peer in the same run. bench/run sets up what it needs and removes it; see bench/README.md.

.PHONY: bench
bench: ## figures against peers, beside their targets (SUBJECT=api_keys for one)
	tools/install-dependencies --for-bench || echo 'make bench: going on with what there is'
	bench/run $(SUBJECT)

.PHONY: soak
soak: ## a million calls in one session, and kill -9 of whoever is in the gate, the worker, the server (SOAK_ROUNDS=5)
	bench/soak
