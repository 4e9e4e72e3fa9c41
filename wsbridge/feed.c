#include "feed.h"

#include <stdlib.h>
#include "protocol/mem.h"

#define CONNECTIONS   2 /* the stream's and the look-ups' */
#define TIMEOUT_MS    5000
#define LOOK_AGAIN_MS 2000

struct feed {
    loop_t *loop;
    feed_config config;
    store_t *store;
    hub_t *hub;
    gate_t *gate;
    lookup_t *lookup;
    identity_t *identity;
    datagram_t *datagram;
    stream_reader *stream;
    struct event *check_timer; /* see check_users */
};

/* --- In: both ways to the gate --- */

static void from_datagram(void *ctx, news_t *news)
{
    gate_news(((feed_t *)ctx)->gate, news, GATE_DATAGRAM);
}

static void from_stream(void *ctx, news_t *news)
{
    gate_news(((feed_t *)ctx)->gate, news, GATE_STREAM);
}

static void hint_from_stream(void *ctx, const bson_oid_t *order, int64_t version)
{
    gate_hint(((feed_t *)ctx)->gate, order, version);
}

/* --- The gate's wishes --- */

static void on_release(void *ctx, news_t *news)
{
    hub_release(((feed_t *)ctx)->hub, news);
}

static void on_order(void *ctx, const bson_oid_t *id, const lookup_order_answer *answer)
{
    static const gate_answer meaning[] = {
        [LOOKUP_FOUND] = GATE_FOUND, [LOOKUP_NONE] = GATE_GONE, [LOOKUP_FAILED] = GATE_FAILED};
    gate_filled(((feed_t *)ctx)->gate, id, meaning[answer->result], answer->entries, answer->count);
}

static void on_lookup(void *ctx, const bson_oid_t *order, int64_t from)
{
    lookup_order(((feed_t *)ctx)->lookup, order, from, on_order, ctx);
}

static void on_overflow(void *ctx)
{
    feed_t *feed = ctx;
    if (feed->config.log)
        feed->config.log(feed->config.log_ctx, STORE_LOG_WARNING,
                         "events: too many wait for the database; all viewers are told to fetch afresh");
    hub_reset(feed->hub);
}

/* --- Users --- */

static void on_user_changed(void *ctx, const bson_oid_t *user, int64_t version)
{
    feed_t *feed = ctx;
    identity_learn(feed->identity, user, version);
    hub_revoke(feed->hub, user, version);
}

static void on_check(evutil_socket_t fd, short what, void *arg);

static void on_checked(void *ctx, const bson_oid_t *user, const lookup_user_answer *answer)
{
    feed_t *feed = ctx;
    if (answer->result == LOOKUP_FAILED)
        loop_timer_set(feed->loop, &feed->check_timer, LOOK_AGAIN_MS, on_check, feed);
    else
        on_user_changed(feed, user, answer->result == LOOKUP_FOUND ? answer->version : INT64_MAX);
}

static void check_user(void *ctx, const bson_oid_t *user)
{
    lookup_user(((feed_t *)ctx)->lookup, user, on_checked, ctx);
}

/* The stream missed changes: whoever has a viewer is looked at once, until the database has told of all. */
static void on_check(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    hub_each_user(((feed_t *)arg)->hub, check_user, arg);
}

/* --- The stream's state --- */

static void on_standing(void *ctx, bool fresh, int64_t at)
{
    feed_t *feed = ctx;
    gate_standing(feed->gate, true);
    if (!fresh)
        return;
    gate_restart(feed->gate, at);
    if (!hub_ready(feed->hub)) {
        hub_set_ready(feed->hub);
        return;
    }
    identity_forget_all(feed->identity);
    hub_reset(feed->hub);
    on_check(-1, 0, feed);
}

static void on_away(void *ctx)
{
    gate_standing(((feed_t *)ctx)->gate, false);
}

/* --- Life --- */

static const gate_ops to_gate = {on_release, on_lookup, on_overflow};
static const stream_handlers to_stream = {from_stream, hint_from_stream, on_user_changed, on_standing, on_away};

static void ask_user(void *asked, const bson_oid_t *id, lookup_user_fn fn, void *ctx)
{
    lookup_user(asked, id, fn, ctx);
}

static const char *open_store(feed_t *feed, apr_pool_t *pool)
{
    const char *why = NULL;
    store_config config = {.uri = feed->config.mongodb_uri,
                           .pool_size = CONNECTIONS,
                           .request_timeout_ms = feed->config.request_timeout_ms,
                           .log = feed->config.log,
                           .log_ctx = feed->config.log_ctx};
    store_open(&feed->store, pool, &config, &why);
    return why;
}

static const char *open_datagrams(feed_t *feed, apr_pool_t *pool)
{
    const char *why = NULL;
    datagram_config *config = &feed->config.datagram;
    if (!config->path && config->fd < 0)
        return NULL;
    config->log = feed->config.log;
    config->log_ctx = feed->config.log_ctx;
    feed->datagram = datagram_open(feed->loop, pool, config, from_datagram, feed, &why);
    return why;
}

/* What can be refused comes before the threads. */
static const char *start(feed_t *feed, apr_pool_t *pool)
{
    const char *why = open_datagrams(feed, pool);
    if (!why)
        why = open_store(feed, pool);
    if (why)
        return why;
    lookup_config looking = {
        .store = feed->store, .request_timeout_ms = feed->config.request_timeout_ms, .exponent = feed->config.exponent};
    feed->lookup = lookup_new(feed->loop, &looking);
    feed->identity = identity_new(feed->loop, &feed->config.identity, ask_user, feed->lookup);
    stream_config reading = {.store = feed->store,
                             .currency = feed->config.currency,
                             .exponent = feed->config.exponent,
                             .handlers = &to_stream,
                             .ctx = feed};
    if (feed->lookup && feed->identity)
        feed->stream = stream_start(feed->loop, &reading);
    return feed->stream ? NULL : "the system gives no thread, descriptor or memory";
}

feed_t *feed_start(loop_t *loop, apr_pool_t *pool, const feed_config *config, const char **why)
{
    feed_t *feed = mem_zero(sizeof *feed);
    feed->loop = loop;
    feed->config = *config;
    if (!feed->config.request_timeout_ms)
        feed->config.request_timeout_ms = TIMEOUT_MS;
    feed->hub = hub_new(&config->hub);
    feed->gate = gate_new(loop, &config->gate, &to_gate, feed);
    *why = start(feed, pool);
    if (!*why)
        return feed;
    feed_stop(feed);
    return NULL;
}

void feed_stop(feed_t *feed)
{
    if (!feed)
        return;
    datagram_close(feed->datagram);
    stream_stop(feed->stream);
    lookup_free(feed->lookup);
    identity_free(feed->identity);
    loop_timer_free(&feed->check_timer);
    gate_free(feed->gate);
    hub_free(feed->hub);
    free(feed);
}

hub_t *feed_hub(feed_t *feed)
{
    return feed->hub;
}

identity_t *feed_identity(feed_t *feed)
{
    return feed->identity;
}

void feed_stats_get(const feed_t *feed, feed_stats *stats)
{
    *stats = (feed_stats){.database = store_state_now(feed->store), .lookups_waiting = lookup_waiting(feed->lookup)};
    stream_stats_get(feed->stream, &stats->stream);
    if (feed->datagram)
        datagram_stats_get(feed->datagram, &stats->datagram);
    gate_stats_get(feed->gate, &stats->gate);
    hub_stats_get(feed->hub, &stats->hub);
}
