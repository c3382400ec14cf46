-- Who a transaction acts for. In C without exception: what sets the identity takes its proof itself, so that there is no
-- function to call with an identity alone.

CREATE FUNCTION gatehouse.sign_in_with_api_key(api_key text, required_scopes text[] DEFAULT '{}', ip inet DEFAULT NULL)
RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_api_key'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_with_api_key(text, text[], inet) IS
  'from now on this transaction acts for the owner of the key, as far as the key''s scopes go; false where verify_api_key would '
  'give no row, and then nobody is signed in. Ends with the transaction; a rollback to a savepoint brings back who was '
  'signed in there';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_api_key(text, text[], inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_with_session(refresh_token text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_session'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_with_session(text) IS
  'from now on this transaction acts for the account of the session; false where verify_refresh_token would give no row, and '
  'then nobody is signed in. The token is not used up. Sees what has been committed by now in every isolation level';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_session(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_session(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_with_access_token(token text, audience text DEFAULT NULL) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_access_token'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_with_access_token(text, text) IS
  'from now on this transaction acts for the account of the token, with its session, as far as the scopes of its claim "scope" go where '
  'it has one, and in whose name its claim "act" says; false where verify_access_token would give no row, and then nobody is signed in. '
  'Without a key ring 55000';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_access_token(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_access_token(text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_as(user_id uuid) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_as_recorded'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_as(uuid) IS
  'from now on this transaction acts in the name of a live account, and the audit records beside it who was signed in before; '
  'the scopes of an API key that signed in before still hold. False where no live account has this id, and then nobody is '
  'signed in. Unless the transaction is read-only it writes the event gatehouse.account.impersonated';
REVOKE ALL ON FUNCTION gatehouse.sign_in_as(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_as(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.sign_out() RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_out'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_out() IS
  'from now on nobody is signed in in this transaction';
REVOKE ALL ON FUNCTION gatehouse.sign_out() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_out() TO gatehouse_app;

CREATE FUNCTION gatehouse.current_user_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_user_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_user_id() IS
  'the account that this transaction acts for; null where nobody is signed in, or a service key is';
REVOKE ALL ON FUNCTION gatehouse.current_user_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_user_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_impersonator_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_impersonator_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_impersonator_id() IS
  'the account that signed in before somebody acted in the name of another by sign_in_as; else null';
REVOKE ALL ON FUNCTION gatehouse.current_impersonator_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_impersonator_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_api_key_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_api_key_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_api_key_id() IS
  'the API key that was signed in with, else null';
REVOKE ALL ON FUNCTION gatehouse.current_api_key_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_api_key_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_session_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_session_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_session_id() IS
  'the session that was signed in with, else null';
REVOKE ALL ON FUNCTION gatehouse.current_session_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_session_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_scopes() RETURNS text[]
AS 'MODULE_PATHNAME', 'gatehouse_identity_scopes'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_scopes() IS
  'the scopes of the API key that was signed in with; null where none was, and so nothing is restricted to scopes';
REVOKE ALL ON FUNCTION gatehouse.current_scopes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_scopes() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.require_scope(scope text) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_require_scope'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.require_scope(text) IS
  'raises 42501 unless somebody is signed in whom no scopes restrict, or an API key that has this one. Scopes restrict API keys: '
  'a session, and who acts in another''s name by it, passes. What is no scope is 22023';
REVOKE ALL ON FUNCTION gatehouse.require_scope(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.require_scope(text) TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

-- For the functions that do something to an account. A service key acts for no account.

CREATE FUNCTION gatehouse.acts_for(user_id uuid) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_acts_for'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.acts_for(uuid) IS
  'internal: false where somebody is signed in, with another account than this, and the caller is no administrator; null is no '
  'account';
REVOKE ALL ON FUNCTION gatehouse.acts_for(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.acts_for(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_acts_for(user_id uuid) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_check_acts_for'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.check_acts_for(uuid) IS
  'internal: 42501 unless acts_for(user_id)';
REVOKE ALL ON FUNCTION gatehouse.check_acts_for(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_acts_for(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_scopes_cover(scopes text[]) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_check_scopes_cover'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.check_scopes_cover(text[]) IS
  'internal: 42501 where who is signed in is restricted to scopes that do not cover these, null being all there are, and the caller is no '
  'administrator: nobody gives himself more than he has';
REVOKE ALL ON FUNCTION gatehouse.check_scopes_cover(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_scopes_cover(text[]) TO gatehouse_owner;
