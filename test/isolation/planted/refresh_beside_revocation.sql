-- The session is read, and changed whatever it is by then.
\ir refresh_without_check.psql
