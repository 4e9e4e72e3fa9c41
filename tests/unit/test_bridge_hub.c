/* The hub and its ring: who sees what, live and replayed; coming and going at any moment; limits. */
#include "bridge_unit.h"
#include "hub.h"
#include "oid_map.h"

typedef struct seen {
    hub_viewer in_hub; /* first */
    hub_t *hub;
    char out[4096]; /* "3 5 reset revoke": seqs and what else came */
    int leaves_at;  /* leaves the hub when this seq comes; 0: never */
    struct seen *takes_along, *brings;
} seen_t;

static void note(seen_t *seen, const char *word)
{
    size_t len = strlen(seen->out);
    snprintf(seen->out + len, sizeof seen->out - len, "%s%s", len ? " " : "", word);
}

static void deliver(hub_viewer *viewer, news_t *news)
{
    seen_t *seen = (seen_t *)(void *)viewer;
    char word[24];
    snprintf(word, sizeof word, "%d", (int)news->seq);
    note(seen, word);
    if (seen->brings && !seen->brings->in_hub.of)
        hub_add(seen->hub, &seen->brings->in_hub);
    if (news->seq != seen->leaves_at)
        return;
    hub_remove(seen->hub, viewer);
    if (seen->takes_along)
        hub_remove(seen->hub, &seen->takes_along->in_hub);
}

static void reset(hub_viewer *viewer, const char *epoch, int64_t seq)
{
    seen_t *seen = (seen_t *)(void *)viewer;
    assert_string_equal(epoch, hub_epoch(seen->hub));
    assert_int_equal(seq, 0);
    note(seen, "reset");
}

static void revoked(hub_viewer *viewer)
{
    note((seen_t *)(void *)viewer, "revoked");
}

static const hub_viewer_ops ops = {deliver, reset, revoked};

static seen_t viewer_of(hub_t *hub, uint32_t user, user_role role)
{
    return (seen_t){.in_hub = {.user = oid(user), .role = role, .version = 3, .ops = &ops}, .hub = hub};
}

static hub_t *open_hub(size_t ring)
{
    return hub_new(&(hub_config){.ring_events = ring});
}

static void order_of(hub_t *hub, uint32_t owner)
{
    hub_release(hub, news_with(NEWS_ORDER_STATUS, NEWS_TO_OWNER, oid(1000), oid(owner), 1, 1000));
}

static void product(hub_t *hub, bool active)
{
    hub_release(hub,
                news_with(NEWS_PRODUCT_STOCK, active ? NEWS_TO_EVERYONE : NEWS_TO_ADMINS, oid(2000), oid(0), 1, 1000));
}

/* Seqs: 1 of user 1, 2 of user 2, 3 for all, 4 for admins, 5 of user 1. */
static void five_events(hub_t *hub)
{
    order_of(hub, 1);
    order_of(hub, 2);
    product(hub, true);
    product(hub, false);
    order_of(hub, 1);
}

static void test_live_events_reach_who_may_see_them(void **state)
{
    (void)state;
    hub_t *hub = open_hub(0);
    seen_t one = viewer_of(hub, 1, ROLE_CUSTOMER), again = one, two = viewer_of(hub, 2, ROLE_CUSTOMER),
           admin = viewer_of(hub, 3, ROLE_ADMIN), buyer = viewer_of(hub, 1, ROLE_ADMIN),
           nobody = viewer_of(hub, 1, ROLE_NONE);
    seen_t *all[] = {&one, &again, &two, &admin, &buyer, &nobody};
    for (size_t i = 0; i < 6; i++)
        hub_add(hub, &all[i]->in_hub);
    assert_int_equal(hub_viewers(hub), 6);
    five_events(hub);
    assert_string_equal(one.out, "1 3 5");
    assert_string_equal(again.out, "1 3 5");
    assert_string_equal(two.out, "2 3");
    assert_string_equal(admin.out, "1 2 3 4 5");
    assert_string_equal(buyer.out, "1 2 3 4 5"); /* once each, though an owner too */
    assert_string_equal(nobody.out, "");
    for (size_t i = 0; i < 6; i++) {
        hub_remove(hub, &all[i]->in_hub);
        hub_remove(hub, &all[i]->in_hub); /* twice does no harm */
    }
    five_events(hub);
    assert_string_equal(one.out, "1 3 5");
    hub_stats stats;
    hub_stats_get(hub, &stats);
    assert_int_equal(stats.viewers, 0);
    assert_int_equal(stats.users, 0);
    assert_int_equal(stats.released, 10);
    assert_int_equal(stats.deliveries, 18);
    hub_free(hub);
}

