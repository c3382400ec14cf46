# The readable truth of the current SQL version is sql/<domain>/*.sql; its install script is their sum.

SQL_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" gatehouse.control)
SQL_PARTS = \
	sql/foundation/requirements.sql sql/foundation/roles.sql sql/foundation/schema.sql \
	sql/operation/functions.sql \
	sql/primitives/functions.sql \
	sql/accounts/tables.sql sql/accounts/policy.sql sql/accounts/throttle.sql sql/accounts/locks.sql sql/accounts/look_ups.sql \
	sql/accounts/registration.sql sql/accounts/login.sql sql/accounts/oauth.sql sql/accounts/passwords.sql \
	sql/accounts/standing.sql sql/accounts/profile.sql sql/accounts/lists.sql sql/accounts/bulk.sql \
	sql/accounts/one_time_tokens.sql sql/accounts/verification.sql sql/accounts/password_reset.sql \
	sql/api_keys/tables.sql sql/api_keys/scopes.sql sql/api_keys/making.sql sql/api_keys/verification.sql \
	sql/api_keys/usage.sql sql/api_keys/listing.sql sql/api_keys/changing.sql sql/api_keys/rotation.sql \
	sql/sessions/tables.sql sql/sessions/tokens.sql sql/sessions/opening.sql sql/sessions/reading.sql \
	sql/sessions/refreshing.sql sql/sessions/ending.sql sql/sessions/cleanup.sql sql/sessions/access_tokens.sql \
	sql/audit/tables.sql sql/audit/events.sql sql/audit/security_events.sql sql/audit/row_changes.sql \
	sql/audit/shapes.sql sql/audit/time_travel.sql sql/audit/undo_statements.sql sql/audit/undo.sql \
	sql/audit/leaves.sql sql/audit/retention.sql sql/audit/guard.sql sql/audit/partitions.sql \
	sql/audit/hidden_columns.sql sql/audit/watching.sql sql/audit/schemas.sql \
	sql/identity/functions.sql \
	sql/accounts/erasure.sql \
	sql/operation/maintenance.sql sql/operation/health.sql \
	sql/foundation/privileges.sql

.PHONY: sql draft-upgrade
sql: ## assemble the install script of the current SQL version from its parts
	tools/assemble-sql $(SQL_PARTS) > sql/gatehouse--$(SQL_VERSION).sql.new
	mv sql/gatehouse--$(SQL_VERSION).sql.new sql/gatehouse--$(SQL_VERSION).sql

draft-upgrade: ## the draft of the script that upgrades a released SQL version to the tree's (FROM=0.7)
	@tools/install-dependencies --for-tests >&2
	@tools/draft-upgrade $(or $(FROM),$(error say from what: make draft-upgrade FROM=0.7 >sql/gatehouse--0.7--<to>.sql))
