/* What a child process remembers of those who call, so that a request with a token that was seen before costs neither a signature
 * check nor a query: verified tokens until they expire, names and e-mail addresses for PEOPLE_SECONDS. Whether a token still holds is
 * not remembered here: its version is compared at every request (auth.c). */
#ifndef ORDERS_PEOPLE_H
#define ORDERS_PEOPLE_H

#include <bson/bson.h>
#include "core/cache.h"
#include "core/keys.h"
#include "core/token.h"

#define PEOPLE_SECONDS 30

typedef struct people_t people_t;

/* Bounded: about 4 MB when full. Where memory is not to be had, nothing is remembered. */
people_t *people_create(apr_pool_t *pool);

/* As token_verify, but a token that was good before is not checked anew. */
token_result people_verify(people_t *people, apr_pool_t *pool, const keys_t *keys, const char *text, apr_time_t now,
                           token_t *token);

/* False: not known, or too long ago. The texts are copies in `pool`. */
bool people_name(people_t *people, apr_pool_t *pool, const bson_oid_t *user, const char **name, const char **email);
void people_keep_name(people_t *people, const bson_oid_t *user, const char *name, const char *email);

#endif
