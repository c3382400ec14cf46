-- Access tokens: signed, for services that do not ask the database. JWT (RFC 7519) in the compact serialization of JWS (RFC 7515), by
-- Ed25519 (RFC 8037) and by nothing else.

CREATE FUNCTION gatehouse.access_token_bound(user_id uuid, session_id uuid) RETURNS timestamptz
AS 'MODULE_PATHNAME', 'gatehouse_sessions_access_token_bound'
LANGUAGE c STABLE;
COMMENT ON FUNCTION gatehouse.access_token_bound(uuid, uuid) IS
  'internal: when a token of the account, and of the session where one is given, lapses at the latest; null where one of them is not live, '
  'or they do not belong together';
REVOKE ALL ON FUNCTION gatehouse.access_token_bound(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.access_token_bound(uuid, uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.sign_access_token(payload text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_sessions_sign_access_token'
LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION gatehouse.sign_access_token(text) IS
  'internal: the payload signed under the current key of the key ring; 55000 without one';
REVOKE ALL ON FUNCTION gatehouse.sign_access_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_access_token(text) TO gatehouse_owner;

-- The server that verifies it restricts to the scopes of the claim, so it must be able to read them.
CREATE FUNCTION gatehouse.check_access_claims(claims jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  registered text;
BEGIN
  IF jsonb_typeof(claims) <> 'object' OR octet_length(claims::text) > 4096 THEN
    RAISE EXCEPTION 'claims must be a JSON object of at most 4096 bytes' USING ERRCODE = '22023';
  END IF;
  FOREACH registered IN ARRAY ARRAY['act', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sid', 'sub'] LOOP
    IF claims ? registered THEN
      RAISE EXCEPTION 'claim "%" cannot be given', registered USING ERRCODE = '22023', HINT = 'It is set by the call itself.';
    END IF;
  END LOOP;
  IF claims ? 'scope' THEN
    IF jsonb_typeof(claims -> 'scope') <> 'string' THEN
      RAISE EXCEPTION 'claim "scope" must be a JSON string of scopes, separated by blanks' USING ERRCODE = '22023';
    END IF;
    PERFORM gatehouse.check_scopes_cover(gatehouse.checked_scopes(string_to_array(claims ->> 'scope', ' ')));
  ELSE
    PERFORM gatehouse.check_scopes_cover(NULL);
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.check_access_claims(jsonb) IS
  'internal: 22023 where the claims are too large, name one that the token has anyway, or scopes that are not registered; 42501 where who is '
  'signed in has less than their scopes';
ALTER FUNCTION gatehouse.check_access_claims(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_access_claims(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.issue_access_token(
  user_id uuid,
  session_id uuid DEFAULT NULL,
  audience text DEFAULT NULL,
  lifetime interval DEFAULT NULL,
  claims jsonb DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lasts CONSTANT interval := coalesce(issue_access_token.lifetime, gatehouse.setting('access_token_lifetime')::interval);
  issuer CONSTANT text := nullif(gatehouse.setting('access_token_issuer'), '');
  meant_for CONSTANT text := nullif(coalesce(issue_access_token.audience, gatehouse.setting('access_token_audience')), '');
  actor CONSTANT uuid := CASE WHEN gatehouse.current_user_id() = issue_access_token.user_id THEN gatehouse.current_impersonator_id() END;
  now_at CONSTANT timestamptz := clock_timestamp();
  bound CONSTANT timestamptz := gatehouse.access_token_bound(issue_access_token.user_id, issue_access_token.session_id);
  issued_at CONSTANT bigint := floor(extract(epoch FROM now_at))::bigint;
BEGIN
  IF issue_access_token.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(issue_access_token.user_id);
  PERFORM gatehouse.check_access_claims(coalesce(issue_access_token.claims, '{}'));
  IF lasts NOT BETWEEN interval '1 second' AND interval '1 day' THEN
    RAISE EXCEPTION 'lifetime of an access token must be from 1 second to 1 day' USING ERRCODE = '22023';
  END IF;
  IF octet_length(meant_for) > 256 THEN
    RAISE EXCEPTION 'audience must have at most 256 bytes' USING ERRCODE = '22023';
  END IF;
  IF bound IS NULL THEN
    RAISE EXCEPTION 'no live account has this id, or no live session of its has' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.sign_access_token((coalesce(issue_access_token.claims, '{}') || jsonb_strip_nulls(jsonb_build_object(
    'iss', issuer, 'sub', issue_access_token.user_id, 'aud', meant_for,
    'iat', issued_at, 'nbf', issued_at, 'exp', floor(extract(epoch FROM least(now_at + lasts, bound)))::bigint,
    'jti', gatehouse.uuid_v7(), 'sid', issue_access_token.session_id,
    'act', CASE WHEN actor IS NOT NULL THEN jsonb_build_object('sub', actor) END)))::text);
END
$$;
COMMENT ON FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) IS
  'a signed token of a live account, and of one of its live sessions: a JWT (RFC 7519) by Ed25519 under the current key of the key ring, '
  'with iss, sub, aud, iat, nbf, exp, jti, sid, act (who signed in before sign_in_as) and the claims that are given, at most 4096 bytes; '
  'lifetime is from 1 second to 1 day and ends with the session. The claim "scope" restricts who signs in with it. 22023 for a claim '
  'that the token has anyway; 42501 while another account is signed in, or somebody who has less than the scopes; 55000 without a key ring';
ALTER FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) TO gatehouse_app;

CREATE FUNCTION gatehouse.verify_access_token(token text, audience text DEFAULT NULL)
RETURNS TABLE (user_id uuid, session_id uuid, token_id uuid, issued_at timestamptz, expires_at timestamptz, claims jsonb)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_verify_access_token'
LANGUAGE c STABLE ROWS 1;
COMMENT ON FUNCTION gatehouse.verify_access_token(text, text) IS
  'what a valid access token says: signed by a key of the key ring, for this audience (else gatehouse.access_token_audience), by this '
  'issuer, in its time, of an account and a session that are live now, in every isolation level. No row for anything else. Reads only; a '
  'standby that is too far behind gives no row. 55000 without a key ring';
REVOKE ALL ON FUNCTION gatehouse.verify_access_token(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_access_token(text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.jwks() RETURNS jsonb
AS 'MODULE_PATHNAME', 'gatehouse_sessions_jwks'
LANGUAGE c STABLE;
COMMENT ON FUNCTION gatehouse.jwks() IS
  'the public keys by which others verify access tokens, of every key of the key ring, the current one first: a JWK Set (RFC 7517, '
  'RFC 8037). 55000 without a key ring';
REVOKE ALL ON FUNCTION gatehouse.jwks() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.jwks() TO gatehouse_app;
