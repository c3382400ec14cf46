-- The index that tells identities apart is gone.
DROP INDEX gatehouse.oauth_identities_live;
