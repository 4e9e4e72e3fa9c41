/* What comes in by datagram and by change stream, in any order and more than once, goes out once, and each order's
 * versions in order.
 *
 * Orders: version v+1 follows v. A later one waits; when the missing one hasn't come after `wait_ms`, all that is missing
 * is made from the order's history (a look-up). Of an order first heard of, nothing from before the change stream's
 * start is missing: the stream's first event of it goes out at once, as does version 1; a datagram's later version waits
 * as above, for it may have overtaken another.
 * Products: the newest version goes out, older ones vanish; customers' withdrawals count by themselves.
 * Bounded: what was quiet for `quiet_ms` is forgotten while the stream stands (what it brings after a break is old), the
 * quietest earlier when there are too many. When too much waits (a database away for long), all that waits is dropped and
 * `overflow` says so: the viewers must fetch afresh.
 *
 * Threading: the loop's thread only. `release` and `overflow` must not call the gate; `lookup` may call gate_filled.
 */
#ifndef WSBRIDGE_GATE_H
#define WSBRIDGE_GATE_H

#include "news.h"
#include "protocol/loop.h"

typedef struct gate gate_t;

typedef enum { GATE_DATAGRAM, GATE_STREAM } gate_source;

typedef struct gate_config {
    int wait_ms;           /* 0: 200 */
    int retry_ms;          /* between look-ups that failed; 0: 1000 */
    int quiet_ms;          /* 0: 10 minutes */
    size_t max_tracked;    /* orders and products; 0: 50,000 */
    size_t max_held;       /* events that wait; 0: 10,000 */
    size_t max_held_bytes; /* 0: 16 MiB */
} gate_config;

typedef struct gate_ops {
    void (*release)(void *ctx, news_t *news); /* takes the reference */
    /* Read the order and call gate_filled with its events from version `from` on. One at a time for each order. */
    void (*lookup)(void *ctx, const bson_oid_t *order, int64_t from);
    void (*overflow)(void *ctx);
} gate_ops;

typedef enum { GATE_FOUND, GATE_GONE, GATE_FAILED } gate_answer;

typedef struct gate_stats {
    size_t tracked, held;
    int64_t released, duplicates, filled; /* filled: made from history */
    int64_t lookups, overflows;
} gate_stats;

gate_t *gate_new(loop_t *loop, const gate_config *config, const gate_ops *ops, void *ctx);
void gate_free(gate_t *gate);

/* Takes the reference. */
void gate_news(gate_t *gate, news_t *news, gate_source source);
/* The stream tells of a version but could not bring the document: it is made from history at once. */
void gate_hint(gate_t *gate, const bson_oid_t *order, int64_t version);

/* A look-up's answer: GATE_FOUND with one event an entry of the history, oldest first (the references stay the caller's),
 * GATE_GONE where there is no such order, GATE_FAILED where the database couldn't be asked. */
void gate_filled(gate_t *gate, const bson_oid_t *order, gate_answer answer, news_t *const *entries, size_t count);

/* The stream stands afresh since `at` (ms, the database's clock): everything is forgotten, what waits is dropped. */
void gate_restart(gate_t *gate, int64_t at);
/* Whether the stream stands; while it doesn't, nothing quiet is forgotten. */
void gate_standing(gate_t *gate, bool standing);

void gate_stats_get(const gate_t *gate, gate_stats *stats);

#endif
