-- What PostgreSQL runs as a table's owner, while somebody else maintains the table, has the owner's rights and no more.
BEGIN;
SELECT plan(8);
SET LOCAL client_min_messages = warning;

CREATE ROLE gatehouse_test_app IN ROLE gatehouse_app;
CREATE SCHEMA bait AUTHORIZATION gatehouse_test_app;
CREATE TABLE public.ledger (id integer PRIMARY KEY);
GRANT INSERT ON public.ledger TO gatehouse_test_app;
SELECT gatehouse.enable_audit('public.ledger');

SET LOCAL ROLE gatehouse_test_app;
CREATE TABLE bait.outcome (attempt text, state text);
-- ANALYZE evaluates the expressions of a table's indexes, REFRESH a materialized view's query.
CREATE FUNCTION bait.attempt(attempt text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    EXECUTE statement;
    INSERT INTO bait.outcome VALUES (attempt, '00000');
  EXCEPTION WHEN OTHERS THEN
    INSERT INTO bait.outcome VALUES (attempt, SQLSTATE);
  END;
  RETURN attempt;
END
$$;
CREATE FUNCTION bait.spring(row_number integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF row_number > 0 THEN
    PERFORM bait.attempt('superuser', $a$SELECT gatehouse.create_user('mallory@example.com', 'mallory', is_superuser => true)$a$),
            bait.attempt('service key', $a$SELECT gatehouse.create_api_key(NULL, 'mallory')$a$),
            bait.attempt('deleted', $a$SELECT gatehouse.get_user_by_username('mallory', include_deleted => true)$a$),
            bait.attempt('audited', $a$INSERT INTO public.ledger VALUES (1)$a$);
  END IF;
  RETURN row_number;
END
$$;
CREATE TABLE bait.trap (n integer);
INSERT INTO bait.trap VALUES (1);
CREATE FUNCTION bait.asleep(row_number integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
  $$BEGIN RETURN row_number; END$$;
RESET ROLE;
SELECT is_empty('TABLE bait.outcome', 'nothing was attempted yet');

SET LOCAL ROLE gatehouse_test_app;
CREATE FUNCTION bait.look() RETURNS text LANGUAGE sql AS
  $$SELECT bait.attempt('superuser by a view', 'SELECT gatehouse.create_user(''eve@example.com'', ''eve-eve'', is_superuser => true)')$$;
CREATE MATERIALIZED VIEW bait.mirror AS SELECT bait.look() AS seen WITH NO DATA;
CREATE INDEX ON bait.trap (bait.asleep(n));
CREATE OR REPLACE FUNCTION bait.asleep(row_number integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
  $$BEGIN RETURN bait.spring(row_number); END$$;
RESET ROLE;

SELECT ok(pg_has_role(current_user, 'gatehouse_admin', 'USAGE'), 'who maintains the tables is an administrator');
ANALYZE bait.trap;
REFRESH MATERIALIZED VIEW bait.mirror;
SELECT set_eq('SELECT DISTINCT attempt, state FROM bait.outcome',
  $$VALUES ('superuser', '42501'), ('service key', '42501'), ('deleted', '42501'), ('superuser by a view', '42501'),
           ('audited', '00000')$$,
  'ANALYZE and REFRESH by an administrator lend the tables'' owner none of his rights');
SELECT is_empty($$SELECT username FROM gatehouse.users WHERE is_superuser AND username IN ('mallory', 'eve-eve')$$,
  'no superuser came of it');
SELECT results_eq($$SELECT operation, db_role FROM gatehouse.row_changes WHERE table_name = 'ledger'$$,
  $$VALUES ('INSERT', 'gatehouse_test_app')$$, 'and the log names the tables'' owner');

-- A cascade runs what the owner of the referencing table wrote, when somebody else deletes.
CREATE TABLE public.parent (id integer PRIMARY KEY);
GRANT REFERENCES ON public.parent TO gatehouse_test_app;
SET LOCAL ROLE gatehouse_test_app;
TRUNCATE bait.outcome;
CREATE TABLE bait.child (id integer REFERENCES public.parent ON DELETE CASCADE);
CREATE FUNCTION bait.on_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bait.attempt('superuser', $a$SELECT gatehouse.create_user('viola@example.com', 'viola', is_superuser => true)$a$),
          bait.attempt('account', $a$SELECT gatehouse.create_user('viola@example.com', 'viola')$a$);
  RETURN OLD;
END
$$;
CREATE TRIGGER on_delete BEFORE DELETE ON bait.child FOR EACH ROW EXECUTE FUNCTION bait.on_delete();
RESET ROLE;
INSERT INTO public.parent VALUES (1);
SET LOCAL ROLE gatehouse_test_app;
INSERT INTO bait.child VALUES (1);
RESET ROLE;
DELETE FROM public.parent;
SELECT set_eq('SELECT attempt, state FROM bait.outcome', $$VALUES ('superuser', '42501'), ('account', '00000')$$,
  'an administrator''s deletion lends the owner of a referencing table none of his rights');
SELECT is((SELECT is_superuser FROM gatehouse.get_user_by_username('viola')), false, 'no superuser came of it');

SELECT is((gatehouse.create_user('root@example.com', 'root', is_superuser => true)).is_superuser, true,
  'the same administrator can by himself');

SELECT * FROM finish();
ROLLBACK;
