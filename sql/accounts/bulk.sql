-- Many accounts in one call: an import, and changes of many at once. Those are locked in the order of their ids, so that two such
-- calls don't run into a deadlock.

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

CREATE FUNCTION gatehouse.accounts_of_import(elements jsonb, ids uuid[], faults text[], made_at timestamptz)
RETURNS SETOF gatehouse.users
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT e.id, gatehouse.trimmed_email(e.element->>'email'), gatehouse.fold_email(e.element->>'email'), e.element->>'username',
         lower(e.element->>'username' COLLATE "C"), coalesce((e.element->'is_superuser')::text = 'true', false),
         coalesce((e.element->'is_verified')::text = 'true', false), true,
         coalesce(nullif(e.element->'profile', 'null'), '{}'),
         coalesce(gatehouse.moment_or_null(e.element->>'created_at'), accounts_of_import.made_at), accounts_of_import.made_at,
         NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, NULL::uuid, NULL::text, NULL::timestamptz, NULL::text
    FROM ROWS FROM (jsonb_array_elements(elements), unnest(ids), unnest(faults)) AS e (element, id, fault)
   WHERE e.fault IS NULL;
END;
COMMENT ON FUNCTION gatehouse.accounts_of_import(jsonb, uuid[], text[], timestamptz) IS
  'internal: the accounts that those elements given to create_users are going to be that have no fault, in their order';