static void test_replay_shows_what_the_present_viewer_may_see(void **state)
{
    (void)state;
    hub_t *hub = open_hub(0);
    seen_t one = viewer_of(hub, 1, ROLE_CUSTOMER), two = viewer_of(hub, 2, ROLE_CUSTOMER),
           admin = viewer_of(hub, 1, ROLE_ADMIN);
    five_events(hub);
    hub_add(hub, &one.in_hub);
    hub_add(hub, &two.in_hub);
    hub_add(hub, &admin.in_hub);
    assert_true(hub_replay(hub, &one.in_hub, hub_epoch(hub), 1));
    assert_string_equal(one.out, "3 5");
    assert_true(hub_replay(hub, &two.in_hub, hub_epoch(hub), 0));
    assert_string_equal(two.out, "2 3");
    assert_true(hub_replay(hub, &admin.in_hub, hub_epoch(hub), 3));
    assert_string_equal(admin.out, "4 5");
    assert_true(hub_replay(hub, &one.in_hub, hub_epoch(hub), 5)); /* nothing missed */
    order_of(hub, 1);
    assert_string_equal(one.out, "3 5 6");
    hub_remove(hub, &one.in_hub);
    hub_remove(hub, &two.in_hub);
    hub_remove(hub, &admin.in_hub);
    hub_free(hub);
}

static void test_what_cannot_be_replayed_is_said(void **state)
{
    (void)state;
    hub_t *hub = hub_new(&(hub_config){.ring_events = 10, .replay_events = 5});
    seen_t one = viewer_of(hub, 1, ROLE_CUSTOMER), two = viewer_of(hub, 2, ROLE_CUSTOMER);
    assert_true(hub_replay(hub, &one.in_hub, hub_epoch(hub), 0));
    for (int i = 0; i < 25; i++)
        order_of(hub, 1);
    hub_add(hub, &one.in_hub);
    hub_add(hub, &two.in_hub);
    assert_false(hub_replay(hub, &one.in_hub, hub_epoch(hub), 14)); /* too old: 15 is gone */
    assert_false(hub_replay(hub, &one.in_hub, hub_epoch(hub), 15)); /* too much: ten */
    assert_true(hub_replay(hub, &two.in_hub, hub_epoch(hub), 15));  /* nothing of it is theirs */
    assert_false(hub_replay(hub, &two.in_hub, hub_epoch(hub), 14));
    assert_false(hub_replay(hub, &one.in_hub, hub_epoch(hub), 26)); /* ahead */
    assert_false(hub_replay(hub, &one.in_hub, hub_epoch(hub), -1));
    assert_false(hub_replay(hub, &one.in_hub, "another", 25));
    assert_false(hub_replay(hub, &one.in_hub, "", 25));
    assert_string_equal(one.out, "");
    assert_true(hub_replay(hub, &one.in_hub, hub_epoch(hub), 20));
    assert_string_equal(one.out, "21 22 23 24 25");
    assert_true(hub_can_replay(hub, &one.in_hub, hub_epoch(hub), 20));
    assert_string_equal(one.out, "21 22 23 24 25");
    hub_remove(hub, &one.in_hub);
    hub_remove(hub, &two.in_hub);
    hub_free(hub);
}

static void stock_of(hub_t *hub, uint32_t product, int64_t version)
{
    hub_release(hub, product_news(oid(product), version));
}

static void test_replay_leaves_old_stock_out_where_all_is_too_much(void **state)
{
    (void)state;
    hub_t *hub = hub_new(&(hub_config){.ring_events = 8, .replay_events = 4});
    seen_t one = viewer_of(hub, 1, ROLE_CUSTOMER);
    for (int64_t version = 1; version <= 3; version++) {
        stock_of(hub, 5, version);
        stock_of(hub, 6, version);
    }
    order_of(hub, 1);
    stock_of(hub, 5, 4);
    hub_add(hub, &one.in_hub);
    assert_true(hub_replay(hub, &one.in_hub, hub_epoch(hub), 4)); /* four: all of them */
    assert_string_equal(one.out, "5 6 7 8");
    one.out[0] = '\0';
    assert_true(hub_replay(hub, &one.in_hub, hub_epoch(hub), 3)); /* five */
    assert_string_equal(one.out, "6 7 8");
    for (int64_t version = 4; version <= 11; version++)
        stock_of(hub, 6, version); /* the others fall out of the ring */
    stock_of(hub, 5, 5);
    one.out[0] = '\0';
    assert_true(hub_replay(hub, &one.in_hub, hub_epoch(hub), 9));
    assert_string_equal(one.out, "16 17");
    hub_remove(hub, &one.in_hub);
    hub_free(hub);
}

