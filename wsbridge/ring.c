#include "ring.h"

#include <stdlib.h>
#include "oid_map.h"
#include "protocol/mem.h"

#define RECENT 512 /* of them keep their frames: a wave of viewers that resume asks for the same few */

struct ring {
    char epoch[RANDOM_NAME_SIZE];
    news_t **slots; /* seq s is at (s - 1) % max_events */
    size_t max_events, max_bytes;
    size_t count, bytes;
    int64_t seq;
    oid_map products; /* the newest event of each product that is kept */
};

typedef struct newest {
    oid_node node;
    news_t *news; /* the ring keeps it */
} newest_t;

static newest_t *find_newest(const ring_t *ring, const bson_oid_t *id)
{
    oid_node *node = oid_map_find(&ring->products, id);
    return node ? container_of(node, newest_t, node) : NULL;
}

/* Who comes back gets a product's newest state alone: else a busy shop's stock would soon be too much to replay. */
static void note_newest(ring_t *ring, news_t *news)
{
    newest_t *newest = find_newest(ring, &news->facts.id);
    if (newest) {
        /* … unless they may see the old one alone */
        newest->news->outdated =
            news->facts.audience == NEWS_TO_EVERYONE || news->facts.audience == newest->news->facts.audience;
        newest->news = news;
        return;
    }
    newest = mem_zero(sizeof *newest);
    newest->node.id = news->facts.id;
    newest->news = news;
    oid_map_add(&ring->products, &newest->node);
}

static void forget_newest(ring_t *ring, const news_t *news)
{
    newest_t *newest = find_newest(ring, &news->facts.id);
    if (!newest || newest->news != news)
        return;
    oid_map_remove(&ring->products, &newest->node);
    free(newest);
}

ring_t *ring_new(size_t max_events, size_t max_bytes)
{
    ring_t *ring = mem_zero(sizeof *ring);
    ring->max_events = max_events ? max_events : RING_EVENTS_DEFAULT;
    ring->max_bytes = max_bytes ? max_bytes : RING_BYTES_DEFAULT;
    ring->slots = mem_zero(ring->max_events * sizeof *ring->slots);
    random_name(ring->epoch);
    return ring;
}

static news_t **slot(const ring_t *ring, int64_t seq)
{
    return &ring->slots[(size_t)(seq - 1) % ring->max_events];
}

static int64_t oldest(const ring_t *ring)
{
    return ring->seq - (int64_t)ring->count + 1;
}

static void drop_oldest(ring_t *ring)
{
    news_t **place = slot(ring, oldest(ring));
    ring->bytes -= (*place)->len;
    ring->count--;
    if (!news_is_order(*place))
        forget_newest(ring, *place);
    news_unref(*place);
    *place = NULL;
}

static void drop_all(ring_t *ring)
{
    while (ring->count)
        drop_oldest(ring);
}

void ring_free(ring_t *ring)
{
    drop_all(ring);
    oid_map_free(&ring->products);
    free(ring->slots);
    free(ring);
}

const char *ring_epoch(const ring_t *ring)
{
    return ring->epoch;
}

int64_t ring_seq(const ring_t *ring)
{
    return ring->seq;
}

size_t ring_count(const ring_t *ring)
{
    return ring->count;
}

size_t ring_bytes(const ring_t *ring)
{
    return ring->bytes;
}

void ring_add(ring_t *ring, news_t *news)
{
    if (ring->count == ring->max_events)
        drop_oldest(ring);
    news->seq = ++ring->seq;
    *slot(ring, news->seq) = news_ref(news);
    ring->count++;
    ring->bytes += news->len;
    if (!news_is_order(news))
        note_newest(ring, news);
    while (ring->bytes > ring->max_bytes && ring->count > 1)
        drop_oldest(ring);
    news_t *old = ring_at(ring, ring->seq - RECENT);
    if (old)
        news_cool(old);
}

void ring_restart(ring_t *ring)
{
    drop_all(ring);
    ring->seq = 0;
    random_name(ring->epoch);
}

bool ring_reaches(const ring_t *ring, int64_t since)
{
    return since >= 0 && since <= ring->seq && since + 1 >= oldest(ring);
}

news_t *ring_at(const ring_t *ring, int64_t seq)
{
    return seq >= oldest(ring) && seq <= ring->seq && seq > 0 ? *slot(ring, seq) : NULL;
}

bool ring_is_recent(const ring_t *ring, int64_t seq)
{
    return seq > ring->seq - RECENT;
}
