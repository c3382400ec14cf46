-- No digest and no hash stands in users: PostgreSQL prints a row that breaks a constraint.
CREATE TABLE gatehouse.users (
  id uuid NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
  email text NOT NULL,
  email_normal text COLLATE "C" NOT NULL,
  username text NOT NULL,
  username_normal text COLLATE "C" NOT NULL,
  is_superuser boolean NOT NULL,
  is_verified boolean NOT NULL,
  is_active boolean NOT NULL,
  profile jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  last_login_at timestamptz,
  deleted_at timestamptz,
  deletion_scheduled_for timestamptz
) WITH (fillfactor = 90);
ALTER TABLE gatehouse.users OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.users IS 'accounts; read and written by functions only';
COMMENT ON COLUMN gatehouse.users.email_normal IS 'the address in NFC and lower case, by which accounts are told apart';
COMMENT ON COLUMN gatehouse.users.username_normal IS 'the name in lower case, by which accounts are told apart';
COMMENT ON COLUMN gatehouse.users.is_superuser IS 'the application''s own notion; grants nothing in the database';

CREATE UNIQUE INDEX users_email_live ON gatehouse.users (email_normal) WHERE deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_email_live IS 'one live account an e-mail address';
CREATE UNIQUE INDEX users_username_live ON gatehouse.users (username_normal) WHERE deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_username_live IS 'one live account a username';

CREATE TABLE gatehouse.password_credentials (
  user_id uuid NOT NULL
    CONSTRAINT password_credentials_pkey PRIMARY KEY
    CONSTRAINT password_credentials_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  password_hash text NOT NULL,
  changed_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.password_credentials OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.password_credentials IS
  'password hashes, apart from the account, so that no error about an account can show one';

CREATE TABLE gatehouse.oauth_identities (
  provider text NOT NULL,
  subject text NOT NULL,
  user_id uuid NOT NULL CONSTRAINT oauth_identities_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  linked_at timestamptz NOT NULL,
  CONSTRAINT oauth_identities_pkey PRIMARY KEY (provider, subject)
);
ALTER TABLE gatehouse.oauth_identities OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.oauth_identities IS 'identities at OAuth providers that open an account';
CREATE INDEX oauth_identities_user_id ON gatehouse.oauth_identities (user_id);
COMMENT ON INDEX gatehouse.oauth_identities_user_id IS 'the identities of an account';

SELECT pg_catalog.pg_extension_config_dump('gatehouse.users', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.password_credentials', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.oauth_identities', '');

CREATE TYPE gatehouse.user_info AS (
  id uuid,
  email text,
  username text,
  is_superuser boolean,
  is_verified boolean,
  is_active boolean,
  is_deleted boolean,
  has_password boolean,
  oauth_providers text[],
  profile jsonb,
  created_at timestamptz,
  updated_at timestamptz,
  last_login_at timestamptz,
  deletion_scheduled_for timestamptz
);
COMMENT ON TYPE gatehouse.user_info IS 'what account functions tell of an account; never a hash or a token';
REVOKE ALL ON TYPE gatehouse.user_info FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.user_info TO gatehouse_app;
GRANT USAGE ON TYPE gatehouse.user_info TO gatehouse_owner;
