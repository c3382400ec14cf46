-- rule: a function that is marked PARALLEL SAFE or RESTRICTED neither writes nor calls what is less safe than itself
-- mend: leave the mark out, or mark what it calls by what that does
SELECT w.signature || ' does ' || w.word
  FROM writing w JOIN member_body b USING (oid)
 WHERE b.proparallel <> 'u'
UNION
SELECT b.signature || ' calls ' || c.callee
  FROM member_body b JOIN called c USING (oid)
 WHERE c.parallel > array_position('{s,r,u}', b.proparallel::text);
