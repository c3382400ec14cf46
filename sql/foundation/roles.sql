-- Roles belong to the whole cluster: another database may have made them already.

DO $$
DECLARE
  granted_role text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) 'gatehouse_owner') THEN
    CREATE ROLE gatehouse_owner NOLOGIN NOINHERIT;
    COMMENT ON ROLE gatehouse_owner IS 'owns what gatehouse stores; nobody is a member of it';
  ELSIF EXISTS (
    SELECT FROM pg_catalog.pg_roles r
     WHERE r.rolname OPERATOR(pg_catalog.=) 'gatehouse_owner'
       AND (r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
            OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m
                        WHERE m.roleid OPERATOR(pg_catalog.=) r.oid OR m.member OPERATOR(pg_catalog.=) r.oid))
  ) THEN
    RAISE EXCEPTION 'role "gatehouse_owner" exists and is not what gatehouse needs'
      USING ERRCODE = '55000',
            DETAIL = 'It must not log in, have no powers, no members and no memberships.';
  END IF;

  -- What default privileges give to others is taken back at the end. What they give to these roles could not be told from
  -- what they are granted here.
  IF EXISTS (
    SELECT FROM pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) a
     WHERE d.defaclrole OPERATOR(pg_catalog.=) current_user::regrole
       AND pg_catalog.pg_get_userbyid(a.grantee) OPERATOR(pg_catalog.=) ANY
             (ARRAY['gatehouse_owner', 'gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor']::name[])
  ) THEN
    RAISE EXCEPTION 'default privileges of role "%" name a role of gatehouse', current_user
      USING ERRCODE = '55000', HINT = 'Take them back with ALTER DEFAULT PRIVILEGES ... REVOKE.';
  END IF;

  FOREACH granted_role IN ARRAY ARRAY['gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) granted_role::name) THEN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', granted_role);
    END IF;
  END LOOP;
  COMMENT ON ROLE gatehouse_app IS 'granted to the login role of an application';
  COMMENT ON ROLE gatehouse_admin IS 'administers gatehouse; includes gatehouse_app';
  COMMENT ON ROLE gatehouse_auditor IS 'reads the audit logs of gatehouse';

  IF NOT pg_catalog.pg_has_role('gatehouse_admin', 'gatehouse_app', 'USAGE') THEN
    GRANT gatehouse_app TO gatehouse_admin;
  END IF;
END
$$;
