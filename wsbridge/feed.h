/* The data side as one thing: datagrams and change stream → gate → hub, with the look-ups and identities it needs. What
 * main starts, and what the viewers' side talks to.
 *
 * Order at the end: the viewers leave the hub and cancel their queries and waits, feed_stop, loop_free. feed_stop takes
 * up to a second or so: it joins two threads.
 * Threading: the loop's thread only.
 */
#ifndef WSBRIDGE_FEED_H
#define WSBRIDGE_FEED_H

#include <apr_pools.h>
#include "datagram.h"
#include "gate.h"
#include "hub.h"
#include "identity.h"
#include "stream.h"

typedef struct feed feed_t;

typedef struct feed_config {
    const char *mongodb_uri;
    int request_timeout_ms; /* of one look-up; 0: 5000 */
    const char *currency;
    int exponent;
    datagram_config datagram; /* path NULL and fd -1: none, the change stream alone. Its log: see below */
    hub_config hub;
    gate_config gate;
    identity_config identity;
    store_log_fn log; /* of everything; called from any thread: the loop's, the two workers', the driver's monitors */
    void *log_ctx;
} feed_config;

typedef struct feed_stats {
    store_state database;
    stream_stats stream;
    datagram_stats datagram;
    gate_stats gate;
    hub_stats hub;
    size_t lookups_waiting;
} feed_stats;

/* NULL with a sentence in *why. What it is given lives as long as `pool`, which outlives the feed. The database need not
 * be there: it is waited for, and hub_ready tells when all stands. */
feed_t *feed_start(loop_t *loop, apr_pool_t *pool, const feed_config *config, const char **why);
void feed_stop(feed_t *feed); /* NULL: nothing */

hub_t *feed_hub(feed_t *feed);
identity_t *feed_identity(feed_t *feed);
void feed_stats_get(const feed_t *feed, feed_stats *stats);
const char *stream_state_name(stream_state state); /* "starting", "standing", "away" */

#endif
