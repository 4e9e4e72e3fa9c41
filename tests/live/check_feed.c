/* The bridge's data side against a real database: ORDERS_TEST_URI names it, empty and of this test's own. The test writes
 * as any other host would, and looks at what reaches viewers. test_feed.py starts the database and runs this.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "core/event.h"
#include "core/token.h"
#include "feed.h"
#include "lookup.h"
#include "news_doc.h"
#include "protocol/mem.h"

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

static void deliver(hub_viewer *viewer, news_t *news)
{
    seen_t *seen = (seen_t *)(void *)viewer;
    assert_true(seen->count < 200);
    seen->news[seen->count++] = news_ref(news);
}

static void reset(hub_viewer *viewer, const char *epoch, int64_t seq)
{
    assert_string_equal(epoch, hub_epoch(feed_hub(it.feed)));
    assert_int_equal(seq, 0);
    ((seen_t *)(void *)viewer)->resets++;
}

static void revoked(hub_viewer *viewer)
{
    ((seen_t *)(void *)viewer)->revoked++;
}

static const hub_viewer_ops viewer_ops = {deliver, reset, revoked};

static void enter(seen_t *seen, user_role role)
{
    *seen = (seen_t){.in_hub = {.role = role, .version = 1, .ops = &viewer_ops}};
    bson_oid_init(&seen->in_hub.user, NULL);
    hub_add(feed_hub(it.feed), &seen->in_hub);
}

static void leave(seen_t *seen)
{
    hub_remove(feed_hub(it.feed), &seen->in_hub);
    while (seen->count)
        news_unref(seen->news[--seen->count]);
}

static int enter_all(void **state)
{
    (void)state;
    enter(&it.admin, ROLE_ADMIN);
    enter(&it.owner, ROLE_CUSTOMER);
    enter(&it.other, ROLE_CUSTOMER);
    return 0;
}

static int leave_all(void **state)
{
    (void)state;
    leave(&it.admin);
    leave(&it.owner);
    leave(&it.other);
    return 0;
}

/* --- The loop --- */

typedef bool (*holds_fn)(void *arg);

static void turn(void)
{
    struct timeval tick = {.tv_usec = 2000};
    event_base_loopexit(it.base, &tick);
    event_base_dispatch(it.base);
}

/* Runs the loop until it holds; false when it didn't soon. */
static bool until(holds_fn holds, void *arg)
{
    int64_t give_up = loop_now(it.loop) + SOON_MS;
    while (!holds(arg) && loop_now(it.loop) < give_up)
        turn();
    return holds(arg);
}

static void run_for(int ms)
{
    int64_t end = loop_now(it.loop) + ms;
    while (loop_now(it.loop) < end)
        turn();
}

static bool is_ready(void *arg)
{
    (void)arg;
    return hub_ready(feed_hub(it.feed));
}

static int wanted_count;
static bool has_count(void *seen)
{
    return ((seen_t *)seen)->count >= wanted_count;
}

static void expect_count(seen_t *seen, int count)
{
    wanted_count = count;
    if (!until(has_count, seen))
        fail_msg("%d events instead of %d", seen->count, count);
    assert_int_equal(seen->count, count);
}

/* --- Writing as another host does --- */

static void run_command(bson_t *command)
{
    bson_error_t error = {0};
    bson_t reply;
    if (!mongoc_database_write_command_with_opts(it.database, command, NULL, &reply, &error))
        fail_msg("%s", error.message);
    bson_destroy(&reply);
    bson_destroy(command);
}

static void insert(const char *collection, bson_t *doc)
{
    run_command(BCON_NEW("insert", BCON_UTF8(collection), "documents", "[", BCON_DOCUMENT(doc), "]"));
    bson_destroy(doc);
}

static bson_oid_t new_order(const seen_t *owner)
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

