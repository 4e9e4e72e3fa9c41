/* Socket.IO packets: the document's examples, and what is none. */
#include "ws_unit.h"

#include "protocol/sio_packet.h"

/* The packet as "type|attachments|namespace|id|json", or the error. */
static const char *decode(const char *text)
{
    static char out[400];
    sio_packet_t packet;
    const char *error = sio_packet_decode(text, strlen(text), &packet);
    if (error)
        return error;
    char *json = packet.data ? json_dumps(packet.data, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    snprintf(out, sizeof out, "%d|%u|%s|%lld|%s", packet.type, packet.attachments, packet.nsp, (long long)packet.id,
             json ? json : "");
    free(json);
    sio_packet_clear(&packet);
    return out;
}

static void examples(void **state)
{
    (void)state;
    static const struct {
        const char *text, *packet;
    } cases[] = {
        {"0", "0|0|/|-1|"},
        {"0/admin,{\"sid\":\"x\"}", "0|0|/admin|-1|{\"sid\":\"x\"}"},
        {"0/custom", "0|0|/custom|-1|"},
        {"0{\"token\":\"123\"}", "0|0|/|-1|{\"token\":\"123\"}"},
        {"1", "1|0|/|-1|"},
        {"1/admin,", "1|0|/admin|-1|"},
        {"2[\"foo\"]", "2|0|/|-1|[\"foo\"]"},
        {"2/admin,[\"bar\"]", "2|0|/admin|-1|[\"bar\"]"},
        {"212[\"foo\"]", "2|0|/|12|[\"foo\"]"},
        {"2[1,2]", "2|0|/|-1|[1,2]"},
        {"3/admin,13[\"bar\"]", "3|0|/admin|13|[\"bar\"]"},
        {"30[]", "3|0|/|0|[]"},
        {"4{\"message\":\"Not authorized\"}", "4|0|/|-1|{\"message\":\"Not authorized\"}"},
        {"51-[\"baz\",{\"_placeholder\":true,\"num\":0}]", "5|1|/|-1|[\"baz\",{\"_placeholder\":true,\"num\":0}]"},
        {"52-/admin,9[\"b\",{\"_placeholder\":true,\"num\":1}]",
         "5|2|/admin|9|[\"b\",{\"_placeholder\":true,\"num\":1}]"},
        {"50-[\"none\"]", "5|0|/|-1|[\"none\"]"},
        {"61-15[\"bar\",{\"_placeholder\":true,\"num\":0}]", "6|1|/|15|[\"bar\",{\"_placeholder\":true,\"num\":0}]"},
        {"29007199254740992[\"a\"]", "2|0|/|9007199254740992|[\"a\"]"},
        {"2[\"a\",{\"num\":7}]", "2|0|/|-1|[\"a\",{\"num\":7}]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(decode(cases[i].text), cases[i].packet);
}

static void what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "unknown packet type"},
        {"abc", "unknown packet type"},
        {"7", "unknown packet type"},
        {"5[\"a\"]", "invalid number of attachments"},
        {"5-[\"a\"]", "invalid number of attachments"},
        {"51[\"a\"]", "invalid number of attachments"},
        {"51", "invalid number of attachments"},
        {"511-[\"a\"]", "invalid number of attachments"},
        {"5999999999999999999999-[\"a\"]", "invalid number of attachments"},
        {"29007199254740993[\"a\"]", "invalid ack id"},
        {"299999999999999999999999[\"a\"]", "invalid ack id"},
        {"2", "invalid payload"},
        {"2{}", "invalid payload"},
        {"2[]", "invalid payload"},
        {"2[{}]", "invalid payload"},
        {"2[null]", "invalid payload"},
        {"2\"a\"", "invalid payload"},
        {"2[\"connect\"]", "invalid payload"},
        {"2[\"disconnecting\"]", "invalid payload"},
        {"2[\"a\"", "invalid JSON"},
        {"2[\"a\"]x", "invalid JSON"},
        {"2abc[\"a\"]", "invalid JSON"},
        {"2-1[\"a\"]", "invalid JSON"},
        {"0[]", "invalid payload"},
        {"0\"a\"", "invalid payload"},
        {"01", "invalid payload"},
        {"1[]", "invalid payload"},
        {"31{}", "invalid payload"},
        {"3[]", "invalid payload"},
        {"4[]", "invalid payload"},
        {"4", "invalid payload"},
        {"51-[\"a\",{\"_placeholder\":true,\"num\":1}]", "invalid placeholder"},
        {"51-[\"a\",{\"_placeholder\":true,\"num\":-1}]", "invalid placeholder"},
        {"51-[\"a\",{\"_placeholder\":true}]", "invalid placeholder"},
        {"51-[\"a\",[{\"b\":{\"_placeholder\":true,\"num\":\"0\"}}]]", "invalid placeholder"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(decode(cases[i].text), cases[i].error);
}

static void long_names_and_deep_data(void **state)
{
    (void)state;
    char text[600];
    memset(text, 'n', sizeof text);
    text[0] = '0';
    text[1] = '/';
    text[1 + SIO_MAX_NAMESPACE] = '\0';
    assert_memory_equal(decode(text), "0|0|/nnn", 8);
    text[1 + SIO_MAX_NAMESPACE] = 'n';
    text[2 + SIO_MAX_NAMESPACE] = '\0';
    assert_string_equal(decode(text), "invalid namespace");
    size_t at = (size_t)snprintf(text, sizeof text, "51-[\"a\",");
    memset(text + at, '[', 150);
    memset(text + at + 150, ']', 151);
    text[at + 301] = '\0';
    assert_string_equal(decode(text), "invalid placeholder");
}

static void numbers_past_64_bits(void **state)
{
    (void)state;
    assert_non_null(strstr(decode("2[\"a\",123456789012345678901234567890]"), "|[\"a\",1.23456789"));
    assert_string_equal(decode("2[\"a\",9223372036854775807]"), "2|0|/|-1|[\"a\",9223372036854775807]");
}

static void expect(frame_t *frame, const char *text)
{
    size_t len;
    const uint8_t *payload = frame_payload(frame, &len);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(payload, text, len);
    frame_unref(frame);
}

static void encoding(void **state)
{
    (void)state;
    json_t *json = json_pack("[s, i, {s:[b]}]", "foo", 1, "3", 1);
    expect(sio_frame(SIO_DISCONNECT, 0, "/", SIO_NO_ID, NULL, 0), "41");
    expect(sio_frame(SIO_DISCONNECT, 0, "/admin", SIO_NO_ID, NULL, 0), "41/admin,");
    expect(sio_frame(SIO_CONNECT_ERROR, 0, "/x", SIO_NO_ID, "{}", 2), "44/x,{}");
    expect(sio_frame_json(SIO_EVENT, 0, "/", SIO_NO_ID, json), "42[\"foo\",1,{\"3\":[true]}]");
    expect(sio_frame_json(SIO_BINARY_ACK, 2, "/admin", 15, json), "462-/admin,15[\"foo\",1,{\"3\":[true]}]");
    expect(sio_event_frame("/", "order:new", "{\"id\":1}", 8, NULL), "42[\"order:new\",{\"id\":1}]");
    expect(sio_event_frame("/", "a\"b", "1", 1, "epoch-7"), "42[\"a\\\"b\",1,\"epoch-7\"]");
    json_decref(json);
}

WS_MAIN(cmocka_unit_test(examples), cmocka_unit_test(what_is_none), cmocka_unit_test(long_names_and_deep_data),
        cmocka_unit_test(numbers_past_64_bits), cmocka_unit_test(encoding))
