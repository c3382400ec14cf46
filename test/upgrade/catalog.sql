-- What the extension is in this database, member by member: one line a property, "object TAB property TAB value", in an
-- order of its own and without an OID, so that two installations can be compared line by line. In a value backslash,
-- tab and newline are written \\, \t and \n. A member of a kind that is not known here gets the property "not compared".
--
-- Columns bear their number, not their place: the library reads some tables by number, so a dropped column must show. Where
-- none follows it, no number tells of it, but the next column that is added would bear another.
--
-- psql -X -A -t -q -f catalog.sql DATABASE
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET quote_all_identifiers = off;
\set ON_ERROR_STOP on

CREATE TEMP TABLE member AS
SELECT d.classid, d.objid, i.type || ' ' || replace(i.identity, 'pg_catalog.', '') AS object
  FROM pg_depend d
  JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e',
       LATERAL pg_identify_object(d.classid, d.objid, 0) i
 WHERE e.extname = 'gatehouse'
   -- From PostgreSQL 17 on the row types of tables and the types of arrays are members too: they come along.
   AND NOT (d.classid = 'pg_type'::regclass
            AND EXISTS (SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
                         WHERE t.oid = d.objid AND (t.typcategory = 'A' OR c.relkind <> 'c')));

-- The VALUES lists below take their type from their first row: it must be text, not name, which would cut the rest off.

-- Every grant, those that stand by default too. No grantor: it is the owner's, or the script's superuser's.
CREATE FUNCTION pg_temp.grants(acl aclitem[], kind "char", owner oid) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END || ':' || a.privilege_type
                    || CASE WHEN a.is_grantable THEN '*' ELSE '' END,
                    ' ' ORDER BY CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee) END COLLATE "C",
                                 a.privilege_type COLLATE "C")
    FROM aclexplode(coalesce(acl, acldefault(kind, owner))) a
$$;
-- What pg_dump takes the grants of a member to have been; where nothing is recorded, that's the defaults.
CREATE FUNCTION pg_temp.initial_grants(class regclass, object oid, kind "char", owner oid, sub integer DEFAULT 0) RETURNS text
LANGUAGE sql AS $$
  SELECT pg_temp.grants((SELECT p.initprivs FROM pg_init_privs p
                          WHERE p.classoid = class AND p.objoid = object AND p.objsubid = sub), kind, owner)
$$;
-- The extensions with which it would be dropped, besides the one it is a member of.
CREATE FUNCTION pg_temp.depends_on(class regclass, object oid) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(e.extname, ' ' ORDER BY e.extname COLLATE "C")
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
   WHERE d.classid = class AND d.objid = object AND d.deptype = 'x'
$$;
CREATE FUNCTION pg_temp.options(options text[]) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(options) o
   WHERE o NOT LIKE 'pg\_attver=%'  -- minor releases from 15.20 on number a column's changes there
$$;

CREATE TEMP TABLE property (object text NOT NULL, property text NOT NULL, value text);

-- The extension itself, and the roles of its name.
INSERT INTO property
SELECT 'extension gatehouse', p.property, p.value
  FROM pg_extension e, LATERAL (VALUES
    ('version', e.extversion), ('owner', pg_get_userbyid(e.extowner)::text), ('schema', e.extnamespace::regnamespace::text),
    ('relocatable', e.extrelocatable::text), ('comment', obj_description(e.oid, 'pg_extension'))) p (property, value)
 WHERE e.extname = 'gatehouse';
INSERT INTO property
SELECT coalesce(m.object, 'lost registration ' || c.relation), 'dumped with', coalesce(nullif(c.filter, ''), 'all rows')
  FROM pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) c (relation, filter)
  LEFT JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = c.relation
 WHERE e.extname = 'gatehouse';
