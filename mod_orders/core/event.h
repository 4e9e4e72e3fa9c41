/* What is sent to the bridge: one unix datagram after each commit, an array of events, never waited for.
 * A lost datagram is harmless: the bridge also reads the database's change stream. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <apr_pools.h>
#include <bson/bson.h>
#include <stdbool.h>
#include "out.h"

#define EVENT_DATAGRAM_MAX 65536

/* The JSON object of one event, wherever it is told from: a commit, the change stream, or a look-up that fills a gap.
 * An order's version `version`: the history's entry says type, time, from and to; data is the order as the document has
 * it. False, and nothing written, where the history has no such entry. */
bool event_write_order(out_t *out, const bson_t *order, int64_t version, int exponent);
void event_write_product(out_t *out, const bson_t *product, const char *currency, int exponent); /* product:stock */
/* The product:stock that customers get of a product that was taken off sale: that, and nothing else of it. */
void event_write_withdrawal(out_t *out, const bson_oid_t *product, int64_t version, int64_t at);

typedef struct event_sender event_sender_t;

/* A sender to the datagram socket at `path`; NULL path: events are dropped. -1 when no socket is to be had. Closed by the pool. */
int event_sender_create(event_sender_t **sender, apr_pool_t *pool, const char *path, int exponent,
                        const char *currency);

typedef struct event_batch event_batch;
event_batch *event_batch_begin(event_sender_t *sender, apr_pool_t *pool);
void event_batch_order(event_batch *batch, const bson_t *order); /* type, at, from, to from its newest history entry */
void event_batch_product(event_batch *batch, const bson_t *product); /* product:stock */
/* Sends what was gathered, split so that no datagram passes EVENT_DATAGRAM_MAX. Never blocks, never fails the caller. */
void event_batch_send(event_batch *batch);

#endif
