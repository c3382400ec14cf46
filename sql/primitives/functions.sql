CREATE FUNCTION gatehouse.hash_password(password text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_crypto_hash_password'
LANGUAGE c VOLATILE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION gatehouse.hash_password(text) IS
  'Argon2id (RFC 9106) as a PHC string, its cost from gatehouse.argon2_memory and gatehouse.argon2_iterations; '
  'the password is normalised to NFC and has 1 to 1024 bytes, else 22023';
REVOKE ALL ON FUNCTION gatehouse.hash_password(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.hash_password(text) TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.verify_password(password text, hash text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_crypto_verify_password'
LANGUAGE c STABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION gatehouse.verify_password(text, text) IS
  'whether the password has this hash: Argon2id, bcrypt ($2a$ $2b$ $2y$), yescrypt, SHA-crypt or PBKDF2-SHA256 in '
  'Django''s form; a malformed hash or another kind is 22P02, a hash above the ceilings 22023, both before any work';
REVOKE ALL ON FUNCTION gatehouse.verify_password(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_password(text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.needs_rehash(hash text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_crypto_needs_rehash'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.needs_rehash(text) IS
  'whether the hash is weaker than the settings or of another kind than Argon2id; malformed or unknown is 22P02';
REVOKE ALL ON FUNCTION gatehouse.needs_rehash(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.needs_rehash(text) TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.generate_token(bytes integer DEFAULT 32) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_crypto_generate_token'
LANGUAGE c VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.generate_token(integer) IS
  'random bytes, 16 to 64 of them, as base64url (RFC 4648) without padding; 32 bytes are 43 characters';
REVOKE ALL ON FUNCTION gatehouse.generate_token(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.generate_token(integer) TO gatehouse_app;

CREATE FUNCTION gatehouse.token_digest(token text) RETURNS bytea
AS 'MODULE_PATHNAME', 'gatehouse_crypto_token_digest'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.token_digest(text) IS
  'BLAKE2b-256 (RFC 7693) of the token, keyed from the current key where a key ring is configured';
REVOKE ALL ON FUNCTION gatehouse.token_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.token_digest(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.uuid_v7() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_crypto_uuid_v7'
LANGUAGE c VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.uuid_v7() IS
  'a UUID of version 7 (RFC 9562), greater than every one before in the same database session';
REVOKE ALL ON FUNCTION gatehouse.uuid_v7() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.uuid_v7() TO gatehouse_app, gatehouse_owner;
