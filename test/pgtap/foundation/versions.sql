-- One version everywhere.
BEGIN;
SELECT plan(4);

SELECT is(gatehouse.version(), (SELECT extversion FROM pg_extension WHERE extname = 'gatehouse'),
  'version() is the version of the installed extension');
-- Where the extension is found by way of extension_destdir, the server does not list it.
SELECT coalesce(
  (SELECT is(default_version, gatehouse.version(), 'version() is the default version of the control file')
     FROM pg_available_extensions WHERE name = 'gatehouse'),
  skip('the control file cannot be seen', 1));
SELECT matches(gatehouse.version(), '^\d+\.\d+$', 'version() is MAJOR.MINOR');
SELECT matches(gatehouse.library_version(), '^' || replace(gatehouse.version(), '.', '\.') || '\.\d+$',
  'library_version() is version() and a patch level');

SELECT * FROM finish();
ROLLBACK;
