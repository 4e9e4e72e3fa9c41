# The bridge's protocol library, wsecho on it, and their tests. Included from the Makefile.
# wslay and http-parser ship no pkg-config files on every Debian; their headers and libraries are in the standard places.
PROTOCOL_PKGS := libevent_core jansson libcrypto
PROTOCOL_CFLAGS = $(eval PROTOCOL_CFLAGS := $$(shell pkg-config --cflags $(PROTOCOL_PKGS) | sed 's/-I/-isystem /g'))$(PROTOCOL_CFLAGS)
PROTOCOL_LIBS = $(eval PROTOCOL_LIBS := $$(shell pkg-config --libs $(PROTOCOL_PKGS)) -lwslay -lhttp_parser)$(PROTOCOL_LIBS)

PROTOCOL_SRC := $(wildcard wsbridge/protocol/*.c)
PROTOCOL_OBJ := $(PROTOCOL_SRC:%.c=$(BUILD)/%.o)
PROTOCOL_LIB := $(BUILD)/libprotocol.a

.PHONY: wsecho
build: wsecho
wsecho: $(BUILD)/wsecho

$(PROTOCOL_LIB): $(PROTOCOL_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/wsbridge/protocol/%.o: wsbridge/protocol/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/wsbridge/wsecho.o: wsbridge/wsecho.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/wsecho: $(BUILD)/wsbridge/wsecho.o $(PROTOCOL_LIB)
	$(CC) -o $@ $^ $(LDFLAGS) $(PROTOCOL_LIBS)

# Unit tests of the library: no database, no Apache, no pools.
$(BUILD)/tests/unit/test_ws_%: tests/unit/test_ws_%.c $(PROTOCOL_LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -Iwsbridge $(PROTOCOL_CFLAGS) -MMD -MP -o $@ $< $(PROTOCOL_LIB) $(LDFLAGS) $(PROTOCOL_LIBS) -lcmocka

-include $(PROTOCOL_OBJ:.o=.d) $(BUILD)/wsbridge/wsecho.d
