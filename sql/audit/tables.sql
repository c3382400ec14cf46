-- Events and row changes. The partitioned parents have no index and no key, or a dump with leaves made
-- at run time could not be restored; each leaf has its own, named. Only the default leaves are made here.

CREATE SEQUENCE gatehouse.event_id_seq AS bigint;
ALTER SEQUENCE gatehouse.event_id_seq OWNER TO gatehouse_owner;
COMMENT ON SEQUENCE gatehouse.event_id_seq IS 'ids of events';
SELECT pg_extension_config_dump('gatehouse.event_id_seq', '');

CREATE TABLE gatehouse.events (
  id bigint NOT NULL DEFAULT nextval('gatehouse.event_id_seq'),
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  origin bigint NOT NULL,
  user_id uuid,
  actor_id uuid,
  impersonator_id uuid,
  session_id uuid,
  api_key_id uuid,
  success boolean NOT NULL,
  event_type text NOT NULL,
  commitment bytea
) PARTITION BY RANGE (occurred_at);
ALTER TABLE gatehouse.events OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.events IS 'what an application or gatehouse itself says happened, without personal details';
COMMENT ON COLUMN gatehouse.events.id IS 'number of the event, in the order of being written within a transaction';
COMMENT ON COLUMN gatehouse.events.occurred_at IS 'clock time at which the event was written';
COMMENT ON COLUMN gatehouse.events.transaction_id IS 'the top transaction that wrote the event';
COMMENT ON COLUMN gatehouse.events.origin IS 'system identifier of the cluster that wrote the event';
COMMENT ON COLUMN gatehouse.events.user_id IS 'the account that the event concerns; it may be gone';
COMMENT ON COLUMN gatehouse.events.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.events.impersonator_id IS 'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.events.session_id IS 'the session that the event concerns, else the one that was signed in with';
COMMENT ON COLUMN gatehouse.events.api_key_id IS 'the API key that the event concerns, else the one that was signed in with';
COMMENT ON COLUMN gatehouse.events.success IS 'whether what was tried succeeded';
COMMENT ON COLUMN gatehouse.events.event_type IS 'words of a-z, 0-9 and _, joined by dots';
COMMENT ON COLUMN gatehouse.events.commitment IS 'salted commitment to the personal details; NULL where there were none';
SELECT pg_extension_config_dump('gatehouse.events', '');

CREATE TABLE gatehouse.events_default PARTITION OF gatehouse.events DEFAULT;
ALTER TABLE gatehouse.events_default OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.events_default IS 'events of times that have no partition of their own';
CREATE INDEX events_default_occurred_at ON gatehouse.events_default (occurred_at, id);
CREATE INDEX events_default_user_id ON gatehouse.events_default (user_id, occurred_at, id);
COMMENT ON INDEX gatehouse.events_default_occurred_at IS 'pages of the log';
COMMENT ON INDEX gatehouse.events_default_user_id IS 'pages of the log of one account';
SELECT pg_extension_config_dump('gatehouse.events_default', '');

-- Personal data stands apart, so that it can be erased while the event stays.
CREATE TABLE gatehouse.event_details (
  event_id bigint NOT NULL,
  occurred_at timestamptz NOT NULL,
  ip inet,
  user_agent text,
  context jsonb,
  salt bytea NOT NULL
) PARTITION BY RANGE (occurred_at);
ALTER TABLE gatehouse.event_details OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.event_details IS 'the personal details of events; erasing a row leaves its event whole';
COMMENT ON COLUMN gatehouse.event_details.event_id IS 'the event, events.id';
COMMENT ON COLUMN gatehouse.event_details.occurred_at IS 'the time of the event, events.occurred_at';
COMMENT ON COLUMN gatehouse.event_details.ip IS 'address of the client of the application';
COMMENT ON COLUMN gatehouse.event_details.user_agent IS 'program of the client of the application, at most 512 characters';
COMMENT ON COLUMN gatehouse.event_details.context IS 'what the application adds, at most 64 kB';
COMMENT ON COLUMN gatehouse.event_details.salt IS 'opens the commitment of the event: 32 random bytes';
SELECT pg_extension_config_dump('gatehouse.event_details', '');

CREATE TABLE gatehouse.event_details_default PARTITION OF gatehouse.event_details DEFAULT;
ALTER TABLE gatehouse.event_details_default OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.event_details_default IS 'details of events of times that have no partition of their own';
CREATE INDEX event_details_default_event_id ON gatehouse.event_details_default (event_id);
COMMENT ON INDEX gatehouse.event_details_default_event_id IS 'the details of an event';
SELECT pg_extension_config_dump('gatehouse.event_details_default', '');

CREATE SEQUENCE gatehouse.audited_table_id_seq AS integer;
ALTER SEQUENCE gatehouse.audited_table_id_seq OWNER TO gatehouse_owner;
COMMENT ON SEQUENCE gatehouse.audited_table_id_seq IS 'ids of audited tables and of their partitions';
SELECT pg_extension_config_dump('gatehouse.audited_table_id_seq', '');

