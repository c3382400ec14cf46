-- Whether the session is live is asked with the snapshot of the statement.
ALTER FUNCTION gatehouse.sign_in_with_session(text) RENAME TO sign_in_whatever;
CREATE FUNCTION gatehouse.sign_in_with_session(refresh_token text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN EXISTS (SELECT FROM gatehouse.verify_refresh_token($1)) AND gatehouse.sign_in_as((SELECT v.user_id FROM gatehouse.verify_refresh_token($1) v));
END
$$;
