/* What the checks of the bridge's data side share: feed, viewers, and a client that writes as any other host would. The
 * database is real: ORDERS_TEST_URI names it, empty and of this program's own. test_feed.py starts it and runs each check.
 */
#ifndef TESTS_CHECK_FEED_H
#define TESTS_CHECK_FEED_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "core/event.h"
#include "core/token.h"
#include "feed.h"

#define SOON_MS 15000
#define PATH    "feed_check.sock"

typedef struct seen {
    hub_viewer in_hub; /* first */
    news_t *news[200];
    int count, resets, revoked;
} seen_t;

/* What all tests share. */
static struct {
    apr_pool_t *pool;
    struct event_base *base;
    loop_t *loop;
    feed_t *feed;
    mongoc_client_t *client;
    mongoc_database_t *database;
    store_t *store;
    keys_t keys;
    seen_t admin, owner, other;
    event_sender_t *sender;
} it;

/* --- Viewers --- */

static inline void deliver(hub_viewer *viewer, news_t *news)
{
    seen_t *seen = (seen_t *)(void *)viewer;
    assert_true(seen->count < 200);
    seen->news[seen->count++] = news_ref(news);
}

static inline void reset(hub_viewer *viewer, const char *epoch, int64_t seq)
{
    assert_string_equal(epoch, hub_epoch(feed_hub(it.feed)));
    assert_int_equal(seq, 0);
    ((seen_t *)(void *)viewer)->resets++;
}

static inline void revoked(hub_viewer *viewer)
{
    ((seen_t *)(void *)viewer)->revoked++;
}

static const hub_viewer_ops viewer_ops = {deliver, reset, revoked};

static inline void enter(seen_t *seen, user_role role)
{
    *seen = (seen_t){.in_hub = {.role = role, .version = 1, .ops = &viewer_ops}};
    bson_oid_init(&seen->in_hub.user, NULL);
    hub_add(feed_hub(it.feed), &seen->in_hub);
}

static inline void leave(seen_t *seen)
{
    hub_remove(feed_hub(it.feed), &seen->in_hub);
    while (seen->count)
        news_unref(seen->news[--seen->count]);
}

static inline int enter_all(void **state)
{
    (void)state;
    enter(&it.admin, ROLE_ADMIN);
    enter(&it.owner, ROLE_CUSTOMER);
    enter(&it.other, ROLE_CUSTOMER);
    return 0;
}

static inline int leave_all(void **state)
{
    (void)state;
    leave(&it.admin);
    leave(&it.owner);
    leave(&it.other);
    return 0;
}

/* --- The loop --- */

typedef bool (*holds_fn)(void *arg);

static inline void turn(void)
{
    struct timeval tick = {.tv_usec = 2000};
    event_base_loopexit(it.base, &tick);
    event_base_dispatch(it.base);
}

/* Runs the loop until it holds; false when it didn't soon. */
static inline bool until(holds_fn holds, void *arg)
{
    int64_t give_up = loop_now(it.loop) + SOON_MS;
    while (!holds(arg) && loop_now(it.loop) < give_up)
        turn();
    return holds(arg);
}

static inline void run_for(int ms)
{
    int64_t end = loop_now(it.loop) + ms;
    while (loop_now(it.loop) < end)
        turn();
}

static inline bool is_ready(void *arg)
{
    (void)arg;
    return hub_ready(feed_hub(it.feed));
}

static int wanted_count;
static inline bool has_count(void *seen)
{
    return ((seen_t *)seen)->count >= wanted_count;
}

static inline void expect_count(seen_t *seen, int count)
{
    wanted_count = count;
    if (!until(has_count, seen))
        fail_msg("%d events instead of %d", seen->count, count);
    assert_int_equal(seen->count, count);
}

/* --- Writing as another host does --- */

static inline void run_command(bson_t *command)
{
    bson_error_t error = {0};
    bson_t reply;
    if (!mongoc_database_write_command_with_opts(it.database, command, NULL, &reply, &error))
        fail_msg("%s", error.message);
    bson_destroy(&reply);
    bson_destroy(command);
}

static inline void insert(const char *collection, bson_t *doc)
{
    run_command(BCON_NEW("insert", BCON_UTF8(collection), "documents", "[", BCON_DOCUMENT(doc), "]"));
    bson_destroy(doc);
}

static inline bson_oid_t new_order(const seen_t *owner)
{
    bson_oid_t id;
    char number[32];
    bson_oid_init(&id, NULL);
    bson_oid_to_string(&id, number);
    insert("orders",
           BCON_NEW("_id", BCON_OID(&id), "number", BCON_UTF8(number), "userId", BCON_OID(&owner->in_hub.user),
                    "customer", "{", "name", BCON_UTF8("N"), "email", BCON_UTF8("n@example.org"), "}", "items", "[",
                    "{", "productId", BCON_OID(&id), "name", BCON_UTF8("P"), "quantity", BCON_INT64(1), "price",
                    BCON_INT64(999), "total", BCON_INT64(999), "}", "]", "total", BCON_INT64(999), "currency",
                    BCON_UTF8("USD"), "status", BCON_UTF8("pending"), "paymentReceived", BCON_BOOL(false), "version",
                    BCON_INT64(1), "createdAt", BCON_DATE_TIME(1000), "updatedAt", BCON_DATE_TIME(1000), "history", "[",
                    "{", "version", BCON_INT64(1), "at", BCON_DATE_TIME(1000), "type", BCON_UTF8("order:new"), "to",
                    BCON_UTF8("pending"), "}", "]"));
    return id;
}

