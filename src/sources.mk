# The one list of sources: read by Make (the extension) and by CMake (the core alone).
# The core knows nothing of PostgreSQL; the edge, *_pg.cpp, is all that does.

CORE_SOURCES = \
	src/accounts/password_folding.cpp \
	src/accounts/password_policy.cpp \
	src/accounts/throttle.cpp \
	src/accounts/throttle_table.cpp \
	src/api_keys/key_format.cpp \
	src/api_keys/key_uses.cpp \
	src/api_keys/row_hints.cpp \
	src/api_keys/scope.cpp \
	src/boundary/error_table.cpp \
	src/boundary/keyed_table.cpp \
	src/boundary/run_core.cpp \
	src/crypto/argon2.cpp \
	src/crypto/encoding.cpp \
	src/crypto/foreign_hash.cpp \
	src/crypto/hash_times.cpp \
	src/crypto/key_ring.cpp \
	src/crypto/password_hash.cpp \
	src/crypto/secret_buffer.cpp \
	src/crypto/token.cpp \
	src/crypto/uuid_v7.cpp \
	src/crypto/waiting_line.cpp \
	src/identity/identity_text.cpp \
	src/sessions/compact_jws.cpp \
	src/sessions/refresh_token.cpp \
	src/statement_text/statement_text.cpp

EDGE_SOURCES = \
	src/accounts/account_row_pg.cpp \
	src/accounts/erasure_pg.cpp \
	src/accounts/login_pg.cpp \
	src/accounts/password_policy_pg.cpp \
	src/accounts/throttle_pg.cpp \
	src/accounts/throttle_row_pg.cpp \
	src/api_keys/judgement_pg.cpp \
	src/api_keys/key_making_pg.cpp \
	src/api_keys/key_table_pg.cpp \
	src/api_keys/key_uses_pg.cpp \
	src/api_keys/scope_list_pg.cpp \
	src/api_keys/verification_pg.cpp \
	src/audit/audited_relation_pg.cpp \
	src/audit/column_value_pg.cpp \
	src/audit/commitment_pg.cpp \
	src/audit/erasure_pg.cpp \
	src/audit/event_queue_pg.cpp \
	src/audit/json_object_pg.cpp \
	src/audit/log_writer_pg.cpp \
	src/audit/neutral_settings_pg.cpp \
	src/audit/row_change_pg.cpp \
	src/audit/scratch_pg.cpp \
	src/boundary/caller_pg.cpp \
	src/boundary/module_pg.cpp \
	src/boundary/owner_rights_pg.cpp \
	src/boundary/raise_pg.cpp \
	src/boundary/row_probe_pg.cpp \
	src/boundary/secret_memory_pg.cpp \
	src/boundary/settings_pg.cpp \
	src/boundary/shared_memory_pg.cpp \
	src/boundary/transaction_end_pg.cpp \
	src/crypto/hash_times_pg.cpp \
	src/crypto/key_ring_pg.cpp \
	src/crypto/password_gate_pg.cpp \
	src/crypto/password_text_pg.cpp \
	src/crypto/primitives_pg.cpp \
	src/identity/carrier_pg.cpp \
	src/identity/reading_pg.cpp \
	src/identity/sign_in_pg.cpp \
	src/operation/database_worker_pg.cpp \
	src/operation/introspection_pg.cpp \
	src/operation/launcher_pg.cpp \
	src/operation/server_state_pg.cpp \
	src/operation/standby_staleness_pg.cpp \
	src/operation/worker_pg.cpp \
	src/sessions/access_token_pg.cpp \
	src/sessions/json_members_pg.cpp \
	src/sessions/reading_pg.cpp \
	src/sessions/refreshing_pg.cpp \
	src/sessions/reused_sessions_pg.cpp \
	src/sessions/session_row_pg.cpp \
	src/sessions/token_pg.cpp \
	src/statement_text/activity_hooks_pg.cpp \
	src/statement_text/concern_pg.cpp \
	src/statement_text/log_hook_pg.cpp \
	src/statement_text/utility_hook_pg.cpp