CREATE TABLE gatehouse.audit_registry (
  table_id integer NOT NULL DEFAULT nextval('gatehouse.audited_table_id_seq'),
  table_schema text NOT NULL,
  table_name text NOT NULL,
  excluded text[] NOT NULL,
  redacted text[] NOT NULL,
  enabled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  disabled_at timestamptz,
  known_gaps text[] NOT NULL DEFAULT '{}',
  shape_since bigint,
  CONSTRAINT audit_registry_pkey PRIMARY KEY (table_id)
);
ALTER TABLE gatehouse.audit_registry OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_registry IS 'tables that are or were audited';
COMMENT ON COLUMN gatehouse.audit_registry.table_id IS 'stable id, through rename, dump and restore; the first argument of the table''s trigger';
COMMENT ON COLUMN gatehouse.audit_registry.table_schema IS 'last known schema of the table';
COMMENT ON COLUMN gatehouse.audit_registry.table_name IS 'last known name of the table';
COMMENT ON COLUMN gatehouse.audit_registry.excluded IS 'columns that are not logged';
COMMENT ON COLUMN gatehouse.audit_registry.redacted IS 'columns of which only a change is logged';
COMMENT ON COLUMN gatehouse.audit_registry.enabled_at IS 'when audit was first enabled under this id';
COMMENT ON COLUMN gatehouse.audit_registry.disabled_at IS 'when audit was disabled';
COMMENT ON COLUMN gatehouse.audit_registry.known_gaps IS 'the gaps (audit_gaps) that an event tells of';
COMMENT ON COLUMN gatehouse.audit_registry.shape_since IS
  'the present shape of the table, audit_shapes.since; it changes with every shape, so that a transaction with an old snapshot finds out';
SELECT pg_extension_config_dump('gatehouse.audit_registry', '');

CREATE TABLE gatehouse.audit_partitions (
  partition_id integer NOT NULL DEFAULT nextval('gatehouse.audited_table_id_seq'),
  table_id integer NOT NULL,
  partition_schema text NOT NULL,
  partition_name text NOT NULL,
  since bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  has_left boolean NOT NULL DEFAULT false,
  CONSTRAINT audit_partitions_pkey PRIMARY KEY (partition_id)
);
ALTER TABLE gatehouse.audit_partitions OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_partitions IS 'the partitions that audited tables have or had';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_id IS
  'stable id, through rename, dump and restore; an argument of the partition''s TRUNCATE trigger';
COMMENT ON COLUMN gatehouse.audit_partitions.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_schema IS 'last known schema of the partition';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_name IS 'last known name of the partition';
COMMENT ON COLUMN gatehouse.audit_partitions.since IS
  'number in the order of row changes: what the partition brought along belongs to the table after it; 0 where it brought nothing, or was there before the audit';
COMMENT ON COLUMN gatehouse.audit_partitions.recorded_at IS 'clock time at which the partition came, or the audit of its table began';
COMMENT ON COLUMN gatehouse.audit_partitions.has_left IS 'whether it was detached or dropped';
SELECT pg_extension_config_dump('gatehouse.audit_partitions', '');

CREATE TABLE gatehouse.audit_schemas (
  schema_name text NOT NULL,
  enabled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT audit_schemas_pkey PRIMARY KEY (schema_name)
);
ALTER TABLE gatehouse.audit_schemas OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_schemas IS 'schemas whose new tables are audited';
COMMENT ON COLUMN gatehouse.audit_schemas.schema_name IS 'the schema''s present name';
COMMENT ON COLUMN gatehouse.audit_schemas.enabled_at IS 'when its audit was enabled';
SELECT pg_extension_config_dump('gatehouse.audit_schemas', '');

CREATE SEQUENCE gatehouse.row_change_log_id_seq AS bigint;
ALTER SEQUENCE gatehouse.row_change_log_id_seq OWNER TO gatehouse_owner;
COMMENT ON SEQUENCE gatehouse.row_change_log_id_seq IS 'ids of row changes; without a cache, so that the changes of one row are in order';
SELECT pg_extension_config_dump('gatehouse.row_change_log_id_seq', '');

