# mod_orders: build, run, test. `make help` lists the targets.
.DEFAULT_GOAL := build
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

# Each variant has a build folder of its own. SAN=1: address and undefined-behaviour sanitizers, for the unit tests and tools. COV=1: counts what
# is run. ANALYZE=1: gcc's static analysis.
BUILD := build$(if $(SAN),/san)$(if $(COV),/cov)$(if $(ANALYZE),/analyze)
SANFLAGS := $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
COVFLAGS := $(if $(COV),--coverage -fprofile-update=atomic -O0)$(if $(ANALYZE),-fanalyzer -Og)

APXS := $(firstword $(wildcard /usr/bin/apxs /usr/bin/apxs2) apxs)
PKGS := libmongoc-1.0 jansson libjwt libcrypto apr-1 apr-util-1
# Expanded on use, so that `make help` and the install step work before anything is installed.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g'))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)
HTTPD_CFLAGS = $(eval HTTPD_CFLAGS := $$(shell $(APXS) -q EXTRA_CPPFLAGS) -isystem $$(shell $(APXS) -q INCLUDEDIR))$(HTTPD_CFLAGS)

CC := gcc
CFLAGS := -std=c11 -O2 -g -Wall -Wextra -Werror -fPIC -fstack-protector-strong -D_GNU_SOURCE
ALL_CFLAGS = $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Imod_orders $(PKG_CFLAGS)
LDFLAGS := -Wl,-z,relro,-z,now $(SANFLAGS) $(if $(COV),--coverage)

