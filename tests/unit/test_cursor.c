/* List cursors: they open where they were sealed, and nothing else does. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>
#include "core/cursor.h"

#define SCOPE "orders:-createdAt"

static keys_t test_keys(const char *secret)
{
    keys_t keys;
    keys_derive(&keys, secret, strlen(secret));
    return keys;
}

static keys_t our_keys(void)
{
    return test_keys("0123456789abcdef0123456789abcdef");
}

static cursor_t sample(const char *text, int64_t number)
{
    cursor_t cursor = {.text = text, .number = number};
    bson_oid_init_from_string(&cursor.id, "65f0c0ffee00ff7f80818283");
    return cursor;
}

static void round_trips(void **state)
{
    static const char *const texts[] = {NULL, "", "a", "Zoë's kettle 😀", "x@example.com"};
    static const int64_t numbers[] = {0, 1, -1, 1769860800000, INT64_MAX, INT64_MIN};
    keys_t keys = our_keys();
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            cursor_t sealed = sample(texts[t], numbers[n]), opened;
            const char *text = cursor_seal(*state, &keys, SCOPE, &sealed);
            assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                             strlen(text));
            assert_int_equal(cursor_open(*state, &keys, SCOPE, text, &opened), 0);
            assert_true(opened.number == sealed.number);
            assert_true(bson_oid_equal(&opened.id, &sealed.id));
            if (sealed.text)
                assert_string_equal(opened.text, sealed.text);
            else
                assert_null(opened.text);
        }
}

static void bound_to_scope_and_key(void **state)
{
    keys_t keys = our_keys(), other = test_keys("0123456789abcdef0123456789abcdeg");
    cursor_t cursor = sample("name", 7);
    const char *text = cursor_seal(*state, &keys, SCOPE, &cursor);
    static const char *const scopes[] = {"", "orders:createdAt", "orders:-createdA", "orders:-createdAt ", "users"};
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        assert_int_equal(cursor_open(*state, &keys, scopes[i], text, &cursor), -1);
    assert_int_equal(cursor_open(*state, &other, SCOPE, text, &cursor), -1);
    assert_int_equal(cursor_open(*state, &keys, SCOPE, text, &cursor), 0);
}

/* Each character replaced by each other one: the last one's spare bits included. */
static void every_change_is_noticed(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ";
    static const char *const texts[] = {NULL, "a", "ab", "abc"};
    keys_t keys = our_keys();
    apr_pool_t *pool;
    apr_pool_create(&pool, *state);
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        cursor_t cursor = sample(texts[t], 1769860800000);
        char *text = apr_pstrdup(*state, cursor_seal(*state, &keys, SCOPE, &cursor));
        for (char *p = text; *p; p++) {
            char was = *p;
            for (const char *a = alphabet; *a; a++) {
                *p = *a;
                if (*a != was && cursor_open(pool, &keys, SCOPE, text, &cursor) == 0)
                    fail_msg("character %d changed to %c opens", (int)(p - text), *a);
                apr_pool_clear(pool);
            }
            *p = was;
        }
        assert_int_equal(cursor_open(pool, &keys, SCOPE, text, &cursor), 0);
    }
}

static void cut_and_lengthened(void **state)
{
    keys_t keys = our_keys();
    cursor_t cursor = sample("some name", 7);
    const char *text = cursor_seal(*state, &keys, SCOPE, &cursor);
    for (size_t len = 0; len < strlen(text); len++)
        assert_int_equal(cursor_open(*state, &keys, SCOPE, apr_pstrmemdup(*state, text, len), &cursor), -1);
    for (size_t skip = 1; skip < strlen(text); skip++)
        assert_int_equal(cursor_open(*state, &keys, SCOPE, text + skip, &cursor), -1);
    assert_int_equal(cursor_open(*state, &keys, SCOPE, apr_pstrcat(*state, text, "A", NULL), &cursor), -1);
    assert_int_equal(cursor_open(*state, &keys, SCOPE, apr_pstrcat(*state, text, "AAAA", NULL), &cursor), -1);
}

static void garbage(void **state)
{
    keys_t keys = our_keys();
    cursor_t cursor;
    char *large = apr_palloc(*state, 100001);
    memset(large, 'A', 100000);
    large[100000] = '\0';
    static const char *const texts[] = {"", "A", "null", "%", "2026-01-31", "eyJhbGciOiJIUzI1NiJ9.e30.x", "\xFF\xFE"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(cursor_open(*state, &keys, SCOPE, texts[i], &cursor), -1);
    for (size_t len = 0; len <= 100000; len += len < 100 ? 1 : 4993)
        assert_int_equal(cursor_open(*state, &keys, SCOPE, large + 100000 - len, &cursor), -1);
}

static void longest_names_fit(void **state)
{
    keys_t keys = our_keys();
    char *name = apr_palloc(*state, 1601);
    memset(name, 'n', 1600);
    name[1600] = '\0';
    cursor_t cursor = sample(name, 0), opened;
    assert_int_equal(cursor_open(*state, &keys, SCOPE, cursor_seal(*state, &keys, SCOPE, &cursor), &opened), 0);
    assert_string_equal(opened.text, name);
}

UNIT_MAIN(pooled(round_trips), pooled(bound_to_scope_and_key), pooled(every_change_is_noticed),
          pooled(cut_and_lengthened), pooled(garbage), pooled(longest_names_fit))
