-- No digest and no hash stands in users: PostgreSQL prints a row that breaks a constraint. The library reads this table directly:
-- the order of its columns is that of src/identity/sign_in_pg.cpp.
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
  deletion_scheduled_for timestamptz,
  deleted_by uuid,
  deletion_reason text,
  stopped_until timestamptz,
  stop_reason text
) WITH (fillfactor = 90);
ALTER TABLE gatehouse.users OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.users IS 'accounts; read and written by functions only';
COMMENT ON COLUMN gatehouse.users.email_normal IS 'the address in NFC and lower case, by which accounts are told apart';
COMMENT ON COLUMN gatehouse.users.username_normal IS 'the name in lower case, by which accounts are told apart';
COMMENT ON COLUMN gatehouse.users.is_superuser IS 'the application''s own notion; grants nothing in the database';
COMMENT ON COLUMN gatehouse.users.is_active IS 'false of a stopped account; it counts as active again from stopped_until on';
COMMENT ON COLUMN gatehouse.users.deletion_scheduled_for IS 'when a confirmed erasure is due; until then the account works';
COMMENT ON COLUMN gatehouse.users.deleted_by IS 'the account that deleted this one, as the application said; it may be gone';
COMMENT ON COLUMN gatehouse.users.stopped_until IS 'the end of the stop; null where it has none, or the account is not stopped';

CREATE UNIQUE INDEX users_email_live ON gatehouse.users (email_normal) WHERE deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_email_live IS 'one live account an e-mail address';
CREATE UNIQUE INDEX users_username_live ON gatehouse.users (username_normal) WHERE deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_username_live IS 'one live account a username';
CREATE INDEX users_created_at ON gatehouse.users (created_at, id);
COMMENT ON INDEX gatehouse.users_created_at IS 'pages of accounts, in the order in which they were made';
CREATE INDEX users_superusers ON gatehouse.users (id) WHERE is_superuser AND deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_superusers IS 'the superusers, which are few';
CREATE INDEX users_stopped ON gatehouse.users (created_at, id) WHERE NOT is_active AND deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_stopped IS 'pages of stopped accounts';
CREATE INDEX users_deleted ON gatehouse.users (created_at, id) WHERE deleted_at IS NOT NULL;
COMMENT ON INDEX gatehouse.users_deleted IS 'pages of deleted accounts';
CREATE INDEX users_deletion_scheduled_for ON gatehouse.users (deletion_scheduled_for, id)
  WHERE deletion_scheduled_for IS NOT NULL;
COMMENT ON INDEX gatehouse.users_deletion_scheduled_for IS 'the erasures that are scheduled, the next one first';

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
  email text,
  owner_is_deleted boolean NOT NULL DEFAULT false,
  CONSTRAINT oauth_identities_pkey PRIMARY KEY (user_id, provider, subject)
);
ALTER TABLE gatehouse.oauth_identities OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.oauth_identities IS 'identities at OAuth providers that open an account';
COMMENT ON COLUMN gatehouse.oauth_identities.email IS 'the address that the provider told';
COMMENT ON COLUMN gatehouse.oauth_identities.owner_is_deleted IS 'kept by whatever deletes or restores the account: what opened a deleted one may open a new one';
CREATE UNIQUE INDEX oauth_identities_live ON gatehouse.oauth_identities (provider, subject) WHERE NOT owner_is_deleted;
COMMENT ON INDEX gatehouse.oauth_identities_live IS 'an identity opens one account';

-- A token has the form of a refresh token (src/sessions/refresh_token.h), and of it, too, only digests are stored.
CREATE TABLE gatehouse.one_time_tokens (
  locator_digest bytea NOT NULL CONSTRAINT one_time_tokens_pkey PRIMARY KEY,
  token_digest bytea NOT NULL,
  ring_key_id integer NOT NULL,
  user_id uuid CONSTRAINT one_time_tokens_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  subject bytea NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  email text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.one_time_tokens OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.one_time_tokens IS 'tokens that were sent out and not used yet; of the tokens only digests';
COMMENT ON COLUMN gatehouse.one_time_tokens.locator_digest IS 'digest of the part by which the row is found';
COMMENT ON COLUMN gatehouse.one_time_tokens.ring_key_id IS 'the key of the key ring that the token''s digest was made under; 0 is none';
COMMENT ON COLUMN gatehouse.one_time_tokens.user_id IS
  'null where an unknown address was asked for: that costs what a known one does, and opens nothing';
COMMENT ON COLUMN gatehouse.one_time_tokens.subject IS 'throttle_subject() of the account, or of the address that no account has: whose requests count together';
COMMENT ON COLUMN gatehouse.one_time_tokens.purpose IS 'email_verification, email_change, password_reset, account_deletion';
COMMENT ON COLUMN gatehouse.one_time_tokens.email IS 'the address that the token was made for; it proves this one and no later one';
CREATE INDEX one_time_tokens_user_id ON gatehouse.one_time_tokens (user_id) WHERE user_id IS NOT NULL;
COMMENT ON INDEX gatehouse.one_time_tokens_user_id IS 'the outstanding tokens of an account';
CREATE INDEX one_time_tokens_subject ON gatehouse.one_time_tokens (subject, purpose);
COMMENT ON INDEX gatehouse.one_time_tokens_subject IS 'the requests that count together';
CREATE INDEX one_time_tokens_expires_at ON gatehouse.one_time_tokens (expires_at);
COMMENT ON INDEX gatehouse.one_time_tokens_expires_at IS 'what can be removed';

CREATE TABLE gatehouse.blocked_passwords (
  password_digest bytea NOT NULL CONSTRAINT blocked_passwords_pkey PRIMARY KEY
);
ALTER TABLE gatehouse.blocked_passwords OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.blocked_passwords IS 'passwords that nobody may choose, besides those that the library knows';
COMMENT ON COLUMN gatehouse.blocked_passwords.password_digest IS 'blocked_password_digest() of it, 16 bytes';

CREATE TABLE gatehouse.blocked_email_domains (
  domain text COLLATE "C" NOT NULL CONSTRAINT blocked_email_domains_pkey PRIMARY KEY
);
ALTER TABLE gatehouse.blocked_email_domains OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.blocked_email_domains IS 'domains, with what is below them, whose e-mail addresses no account may have';

CREATE TABLE gatehouse.deletion_reminders (
  user_id uuid NOT NULL CONSTRAINT deletion_reminders_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  scheduled_for timestamptz NOT NULL,
  days_before integer NOT NULL,
  sent_at timestamptz NOT NULL,
  CONSTRAINT deletion_reminders_pkey PRIMARY KEY (user_id, scheduled_for, days_before)
);
ALTER TABLE gatehouse.deletion_reminders OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.deletion_reminders IS 'reminders of scheduled erasures that were sent';

CREATE TABLE gatehouse.superuser_bootstrap (
  is_done boolean NOT NULL CONSTRAINT superuser_bootstrap_pkey PRIMARY KEY
    CONSTRAINT superuser_bootstrap_once CHECK (is_done),
  user_id uuid NOT NULL,
  done_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.superuser_bootstrap OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.superuser_bootstrap IS 'that the first superuser was made by bootstrap_superuser: one row at the most';
COMMENT ON COLUMN gatehouse.superuser_bootstrap.user_id IS 'the account; it may be gone';

SELECT pg_catalog.pg_extension_config_dump('gatehouse.users', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.password_credentials', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.oauth_identities', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.one_time_tokens', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.blocked_passwords', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.blocked_email_domains', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.deletion_reminders', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.superuser_bootstrap', '');

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
