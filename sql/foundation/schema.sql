CREATE SCHEMA gatehouse AUTHORIZATION gatehouse_owner;
COMMENT ON SCHEMA gatehouse IS 'identity inside PostgreSQL: accounts, passwords, API keys, sessions and an audit log';
GRANT USAGE ON SCHEMA gatehouse TO gatehouse_app, gatehouse_auditor;
