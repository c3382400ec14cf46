-- The manifest: every object that the extension makes, in one list. Whoever adds, drops or changes one changes the list.
BEGIN;
SELECT plan(2);
SET LOCAL client_min_messages = warning;
\ir ../members.psql

CREATE TEMP VIEW found AS
SELECT format('function %s(%s) returns %s, %s %s, parallel %s%s%s, owner %s', p.proname,
              pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.lanname,
              CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
              CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END,
              CASE WHEN p.proisstrict THEN ', strict' ELSE '' END,
              CASE WHEN p.prosecdef THEN ', definer' ELSE '' END,
              CASE WHEN p.owner_is_superuser THEN 'installer' ELSE p.owner_name END) AS object
  FROM pg_temp.member_function p
UNION ALL
SELECT CASE c.relkind
         WHEN 'i' THEN pg_get_indexdef(c.oid)
         WHEN 'S' THEN format('sequence %s, owner %s', c.relname, c.owner_name)
         ELSE format('%s %s (%s)%s, owner %s',
                     CASE c.relkind WHEN 'r' THEN CASE WHEN c.relispartition THEN 'partition' ELSE 'table' END
                                    WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'c' THEN 'type'
                                    ELSE c.relkind::text END,
                     c.relname,
                     (SELECT string_agg(format('%s %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                                               CASE WHEN a.attnotnull THEN ' not null' ELSE '' END), ', ' ORDER BY a.attnum)
                        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                     ' with (' || array_to_string(c.reloptions, ', ') || ')',
                     CASE WHEN c.relkind = 'c' AND c.owner_name = current_user THEN 'installer' ELSE c.owner_name END)
       END
  FROM pg_temp.member_relation c
 WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT format('constraint %s on %s %s', k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid))
  FROM pg_temp.member m JOIN pg_constraint k ON m.classid = 'pg_class'::regclass AND k.conrelid = m.objid
 WHERE k.contype <> 'n'
UNION ALL
SELECT format('schema %s, owner %s', n.nspname, pg_get_userbyid(n.nspowner))
  FROM pg_temp.member m JOIN pg_namespace n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid
UNION ALL
SELECT pg_describe_object(m.classid, m.objid, 0)
  FROM pg_temp.member m
 WHERE m.classid NOT IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass)
   AND NOT (m.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type t WHERE t.oid = m.objid AND t.typrelid <> 0));

