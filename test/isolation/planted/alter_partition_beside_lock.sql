-- The partitions are looked up as PostgreSQL does, by locking each.
CREATE OR REPLACE FUNCTION gatehouse.partition_tree(relation regclass) RETURNS SETOF regclass LANGUAGE sql VOLATILE STRICT AS
$$ SELECT p.relid FROM pg_catalog.pg_partition_tree(relation) p UNION SELECT relation $$;