static void move_order(const bson_oid_t *id, int64_t version)
{
    run_command(BCON_NEW("update", BCON_UTF8("orders"), "updates", "[", "{", "q", "{", "_id", BCON_OID(id), "}", "u",
                         "{", "$set", "{", "version", BCON_INT64(version), "status", BCON_UTF8("processing"), "}",
                         "$push", "{", "history", "{", "version", BCON_INT64(version), "at",
                         BCON_DATE_TIME(1000 + version), "type", BCON_UTF8("order:status"), "from",
                         BCON_UTF8("pending"), "to", BCON_UTF8("processing"), "}", "}", "}", "}", "]"));
}

static void set_fields(const char *collection, const bson_oid_t *id, bson_t *fields)
{
    run_command(BCON_NEW("update", BCON_UTF8(collection), "updates", "[", "{", "q", "{", "_id", BCON_OID(id), "}", "u",
                         "{", "$set", BCON_DOCUMENT(fields), "}", "}", "]"));
    bson_destroy(fields);
}

static void delete_one(const char *collection, const bson_oid_t *id)
{
    run_command(BCON_NEW("delete", BCON_UTF8(collection), "deletes", "[", "{", "q", "{", "_id", BCON_OID(id), "}",
                         "limit", BCON_INT32(1), "}", "]"));
}

static bson_oid_t new_product(bool active)
{
    bson_oid_t id;
    bson_oid_init(&id, NULL);
    insert("products",
           BCON_NEW("_id", BCON_OID(&id), "name", BCON_UTF8("P"), "terms", "[", "]", "price", BCON_INT64(999), "stock",
                    BCON_INT64(5), "reserved", BCON_INT64(0), "active", BCON_BOOL(active), "version", BCON_INT64(1),
                    "createdAt", BCON_DATE_TIME(1000), "updatedAt", BCON_DATE_TIME(1000)));
    return id;
}

static void new_user(const bson_oid_t *id, const char *role)
{
    char email[64];
    bson_oid_to_string(id, email);
    insert("users", BCON_NEW("_id", BCON_OID(id), "name", BCON_UTF8("N"), "email", BCON_UTF8(email), "password",
                             BCON_UTF8("$2y$…"), "role", BCON_UTF8(role), "tokenVersion", BCON_INT64(1), "createdAt",
                             BCON_DATE_TIME(1000)));
}

/* The bridge's commands fail `times` times: with this error, or by a broken connection (0). */
static void fail_commands(int times, int code)
{
    bson_error_t error = {0};
    bson_t *data = BCON_NEW("failCommands", "[", BCON_UTF8("getMore"), BCON_UTF8("aggregate"), "]", "appName",
                            BCON_UTF8("mod_orders"));
    if (code)
        BSON_APPEND_INT32(data, "errorCode", code);
    else
        BSON_APPEND_BOOL(data, "closeConnection", true);
    bson_t *command = BCON_NEW("configureFailPoint", BCON_UTF8("failCommand"), "mode", "{", "times", BCON_INT32(times),
                               "}", "data", BCON_DOCUMENT(data));
    if (!mongoc_client_command_simple(it.client, "admin", command, NULL, NULL, &error))
        fail_msg("%s", error.message);
    bson_destroy(command);
    bson_destroy(data);
}

/* --- Tests --- */

static void assert_news(const news_t *news, const char *type, const bson_oid_t *id, int64_t version)
{
    assert_string_equal(news_type_name(news->facts.type), type);
    assert_true(bson_oid_equal(&news->facts.id, id));
    assert_int_equal(news->facts.version, version);
}

static void test_an_order_reaches_its_owner_and_admins(void **state)
{
    (void)state;
    bson_oid_t id = new_order(&it.owner);
    expect_count(&it.owner, 1);
    assert_news(it.owner.news[0], "order:new", &id, 1);
    assert_int_equal(it.owner.news[0]->facts.at, 1000);
    assert_non_null(strstr(it.owner.news[0]->text, "\"total\":9.99"));
    assert_null(strstr(it.owner.news[0]->text, "history"));
    expect_count(&it.admin, 1);
    assert_ptr_equal(it.admin.news[0], it.owner.news[0]);
    assert_int_equal(it.other.count, 0);
}

