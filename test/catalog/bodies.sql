-- For the lints over the installed catalog: the functions of the extension that have a readable body, without its comments
-- and literals, and what it calls. Whatever can't be parsed here is left to plpgsql_check.
CREATE TEMP VIEW member_body AS
SELECT p.oid, p.proname, p.oid::regprocedure::text AS signature, l.lanname, p.provolatile, p.proparallel, p.proconfig,
       p.prosqlbody IS NOT NULL AS is_parsed,
       regexp_replace(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc),
                      $$'([^']|'')*'|--[^\n]*|/\*([^*]|\*+[^*/])*\*+/$$, ' '' '' ', 'g') AS body
  FROM pg_depend d
  JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
  JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
 WHERE e.extname = 'gatehouse';

-- What a call by name may reach; where a name has several functions, the most harmless of them counts.
CREATE TEMP VIEW called AS
SELECT b.oid, p.oid::regproc::text AS callee, min(array_position('{i,s,v}', p.provolatile::text)) AS volatility,
       min(array_position('{s,r,u}', p.proparallel::text)) AS parallel
  FROM member_body b,
       LATERAL regexp_matches(b.body, '(?:\m([a-z_][a-z0-9_]*)\s*\.\s*)?\m([a-z_][a-z0-9_]*)\s*\(', 'gi') AS call (name)
  JOIN pg_namespace n ON true
  JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = lower(call.name[2])
                AND n.nspname = coalesce(lower(call.name[1]), 'pg_catalog')
 GROUP BY b.oid, p.oid::regproc::text;

-- Words that change something, lock rows, or run what cannot be read here.
CREATE TEMP VIEW writing AS
SELECT b.oid, b.signature, lower(regexp_replace(w.word[1], '\s+', ' ', 'g')) AS word
  FROM member_body b,
       LATERAL regexp_matches(b.body,
         '\m(insert\s+into|update\s+(?:only\s+)?[a-z_]+\s*\.\s*[a-z_]+|delete\s+from|merge\s+into|truncate|lock\s+table|execute|for\s+(?:no\s+key\s+)?update|for\s+(?:key\s+)?share)\M',
         'gi') AS w (word);