/* Seqs: 1 for all, 2 for admins and 3 for customers: it is off sale; 4 and 5 for admins. */
static void test_who_hears_that_a_product_is_off_sale(void **state)
{
    (void)state;
    static const news_audience audiences[] = {NEWS_TO_EVERYONE, NEWS_TO_ADMINS, NEWS_TO_CUSTOMERS, NEWS_TO_ADMINS,
                                              NEWS_TO_ADMINS};
    hub_t *hub = hub_new(&(hub_config){.replay_events = 3});
    seen_t customer = viewer_of(hub, 1, ROLE_CUSTOMER), admin = viewer_of(hub, 2, ROLE_ADMIN);
    hub_add(hub, &customer.in_hub);
    hub_add(hub, &admin.in_hub);
    for (int i = 0; i < 5; i++)
        hub_release(hub, product_news_to(audiences[i], oid(5), i + 1));
    assert_string_equal(customer.out, "1 3");
    assert_string_equal(admin.out, "1 2 4 5");
    customer.out[0] = admin.out[0] = '\0';
    assert_true(hub_replay(hub, &customer.in_hub, hub_epoch(hub), 0));
    assert_string_equal(customer.out, "1 3");
    assert_true(hub_replay(hub, &admin.in_hub, hub_epoch(hub), 0)); /* four are too much: the newest states */
    assert_string_equal(admin.out, "1 2 5");
    hub_remove(hub, &customer.in_hub);
    hub_remove(hub, &admin.in_hub);
    hub_free(hub);
}

static void test_a_viewer_that_leaves_gets_no_more(void **state)
{
    (void)state;
    hub_t *hub = open_hub(0);
    seen_t leaver = viewer_of(hub, 1, ROLE_CUSTOMER), mate = viewer_of(hub, 1, ROLE_CUSTOMER);
    five_events(hub);
    leaver.leaves_at = 3;
    hub_add(hub, &leaver.in_hub);
    assert_true(hub_replay(hub, &leaver.in_hub, hub_epoch(hub), 0));
    assert_string_equal(leaver.out, "1 3");
    /* All of a user's viewers go while an event is given to them; another comes. */
    leaver = viewer_of(hub, 1, ROLE_CUSTOMER);
    leaver.leaves_at = 6;
    leaver.takes_along = &mate;
    hub_add(hub, &mate.in_hub);
    hub_add(hub, &leaver.in_hub);
    order_of(hub, 1);
    assert_string_equal(leaver.out, "6");
    assert_string_equal(mate.out, "");
    order_of(hub, 1);
    assert_string_equal(leaver.out, "6");
    assert_int_equal(hub_viewers(hub), 0);
    hub_free(hub);
}

/* It is greeted with this event's seq: it must not get it as well. */
static void test_a_viewer_that_comes_meanwhile_waits_for_the_next(void **state)
{
    (void)state;
    hub_t *hub = open_hub(0);
    seen_t admin = viewer_of(hub, 9, ROLE_ADMIN), late = viewer_of(hub, 1, ROLE_CUSTOMER),
           mate = viewer_of(hub, 1, ROLE_CUSTOMER);
    admin.brings = &late;
    late.brings = &mate;
    hub_add(hub, &admin.in_hub);
    order_of(hub, 1);
    assert_string_equal(late.out, "");
    order_of(hub, 1);
    assert_string_equal(late.out, "2");
    assert_string_equal(mate.out, "");
    product(hub, true);
    assert_string_equal(late.out, "2 3");
    assert_string_equal(mate.out, "3");
    hub_remove(hub, &admin.in_hub);
    hub_remove(hub, &late.in_hub);
    hub_remove(hub, &mate.in_hub);
    hub_free(hub);
}

