-- The launcher and a worker of this database, which gatehouse.worker_databases names: what a login leaves although it is rolled
-- back is written by them.
\pset pager off
\o /dev/null
SET client_min_messages = warning;
SET gatehouse.argon2_memory = '7MB';
SET gatehouse.argon2_iterations = 5;

CREATE PROCEDURE pg_temp.await(condition text) LANGUAGE plpgsql AS $$
DECLARE
  holds boolean;
BEGIN
  FOR try IN 1..3000 LOOP
    EXECUTE 'SELECT ' || condition INTO holds;
    IF holds THEN
      RETURN;
    END IF;
    PERFORM pg_sleep(0.1);
  END LOOP;
  RAISE EXCEPTION 'it never became true that %', condition;
END
$$;

-- The launcher looks for databases anew.
SELECT pg_reload_conf();
CALL pg_temp.await('gatehouse.worker_serves_database()');
BEGIN;
SELECT * FROM gatehouse.authenticate_user('nobody', 'wrong', '192.0.2.1', 'agent');
ROLLBACK;
CALL pg_temp.await($$EXISTS (SELECT FROM gatehouse.events WHERE event_type = 'security.login_failed')$$);
CALL pg_temp.await('EXISTS (SELECT FROM gatehouse.login_throttles)');
