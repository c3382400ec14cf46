-- rule: plpgsql_check has nothing to say of any function in PL/pgSQL
-- mend: mend the function, or name the finding below with its reason
-- needs: plpgsql_check
WITH justified (function, finding, reason) AS (VALUES
  ('enable_audit', 'detected "SELECT expr INTO variable"', 'once a table'),
  ('enable_audit', 'text type variable is not sanitized', 'the variable is a list of literals, each made by format %L'),
  ('get_row_history', 'query "SELECT c.id, %" returned 21 columns',
   'it takes a MOVE of a cursor with more than one column for a fault; PostgreSQL does not'),
  ('get_row_history', 'expression is not pure expression', 'it means the MOVE of a cursor'),
  ('get_row_history', 'target type is different type than source type', 'a name of the catalog becomes text, once a call'),
  ('make_leaf', 'text type variable is not sanitized', 'the variable is the definition of an index, made by pg_get_indexdef'),
  ('make_leaf', 'routine is marked as VOLATILE, should be STABLE', 'it makes a table, by statements that are put together'),
  ('lock_accounts', 'routine is marked as VOLATILE, should be STABLE', 'it locks within an expression, where plpgsql_check does not look'),
  ('record_audit_disabled', 'target type is different type than source type', 'likewise'),
  ('record_audit_enabled', 'target type is different type than source type', 'likewise'),
  ('refuse_duplicate', 'routine is marked as VOLATILE, should be IMMUTABLE', 'it raises, which no planner may do beforehand'))
SELECT b.signature || coalesce(':' || f.lineno, '') || ' ' || f.level || ': ' || f.message
  FROM member_body b JOIN pg_proc p USING (oid),
       LATERAL plpgsql_check_function_tb(b.oid, fatal_errors => false, other_warnings => true, extra_warnings => true,
                                         performance_warnings => true, security_warnings => true) f
 WHERE b.lanname = 'plpgsql' AND p.prorettype <> 'trigger'::regtype
   AND NOT EXISTS (SELECT FROM justified j WHERE b.proname = j.function AND f.message LIKE j.finding)
   -- Newer versions see that too; the lint of volatility looks at it, and knows the reasons.
   AND f.message <> 'routine is marked as STABLE, but expression is VOLATILE'
UNION ALL
SELECT b.signature || ' is a trigger function: name its table here, so that it can be checked'
  FROM member_body b JOIN pg_proc p USING (oid)
 WHERE b.lanname = 'plpgsql' AND p.prorettype = 'trigger'::regtype;
