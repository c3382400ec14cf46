-- The index that tells accounts apart is gone.
DROP INDEX gatehouse.users_email_live;