CORE_SRC := $(wildcard mod_orders/core/*.c)
MODULE_SRC := $(wildcard mod_orders/*.c)
CTL_SRC := $(wildcard mod_orders/ctl/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)

CORE_OBJ := $(CORE_SRC:%.c=$(BUILD)/%.o)
MODULE_OBJ := $(MODULE_SRC:%.c=$(BUILD)/%.o)
CTL_OBJ := $(CTL_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)

.PHONY: build
build: $(BUILD)/mod_orders.so $(BUILD)/ordersctl

$(BUILD)/liborders_core.a: $(CORE_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/mod_orders.so: $(MODULE_OBJ) $(BUILD)/liborders_core.a
	$(CC) -shared -o $@ $(MODULE_OBJ) $(BUILD)/liborders_core.a $(LDFLAGS) $(PKG_LIBS)

$(BUILD)/ordersctl: $(CTL_OBJ) $(BUILD)/liborders_core.a
	$(CC) -o $@ $^ $(LDFLAGS) $(PKG_LIBS) -lwslay -lssl

$(BUILD)/mod_orders/core/%.o: mod_orders/core/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/mod_orders/%.o: mod_orders/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(HTTPD_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/mod_orders/openapi.o: mod_orders/openapi.json

$(BUILD)/mod_orders/ctl/%.o: mod_orders/ctl/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/liborders_core.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(BUILD)/liborders_core.a $(LDFLAGS) $(PKG_LIBS) -lcmocka

.PHONY: unit-tests
unit-tests: $(UNIT_BIN)

-include $(CORE_OBJ:.o=.d) $(MODULE_OBJ:.o=.d) $(CTL_OBJ:.o=.d) $(UNIT_BIN:=.d)

include wsbridge/build.mk
include wsbridge/bridge.mk
include tests/bench/floor/build.mk

# --- The pages: htdocs/dist ----------------------------------------------------------------------------------------------------------------
.PHONY: pages
pages: htdocs/dist/.built ## the dashboards, built from htdocs/src; on their own: npm --prefix htdocs run dev

# The folders stand for what was taken out of them. The build makes its mark last, so that one that failed is done again.
htdocs/dist/.built: $(shell find htdocs/src htdocs/public htdocs/scripts ! -name '*.test.*') $(wildcard htdocs/*.json htdocs/*.ts htdocs/*.html htdocs/.npmrc)
	@conf/install pages
	conf/with-node npm --prefix htdocs run -s build

.PHONY: budgets
budgets: pages ## what the browser has to fetch, in kB, and whether that is within bounds
	@conf/with-node npm --prefix htdocs run -s budgets

# --- Running it: conf/launch says what it does --------------------------------------------------------------------------------------------
.PHONY: run start stop status logs
run: ## install what is missing, build, and run in the foreground until Ctrl-C (PORT, RUN_DIR, MONGODB_URI …: .env.example)
start: ## the same in the background
stop: ## end either
status: ## does it run? (exit status 0: yes)
logs: ## follow the requests, warnings and errors
run start stop status logs:
	@conf/launch $@

# --- Checking it ---------------------------------------------------------------------------------------------------------------------------
.PHONY: install
install: # for the build; what the other targets need they install themselves
	@conf/install build

.PHONY: test
test: ## install what is missing, build, and run all tests; GROUPS="unit api" runs some (unit sanitized pages api ops live torture browser)
	@conf/install build pages database test live browser
	@$(MAKE) -s build pages
	@build/venv/bin/python tests/run $(GROUPS)

.PHONY: bench-pages
bench-pages: ## how fast the pages are: push to screen, Lighthouse
	@tests/bench/pages.sh

.PHONY: screenshots
screenshots: ## the pictures in docs/img, anew
	@conf/install build pages database browser
	@conf/with-node npm --prefix tests/browser run -s screenshots

.PHONY: torture
torture: ## random orders, changes and crashes, and whether all that was told can be true (ORDERS=3000 CLIENTS=16 CHAPTER=600 SEED=… KEEP=file)
	@conf/install build database test
	@$(MAKE) -s build
	@build/venv/bin/python tests/torture/play.py --orders $(or $(ORDERS),3000) --clients $(or $(CLIENTS),16) \
	    --chapter $(or $(CHAPTER),600) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep $(KEEP))

.PHONY: torture-million
torture-million: ## the same until a million orders are placed, on the database of `make bench`; takes an hour and more
	@conf/install bench
	@database=$$(/usr/bin/python3 tests/bench/compare/database.py) && \
	    SECANTUSD="$$database" $(MAKE) -s torture ORDERS=1000000 CHAPTER=3000

.PHONY: lint
lint: ## clang-format, clang-tidy, gcc -fanalyzer, shellcheck, Biome, tsc: no finding is allowed
	@conf/install build pages test lint
	@tests/lint

.PHONY: coverage
coverage: ## how much of the code the tests run: a figure, and build/coverage/index.html
	@conf/install build database test coverage
	@tests/coverage

# What the bench is told: ROWS="3 5" ROUNDS=3 SECONDS=4 ORDERS=2000 POOL=64 QUICK=1 ANYWAY=1 WRITE=1. SECONDS is a variable of the shell's own, too.
BENCH_OPTIONS = $(if $(ROWS),--rows "$(ROWS)") $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(filter command,$(firstword $(origin SECONDS))),--seconds $(SECONDS)) \
    $(if $(ORDERS),--orders $(ORDERS)) $(if $(POOL),--pool $(POOL)) $(if $(QUICK),--quick) $(if $(ANYWAY),--anyway) $(if $(WRITE),--write)

.PHONY: bench
bench: ## measure beside two Node servers; ROWS="3 5" ROUNDS=3 SECONDS=4 are parts, QUICK=1 a try, WRITE=1 renews docs/performance.md
	@conf/install build bench
	@/usr/bin/python3 tests/bench/compare $(BENCH_OPTIONS)

compile_commands.json: Makefile $(CORE_SRC) $(MODULE_SRC) $(CTL_SRC) $(UNIT_SRC) ## the compiler's command for each file, for editors and clang-tidy
	@$(MAKE) -snB SAN= COV= ANALYZE= build unit-tests fuzz-replay live-checks | awk -v folder="$(CURDIR)" -f tests/compile_commands.awk >$@

.PHONY: clean
clean: ## remove what was built; the Python environment and the state in .run stay
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name venv -exec rm -rf {} +
	@rm -rf compile_commands.json htdocs/dist

.PHONY: help
help: ## this list
	@echo "make [build]: the module build/mod_orders.so and the tool build/ordersctl"
	@sed -n 's/^\([a-z_.-]*\):[^#]*## \(.*\)/make \1: \2/p' Makefile
