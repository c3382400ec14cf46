.PHONY: help quickstart
help: ## list these targets
	@echo 'make                 build the extension'
	@echo 'make install         install it into the PostgreSQL of PG_CONFIG (DESTDIR is heeded)'
	@echo 'make installcheck    pg_regress against the server of PGHOST, PGPORT'
	@echo 'make clean           remove what was built'
	@sed -n 's/^\([a-z][a-z -]*\):[^#]*## \(.*\)/\1|\2/p' Makefile make/*.mk | sort | \
		while IFS='|' read -r target what; do printf 'make %-15s %s\n' "$$target" "$$what"; done

quickstart: ## the guided tour on a throw-away server
	./quickstart
