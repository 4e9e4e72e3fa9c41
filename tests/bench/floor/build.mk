# What the bench compares with, in C: a bare handler, a bare read loop, and jansson's way to JSON. Included from the Makefile.
.PHONY: bench-floors
bench-floors: $(BUILD)/bench/mod_floor.so $(BUILD)/bench/raw_find $(BUILD)/bench/bson_json

$(BUILD)/bench/mod_floor.so: tests/bench/floor/mod_floor.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(HTTPD_CFLAGS) -MMD -MP -shared -o $@ $< $(LDFLAGS)

$(BUILD)/bench/%: tests/bench/floor/%.c $(BUILD)/liborders_core.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(BUILD)/liborders_core.a $(LDFLAGS) $(PKG_LIBS) -lpthread

-include $(wildcard $(BUILD)/bench/*.d)
