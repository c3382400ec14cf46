-- A function in C that is called with NULL looks for itself; one that does not reads address 0. Internal ones too: whoever may call
-- them may not make the server fall.
BEGIN;
SELECT plan(1);
SET LOCAL client_min_messages = warning;
\ir ../diagnose.psql

CREATE TEMP TABLE call AS
  SELECT p.proname AS function,
         format('SELECT gatehouse.%I(%s)', p.proname,
                (SELECT string_agg('NULL::' || format_type(t, NULL), ', ' ORDER BY i) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a (t, i)))
           AS statement
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
   WHERE p.pronamespace = 'gatehouse'::regnamespace AND l.lanname = 'c' AND NOT p.proisstrict AND p.pronargs > 0
     AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype);
SELECT is_empty($$
    SELECT c.function, e.state, e.message FROM call c, LATERAL pg_temp.diagnose(c.statement) e
     WHERE e.state <> '22023'
  $$, 'what a function in C says of NULLs is an answer, or error 22023');

SELECT * FROM finish();
ROLLBACK;
