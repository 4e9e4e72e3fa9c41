/* One way in: the unix datagrams that mod_orders sends after each commit, arrays of events as core/event writes them.
 *
 * The socket is 0600, and every datagram's sender must be this process' user, root, or the configured web user
 * (SO_PASSCRED). What isn't exactly an array of well-formed events is dropped as a whole, counted, and logged at a
 * bounded rate, without its content.
 * Threading: the loop's thread only.
 */
#ifndef WSBRIDGE_DATAGRAM_H
#define WSBRIDGE_DATAGRAM_H

#include <stdbool.h>
#include <sys/types.h>
#include "core/store.h"
#include "news.h"
#include "protocol/loop.h"

typedef struct datagram datagram_t;

typedef struct datagram_config {
    const char *path;  /* made, and removed again at the end; a dead process' is replaced */
    int fd;            /* >= 0: a bound socket handed over (socket activation), closed at the end; no path then */
    bool has_web_user; /* Apache's children run as another user: */
    uid_t web_user;    /* it owns the socket (which takes root) and may send */
    store_log_fn log;  /* called on the loop's thread */
    void *log_ctx;
} datagram_config;

typedef struct datagram_stats {
    int64_t accepted, malformed, foreign; /* datagrams; foreign: of another user */
    int64_t events;
} datagram_stats;

/* Each event, in the datagram's order; takes the reference. */
typedef void (*datagram_fn)(void *ctx, news_t *news);

/* NULL with a sentence in *why (static, or from `pool`): the path is too long, or taken by a living process, … */
datagram_t *datagram_open(loop_t *loop, apr_pool_t *pool, const datagram_config *config, datagram_fn fn, void *ctx,
                          const char **why);
void datagram_close(datagram_t *datagram); /* NULL: nothing */
void datagram_stats_get(const datagram_t *datagram, datagram_stats *stats);

/* The parser alone: the events of one datagram, each through fn. NULL, or a static text that says what is wrong, and then
 * fn was not called at all. */
const char *datagram_parse(const char *text, size_t len, datagram_fn fn, void *ctx);

#endif
