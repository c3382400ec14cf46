CREATE TABLE gatehouse.scopes (
  name text COLLATE "C" NOT NULL CONSTRAINT scopes_pkey PRIMARY KEY,
  description text,
  registered_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.scopes OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.scopes IS 'the scopes that API keys may be given';

-- The library reads this table directly: the order of its columns is that of src/api_keys/key_table_pg.h.
CREATE TABLE gatehouse.api_keys (
  id uuid NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
  lookup_id bigint NOT NULL CONSTRAINT api_keys_lookup_id_key UNIQUE,
  owner_is_live boolean NOT NULL,
  ring_key_id integer NOT NULL,
  key_digest bytea NOT NULL,
  user_id uuid CONSTRAINT api_keys_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  expires_at timestamptz,
  deactivated_at timestamptz,
  name text NOT NULL,
  hint text NOT NULL,
  scopes text[] NOT NULL,
  ip_allow cidr[],
  created_at timestamptz NOT NULL,
  owner_stopped_until timestamptz,
  rotated_to uuid
) WITH (fillfactor = 90);
ALTER TABLE gatehouse.api_keys OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.api_keys IS 'API keys; of the key itself only a digest';
COMMENT ON COLUMN gatehouse.api_keys.lookup_id IS 'the number within the key by which its row is found; random, no secret';
COMMENT ON COLUMN gatehouse.api_keys.owner_is_live IS 'kept by whatever changes the account; true for a service key';
COMMENT ON COLUMN gatehouse.api_keys.owner_stopped_until IS 'when a stopped owner counts as live again; kept likewise';
COMMENT ON COLUMN gatehouse.api_keys.ring_key_id IS 'the key of the key ring that the digest was made under; 0 is none';
COMMENT ON COLUMN gatehouse.api_keys.rotated_to IS 'the key that took the place of this one, which ends with its overlap';
COMMENT ON COLUMN gatehouse.api_keys.user_id IS 'null for a service key';
CREATE INDEX api_keys_user_id ON gatehouse.api_keys (user_id, created_at, id);
COMMENT ON INDEX gatehouse.api_keys_user_id IS 'the keys of an account, and the service keys, in the order in which they are listed';

SELECT pg_catalog.pg_extension_config_dump('gatehouse.scopes', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.api_keys', '');

CREATE TYPE gatehouse.api_key_match AS (
  api_key_id uuid,
  user_id uuid,
  scopes text[],
  name text,
  expires_at timestamptz
);
COMMENT ON TYPE gatehouse.api_key_match IS 'what verification tells of a live API key';
REVOKE ALL ON TYPE gatehouse.api_key_match FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.api_key_match TO gatehouse_app;
