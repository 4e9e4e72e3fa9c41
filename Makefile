# mod_orders: build, run, test. `make help` lists the targets.
.DEFAULT_GOAL := build
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

# SAN=1: address and undefined-behaviour sanitizers for the unit tests and tools, in a build folder of their own.
BUILD := build$(if $(SAN),/san)$(if $(COV),/cov)
SANFLAGS := $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
COVFLAGS := $(if $(COV),--coverage -O0)

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
	$(CC) -o $@ $^ $(LDFLAGS) $(PKG_LIBS)

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

# --- Running it: conf/launch says what it does --------------------------------------------------------------------------------------------
.PHONY: run start stop status logs
run start stop status logs:
	@conf/launch $@

.PHONY: clean
clean: # what was built; the Python environment and the state in .run stay
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name venv -exec rm -rf {} +
	@rm -f compile_commands.json
