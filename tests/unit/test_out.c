/* Text buffers: numbers, money, times, JSON strings, and blocks that fill up in the middle of things. */
#include "unit.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "core/out.h"

#define FILLER_MAX 20000

static const char *money(apr_pool_t *pool, int64_t minor, int exponent)
{
    out_t out;
    out_init(&out, pool);
    out_money(&out, minor, exponent);
    return out_text(&out, NULL);
}

static const char *time_text(apr_pool_t *pool, int64_t ms)
{
    out_t out;
    out_init(&out, pool);
    out_time(&out, ms);
    return out_text(&out, NULL);
}

static const char *json_text(apr_pool_t *pool, const char *text, size_t len)
{
    out_t out;
    out_init(&out, pool);
    out_json_mem(&out, text, len);
    return out_text(&out, NULL);
}

static void empty_buffer(void **state)
{
    out_t out;
    size_t len = 7;
    out_init(&out, *state);
    out_str(&out, "");
    assert_null(out.first);
    assert_string_equal(out_text(&out, &len), "");
    assert_int_equal(len, 0);
}

static void blocks_hold_all_in_order(void **state)
{
    static char filler[FILLER_MAX];
    for (size_t i = 0; i < FILLER_MAX; i++)
        filler[i] = (char)('a' + i % 26);
    static const size_t lengths[] = {1, 7999, 8000, 8001, 16000, FILLER_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        out_t out;
        size_t len, sum = 0;
        out_init(&out, *state);
        out_char(&out, '<');
        out_mem(&out, filler, lengths[i]);
        out_lit(&out, ">>");
        const char *text = out_text(&out, &len);
        assert_int_equal(len, lengths[i] + 3);
        assert_int_equal(out.total, len);
        assert_true(text[0] == '<' && memcmp(text + 1, filler, lengths[i]) == 0);
        assert_string_equal(text + 1 + lengths[i], ">>");
        for (const out_block *block = out.first; block; block = block->next) {
            assert_true(block->len > 0 && block->len <= block->size);
            assert_true(!block->next || block->len == block->size);
            sum += block->len;
        }
        assert_int_equal(sum, len);
    }
}

static void integers(void **state)
{
    static const int64_t values[] = {0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN, 1234567890123};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        out_t out;
        char expected[32];
        out_init(&out, *state);
        out_int(&out, values[i]);
        snprintf(expected, sizeof expected, "%" PRId64, values[i]);
        assert_string_equal(out_text(&out, NULL), expected);
    }
}

static void money_is_exact(void **state)
{
    assert_string_equal(money(*state, 999, 2), "9.99");
    assert_string_equal(money(*state, 0, 2), "0.00");
    assert_string_equal(money(*state, 5, 2), "0.05");
    assert_string_equal(money(*state, 50, 2), "0.50");
    assert_string_equal(money(*state, 1000, 2), "10.00");
    assert_string_equal(money(*state, 1000, 0), "1000");
    assert_string_equal(money(*state, 0, 0), "0");
    assert_string_equal(money(*state, 1234, 3), "1.234");
    assert_string_equal(money(*state, 7, 3), "0.007");
    assert_string_equal(money(*state, 7, 4), "0.0007");
    assert_string_equal(money(*state, -5, 2), "-0.05");
    assert_string_equal(money(*state, INT64_MAX, 2), "92233720368547758.07");
    assert_string_equal(money(*state, INT64_MIN, 4), "-922337203685477.5808");
}

static void known_times(void **state)
{
    assert_string_equal(time_text(*state, 0), "1970-01-01T00:00:00.000Z");
    assert_string_equal(time_text(*state, 1769860800000), "2026-01-31T12:00:00.000Z");
    assert_string_equal(time_text(*state, 951827696789), "2000-02-29T12:34:56.789Z");
    assert_string_equal(time_text(*state, -1), "1969-12-31T23:59:59.999Z");
    assert_string_equal(time_text(*state, 253402300799999), "9999-12-31T23:59:59.999Z");
    assert_string_equal(time_text(*state, 253402300800000), "+010000-01-01T00:00:00.000Z");
    assert_string_equal(time_text(*state, -62167219200001), "-000001-12-31T23:59:59.999Z");
    assert_string_equal(time_text(*state, -74784816000000), "-000400-03-01T00:00:00.000Z");
    assert_string_equal(time_text(*state, -62167219200000), "0000-01-01T00:00:00.000Z");
}

/* Against the C library's calendar: a step of a prime number of seconds meets every day and hour. */
static void times_agree_with_gmtime(void **state)
{
    apr_pool_t *pool;
    apr_pool_create(&pool, *state);
    for (int64_t second = -62135596800; second < 253402300800; second += 39916801) {
        time_t clock = (time_t)second;
        struct tm tm;
        char expected[64];
        int ms = (int)(((second % 1000) + 1000) % 1000);
        gmtime_r(&clock, &tm);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
        assert_string_equal(time_text(pool, second * 1000 + ms), expected);
        apr_pool_clear(pool);
    }
}