CREATE TEMP TABLE expected (object text);
COPY expected FROM stdin;
CREATE INDEX api_keys_user_id ON gatehouse.api_keys USING btree (user_id, created_at, id)
CREATE INDEX event_details_default_event_id ON gatehouse.event_details_default USING btree (event_id)
CREATE INDEX events_default_occurred_at ON gatehouse.events_default USING btree (occurred_at, id)
CREATE INDEX events_default_user_id ON gatehouse.events_default USING btree (user_id, occurred_at, id)
CREATE INDEX one_time_tokens_expires_at ON gatehouse.one_time_tokens USING btree (expires_at)
CREATE INDEX one_time_tokens_subject ON gatehouse.one_time_tokens USING btree (subject, purpose)
CREATE INDEX one_time_tokens_user_id ON gatehouse.one_time_tokens USING btree (user_id) WHERE (user_id IS NOT NULL)
CREATE INDEX row_change_log_default_key ON gatehouse.row_change_log_default USING btree (key_hash)
CREATE INDEX row_change_log_default_new_key ON gatehouse.row_change_log_default USING btree (new_key_hash) WHERE (new_key_hash IS NOT NULL)
CREATE INDEX row_change_log_default_time ON gatehouse.row_change_log_default USING brin (changed_at, id) WITH (pages_per_range='32', autosummarize='on')
CREATE INDEX sessions_revoked_at ON gatehouse.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL)
CREATE INDEX sessions_sweep_at ON gatehouse.sessions USING btree (sweep_at)
CREATE INDEX sessions_user_id ON gatehouse.sessions USING btree (user_id) WHERE (revoked_at IS NULL)
CREATE INDEX users_created_at ON gatehouse.users USING btree (created_at, id)
CREATE INDEX users_deleted ON gatehouse.users USING btree (created_at, id) WHERE (deleted_at IS NOT NULL)
CREATE INDEX users_deletion_scheduled_for ON gatehouse.users USING btree (deletion_scheduled_for, id) WHERE (deletion_scheduled_for IS NOT NULL)
CREATE INDEX users_stopped ON gatehouse.users USING btree (created_at, id) WHERE ((NOT is_active) AND (deleted_at IS NULL))
CREATE INDEX users_superusers ON gatehouse.users USING btree (id) WHERE (is_superuser AND (deleted_at IS NULL))
CREATE UNIQUE INDEX oauth_identities_live ON gatehouse.oauth_identities USING btree (provider, subject) WHERE (NOT owner_is_deleted)
CREATE UNIQUE INDEX users_email_live ON gatehouse.users USING btree (email_normal) WHERE (deleted_at IS NULL)
CREATE UNIQUE INDEX users_username_live ON gatehouse.users USING btree (username_normal) WHERE (deleted_at IS NULL)
constraint api_key_usage_api_key_id_fkey on gatehouse.api_key_usage FOREIGN KEY (api_key_id) REFERENCES gatehouse.api_keys(id) ON DELETE CASCADE
constraint api_key_usage_pkey on gatehouse.api_key_usage PRIMARY KEY (api_key_id)
constraint api_keys_lookup_id_key on gatehouse.api_keys UNIQUE (lookup_id)
constraint api_keys_pkey on gatehouse.api_keys PRIMARY KEY (id)
constraint api_keys_user_id_fkey on gatehouse.api_keys FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
constraint audit_partitions_pkey on gatehouse.audit_partitions PRIMARY KEY (partition_id)
constraint audit_registry_pkey on gatehouse.audit_registry PRIMARY KEY (table_id)
constraint audit_schemas_pkey on gatehouse.audit_schemas PRIMARY KEY (schema_name)
constraint audit_shapes_pkey on gatehouse.audit_shapes PRIMARY KEY (table_id, since)
constraint blocked_email_domains_pkey on gatehouse.blocked_email_domains PRIMARY KEY (domain)
constraint blocked_passwords_pkey on gatehouse.blocked_passwords PRIMARY KEY (password_digest)
constraint deletion_reminders_pkey on gatehouse.deletion_reminders PRIMARY KEY (user_id, scheduled_for, days_before)
constraint deletion_reminders_user_id_fkey on gatehouse.deletion_reminders FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
constraint known_addresses_pkey on gatehouse.known_addresses PRIMARY KEY (user_id, network)
constraint known_addresses_user_id_fkey on gatehouse.known_addresses FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
constraint login_throttles_pkey on gatehouse.login_throttles PRIMARY KEY (subject)
constraint oauth_identities_pkey on gatehouse.oauth_identities PRIMARY KEY (user_id, provider, subject)
constraint oauth_identities_user_id_fkey on gatehouse.oauth_identities FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
constraint one_time_tokens_pkey on gatehouse.one_time_tokens PRIMARY KEY (locator_digest)
constraint one_time_tokens_user_id_fkey on gatehouse.one_time_tokens FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
constraint password_credentials_pkey on gatehouse.password_credentials PRIMARY KEY (user_id)
constraint password_credentials_user_id_fkey on gatehouse.password_credentials FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
constraint scopes_pkey on gatehouse.scopes PRIMARY KEY (name)
constraint sessions_locator_digest_key on gatehouse.sessions UNIQUE (locator_digest)
constraint sessions_pkey on gatehouse.sessions PRIMARY KEY (session_id)
constraint sessions_user_id_fkey on gatehouse.sessions FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
constraint superuser_bootstrap_once on gatehouse.superuser_bootstrap CHECK (is_done)
constraint superuser_bootstrap_pkey on gatehouse.superuser_bootstrap PRIMARY KEY (is_done)
constraint users_pkey on gatehouse.users PRIMARY KEY (id)
event trigger gatehouse_audit_commands
event trigger gatehouse_audit_drops
event trigger gatehouse_audit_guard
event trigger gatehouse_audit_lost_columns
event trigger gatehouse_audit_rewrites
event trigger gatehouse_audit_schema_drops
event trigger gatehouse_audit_schemas
event trigger gatehouse_audit_shapes
function access_token_bound(user_id uuid, session_id uuid) returns timestamp with time zone, c stable, parallel unsafe, owner installer
function account_counts(user_id uuid, OUT network cidr, OUT stored gatehouse.login_throttles) returns SETOF record, sql stable, parallel unsafe, owner gatehouse_owner
function account_deletion_status(user_id uuid, OUT status text, OUT requested_at timestamp with time zone, OUT token_expires_at timestamp with time zone, OUT scheduled_for timestamp with time zone) returns SETOF record, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function accounts_of_import(elements jsonb, ids uuid[], faults text[], made_at timestamp with time zone) returns SETOF gatehouse.users, sql stable, parallel unsafe, owner gatehouse_owner
function acts_for(user_id uuid) returns boolean, c stable, parallel restricted, owner installer
function address_fault(address text) returns text, sql immutable, parallel safe, owner gatehouse_owner
function address_network(ip inet) returns cidr, sql immutable, parallel safe, owner gatehouse_owner
function admit_partition(id integer, partition regclass) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function altered_tables() returns TABLE(relation regclass, table_id integer), sql volatile, parallel unsafe, owner gatehouse_owner
function api_key_page(user_id uuid, page_size integer, after text) returns SETOF gatehouse.api_key_list_entry, plpgsql stable, parallel unsafe, owner gatehouse_owner
function api_key_status(stored gatehouse.api_keys, now_at timestamp with time zone) returns text, sql immutable, parallel safe, owner gatehouse_owner
function attempt_login(password text, hash text, account gatehouse.login_throttles, address gatehouse.login_throttles, user_id uuid, login text, ip inet, user_agent text) returns gatehouse.login_attempt, c volatile, parallel unsafe, owner installer
function audit_arguments(table_id integer, excluded text[], redacted text[]) returns bytea, sql stable, parallel unsafe, owner gatehouse_owner
function audit_at(relation regclass, at timestamp with time zone, OUT table_id integer, OUT is_present boolean) returns record, plpgsql stable, parallel unsafe, owner gatehouse_owner
function audit_context() returns jsonb, c stable, parallel restricted, owner installer
function audit_later_table(relation regclass, schema_before oid, persistence_before "char") returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function audit_words(table_id integer, excluded text[], redacted text[], partition_id integer) returns text[], sql immutable, parallel unsafe, owner gatehouse_owner
function audited_relations(changed oid) returns TABLE(relation regclass, table_id integer), c volatile, parallel unsafe, strict, owner installer
function audited_root(relation regclass) returns regclass, sql stable, parallel unsafe, owner gatehouse_owner
function authenticate_user(login text, password text, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, OUT status text, OUT user_id uuid, OUT email text, OUT username text, OUT is_superuser boolean, OUT is_verified boolean, OUT retry_after interval) returns record, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function base_type(type oid) returns oid, sql stable, parallel unsafe, owner gatehouse_owner
function begin_audit(relation regclass, exclude text[], redact text[]) returns integer, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function blocked_password_digest(password text) returns bytea, c stable, parallel safe, owner installer
function bootstrap_superuser(email text, username text, password text) returns gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function caller_is_administrator() returns boolean, c stable, parallel restricted, owner installer
function calling_role() returns oid, c stable, parallel restricted, owner installer
function cancel_account_deletion(user_id uuid) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function causes_in_transaction(transaction_id xid8, since timestamp with time zone, OUT id bigint, OUT cause bigint) returns SETOF record, sql stable, parallel unsafe, owner gatehouse_owner
function change_password(id uuid, old_password text, new_password text, except_session uuid DEFAULT NULL::uuid, ip inet DEFAULT NULL::inet) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function changed_since_snapshot(schema_name text, relation_name text) returns boolean, c volatile, parallel unsafe, strict, owner installer
function changes_in_transaction(transaction_id xid8, since timestamp with time zone, OUT change gatehouse.row_change_log, OUT relation regclass) returns SETOF record, sql stable, parallel unsafe, owner gatehouse_owner
function changes_to_undo(transaction_id xid8, since timestamp with time zone, OUT change gatehouse.row_change_log, OUT relation regclass, OUT key_now jsonb, OUT moved_to jsonb) returns SETOF record, sql stable, parallel unsafe, owner gatehouse_owner
function check_access_claims(claims jsonb) returns void, plpgsql stable, parallel unsafe, owner gatehouse_owner
function check_acts_for(user_id uuid) returns void, c stable, parallel restricted, owner installer
function check_api_key(api_key text, required_scopes text[] DEFAULT '{}'::text[], ip inet DEFAULT NULL::inet, OUT status text, OUT api_key_id uuid, OUT user_id uuid, OUT scopes text[], OUT name text, OUT expires_at timestamp with time zone) returns record, c stable, parallel safe, owner installer
function check_audit_columns(relation regclass, exclude text[], redact text[]) returns void, plpgsql stable, parallel unsafe, owner gatehouse_owner
function check_auditable(relation regclass) returns void, plpgsql stable, parallel unsafe, owner gatehouse_owner
function check_auditable_schema(schema_name text) returns oid, plpgsql stable, parallel unsafe, owner gatehouse_owner
function check_email_domain(email text) returns void, plpgsql stable, parallel unsafe, owner gatehouse_owner
function check_hidden_columns(relation regclass, table_id integer, names_before text[], numbers_before jsonb) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function check_ids(ids uuid[]) returns void, plpgsql immutable, parallel safe, owner gatehouse_owner
function check_new_password(password text, email text, username text) returns void, c stable, parallel safe, owner installer
function check_oauth_identity(provider text, subject text) returns void, plpgsql immutable, parallel safe, owner gatehouse_owner
function check_owned_by_caller(relation regclass) returns void, plpgsql stable, parallel unsafe, owner gatehouse_owner
function check_password_policy(password text, email text, username text) returns void, plpgsql stable, parallel unsafe, owner gatehouse_owner
function check_patch(patch jsonb, fields text[]) returns void, plpgsql stable, parallel safe, owner gatehouse_owner
function check_scopes_cover(scopes text[]) returns void, c stable, parallel restricted, owner installer
function check_snapshot(schema_name text, relation_name text) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function check_username_not_reserved(username text) returns void, plpgsql stable, parallel unsafe, owner gatehouse_owner
function checked_email(email text) returns text, plpgsql immutable, parallel safe, owner gatehouse_owner
function checked_key_name(name text) returns text, plpgsql immutable, parallel safe, owner gatehouse_owner
function checked_networks(networks cidr[]) returns cidr[], plpgsql immutable, parallel safe, owner gatehouse_owner
function checked_page_size(page_size integer) returns integer, plpgsql immutable, parallel safe, owner gatehouse_owner
function checked_profile(profile jsonb) returns jsonb, plpgsql immutable, parallel safe, owner gatehouse_owner
function checked_reason(reason text) returns text, plpgsql immutable, parallel safe, owner gatehouse_owner
function checked_scopes(scopes text[]) returns text[], plpgsql stable, parallel unsafe, owner gatehouse_owner
function checked_username(username text) returns text, plpgsql immutable, parallel safe, owner gatehouse_owner
function cleanup_expired_tokens(retain interval DEFAULT '7 days'::interval, max_rows integer DEFAULT 1000) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function cluster_identifier() returns bigint, c stable, parallel safe, owner installer
function column_condition(relation regclass, name text) returns text, sql stable, parallel unsafe, owner gatehouse_owner
function column_numbers(relation regclass) returns jsonb, sql stable, parallel unsafe, owner gatehouse_owner
function confirm_account_deletion(token text) returns timestamp with time zone, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function confirm_email_change(token text) returns SETOF gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function count_failure(stored gatehouse.login_throttles, of_address boolean) returns gatehouse.login_throttles, c volatile, parallel safe, strict, owner installer
function count_failure_in_table(subject bytea, of_address boolean) returns boolean, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function count_users(search text DEFAULT NULL::text, is_verified boolean DEFAULT NULL::boolean, is_superuser boolean DEFAULT NULL::boolean, is_active boolean DEFAULT NULL::boolean, is_deleted boolean DEFAULT false, oauth_provider text DEFAULT NULL::text, created_since timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone) returns bigint, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function cover_partition(id integer, partition regclass, known_id integer, since bigint DEFAULT 0) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function create_api_key(user_id uuid, name text, scopes text[] DEFAULT '{}'::text[], expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, ip_allow cidr[] DEFAULT NULL::cidr[]) returns TABLE(id uuid, api_key text, hint text, created_at timestamp with time zone), plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function create_audit_log(event_type text, user_id uuid DEFAULT NULL::uuid, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, success boolean DEFAULT true, context jsonb DEFAULT NULL::jsonb, session_id uuid DEFAULT NULL::uuid) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function create_oauth_user(email text, username text, provider text, subject text, oauth_email text DEFAULT NULL::text) returns gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function create_refresh_token(user_id uuid, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, device text DEFAULT NULL::text) returns TABLE(session_id uuid, refresh_token text, expires_at timestamp with time zone), plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function create_user(email text, username text, password text DEFAULT NULL::text, is_superuser boolean DEFAULT false, profile jsonb DEFAULT '{}'::jsonb) returns gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function create_users(users jsonb, all_or_nothing boolean DEFAULT false) returns TABLE(index integer, id uuid, error text), plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function current_api_key_id() returns uuid, c stable, parallel safe, owner installer
function current_count(stored gatehouse.login_throttles) returns gatehouse.login_throttles, c stable, parallel unsafe, strict, owner installer
function current_impersonator_id() returns uuid, c stable, parallel safe, owner installer
function current_scopes() returns text[], c stable, parallel safe, owner installer
function current_session_id() returns uuid, c stable, parallel safe, owner installer
function current_table_id(relation regclass) returns integer, sql stable, parallel unsafe, owner gatehouse_owner
function current_user_id() returns uuid, c stable, parallel safe, owner installer
function deactivate_api_key(id uuid, user_id uuid DEFAULT NULL::uuid) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function deactivate_user_api_keys(user_id uuid) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function default_of(log regclass) returns regclass, sql stable, parallel unsafe, owner gatehouse_owner
function delete_account_row(user_id uuid) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function delete_accounts(ids uuid[], deleted_by uuid, reason text) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function delete_statement(parts jsonb, key jsonb, has_key boolean) returns text, sql stable, parallel unsafe, owner gatehouse_owner
function delete_user_row(user_id uuid, acting_role oid) returns void, c volatile, parallel unsafe, strict, owner installer
function describe_api_key(stored gatehouse.api_keys) returns gatehouse.api_key_info, sql stable, parallel unsafe, owner gatehouse_owner
function describe_session(session gatehouse.sessions, current_session uuid) returns gatehouse.session_info, sql stable, parallel unsafe, owner gatehouse_owner
function describe_user(account gatehouse.users) returns gatehouse.user_info, sql stable, parallel unsafe, owner gatehouse_owner
function digests_equal(a bytea, b bytea) returns boolean, c immutable, parallel safe, strict, owner installer
function disable_audit(relation regclass) returns boolean, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function disable_audit_schema(schema_name text) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function drop_audit_leaves(kept_since timestamp with time zone) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function drop_audit_triggers(relation regclass) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function duplicate_fault(email text, username text) returns text, plpgsql stable, parallel unsafe, owner gatehouse_owner
function email_domain_blocked(email text) returns boolean, plpgsql stable, parallel unsafe, owner gatehouse_owner
function email_fault(email text) returns text, sql immutable, parallel safe, owner gatehouse_owner
function enable_audit(relation regclass, exclude text[] DEFAULT '{}'::text[], redact text[] DEFAULT '{}'::text[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function enable_audit_schema(schema_name text) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function end_access(user_ids uuid[], reason text, except_session uuid DEFAULT NULL::uuid) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function end_failure_counts(counts gatehouse.login_throttles[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function end_oldest_overlaps(user_id uuid, now_at timestamp with time zone) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function end_partition(id integer, partition_id integer, name text, has_rows boolean) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function end_reused_sessions() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function erase_account(user_id uuid) returns boolean, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function erase_event_details(user_id uuid) returns bigint, c volatile, parallel unsafe, strict, owner installer
function erasure_may_be_deferred() returns boolean, sql stable, parallel unsafe, owner gatehouse_owner
function event_commitment(salt bytea, ip inet, user_agent text, context jsonb) returns bytea, c immutable, parallel safe, owner installer
function export_user_data(id uuid) returns jsonb, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function find_one_time_token(token text, purpose text) returns gatehouse.one_time_tokens, plpgsql stable, parallel unsafe, owner gatehouse_owner
function fold_email(email text) returns text, sql immutable, parallel safe, owner gatehouse_owner
function folded_search(search text) returns text, plpgsql immutable, parallel safe, owner gatehouse_owner
function follow_commands() returns void, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function follow_schemas() returns void, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function forget_dropped_schemas() returns event_trigger, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function forget_failure_counts() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function forget_key_uses(ids uuid[]) returns bigint, c volatile, parallel unsafe, strict, owner installer
function former_keys(table_id integer, key jsonb) returns jsonb[], sql stable, parallel unsafe, owner gatehouse_owner
function generate_salt() returns bytea, c volatile, parallel safe, owner installer
function generate_token(bytes integer DEFAULT 32) returns text, c volatile, parallel safe, owner installer
function get_api_key_by_id(id uuid, user_id uuid DEFAULT NULL::uuid) returns SETOF gatehouse.api_key_info, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_audit_logs(user_id uuid DEFAULT NULL::uuid, event_type text DEFAULT NULL::text, session_id uuid DEFAULT NULL::uuid, success boolean DEFAULT NULL::boolean, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone, page_size integer DEFAULT 20, after text DEFAULT NULL::text) returns SETOF gatehouse.audit_log_entry, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_refresh_token_by_hash(token_hash bytea, user_id uuid DEFAULT NULL::uuid) returns SETOF gatehouse.session_info, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_row_at(relation regclass, key jsonb, at timestamp with time zone) returns jsonb, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_row_history(relation regclass, key jsonb) returns SETOF gatehouse.row_history_entry, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_scopes(OUT name text, OUT description text) returns SETOF record, sql stable, parallel unsafe, definer, owner gatehouse_owner
function get_service_keys(page_size integer DEFAULT 20, after text DEFAULT NULL::text) returns SETOF gatehouse.api_key_list_entry, sql stable, parallel unsafe, definer, owner gatehouse_owner
function get_table_at(relation regclass, at timestamp with time zone) returns SETOF jsonb, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_user_api_keys(user_id uuid, page_size integer DEFAULT 20, after text DEFAULT NULL::text) returns SETOF gatehouse.api_key_list_entry, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_user_by_email(email text, include_deleted boolean DEFAULT false) returns SETOF gatehouse.user_info, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_user_by_id(id uuid, include_deleted boolean DEFAULT false) returns SETOF gatehouse.user_info, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_user_by_oauth(provider text, subject text, include_deleted boolean DEFAULT false) returns SETOF gatehouse.user_info, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_user_by_username(username text, include_deleted boolean DEFAULT false) returns SETOF gatehouse.user_info, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_user_details(id uuid, include_deleted boolean DEFAULT false) returns jsonb, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_user_sessions(user_id uuid, current_token text DEFAULT NULL::text) returns SETOF gatehouse.session_info, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function get_users(page_size integer DEFAULT 20, skip integer DEFAULT NULL::integer, after text DEFAULT NULL::text, search text DEFAULT NULL::text, is_verified boolean DEFAULT NULL::boolean, is_superuser boolean DEFAULT NULL::boolean, is_active boolean DEFAULT NULL::boolean, is_deleted boolean DEFAULT false, oauth_provider text DEFAULT NULL::text, created_since timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone) returns SETOF gatehouse.user_list_entry, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function guard_audit_log() returns event_trigger, c volatile, parallel unsafe, owner installer
function guard_last_superuser(leaving uuid[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function has_all_scopes(scopes text[], wanted text[]) returns boolean, c immutable, parallel safe, owner installer
function has_any_scope(scopes text[], wanted text[]) returns boolean, c immutable, parallel safe, owner installer
function has_audited_tables() returns boolean, sql volatile, parallel unsafe, owner gatehouse_owner
function has_deferrable(relation regclass, types "char"[]) returns boolean, sql stable, parallel unsafe, owner gatehouse_owner
function has_scope(scopes text[], scope text) returns boolean, c immutable, parallel safe, owner installer
function hash_password(password text) returns text, c volatile, parallel safe, owner installer
function health_check() returns jsonb, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function health_checks(OUT check_name text, OUT status text, OUT reason text) returns SETOF record, plpgsql stable, parallel unsafe, owner gatehouse_owner
function hidden_names(table_id integer) returns text[], sql stable, parallel unsafe, owner gatehouse_owner
function history_of(relation regclass) returns integer, plpgsql stable, parallel unsafe, owner gatehouse_owner
function include_deleted_allowed(include_deleted boolean) returns boolean, plpgsql stable, parallel restricted, owner gatehouse_owner
function insert_api_key(id uuid, user_id uuid, name text, scopes text[], expires_at timestamp with time zone, ip_allow cidr[], created_at timestamp with time zone, OUT api_key text, OUT hint text) returns record, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function insert_statement(parts jsonb, rows jsonb) returns text, sql stable, parallel unsafe, owner gatehouse_owner
function insert_truncated_rows(relation regclass, parts jsonb, change gatehouse.row_change_log, was gatehouse.audit_shapes, becomes gatehouse.audit_shapes) returns SETOF text, sql stable, parallel unsafe, owner gatehouse_owner
function insert_user(email text, username text, is_superuser boolean, is_verified boolean, profile jsonb) returns gatehouse.users, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function is_email_address(address text) returns boolean, plpgsql immutable, parallel safe, strict, definer, owner gatehouse_owner
function is_own_change(version xid) returns boolean, c stable, parallel unsafe, strict, owner installer
function is_unique(parts jsonb, key jsonb) returns boolean, sql stable, parallel unsafe, owner gatehouse_owner
function is_username(username text) returns boolean, plpgsql immutable, parallel safe, strict, definer, owner gatehouse_owner
function is_whole(parts jsonb, row_values jsonb) returns boolean, sql stable, parallel unsafe, owner gatehouse_owner
function issue_access_token(user_id uuid, session_id uuid DEFAULT NULL::uuid, audience text DEFAULT NULL::text, lifetime interval DEFAULT NULL::interval, claims jsonb DEFAULT NULL::jsonb) returns text, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function issue_one_time_token(user_id uuid, subject bytea, purpose text, email text, lifetime interval) returns text, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function jwks() returns jsonb, c stable, parallel unsafe, owner installer
function key_after(key jsonb, new jsonb) returns jsonb, sql immutable, parallel unsafe, owner gatehouse_owner
function key_ids_in_use() returns integer[], sql stable, parallel unsafe, owner gatehouse_owner
function key_usage(api_key_id uuid, OUT last_used_at timestamp with time zone, OUT last_used_ip inet, OUT use_count bigint) returns record, c stable, parallel safe, strict, owner installer
function known_partition_ids(table_id integer, root regclass) returns jsonb, sql volatile, parallel unsafe, owner gatehouse_owner
function leaf_range(logs regclass[], at timestamp with time zone, unit text, OUT since timestamp with time zone, OUT until timestamp with time zone) returns record, sql stable, parallel unsafe, owner gatehouse_owner
function leaf_unit(logs regclass[]) returns text, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function library_version() returns text, c immutable, parallel safe, owner installer
function lifetime(setting_name text) returns interval, sql stable, parallel unsafe, owner gatehouse_owner
function link_oauth(id uuid, provider text, subject text, oauth_email text DEFAULT NULL::text) returns gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function linked_keys(table_id integer, key jsonb) returns jsonb[], sql stable, parallel unsafe, owner gatehouse_owner
function list_cursor(created_at timestamp with time zone, id uuid) returns text, sql immutable, parallel safe, owner gatehouse_owner
function list_place(after text, OUT created_at timestamp with time zone, OUT id uuid) returns record, plpgsql stable, parallel safe, owner gatehouse_owner
function load_blocked_email_domains(domains text[]) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function load_blocked_passwords(passwords text[]) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function locate_refresh_token(token text) returns bytea, c immutable, parallel safe, strict, owner installer
function lock_account(user_id uuid) returns gatehouse.users, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function lock_accounts(ids uuid[]) returns uuid[], plpgsql volatile, parallel unsafe, owner gatehouse_owner
function lock_audited_schema(schema_id oid) returns void, c volatile, parallel unsafe, strict, owner installer
function lock_audited_table(relation regclass) returns boolean, c volatile, parallel unsafe, strict, owner installer
function lock_live_account(user_id uuid) returns boolean, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function lock_live_account_to_count(user_id uuid) returns boolean, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function lock_live_key(id uuid) returns gatehouse.api_keys, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function lock_logs(logs regclass[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function lock_status(id uuid, OUT is_locked boolean, OUT failures integer, OUT last_failure_at timestamp with time zone, OUT locked_until timestamp with time zone, OUT retry_after interval, OUT locked_addresses cidr[]) returns SETOF record, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function log_partition_end(table_id integer, partition_id integer, name text) returns void, c volatile, parallel unsafe, strict, owner installer
function log_partitions(OUT log regclass, OUT leaf regclass, OUT is_default boolean, OUT since timestamp with time zone, OUT until timestamp with time zone) returns SETOF record, sql stable, parallel unsafe, owner gatehouse_owner
function log_rewritten_rows(relation regclass, columns text[]) returns bigint, c volatile, parallel unsafe, strict, owner installer
function log_row_change() returns trigger, c volatile, parallel unsafe, owner installer
function log_truncate() returns trigger, c volatile, parallel unsafe, owner installer
function login_digest(login text) returns text, c stable, parallel safe, strict, owner installer
function login_subjects(user_id uuid, typed text, client_network cidr, OUT account bytea, OUT address bytea) returns record, plpgsql stable, parallel unsafe, owner gatehouse_owner
function logs_with(log regclass) returns regclass[], sql stable, parallel unsafe, owner gatehouse_owner
function make_api_key(OUT api_key text, OUT lookup_id bigint, OUT key_digest bytea, OUT ring_key_id integer, OUT hint text) returns record, c volatile, parallel unsafe, owner installer
function make_audit_leaves(at_any_size boolean DEFAULT false) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function make_audit_trigger(relation regclass, on_truncate boolean, arguments text[]) returns void, c volatile, parallel unsafe, strict, owner installer
function make_constraints_immediate(acting_role oid) returns void, c volatile, parallel unsafe, strict, owner installer
function make_leaf(log regclass, since timestamp with time zone, until timestamp with time zone, with_rows boolean) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function make_leaves_of(logs regclass[], at_any_size boolean) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function make_one_time_token(OUT token text, OUT token_digest bytea, OUT ring_key_id integer, OUT locator_digest bytea) returns record, c volatile, parallel unsafe, owner installer
function make_refresh_token(OUT refresh_token text, OUT token_digest bytea, OUT ring_key_id integer, OUT locator_digest bytea) returns record, c volatile, parallel unsafe, owner installer
function make_successor(token text, under_key integer, OUT refresh_token text, OUT token_digest bytea, OUT ring_key_id integer, OUT locator_digest bytea) returns record, c volatile, parallel unsafe, owner installer
function mark_deletion_reminder_sent(user_id uuid, days_before integer) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function match_api_key(api_key text, required_scopes text[], ip inet) returns gatehouse.api_key_match, c stable, parallel safe, owner installer
function matching_users(found_text text, is_verified boolean, is_superuser boolean, is_active boolean, is_deleted boolean, created_since timestamp with time zone, created_until timestamp with time zone, now_at timestamp with time zone) returns SETOF gatehouse.users, sql stable, parallel unsafe, owner gatehouse_owner
function merged_profile(profile jsonb, patch jsonb) returns jsonb, plpgsql immutable, parallel safe, owner gatehouse_owner
function missing_values(relation regclass) returns jsonb, c stable, parallel unsafe, strict, owner installer
function moment_or_null(moment text) returns timestamp with time zone, plpgsql stable, parallel safe, strict, owner gatehouse_owner
function move_default_rows(max_rows bigint DEFAULT 100000) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function move_rows_of(logs regclass[], max_rows bigint) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function needs_rehash(hash text) returns boolean, c stable, parallel safe, owner installer
function networks_of_json(field jsonb) returns cidr[], plpgsql immutable, parallel safe, owner gatehouse_owner
function new_user_form_fault(element jsonb) returns text, sql immutable, parallel safe, owner gatehouse_owner
function note_audit_gaps() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function note_dropped_partition(dropped_schema text, dropped_name text, is_topmost boolean) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function note_dropped_table(dropped_schema text, dropped_name text) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function note_lost_triggers(relation_schema text, relation_name text) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function note_other_partitions(id integer) returns void, sql volatile, parallel unsafe, owner gatehouse_owner
function note_rewrite() returns event_trigger, c volatile, parallel unsafe, owner installer
function note_table_gaps(id integer, kinds text[], by_command boolean) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function of_columns(parts jsonb, row_values jsonb) returns TABLE(defined text, inserted text, selected text, assigned text, compared text), sql stable, parallel unsafe, owner gatehouse_owner
function own_shape(this_table integer, place bigint, relation regclass, attributes integer, columns jsonb) returns void, sql volatile, parallel unsafe, owner gatehouse_owner
function owner_of_key(id uuid, user_id uuid, OUT is_found boolean, OUT owner_id uuid) returns record, plpgsql stable, parallel unsafe, owner gatehouse_owner
function partition_id(partition oid) returns integer, sql stable, parallel unsafe, owner gatehouse_owner
function partition_id_in(arguments bytea) returns integer, sql immutable, parallel unsafe, owner gatehouse_owner
function partition_tree(relation regclass) returns SETOF regclass, c volatile, parallel unsafe, strict, owner installer
function password_fault(password text, email text, username text) returns text, c stable, parallel safe, owner installer
function password_policy_fault(password text, email text, username text) returns text, plpgsql stable, parallel unsafe, owner gatehouse_owner
function permanently_delete_user(id uuid) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function places_in(known jsonb) returns text[], sql immutable, parallel unsafe, owner gatehouse_owner
function present_columns(relation regclass, excluded text[]) returns TABLE(number integer, name text, type text, type_id oid, expression text, older_rows_show_null boolean, in_key boolean), sql stable, parallel unsafe, owner gatehouse_owner
function profile_fault(profile jsonb) returns text, sql immutable, parallel safe, owner gatehouse_owner
function prune_audit_log(keep interval DEFAULT NULL::interval) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function prune_in_maintenance() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function purge_deleted_users(max_rows integer DEFAULT 1000) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function purge_due_accounts(max_rows integer, time_limit interval) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function record_all_shapes() returns bigint, sql volatile, parallel unsafe, owner gatehouse_owner
function record_audit_disabled(relation regclass, id integer) returns void, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function record_audit_enabled(relation regclass, exclude text[], redact text[]) returns integer, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function record_changed_shapes() returns event_trigger, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function record_extension_update(from_version text, to_version text) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function record_failed_login(attempt gatehouse.login_attempt, user_id uuid, typed text, ip inet, user_agent text, account_subject bytea, address_subject bytea) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function record_lost_columns() returns event_trigger, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function record_schema_enabled(schema_name text) returns void, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function record_security_event(event_type text, user_id uuid, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, success boolean DEFAULT false, context jsonb DEFAULT NULL::jsonb, session_id uuid DEFAULT NULL::uuid) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function record_shape(relation regclass, this_table integer, of_losses boolean) returns boolean, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function redacted_columns(shape gatehouse.audit_shapes) returns text[], sql immutable, parallel unsafe, owner gatehouse_owner
function refresh_session(refresh_token text, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text) returns TABLE(status text, session_id uuid, user_id uuid, refresh_token text, expires_at timestamp with time zone), c volatile, parallel unsafe, owner installer
function refresh_token_matches(token text, token_digest bytea, ring_key_id integer) returns boolean, c stable, parallel safe, strict, owner installer
function refuse_busy() returns void, c volatile, parallel unsafe, owner installer
function refuse_duplicate(constraint_name text) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function register_scope(name text, description text DEFAULT NULL::text) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function rehash(password text, hash text) returns text, c volatile, parallel safe, owner installer
function release_partitions(id integer, root regclass, partitions_before oid[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function remember_address(user_id uuid, network cidr) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function remove_audit_trigger(trigger oid) returns boolean, c volatile, parallel unsafe, strict, owner installer
function remove_expired_tokens() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function rename_audited_schema(name_before text, schema_id oid) returns void, sql volatile, parallel unsafe, owner gatehouse_owner
function rename_known_gaps(old_prefix text, new_prefix text) returns void, sql volatile, parallel unsafe, owner gatehouse_owner
function replace_password(user_id uuid, password_hash text, except_session uuid DEFAULT NULL::uuid) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function report_event(event_type text, user_id uuid, session_id uuid, api_key_id uuid, success boolean, ip inet, user_agent text, context text) returns boolean, c volatile, parallel unsafe, owner installer
function request_account_deletion(user_id uuid) returns text, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function request_email_change(id uuid, new_email text) returns text, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function request_email_verification(user_id uuid) returns text, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function request_password_reset(email text) returns TABLE(token text, user_id uuid), plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function require_scope(scope text) returns void, c stable, parallel safe, owner installer
function reset_count(stored gatehouse.login_throttles) returns boolean, c volatile, parallel unsafe, strict, owner installer
function reset_password(token text, new_password text) returns SETOF gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function reshape_row(row_values jsonb, was jsonb, becomes jsonb, forward boolean) returns jsonb, sql immutable, parallel unsafe, owner gatehouse_owner
function restore_user(id uuid) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function reused_sessions() returns SETOF uuid, c volatile, parallel unsafe, owner installer
function revoke_all_user_sessions(user_id uuid, except_session uuid DEFAULT NULL::uuid) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function revoke_refresh_token(token text) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function revoke_session(session_id uuid, user_id uuid DEFAULT NULL::uuid) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function role_of_erasure_triggers() returns oid, plpgsql stable, parallel unsafe, owner gatehouse_owner
function rotate_api_key(id uuid, user_id uuid DEFAULT NULL::uuid, overlap interval DEFAULT '00:00:00'::interval) returns SETOF gatehouse.rotated_api_key, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function row_condition(parts jsonb, key jsonb, has_key boolean, defined text, compared text) returns text, sql stable, parallel unsafe, owner gatehouse_owner
function rows_at(relation regclass, table_id integer, at timestamp with time zone, before bigint, key_hashes bigint[], OUT key jsonb, OUT row_values jsonb, OUT complete boolean) returns SETOF record, c stable, parallel unsafe, owner installer
function run_maintenance(OUT task text, OUT affected bigint) returns SETOF record, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function scope_valid(scope text) returns boolean, c immutable, parallel safe, strict, owner installer
function server_state(OUT memory text, OUT hashing bigint, OUT hashes_waiting bigint, OUT hashes_turned_away bigint, OUT throttle_capacity bigint, OUT counts_lost bigint, OUT queue_capacity bigint, OUT events_waiting bigint, OUT events_lost bigint, OUT worker_serves boolean, OUT worker_served_at timestamp with time zone, OUT key_ring_failure text, OUT key_ids integer[], OUT key_use_capacity bigint, OUT key_uses_waiting bigint, OUT key_uses_lost bigint, OUT standby_as_of timestamp with time zone, OUT standby_bounded boolean, OUT sessions_reused bigint, OUT reuses_lost bigint) returns record, c stable, parallel unsafe, owner installer
function session_is_live(session gatehouse.sessions) returns boolean, sql stable, parallel unsafe, owner gatehouse_owner
function set_active(id uuid, is_active boolean, reason text DEFAULT NULL::text, until timestamp with time zone DEFAULT NULL::timestamp with time zone) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function set_audit_context(context jsonb) returns void, c volatile, parallel unsafe, owner installer
function set_password(id uuid, new_password text) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function set_superuser(id uuid, is_superuser boolean) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function set_verified(id uuid, is_verified boolean) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function setting(name text) returns text, c stable, parallel safe, strict, owner installer
function shape_columns(columns jsonb) returns TABLE(id integer, number integer, name text, type text, type_id oid, expression text, redacted boolean, missing jsonb), sql immutable, parallel unsafe, owner gatehouse_owner
function sign_access_token(payload text) returns text, c stable, parallel unsafe, strict, owner installer
function sign_in_as(user_id uuid) returns boolean, c volatile, parallel unsafe, owner installer
function sign_in_with_access_token(token text, audience text DEFAULT NULL::text) returns boolean, c volatile, parallel unsafe, owner installer
function sign_in_with_api_key(api_key text, required_scopes text[] DEFAULT '{}'::text[], ip inet DEFAULT NULL::inet) returns boolean, c volatile, parallel unsafe, owner installer
function sign_in_with_session(refresh_token text) returns boolean, c volatile, parallel unsafe, owner installer
function sign_out() returns void, c volatile, parallel unsafe, owner installer
function soft_delete_user(id uuid, deleted_by uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function soft_delete_users(ids uuid[], deleted_by uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function statement_parts(relation regclass) returns jsonb, sql stable, parallel unsafe, owner gatehouse_owner
function still_tells_row(was gatehouse.audit_shapes, becomes gatehouse.audit_shapes, change_id bigint, is_unique boolean) returns boolean, sql stable, parallel unsafe, owner gatehouse_owner
function store_failure_counts() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function store_oauth_identity(user_id uuid, provider text, subject text, oauth_email text) returns boolean, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function store_password(user_id uuid, password_hash text, changed_at timestamp with time zone) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function stored_count(subject bytea) returns gatehouse.login_throttles, plpgsql stable, parallel safe, strict, owner gatehouse_owner
function stored_hash_fault(hash text) returns text, c stable, parallel safe, owner installer
function take_events(at_most integer) returns SETOF gatehouse.queued_event, c volatile, parallel unsafe, strict, owner installer
function take_failure_counts(at_most integer) returns SETOF gatehouse.login_throttles, c volatile, parallel unsafe, strict, owner installer
function take_key_uses(ids uuid[]) returns SETOF gatehouse.api_key_usage, c volatile, parallel unsafe, strict, owner installer
function take_lost_events() returns bigint, c volatile, parallel unsafe, owner installer
function take_rewrite(relation regclass) returns text[], c volatile, parallel unsafe, strict, owner installer
function tell_api_keys(account gatehouse.users) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function texts_of_json(field jsonb, field_name text) returns text[], plpgsql immutable, parallel safe, owner gatehouse_owner
function throttle_subject(kind text, value text) returns bytea, c immutable, parallel safe, strict, owner installer
function time_column(log regclass) returns name, sql stable, parallel unsafe, owner gatehouse_owner
function time_of_json(field jsonb, field_name text) returns timestamp with time zone, plpgsql stable, parallel safe, owner gatehouse_owner
function token_digest(token text) returns bytea, c stable, parallel safe, owner installer
function trimmed_email(email text) returns text, sql immutable, parallel safe, owner gatehouse_owner
function type_name(type oid) returns text, sql stable, parallel unsafe, owner gatehouse_owner
function undo_transaction(transaction_id xid8, since timestamp with time zone DEFAULT NULL::timestamp with time zone) returns SETOF text, plpgsql stable, parallel unsafe, definer, owner gatehouse_owner
function unique_indexes(relation regclass) returns TABLE(columns text[], column_numbers smallint[], operator_classes oid[]), sql stable, parallel unsafe, owner gatehouse_owner
function unknown_field(object jsonb, fields text[]) returns text, sql immutable, parallel safe, owner gatehouse_owner
function unlink_oauth(id uuid, provider text, subject text DEFAULT NULL::text) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function unlock_user(id uuid) returns boolean, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function update_api_key(id uuid, patch jsonb, user_id uuid DEFAULT NULL::uuid) returns SETOF gatehouse.api_key_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function update_statement(parts jsonb, old jsonb, key jsonb, has_key boolean) returns text, sql stable, parallel unsafe, owner gatehouse_owner
function update_user(id uuid, patch jsonb) returns gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function update_users(ids uuid[], patch jsonb) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function use_one_time_token(token text, purpose text) returns gatehouse.one_time_tokens, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function user_statistics(OUT total bigint, OUT verified bigint, OUT unverified bigint, OUT superusers bigint, OUT oauth bigint, OUT stopped bigint, OUT deleted bigint) returns record, sql stable, parallel unsafe, definer, owner gatehouse_owner
function username_fault(username text) returns text, sql immutable, parallel safe, owner gatehouse_owner
function username_reserved(username text) returns boolean, sql immutable, parallel safe, owner gatehouse_owner
function uuid_v7() returns uuid, c volatile, parallel safe, owner installer
function values_at(known jsonb, places text[]) returns jsonb, sql stable, parallel unsafe, owner gatehouse_owner
function values_of(row_values jsonb, relation oid, column_numbers smallint[]) returns jsonb, sql stable, parallel unsafe, owner gatehouse_owner
function verify_access_token(token text, audience text DEFAULT NULL::text) returns TABLE(user_id uuid, session_id uuid, token_id uuid, issued_at timestamp with time zone, expires_at timestamp with time zone, claims jsonb), c stable, parallel unsafe, owner installer
function verify_api_key(api_key text, required_scopes text[] DEFAULT '{}'::text[], ip inet DEFAULT NULL::inet) returns TABLE(api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamp with time zone), sql stable, parallel safe, owner installer
function verify_email(token text) returns SETOF gatehouse.user_info, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function verify_password(password text, hash text) returns boolean, c stable, parallel safe, owner installer
function verify_refresh_token(token text) returns SETOF gatehouse.session_info, c stable, parallel unsafe, owner installer
function verify_users(ids uuid[]) returns bigint, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function version() returns text, sql immutable, parallel safe, owner installer
function wait_for_superusers(leaving uuid[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function waiting_key_uses(at_most integer) returns uuid[], c volatile, parallel unsafe, strict, owner installer
function watch_commands() returns event_trigger, c volatile, parallel unsafe, owner installer
function watch_drops() returns event_trigger, plpgsql volatile, parallel unsafe, definer, owner gatehouse_owner
function watch_renamed_schema(name_before text, schema_id oid) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function watch_schemas() returns event_trigger, c volatile, parallel unsafe, owner installer
function watch_table(relation regclass, name_before text, partitions_before oid[], kinds text[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function watch_trigger(trigger oid, kinds text[]) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function worker_serves_database() returns boolean, c volatile, parallel unsafe, owner installer
function write_event(event_type text, user_id uuid, ip inet, user_agent text, success boolean, context jsonb, session_id uuid, api_key_id uuid DEFAULT NULL::uuid, occurred_at timestamp with time zone DEFAULT NULL::timestamp with time zone) returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function write_key_uses() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function write_security_event(reported gatehouse.queued_event) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function write_security_events() returns bigint, plpgsql volatile, parallel unsafe, owner gatehouse_owner
function write_table_event(event_type text, id integer, by_command boolean, what jsonb) returns void, plpgsql volatile, parallel unsafe, owner gatehouse_owner
partition event_details_default (event_id bigint not null, occurred_at timestamp with time zone not null, ip inet, user_agent text, context jsonb, salt bytea not null), owner gatehouse_owner
partition events_default (id bigint not null, occurred_at timestamp with time zone not null, transaction_id xid8 not null, origin bigint not null, user_id uuid, actor_id uuid, impersonator_id uuid, session_id uuid, api_key_id uuid, success boolean not null, event_type text not null, commitment bytea), owner gatehouse_owner
partition row_change_log_default (id bigint not null, changed_at timestamp with time zone not null, transaction_id xid8 not null, key_hash bigint not null, origin bigint not null, table_id integer not null, operation "char" not null, actor_id uuid, impersonator_id uuid, api_key_id uuid, session_id uuid, db_role text, client_addr inet, application_name text, replication_origin text, key jsonb, old jsonb, new jsonb, context jsonb, new_key_hash bigint, partition_id integer), owner gatehouse_owner
partitioned table event_details (event_id bigint not null, occurred_at timestamp with time zone not null, ip inet, user_agent text, context jsonb, salt bytea not null), owner gatehouse_owner
partitioned table events (id bigint not null, occurred_at timestamp with time zone not null, transaction_id xid8 not null, origin bigint not null, user_id uuid, actor_id uuid, impersonator_id uuid, session_id uuid, api_key_id uuid, success boolean not null, event_type text not null, commitment bytea), owner gatehouse_owner
partitioned table row_change_log (id bigint not null, changed_at timestamp with time zone not null, transaction_id xid8 not null, key_hash bigint not null, origin bigint not null, table_id integer not null, operation "char" not null, actor_id uuid, impersonator_id uuid, api_key_id uuid, session_id uuid, db_role text, client_addr inet, application_name text, replication_origin text, key jsonb, old jsonb, new jsonb, context jsonb, new_key_hash bigint, partition_id integer), owner gatehouse_owner
schema gatehouse, owner gatehouse_owner
sequence audited_table_id_seq, owner gatehouse_owner
sequence event_id_seq, owner gatehouse_owner
sequence row_change_log_id_seq, owner gatehouse_owner
table api_key_usage (api_key_id uuid not null, last_used_at timestamp with time zone not null, last_used_ip inet, use_count bigint not null) with (fillfactor=50), owner gatehouse_owner
table api_keys (id uuid not null, lookup_id bigint not null, owner_is_live boolean not null, ring_key_id integer not null, key_digest bytea not null, user_id uuid, expires_at timestamp with time zone, deactivated_at timestamp with time zone, name text not null, hint text not null, scopes text[] not null, ip_allow cidr[], created_at timestamp with time zone not null, owner_stopped_until timestamp with time zone, rotated_to uuid) with (fillfactor=90), owner gatehouse_owner
table audit_partitions (partition_id integer not null, table_id integer not null, partition_schema text not null, partition_name text not null, since bigint not null, recorded_at timestamp with time zone not null, has_left boolean not null), owner gatehouse_owner
table audit_registry (table_id integer not null, table_schema text not null, table_name text not null, excluded text[] not null, redacted text[] not null, enabled_at timestamp with time zone not null, disabled_at timestamp with time zone, known_gaps text[] not null, shape_since bigint), owner gatehouse_owner
table audit_schemas (schema_name text not null, enabled_at timestamp with time zone not null), owner gatehouse_owner
table audit_shapes (table_id integer not null, since bigint not null, recorded_at timestamp with time zone not null, columns jsonb not null, key integer[] not null, restates boolean not null, relation oid not null, origin bigint not null, attributes integer not null), owner gatehouse_owner
table blocked_email_domains (domain text not null), owner gatehouse_owner
table blocked_passwords (password_digest bytea not null), owner gatehouse_owner
table deletion_reminders (user_id uuid not null, scheduled_for timestamp with time zone not null, days_before integer not null, sent_at timestamp with time zone not null), owner gatehouse_owner
table known_addresses (user_id uuid not null, network cidr not null, last_login_at timestamp with time zone not null), owner gatehouse_owner
table login_throttles (subject bytea not null, failures integer not null, counted_at timestamp with time zone not null, locked_until timestamp with time zone), owner gatehouse_owner
table oauth_identities (provider text not null, subject text not null, user_id uuid not null, linked_at timestamp with time zone not null, email text, owner_is_deleted boolean not null), owner gatehouse_owner
table one_time_tokens (locator_digest bytea not null, token_digest bytea not null, ring_key_id integer not null, user_id uuid, subject bytea not null, purpose text not null, email text not null, created_at timestamp with time zone not null, expires_at timestamp with time zone not null), owner gatehouse_owner
table password_credentials (user_id uuid not null, password_hash text not null, changed_at timestamp with time zone not null), owner gatehouse_owner
table scopes (name text not null, description text, registered_at timestamp with time zone not null), owner gatehouse_owner
table sessions (session_id uuid not null, user_id uuid not null, locator_digest bytea not null, token_digest bytea not null, ring_key_id integer not null, previous_digest bytea, previous_ring_key_id integer, rotations bigint not null, rotated_at timestamp with time zone, created_at timestamp with time zone not null, last_used_at timestamp with time zone not null, expires_at timestamp with time zone not null, idle_expires_at timestamp with time zone not null, revoked_at timestamp with time zone, revocation text, ip inet, user_agent text, device text, sweep_at timestamp with time zone not null) with (fillfactor=50), owner gatehouse_owner
table superuser_bootstrap (is_done boolean not null, user_id uuid not null, done_at timestamp with time zone not null), owner gatehouse_owner
table users (id uuid not null, email text not null, email_normal text not null, username text not null, username_normal text not null, is_superuser boolean not null, is_verified boolean not null, is_active boolean not null, profile jsonb not null, created_at timestamp with time zone not null, updated_at timestamp with time zone not null, last_login_at timestamp with time zone, deleted_at timestamp with time zone, deletion_scheduled_for timestamp with time zone, deleted_by uuid, deletion_reason text, stopped_until timestamp with time zone, stop_reason text) with (fillfactor=90), owner gatehouse_owner
type api_key_info (id uuid, name text, hint text, scopes text[], status text, created_at timestamp with time zone, expires_at timestamp with time zone, last_used_at timestamp with time zone, last_used_ip inet, use_count bigint, ip_allow cidr[], user_id uuid), owner installer
type api_key_list_entry (id uuid, name text, hint text, scopes text[], status text, created_at timestamp with time zone, expires_at timestamp with time zone, last_used_at timestamp with time zone, last_used_ip inet, use_count bigint, ip_allow cidr[], user_id uuid, cursor text), owner installer
type api_key_match (api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamp with time zone), owner installer
type audit_log_entry (id bigint, occurred_at timestamp with time zone, event_type text, user_id uuid, actor_id uuid, session_id uuid, api_key_id uuid, success boolean, ip inet, user_agent text, context jsonb, cursor text), owner gatehouse_owner
type gatehouse.email_address
type gatehouse.username
type login_attempt (verdict text, retry_after interval, refused_by text, locks boolean, counted boolean, reported boolean), owner installer
type queued_event (occurred_at timestamp with time zone, event_type text, user_id uuid, session_id uuid, api_key_id uuid, success boolean, ip inet, user_agent text, context text), owner installer
type rotated_api_key (id uuid, api_key text, hint text, created_at timestamp with time zone), owner installer
type row_history_entry (id bigint, changed_at timestamp with time zone, transaction_id xid8, table_id integer, table_schema text, table_name text, operation text, key jsonb, old jsonb, new jsonb, actor_id uuid, impersonator_id uuid, api_key_id uuid, session_id uuid, db_role text, client_addr inet, application_name text, context jsonb, origin bigint, replication_origin text, row_after jsonb), owner gatehouse_owner
type session_info (session_id uuid, user_id uuid, device text, ip inet, user_agent text, created_at timestamp with time zone, last_used_at timestamp with time zone, expires_at timestamp with time zone, idle_expires_at timestamp with time zone, is_current boolean), owner installer
type user_info (id uuid, email text, username text, is_superuser boolean, is_verified boolean, is_active boolean, is_deleted boolean, has_password boolean, oauth_providers text[], profile jsonb, created_at timestamp with time zone, updated_at timestamp with time zone, last_login_at timestamp with time zone, deletion_scheduled_for timestamp with time zone), owner installer
type user_list_entry (id uuid, email text, username text, is_superuser boolean, is_verified boolean, is_active boolean, is_deleted boolean, has_password boolean, oauth_providers text[], profile jsonb, created_at timestamp with time zone, updated_at timestamp with time zone, last_login_at timestamp with time zone, deletion_scheduled_for timestamp with time zone, cursor text), owner installer
view audit_gaps (table_id integer, gap text, kind text), owner gatehouse_owner
view audit_triggers (table_id_text text, relation oid, table_schema text, table_name text, tgenabled "char"), owner gatehouse_owner
view audited_schemas (schema_name text, enabled_at timestamp with time zone) with (security_barrier=true), owner gatehouse_owner
view audited_tables (table_id integer, table_schema text, table_name text, excluded text[], redacted text[], enabled_at timestamp with time zone, status text, gaps text[]) with (security_barrier=true), owner gatehouse_owner
view deletion_reminders_due (user_id uuid, email text, username text, days_before integer, scheduled_for timestamp with time zone) with (security_barrier=true), owner gatehouse_owner
view row_changes (id bigint, changed_at timestamp with time zone, transaction_id xid8, table_id integer, table_schema text, table_name text, operation text, key jsonb, old jsonb, new jsonb, actor_id uuid, impersonator_id uuid, api_key_id uuid, session_id uuid, db_role text, client_addr inet, application_name text, context jsonb, origin bigint, replication_origin text) with (security_barrier=true), owner gatehouse_owner
\.

SELECT bag_eq('SELECT object FROM found', 'SELECT object FROM expected', 'the extension has the objects of the list and no other');
SELECT is_empty(
  $$SELECT c.oid::regclass::text AS relation
      FROM pg_class c
     WHERE c.relnamespace = 'gatehouse'::regnamespace AND c.relkind NOT IN ('i', 'I')
       AND c.oid NOT IN (SELECT oid FROM pg_temp.member_relation)
    UNION ALL
    SELECT p.oid::regprocedure::text FROM pg_proc p
     WHERE p.pronamespace = 'gatehouse'::regnamespace AND p.oid NOT IN (SELECT oid FROM pg_temp.member_function)$$,
  'the schema holds nothing that is not the extension''s');

SELECT * FROM finish();
ROLLBACK;
