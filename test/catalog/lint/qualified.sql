-- rule: a body read anew at each call, without a pinned search_path, qualifies each function, relation, operator, type and collation
-- mend: write BEGIN ATOMIC, or SET search_path = pg_catalog, pg_temp, or schema.name and OPERATOR(schema.op) throughout
-- While every body is pinned or parsed, as test/pgtap/foundation/definers.sql demands, there is nothing to look at: the planted
-- functions show that it would see. What is written by a keyword and takes an operator from the path has no qualified form.
WITH unpinned AS (
  SELECT b.oid, b.signature, b.lanname, p.word_before, p.text
    FROM member_body b JOIN piece p USING (oid)
   WHERE NOT b.is_parsed AND ('search_path=pg_catalog, pg_temp' = ANY (b.proconfig)) IS NOT TRUE
),
type_name (oid, signature, quote, name) AS (
  SELECT u.oid, u.signature, m.found[1], lower(m.found[2])
    FROM unpinned u, LATERAL regexp_matches(u.text, '::\s*("?)([a-z_][a-z0-9_$]*)"?(?![a-z0-9_$".])', 'gi') m (found)
  UNION ALL
  SELECT u.oid, u.signature, m.found[1], lower(m.found[2])
    FROM unpinned u, LATERAL regexp_matches(u.text, '\mas\s+("?)([a-z_][a-z0-9_$]*)"?(?![a-z0-9_$".])', 'gi') m (found)
   WHERE u.word_before = 'cast'
  UNION ALL
  -- date '...', which only a name that is a type's can be
  SELECT u.oid, u.signature, m.found[1], lower(m.found[2])
    FROM unpinned u, LATERAL regexp_matches(u.text, $$(?<![a-z0-9_$."])("?)([a-z_][a-z0-9_$]*)"?\s+'$$, 'gi') m (found)
   WHERE EXISTS (SELECT FROM pg_type t WHERE t.typname = lower(m.found[2]))
  UNION ALL
  SELECT u.oid, u.signature, m.found[1], lower(m.found[2])
    FROM unpinned u,
         LATERAL regexp_matches(u.text, '\mdeclare\M(.*?)\mbegin\M', 'gi') block (found),
         LATERAL regexp_split_to_table(block.found[1], ';') variable,
         LATERAL regexp_matches(variable,
           '^\s*"?[a-z_][a-z0-9_$]*"?\s+(?:constant\s+)?("?)([a-z_][a-z0-9_$]*)"?(?![a-z0-9_$".])', 'gi') m (found)
   WHERE u.lanname = 'plpgsql' AND EXISTS (SELECT FROM pg_type t WHERE t.typname = lower(m.found[2]))
)
SELECT u.signature || ' calls ' || m.found[1]
  FROM unpinned u,
       -- the parentheses of a type's modifiers and of an alias's columns are no call
       LATERAL regexp_matches(regexp_replace(u.text, '(?:::|\mas\s)\s*"?[a-z_][a-z0-9_$]*"?\s*\{\}', ' ', 'gi'),
         '(?<![a-z0-9_$."])"?([a-z_][a-z0-9_$]*)"?\s*\{\}', 'gi') m (found)
 WHERE EXISTS (SELECT FROM pg_proc p WHERE p.proname = lower(m.found[1]))
UNION
SELECT u.signature || ' uses the relation ' || r.relation_name
  FROM unpinned u JOIN named_relation r USING (oid)
 WHERE r.schema_name IS NULL AND EXISTS (SELECT FROM pg_class c WHERE c.relname = r.relation_name)
UNION
SELECT u.signature || ' uses the operator ' || m.found[1]
  FROM unpinned u,
       LATERAL regexp_matches(
         regexp_replace(u.text, '"[^"]*"|::|:=|=>|\.\*|^\s*\*\s*$|\mselect\s+\*|%(?:row)?type\M', ' ', 'gi'),
         '([-+*/<>=~!@#%^&|`?]+)', 'g') m (found)
UNION
SELECT u.signature || ' uses the operator of ' || upper(regexp_replace(m.found[1], '\s+', ' ', 'g'))
  FROM unpinned u,
       LATERAL regexp_matches(
         regexp_replace(u.text, '\mfor(?:each)?\s+[a-z0-9_$.]+(?:\s*,\s*[a-z0-9_$.]+)*\s+in\M', ' ', 'gi'),
         '\m(i?like\M|similar\s+to\M|between\M|is\s+(?:not\s+)?distinct\s+from\M|natural\M|(?:in|nullif|using)(?=\s*\{)'
         || '|case(?=\s+(?!when\M)[^\s;]))', 'gi') m (found)
UNION
SELECT t.signature || ' uses the type ' || t.name
  FROM type_name t
 -- These are words of the grammar, which mean pg_catalog's unless they are quoted.
 WHERE NOT (t.quote = '' AND t.name IN ('bigint', 'bit', 'boolean', 'char', 'character', 'dec', 'decimal', 'double', 'float', 'int',
                                        'integer', 'interval', 'national', 'nchar', 'numeric', 'real', 'smallint', 'time',
                                        'timestamp', 'varchar'))
UNION
SELECT u.signature || ' uses the collation ' || m.found[1]
  FROM unpinned u, LATERAL regexp_matches(u.text, '\mcollate\s+("[^"]+"|[a-z_][a-z0-9_$]*)(?![a-z0-9_$".])', 'gi') m (found);
