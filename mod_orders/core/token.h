/* Session tokens: JWT, HS256 and nothing else (RFC 7519, RFC 8725). */
#ifndef CORE_TOKEN_H
#define CORE_TOKEN_H

#include <apr_pools.h>
#include <stdint.h>
#include "keys.h"
#include "order.h"

#define TOKEN_MAX_LENGTH 2048
#define TOKEN_ISSUER     "mod_orders"
#define TOKEN_AUDIENCE   "orders"

typedef struct token {
    char sub[25]; /* user id, 24 hex digits */
    user_role role;
    int64_t ver;                 /* the user's tokenVersion when it was issued */
    int64_t iat, exp, auth_time; /* seconds since the epoch */
} token_t;

typedef enum { TOKEN_OK, TOKEN_INVALID, TOKEN_EXPIRED } token_result;

/* Signs a token; NULL when memory ran out. */
const char *token_issue(apr_pool_t *pool, const keys_t *keys, const token_t *token);
/* Checks signature, algorithm, every claim's presence, JSON type and value, and `now` (seconds) against exp and iat.
 * The user's present version is the caller's to compare. Nothing of *token is to be used unless TOKEN_OK is returned. */
token_result token_verify(apr_pool_t *pool, const keys_t *keys, const char *text, int64_t now, token_t *token);

#endif
