/* The other way in: the database's change stream over orders, products and users, read by a thread that blocks on it.
 * Complete: it also brings what other hosts did, and what a lost datagram told. What comes is handed to the loop.
 *
 * The resume token is kept in memory, also after empty batches. After a break it resumes where it was; when the database
 * says that this history is lost (286 and the like) or the stream was invalidated, it starts afresh, and says so:
 * everybody must fetch again. While the database is away it tries with growing pauses (at most 1 s).
 *
 * Threading: stream_start and stream_stop on the loop's thread; handlers are called there. stream_stop joins the thread,
 * within a round trip's wait; no handler is called any more.
 */
#ifndef WSBRIDGE_STREAM_H
#define WSBRIDGE_STREAM_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/store.h"
#include "news.h"
#include "protocol/loop.h"

typedef struct stream_reader stream_reader;

typedef enum {
    STREAM_STARTING, /* has not stood yet */
    STREAM_STANDING, /* every change arrives */
    STREAM_AWAY      /* broken; it will resume, or start afresh */
} stream_state;

typedef struct stream_handlers {
    /* An event; takes the reference. Each order's come in the order of versions. */
    void (*news)(void *ctx, news_t *news);
    /* A version of an order whose document could not be had. */
    void (*hint)(void *ctx, const bson_oid_t *order, int64_t version);
    /* A user's tokenVersion is this now; INT64_MAX: the role changed without it, or the user is gone. */
    void (*user)(void *ctx, const bson_oid_t *user, int64_t version);
    /* It stands. fresh: all changes from `at` (ms, the database's clock) on arrive, what was before is unknown; else it
     * resumed, and what was missed has arrived. The first call in a process is fresh. */
    void (*standing)(void *ctx, bool fresh, int64_t at);
    void (*away)(void *ctx);
} stream_handlers;

typedef struct stream_config {
    store_t *store; /* its log function tells of the stream, too */
    const char *currency;
    int exponent;
    int await_ms; /* how long the database waits for news in one round trip; 0: 500 */
    const stream_handlers *handlers;
    void *ctx;
} stream_config;

typedef struct stream_stats {
    stream_state state;
    int64_t changes;  /* seen */
    int64_t resumes;  /* after a break, nothing lost */
    int64_t restarts; /* fresh starts after the first */
} stream_stats;

/* NULL when no thread or descriptor is to be had. */
stream_reader *stream_start(loop_t *loop, const stream_config *config);
void stream_stop(stream_reader *stream); /* NULL: nothing */
void stream_stats_get(const stream_reader *stream, stream_stats *stats);

#endif
