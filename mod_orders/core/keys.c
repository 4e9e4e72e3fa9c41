#include "keys.h"

#include <apr_encode.h>
#include <apr_escape.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

/* A MAC that could not be made must never be taken for one: libcrypto without HMAC-SHA256 or memory can't go on. */
static void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, unsigned char mac[32])
{
    unsigned int mac_len = 0;
    if (!HMAC(EVP_sha256(), key, (int)key_len, data, len, mac, &mac_len) || mac_len != 32)
        abort();
}

void keys_derive(keys_t *keys, const void *secret, size_t len)
{
    /* The labels are part of the format: another label is another key. */
    hmac_sha256(secret, len, "mod_orders token", strlen("mod_orders token"), keys->token);
    hmac_sha256(secret, len, "mod_orders csrf", strlen("mod_orders csrf"), keys->csrf);
    hmac_sha256(secret, len, "mod_orders cursor", strlen("mod_orders cursor"), keys->cursor);
}

void keys_hmac(const unsigned char key[KEY_SIZE], const void *data, size_t len, unsigned char mac[32])
{
    hmac_sha256(key, KEY_SIZE, data, len, mac);
}

const char *keys_sha256_hex(apr_pool_t *pool, const void *data, size_t len)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;
    if (!EVP_Digest(data, len, digest, &digest_len, EVP_sha256(), NULL))
        abort();
    return apr_pescape_hex(pool, digest, digest_len, 0);
}

const char *keys_base64url(apr_pool_t *pool, const void *data, size_t len)
{
    if (len == 0)
        return "";
    return apr_pencode_base64_binary(pool, data, (apr_ssize_t)len, APR_ENCODE_BASE64URL, NULL);
}

unsigned char *keys_base64url_decode(apr_pool_t *pool, const char *text, size_t *len)
{
    size_t text_len = strlen(text);
    apr_size_t decoded_len = 0;
    if (text_len == 0) {
        *len = 0;
        return apr_pcalloc(pool, 1);
    }
    const unsigned char *decoded =
        apr_pdecode_base64_binary(pool, text, (apr_ssize_t)text_len, APR_ENCODE_NONE, &decoded_len);
    /* APR takes both alphabets, padding and stray low bits. Only the one canonical spelling is ours. */
    if (!decoded || strcmp(keys_base64url(pool, decoded, decoded_len), text) != 0)
        return NULL;
    *len = decoded_len;
    return apr_pmemdup(pool, decoded, decoded_len);
}

bool keys_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
    return a_len == b_len && CRYPTO_memcmp(a, b, a_len) == 0;
}

const char *keys_csrf_token(apr_pool_t *pool, const keys_t *keys, const char *session_jwt)
{
    unsigned char mac[32];
    keys_hmac(keys->csrf, session_jwt, strlen(session_jwt), mac);
    return keys_base64url(pool, mac, sizeof mac);
}

const char *keys_random(apr_pool_t *pool, size_t bytes)
{
    unsigned char *random = apr_palloc(pool, bytes);
    if (RAND_bytes(random, (int)bytes) != 1)
        return NULL;
    return keys_base64url(pool, random, bytes);
}
