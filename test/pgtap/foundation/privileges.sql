-- The matrix of privileges: who may call, read and write what. Generated from the catalog, compared with the list below.
-- `anyone` is a role without memberships, which has what PUBLIC has. What only gatehouse_owner may is not listed by name
-- of the owner; a table that nobody but the owner may touch does not appear at all.
BEGIN;
SELECT plan(4);
SET LOCAL client_min_messages = warning;
\ir ../members.psql

CREATE ROLE gatehouse_test_stranger;
CREATE TEMP TABLE grantee (place integer, short text, role_name name);
INSERT INTO grantee VALUES
  (1, 'anyone', 'gatehouse_test_stranger'), (2, 'app', 'gatehouse_app'), (3, 'admin', 'gatehouse_admin'),
  (4, 'auditor', 'gatehouse_auditor');

CREATE TEMP VIEW found AS
SELECT format('%s(%s)', p.proname, pg_catalog.oidvectortypes(p.proargtypes)) AS object,
       coalesce((SELECT string_agg(r.short, ' ' ORDER BY r.place)
                   FROM grantee r WHERE has_function_privilege(r.role_name, p.oid, 'EXECUTE')), 'nobody') AS who
  FROM pg_temp.member_function p
UNION ALL
SELECT format('%s, %s', c.relname, k.privilege),
       (SELECT string_agg(r.short, ' ' ORDER BY r.place)
          FROM grantee r
         WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(r.role_name, c.oid, k.privilege)
                    ELSE has_table_privilege(r.role_name, c.oid, k.privilege)
                         OR (k.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                             AND has_any_column_privilege(r.role_name, c.oid, k.privilege)) END)
  FROM pg_temp.member_relation c
  JOIN (VALUES ('SELECT', false), ('INSERT', false), ('UPDATE', false), ('DELETE', false), ('TRUNCATE', false),
               ('REFERENCES', false), ('TRIGGER', false), ('SELECT', true), ('UPDATE', true), ('USAGE', true)
        UNION ALL
        SELECT 'MAINTAIN', false WHERE current_setting('server_version_num')::integer >= 170000)  -- before, it is an error
       AS k (privilege, of_sequence) ON k.of_sequence = (c.relkind = 'S')
 WHERE c.relkind IN ('r', 'p', 'v', 'S')
   AND EXISTS (SELECT FROM grantee r
                WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(r.role_name, c.oid, k.privilege)
                           ELSE has_table_privilege(r.role_name, c.oid, k.privilege)
                                OR (k.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                                    AND has_any_column_privilege(r.role_name, c.oid, k.privilege)) END)
UNION ALL
SELECT format('type %s', t.typname),
       coalesce((SELECT string_agg(r.short, ' ' ORDER BY r.place)
                   FROM grantee r WHERE has_type_privilege(r.role_name, t.oid, 'USAGE')), 'nobody')
  FROM pg_temp.member m
  JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
UNION ALL
SELECT format('schema %s, %s', n.nspname, k.privilege),
       coalesce((SELECT string_agg(r.short, ' ' ORDER BY r.place)
                   FROM grantee r WHERE has_schema_privilege(r.role_name, n.oid, k.privilege)), 'nobody')
  FROM pg_namespace n, (VALUES ('USAGE'), ('CREATE')) AS k (privilege)
 WHERE n.nspname = 'gatehouse';

