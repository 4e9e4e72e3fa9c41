# The bridge, on the protocol library and the core. Included from the Makefile, behind build.mk.
ifneq ($(wildcard wsbridge/protocol/loop.h),)
BRIDGE_SRC := $(filter-out wsbridge/wsecho.c,$(wildcard wsbridge/*.c))
BRIDGE_OBJ := $(BRIDGE_SRC:%.c=$(BUILD)/%.o)
# Without its main program: for unit tests.
BRIDGE_LIB := $(BUILD)/libbridge.a

.PHONY: wsbridge
build: wsbridge
wsbridge: $(BUILD)/wsbridge/wsbridge

$(BRIDGE_LIB): $(filter-out $(BUILD)/wsbridge/main.o,$(BRIDGE_OBJ))
	@rm -f $@
	ar rcs $@ $^

$(BRIDGE_OBJ): $(BUILD)/wsbridge/%.o: wsbridge/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

# build/wsbridge is the folder of its objects.
$(BUILD)/wsbridge/wsbridge: $(BUILD)/wsbridge/main.o $(BRIDGE_LIB) $(PROTOCOL_LIB) $(BUILD)/liborders_core.a
	$(CC) -o $@ $^ $(LDFLAGS) $(PKG_LIBS) $(PROTOCOL_LIBS) -lpthread

-include $(BRIDGE_OBJ:.o=.d)

# Unit tests of the bridge: no database, no Apache.
$(BUILD)/tests/unit/test_bridge_%: tests/unit/test_bridge_%.c $(BRIDGE_LIB) $(PROTOCOL_LIB) $(BUILD)/liborders_core.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -o $@ $< $(BRIDGE_LIB) $(PROTOCOL_LIB) $(BUILD)/liborders_core.a $(LDFLAGS) $(PKG_LIBS) $(PROTOCOL_LIBS) -lcmocka

endif
