/* Orders and products in one table, each with the version that went out last and, of orders, what waits behind a gap. */
#include "gate.h"

#include <stdlib.h>
#include "list.h"
#include "oid_map.h"
#include "protocol/mem.h"

#define WAIT_MS        200
#define RETRY_MS       1000
#define QUIET_MS       (10 * 60 * 1000)
#define MAX_TRACKED    50000
#define MAX_HELD       10000
#define MAX_HELD_BYTES ((size_t)16 * 1024 * 1024)
#define TICK_MS        10 /* what is due within it is looked at together */
#define TRIES          5  /* for a history that lacks what the stream told of */

typedef struct held {
    struct held *next;
    news_t *news;
} held_t;

typedef struct tracked {
    oid_node node;
    list_link by_age; /* the quietest last */
    list_link by_wait;
    bool waiting; /* for a missing version */
    bool asking;  /* a look-up is under way */
    uint8_t tries;
    int64_t touched, due; /* loop_now's */
    int64_t last;         /* version that went out; 0: none yet */
    int64_t told;         /* of a product: the last of those that customers were told of */
    int64_t hinted;       /* a version that is known to be; 0: none */
    held_t *held;         /* by version */
} tracked_t;

struct gate {
    loop_t *loop;
    gate_config config;
    gate_ops ops;
    void *ctx;
    oid_map map;
    list_link ages, waits;
    struct event *wait_timer, *quiet_timer;
    int64_t wait_at; /* when wait_timer fires; 0: it is not set */
    int64_t since;   /* the stream's start, by the database's clock */
    int64_t broken;  /* loop_now when the stream broke; 0: it stands */
    size_t held_bytes;
    gate_stats stats;
};

static void on_wait(evutil_socket_t fd, short what, void *arg);
static void on_quiet(evutil_socket_t fd, short what, void *arg);

/* --- What is remembered --- */

static tracked_t *find(const gate_t *gate, const bson_oid_t *id)
{
    oid_node *node = oid_map_find(&gate->map, id);
    return node ? container_of(node, tracked_t, node) : NULL;
}

static void stop_waiting(tracked_t *it)
{
    if (it->waiting)
        list_take(&it->by_wait);
    it->waiting = false;
    it->tries = 0;
}

static void drop_first(gate_t *gate, tracked_t *it)
{
    held_t *held = it->held;
    it->held = held->next;
    gate->stats.held--;
    gate->held_bytes -= held->news->len;
    news_unref(held->news);
    free(held);
}

static void forget(gate_t *gate, tracked_t *it)
{
    stop_waiting(it);
    while (it->held)
        drop_first(gate, it);
    list_take(&it->by_age);
    oid_map_remove(&gate->map, &it->node);
    free(it);
}

static tracked_t *quietest(const gate_t *gate)
{
    return list_is_empty(&gate->ages) ? NULL : container_of(gate->ages.prev, tracked_t, by_age);
}

/* Something that waits is kept: it goes out first. (Much less may wait than be remembered.) */
static void touch(gate_t *gate, tracked_t *it)
{
    it->touched = loop_now(gate->loop);
    list_take(&it->by_age);
    list_add(&gate->ages, &it->by_age);
}

static void make_room(gate_t *gate)
{
    tracked_t *it;
    while (gate->map.count >= gate->config.max_tracked && (it = quietest(gate))) {
        if (it->waiting || it->asking)
            touch(gate, it);
        else
            forget(gate, it);
    }
}

static tracked_t *need(gate_t *gate, const bson_oid_t *id)
{
    tracked_t *it = find(gate, id);
    if (it) {
        touch(gate, it);
        return it;
    }
    make_room(gate);
    it = mem_zero(sizeof *it);
    it->node.id = *id;
    it->touched = loop_now(gate->loop);
    oid_map_add(&gate->map, &it->node);
    list_add(&gate->ages, &it->by_age);
    return it;
}

/* While the stream is broken nothing is forgotten: what it brings when it resumes went out long ago, perhaps. */
static void on_quiet(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    gate_t *gate = arg;
    int64_t before = loop_now(gate->loop) - gate->config.quiet_ms;
    tracked_t *it;
    while (!gate->broken && (it = quietest(gate)) && it->touched < before && !it->waiting && !it->asking)
        forget(gate, it);
    loop_timer_set(gate->loop, &gate->quiet_timer, gate->config.quiet_ms / 4, on_quiet, gate);
}

/* --- Waiting --- */

static void set_wait_timer(gate_t *gate, int64_t due)
{
    if (gate->wait_at && gate->wait_at <= due)
        return;
    gate->wait_at = due;
    loop_timer_set(gate->loop, &gate->wait_timer, due - loop_now(gate->loop), on_wait, gate);
}

static void wait_for(gate_t *gate, tracked_t *it, int ms)
{
    if (!it->waiting)
        list_add(&gate->waits, &it->by_wait);
    it->waiting = true;
    it->due = loop_now(gate->loop) + ms;
    set_wait_timer(gate, it->due);
}