CREATE TEMP TABLE expected (object text, who text);
COPY expected FROM stdin;
access_token_bound(uuid, uuid)	nobody
account_counts(uuid)	nobody
account_deletion_status(uuid)	app admin
accounts_of_import(jsonb, uuid[], text[], timestamp with time zone)	nobody
acts_for(uuid)	nobody
address_fault(text)	nobody
address_network(inet)	nobody
admit_partition(integer, regclass)	nobody
altered_tables()	nobody
api_key_page(uuid, integer, text)	nobody
api_key_status(gatehouse.api_keys, timestamp with time zone)	nobody
attempt_login(text, text, gatehouse.login_throttles, gatehouse.login_throttles, uuid, text, inet, text)	nobody
audit_arguments(integer, text[], text[])	nobody
audit_at(regclass, timestamp with time zone)	nobody
audit_context()	nobody
audit_later_table(regclass, oid, "char")	nobody
audit_words(integer, text[], text[], integer)	nobody
audited_relations(oid)	nobody
audited_root(regclass)	nobody
audited_schemas, SELECT	admin auditor
audited_tables, SELECT	admin auditor
authenticate_user(text, text, inet, text)	app admin
base_type(oid)	nobody
begin_audit(regclass, text[], text[])	nobody
blocked_password_digest(text)	nobody
bootstrap_superuser(text, text, text)	admin
caller_is_administrator()	nobody
calling_role()	nobody
cancel_account_deletion(uuid)	app admin
causes_in_transaction(xid8, timestamp with time zone)	nobody
change_password(uuid, text, text, uuid, inet)	app admin
changed_since_snapshot(text, text)	nobody
changes_in_transaction(xid8, timestamp with time zone)	nobody
changes_to_undo(xid8, timestamp with time zone)	nobody
check_access_claims(jsonb)	nobody
check_acts_for(uuid)	nobody
check_api_key(text, text[], inet)	admin
check_audit_columns(regclass, text[], text[])	admin
check_auditable(regclass)	admin
check_auditable_schema(text)	nobody
check_email_domain(text)	nobody
check_hidden_columns(regclass, integer, text[], jsonb)	nobody
check_ids(uuid[])	nobody
check_new_password(text, text, text)	nobody
check_oauth_identity(text, text)	nobody
check_owned_by_caller(regclass)	nobody
check_password_policy(text, text, text)	nobody
check_patch(jsonb, text[])	nobody
check_scopes_cover(text[])	nobody
check_snapshot(text, text)	nobody
check_username_not_reserved(text)	nobody
checked_email(text)	nobody
checked_key_name(text)	nobody
checked_networks(cidr[])	nobody
checked_page_size(integer)	nobody
checked_profile(jsonb)	nobody
checked_reason(text)	nobody
checked_scopes(text[])	nobody
checked_username(text)	nobody
cleanup_expired_tokens(interval, integer)	admin
cluster_identifier()	nobody
column_condition(regclass, text)	nobody
column_numbers(regclass)	nobody
confirm_account_deletion(text)	app admin
confirm_email_change(text)	app admin
count_failure(gatehouse.login_throttles, boolean)	nobody
count_failure_in_table(bytea, boolean)	nobody
count_users(text, boolean, boolean, boolean, boolean, text, timestamp with time zone, timestamp with time zone)	app admin
cover_partition(integer, regclass, integer, bigint)	nobody
create_api_key(uuid, text, text[], timestamp with time zone, cidr[])	app admin
create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid)	app admin
create_oauth_user(text, text, text, text, text)	app admin
create_refresh_token(uuid, inet, text, text)	app admin
create_user(text, text, text, boolean, jsonb)	app admin
create_users(jsonb, boolean)	admin
current_api_key_id()	app admin auditor
current_count(gatehouse.login_throttles)	nobody
current_impersonator_id()	app admin auditor
current_scopes()	app admin auditor
current_session_id()	app admin auditor
current_table_id(regclass)	admin
current_user_id()	app admin auditor
deactivate_api_key(uuid, uuid)	app admin
deactivate_user_api_keys(uuid)	app admin
default_of(regclass)	nobody
delete_account_row(uuid)	nobody
delete_accounts(uuid[], uuid, text)	nobody
delete_statement(jsonb, jsonb, boolean)	nobody
delete_user_row(uuid, oid)	nobody
deletion_reminders_due, SELECT	admin
describe_api_key(gatehouse.api_keys)	nobody
describe_session(gatehouse.sessions, uuid)	nobody
describe_user(gatehouse.users)	nobody
digests_equal(bytea, bytea)	nobody
disable_audit(regclass)	admin
disable_audit_schema(text)	admin
drop_audit_leaves(timestamp with time zone)	nobody
drop_audit_triggers(regclass)	nobody
duplicate_fault(text, text)	nobody
email_domain_blocked(text)	nobody
email_fault(text)	nobody
enable_audit(regclass, text[], text[])	admin
enable_audit_schema(text)	admin
end_access(uuid[], text, uuid)	nobody
end_failure_counts(gatehouse.login_throttles[])	nobody
end_oldest_overlaps(uuid, timestamp with time zone)	nobody
end_partition(integer, integer, text, boolean)	nobody
end_reused_sessions()	nobody
erase_account(uuid)	nobody
erase_event_details(uuid)	nobody
erasure_may_be_deferred()	nobody
event_commitment(bytea, inet, text, jsonb)	nobody
export_user_data(uuid)	app admin
find_one_time_token(text, text)	nobody
fold_email(text)	nobody
folded_search(text)	nobody
follow_commands()	nobody
follow_schemas()	nobody
forget_dropped_schemas()	nobody
forget_failure_counts()	nobody
forget_key_uses(uuid[])	nobody
former_keys(integer, jsonb)	nobody
generate_salt()	nobody
generate_token(integer)	app admin
get_api_key_by_id(uuid, uuid)	app admin
get_audit_logs(uuid, text, uuid, boolean, timestamp with time zone, timestamp with time zone, integer, text)	admin auditor
get_refresh_token_by_hash(bytea, uuid)	app admin
get_row_at(regclass, jsonb, timestamp with time zone)	admin auditor
get_row_history(regclass, jsonb)	admin auditor
get_scopes()	app admin
get_service_keys(integer, text)	admin
get_table_at(regclass, timestamp with time zone)	admin auditor
get_user_api_keys(uuid, integer, text)	app admin
get_user_by_email(text, boolean)	app admin
get_user_by_id(uuid, boolean)	app admin
get_user_by_oauth(text, text, boolean)	app admin
get_user_by_username(text, boolean)	app admin
get_user_details(uuid, boolean)	app admin
get_user_sessions(uuid, text)	app admin
get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamp with time zone, timestamp with time zone)	app admin
guard_audit_log()	nobody
guard_last_superuser(uuid[])	nobody
has_all_scopes(text[], text[])	app admin
has_any_scope(text[], text[])	app admin
has_audited_tables()	nobody
has_deferrable(regclass, "char"[])	nobody
has_scope(text[], text)	app admin
hash_password(text)	app admin
health_check()	app admin auditor
health_checks()	nobody
hidden_names(integer)	nobody
history_of(regclass)	nobody
include_deleted_allowed(boolean)	nobody
insert_api_key(uuid, uuid, text, text[], timestamp with time zone, cidr[], timestamp with time zone)	nobody
insert_statement(jsonb, jsonb)	nobody
insert_truncated_rows(regclass, jsonb, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes)	nobody
insert_user(text, text, boolean, boolean, jsonb)	nobody
is_email_address(text)	app admin
is_own_change(xid)	nobody
is_unique(jsonb, jsonb)	nobody
is_username(text)	app admin
is_whole(jsonb, jsonb)	nobody
issue_access_token(uuid, uuid, text, interval, jsonb)	app admin
issue_one_time_token(uuid, bytea, text, text, interval)	nobody
jwks()	app admin
key_after(jsonb, jsonb)	nobody
key_ids_in_use()	nobody
key_usage(uuid)	nobody
known_partition_ids(integer, regclass)	nobody
leaf_range(regclass[], timestamp with time zone, text)	nobody
leaf_unit(regclass[])	nobody
library_version()	app admin auditor
lifetime(text)	nobody
link_oauth(uuid, text, text, text)	app admin
linked_keys(integer, jsonb)	nobody
list_cursor(timestamp with time zone, uuid)	nobody
list_place(text)	nobody
load_blocked_email_domains(text[])	admin
load_blocked_passwords(text[])	admin
locate_refresh_token(text)	nobody
lock_account(uuid)	nobody
lock_accounts(uuid[])	nobody
lock_audited_schema(oid)	nobody
lock_audited_table(regclass)	nobody
lock_live_account(uuid)	nobody
lock_live_account_to_count(uuid)	nobody
lock_live_key(uuid)	nobody
lock_logs(regclass[])	nobody
lock_status(uuid)	admin
log_partition_end(integer, integer, text)	nobody
log_partitions()	nobody
log_rewritten_rows(regclass, text[])	nobody
log_row_change()	admin
log_truncate()	admin
login_digest(text)	nobody
login_subjects(uuid, text, cidr)	nobody
logs_with(regclass)	nobody
make_api_key()	nobody
make_audit_leaves(boolean)	admin
make_audit_trigger(regclass, boolean, text[])	nobody
make_constraints_immediate(oid)	nobody
make_leaf(regclass, timestamp with time zone, timestamp with time zone, boolean)	nobody
make_leaves_of(regclass[], boolean)	nobody
make_one_time_token()	nobody
make_refresh_token()	nobody
make_successor(text, integer)	nobody
mark_deletion_reminder_sent(uuid, integer)	admin
match_api_key(text, text[], inet)	app admin
matching_users(text, boolean, boolean, boolean, boolean, timestamp with time zone, timestamp with time zone, timestamp with time zone)	nobody
merged_profile(jsonb, jsonb)	nobody
missing_values(regclass)	nobody
moment_or_null(text)	nobody
move_default_rows(bigint)	nobody
move_rows_of(regclass[], bigint)	nobody
needs_rehash(text)	app admin
networks_of_json(jsonb)	nobody
new_user_form_fault(jsonb)	nobody
note_audit_gaps()	nobody
note_dropped_partition(text, text, boolean)	nobody
note_dropped_table(text, text)	nobody
note_lost_triggers(text, text)	nobody
note_other_partitions(integer)	nobody
note_rewrite()	nobody
note_table_gaps(integer, text[], boolean)	nobody
of_columns(jsonb, jsonb)	nobody
own_shape(integer, bigint, regclass, integer, jsonb)	nobody
owner_of_key(uuid, uuid)	nobody
partition_id(oid)	nobody
partition_id_in(bytea)	nobody
partition_tree(regclass)	nobody
password_fault(text, text, text)	nobody
password_policy_fault(text, text, text)	nobody
permanently_delete_user(uuid)	admin
places_in(jsonb)	nobody
present_columns(regclass, text[])	nobody
profile_fault(jsonb)	nobody
prune_audit_log(interval)	admin
prune_in_maintenance()	nobody
purge_deleted_users(integer)	admin
purge_due_accounts(integer, interval)	nobody
record_all_shapes()	nobody
record_audit_disabled(regclass, integer)	admin
record_audit_enabled(regclass, text[], text[])	admin
record_changed_shapes()	nobody
record_extension_update(text, text)	nobody
record_failed_login(gatehouse.login_attempt, uuid, text, inet, text, bytea, bytea)	nobody
record_lost_columns()	nobody
record_schema_enabled(text)	admin
record_security_event(text, uuid, inet, text, boolean, jsonb, uuid)	nobody
record_shape(regclass, integer, boolean)	nobody
redacted_columns(gatehouse.audit_shapes)	nobody
refresh_session(text, inet, text)	app admin
refresh_token_matches(text, bytea, integer)	nobody
refuse_busy()	nobody
refuse_duplicate(text)	nobody
register_scope(text, text)	admin
rehash(text, text)	nobody
release_partitions(integer, regclass, oid[])	nobody
remember_address(uuid, cidr)	nobody
remove_audit_trigger(oid)	nobody
remove_expired_tokens()	nobody
rename_audited_schema(text, oid)	nobody
rename_known_gaps(text, text)	nobody
replace_password(uuid, text, uuid)	nobody
report_event(text, uuid, uuid, uuid, boolean, inet, text, text)	nobody
request_account_deletion(uuid)	app admin
request_email_change(uuid, text)	app admin
request_email_verification(uuid)	app admin
request_password_reset(text)	app admin
require_scope(text)	app admin auditor
reset_count(gatehouse.login_throttles)	nobody
reset_password(text, text)	app admin
reshape_row(jsonb, jsonb, jsonb, boolean)	nobody
restore_user(uuid)	admin
reused_sessions()	nobody
revoke_all_user_sessions(uuid, uuid)	app admin
revoke_refresh_token(text)	app admin
revoke_session(uuid, uuid)	app admin
role_of_erasure_triggers()	nobody
rotate_api_key(uuid, uuid, interval)	app admin
row_changes, SELECT	admin auditor
row_condition(jsonb, jsonb, boolean, text, text)	nobody
rows_at(regclass, integer, timestamp with time zone, bigint, bigint[])	nobody
run_maintenance()	admin
schema gatehouse, CREATE	nobody
schema gatehouse, USAGE	app admin auditor
scope_valid(text)	nobody
server_state()	nobody
session_is_live(gatehouse.sessions)	nobody
set_active(uuid, boolean, text, timestamp with time zone)	admin
set_audit_context(jsonb)	app admin
set_password(uuid, text)	admin
set_superuser(uuid, boolean)	admin
set_verified(uuid, boolean)	admin
setting(text)	nobody
shape_columns(jsonb)	nobody
sign_access_token(text)	nobody
sign_in_as(uuid)	admin
sign_in_with_access_token(text, text)	app admin
sign_in_with_api_key(text, text[], inet)	app admin
sign_in_with_session(text)	app admin
sign_out()	app admin
soft_delete_user(uuid, uuid, text)	app admin
soft_delete_users(uuid[], uuid, text)	admin
statement_parts(regclass)	nobody
still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean)	nobody
store_failure_counts()	nobody
store_oauth_identity(uuid, text, text, text)	nobody
store_password(uuid, text, timestamp with time zone)	nobody
stored_count(bytea)	nobody
stored_hash_fault(text)	nobody
take_events(integer)	nobody
take_failure_counts(integer)	nobody
take_key_uses(uuid[])	nobody
take_lost_events()	nobody
take_rewrite(regclass)	nobody
tell_api_keys(gatehouse.users)	nobody
texts_of_json(jsonb, text)	nobody
throttle_subject(text, text)	nobody
time_column(regclass)	nobody
time_of_json(jsonb, text)	nobody
token_digest(text)	app admin
trimmed_email(text)	nobody
type api_key_info	app admin
type api_key_list_entry	app admin
type api_key_match	app admin
type audit_log_entry	admin auditor
type email_address	app admin
type login_attempt	nobody
type queued_event	nobody
type rotated_api_key	app admin
type row_history_entry	admin auditor
type session_info	app admin
type user_info	app admin
type user_list_entry	app admin
type username	app admin
type_name(oid)	nobody
undo_transaction(xid8, timestamp with time zone)	admin auditor
unique_indexes(regclass)	nobody
unknown_field(jsonb, text[])	nobody
unlink_oauth(uuid, text, text)	app admin
unlock_user(uuid)	admin
update_api_key(uuid, jsonb, uuid)	app admin
update_statement(jsonb, jsonb, jsonb, boolean)	nobody
update_user(uuid, jsonb)	app admin
update_users(uuid[], jsonb)	admin
use_one_time_token(text, text)	nobody
user_statistics()	app admin
username_fault(text)	nobody
username_reserved(text)	nobody
uuid_v7()	app admin
values_at(jsonb, text[])	nobody
values_of(jsonb, oid, smallint[])	nobody
verify_access_token(text, text)	app admin
verify_api_key(text, text[], inet)	app admin
verify_email(text)	app admin
verify_password(text, text)	app admin
verify_refresh_token(text)	app admin
verify_users(uuid[])	admin
version()	app admin auditor
wait_for_superusers(uuid[])	nobody
waiting_key_uses(integer)	nobody
watch_commands()	nobody
watch_drops()	nobody
watch_renamed_schema(text, oid)	nobody
watch_schemas()	nobody
watch_table(regclass, text, oid[], text[])	nobody
watch_trigger(oid, text[])	nobody
worker_serves_database()	nobody
write_event(text, uuid, inet, text, boolean, jsonb, uuid, uuid, timestamp with time zone)	nobody
write_key_uses()	nobody
write_security_event(gatehouse.queued_event)	nobody
write_security_events()	nobody
write_table_event(text, integer, boolean, jsonb)	nobody
\.

SELECT bag_eq('SELECT object, who FROM found', 'SELECT object, who FROM expected', 'each role may what the list says, no more and no less');
SELECT is_empty($$SELECT object FROM found WHERE who LIKE '%anyone%'$$, 'PUBLIC may nothing');
SELECT is_empty(
  $$SELECT object, who FROM found WHERE object ~ ', (INSERT|UPDATE|DELETE|TRUNCATE|REFERENCES|TRIGGER|MAINTAIN)$'$$,
  'nobody but the owner may write or maintain any table, view or sequence');
SELECT is_empty(
  $$SELECT pg_get_userbyid(d.defaclrole), d.defaclobjtype, d.defaclacl FROM pg_default_acl d
     WHERE d.defaclnamespace = 'gatehouse'::regnamespace OR pg_get_userbyid(d.defaclrole) LIKE 'gatehouse\_%'
        OR EXISTS (SELECT FROM aclexplode(d.defaclacl) a WHERE pg_get_userbyid(a.grantee) LIKE 'gatehouse\_%')$$,
  'what comes to be later has no other privileges: none by default in the schema, or from or to a role of gatehouse');

SELECT * FROM finish();
ROLLBACK;
