CREATE FUNCTION gatehouse.make_refresh_token(
  OUT refresh_token text,
  OUT token_digest bytea,
  OUT ring_key_id integer,
  OUT locator_digest bytea
)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_make_token'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.make_refresh_token() IS 'internal: the first token of a session and what is stored of it';
REVOKE ALL ON FUNCTION gatehouse.make_refresh_token() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_refresh_token() TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_successor(
  token text,
  under_key integer,
  OUT refresh_token text,
  OUT token_digest bytea,
  OUT ring_key_id integer,
  OUT locator_digest bytea
)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_make_successor'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.make_successor(text, integer) IS
  'internal: the token that follows this one; under a key of the ring always the same (under_key null is the current one, '
  '0 is none), without a ring a random one; all null where the ring lacks the key';
REVOKE ALL ON FUNCTION gatehouse.make_successor(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_successor(text, integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.locate_refresh_token(token text) RETURNS bytea
AS 'MODULE_PATHNAME', 'gatehouse_sessions_locate'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.locate_refresh_token(text) IS
  'internal: the digest by which the token''s session is found; null where the text is no refresh token';
REVOKE ALL ON FUNCTION gatehouse.locate_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.locate_refresh_token(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.refresh_token_matches(token text, token_digest bytea, ring_key_id integer) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_sessions_token_matches'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.refresh_token_matches(text, bytea, integer) IS
  'internal: whether the digest is this token''s, in constant time; null where the ring lacks the key';
REVOKE ALL ON FUNCTION gatehouse.refresh_token_matches(text, bytea, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refresh_token_matches(text, bytea, integer) TO gatehouse_owner;
