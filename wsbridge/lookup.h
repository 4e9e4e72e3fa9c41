/* Reading the database without stopping the loop: one worker thread, a bounded queue of jobs, answers on the loop.
 *
 * Threading: every function is called on the loop's thread; callbacks run there too, never within the call that asked.
 * The worker uses one connection of the store. Bounded waits: an answer, be it LOOKUP_FAILED, comes within the store's
 * request time of the job's turn. lookup_free joins the worker (at most that long); callbacks that were outstanding are
 * not called.
 */
#ifndef WSBRIDGE_LOOKUP_H
#define WSBRIDGE_LOOKUP_H

#include <bson/bson.h>
#include "core/order.h"
#include "core/store.h"
#include "news.h"
#include "protocol/loop.h"

typedef struct lookup lookup_t;

typedef enum { LOOKUP_FOUND, LOOKUP_NONE, LOOKUP_FAILED } lookup_result;

typedef struct lookup_config {
    store_t *store;
    int request_timeout_ms; /* as the store's */
    int exponent;           /* of the currency */
    size_t max_jobs;        /* that wait; 0: 10,000. Past it a job fails */
} lookup_config;

typedef struct lookup_user_answer {
    lookup_result result;
    int64_t version; /* tokenVersion */
    user_role role;
} lookup_user_answer;

typedef struct lookup_order_answer {
    lookup_result result;
    news_t *const *entries; /* one event an entry of the history, oldest first; valid during the call */
    size_t count;
} lookup_order_answer;

typedef void (*lookup_user_fn)(void *ctx, const bson_oid_t *id, const lookup_user_answer *answer);
typedef void (*lookup_order_fn)(void *ctx, const bson_oid_t *id, const lookup_order_answer *answer);

/* NULL when no thread or descriptor is to be had. */
lookup_t *lookup_new(loop_t *loop, const lookup_config *config);
void lookup_free(lookup_t *lookup); /* NULL: nothing */

void lookup_user(lookup_t *lookup, const bson_oid_t *id, lookup_user_fn fn, void *ctx);
/* Events from version `from` on. */
void lookup_order(lookup_t *lookup, const bson_oid_t *id, int64_t from, lookup_order_fn fn, void *ctx);

size_t lookup_waiting(const lookup_t *lookup); /* jobs that have no answer yet */

#endif
