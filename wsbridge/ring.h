/* The events released last, for viewers that come back: numbered without a gap within an epoch. Bounded by count and by
 * bytes of text; the oldest go first. The loop's thread only.
 */
#ifndef WSBRIDGE_RING_H
#define WSBRIDGE_RING_H

#include "news.h"
#include "protocol/text.h"

#define RING_EVENTS_DEFAULT 10000
#define RING_BYTES_DEFAULT  ((size_t)32 * 1024 * 1024)

typedef struct ring ring_t;

ring_t *ring_new(size_t max_events, size_t max_bytes); /* 0: the default */
void ring_free(ring_t *ring);

/* A random text without dots; another one after each ring_restart and in each process. */
const char *ring_epoch(const ring_t *ring);
/* Of the newest event; 0 when there was none in this epoch. */
int64_t ring_seq(const ring_t *ring);
size_t ring_count(const ring_t *ring);
size_t ring_bytes(const ring_t *ring);

/* Gives it the next seq and keeps it; takes a reference of its own. */
void ring_add(ring_t *ring, news_t *news);
/* Forgets everything: a new epoch, seq 0. */
void ring_restart(ring_t *ring);
/* Whether all events after `since` are still here: false when it is ahead, negative, or too old. */
bool ring_reaches(const ring_t *ring, int64_t since);
/* The event with this seq, or NULL. Stays the ring's. */
news_t *ring_at(const ring_t *ring, int64_t seq);
/* Whether it is recent enough to keep its frames: ring_add lets older ones go. */
bool ring_is_recent(const ring_t *ring, int64_t seq);

#endif
