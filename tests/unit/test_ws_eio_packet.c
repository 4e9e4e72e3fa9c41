/* Engine.IO packets and polling payloads. */
#include "ws_unit.h"

#include "protocol/eio_packet.h"

static void packets(void **state)
{
    (void)state;
    eio_packet_t packet;
    assert_true(eio_packet_decode((const uint8_t *)"4hello", 6, &packet));
    assert_int_equal(packet.type, EIO_MESSAGE);
    assert_true(packet.text);
    assert_int_equal(packet.len, 5);
    assert_memory_equal(packet.data, "hello", 5);
    assert_true(eio_packet_decode((const uint8_t *)"6", 1, &packet));
    assert_int_equal(packet.type, EIO_NOOP);
    assert_int_equal(packet.len, 0);
    assert_false(eio_packet_decode((const uint8_t *)"", 0, &packet));
    assert_false(eio_packet_decode((const uint8_t *)"7", 1, &packet));
    assert_false(eio_packet_decode((const uint8_t *)"abc", 3, &packet));
    assert_false(eio_packet_decode((const uint8_t *)"\x1e", 1, &packet));
}

/* The payload's packets as "type:data," with b for binary; "!" where it stops being one. */
static const char *walk(const char *payload)
{
    static char text[200];
    eio_cursor_t cursor;
    eio_packet_t packet;
    int found;
    text[0] = '\0';
    eio_cursor_init(&cursor, (const uint8_t *)payload, strlen(payload));
    while ((found = eio_cursor_next(&cursor, &packet)) > 0) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%d:%.*s,", packet.text ? "" : "b", packet.type, (int)packet.len,
                 packet.len ? (const char *)packet.data : "");
    }
    bytes_free(&cursor.scratch);
    return found < 0 ? strcat(text, "!") : text;
}

static void payloads(void **state)
{
    (void)state;
    assert_string_equal(walk("4hello"), "4:hello,");
    assert_string_equal(walk("4a\x1e"
                             "2\x1e"
                             "4b"),
                        "4:a,2:,4:b,");
    assert_string_equal(walk("4hi\x1e"
                             "bQUJD"),
                        "4:hi,b4:ABC,");
    assert_string_equal(walk("b"), "b4:,");
    assert_string_equal(walk(""), "!");
    assert_string_equal(walk("4a\x1e"), "4:a,!");
    assert_string_equal(walk("\x1e"
                             "4a"),
                        "!");
    assert_string_equal(walk("4a\x1e"
                             "9x\x1e"
                             "4b"),
                        "4:a,!");
    assert_string_equal(walk("bQUJ"), "!");
    assert_string_equal(walk("b*"), "!");
}

static void encoding(void **state)
{
    (void)state;
    bytes_t body = {0};
    frame_t *frames[] = {eio_frame(EIO_MESSAGE, "hello", 5), eio_frame_binary("\1\2\3\4", 4),
                         eio_frame(EIO_PING, NULL, 0)};
    for (size_t i = 0; i < 3; i++) {
        eio_payload_add(&body, frames[i]);
        frame_unref(frames[i]);
    }
    static const char expected[] = "4hello\x1e"
                                   "bAQIDBA==\x1e"
                                   "2";
    assert_int_equal(body.len, sizeof expected - 1);
    assert_memory_equal(body.data, expected, body.len);
    bytes_free(&body);
}

WS_MAIN(cmocka_unit_test(packets), cmocka_unit_test(payloads), cmocka_unit_test(encoding))
