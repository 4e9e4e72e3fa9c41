/* Keys and their cryptography, against published vectors and values worked out elsewhere. */
#include "unit.h"

#include <apr_escape.h>
#include <string.h>
#include "core/keys.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static const char *hex(apr_pool_t *pool, const unsigned char key[KEY_SIZE])
{
    return apr_pescape_hex(pool, key, KEY_SIZE, 0);
}

/* Python: hmac.new(SECRET, b"mod_orders …", sha256). Another value would end every session at an update. */
static void derives_by_label(void **state)
{
    keys_t keys;
    keys_derive(&keys, SECRET, strlen(SECRET));
    assert_string_equal(hex(*state, keys.token), "b9625416c7ca85c81047c806a98e72710936f4b572f42509cad1919cfffa4414");
    assert_string_equal(hex(*state, keys.csrf), "df5d5fc2af62601194f2080328daf8bf2119fc3d3365b1bc774d8470854eeafa");
    assert_string_equal(hex(*state, keys.cursor), "0dd325f6cf44a3b14ef6c1f8fe848b5b29d633717d2691cb2de667df37e75108");
}

/* RFC 4231, test case 1, its key filled up to our size with zeros, which HMAC does by itself. */
static void hmac_vector(void **state)
{
    unsigned char key[KEY_SIZE] = {0}, mac[32];
    memset(key, 0x0b, 20);
    keys_hmac(key, "Hi There", 8, mac);
    assert_string_equal(hex(*state, mac), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

static void sha256_vectors(void **state)
{
    assert_string_equal(keys_sha256_hex(*state, "abc", 3),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(keys_sha256_hex(*state, "", 0),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void base64url_vectors(void **state)
{
    static const struct {
        const char *plain, *text;
    } rows[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
                {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = 99;
        assert_string_equal(keys_base64url(*state, rows[i].plain, strlen(rows[i].plain)), rows[i].text);
        const unsigned char *decoded = keys_base64url_decode(*state, rows[i].text, &len);
        assert_non_null(decoded);
        assert_int_equal(len, strlen(rows[i].plain));
        assert_memory_equal(decoded, rows[i].plain, len);
    }
}

static void base64url_every_length(void **state)
{
    unsigned char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t len = 1; len <= sizeof bytes; len++) {
        size_t again = 0;
        const unsigned char *decoded = keys_base64url_decode(*state, keys_base64url(*state, bytes, len), &again);
        assert_non_null(decoded);
        assert_int_equal(again, len);
        assert_memory_equal(decoded, bytes, len);
    }
}

/* The other alphabet, padding, white space, impossible lengths, and bits that no encoder sets. */
static void base64url_is_strict(void **state)
{
    static const char *const bad[] = {"+//+", "Zg==",   "Zg=",   "Zm9v ", " Zm9v", "Zm 9v",        "Zm9vY", "Z",   "Zh",
                                      "Zm9",  "Zm9v\n", "Zm9v.", "====",  "=",     "Zm9v\xc3\xa9", "Zm-+",  "Zg=A"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t len;
        if (keys_base64url_decode(*state, bad[i], &len))
            fail_msg("decoded '%s'", bad[i]);
    }
}

static void equality(void **state)
{
    (void)state;
    assert_true(keys_equal("same", 4, "same", 4));
    assert_true(keys_equal("", 0, "", 0));
    assert_false(keys_equal("same", 4, "sama", 4));
    assert_false(keys_equal("same", 4, "sam", 3));
    assert_false(keys_equal("", 0, "s", 1));
}

static void csrf_tokens(void **state)
{
    keys_t keys, other;
    keys_derive(&keys, SECRET, strlen(SECRET));
    keys_derive(&other, "another secret that is long enough", 34);
    const char *token = keys_csrf_token(*state, &keys, "a.b.c");
    assert_int_equal(strlen(token), 43);
    assert_string_equal(token, keys_csrf_token(*state, &keys, "a.b.c"));
    assert_string_not_equal(token, keys_csrf_token(*state, &keys, "a.b.d"));
    assert_string_not_equal(token, keys_csrf_token(*state, &other, "a.b.c"));
}

static void random_texts(void **state)
{
    const char *one = keys_random(*state, 16), *two = keys_random(*state, 16);
    assert_int_equal(strlen(one), 22);
    assert_string_not_equal(one, two);
}

UNIT_MAIN(pooled(derives_by_label), pooled(hmac_vector), pooled(sha256_vectors), pooled(base64url_vectors),
          pooled(base64url_every_length), pooled(base64url_is_strict), pooled(equality), pooled(csrf_tokens),
          pooled(random_texts))
