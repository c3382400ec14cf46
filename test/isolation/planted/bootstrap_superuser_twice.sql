-- The row that makes it once may be there twice.
ALTER TABLE gatehouse.superuser_bootstrap DROP CONSTRAINT superuser_bootstrap_pkey;
