-- One row a session, however often it is refreshed: no column that a refresh changes is indexed, and pages keep room, so
-- that refreshes are HOT updates. The library reads this table directly: the order of its columns is that of
-- src/sessions/session_row_pg.h.
CREATE TABLE gatehouse.sessions (
  session_id uuid NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  locator_digest bytea NOT NULL CONSTRAINT sessions_locator_digest_key UNIQUE,
  token_digest bytea NOT NULL,
  ring_key_id integer NOT NULL,
  previous_digest bytea,
  previous_ring_key_id integer,
  rotations bigint NOT NULL,
  rotated_at timestamptz,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  idle_expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revocation text,
  ip inet,
  user_agent text,
  device text,
  sweep_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
ALTER TABLE gatehouse.sessions OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.sessions IS 'refresh-token sessions; of the tokens only digests';
COMMENT ON COLUMN gatehouse.sessions.locator_digest IS 'digest of the part that all tokens of the session share';
COMMENT ON COLUMN gatehouse.sessions.ring_key_id IS
  'the key of the key ring that the current token''s digest was made under; 0 is none';
COMMENT ON COLUMN gatehouse.sessions.revocation IS 'why the session was ended: logout, limit, reuse, password_change, password_reset, account_stopped, account_deleted';
COMMENT ON COLUMN gatehouse.sessions.sweep_at IS
  'when cleanup_expired_tokens looks at the row again; not later than the end of its idle time, and no refresh changes it';
CREATE INDEX sessions_user_id ON gatehouse.sessions (user_id) WHERE revoked_at IS NULL;
COMMENT ON INDEX gatehouse.sessions_user_id IS 'the sessions of an account that were not ended';
CREATE INDEX sessions_sweep_at ON gatehouse.sessions (sweep_at);
COMMENT ON INDEX gatehouse.sessions_sweep_at IS 'which sessions may have lapsed';
CREATE INDEX sessions_revoked_at ON gatehouse.sessions (revoked_at) WHERE revoked_at IS NOT NULL;
COMMENT ON INDEX gatehouse.sessions_revoked_at IS 'which sessions were ended, and when';

SELECT pg_catalog.pg_extension_config_dump('gatehouse.sessions', '');

CREATE TYPE gatehouse.session_info AS (
  session_id uuid,
  user_id uuid,
  device text,
  ip inet,
  user_agent text,
  created_at timestamptz,
  last_used_at timestamptz,
  expires_at timestamptz,
  idle_expires_at timestamptz,
  is_current boolean
);
COMMENT ON TYPE gatehouse.session_info IS 'what session functions tell of a session; never a digest';
REVOKE ALL ON TYPE gatehouse.session_info FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.session_info TO gatehouse_app, gatehouse_owner;