static void ask(gate_t *gate, tracked_t *it)
{
    if (it->asking)
        return;
    it->asking = true;
    gate->stats.lookups++;
    gate->ops.lookup(gate->ctx, &it->node.id, it->last + 1);
}

static void on_wait(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    gate_t *gate = arg;
    int64_t until = loop_now(gate->loop) + TICK_MS, next = INT64_MAX;
    gate->wait_at = 0;
    for (list_link *link = gate->waits.next, *after; link != &gate->waits; link = after) {
        tracked_t *it = container_of(link, tracked_t, by_wait);
        after = link->next;
        if (it->asking)
            continue;
        if (it->due > until)
            next = it->due < next ? it->due : next;
        else
            ask(gate, it); /* may answer at once, and only this one stops waiting then */
    }
    if (next != INT64_MAX)
        set_wait_timer(gate, next);
}

/* --- Letting out --- */

static void let_out(gate_t *gate, news_t *news)
{
    gate->stats.released++;
    gate->ops.release(gate->ctx, news);
}

static void release(gate_t *gate, tracked_t *it, news_t *news)
{
    it->last = news->facts.version;
    let_out(gate, news);
}

/* What is held and follows goes out; what is held and is old vanishes. */
static void drain(gate_t *gate, tracked_t *it)
{
    while (it->held && it->held->news->facts.version <= it->last + 1) {
        if (it->held->news->facts.version <= it->last) {
            gate->stats.duplicates++;
        } else {
            news_t *news = news_ref(it->held->news);
            release(gate, it, news);
        }
        drop_first(gate, it);
    }
    if (it->hinted <= it->last)
        it->hinted = 0;
    if (!it->held && !it->hinted)
        stop_waiting(it);
}

/* The stream tells of this version: earlier ones that never came are from before its start. */
static void set_base(tracked_t *it, int64_t version, gate_source source)
{
    if (!it->last && source == GATE_STREAM)
        it->last = version - 1;
}

/* False: this version waits already. */
static bool hold(gate_t *gate, tracked_t *it, news_t *news)
{
    held_t **place = &it->held;
    while (*place && (*place)->news->facts.version < news->facts.version)
        place = &(*place)->next;
    if (*place && (*place)->news->facts.version == news->facts.version)
        return false;
    held_t *held = mem_alloc(sizeof *held);
    *held = (held_t){*place, news};
    *place = held;
    gate->stats.held++;
    gate->held_bytes += news->len;
    return true;
}

/* Whoever fetches afresh sees at least what waited. */
static void give_up_waiting(gate_t *gate)
{
    for (list_link *link = gate->waits.next, *after; link != &gate->waits; link = after) {
        tracked_t *it = container_of(link, tracked_t, by_wait);
        after = link->next;
        it->last = it->hinted > it->last ? it->hinted : it->last;
        while (it->held) {
            it->last = it->held->news->facts.version > it->last ? it->held->news->facts.version : it->last;
            drop_first(gate, it);
        }
        it->hinted = 0;
        stop_waiting(it);
    }
    gate->stats.overflows++;
    gate->ops.overflow(gate->ctx);
}

static void duplicate(gate_t *gate, news_t *news)
{
    gate->stats.duplicates++;
    news_unref(news);
}

static void order_news(gate_t *gate, tracked_t *it, news_t *news, gate_source source)
{
    int64_t version = news->facts.version;
    set_base(it, version, source);
    if (version == it->last + 1)
        release(gate, it, news);
    else if (version <= it->last || !hold(gate, it, news))
        duplicate(gate, news);
    else if (!it->waiting)
        wait_for(gate, it, gate->config.wait_ms);
    drain(gate, it);
    if (gate->stats.held > gate->config.max_held || gate->held_bytes > gate->config.max_held_bytes)
        give_up_waiting(gate);
}

/* A withdrawal is the customers' alone: that the product itself has gone out to admins doesn't make it old. */
static void product_news(gate_t *gate, tracked_t *it, news_t *news)
{
    int64_t version = news->facts.version;
    int64_t *last = news->facts.audience == NEWS_TO_CUSTOMERS ? &it->told : &it->last;
    if (version <= *last) {
        duplicate(gate, news);
        return;
    }
    *last = version;
    if (news->facts.audience == NEWS_TO_EVERYONE)
        it->told = version;
    let_out(gate, news);
}

void gate_news(gate_t *gate, news_t *news, gate_source source)
{
    tracked_t *it = need(gate, &news->facts.id);
    if (news_is_order(news))
        order_news(gate, it, news, source);
    else
        product_news(gate, it, news);
}

