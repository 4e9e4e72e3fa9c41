/* Session tokens. The forger here has a JWT implementation of its own (and, for most forgeries, the right key), so that
 * each thing libjwt does not check is seen to be checked. */
#include "unit.h"

#include <apr_strings.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include "core/token.h"

#define SECRET "a secret of the shop, and long enough"
#define NOW    INT64_C(1769860800)
#define SUB    "65f0c0ffee00ff7f80818283"

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS                                                                                                         \
    "\"iss\":\"mod_orders\",\"aud\":\"orders\",\"sub\":\"" SUB "\",\"role\":\"admin\",\"ver\":3,\"iat\":1769860700,"   \
    "\"auth_time\":1769860600"
#define EXP  ",\"exp\":1769864400"
#define GOOD "{" CLAIMS EXP "}"

static keys_t our_keys(void)
{
    keys_t keys;
    keys_derive(&keys, SECRET, strlen(SECRET));
    return keys;
}

static const char *base64url(apr_pool_t *pool, const void *data, int len)
{
    char *text = apr_palloc(pool, (apr_size_t)len * 2 + 4);
    EVP_EncodeBlock((unsigned char *)text, data, len);
    text[strcspn(text, "=")] = '\0';
    for (char *p = text; *p; p++) {
        if (*p == '+')
            *p = '-';
        else if (*p == '/')
            *p = '_';
    }
    return text;
}

static const char *sign(apr_pool_t *pool, const char *signed_part, const EVP_MD *md)
{
    keys_t keys = our_keys();
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    HMAC(md, keys.token, KEY_SIZE, (const unsigned char *)signed_part, strlen(signed_part), mac, &len);
    return base64url(pool, mac, (int)len);
}

static const char *unsigned_token(apr_pool_t *pool, const char *header, const char *payload)
{
    return apr_pstrcat(pool, base64url(pool, header, (int)strlen(header)), ".",
                       base64url(pool, payload, (int)strlen(payload)), NULL);
}

static const char *forge_with(apr_pool_t *pool, const char *header, const char *payload, const EVP_MD *md)
{
    const char *text = unsigned_token(pool, header, payload);
    return apr_pstrcat(pool, text, ".", sign(pool, text, md), NULL);
}

static const char *forge(apr_pool_t *pool, const char *header, const char *payload)
{
    return forge_with(pool, header, payload, EVP_sha256());
}

static token_result verify(apr_pool_t *pool, const char *text)
{
    keys_t keys = our_keys();
    token_t token;
    return token_verify(pool, &keys, text, NOW, &token);
}

static void assert_invalid(apr_pool_t *pool, const char *text)
{
    if (verify(pool, text) != TOKEN_INVALID)
        fail_msg("not refused: %s", text);
}

static token_t sample(void)
{
    return (token_t){.sub = SUB, .role = ROLE_ADMIN, .ver = 3, .iat = NOW, .exp = NOW + 3600, .auth_time = NOW - 50};
}

static void round_trip(void **state)
{
    keys_t keys = our_keys();
    token_t token = sample(), read;
    const char *text = token_issue(*state, &keys, &token);
    assert_non_null(text);
    assert_int_equal(token_verify(*state, &keys, text, NOW, &read), TOKEN_OK);
    assert_string_equal(read.sub, SUB);
    assert_int_equal(read.role, ROLE_ADMIN);
    assert_int_equal(read.ver, 3);
    assert_int_equal(read.iat, NOW);
    assert_int_equal(read.exp, NOW + 3600);
    assert_int_equal(read.auth_time, NOW - 50);
}

/* The forger's own good token passes: so each refusal below is for its one fault. */
static void forgers_good_token(void **state)
{
    assert_int_equal(verify(*state, forge(*state, HS256, GOOD)), TOKEN_OK);
    assert_int_equal(verify(*state, forge(*state, "{\"alg\":\"HS256\"}", GOOD)), TOKEN_OK);
}

