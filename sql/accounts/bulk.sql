-- Many accounts in one call: an import, and changes of many at once. Those are locked in the order of their ids, so that two such
-- calls don't run into a deadlock.

CREATE TYPE gatehouse.user_draft AS (
  place integer,
  id uuid,
  email text,
  username text,
  is_superuser boolean,
  is_verified boolean,
  profile jsonb,
  created_at timestamptz,
  password text,
  password_hash text,
  fault text
);
COMMENT ON TYPE gatehouse.user_draft IS 'internal: an account that create_users is going to make, or why not';
REVOKE ALL ON TYPE gatehouse.user_draft FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.user_draft TO gatehouse_owner;

-- With its zone, and year, month and day in this order: what a text means must not depend on the session.
CREATE FUNCTION gatehouse.moment_or_null(moment text) RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF moment COLLATE "C" ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$' THEN
    RETURN moment::timestamptz;
  END IF;
  RETURN NULL;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format OR invalid_time_zone_displacement_value THEN
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION gatehouse.moment_or_null(text) IS
  'internal: the moment that a text in the form 2024-02-29T12:00:00Z (RFC 3339) names; null where it names none';
ALTER FUNCTION gatehouse.moment_or_null(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.moment_or_null(text) FROM PUBLIC;

-- Without format(), which is not immutable, it is inlined.
CREATE FUNCTION gatehouse.new_user_form_fault(element jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN jsonb_typeof(element) COLLATE "C" <> 'object' THEN 'account must be a JSON object'
  WHEN element - ARRAY['created_at', 'email', 'hashed_password', 'is_superuser', 'is_verified', 'password', 'profile', 'username']
       <> jsonb '{}'
  THEN 'unknown field "' || gatehouse.unknown_field(element, ARRAY['created_at', 'email', 'hashed_password', 'is_superuser',
                                                                   'is_verified', 'password', 'profile', 'username']) || '"'
  WHEN jsonb_typeof(element->'email') COLLATE "C" NOT IN ('string', 'null') THEN 'email must be a JSON string'
  WHEN jsonb_typeof(element->'username') COLLATE "C" NOT IN ('string', 'null') THEN 'username must be a JSON string'
  WHEN jsonb_typeof(element->'password') COLLATE "C" NOT IN ('string', 'null') THEN 'password must be a JSON string'
  WHEN jsonb_typeof(element->'hashed_password') COLLATE "C" NOT IN ('string', 'null')
  THEN 'hashed_password must be a JSON string'
  WHEN jsonb_typeof(element->'is_superuser') COLLATE "C" NOT IN ('boolean', 'null') THEN 'is_superuser must be true or false'
  WHEN jsonb_typeof(element->'is_verified') COLLATE "C" NOT IN ('boolean', 'null') THEN 'is_verified must be true or false'
  WHEN jsonb_typeof(element->'created_at') COLLATE "C" NOT IN ('string', 'null') THEN 'created_at must be a JSON string'
  WHEN element->>'email' IS NULL THEN 'email is missing'
  WHEN element->>'username' IS NULL THEN 'username is missing'
  WHEN element->>'password' IS NOT NULL AND element->>'hashed_password' IS NOT NULL
  THEN 'password and hashed_password cannot be given together'
END;
COMMENT ON FUNCTION gatehouse.new_user_form_fault(jsonb) IS
  'internal: why an element given to create_users has not the form of one; null where it has. JSON''s null is a field that is absent';
ALTER FUNCTION gatehouse.new_user_form_fault(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.new_user_form_fault(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.duplicate_fault(email text, username text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM gatehouse.users u
              WHERE u.email_normal = gatehouse.fold_email(duplicate_fault.email) AND u.deleted_at IS NULL) THEN
    RETURN 'an account with this e-mail address exists';
  END IF;
  IF EXISTS (SELECT FROM gatehouse.users u
              WHERE u.username_normal = lower(duplicate_fault.username COLLATE "C") AND u.deleted_at IS NULL) THEN
    RETURN 'an account with this username exists';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION gatehouse.duplicate_fault(text, text) IS
  'internal: which of the two an account has already; null where none has either';
ALTER FUNCTION gatehouse.duplicate_fault(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.duplicate_fault(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.drafted_users(drafts gatehouse.user_draft[], made_at timestamptz) RETURNS SETOF gatehouse.users
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT d.id, d.email, gatehouse.fold_email(d.email), d.username, lower(d.username COLLATE "C"), d.is_superuser, d.is_verified,
         true, d.profile, coalesce(d.created_at, drafted_users.made_at), drafted_users.made_at,
         NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, NULL::uuid, NULL::text, NULL::timestamptz, NULL::text
    FROM unnest(drafts) d
   WHERE d.fault IS NULL
   ORDER BY d.place;
END;
COMMENT ON FUNCTION gatehouse.drafted_users(gatehouse.user_draft[], timestamptz) IS
  'internal: the accounts that these drafts are going to be, in their order';
ALTER FUNCTION gatehouse.drafted_users(gatehouse.user_draft[], timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.drafted_users(gatehouse.user_draft[], timestamptz) FROM PUBLIC;

-- ON CONFLICT looks into every unique index before the row is inserted, which makes an import half as dear again: it is for those
-- imports that have a duplicate. With it the rows are taken in their order, so that the first of two alike wins.
CREATE FUNCTION gatehouse.insert_drafts(drafts gatehouse.user_draft[], made_at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  made_ids uuid[];
BEGIN
  BEGIN
    WITH made AS (
      INSERT INTO gatehouse.users AS u SELECT d.* FROM gatehouse.drafted_users(drafts, insert_drafts.made_at) d RETURNING u.id
    )
    SELECT array_agg(m.id) INTO made_ids FROM made m;
  EXCEPTION WHEN unique_violation THEN
    WITH made AS (
      INSERT INTO gatehouse.users AS u SELECT d.* FROM gatehouse.drafted_users(drafts, insert_drafts.made_at) d
      ON CONFLICT DO NOTHING
      RETURNING u.id
    )
    SELECT array_agg(m.id) INTO made_ids FROM made m;
  END;
  RETURN made_ids;
END
$$;
COMMENT ON FUNCTION gatehouse.insert_drafts(gatehouse.user_draft[], timestamptz) IS
  'internal: makes those accounts that have no fault and that no other one is in the way of; which these are';
ALTER FUNCTION gatehouse.insert_drafts(gatehouse.user_draft[], timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_drafts(gatehouse.user_draft[], timestamptz) FROM PUBLIC;

-- The foreign key is checked row by row, by a query whose plan must not be made anew for each, as it would be by the setting of
-- create_users.
CREATE FUNCTION gatehouse.store_passwords(user_ids uuid[], hashes text[], changed_at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = auto
AS $$
BEGIN
  INSERT INTO gatehouse.password_credentials (user_id, password_hash, changed_at)
  SELECT p.user_id, p.hash, store_passwords.changed_at FROM unnest(user_ids, hashes) AS p (user_id, hash);
END
$$;
COMMENT ON FUNCTION gatehouse.store_passwords(uuid[], text[], timestamptz) IS
  'internal: gives accounts without a password, which the caller has made, these hashes';
ALTER FUNCTION gatehouse.store_passwords(uuid[], text[], timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.store_passwords(uuid[], text[], timestamptz) FROM PUBLIC;

-- Passwords are hashed before anything is inserted, when no lock is held yet. The plans are made for arrays of the size that they
-- have, or joins of them might take the square of it.
CREATE FUNCTION gatehouse.create_users(users jsonb, all_or_nothing boolean DEFAULT false)
RETURNS TABLE (index integer, id uuid, error text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  checked_at CONSTANT timestamptz := clock_timestamp();
  domains_are_blocked CONSTANT boolean := EXISTS (SELECT FROM gatehouse.blocked_email_domains);
  drafts gatehouse.user_draft[];
  faults text[];
  made_ids uuid[];
  made_at timestamptz;
  is_undone boolean := false;
BEGIN
  PERFORM gatehouse.library_version();
  IF all_or_nothing IS NULL THEN
    RAISE EXCEPTION 'argument "all_or_nothing" must not be null' USING ERRCODE = '22023';
  END IF;
  IF (CASE jsonb_typeof(users) WHEN 'array' THEN jsonb_array_length(users) BETWEEN 1 AND 10000 END) IS NOT TRUE THEN
    RAISE EXCEPTION 'users must be a JSON array of 1 to 10000 accounts' USING ERRCODE = '22023';
  END IF;

  drafts := ARRAY(
    SELECT (n.place, gatehouse.uuid_v7(), n.email, n.username, n.is_superuser, n.is_verified, n.profile, n.created_at,
            n.password, n.password_hash,
            coalesce(
              n.form_fault,
              gatehouse.address_fault(n.email),
              CASE WHEN domains_are_blocked AND gatehouse.email_domain_blocked(n.email)
                   THEN 'e-mail addresses of this domain are not accepted' END,
              gatehouse.username_fault(n.username),
              gatehouse.profile_fault(n.profile),
              CASE WHEN n.created_at_text IS NOT NULL
                        AND (n.created_at BETWEEN timestamptz 'epoch' AND checked_at) IS NOT TRUE
                   THEN 'created_at must be a moment from 1970 till now with its zone, as 2024-02-29T12:00:00Z' END,
              CASE WHEN n.password_hash IS NOT NULL THEN gatehouse.stored_hash_fault(n.password_hash) END,
              CASE WHEN n.password IS NOT NULL
                   THEN coalesce(gatehouse.duplicate_fault(n.email, n.username),
                                 gatehouse.password_policy_fault(n.password, n.email, n.username)) END
            ))::gatehouse.user_draft
      FROM (SELECT (e.place - 1)::integer AS place,
                   gatehouse.new_user_form_fault(e.element) AS form_fault,
                   gatehouse.trimmed_email(e.element->>'email') AS email,
                   e.element->>'username' AS username,
                   e.element->>'password' AS password,
                   e.element->>'hashed_password' AS password_hash,
                   coalesce(e.element->'is_superuser' = 'true', false) AS is_superuser,
                   coalesce(e.element->'is_verified' = 'true', false) AS is_verified,
                   coalesce(nullif(e.element->'profile', 'null'), '{}') AS profile,
                   e.element->>'created_at' AS created_at_text,
                   gatehouse.moment_or_null(e.element->>'created_at') AS created_at
              FROM jsonb_array_elements(users) WITH ORDINALITY AS e (element, place)
            OFFSET 0) n);

  -- Where nothing is going to be made, the rows are inserted only to find out which of them are in the way of others.
  IF NOT (all_or_nothing AND EXISTS (SELECT FROM unnest(drafts) d WHERE d.fault IS NOT NULL)) THEN
    FOR i IN 1..cardinality(drafts) LOOP
      IF drafts[i].password IS NOT NULL AND drafts[i].fault IS NULL THEN
        drafts[i].password_hash := gatehouse.hash_password(drafts[i].password);
      END IF;
    END LOOP;
  END IF;

  BEGIN
    made_at := clock_timestamp();
    made_ids := gatehouse.insert_drafts(drafts, made_at);
    PERFORM gatehouse.store_passwords(array_agg(d.id), array_agg(d.password_hash), made_at)
       FROM unnest(drafts) d JOIN unnest(made_ids) AS m (id) ON m.id = d.id
      WHERE d.password_hash IS NOT NULL;
    faults := ARRAY(
      SELECT CASE
               WHEN d.fault IS NOT NULL THEN d.fault
               WHEN m.id IS NULL THEN coalesce(gatehouse.duplicate_fault(d.email, d.username), 'duplicate account')
             END
        FROM unnest(drafts) d LEFT JOIN unnest(made_ids) AS m (id) ON m.id = d.id
       ORDER BY d.place);
    IF all_or_nothing AND EXISTS (SELECT FROM unnest(faults) f WHERE f IS NOT NULL) THEN
      RAISE EXCEPTION 'nothing is made' USING ERRCODE = 'GH001';
    END IF;
  EXCEPTION WHEN SQLSTATE 'GH001' THEN
    is_undone := true;
  END;

  RETURN QUERY
    SELECT d.place, CASE WHEN faults[d.place + 1] IS NULL AND NOT is_undone THEN d.id END, faults[d.place + 1]
      FROM unnest(drafts) d
     ORDER BY d.place;
END
$$;
COMMENT ON FUNCTION gatehouse.create_users(jsonb, boolean) IS
  'makes accounts of a JSON array of 1 to 10000 objects with the fields email and username, and as they like password or '
  'hashed_password (of a kind that verify_password knows), is_superuser, is_verified, profile and created_at; values must be as those of '
  'create_user. One row for each, index counted from 0 as JSON does: id where the account was made, else error. Of two alike the first '
  'wins; one that is refused doesn''t touch the others, or with all_or_nothing nothing is made, and rows have an error or neither';
ALTER FUNCTION gatehouse.create_users(jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_users(jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_users(jsonb, boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.check_ids(ids uuid[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ids IS NULL OR cardinality(ids) NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'ids must be an array of 1 to 10000 ids' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM unnest(ids) i WHERE i IS NULL) THEN
    RAISE EXCEPTION 'ids must not contain null' USING ERRCODE = '22023';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.check_ids(uuid[]) IS 'internal: 22023 where these are none, too many, or not all ids';
ALTER FUNCTION gatehouse.check_ids(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_ids(uuid[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_users(ids uuid[], patch jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  added jsonb;
  locked uuid[];
  changed bigint;
BEGIN
  PERFORM gatehouse.check_ids(ids);
  PERFORM gatehouse.check_patch(patch, ARRAY['profile']);
  added := gatehouse.checked_profile(coalesce(patch->'profile', '{}'));
  locked := gatehouse.lock_accounts(ids);
  UPDATE gatehouse.users u
     SET profile = gatehouse.merged_profile(u.profile, added), updated_at = clock_timestamp()
   WHERE u.id = ANY (locked);
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END
$$;
COMMENT ON FUNCTION gatehouse.update_users(uuid[], jsonb) IS
  'changes the profile of 1 to 10000 accounts as update_user does; how many there were: unknown and deleted ones are passed over. '
  'Where one is against the policy then, 22023, none is changed';
ALTER FUNCTION gatehouse.update_users(uuid[], jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_users(uuid[], jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.update_users(uuid[], jsonb) TO gatehouse_admin;

CREATE FUNCTION gatehouse.verify_users(ids uuid[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  locked uuid[];
  changed bigint;
BEGIN
  PERFORM gatehouse.check_ids(ids);
  locked := gatehouse.lock_accounts(ids);
  UPDATE gatehouse.users u
     SET is_verified = true, updated_at = clock_timestamp()
   WHERE u.id = ANY (locked) AND NOT u.is_verified;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END
$$;
COMMENT ON FUNCTION gatehouse.verify_users(uuid[]) IS
  'says that the e-mail addresses of 1 to 10000 accounts are verified; how many were not so before. Unknown and deleted ones are '
  'passed over';
ALTER FUNCTION gatehouse.verify_users(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.verify_users(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_users(uuid[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.soft_delete_users(ids uuid[], deleted_by uuid DEFAULT NULL, reason text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.check_ids(ids);
  RETURN gatehouse.delete_accounts(ids, deleted_by, reason);
END
$$;
COMMENT ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) IS
  'soft_delete_user of 1 to 10000 accounts; how many were deleted: unknown and deleted ones are passed over. Where no live superuser '
  'would be left, 22023, none is deleted';
ALTER FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) TO gatehouse_admin;
