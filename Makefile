# gatehouse: the PGXS build of the extension, and the developer's targets. `make help` lists them.

EXTENSION = gatehouse
MODULE_big = gatehouse

include src/sources.mk

OBJS = $(CORE_SOURCES:.cpp=.o) $(EDGE_SOURCES:.cpp=.o)
DATA = $(wildcard sql/gatehouse--*.sql)

PG_CPPFLAGS = -I$(CURDIR)/src
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Wno-register -Wno-unused-parameter -Wno-missing-field-initializers -MMD -MP $(if $(CI),-Werror)
SHLIB_LINK = -Wl,--version-script=src/gatehouse.map -lsodium -lcrypt -lcrypto -lz -lstdc++

REGRESS = $(basename $(notdir $(sort $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test --expecteddir=.

EXTRA_CLEAN = $(OBJS:.o=.d) build results tmp_check

# The bitcode rule of PostgreSQL 15 ignores PG_CXXFLAGS, and nothing here gains from being inlined by JIT.
override with_llvm = no

PG_CONFIG ?= pg_config
ifeq ($(filter help setup,$(MAKECMDGOALS)),)
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
endif

-include $(OBJS:.o=.d)

# The readable truth of the current SQL version is sql/<domain>/*.sql; its install script is their sum.
SQL_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" gatehouse.control)
SQL_PARTS = \
	sql/foundation/requirements.sql sql/foundation/roles.sql sql/foundation/schema.sql \
	sql/operation/functions.sql \
	sql/primitives/functions.sql \
	sql/accounts/tables.sql sql/accounts/policy.sql sql/accounts/functions.sql \
	sql/api_keys/tables.sql sql/api_keys/functions.sql \
	sql/sessions/tables.sql sql/sessions/functions.sql \
	sql/audit/tables.sql sql/audit/events.sql sql/audit/row_changes.sql

.PHONY: sql
sql: ## assemble the install script of the current SQL version from its parts
	tools/assemble-sql $(SQL_PARTS) > sql/gatehouse--$(SQL_VERSION).sql.new
	mv sql/gatehouse--$(SQL_VERSION).sql.new sql/gatehouse--$(SQL_VERSION).sql