static void test_a_reset_begins_another_epoch(void **state)
{
    (void)state;
    hub_t *hub = open_hub(0);
    char before[RANDOM_NAME_SIZE];
    seen_t one = viewer_of(hub, 1, ROLE_CUSTOMER), admin = viewer_of(hub, 2, ROLE_ADMIN);
    five_events(hub);
    snprintf(before, sizeof before, "%s", hub_epoch(hub));
    hub_add(hub, &one.in_hub);
    hub_add(hub, &admin.in_hub);
    hub_reset(hub);
    assert_string_not_equal(before, hub_epoch(hub));
    assert_null(strchr(hub_epoch(hub), '.'));
    assert_int_equal(hub_seq(hub), 0);
    assert_false(hub_can_replay(hub, &one.in_hub, before, 5));
    order_of(hub, 1);
    assert_string_equal(one.out, "reset 1");
    assert_string_equal(admin.out, "reset 1");
    hub_remove(hub, &one.in_hub);
    hub_remove(hub, &admin.in_hub);
    hub_free(hub);
}

static void test_revoked_users_get_no_more(void **state)
{
    (void)state;
    hub_t *hub = open_hub(0);
    seen_t old = viewer_of(hub, 1, ROLE_CUSTOMER), renewed = viewer_of(hub, 1, ROLE_CUSTOMER),
           two = viewer_of(hub, 2, ROLE_ADMIN);
    bson_oid_t one = oid(1), two_id = oid(2), three = oid(3);
    renewed.in_hub.version = 4;
    hub_add(hub, &old.in_hub);
    hub_add(hub, &renewed.in_hub);
    hub_add(hub, &two.in_hub);
    order_of(hub, 1);
    hub_revoke(hub, &three, INT64_MAX);
    hub_revoke(hub, &one, 3); /* the version that it has */
    hub_revoke(hub, &one, 4);
    hub_revoke(hub, &one, 4);
    order_of(hub, 1);
    assert_string_equal(old.out, "1 revoked");
    assert_string_equal(renewed.out, "1 2");
    assert_true(hub_replay(hub, &old.in_hub, hub_epoch(hub), 0));
    assert_string_equal(old.out, "1 revoked");
    hub_revoke(hub, &two_id, INT64_MAX);
    hub_reset(hub);
    product(hub, true);
    assert_string_equal(two.out, "1 2 revoked");
    assert_string_equal(renewed.out, "1 2 reset 1");
    hub_remove(hub, &old.in_hub);
    hub_remove(hub, &renewed.in_hub);
    hub_remove(hub, &two.in_hub);
    hub_free(hub);
}

static void count(void *arg)
{
    ++*(int *)arg;
}

static void test_readiness_is_waited_for(void **state)
{
    (void)state;
    hub_t *hub = open_hub(0);
    int first = 0, second = 0, third = 0;
    hub_wait *wait = hub_when_ready(hub, count, &first);
    assert_non_null(wait);
    hub_when_ready(hub, count, &second);
    hub_wait_cancel(hub, wait);
    hub_wait_cancel(hub, NULL);
    assert_false(hub_ready(hub));
    hub_set_ready(hub);
    assert_true(hub_ready(hub));
    assert_null(hub_when_ready(hub, count, &third));
    assert_int_equal(first, 0);
    assert_int_equal(second, 1);
    assert_int_equal(third, 1);
    hub_free(hub);
    hub = open_hub(0);
    hub_when_ready(hub, count, &first); /* left at the end */
    hub_free(hub);
    assert_int_equal(first, 0);
}

