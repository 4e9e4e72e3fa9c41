/* UTF-8, base64, random names, byte strings. */
#include "ws_unit.h"

#include "protocol/text.h"

static void valid_utf8(void **state)
{
    (void)state;
    static const char *const valid[] = {"",
                                        "plain",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf",
                                        "a\xe2\x82\xac"
                                        "b"};
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
        assert_true(utf8_valid(valid[i], strlen(valid[i])));
    assert_true(utf8_valid("a\0b", 3));
}

static void invalid_utf8(void **state)
{
    (void)state;
    static const char *const invalid[] = {"\x80",
                                          "\xbf",
                                          "\xc0\x80",
                                          "\xc1\xbf",
                                          "\xc2",
                                          "\xc2\x41",
                                          "\xe0\x9f\xbf",
                                          "\xe2\x82",
                                          "\xed\xa0\x80",
                                          "\xed\xbf\xbf",
                                          "\xf0\x8f\xbf\xbf",
                                          "\xf4\x90\x80\x80",
                                          "\xf5\x80\x80\x80",
                                          "\xf0\x90\x80",
                                          "\xff",
                                          "\xfe",
                                          "ok\xe2\x28\xa1"};
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++)
        assert_false(utf8_valid(invalid[i], strlen(invalid[i])));
}

static void base64_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *encoded;
    } cases[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"},
                 {"\xfb\xff", "+/8="}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes_t encoded = {0}, decoded = {0};
        base64_encode(&encoded, (const uint8_t *)cases[i].plain, strlen(cases[i].plain));
        assert_int_equal(encoded.len, strlen(cases[i].encoded));
        assert_memory_equal(encoded.data ? encoded.data : (uint8_t *)"", cases[i].encoded, encoded.len);
        assert_true(base64_decode(&decoded, cases[i].encoded, strlen(cases[i].encoded)));
        assert_int_equal(decoded.len, strlen(cases[i].plain));
        assert_memory_equal(decoded.data ? decoded.data : (uint8_t *)"", cases[i].plain, decoded.len);
        bytes_free(&encoded);
        bytes_free(&decoded);
    }
}

static void base64_is_strict(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm 9", "Zm9-", "Zm9_", "Zg==Zg==", "=Zg=", "Zm9v\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        bytes_t out = {0};
        assert_false(base64_decode(&out, wrong[i], strlen(wrong[i])));
        assert_int_equal(out.len, 0);
        bytes_free(&out);
    }
}

static void names_differ(void **state)
{
    (void)state;
    char names[100][RANDOM_NAME_SIZE];
    for (size_t i = 0; i < 100; i++) {
        random_name(names[i]);
        assert_int_equal(strlen(names[i]), RANDOM_NAME_SIZE - 1);
        assert_null(strpbrk(names[i], "+/=&?#% "));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
    }
}

static void bytes_grow(void **state)
{
    (void)state;
    bytes_t bytes = {0};
    for (int i = 0; i < 1000; i++)
        bytes_format(&bytes, "%d,", i);
    bytes_text(&bytes, "end");
    assert_int_equal(bytes.len, 3890 + 3);
    assert_memory_equal(bytes.data, "0,1,2,3,", 8);
    assert_memory_equal(bytes.data + bytes.len - 7, "999,end", 7);
    bytes_free(&bytes);
    assert_null(bytes.data);
}

WS_MAIN(cmocka_unit_test(valid_utf8), cmocka_unit_test(invalid_utf8), cmocka_unit_test(base64_both_ways),
        cmocka_unit_test(base64_is_strict), cmocka_unit_test(names_differ), cmocka_unit_test(bytes_grow))
