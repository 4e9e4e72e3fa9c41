/* The plain protocol's messages. */
#include "ws_unit.h"

#include "protocol/plain.h"

static void messages_out(void **state)
{
    (void)state;
    size_t len;
    json_t *json = json_pack("{s:s, s:i}", "type", "hello", "seq", 7);
    frame_t *frame = plain_frame(json);
    static const char hello[] = "{\"type\":\"hello\",\"seq\":7}";
    assert_memory_equal(frame_payload(frame, &len), hello, sizeof hello - 1);
    assert_int_equal(len, sizeof hello - 1);
    assert_int_equal(frame_kind(frame), FRAME_TEXT);
    frame_unref(frame);
    json_decref(json);
    frame = plain_frame_text("hello", "\"seq\":7", 7);
    assert_memory_equal(frame_payload(frame, &len), hello, sizeof hello - 1);
    frame_unref(frame);
    frame = plain_frame_text("bye", "", 0);
    assert_memory_equal(frame_payload(frame, &len), "{\"type\":\"bye\"}", 14);
    assert_int_equal(len, 14);
    frame_unref(frame);
}

static void messages_in(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{\"type\":\"a\",\"x\":1}", NULL},
        {"", "messages are JSON objects"},
        {"[]", "messages are JSON objects"},
        {"{\"type\":\"a\",\"type\":\"b\"}", "messages are JSON objects"},
        {"{\"type\":\"a\"}x", "messages are JSON objects"},
        {"{}", "a message has a text `type`"},
        {"{\"type\":1}", "a message has a text `type`"},
    };
    const char *error;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *message = plain_parse(true, (const uint8_t *)cases[i].text, strlen(cases[i].text), &error);
        if (cases[i].error)
            assert_string_equal(error, cases[i].error);
        else
            assert_null(error);
        assert_int_equal(message != NULL, cases[i].error == NULL);
        json_decref(message);
    }
    assert_null(plain_parse(false, (const uint8_t *)"{}", 2, &error));
    assert_string_equal(error, "messages are text");
}

WS_MAIN(cmocka_unit_test(messages_out), cmocka_unit_test(messages_in))