static void time_limits(void **state)
{
    keys_t keys = our_keys();
    token_t token = sample(), read;
    const char *text = token_issue(*state, &keys, &token);
    assert_int_equal(token_verify(*state, &keys, text, token.exp - 1, &read), TOKEN_OK);
    assert_int_equal(token_verify(*state, &keys, text, token.exp, &read), TOKEN_EXPIRED);
    assert_int_equal(token_verify(*state, &keys, text, token.exp + 100000, &read), TOKEN_EXPIRED);
    assert_int_equal(token_verify(*state, &keys, text, token.iat - 60, &read), TOKEN_OK);
    assert_int_equal(token_verify(*state, &keys, text, token.iat - 61, &read), TOKEN_INVALID);
}

static void other_algorithms(void **state)
{
    static const char *const none[] = {"{\"alg\":\"none\"}", "{\"alg\":\"None\",\"typ\":\"JWT\"}", "{\"alg\":\"NONE\"}",
                                       "{\"typ\":\"JWT\"}", "{}"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const char *text = unsigned_token(*state, none[i], GOOD);
        assert_invalid(*state, text);
        assert_invalid(*state, apr_pstrcat(*state, text, ".", NULL));
        assert_invalid(*state, forge(*state, none[i], GOOD));
    }
    assert_invalid(*state, forge_with(*state, "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", GOOD, EVP_sha512()));
    assert_invalid(*state, forge_with(*state, "{\"alg\":\"HS384\",\"typ\":\"JWT\"}", GOOD, EVP_sha384()));
    assert_invalid(*state, forge(*state, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", GOOD));
    assert_invalid(*state, forge(*state, "{\"alg\":\"hs256\"}", GOOD));
    assert_invalid(*state, forge(*state, "{\"alg\":[\"HS256\"]}", GOOD));
    assert_invalid(*state, forge(*state, "{\"alg\":\"HS256\\u0000\"}", GOOD));
}

static void headers(void **state)
{
    assert_invalid(*state, forge(*state, "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", GOOD));
    assert_invalid(*state, forge(*state, "{\"alg\":\"HS256\",\"crit\":null}", GOOD));
    assert_invalid(*state, forge(*state, "{\"alg\":\"none\",\"alg\":\"HS256\"}", GOOD));
    assert_invalid(*state, forge(*state, "[\"HS256\"]", GOOD));
    assert_invalid(*state, forge(*state, "HS256", GOOD));
}

/* Each claim missing, and of each wrong kind. */
static void claims(void **state)
{
    static const struct {
        const char *name, *good, *bad[10];
    } rows[] = {
        {"iss", "\"mod_orders\"", {"\"other\"", "\"\"", "null", "[\"mod_orders\"]", "1", "\"mod_orders \""}},
        {"aud", "\"orders\"", {"\"order\"", "[\"orders\"]", "null", "true", "\"orders\\u0000\""}},
        {"sub", "\"" SUB "\"", {"\"\"", "\"65f0\"", "1", "null", "\"65f0c0ffee00ff7f8081828g\"", "\"" SUB "0\""}},
        {"role", "\"admin\"", {"\"root\"", "\"\"", "\"Admin\"", "1", "null", "[\"admin\"]", "\"none\""}},
        {"ver", "3", {"\"3\"", "3.0", "-1", "null", "true", "[3]", "1e1"}},
        {"iat", "1769860700", {"\"1769860700\"", "1769860700.0", "-1", "null", "1769860861", "false"}},
        {"auth_time", "1769860600", {"\"1769860600\"", "1769860600.5", "-5", "null", "1769860701"}},
        {"exp", "1769864400", {"\"1769864400\"", "1769864400.0", "-1", "null", "[]", "1769860700", "1e300"}},
    };
    const int count = sizeof rows / sizeof rows[0];
    for (int wrong = 0; wrong < count; wrong++) {
        for (int k = -1; k < 0 || rows[wrong].bad[k]; k++) { /* -1: left out */
            const char *payload = "{\"x\":0";
            for (int i = 0; i < count; i++) {
                if (i != wrong || k >= 0)
                    payload = apr_pstrcat(*state, payload, ",\"", rows[i].name,
                                          "\":", i == wrong ? rows[i].bad[k] : rows[i].good, NULL);
            }
            assert_invalid(*state, forge(*state, HS256, apr_pstrcat(*state, payload, "}", NULL)));
        }
    }
}

static void expired(void **state)
{
    assert_int_equal(verify(*state, forge(*state, HS256, "{" CLAIMS ",\"exp\":1769860800}")), TOKEN_EXPIRED);
    assert_int_equal(verify(*state, forge(*state, HS256, "{" CLAIMS ",\"exp\":1769860701}")), TOKEN_EXPIRED);
    assert_int_equal(verify(*state, forge(*state, HS256, "{" CLAIMS ",\"exp\":1769860801}")), TOKEN_OK);
}

static void payloads(void **state)
{
    assert_invalid(*state, forge(*state, HS256, "{" CLAIMS EXP ",\"role\":\"admin\"}"));
    assert_invalid(*state, forge(*state, HS256, "{" CLAIMS EXP EXP "}"));
    assert_invalid(*state, forge(*state, HS256, "[" GOOD "]"));
    assert_invalid(*state, forge(*state, HS256, GOOD "x"));
    assert_invalid(*state, forge(*state, HS256, ""));
    assert_invalid(*state, forge(*state, HS256, "null"));
    assert_invalid(*state, forge(*state, HS256, "{" CLAIMS EXP ",\"x\":\"\xff\"}"));
}

static void signatures(void **state)
{
    const char *good = forge(*state, HS256, GOOD);
    size_t signature = (size_t)(strrchr(good, '.') - good) + 1;
    assert_invalid(*state, apr_pstrcat(*state, unsigned_token(*state, HS256, GOOD), NULL));
    for (size_t len = 0; len < strlen(good); len++)
        assert_invalid(*state, apr_pstrmemdup(*state, good, len));
    for (size_t i = signature; i < strlen(good); i++) {
        char *changed = apr_pstrdup(*state, good);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_invalid(*state, changed);
    }
    /* Another payload under the same signature, and another key. */
    const char *other = unsigned_token(*state, HS256, "{" CLAIMS ",\"exp\":1769869999}");
    assert_invalid(*state, apr_pstrcat(*state, other, ".", good + signature, NULL));
    keys_t keys;
    token_t token = sample();
    keys_derive(&keys, "another secret, which is long enough too", 40);
    assert_invalid(*state, token_issue(*state, &keys, &token));
    /* What another key of the same secret signs is no session. */
    keys = our_keys();
    memcpy(keys.token, keys.csrf, KEY_SIZE);
    assert_invalid(*state, token_issue(*state, &keys, &token));
}

static void shapes(void **state)
{
    const char *good = forge(*state, HS256, GOOD);
    static const char *const tails[] = {".", ".x", "=", "==", " ", "\n", "x", "A", ".e30", "%00", "\xc3\xa9", "?a=b"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
        assert_invalid(*state, apr_pstrcat(*state, good, tails[i], NULL));
    static const char *const odd[] = {"", ".", "..", "...", "a", "a.b", "a.b.c", "null", " ", ".e30.", "e30..e30"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_invalid(*state, odd[i]);
    assert_invalid(*state, apr_pstrcat(*state, " ", good, NULL));
    assert_invalid(*state, apr_pstrcat(*state, "Bearer ", good, NULL));
}

/* TOKEN_MAX_LENGTH is a limit, not a habit: one byte more is refused although everything in it is right. */
static void lengths(void **state)
{
    char filler[7001];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    assert_invalid(*state, filler);
    for (int len = 800; len < 7000; len += 31) {
        const char *payload = apr_psprintf(*state, "{" CLAIMS EXP ",\"x\":\"%.*s\"}", len, filler);
        const char *text = forge(*state, HS256, payload);
        assert_int_equal(verify(*state, text), strlen(text) <= TOKEN_MAX_LENGTH ? TOKEN_OK : TOKEN_INVALID);
    }
}

UNIT_MAIN(pooled(round_trip), pooled(forgers_good_token), pooled(time_limits), pooled(other_algorithms),
          pooled(headers), pooled(claims), pooled(expired), pooled(payloads), pooled(signatures), pooled(shapes),
          pooled(lengths))