INSERT INTO property
SELECT 'role ' || r.rolname, p.property, p.value
  FROM pg_roles r, LATERAL (VALUES
    ('attributes', concat_ws(' ', CASE WHEN r.rolsuper THEN 'superuser' END, CASE WHEN r.rolinherit THEN 'inherit' END,
       CASE WHEN r.rolcreaterole THEN 'createrole' END, CASE WHEN r.rolcreatedb THEN 'createdb' END,
       CASE WHEN r.rolcanlogin THEN 'login' END, CASE WHEN r.rolreplication THEN 'replication' END,
       CASE WHEN r.rolbypassrls THEN 'bypassrls' END)),
    ('settings', pg_temp.options(r.rolconfig)), ('comment', shobj_description(r.oid, 'pg_authid')),
    ('member of', (SELECT string_agg(g.roleid::regrole::text || CASE WHEN g.admin_option THEN '*' ELSE '' END, ' '
                                     ORDER BY g.roleid::regrole::text COLLATE "C")
                     FROM pg_auth_members g WHERE g.member = r.oid)),
    -- Of others only: where these roles are members, "member of" says it.
    ('members', (SELECT string_agg(g.member::regrole::text || CASE WHEN g.admin_option THEN '*' ELSE '' END, ' '
                                   ORDER BY g.member::regrole::text COLLATE "C")
                   FROM pg_auth_members g JOIN pg_roles o ON o.oid = g.member
                  WHERE g.roleid = r.oid AND o.rolname NOT LIKE 'gatehouse\_%')),
    ('connection limit', nullif(r.rolconnlimit, -1)::text),
    ('valid until', (r.rolvaliduntil AT TIME ZONE 'UTC')::text),
    ('settings in this database', (SELECT pg_temp.options(s.setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                                    WHERE s.setrole = r.oid AND d.datname = current_database()))) p (property, value)
 WHERE r.rolname LIKE 'gatehouse\_%';

-- What is made by these roles or in this schema later would have other grants. Those of everybody else are none of ours.
INSERT INTO property
SELECT format('default privileges of %s on %s in %s', d.defaclrole::regrole,
              CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
                                   WHEN 'n' THEN 'schemas' ELSE 'objects of the kind ' || d.defaclobjtype::text END,
              coalesce(n.nspname, 'every schema')),
       'default grants', coalesce(pg_temp.grants(d.defaclacl, NULL, NULL), 'nothing')
  FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
 WHERE n.nspname = 'gatehouse' OR r.rolname LIKE 'gatehouse\_%';

-- What every member has.
INSERT INTO property SELECT object, 'member', 'yes' FROM member;
INSERT INTO property SELECT object, 'comment', obj_description(objid, classid::regclass::text) FROM member;
INSERT INTO property SELECT object, 'depends on', pg_temp.depends_on(classid, objid) FROM member;
INSERT INTO property
SELECT object, 'not compared', 'test/upgrade/catalog.sql knows nothing of ' || classid::regclass
  FROM member
 WHERE classid NOT IN ('pg_namespace'::regclass, 'pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass,
                       'pg_event_trigger'::regclass, 'pg_statistic_ext'::regclass);

INSERT INTO property
SELECT m.object, p.property, p.value
  FROM member m JOIN pg_namespace n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid,
       LATERAL (VALUES ('owner', pg_get_userbyid(n.nspowner)::text), ('grants', pg_temp.grants(n.nspacl, 'n', n.nspowner)),
                       ('initial grants', pg_temp.initial_grants('pg_namespace', n.oid, 'n', n.nspowner))) p (property, value);

INSERT INTO property
SELECT m.object, p.property, p.value
  FROM member m JOIN pg_event_trigger t ON m.classid = 'pg_event_trigger'::regclass AND t.oid = m.objid,
       LATERAL (VALUES ('owner', pg_get_userbyid(t.evtowner)::text), ('event', t.evtevent::text), ('enabled', t.evtenabled::text),
                       ('function', t.evtfoid::regprocedure::text), ('tags', pg_temp.options(t.evttags))) p (property, value);

INSERT INTO property
SELECT m.object, p.property, p.value
  FROM member m JOIN pg_statistic_ext s ON m.classid = 'pg_statistic_ext'::regclass AND s.oid = m.objid,
       LATERAL (VALUES ('owner', pg_get_userbyid(s.stxowner)::text), ('definition', pg_get_statisticsobjdef(s.oid)),
                       ('statistics', nullif(to_jsonb(s) ->> 'stxstattarget', '-1'))) p (property, value);

-- Functions: the definition has language, volatility, parallel, strict, leakproof, cost, rows, support, settings and body.
INSERT INTO property
SELECT m.object, p.property, p.value
  FROM member m JOIN pg_proc f ON m.classid = 'pg_proc'::regclass AND f.oid = m.objid,
       LATERAL (VALUES
         ('owner', pg_get_userbyid(f.proowner)::text), ('grants', pg_temp.grants(f.proacl, 'f', f.proowner)),
         ('initial grants', pg_temp.initial_grants('pg_proc', f.oid, 'f', f.proowner)),
         ('signature', concat_ws(' ', f.prokind, pg_get_function_identity_arguments(f.oid), 'RETURNS',
                                 pg_get_function_result(f.oid))),
         ('definition', CASE WHEN f.prokind <> 'a' THEN pg_get_functiondef(f.oid) END),
         ('aggregate', (SELECT to_jsonb(a)::text FROM (
            SELECT g.aggkind, g.aggnumdirectargs, g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggserialfn, g.aggdeserialfn,
                   g.aggmtransfn, g.aggminvtransfn, g.aggmfinalfn, g.aggfinalextra, g.aggmfinalextra, g.aggfinalmodify,
                   g.aggmfinalmodify, g.aggsortop::regoperator, g.aggtranstype::regtype, g.aggtransspace,
                   g.aggmtranstype::regtype, g.aggmtransspace, g.agginitval, g.aggminitval, f.proparallel, f.provolatile
              FROM pg_aggregate g WHERE g.aggfnoid = f.oid) a))) p (property, value);

-- Types, and the row types of relations for their grants.
INSERT INTO property
SELECT m.object, p.property, p.value
  FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid,
       LATERAL (VALUES
         ('kind', t.typtype::text),
         ('owner', pg_get_userbyid(t.typowner)::text), ('grants', pg_temp.grants(t.typacl, 'T', t.typowner)),
         ('initial grants', pg_temp.initial_grants('pg_type', t.oid, 'T', t.typowner)),
         ('base', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END),
         ('collation', (SELECT c.oid::regcollation::text FROM pg_collation c, pg_type b
                         WHERE t.typtype = 'd' AND c.oid = t.typcollation AND b.oid = t.typbasetype
                           AND t.typcollation <> b.typcollation)),
         ('default', CASE WHEN t.typtype = 'd' THEN t.typdefault END),
         ('not null', CASE WHEN t.typtype = 'd' THEN t.typnotnull::text END),
         ('labels', (SELECT string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)
                       FROM pg_enum l WHERE l.enumtypid = t.oid)),
         ('range', (SELECT concat_ws(' ', r.rngsubtype::regtype, r.rngcollation::regcollation, r.rngsubdiff, r.rngcanonical)
                      FROM pg_range r WHERE r.rngtypid = t.oid)),
         ('functions of a base type', CASE WHEN t.typtype = 'b'
            THEN concat_ws(' ', t.typinput, t.typoutput, t.typreceive, t.typsend, t.typlen, t.typbyval, t.typalign,
                           t.typstorage, t.typcategory, t.typispreferred) END)) p (property, value);