ALTER FUNCTION gatehouse.accounts_of_import(jsonb, uuid[], text[], timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.accounts_of_import(jsonb, uuid[], text[], timestamptz) FROM PUBLIC;

-- What is known of an element beside it is in arrays. Queries zip these with the elements, in the order in which a function in FROM
-- gives its rows: a join might take the square of their length, and sorting shows in the time of an import. Passwords are hashed
-- before anything is inserted, when no lock is held yet.
CREATE FUNCTION gatehouse.create_users(users jsonb, all_or_nothing boolean DEFAULT false)
RETURNS TABLE (index integer, id uuid, error text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  domains_are_blocked CONSTANT boolean := EXISTS (SELECT FROM gatehouse.blocked_email_domains);
  now_at timestamptz := clock_timestamp();
  ids uuid[];
  hashes text[];
  faults text[];
  has_passwords boolean;
  is_undone boolean := false;
  made bigint;
  superusers bigint;
  plain record;
BEGIN
  PERFORM gatehouse.library_version();
  IF all_or_nothing IS NULL THEN
    RAISE EXCEPTION 'argument "all_or_nothing" must not be null' USING ERRCODE = '22023';
  END IF;
  IF (CASE jsonb_typeof(users) WHEN 'array' THEN jsonb_array_length(users) BETWEEN 1 AND 10000 END) IS NOT TRUE THEN
    RAISE EXCEPTION 'users must be a JSON array of 1 to 10000 accounts' USING ERRCODE = '22023';
  END IF;

  SELECT array_agg(gatehouse.uuid_v7()), array_agg(n.hash), bool_or(n.password IS NOT NULL),
         array_agg(coalesce(
           n.form_fault,
           gatehouse.address_fault(n.email),
           CASE WHEN domains_are_blocked AND gatehouse.email_domain_blocked(n.email)
                THEN 'e-mail addresses of this domain are not accepted' END,
           gatehouse.username_fault(n.username),
           CASE WHEN n.profile <> 'null' THEN gatehouse.profile_fault(n.profile) END,
           CASE WHEN n.created_at IS NOT NULL
                     AND (gatehouse.moment_or_null(n.created_at) BETWEEN timestamptz 'epoch' AND now_at) IS NOT TRUE
                THEN 'created_at must be a moment from 1970 till now with its zone, as 2024-02-29T12:00:00Z' END,
           CASE WHEN n.hash IS NOT NULL THEN gatehouse.stored_hash_fault(n.hash) END,
           CASE WHEN n.password IS NOT NULL
                THEN coalesce(gatehouse.duplicate_fault(n.email, n.username),
                              gatehouse.password_policy_fault(n.password, n.email, n.username)) END))
    INTO ids, hashes, has_passwords, faults
    FROM (SELECT gatehouse.new_user_form_fault(e.element) AS form_fault,
                 gatehouse.trimmed_email(e.element->>'email') AS email,
                 e.element->>'username' AS username,
                 e.element->>'password' AS password,
                 e.element->>'hashed_password' AS hash,
                 e.element->'profile' AS profile,
                 e.element->>'created_at' AS created_at
            FROM jsonb_array_elements(users) AS e (element)
          OFFSET 0) n;

  -- Where nothing is going to be made, the rows are inserted only to find out which of them are in the way of others.
  IF has_passwords AND NOT (all_or_nothing AND array_to_string(faults, '') <> '') THEN
    FOR plain IN
      SELECT e.place, e.element->>'password' AS password
        FROM ROWS FROM (jsonb_array_elements(users), unnest(faults)) WITH ORDINALITY AS e (element, fault, place)
       WHERE e.fault IS NULL AND e.element->>'password' IS NOT NULL
    LOOP
      hashes[plain.place] := gatehouse.hash_password(plain.password);
    END LOOP;
  END IF;

  now_at := clock_timestamp();
  BEGIN
    -- ON CONFLICT looks into every unique index before it inserts, which makes an import half as dear again: it is for those that
    -- have a duplicate. The rows are taken in their order, so that the first of two alike wins.
    BEGIN
      INSERT INTO gatehouse.users SELECT a.* FROM gatehouse.accounts_of_import(users, ids, faults, now_at) a;
    EXCEPTION WHEN unique_violation THEN
      INSERT INTO gatehouse.users SELECT a.* FROM gatehouse.accounts_of_import(users, ids, faults, now_at) a
      ON CONFLICT DO NOTHING;
      faults := ARRAY(
        SELECT CASE
                 WHEN e.fault IS NOT NULL THEN e.fault
                 WHEN NOT EXISTS (SELECT FROM gatehouse.get_user_by_id(e.id))
                 THEN coalesce(gatehouse.duplicate_fault(e.element->>'email', e.element->>'username'), 'duplicate account')
               END
          FROM ROWS FROM (jsonb_array_elements(users), unnest(ids), unnest(faults))
                 WITH ORDINALITY AS e (element, id, fault, place)
         ORDER BY e.place);
    END;
    IF all_or_nothing AND array_to_string(faults, '') <> '' THEN
      RAISE EXCEPTION 'nothing is made' USING ERRCODE = 'GH001';
    END IF;
  EXCEPTION WHEN SQLSTATE 'GH001' THEN
    is_undone := true;
  END;
  IF NOT is_undone THEN
    INSERT INTO gatehouse.password_credentials (user_id, password_hash, changed_at)
    SELECT c.id, c.hash, now_at FROM unnest(ids, hashes, faults) AS c (id, hash, fault) WHERE c.fault IS NULL AND c.hash IS NOT NULL;
    made := (SELECT count(*) FROM unnest(faults) AS c (fault) WHERE c.fault IS NULL);
    IF made > 0 THEN
      IF users @? 'strict $[*] ? (@.is_superuser == true)' THEN
        superusers := (SELECT count(*) FROM ROWS FROM (jsonb_array_elements(users), unnest(faults)) AS e (element, fault)
                        WHERE e.fault IS NULL AND (e.element->'is_superuser')::text = 'true');
      END IF;
      PERFORM gatehouse.write_event('gatehouse.accounts.created', NULL, NULL, NULL, true,
                                    jsonb_strip_nulls(jsonb_build_object('accounts', made, 'superusers', nullif(superusers, 0))), NULL);
    END IF;
  END IF;

  RETURN QUERY
    SELECT (c.place - 1)::integer, CASE WHEN c.fault IS NULL AND NOT is_undone THEN c.id END, c.fault
      FROM unnest(ids, faults) WITH ORDINALITY AS c (id, fault, place)
     ORDER BY c.place;
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
  IF changed > 0 AND added <> '{}' THEN
    PERFORM gatehouse.write_event('gatehouse.accounts.updated', NULL, NULL, NULL, true,
                                  jsonb_build_object('accounts', changed, 'fields', ARRAY['profile']), NULL);
  END IF;
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
  IF changed > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.accounts.verified', NULL, NULL, NULL, true, jsonb_build_object('accounts', changed), NULL);
  END IF;
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
DECLARE
  deleted bigint;
BEGIN
  PERFORM gatehouse.check_ids(ids);
  deleted := gatehouse.delete_accounts(ids, deleted_by, reason);
  IF deleted > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.accounts.deleted', NULL, NULL, NULL, true,
                                  jsonb_strip_nulls(jsonb_build_object('accounts', deleted, 'deleted_by', deleted_by)), NULL);
  END IF;
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) IS
  'soft_delete_user of 1 to 10000 accounts; how many were deleted: unknown and deleted ones are passed over. Where no live superuser '
  'would be left, 22023, none is deleted';
ALTER FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) TO gatehouse_admin;
