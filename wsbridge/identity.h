/* Whose token it is, and whether it still counts: signature and claims by core/token, then the user's version, known from
 * a reading at most 30 s old, or read now. What the change stream tells counts at once. A miss or a full table reads the
 * database, never accepts; versions only go up.
 *
 * Threading: the loop's thread only; the callback comes there, never within identity_check.
 */
#ifndef WSBRIDGE_IDENTITY_H
#define WSBRIDGE_IDENTITY_H

#include <bson/bson.h>
#include <stddef.h>
#include <stdint.h>
#include "core/keys.h"
#include "core/order.h"
#include "lookup.h"
#include "protocol/loop.h"

typedef struct identity_table identity_t;
typedef struct identity_query identity_query;

typedef enum {
    IDENTITY_GOOD,
    IDENTITY_REFUSED,    /* malformed, forged, expired or ended; the user is gone or has another role: sign in again */
    IDENTITY_UNAVAILABLE /* the database couldn't be asked: later */
} identity_result;

typedef struct identity_who {
    bson_oid_t user;
    user_role role;
    int64_t version; /* the user's tokenVersion: hub_viewer's */
    int64_t exp;     /* seconds since the epoch: the viewer ends then */
} identity_who;

typedef struct identity_config {
    keys_t keys;
    int fresh_ms;     /* how old a reading may be; 0: 30 s */
    size_t max_users; /* 0: 20,000; past it the oldest go */
} identity_config;

/* `who` is NULL unless IDENTITY_GOOD. Between the check and this call the user may have been revoked: it was looked at
 * last, so a viewer that is added to the hub within the callback misses no revocation. */
typedef void (*identity_fn)(void *ctx, identity_result result, const identity_who *who);
/* How it asks: lookup_user's form, or a test's own. */
typedef void (*identity_ask)(void *asked, const bson_oid_t *id, lookup_user_fn fn, void *ctx);

identity_t *identity_new(loop_t *loop, const identity_config *config, identity_ask ask, void *asked);
/* Outstanding callbacks are not called. After the lookup that it asks was freed. */
void identity_free(identity_t *identity);

/* Checks a token. The query is gone when fn is called; until then identity_cancel makes sure that it isn't. */
identity_query *identity_check(identity_t *identity, const char *token, size_t len, identity_fn fn, void *ctx);
void identity_cancel(identity_query *query); /* NULL: nothing */

/* The change stream saw that the user's version is this now (INT64_MAX: whatever it was, read it again). */
void identity_learn(identity_t *identity, const bson_oid_t *user, int64_t version);
/* Changes were missed: read every user again when asked. */
void identity_forget_all(identity_t *identity);

#endif