INSERT INTO property
SELECT m.object, 'grants of the row type', pg_temp.grants(t.typacl, 'T', t.typowner)
  FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid JOIN pg_type t ON t.oid = c.reltype;

-- Relations.
INSERT INTO property
SELECT m.object, p.property, p.value
  FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
  LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
  LEFT JOIN pg_sequence s ON s.seqrelid = c.oid,
       LATERAL (VALUES
         ('kind', concat_ws(' ', c.relkind, c.relpersistence)),
         ('owner', pg_get_userbyid(c.relowner)::text),
         ('grants', pg_temp.grants(c.relacl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)),
         ('initial grants', pg_temp.initial_grants('pg_class', c.oid, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)),
         ('options', pg_temp.options(c.reloptions)), ('toast options', pg_temp.options(toast.reloptions)),
         ('access method', (SELECT a.amname::text FROM pg_am a WHERE a.oid = c.relam)),
         ('tablespace', (SELECT t.spcname::text FROM pg_tablespace t WHERE t.oid = c.reltablespace)),
         ('row security', concat_ws(' ', CASE WHEN c.relrowsecurity THEN 'enabled' END,
                                         CASE WHEN c.relforcerowsecurity THEN 'forced' END)),
         ('replica identity', CASE WHEN c.relkind IN ('r', 'p') THEN c.relreplident::text END),
         ('partition key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END),
         ('partition bound', pg_get_expr(c.relpartbound, c.oid)),
         ('parents', (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                        FROM pg_inherits i WHERE i.inhrelid = c.oid)),
         ('query', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END),
         ('sequence', CASE WHEN s.seqrelid IS NOT NULL
            THEN format('AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s', format_type(s.seqtypid, NULL),
                        s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
            END),
         ('owned by', (SELECT string_agg(pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), ', ')
                         FROM pg_depend d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                          AND d.refobjsubid <> 0 AND c.relkind = 'S'))) p (property, value);

-- Columns of relations and attributes of composite types.
CREATE TEMP TABLE holder AS
SELECT m.object, m.objid AS relation FROM member m WHERE m.classid = 'pg_class'::regclass
UNION ALL
SELECT m.object, t.typrelid FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
 WHERE t.typtype = 'c';
INSERT INTO property
SELECT h.object || ', column ' || quote_ident(a.attname), p.property, p.value
  FROM holder h
  JOIN pg_class c ON c.oid = h.relation AND c.relkind <> 'S'
  JOIN pg_attribute a ON a.attrelid = h.relation AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum,
       LATERAL (VALUES
         ('number', a.attnum::text), ('type', format_type(a.atttypid, a.atttypmod)),
         ('collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END),
         ('not null', CASE WHEN a.attnotnull THEN 'yes' END),
         ('default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END),
         ('generated', CASE WHEN a.attgenerated <> '' THEN a.attgenerated::text || ' ' || pg_get_expr(d.adbin, d.adrelid) END),
         ('identity', nullif(a.attidentity::text, '')),
         ('storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END),
         ('compression', nullif(a.attcompression::text, '')),
         ('statistics', nullif(a.attstattarget, -1)::text),  -- the default is -1 until PostgreSQL 16, then NULL
         ('options', pg_temp.options(a.attoptions)),
         ('inherited', CASE WHEN NOT a.attislocal THEN 'yes' END),
         ('grants', CASE WHEN a.attacl IS NOT NULL THEN pg_temp.grants(a.attacl, 'c', c.relowner) END),
         ('initial grants', pg_temp.initial_grants('pg_class', a.attrelid, 'c', c.relowner, a.attnum)),
         ('comment', col_description(a.attrelid, a.attnum))) p (property, value);
INSERT INTO property
SELECT h.object, 'dropped columns', string_agg(a.attnum::text, ' ' ORDER BY a.attnum)
  FROM holder h JOIN pg_attribute a ON a.attrelid = h.relation AND a.attisdropped GROUP BY h.object;

INSERT INTO property
SELECT h.object || ', constraint ' || quote_ident(k.conname), p.property, p.value
  FROM (SELECT object, relation, 0::oid AS domain FROM holder
        UNION ALL SELECT object, 0, objid FROM member WHERE classid = 'pg_type'::regclass) h
  JOIN pg_constraint k ON k.conrelid = h.relation AND k.contypid = h.domain AND (h.relation <> 0 OR h.domain <> 0),
       LATERAL (VALUES ('definition', pg_get_constraintdef(k.oid)), ('validated', k.convalidated::text),
                       ('inherited', CASE WHEN NOT k.conislocal THEN 'yes' END),
                       ('no inherit', CASE WHEN k.connoinherit THEN 'yes' END),
                       -- A foreign key has some on either table.
                       ('triggers not enabled', (SELECT string_agg(format('%s on %s %s', t.tgfoid::regproc, t.tgrelid::regclass, t.tgenabled), ', '
                                                                   ORDER BY t.tgfoid::regproc::text COLLATE "C", t.tgrelid::regclass::text COLLATE "C")
                                                   FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled <> 'O')),
                       ('comment', obj_description(k.oid, 'pg_constraint'))) p (property, value);

INSERT INTO property
SELECT h.object || ', index ' || quote_ident(c.relname), p.property, p.value
  FROM holder h JOIN pg_index i ON i.indrelid = h.relation JOIN pg_class c ON c.oid = i.indexrelid,
       LATERAL (VALUES ('definition', pg_get_indexdef(c.oid)), ('owner', pg_get_userbyid(c.relowner)::text),
                       ('of a constraint', (SELECT 'yes' FROM pg_constraint k WHERE k.conindid = c.oid
                                              AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))),
                       ('state', concat_ws(' ', CASE WHEN NOT i.indisvalid THEN 'invalid' END,
                                           CASE WHEN i.indisclustered THEN 'clustered' END,
                                           CASE WHEN i.indisreplident THEN 'replica identity' END)),
                       ('depends on', pg_temp.depends_on('pg_class', c.oid)),
                       ('comment', obj_description(c.oid, 'pg_class'))) p (property, value);

INSERT INTO property
SELECT h.object || ', trigger ' || quote_ident(t.tgname), p.property, p.value
  FROM holder h JOIN pg_trigger t ON t.tgrelid = h.relation AND NOT t.tgisinternal,
       LATERAL (VALUES ('definition', pg_get_triggerdef(t.oid)), ('enabled', t.tgenabled::text),
                       ('depends on', pg_temp.depends_on('pg_trigger', t.oid)), ('comment', obj_description(t.oid, 'pg_trigger'))) p (property, value);

INSERT INTO property
SELECT h.object || ', rule ' || quote_ident(r.rulename), p.property, p.value
  FROM holder h JOIN pg_rewrite r ON r.ev_class = h.relation AND r.rulename <> '_RETURN',
       LATERAL (VALUES ('definition', pg_get_ruledef(r.oid)), ('enabled', r.ev_enabled::text),
                       ('comment', obj_description(r.oid, 'pg_rewrite'))) p (property, value);

INSERT INTO property
SELECT h.object || ', policy ' || quote_ident(p.polname), v.property, v.value
  FROM holder h JOIN pg_policy p ON p.polrelid = h.relation,
       LATERAL (VALUES ('command', p.polcmd::text || CASE WHEN p.polpermissive THEN ' permissive' ELSE ' restrictive' END),
                       ('roles', (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ' '
                                                    ORDER BY r::regrole::text COLLATE "C") FROM unnest(p.polroles) r)),
                       ('using', pg_get_expr(p.polqual, p.polrelid)), ('check', pg_get_expr(p.polwithcheck, p.polrelid)),
                       ('comment', obj_description(p.oid, 'pg_policy'))) v (property, value);

SELECT object || E'\t' || property || E'\t'
       || replace(replace(replace(value, E'\\', E'\\\\'), E'\t', E'\\t'), E'\n', E'\\n')
  FROM property
 WHERE value IS NOT NULL AND value <> ''
 ORDER BY object COLLATE "C", property COLLATE "C", value COLLATE "C";
