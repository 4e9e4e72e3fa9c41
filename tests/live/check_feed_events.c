/* From the database and by datagram to the viewers: who gets which event, once and in order. */
#include "check_feed.h"

#include <string.h>

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

static void test_a_product_taken_off_sale(void **state)
{
    (void)state;
    bson_oid_t id = new_product(true);
    set_fields("products", &id, BCON_NEW("version", BCON_INT64(2), "active", BCON_BOOL(false)));
    set_fields("products", &id, BCON_NEW("version", BCON_INT64(3), "stock", BCON_INT64(9)));
    set_fields("products", &id, BCON_NEW("version", BCON_INT64(4), "active", BCON_BOOL(true)));
    expect_count(&it.other, 3);
    assert_news(it.other.news[0], "product:stock", &id, 1);
    assert_news(it.other.news[1], "product:stock", &id, 2);
    assert_news(it.other.news[2], "product:stock", &id, 4);
    assert_int_equal(it.other.news[1]->facts.audience, NEWS_TO_CUSTOMERS);
    assert_null(strstr(it.other.news[1]->text, "price"));
    for (int i = 0; i < it.admin.count; i++)
        assert_int_not_equal(it.admin.news[i]->facts.audience, NEWS_TO_CUSTOMERS);
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

FEED_MAIN(with_viewers(test_an_order_reaches_its_owner_and_admins),
          with_viewers(test_quick_changes_come_each_and_in_order),
          with_viewers(test_products_reach_everybody_unless_inactive), with_viewers(test_a_product_taken_off_sale),
          with_viewers(test_both_ways_make_one_event), with_viewers(test_any_mix_of_both_ways),
          with_viewers(test_an_order_that_is_gone))