/* The looked-up document is a later one, but each event is of its own version. */
static void test_quick_changes_come_each_and_in_order(void **state)
{
    (void)state;
    bson_oid_t id = new_order(&it.owner);
    for (int64_t version = 2; version <= 20; version++)
        move_order(&id, version);
    expect_count(&it.owner, 20);
    for (int64_t version = 2; version <= 20; version++) {
        const news_t *news = it.owner.news[version - 1];
        assert_news(news, "order:status", &id, version);
        assert_int_equal(news->facts.at, 1000 + version);
        assert_non_null(strstr(news->text, "\"from\":\"pending\",\"to\":\"processing\",\"data\":{"));
    }
}

static void test_products_reach_everybody_unless_inactive(void **state)
{
    (void)state;
    bson_oid_t shown = new_product(true), hidden = new_product(false);
    set_fields("products", &shown, BCON_NEW("version", BCON_INT64(2), "stock", BCON_INT64(4)));
    expect_count(&it.admin, 3);
    assert_news(it.admin.news[1], "product:stock", &hidden, 1);
    expect_count(&it.other, 2);
    assert_news(it.other.news[1], "product:stock", &shown, 2);
    assert_null(strstr(it.other.news[1]->text, "reserved"));
}

static bool was_revoked(void *seen)
{
    return ((seen_t *)seen)->revoked;
}

static void test_users_that_change_are_revoked(void **state)
{
    (void)state;
    new_user(&it.owner.in_hub.user, "customer");
    new_user(&it.other.in_hub.user, "customer");
    set_fields("users", &it.owner.in_hub.user, BCON_NEW("name", BCON_UTF8("Other")));
    set_fields("users", &it.owner.in_hub.user, BCON_NEW("tokenVersion", BCON_INT64(2)));
    assert_true(until(was_revoked, &it.owner));
    new_order(&it.owner);
    expect_count(&it.admin, 1);
    assert_int_equal(it.owner.count, 0);
    assert_int_equal(it.owner.revoked, 1);
    assert_int_equal(it.other.revoked, 0);
    delete_one("users", &it.other.in_hub.user);
    assert_true(until(was_revoked, &it.other));
}

typedef struct verdict {
    bool given;
    identity_result result;
    identity_who who;
} verdict_t;

static void on_verdict(void *ctx, identity_result result, const identity_who *who)
{
    verdict_t *verdict = ctx;
    verdict->given = true;
    verdict->result = result;
    if (who)
        verdict->who = *who;
}

static bool is_given(void *verdict)
{
    return ((verdict_t *)verdict)->given;
}

static verdict_t verify(const bson_oid_t *user, int64_t version, user_role role)
{
    token_t token = {.role = role, .ver = version, .iat = time(NULL), .auth_time = time(NULL), .exp = time(NULL) + 60};
    verdict_t verdict = {0};
    bson_oid_to_string(user, token.sub);
    const char *text = token_issue(it.pool, &it.keys, &token);
    identity_check(feed_identity(it.feed), text, strlen(text), on_verdict, &verdict);
    assert_false(verdict.given);
    assert_true(until(is_given, &verdict));
    return verdict;
}

static void test_identities_follow_the_database(void **state)
{
    (void)state;
    const bson_oid_t *user = &it.owner.in_hub.user;
    new_user(user, "customer");
    verdict_t verdict = verify(user, 1, ROLE_CUSTOMER);
    assert_int_equal(verdict.result, IDENTITY_GOOD);
    assert_true(bson_oid_equal(&verdict.who.user, user));
    assert_int_equal(verdict.who.role, ROLE_CUSTOMER);
    assert_int_equal(verify(user, 1, ROLE_ADMIN).result, IDENTITY_REFUSED);
    set_fields("users", user, BCON_NEW("tokenVersion", BCON_INT64(2)));
    assert_true(until(was_revoked, &it.owner));
    assert_int_equal(verify(user, 1, ROLE_CUSTOMER).result, IDENTITY_REFUSED);
    assert_int_equal(verify(user, 2, ROLE_CUSTOMER).result, IDENTITY_GOOD);
    assert_int_equal(verify(&it.other.in_hub.user, 1, ROLE_CUSTOMER).result, IDENTITY_REFUSED); /* no such user */
}