void gate_hint(gate_t *gate, const bson_oid_t *order, int64_t version)
{
    tracked_t *it = need(gate, order);
    set_base(it, version, GATE_STREAM);
    if (version > it->hinted)
        it->hinted = version;
    drain(gate, it);
    if (it->hinted || it->held) {
        wait_for(gate, it, 0);
    }
}

/* --- Filling a gap --- */

/* Of an order first heard of: the first version that viewers may have missed. It came about after the stream's start,
 * and not so long before what waits that it may have been forgotten, having gone out. */
static int64_t first_missed(const gate_t *gate, const tracked_t *it, news_t *const *entries, size_t count)
{
    int64_t first = it->held ? it->held->news->facts.version : it->hinted;
    int64_t known_ms = gate->config.quiet_ms / 2, since = gate->since;
    if (gate->broken)
        known_ms += loop_now(gate->loop) - gate->broken;
    if (it->held && it->held->news->facts.at - known_ms > since)
        since = it->held->news->facts.at - known_ms;
    for (size_t i = 0; i < count; i++)
        if (entries[i]->facts.version < first && entries[i]->facts.at >= since)
            return entries[i]->facts.version;
    return first;
}

static int64_t newest_known(const tracked_t *it)
{
    int64_t version = it->hinted;
    for (const held_t *held = it->held; held; held = held->next)
        version = held->news->facts.version > version ? held->news->facts.version : version;
    return version;
}

/* Up to the newest version that is known to be; the history's later ones will come by themselves. */
static void fill(gate_t *gate, tracked_t *it, news_t *const *entries, size_t count)
{
    int64_t until = newest_known(it);
    if (!it->last)
        it->last = first_missed(gate, it, entries, count) - 1;
    drain(gate, it);
    for (size_t i = 0; i < count && it->last < until; i++) {
        if (entries[i]->facts.version != it->last + 1)
            continue;
        gate->stats.filled++;
        release(gate, it, news_ref(entries[i]));
        drain(gate, it);
    }
}

/* What waits goes out although something is missing that can't be had. */
static void skip_gap(gate_t *gate, tracked_t *it)
{
    while (it->held) {
        it->last = it->held->news->facts.version - 1;
        drain(gate, it);
    }
    it->hinted = 0;
    stop_waiting(it);
}

void gate_filled(gate_t *gate, const bson_oid_t *order, gate_answer answer, news_t *const *entries, size_t count)
{
    tracked_t *it = find(gate, order);
    if (!it || !it->asking)
        return;
    it->asking = false;
    if (!it->waiting) /* it came meanwhile */
        return;
    if (answer == GATE_FAILED) {
        wait_for(gate, it, gate->config.retry_ms);
        return;
    }
    if (answer == GATE_FOUND)
        fill(gate, it, entries, count);
    if (it->waiting && (answer == GATE_GONE || ++it->tries >= TRIES))
        skip_gap(gate, it);
    if (it->waiting)
        wait_for(gate, it, gate->config.retry_ms);
}

/* --- The stream's state --- */

void gate_restart(gate_t *gate, int64_t at)
{
    gate->since = at;
    for (tracked_t *it; (it = quietest(gate));)
        forget(gate, it);
}

void gate_standing(gate_t *gate, bool standing)
{
    if (standing)
        gate->broken = 0;
    else if (!gate->broken)
        gate->broken = loop_now(gate->loop);
}

/* --- Life --- */

#define OR_DEFAULT(field, otherwise)                                                                                   \
    do {                                                                                                               \
        if (!(field))                                                                                                  \
            (field) = (otherwise);                                                                                     \
    } while (0)

gate_t *gate_new(loop_t *loop, const gate_config *config, const gate_ops *ops, void *ctx)
{
    gate_t *gate = mem_zero(sizeof *gate);
    gate->loop = loop;
    gate->config = *config;
    gate->ops = *ops;
    gate->ctx = ctx;
    OR_DEFAULT(gate->config.wait_ms, WAIT_MS);
    OR_DEFAULT(gate->config.retry_ms, RETRY_MS);
    OR_DEFAULT(gate->config.quiet_ms, QUIET_MS);
    OR_DEFAULT(gate->config.max_tracked, MAX_TRACKED);
    OR_DEFAULT(gate->config.max_held, MAX_HELD);
    OR_DEFAULT(gate->config.max_held_bytes, MAX_HELD_BYTES);
    list_init(&gate->ages);
    list_init(&gate->waits);
    gate->broken = loop_now(loop);
    loop_timer_set(loop, &gate->quiet_timer, gate->config.quiet_ms / 4, on_quiet, gate);
    return gate;
}

void gate_free(gate_t *gate)
{
    if (!gate)
        return;
    gate_restart(gate, 0);
    loop_timer_free(&gate->wait_timer);
    loop_timer_free(&gate->quiet_timer);
    oid_map_free(&gate->map);
    free(gate);
}

void gate_stats_get(const gate_t *gate, gate_stats *stats)
{
    *stats = gate->stats;
    stats->tracked = gate->map.count;
}
