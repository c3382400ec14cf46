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