static void test_offsets(void **state)
{
    (void)state;
    char epoch[RANDOM_NAME_SIZE];
    int64_t seq;
    assert_true(hub_offset_parse("abc-_.12", epoch, &seq));
    assert_string_equal(epoch, "abc-_");
    assert_int_equal(seq, 12);
    assert_true(hub_offset_parse("12345678901234567890.0", epoch, &seq));
    static const char *const bad[] = {"",
                                      ".",
                                      "a.",
                                      ".1",
                                      "a",
                                      "a.-1",
                                      "a.1x",
                                      "a. 1",
                                      "a.+1",
                                      "a.1234567890123456789",
                                      "a.1.2",
                                      "a.0x1",
                                      "123456789012345678901.1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(hub_offset_parse(bad[i], epoch, &seq));
}

static void test_the_ring_is_bounded(void **state)
{
    (void)state;
    ring_t *ring = ring_new(1000, 2000);
    size_t len = 0;
    for (int i = 1; i <= 3000; i++) {
        news_t *news = order_news(oid(1), 1);
        len = news->len;
        ring_add(ring, news);
        assert_int_equal(news->seq, i);
        news_plain_frame(news);
        news_unref(news);
    }
    assert_int_equal(ring_count(ring), 2000 / len);
    assert_int_equal(ring_bytes(ring), ring_count(ring) * len);
    int64_t oldest = 3000 - (int64_t)ring_count(ring) + 1;
    assert_null(ring_at(ring, oldest - 1));
    assert_int_equal(ring_at(ring, oldest)->seq, oldest);
    assert_null(ring_at(ring, 3001));
    assert_true(ring_reaches(ring, oldest - 1));
    assert_false(ring_reaches(ring, oldest - 2));
    ring_free(ring);
    ring = ring_new(0, 10); /* an event larger than all of it is kept alone */
    for (int i = 0; i < 3; i++) {
        news_t *news = order_news(oid(1), 1);
        ring_add(ring, news);
        news_unref(news);
        assert_int_equal(ring_count(ring), 1);
    }
    assert_null(ring_at(ring, 0));
    assert_null(ring_at(ring, -5));
    ring_free(ring);
    ring = ring_new(2, 0);
    assert_true(ring_reaches(ring, 0));
    assert_false(ring_reaches(ring, 1));
    ring_free(ring);
}

static void test_frames_are_made_once_a_protocol(void **state)
{
    (void)state;
    size_t len;
    news_t *news = order_news(oid(1), 2);
    news->seq = 12;
    frame_t *plain = news_plain_frame(news), *sio = news_sio_frame(news, "epoch");
    assert_ptr_equal(news_plain_frame(news), plain);
    assert_ptr_equal(news_sio_frame(news, "epoch"), sio);
    static const char as_plain[] = "{\"type\":\"order:status\",\"version\":2,\"seq\":12}";
    static const char as_sio[] = "2[\"order:status\",{\"type\":\"order:status\",\"version\":2},\"epoch.12\"]";
    const uint8_t *text = frame_payload(plain, &len);
    assert_int_equal(len, sizeof as_plain - 1);
    assert_memory_equal(text, as_plain, len);
    text = frame_payload(sio, &len);
    /* Behind Engine.IO's packet type */
    assert_int_equal(len, sizeof as_sio);
    assert_memory_equal(text + 1, as_sio, len - 1);
    frame_ref(plain);
    news_cool(news);
    frame_unref(plain);
    assert_non_null(news_plain_frame(news));
    news_unref(news);
}

typedef struct entry {
    oid_node node;
} entry_t;

static void test_the_table_by_id(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    static entry_t entries[COUNT];
    oid_map map = {0};
    bson_oid_t id = oid(1);
    assert_null(oid_map_find(&map, &id));
    assert_null(oid_map_any(&map));
    for (uint32_t i = 0; i < COUNT; i++) {
        entries[i].node.id = oid(i);
        oid_map_add(&map, &entries[i].node);
    }
    for (uint32_t i = 0; i < COUNT; i += 2)
        oid_map_remove(&map, &entries[i].node);
    assert_int_equal(map.count, COUNT / 2);
    for (uint32_t i = 0; i < COUNT; i++) {
        id = oid(i);
        assert_ptr_equal(oid_map_find(&map, &id), i % 2 ? &entries[i].node : NULL);
    }
    for (oid_node *node; (node = oid_map_any(&map));)
        oid_map_remove(&map, node);
    assert_int_equal(map.count, 0);
    oid_map_free(&map);
}

LOOP_MAIN(cmocka_unit_test(test_live_events_reach_who_may_see_them),
          cmocka_unit_test(test_replay_shows_what_the_present_viewer_may_see),
          cmocka_unit_test(test_what_cannot_be_replayed_is_said),
          cmocka_unit_test(test_replay_leaves_old_stock_out_where_all_is_too_much),
          cmocka_unit_test(test_who_hears_that_a_product_is_off_sale),
          cmocka_unit_test(test_a_viewer_that_leaves_gets_no_more),
          cmocka_unit_test(test_a_viewer_that_comes_meanwhile_waits_for_the_next),
          cmocka_unit_test(test_a_reset_begins_another_epoch), cmocka_unit_test(test_revoked_users_get_no_more),
          cmocka_unit_test(test_readiness_is_waited_for), cmocka_unit_test(test_offsets),
          cmocka_unit_test(test_the_ring_is_bounded), cmocka_unit_test(test_frames_are_made_once_a_protocol),
          cmocka_unit_test(test_the_table_by_id))
