/* The change stream breaks, loses its history, or has its collections dropped. */
#include "check_feed.h"

#include <string.h>

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

FEED_MAIN(with_viewers(test_a_broken_connection_loses_nothing), with_viewers(test_several_failures_lose_nothing),
          with_viewers(test_lost_history_starts_afresh), with_viewers(test_a_dropped_collection_starts_afresh))
