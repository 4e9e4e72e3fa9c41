# The bridge, on the protocol library and the core. Included from the Makefile, behind build.mk.
BRIDGE_SRC := $(filter-out wsbridge/wsecho.c,$(wildcard wsbridge/*.c))
BRIDGE_OBJ := $(BRIDGE_SRC:%.c=$(BUILD)/obj/%.o)
# Without its main program: for unit tests.
BRIDGE_LIB := $(BUILD)/libbridge.a

.PHONY: wsbridge
build: wsbridge
wsbridge: $(BUILD)/wsbridge

$(BRIDGE_LIB): $(filter-out $(BUILD)/obj/wsbridge/main.o,$(BRIDGE_OBJ))
	@rm -f $@
	ar rcs $@ $^

$(BRIDGE_OBJ): $(BUILD)/obj/wsbridge/%.o: wsbridge/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/wsbridge: $(BUILD)/obj/wsbridge/main.o $(BRIDGE_LIB) $(PROTOCOL_LIB) $(BUILD)/liborders_core.a
	@[ ! -d $@ ] || rm -r $@ # a folder of objects, in trees built before the program had this name
	$(CC) -o $@ $^ $(LDFLAGS) $(PKG_LIBS) $(PROTOCOL_LIBS) -lpthread

-include $(BRIDGE_OBJ:.o=.d)

# Tests of the bridge without its main program: tests/unit/test_bridge_*.c by themselves, tests/live/check_*.c against a
# database that their pytest starts.
BRIDGE_TEST_LIBS := $(BRIDGE_LIB) $(PROTOCOL_LIB) $(BUILD)/liborders_core.a
define link_bridge_test
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -o $@ $< $(BRIDGE_TEST_LIBS) $(LDFLAGS) $(PKG_LIBS) $(PROTOCOL_LIBS) -lcmocka -lpthread
endef

$(BUILD)/tests/unit/test_bridge_%: tests/unit/test_bridge_%.c $(BRIDGE_TEST_LIBS)
	$(link_bridge_test)

BRIDGE_CHECKS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/live/check_*.c))
.PHONY: live-checks
live-checks: $(BRIDGE_CHECKS)
$(BUILD)/tests/live/check_%: tests/live/check_%.c $(BRIDGE_TEST_LIBS)
	$(link_bridge_test)

-include $(BRIDGE_CHECKS:=.d)

# A fuzz target that needs more than the protocol library (see build.mk for the others).
FUZZ_TARGETS += datagram
fuzz-replay: $(BUILD)/fuzz/replay_datagram
fuzz: build/fuzz/fuzz_datagram

$(BUILD)/fuzz/replay_datagram: $(BUILD)/tests/fuzz/fuzz_datagram.o $(BUILD)/tests/fuzz/replay.o $(BRIDGE_TEST_LIBS)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LDFLAGS) $(PKG_LIBS) $(PROTOCOL_LIBS)

$(BUILD)/tests/fuzz/fuzz_datagram.o: tests/fuzz/fuzz_datagram.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

build/fuzz/fuzz_datagram: tests/fuzz/fuzz_datagram.c wsbridge/datagram_parse.c wsbridge/news.c $(PROTOCOL_SRC) $(CORE_SRC)
	@mkdir -p $(@D)
	clang -std=c11 -O1 -g -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Imod_orders -Iwsbridge $(PKG_CFLAGS) \
	    $(PROTOCOL_CFLAGS) -o $@ $^ $(PKG_LIBS) $(PROTOCOL_LIBS)
