-- rule: a body that is read anew at each call, without a pinned search_path, qualifies every function, relation and operator
-- mend: write BEGIN ATOMIC, or SET search_path, or schema.name and OPERATOR(schema.op) throughout
WITH unpinned AS (
  SELECT oid, signature, regexp_replace(body, 'OPERATOR\s*\([^)]*\)', ' ', 'gi') AS body
    FROM member_body
   WHERE NOT is_parsed AND NOT EXISTS (SELECT FROM unnest(proconfig) s WHERE s LIKE 'search\_path=%')
)
SELECT u.signature || ' calls ' || m.found[1]
  FROM unpinned u, LATERAL regexp_matches(u.body, '(?<![a-z0-9_.])([a-z_][a-z0-9_]*)\s*\(', 'gi') m (found)
 WHERE EXISTS (SELECT FROM pg_proc p WHERE p.proname = lower(m.found[1]))
UNION
SELECT u.signature || ' uses the relation ' || m.found[1]
  FROM unpinned u,
       LATERAL regexp_matches(u.body, '\m(?:from|join|into|update)\s+(?:only\s+)?([a-z_][a-z0-9_]*)(?!\s*[.(]|[a-z0-9_])', 'gi') m (found)
 WHERE EXISTS (SELECT FROM pg_class c WHERE c.relname = lower(m.found[1]))
UNION
SELECT u.signature || ' uses the operator ' || m.found[1]
  FROM unpinned u,
       LATERAL regexp_matches(regexp_replace(u.body, '::|:=|=>|\.\*|\(\s*\*\s*\)|\mselect\s+\*', ' ', 'gi'), '([-+*/<>=~!@#%^&|`?]+)', 'g') m (found);
