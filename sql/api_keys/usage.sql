-- When, from where and how often a key was used. A verification notes its use in shared memory only; maintenance writes
-- what waits there, and whoever reads adds it to what is stored.

-- The library reads this table directly: the order of its columns is that of src/api_keys/key_uses_pg.cpp.
CREATE TABLE gatehouse.api_key_usage (
  api_key_id uuid NOT NULL CONSTRAINT api_key_usage_pkey PRIMARY KEY
    CONSTRAINT api_key_usage_api_key_id_fkey REFERENCES gatehouse.api_keys ON DELETE CASCADE,
  last_used_at timestamptz NOT NULL,
  last_used_ip inet,
  use_count bigint NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE gatehouse.api_key_usage OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.api_key_usage IS 'the uses of API keys, as last written; apart from the keys, whose rows so stay as they are';
COMMENT ON COLUMN gatehouse.api_key_usage.last_used_ip IS 'from where the last use came; null where it did not say';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.api_key_usage', '');

CREATE FUNCTION gatehouse.key_usage(
  api_key_id uuid,
  OUT last_used_at timestamptz,
  OUT last_used_ip inet,
  OUT use_count bigint
)
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_usage'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.key_usage(uuid) IS
  'internal: the uses of an API key up to now, what waits in shared memory included, in every isolation level; 0 uses, at no time, where '
  'there are none';
REVOKE ALL ON FUNCTION gatehouse.key_usage(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.key_usage(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.waiting_key_uses(at_most integer) RETURNS uuid[]
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_waiting_uses'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.waiting_key_uses(integer) IS
  'internal: keys of this database that have uses in shared memory which nobody is writing, at most 10000';
REVOKE ALL ON FUNCTION gatehouse.waiting_key_uses(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.waiting_key_uses(integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_key_uses(ids uuid[]) RETURNS SETOF gatehouse.api_key_usage
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_take_uses'
LANGUAGE c VOLATILE STRICT ROWS 100;
COMMENT ON FUNCTION gatehouse.take_key_uses(uuid[]) IS
  'internal: what waits of the uses of these keys; it leaves shared memory when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_key_uses(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_key_uses(uuid[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.forget_key_uses(ids uuid[]) RETURNS bigint
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_forget_uses'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.forget_key_uses(uuid[]) IS
  'internal: drops from shared memory what waits of those of these keys that are gone, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.forget_key_uses(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.forget_key_uses(uuid[]) TO gatehouse_owner;

-- Whoever deletes a key has its row, and waits for that of its usage: nobody waits for him. Those uses wait for the next time.
CREATE FUNCTION gatehouse.write_key_uses() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  waiting CONSTANT uuid[] := gatehouse.waiting_key_uses(1000);
  held uuid[];
  written bigint;
BEGIN
  held := ARRAY(SELECT u.api_key_id FROM gatehouse.api_key_usage u WHERE u.api_key_id = ANY (waiting)
                 FOR NO KEY UPDATE SKIP LOCKED)
       || ARRAY(SELECT k.id FROM gatehouse.api_keys k
                 WHERE k.id = ANY (waiting)
                   AND NOT EXISTS (SELECT FROM gatehouse.api_key_usage u WHERE u.api_key_id = k.id)
                 FOR KEY SHARE SKIP LOCKED);
  INSERT INTO gatehouse.api_key_usage AS stored (api_key_id, last_used_at, last_used_ip, use_count)
  SELECT t.api_key_id, t.last_used_at, t.last_used_ip, t.use_count
    FROM gatehouse.take_key_uses(held) t ORDER BY t.api_key_id
  ON CONFLICT ON CONSTRAINT api_key_usage_pkey DO UPDATE
     SET last_used_ip = CASE WHEN excluded.last_used_at >= stored.last_used_at THEN excluded.last_used_ip
                             ELSE stored.last_used_ip END,
         last_used_at = greatest(stored.last_used_at, excluded.last_used_at),
         use_count = stored.use_count + excluded.use_count;
  GET DIAGNOSTICS written = ROW_COUNT;
  PERFORM gatehouse.forget_key_uses(ARRAY(SELECT w.id FROM unnest(waiting) w (id) WHERE w.id <> ALL (held)));
  RETURN written;
END
$$;
COMMENT ON FUNCTION gatehouse.write_key_uses() IS
  'internal: writes what waits in shared memory of the uses of at most 1000 keys, and gives the number of the keys; uses of a key that '
  'is gone are dropped';
ALTER FUNCTION gatehouse.write_key_uses() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.write_key_uses() FROM PUBLIC;