static void formatted(void **state)
{
    static char filler[FILLER_MAX + 1];
    out_t out;
    memset(filler, 'x', FILLER_MAX);
    out_init(&out, *state);
    out_fmt(&out, "%d-%s", 42, "a");
    assert_string_equal(out_text(&out, NULL), "42-a");
    out_init(&out, *state);
    out_fmt(&out, "<%s>", filler);
    const char *text = out_text(&out, NULL);
    assert_int_equal(strlen(text), FILLER_MAX + 2);
    assert_true(text[0] == '<' && text[FILLER_MAX] == 'x' && text[FILLER_MAX + 1] == '>');
}

static void json_escapes(void **state)
{
    assert_string_equal(json_text(*state, "", 0), "\"\"");
    assert_string_equal(json_text(*state, "a\"b\\c/", 6), "\"a\\\"b\\\\c/\"");
    assert_string_equal(json_text(*state, "\b\f\n\r\t", 5), "\"\\b\\f\\n\\r\\t\"");
    assert_string_equal(json_text(*state, "\0\x01\x1f\x7f", 4), "\"\\u0000\\u0001\\u001f\\u007f\"");
    assert_string_equal(json_text(*state, "é€😀\u2028", 12), "\"é€😀\u2028\"");
    out_t out;
    out_init(&out, *state);
    out_json_str(&out, NULL);
    assert_string_equal(out_text(&out, NULL), "null");
}

/* Every character of Unicode comes back from a JSON parser as it went in. */
static void json_round_trip_of_all_characters(void **state)
{
    apr_pool_t *pool;
    apr_pool_create(&pool, *state);
    for (unsigned code = 1; code <= 0x10FFFF; code++) {
        char text[5];
        size_t len = 0;
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        if (code < 0x80) {
            text[len++] = (char)code;
        } else if (code < 0x800) {
            text[len++] = (char)(0xC0 | code >> 6);
        } else if (code < 0x10000) {
            text[len++] = (char)(0xE0 | code >> 12);
            text[len++] = (char)(0x80 | (code >> 6 & 0x3F));
        } else {
            text[len++] = (char)(0xF0 | code >> 18);
            text[len++] = (char)(0x80 | (code >> 12 & 0x3F));
            text[len++] = (char)(0x80 | (code >> 6 & 0x3F));
        }
        if (code >= 0x80)
            text[len++] = (char)(0x80 | (code & 0x3F));
        text[len] = '\0';
        json_t *json = json_loads(json_text(pool, text, len), JSON_DECODE_ANY, NULL);
        assert_non_null(json);
        assert_string_equal(json_string_value(json), text);
        json_decref(json);
        apr_pool_clear(pool);
    }
}

static void bytes_that_are_no_utf8_become_replacement_characters(void **state)
{
    static const char *const bad[] = {
        "\x80", "\xC0\xAF", "\xC3",     "\xE0\x80\x80",  "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
        "\xF5", "\xFF",     "\xE2\x82", "a\xF0\x9F\x98z"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *text = json_text(*state, bad[i], strlen(bad[i]));
        json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
        assert_non_null(json);
        assert_non_null(strstr(json_string_value(json), "\xEF\xBF\xBD"));
        json_decref(json);
    }
    assert_string_equal(json_text(*state, "a\xC3(", 3), "\"a\xEF\xBF\xBD(\"");
}

/* A long string of everything, written where a block ends at every possible place of it. */
static void json_across_blocks(void **state)
{
    static const char text[] = "quote \" back \\ line\n nul-ish \x01 é € 😀 end";
    for (size_t before = OUT_BLOCK_SIZE - 80; before <= OUT_BLOCK_SIZE + 1; before++) {
        out_t out;
        out_init(&out, *state);
        for (size_t i = 0; i < before; i++)
            out_char(&out, ' ');
        out_json_str(&out, text);
        json_t *json = json_loads(out_text(&out, NULL), JSON_DECODE_ANY, NULL);
        assert_non_null(json);
        assert_string_equal(json_string_value(json), text);
        json_decref(json);
    }
}

UNIT_MAIN(pooled(empty_buffer), pooled(blocks_hold_all_in_order), pooled(integers), pooled(money_is_exact),
          pooled(known_times), pooled(times_agree_with_gmtime), pooled(formatted), pooled(json_escapes),
          pooled(json_round_trip_of_all_characters), pooled(bytes_that_are_no_utf8_become_replacement_characters),
          pooled(json_across_blocks))
