-- For the lints over the installed catalog: the functions of the extension that have a readable body, without its comments
-- and literals, what it calls and what it reads. Whatever can't be parsed here is left to plpgsql_check. What is slow to find
-- and used more than once is a table.
CREATE TEMP TABLE member_body AS
SELECT p.oid, p.proname, p.oid::regprocedure::text AS signature, l.lanname, p.provolatile, p.proparallel, p.proconfig,
       p.prosqlbody IS NOT NULL AS is_parsed,
       regexp_replace(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc),
                      $$'([^']|'')*'|--[^\n]*|/\*([^*]|\*+[^*/])*\*+/$$, ' '' '' ', 'g') AS body
  FROM pg_depend d
  JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
  JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
 WHERE e.extname = 'gatehouse';

-- What a call by name may reach; where a name has several functions, the most harmless of them counts. Of a parsed body
-- pg_depend knows the very function, and that of an operator; but it has nothing of PostgreSQL's own. A trigger's function
-- can only be named there, since nothing calls it.
CREATE TEMP VIEW called AS
SELECT b.oid, p.oid::regproc::text AS callee, min(array_position('{i,s,v}', p.provolatile::text)) AS volatility,
       min(array_position('{s,r,u}', p.proparallel::text)) AS parallel
  FROM member_body b,
       LATERAL regexp_matches(b.body, '(?:\m([a-z_][a-z0-9_]*)"?\s*\.\s*"?)?\m([a-z_][a-z0-9_]*)"?\s*\(', 'gi') AS call (name)
  JOIN pg_namespace n ON true
  JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = lower(call.name[2])
                AND n.nspname = coalesce(lower(call.name[1]), 'pg_catalog')
 GROUP BY b.oid, p.oid::regproc::text
UNION
SELECT b.oid, p.oid::regproc::text, array_position('{i,s,v}', p.provolatile::text), array_position('{s,r,u}', p.proparallel::text)
  FROM member_body b
  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = b.oid
  LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
  JOIN pg_proc p ON p.oid = CASE d.refclassid WHEN 'pg_proc'::regclass THEN d.refobjid ELSE o.oprcode END
 WHERE b.is_parsed AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype);

-- Words that change something, lock rows, or run what cannot be read here.
CREATE TEMP VIEW writing AS
SELECT b.oid, b.signature, lower(regexp_replace(w.word[1], '\s+', ' ', 'g')) AS word
  FROM member_body b,
       LATERAL regexp_matches(b.body,
         '\m(insert\s+into|update\s+(?:only\s+)?"?[a-z0-9_]+"?\s*\.\s*"?[a-z0-9_]+|delete\s+from|merge\s+into|truncate|lock\s+table|execute|for\s+(?:no\s+key\s+)?update|for\s+(?:key\s+)?share)\M',
         'gi') AS w (word);

-- A body taken apart at its parentheses, each of which leaves {} in what is around it: then what is between two commas is an
-- item of one list. Operators that are qualified are left out.
CREATE TEMP TABLE piece AS
WITH RECURSIVE folded (oid, body) AS (
  SELECT oid, regexp_replace(regexp_replace(body, '\s*\.\s*', '.', 'g'),
                             '\moperator\s*\(\s*"?[a-z_][a-z0-9_$]*"?\.[^()]*\)', ' ', 'gi')
    FROM member_body
  UNION ALL
  SELECT oid, regexp_replace(body, '\([^()]*\)', '{}', 'g') FROM folded WHERE body ~ '\([^()]*\)'
)
SELECT f.oid, lower(inner_part.found[1]) AS word_before, inner_part.found[2] AS text
  FROM folded f, LATERAL regexp_matches(f.body, '([a-z0-9_]*)\s*\(([^()]*)\)', 'gi') AS inner_part (found)
UNION ALL
SELECT oid, '', body FROM folded WHERE body !~ '\([^()]*\)';

-- The names that stand where a relation does, in any place of a list. Variables after INTO are among them, and names of WITH.
CREATE TEMP TABLE named_relation AS
SELECT p.oid, lower(name.found[1]) AS schema_name, lower(name.found[2]) AS relation_name
  FROM piece p,
       LATERAL regexp_split_to_table(
         regexp_replace(
           regexp_replace(
             regexp_replace(p.text, '\mdistinct\s+from\M', ' ', 'gi'),
             '\m(?:where|group|order|having|limit|offset|fetch|window|union|intersect|except|set|values|select|returning|for'
             || '|when|then|loop)\M', ';', 'gi'),
           '\m(from|using|join|into|update|table)\M', ';{\1}', 'gi'),
         ';') AS list,
       LATERAL regexp_match(list, '^\{(\w+)\}(.*)$') AS start (found),
       LATERAL regexp_split_to_table(start.found[2], ',') AS item,
       LATERAL regexp_match(
         item, '^\s*(?:(?:only|lateral)\s+)*(?:"?([a-z_][a-z0-9_$]*)"?\.)?"?([a-z_][a-z0-9_$]*)"?(?![a-z0-9_$".])', 'i') AS name (found)
 -- With parentheses after it, it is a function; after INTO they are around its columns.
 WHERE lower(start.found[1]) IN ('into', 'update', 'table') OR item !~* '^\s*(?:(?:only|lateral)\s+)*[a-z0-9_$."]+\s*\{';

-- What an answer may depend on besides the arguments: a relation, or a word for the time, the role or the path.
CREATE TEMP VIEW reading AS
SELECT r.oid, c.oid::regclass::text AS what
  FROM named_relation r
  JOIN pg_class c ON c.relname = r.relation_name
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE CASE WHEN r.schema_name IS NULL THEN n.nspname <> 'information_schema' ELSE n.nspname = r.schema_name END
UNION
SELECT b.oid, d.refobjid::regclass::text
  FROM member_body b
  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = b.oid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class c ON c.oid = d.refobjid AND c.relkind <> 'c'
 WHERE b.is_parsed
UNION
SELECT b.oid, upper(w.word[1])
  FROM member_body b,
       LATERAL regexp_matches(b.body,
         '(?<![a-z0-9_$."])(current_(?:timestamp|date|time|user|role|schema|catalog)|localtime(?:stamp)?|(?:session_|system_)?user)'
         || '(?![a-z0-9_$".])', 'gi') AS w (word);