static void send_datagram(const bson_t *order)
{
    event_batch *batch = event_batch_begin(it.sender, it.pool);
    event_batch_order(batch, order);
    event_batch_send(batch);
}

static bson_t *read_order(const bson_oid_t *id)
{
    const bson_t *doc;
    mongoc_collection_t *orders = mongoc_database_get_collection(it.database, "orders");
    bson_t *filter = BCON_NEW("_id", BCON_OID(id));
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(orders, filter, NULL, NULL);
    assert_true(mongoc_cursor_next(cursor, &doc));
    bson_t *copy = bson_copy(doc);
    mongoc_cursor_destroy(cursor);
    bson_destroy(filter);
    mongoc_collection_destroy(orders);
    return copy;
}

static void test_both_ways_make_one_event(void **state)
{
    (void)state;
    bson_oid_t id = new_order(&it.owner);
    bson_t *order = read_order(&id);
    send_datagram(order);
    send_datagram(order);
    expect_count(&it.owner, 1);
    run_for(100);
    assert_int_equal(it.owner.count, 1);
    feed_stats stats;
    feed_stats_get(it.feed, &stats);
    assert_true(stats.gate.duplicates >= 2);
    bson_destroy(order);
}

/* Datagrams that are lost, sent twice, or faster than the stream: each order's versions come once and in order. */
static void test_any_mix_of_both_ways(void **state)
{
    (void)state;
    enum { ORDERS = 8, VERSIONS = 20 };
    bson_oid_t ids[ORDERS];
    int64_t last[ORDERS] = {0};
    unsigned draw = 7;
    for (int i = 0; i < ORDERS; i++)
        ids[i] = new_order(&it.owner);
    for (int64_t version = 2; version <= VERSIONS; version++) {
        for (int i = 0; i < ORDERS; i++) {
            move_order(&ids[i], version);
            draw = draw * 1103515245 + 12345;
            bson_t *order = draw >> 16 & 1 ? read_order(&ids[i]) : NULL;
            for (unsigned times = draw >> 17 & 1; order && times < 2; times++)
                send_datagram(order);
            if (draw >> 18 & 1)
                turn();
            bson_destroy(order);
        }
    }
    expect_count(&it.owner, ORDERS * VERSIONS);
    for (int seen = 0; seen < it.owner.count; seen++)
        for (int i = 0; i < ORDERS; i++)
            if (bson_oid_equal(&it.owner.news[seen]->facts.id, &ids[i]))
                assert_int_equal(it.owner.news[seen]->facts.version, ++last[i]);
    run_for(50);
    assert_int_equal(it.owner.count, ORDERS * VERSIONS);
}

static void on_found(void *ctx, const bson_oid_t *id, const lookup_order_answer *answer)
{
    (void)id;
    int *result = ctx;
    *result = (int)answer->result;
    if (answer->result != LOOKUP_FOUND)
        return;
    assert_int_equal(answer->count, 2);
    assert_int_equal(answer->entries[0]->facts.version, 2);
    assert_int_equal(answer->entries[1]->facts.version, 3);
}

static bool has_result(void *result)
{
    return *(int *)result >= 0;
}