static inline void move_order(const bson_oid_t *id, int64_t version)
{
    run_command(BCON_NEW("update", BCON_UTF8("orders"), "updates", "[", "{", "q", "{", "_id", BCON_OID(id), "}", "u",
                         "{", "$set", "{", "version", BCON_INT64(version), "status", BCON_UTF8("processing"), "}",
                         "$push", "{", "history", "{", "version", BCON_INT64(version), "at",
                         BCON_DATE_TIME(1000 + version), "type", BCON_UTF8("order:status"), "from",
                         BCON_UTF8("pending"), "to", BCON_UTF8("processing"), "}", "}", "}", "}", "]"));
}

static inline void set_fields(const char *collection, const bson_oid_t *id, bson_t *fields)
{
    run_command(BCON_NEW("update", BCON_UTF8(collection), "updates", "[", "{", "q", "{", "_id", BCON_OID(id), "}", "u",
                         "{", "$set", BCON_DOCUMENT(fields), "}", "}", "]"));
    bson_destroy(fields);
}

static inline void delete_one(const char *collection, const bson_oid_t *id)
{
    run_command(BCON_NEW("delete", BCON_UTF8(collection), "deletes", "[", "{", "q", "{", "_id", BCON_OID(id), "}",
                         "limit", BCON_INT32(1), "}", "]"));
}

static inline bson_oid_t new_product(bool active)
{
    bson_oid_t id;
    bson_oid_init(&id, NULL);
    insert("products",
           BCON_NEW("_id", BCON_OID(&id), "name", BCON_UTF8("P"), "terms", "[", "]", "price", BCON_INT64(999), "stock",
                    BCON_INT64(5), "reserved", BCON_INT64(0), "active", BCON_BOOL(active), "version", BCON_INT64(1),
                    "createdAt", BCON_DATE_TIME(1000), "updatedAt", BCON_DATE_TIME(1000)));
    return id;
}

static inline void new_user(const bson_oid_t *id, const char *role)
{
    char email[64];
    bson_oid_to_string(id, email);
    insert("users", BCON_NEW("_id", BCON_OID(id), "name", BCON_UTF8("N"), "email", BCON_UTF8(email), "password",
                             BCON_UTF8("$2y$…"), "role", BCON_UTF8(role), "tokenVersion", BCON_INT64(1), "createdAt",
                             BCON_DATE_TIME(1000)));
}

static inline void assert_news(const news_t *news, const char *type, const bson_oid_t *id, int64_t version)
{
    assert_string_equal(news_type_name(news->facts.type), type);
    assert_true(bson_oid_equal(&news->facts.id, id));
    assert_int_equal(news->facts.version, version);
}

static inline bool was_revoked(void *seen)
{
    return ((seen_t *)seen)->revoked;
}

/* --- Life --- */

static inline void on_log(void *ctx, store_log_level level, const char *message)
{
    (void)ctx;
    if (level <= STORE_LOG_INFO)
        fprintf(stderr, "%d %s\n", (int)level, message);
}

static inline bool open_client(const char *uri)
{
    it.client = mongoc_client_new(uri);
    if (!it.client)
        return false;
    mongoc_client_set_error_api(it.client, MONGOC_ERROR_API_VERSION_2);
    it.database = mongoc_client_get_database(it.client, mongoc_uri_get_database(mongoc_client_get_uri(it.client)));
    return true;
}

static inline int start(void **state)
{
    (void)state;
    const char *uri = getenv("ORDERS_TEST_URI"), *why; /* NOLINT(concurrency-mt-unsafe): there is one thread */
    if (!uri) {
        fprintf(stderr, "ORDERS_TEST_URI is not set\n");
        return -1;
    }
    apr_pool_create(&it.pool, NULL);
    it.base = event_base_new();
    it.loop = loop_new(it.base);
    keys_derive(&it.keys, "a secret of thirty-two bytes or more", 36);
    feed_config config = {.mongodb_uri = uri,
                          .currency = "USD",
                          .exponent = 2,
                          .datagram = {.path = PATH, .fd = -1},
                          .identity = {.keys = it.keys},
                          .log = on_log};
    it.feed = feed_start(it.loop, it.pool, &config, &why);
    if (!it.feed) {
        fprintf(stderr, "%s\n", why);
        return -1;
    }
    store_config opening = {.uri = uri, .pool_size = 1, .request_timeout_ms = 5000};
    if (store_open(&it.store, it.pool, &opening, &why) || !open_client(uri) ||
        event_sender_create(&it.sender, it.pool, PATH, 2, "USD"))
        return -1;
    return until(is_ready, NULL) ? 0 : -1;
}

static inline int stop(void **state)
{
    (void)state;
    feed_stop(it.feed);
    loop_free(it.loop);
    event_base_free(it.base);
    mongoc_database_destroy(it.database);
    mongoc_client_destroy(it.client);
    apr_pool_destroy(it.pool);
    return access(PATH, F_OK) ? 0 : -1; /* removed with its process */
}

#define with_viewers(name) cmocka_unit_test_setup_teardown(name, enter_all, leave_all)

#define FEED_MAIN(...)                                                                                                 \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                                               \
        apr_initialize();                                                                                              \
        int failed = cmocka_run_group_tests(tests, start, stop);                                                       \
        apr_terminate();                                                                                               \
        return failed != 0;                                                                                            \
    }

#endif
