DO $$
BEGIN
  IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
    RAISE EXCEPTION 'gatehouse needs a database with encoding UTF8'
      USING ERRCODE = '55000', HINT = 'Create the database with ENCODING ''UTF8''.';
  END IF;
END
$$;