CREATE TABLE gatehouse.row_change_log (
  id bigint NOT NULL,
  changed_at timestamptz NOT NULL,
  transaction_id xid8 NOT NULL,
  key_hash bigint NOT NULL,
  origin bigint NOT NULL,
  table_id integer NOT NULL,
  operation "char" NOT NULL,
  actor_id uuid,
  impersonator_id uuid,
  api_key_id uuid,
  session_id uuid,
  db_role text,
  client_addr inet,
  application_name text,
  replication_origin text,
  key jsonb,
  old jsonb,
  new jsonb,
  context jsonb,
  new_key_hash bigint,
  partition_id integer
) PARTITION BY RANGE (changed_at);
ALTER TABLE gatehouse.row_change_log OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.row_change_log IS 'changes of audited rows, written by the trigger alone; read it as gatehouse.row_changes';
COMMENT ON COLUMN gatehouse.row_change_log.id IS 'number of the change; ascending in the order in which a row changed';
COMMENT ON COLUMN gatehouse.row_change_log.changed_at IS 'clock time at which the change was written';
COMMENT ON COLUMN gatehouse.row_change_log.transaction_id IS 'the top transaction that made the change';
COMMENT ON COLUMN gatehouse.row_change_log.key_hash IS 'jsonb_hash_extended(key, table_id); 0 of a TRUNCATE';
COMMENT ON COLUMN gatehouse.row_change_log.origin IS 'system identifier of the cluster that wrote the change';
COMMENT ON COLUMN gatehouse.row_change_log.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.row_change_log.operation IS 'I, U, D or T';
COMMENT ON COLUMN gatehouse.row_change_log.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.row_change_log.impersonator_id IS 'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.row_change_log.api_key_id IS 'the API key that was signed in with';
COMMENT ON COLUMN gatehouse.row_change_log.session_id IS 'the session that was signed in with';
COMMENT ON COLUMN gatehouse.row_change_log.db_role IS 'the database role: what SET ROLE set, else the session''s; the caller''s within SECURITY DEFINER functions';
COMMENT ON COLUMN gatehouse.row_change_log.client_addr IS 'address of the database connection; NULL of a socket';
COMMENT ON COLUMN gatehouse.row_change_log.application_name IS 'the setting application_name';
COMMENT ON COLUMN gatehouse.row_change_log.replication_origin IS 'name of the replication origin that the change came from';
COMMENT ON COLUMN gatehouse.row_change_log.key IS 'primary key before the change; the whole row where the table has none; of a TRUNCATE of one partition its name';
COMMENT ON COLUMN gatehouse.row_change_log.old IS 'DELETE: the row; UPDATE: the changed columns before';
COMMENT ON COLUMN gatehouse.row_change_log.new IS 'INSERT: the row; UPDATE: the changed columns after';
COMMENT ON COLUMN gatehouse.row_change_log.context IS 'what the application said of the transaction by set_audit_context';
COMMENT ON COLUMN gatehouse.row_change_log.new_key_hash IS 'jsonb_hash_extended(key after the change, table_id) where the primary key changed; else NULL';
COMMENT ON COLUMN gatehouse.row_change_log.partition_id IS
  'the partition that had the row, or of a TRUNCATE was emptied, audit_partitions.partition_id; NULL of a table without any';
SELECT pg_extension_config_dump('gatehouse.row_change_log', '');

CREATE TABLE gatehouse.row_change_log_default PARTITION OF gatehouse.row_change_log DEFAULT;
ALTER TABLE gatehouse.row_change_log_default OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.row_change_log_default IS 'changes of times that have no partition of their own';
CREATE INDEX row_change_log_default_key ON gatehouse.row_change_log_default (key_hash);
CREATE INDEX row_change_log_default_time ON gatehouse.row_change_log_default USING brin (changed_at, id)
  WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX row_change_log_default_new_key ON gatehouse.row_change_log_default (new_key_hash) WHERE new_key_hash IS NOT NULL;
COMMENT ON INDEX gatehouse.row_change_log_default_key IS 'the history of a row';
COMMENT ON INDEX gatehouse.row_change_log_default_new_key IS 'where a row came from whose key changed';
COMMENT ON INDEX gatehouse.row_change_log_default_time IS 'changes of a time';
SELECT pg_extension_config_dump('gatehouse.row_change_log_default', '');

CREATE TABLE gatehouse.audit_shapes (
  table_id integer NOT NULL,
  since bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  columns jsonb NOT NULL,
  key integer[] NOT NULL,
  restates boolean NOT NULL DEFAULT false,
  relation oid NOT NULL,
  origin bigint NOT NULL,
  attributes integer NOT NULL,
  CONSTRAINT audit_shapes_pkey PRIMARY KEY (table_id, since)
);
ALTER TABLE gatehouse.audit_shapes OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_shapes IS 'the columns of audited tables, from one change of them to the next';
COMMENT ON COLUMN gatehouse.audit_shapes.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.audit_shapes.since IS 'row changes with a greater id have this shape, up to the next; 0 is the first';
COMMENT ON COLUMN gatehouse.audit_shapes.recorded_at IS 'clock time at which the columns changed';
COMMENT ON COLUMN gatehouse.audit_shapes.columns IS
  'objects: id, of the column through renaming; number, its pg_attribute.attnum; name; type and type_id; expression of a generated one; redacted; missing, what older rows show in it';
COMMENT ON COLUMN gatehouse.audit_shapes.key IS 'ids of the columns of the primary key; none where the table has none';
COMMENT ON COLUMN gatehouse.audit_shapes.restates IS 'whether each row of the table is logged next, as it is since then';
COMMENT ON COLUMN gatehouse.audit_shapes.relation IS 'the relation whose numbers of columns these are; a restored table is another';
COMMENT ON COLUMN gatehouse.audit_shapes.origin IS 'system identifier of the cluster that has this relation';
COMMENT ON COLUMN gatehouse.audit_shapes.attributes IS 'pg_class.relnatts: columns with a greater number came later';
SELECT pg_extension_config_dump('gatehouse.audit_shapes', '');
