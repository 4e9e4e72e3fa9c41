/* Keys derived from the one secret by label, and the small cryptography around them (OpenSSL's). */
#ifndef CORE_KEYS_H
#define CORE_KEYS_H

#include <apr_pools.h>
#include <stdbool.h>
#include <stddef.h>

#define KEY_SIZE         32
#define SECRET_MIN_BYTES 32

typedef struct keys {
    unsigned char token[KEY_SIZE];  /* signs session tokens */
    unsigned char csrf[KEY_SIZE];   /* CSRF tokens */
    unsigned char cursor[KEY_SIZE]; /* list cursors */
} keys_t;

/* HMAC-SHA256(secret, label) for each label. The secret has at least SECRET_MIN_BYTES bytes: the caller checked. */
void keys_derive(keys_t *keys, const void *secret, size_t len);
void keys_hmac(const unsigned char key[KEY_SIZE], const void *data, size_t len, unsigned char mac[32]);
/* Lower-case hex of SHA-256, from the pool. */
const char *keys_sha256_hex(apr_pool_t *pool, const void *data, size_t len);
/* base64url without padding (RFC 4648, section 5). */
const char *keys_base64url(apr_pool_t *pool, const void *data, size_t len);
/* The decoded bytes, or NULL when the text is no base64url. */
unsigned char *keys_base64url_decode(apr_pool_t *pool, const char *text, size_t *len);
/* Compares in time that depends on the lengths alone. */
bool keys_equal(const void *a, size_t a_len, const void *b, size_t b_len);
/* The CSRF token of a session: base64url(HMAC-SHA256(csrf key, the session JWT)). */
const char *keys_csrf_token(apr_pool_t *pool, const keys_t *keys, const char *session_jwt);
/* `bytes` random bytes as base64url; NULL when the system gives none. */
const char *keys_random(apr_pool_t *pool, size_t bytes);

#endif
