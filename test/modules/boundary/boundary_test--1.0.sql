\echo Use "CREATE EXTENSION boundary_test" to load this file. \quit

CREATE FUNCTION boundary_throw(what integer) RETURNS integer
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_throw';
CREATE FUNCTION boundary_raise(fault integer) RETURNS void
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_raise';
CREATE FUNCTION boundary_fault(fault integer, OUT sqlstate text, OUT message text, OUT hint text)
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_faults';
CREATE FUNCTION boundary_leak_malloc(bytes integer) RETURNS void
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_leak_malloc';
CREATE FUNCTION boundary_leak_palloc(bytes integer) RETURNS void
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_leak_palloc';
CREATE FUNCTION boundary_hold_secret(masked bytea, mask integer, guarded boolean, fail boolean) RETURNS bigint
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_hold_secret';
CREATE FUNCTION scan_memory(masked bytea, mask integer) RETURNS bigint
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_scan_memory';
CREATE FUNCTION boundary_resident() RETURNS bigint
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'boundary_test_resident';
