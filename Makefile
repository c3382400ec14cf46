# gatehouse: the PGXS build of the extension. The developer's targets are in make/; `make help` lists all.

EXTENSION = gatehouse
MODULE_big = gatehouse

include src/sources.mk

OBJS = $(CORE_SOURCES:.cpp=.o) $(EDGE_SOURCES:.cpp=.o)
DATA = $(wildcard sql/gatehouse--*.sql)

PG_CPPFLAGS = -Isrc
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Wno-register -Wno-unused-parameter -Wno-missing-field-initializers -MMD -MP $(if $(CI),-Werror)
# PostgreSQL's own flags are the ones for the compiler that built it, which was gcc.
PG_CXXFLAGS += $(if $(findstring clang,$(CXX)),-Wno-unknown-warning-option -Wno-ignored-attributes -Wno-ignored-optimization-argument -Wno-unused-command-line-argument)
SHLIB_LINK = -Wl,--version-script=src/gatehouse.map -lsodium -lcrypt -lcrypto -lz -lstdc++

# The first installs what the others use. Answers are found in expected/ below the output directory, which is this one.
REGRESS = install $(filter-out install,$(basename $(notdir $(sort $(wildcard test/sql/*.sql)))))
REGRESS_OPTS = --inputdir=test

EXTRA_CLEAN = $(OBJS:.o=.d) build results tmp_check

# The bitcode rule of PostgreSQL 15 ignores PG_CXXFLAGS, and nothing here gains from being inlined by JIT.
override with_llvm = no

# The targets of make/ do without PostgreSQL, or install it first; every other goal needs PGXS.
WITHOUT_PGXS := $(shell sed -n 's/^\([a-z][a-z -]*\):[^\#]*\#\#.*/\1/p' make/*.mk)
ifneq ($(filter-out $(WITHOUT_PGXS),$(or $(MAKECMDGOALS),all)),)
ifndef PG_CONFIG
PG_CONFIG := $(shell tools/find-pg-config)
endif
ifeq ($(PG_CONFIG),)
$(error no PostgreSQL from 15 on with server headers found: run `make setup`, or say PG_CONFIG=/path/to/pg_config)
endif
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

-include $(OBJS:.o=.d)

# Objects made for one major or with other flags are no good for the next.
$(OBJS): build/made-with
gatehouse.so: src/gatehouse.map
build/made-with: FORCE
	@mkdir -p build
	@{ $(PG_CONFIG) --version --includedir-server; echo '$(CXX) $(PG_CXXFLAGS)'; } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
FORCE:
endif

include $(wildcard make/*.mk)