static void test_history_is_read_from_a_version_on(void **state)
{
    (void)state;
    bson_oid_t id = new_order(&it.owner), nobody;
    int result = -1;
    move_order(&id, 2);
    move_order(&id, 3);
    lookup_t *lookup = lookup_new(it.loop, &(lookup_config){.store = it.store, .exponent = 2});
    lookup_order(lookup, &id, 2, on_found, &result);
    assert_true(until(has_result, &result));
    assert_int_equal(result, LOOKUP_FOUND);
    bson_oid_init(&nobody, NULL);
    result = -1;
    lookup_order(lookup, &nobody, 1, on_found, &result);
    assert_true(until(has_result, &result));
    assert_int_equal(result, LOOKUP_NONE);
    lookup_order(lookup, &id, 2, on_found, &result); /* outstanding at the end: not called, not leaked */
    lookup_free(lookup);
}

typedef struct user_count {
    int found, none, failed;
} user_count;

static void on_user(void *ctx, const bson_oid_t *id, const lookup_user_answer *answer)
{
    user_count *count = ctx;
    bool is_owner = bson_oid_equal(id, &it.owner.in_hub.user);
    count->failed += answer->result == LOOKUP_FAILED;
    count->none += answer->result == LOOKUP_NONE;
    if (answer->result != LOOKUP_FOUND)
        return;
    count->found++;
    assert_int_equal(answer->version, is_owner ? 2 : 1);
    assert_int_equal(answer->role, is_owner ? ROLE_CUSTOMER : ROLE_ADMIN);
}

static bool has_all(void *ctx)
{
    const user_count *count = ctx;
    return count->found + count->none + count->failed == 300;
}

static void test_many_users_are_read_at_once(void **state)
{
    (void)state;
    user_count count = {0};
    bson_oid_t nobody;
    bson_oid_init(&nobody, NULL);
    new_user(&it.owner.in_hub.user, "customer");
    set_fields("users", &it.owner.in_hub.user, BCON_NEW("tokenVersion", BCON_INT64(2)));
    new_user(&it.admin.in_hub.user, "admin");
    lookup_t *lookup = lookup_new(it.loop, &(lookup_config){.store = it.store, .max_jobs = 290});
    const bson_oid_t *ids[] = {&it.owner.in_hub.user, &it.admin.in_hub.user, &nobody};
    for (int i = 0; i < 300; i++)
        lookup_user(lookup, ids[i % 3], on_user, &count);
    assert_int_equal(count.found + count.none + count.failed, 0); /* never at once */
    assert_true(until(has_all, &count));
    assert_int_equal(lookup_waiting(lookup), 0);
    assert_int_equal(count.failed, 10); /* past max_jobs */
    assert_true(count.found >= 190 && count.none >= 90);
    lookup_free(lookup);
}

/* Deleted before it could be looked up: nothing comes of it, and what comes later is not held up. */
static void test_an_order_that_is_gone(void **state)
{
    (void)state;
    bson_oid_t gone = new_order(&it.owner);
    move_order(&gone, 2);
    delete_one("orders", &gone);
    bson_oid_t id = new_order(&it.owner);
    run_for(400);
    assert_true(it.owner.count >= 1);
    assert_news(it.owner.news[it.owner.count - 1], "order:new", &id, 1);
    feed_stats stats;
    feed_stats_get(it.feed, &stats);
    assert_int_equal(stats.gate.held, 0);
}

/* Orders change while the stream can't be read, `times` times one after the other. */
static void expect_no_loss(int times, int code)
{
    char epoch[RANDOM_NAME_SIZE];
    snprintf(epoch, sizeof epoch, "%s", hub_epoch(feed_hub(it.feed)));
    bson_oid_t id = new_order(&it.owner);
    fail_commands(times, code);
    for (int64_t version = 2; version <= 30; version++) {
        move_order(&id, version);
        run_for(20);
    }
    expect_count(&it.owner, 30);
    for (int i = 0; i < 30; i++)
        assert_int_equal(it.owner.news[i]->facts.version, i + 1);
    assert_string_equal(epoch, hub_epoch(feed_hub(it.feed)));
    assert_int_equal(it.owner.resets, 0);
}

static void test_a_broken_connection_loses_nothing(void **state)
{
    (void)state;
    expect_no_loss(1, 0); /* the driver's own second try */
}

