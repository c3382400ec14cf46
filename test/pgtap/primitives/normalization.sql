-- Passwords are compared in NFC: what a keyboard composes and what it decomposes is one password, what only looks alike
-- is not.
BEGIN;
SELECT plan(10);
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

SELECT ok(gatehouse.verify_password(E'cafe\u0301', gatehouse.hash_password(E'caf\u00e9')),
  'the decomposed form opens what the composed form made');
SELECT ok(gatehouse.verify_password(E'caf\u00e9', gatehouse.hash_password(E'cafe\u0301')),
  'the composed form opens what the decomposed form made');
SELECT ok(gatehouse.verify_password(E'\u212b', gatehouse.hash_password(E'A\u030a')),
  'the angstrom sign is the letter A with a ring');
SELECT ok(gatehouse.verify_password(E'\u1100\u1161\u11a8', gatehouse.hash_password(E'\uac01')),
  'Hangul jamo are their syllable');
SELECT ok(gatehouse.verify_password(E'q\u0307\u0323', gatehouse.hash_password(E'q\u0323\u0307')),
  'the order of marks that do not touch makes no difference');
SELECT ok(NOT gatehouse.verify_password('fi', gatehouse.hash_password(E'\ufb01')), 'a ligature is not its letters');
SELECT ok(NOT gatehouse.verify_password('2', gatehouse.hash_password(E'\u00b2')), 'a superscript is not its digit');
SELECT ok(NOT gatehouse.verify_password('cafe', gatehouse.hash_password(E'caf\u00e9')), 'an accent counts');
SELECT ok(NOT gatehouse.verify_password('A', gatehouse.hash_password('a')), 'case counts');

SELECT * FROM finish();
ROLLBACK;
