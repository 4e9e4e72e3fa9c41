# The bridge's protocol library, wsecho on it, and their tests. Included from the Makefile.
# wslay and http-parser ship no pkg-config files on every Debian; their headers and libraries are in the standard places.
PROTOCOL_PKGS := libevent_core jansson libcrypto
PROTOCOL_CFLAGS = $(eval PROTOCOL_CFLAGS := $$(shell pkg-config --cflags $(PROTOCOL_PKGS) | sed 's/-I/-isystem /g'))$(PROTOCOL_CFLAGS)
PROTOCOL_LIBS = $(eval PROTOCOL_LIBS := $$(shell pkg-config --libs $(PROTOCOL_PKGS)) -lwslay -lhttp_parser)$(PROTOCOL_LIBS)

PROTOCOL_SRC := $(wildcard wsbridge/protocol/*.c)
PROTOCOL_OBJ := $(PROTOCOL_SRC:%.c=$(BUILD)/obj/%.o)
PROTOCOL_LIB := $(BUILD)/libprotocol.a

.PHONY: wsecho
build: wsecho
wsecho: $(BUILD)/wsecho

$(PROTOCOL_LIB): $(PROTOCOL_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/obj/wsbridge/protocol/%.o: wsbridge/protocol/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/wsbridge/wsecho.o: wsbridge/wsecho.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/wsecho: $(BUILD)/obj/wsbridge/wsecho.o $(PROTOCOL_LIB)
	$(CC) -o $@ $^ $(LDFLAGS) $(PROTOCOL_LIBS)

# Unit tests of the library: no database, no Apache, no pools.
$(BUILD)/tests/unit/test_ws_%: tests/unit/test_ws_%.c $(PROTOCOL_LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -o $@ $< $(PROTOCOL_LIB) $(LDFLAGS) $(PROTOCOL_LIBS) -lcmocka

-include $(PROTOCOL_OBJ:.o=.d) $(BUILD)/obj/wsbridge/wsecho.d $(wildcard $(BUILD)/tests/fuzz/*.d)

# --- Fuzzing -------------------------------------------------------------------------------------------------------------------------------
# fuzz-replay: programs that feed the corpus to the targets, for the tests. fuzz: the same targets for libFuzzer, which needs clang.
FUZZ_TARGETS := packets server
FUZZ_SECONDS := 60

.PHONY: fuzz-replay
fuzz-replay: $(FUZZ_TARGETS:%=$(BUILD)/fuzz/replay_%) ## programs that feed tests/fuzz/corpus to the fuzz targets

$(BUILD)/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(PROTOCOL_LIB)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LDFLAGS) $(PROTOCOL_LIBS)

$(BUILD)/tests/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(PROTOCOL_SRC)
	@mkdir -p $(@D)
	clang -std=c11 -O1 -g -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Iwsbridge $(PROTOCOL_CFLAGS) -o $@ $^ $(PROTOCOL_LIBS)

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS:%=build/fuzz/fuzz_%) ## fuzz each target for FUZZ_SECONDS=60; what is new goes to build/fuzz, a crash ends it
	@for target in $(FUZZ_TARGETS); do \
	    mkdir -p build/fuzz/found/$$target && \
	    build/fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -rss_limit_mb=1024 -artifact_prefix=build/fuzz/ \
	        build/fuzz/found/$$target tests/fuzz/corpus/$$target || exit 1; \
	done