static void test_several_failures_lose_nothing(void **state)
{
    (void)state;
    feed_stats before, after;
    feed_stats_get(it.feed, &before);
    expect_no_loss(5, 0);
    run_for(600);
    expect_count(&it.owner, 30);
    leave(&it.owner);
    enter(&it.owner, ROLE_CUSTOMER);
    expect_no_loss(5, 10107); /* NotWritablePrimary */
    run_for(600);
    feed_stats_get(it.feed, &after);
    assert_int_equal(after.stream.state, STREAM_STANDING);
    assert_true(after.stream.resumes > before.stream.resumes);
    assert_int_equal(after.stream.restarts, before.stream.restarts);
}

static bool was_reset(void *seen)
{
    return ((seen_t *)seen)->resets;
}

static void test_lost_history_starts_afresh(void **state)
{
    (void)state;
    char epoch[RANDOM_NAME_SIZE];
    new_order(&it.owner);
    expect_count(&it.owner, 1);
    snprintf(epoch, sizeof epoch, "%s", hub_epoch(feed_hub(it.feed)));
    new_user(&it.other.in_hub.user, "customer");
    run_for(600);
    fail_commands(1, 286);
    assert_true(until(was_reset, &it.owner));
    assert_string_not_equal(epoch, hub_epoch(feed_hub(it.feed)));
    assert_int_equal(it.admin.resets, 1);
    assert_true(until(was_revoked, &it.owner)); /* no such user: looked at, since changes were missed */
    run_for(50);
    assert_int_equal(it.other.revoked, 0);
    bson_oid_t id = new_order(&it.other);
    expect_count(&it.other, 1);
    assert_news(it.other.news[0], "order:new", &id, 1);
    assert_int_equal(it.other.news[0]->seq, 1);
}

/* A restored backup, say. It is the last test: the collections go. */
static void test_a_dropped_collection_starts_afresh(void **state)
{
    (void)state;
    new_user(&it.admin.in_hub.user, "admin");
    new_order(&it.owner);
    expect_count(&it.owner, 1);
    run_command(BCON_NEW("drop", BCON_UTF8("orders")));
    assert_true(until(was_reset, &it.owner));
    assert_int_equal(hub_seq(feed_hub(it.feed)), 0);
    bson_oid_t id = new_order(&it.other);
    expect_count(&it.admin, 2);
    assert_news(it.admin.news[1], "order:new", &id, 1);
}

/* --- Life --- */

static void on_log(void *ctx, store_log_level level, const char *message)
{
    (void)ctx;
    if (level <= STORE_LOG_INFO)
        fprintf(stderr, "%d %s\n", (int)level, message);
}

static bool open_client(const char *uri)
{
    it.client = mongoc_client_new(uri);
    if (!it.client)
        return false;
    mongoc_client_set_error_api(it.client, MONGOC_ERROR_API_VERSION_2);
    it.database = mongoc_client_get_database(it.client, mongoc_uri_get_database(mongoc_client_get_uri(it.client)));
    return true;
}

static int start(void **state)
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

static int stop(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_viewers(test_an_order_reaches_its_owner_and_admins),
        with_viewers(test_quick_changes_come_each_and_in_order),
        with_viewers(test_products_reach_everybody_unless_inactive),
        with_viewers(test_users_that_change_are_revoked),
        with_viewers(test_identities_follow_the_database),
        with_viewers(test_both_ways_make_one_event),
        with_viewers(test_any_mix_of_both_ways),
        with_viewers(test_history_is_read_from_a_version_on),
        with_viewers(test_many_users_are_read_at_once),
        with_viewers(test_an_order_that_is_gone),
        with_viewers(test_a_broken_connection_loses_nothing),
        with_viewers(test_several_failures_lose_nothing),
        with_viewers(test_lost_history_starts_afresh),
        with_viewers(test_a_dropped_collection_starts_afresh),
    };
    apr_initialize();
    int failed = cmocka_run_group_tests(tests, start, stop);
    apr_terminate();
    return failed != 0;
}
