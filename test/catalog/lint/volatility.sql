-- rule: what is marked STABLE or IMMUTABLE neither writes, locks nor calls what is more volatile; what is IMMUTABLE knows its arguments alone
-- mend: mark it by what its body does, or name the exception below with its reason
-- Not seen, as bodies are looked at by regular expressions: the functions behind casts (text to timestamptz is STABLE) and
-- operators, unless a parsed body has one that isn't PostgreSQL's own; words in literals ('now'); the more volatile of several
-- functions of one name, again unless the body is parsed and they are not PostgreSQL's own.
WITH justified (function, callee, reason) AS (VALUES
  ('account_deletion_status', 'clock_timestamp', 'expiry is judged by the clock'),
  ('audited_root', 'pg_partition_ancestors', 'it is volatile for what others attach meanwhile, and the command has locked its relation'),
  ('count_users', 'clock_timestamp', 'the end of a stop is judged by the clock'),
  ('describe_api_key', 'clock_timestamp', 'expiry is judged by the clock, at the moment of each row'),
  ('describe_user', 'clock_timestamp', 'the end of a stop is judged by the clock'),
  ('export_user_data', 'clock_timestamp', 'it says when it was made'),
  ('find_one_time_token', 'clock_timestamp', 'expiry is judged by the clock'),
  ('follow_commands', 'gatehouse.altered_tables', 'it is stable to read what was before the command'),
  ('follow_commands', 'gatehouse.check_hidden_columns', 'it is stable to read what was before the command'),
  ('follow_commands', 'gatehouse.has_audited_tables', 'it is stable to read what was before the command'),
  ('follow_commands', 'gatehouse.note_lost_triggers', 'it is stable to read what was before the command'),
  ('follow_commands', 'gatehouse.watch_renamed_schema', 'it is stable to read what was before the command'),
  ('follow_commands', 'gatehouse.watch_table', 'it is stable to read what was before the command'),
  ('follow_commands', 'gatehouse.watch_trigger', 'it is stable to read what was before the command'),
  ('follow_schemas', 'gatehouse.audit_later_table', 'it is stable to read what was before the command'),
  ('follow_schemas', 'gatehouse.rename_audited_schema', 'it is stable to read what was before the command'),
  ('get_user_details', 'clock_timestamp', 'expiry is judged by the clock'),
  ('get_users', 'clock_timestamp', 'the end of a stop is judged by the clock'),
  ('health_check', 'pg_is_in_recovery', 'it is volatile for a promotion between two calls, which a report may miss'),
  ('health_checks', 'clock_timestamp', 'how old a standby is, is judged by the clock'),
  ('health_checks', 'pg_is_in_recovery', 'as in health_check'),
  ('lock_status', 'clock_timestamp', 'a lock is judged by the clock'),
  ('session_is_live', 'clock_timestamp', 'expiry is judged by the clock, at the moment of each row'),
  ('user_statistics', 'clock_timestamp', 'the end of a stop is judged by the clock')),
no_reader (function, relation, reason) AS (VALUES
  ('api_key_status', 'gatehouse.api_keys', 'its argument is such a row, and a field of it is a dependency on the column'))
SELECT w.signature || ' does ' || w.word
  FROM writing w JOIN member_body b USING (oid)
 WHERE b.provolatile <> 'v'
UNION
SELECT b.signature || ' calls ' || c.callee
  FROM member_body b JOIN called c USING (oid)
 WHERE c.volatility > array_position('{i,s,v}', b.provolatile::text)
   AND NOT EXISTS (SELECT FROM justified j WHERE j.function = b.proname AND j.callee = c.callee)
UNION
SELECT b.signature || ' depends on ' || r.what
  FROM member_body b JOIN reading r USING (oid)
 WHERE b.provolatile = 'i'
   AND NOT EXISTS (SELECT FROM no_reader n WHERE n.function = b.proname AND n.relation = r.what);
