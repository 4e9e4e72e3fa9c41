/* The gate: once each, each order in order, gaps filled from history, bounded. */
#include "bridge_unit.h"
#include "gate.h"

#define WAIT 30

typedef struct record {
    gate_t *gate;
    char out[4096]; /* what went out: "1.2 1.3 p5.1", id.version */
    int lookups, overflows;
    bson_oid_t asked;
    int64_t asked_from;
} record_t;

static void on_release(void *ctx, news_t *news)
{
    record_t *record = ctx;
    size_t len = strlen(record->out);
    uint32_t number;
    memcpy(&number, news->facts.id.bytes, sizeof number);
    snprintf(record->out + len, sizeof record->out - len, "%s%s%u.%d", len ? " " : "", news_is_order(news) ? "" : "p",
             number, (int)news->facts.version);
    news_unref(news);
}

static void on_lookup(void *ctx, const bson_oid_t *order, int64_t from)
{
    record_t *record = ctx;
    record->lookups++;
    record->asked = *order;
    record->asked_from = from;
}

static void on_overflow(void *ctx)
{
    ((record_t *)ctx)->overflows++;
}

static void open_gate(record_t *record, gate_config config)
{
    static const gate_ops ops = {on_release, on_lookup, on_overflow};
    *record = (record_t){0};
    config.wait_ms = config.wait_ms ? config.wait_ms : WAIT;
    record->gate = gate_new(unit_loop, &config, &ops, record);
    gate_standing(record->gate, true);
    gate_restart(record->gate, 1000);
}

/* The history of an order up to `version`, from `from` on. */
static void answer(record_t *record, uint32_t id, int64_t from, int64_t version)
{
    news_t *entries[100] = {NULL};
    size_t count = 0;
    bson_oid_t order = oid(id);
    for (int64_t v = from; v <= version; v++)
        entries[count++] = order_news(order, v);
    gate_filled(record->gate, &order, GATE_FOUND, entries, count);
    while (count)
        news_unref(entries[--count]);
}

static void give(record_t *record, gate_source source, uint32_t id, int64_t version)
{
    gate_news(record->gate, order_news(oid(id), version), source);
}

static gate_stats stats_of(const record_t *record)
{
    gate_stats stats;
    gate_stats_get(record->gate, &stats);
    return stats;
}

static void test_each_version_goes_out_once(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    for (int64_t version = 1; version <= 3; version++) {
        give(&record, GATE_DATAGRAM, 1, version);
        give(&record, GATE_STREAM, 1, version);
        give(&record, GATE_DATAGRAM, 1, version);
    }
    give(&record, GATE_STREAM, 1, 2);
    assert_string_equal(record.out, "1.1 1.2 1.3");
    assert_int_equal(stats_of(&record).duplicates, 7);
    gate_free(record.gate);
}

static void test_later_versions_wait_for_earlier_ones(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    give(&record, GATE_DATAGRAM, 1, 1);
    give(&record, GATE_DATAGRAM, 1, 4);
    give(&record, GATE_DATAGRAM, 1, 3);
    give(&record, GATE_DATAGRAM, 1, 3);
    give(&record, GATE_DATAGRAM, 2, 1); /* orders don't wait for each other */
    assert_string_equal(record.out, "1.1 2.1");
    assert_int_equal(stats_of(&record).held, 2);
    give(&record, GATE_STREAM, 1, 2);
    assert_string_equal(record.out, "1.1 2.1 1.2 1.3 1.4");
    assert_int_equal(stats_of(&record).held, 0);
    run_for(2 * WAIT);
    assert_int_equal(record.lookups, 0);
    gate_free(record.gate);
}

static void test_a_gap_is_filled_from_history(void **state)
{
    (void)state;
    record_t record;
    bson_oid_t order = oid(1);
    open_gate(&record, (gate_config){0});
    give(&record, GATE_DATAGRAM, 1, 1);
    give(&record, GATE_DATAGRAM, 1, 5);
    run_for(WAIT / 2);
    assert_int_equal(record.lookups, 0);
    run_for(WAIT + 20);
    assert_int_equal(record.lookups, 1);
    assert_true(bson_oid_equal(&record.asked, &order));
    assert_int_equal(record.asked_from, 2);
    give(&record, GATE_STREAM, 1, 3); /* while the answer is on its way */
    answer(&record, 1, 2, 7);
    assert_string_equal(record.out, "1.1 1.2 1.3 1.4 1.5"); /* 6 and 7 come by themselves */
    assert_int_equal(stats_of(&record).filled, 2);
    give(&record, GATE_STREAM, 1, 4);
    give(&record, GATE_STREAM, 1, 6);
    assert_string_equal(record.out, "1.1 1.2 1.3 1.4 1.5 1.6");
    gate_free(record.gate);
}

static void test_a_failed_look_up_is_tried_again(void **state)
{
    (void)state;
    record_t record;
    bson_oid_t order = oid(1);
    open_gate(&record, (gate_config){.retry_ms = 20});
    give(&record, GATE_DATAGRAM, 1, 1);
    give(&record, GATE_DATAGRAM, 1, 3);
    run_for(WAIT + 20);
    gate_filled(record.gate, &order, GATE_FAILED, NULL, 0);
    assert_string_equal(record.out, "1.1");
    run_for(50);
    assert_int_equal(record.lookups, 2);
    answer(&record, 1, 2, 3);
    assert_string_equal(record.out, "1.1 1.2 1.3");
    gate_free(record.gate);
}

static void test_a_gap_that_nothing_fills_is_skipped_in_the_end(void **state)
{
    (void)state;
    record_t record;
    bson_oid_t order = oid(1);
    open_gate(&record, (gate_config){.wait_ms = 1, .retry_ms = 1});
    give(&record, GATE_DATAGRAM, 1, 1);
    give(&record, GATE_DATAGRAM, 1, 3);
    for (int i = 0; i < 10 && stats_of(&record).held; i++) {
        run_for(20);
        answer(&record, 1, 3, 3);
    }
    assert_string_equal(record.out, "1.1 1.3");
    give(&record, GATE_DATAGRAM, 2, 1);
    give(&record, GATE_DATAGRAM, 2, 3);
    run_for(20);
    order = oid(2);
    gate_filled(record.gate, &order, GATE_GONE, NULL, 0);
    assert_string_equal(record.out, "1.1 1.3 2.1 2.3");
    gate_free(record.gate);
}

static void test_the_streams_first_word_of_an_order_has_no_gap(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    give(&record, GATE_STREAM, 1, 7);
    give(&record, GATE_STREAM, 1, 8);
    assert_string_equal(record.out, "1.7 1.8");
    give(&record, GATE_DATAGRAM, 1, 6); /* from before the stream's start */
    assert_string_equal(record.out, "1.7 1.8");
    gate_free(record.gate);
}

/* The datagram of version 3 was faster than the stream's version 2. */
static void test_a_datagrams_first_word_may_have_overtaken_another(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    give(&record, GATE_DATAGRAM, 1, 3);
    assert_string_equal(record.out, "");
    give(&record, GATE_STREAM, 1, 2);
    assert_string_equal(record.out, "1.2 1.3");
    give(&record, GATE_DATAGRAM, 2, 9);
    give(&record, GATE_STREAM, 2, 9);
    assert_string_equal(record.out, "1.2 1.3 2.9");
    gate_free(record.gate);
}

/* Neither did the stream tell: what came about since it started is made from history. */
static void test_a_first_datagram_alone_is_completed_since_the_streams_start(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    gate_restart(record.gate, 1003); /* versions 3 and later are from then */
    give(&record, GATE_DATAGRAM, 1, 5);
    run_for(WAIT + 20);
    assert_int_equal(record.asked_from, 1);
    answer(&record, 1, 1, 5);
    assert_string_equal(record.out, "1.3 1.4 1.5");
    gate_free(record.gate);
}

/* … but not what may have gone out already and was forgotten since: that is old by `quiet_ms` at least. */
static void test_what_was_forgotten_does_not_come_again(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){.quiet_ms = 4});
    give(&record, GATE_DATAGRAM, 1, 1);
    give(&record, GATE_DATAGRAM, 1, 2);
    run_for(20);
    assert_int_equal(stats_of(&record).tracked, 0);
    give(&record, GATE_DATAGRAM, 1, 6); /* at 1006: 1004 and later can't have been forgotten */
    run_for(WAIT + 20);
    answer(&record, 1, 1, 6);
    assert_string_equal(record.out, "1.1 1.2 1.4 1.5 1.6");
    gate_free(record.gate);
}

static void test_nothing_is_forgotten_while_the_stream_is_broken(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){.quiet_ms = 4});
    gate_standing(record.gate, false);
    give(&record, GATE_DATAGRAM, 1, 1);
    run_for(30);
    give(&record, GATE_STREAM, 1, 1); /* it resumed */
    assert_string_equal(record.out, "1.1");
    gate_standing(record.gate, true);
    run_for(30);
    assert_int_equal(stats_of(&record).tracked, 0);
    gate_free(record.gate);
}

static void test_a_hint_is_looked_up_at_once(void **state)
{
    (void)state;
    record_t record;
    bson_oid_t order = oid(1);
    open_gate(&record, (gate_config){.wait_ms = 10000});
    give(&record, GATE_STREAM, 1, 1);
    gate_hint(record.gate, &order, 2);
    give(&record, GATE_STREAM, 1, 3);
    run_for(30);
    assert_int_equal(record.lookups, 1);
    answer(&record, 1, 2, 3);
    assert_string_equal(record.out, "1.1 1.2 1.3");
    gate_hint(record.gate, &order, 3); /* known already */
    order = oid(2);
    gate_hint(record.gate, &order, 5); /* first heard of: it has no gap */
    run_for(30);
    assert_int_equal(record.lookups, 2);
    assert_int_equal(record.asked_from, 5);
    answer(&record, 2, 5, 5);
    assert_string_equal(record.out, "1.1 1.2 1.3 2.5");
    order = oid(3);
    gate_hint(record.gate, &order, 2);
    give(&record, GATE_DATAGRAM, 3, 2); /* the datagram brings it */
    run_for(30);
    assert_string_equal(record.out, "1.1 1.2 1.3 2.5 3.2");
    gate_free(record.gate);
}

static void test_products_show_the_newest(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    gate_news(record.gate, product_news(oid(5), 4), GATE_DATAGRAM);
    gate_news(record.gate, product_news(oid(5), 9), GATE_STREAM);
    gate_news(record.gate, product_news(oid(5), 7), GATE_DATAGRAM);
    gate_news(record.gate, product_news(oid(5), 9), GATE_DATAGRAM);
    gate_news(record.gate, product_news(oid(5), 10), GATE_DATAGRAM);
    assert_string_equal(record.out, "p5.4 p5.9 p5.10");
    gate_free(record.gate);
}

/* Customers are told once, whichever of the ways brought the product itself first, and not when it is back on sale. */
static void test_withdrawals_count_by_themselves(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    gate_news(record.gate, product_news(oid(5), 4), GATE_DATAGRAM);
    gate_news(record.gate, product_news_to(NEWS_TO_ADMINS, oid(5), 5), GATE_DATAGRAM);
    gate_news(record.gate, product_news_to(NEWS_TO_ADMINS, oid(5), 6), GATE_DATAGRAM);
    gate_news(record.gate, product_news_to(NEWS_TO_CUSTOMERS, oid(5), 5), GATE_STREAM);
    gate_news(record.gate, product_news_to(NEWS_TO_CUSTOMERS, oid(5), 5), GATE_STREAM);
    assert_string_equal(record.out, "p5.4 p5.5 p5.6 p5.5");
    gate_news(record.gate, product_news_to(NEWS_TO_CUSTOMERS, oid(6), 2), GATE_STREAM);
    gate_news(record.gate, product_news_to(NEWS_TO_ADMINS, oid(6), 2), GATE_STREAM);
    gate_news(record.gate, product_news(oid(6), 4), GATE_DATAGRAM);
    gate_news(record.gate, product_news_to(NEWS_TO_CUSTOMERS, oid(6), 3), GATE_STREAM);
    assert_string_equal(record.out, "p5.4 p5.5 p5.6 p5.5 p6.2 p6.2 p6.4");
    gate_free(record.gate);
}

static void test_what_is_remembered_is_bounded(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){.max_tracked = 100});
    give(&record, GATE_DATAGRAM, 1, 1);
    give(&record, GATE_DATAGRAM, 1, 3); /* waits: it stays */
    for (uint32_t id = 10; id < 500; id++)
        give(&record, GATE_DATAGRAM, id, 1);
    assert_int_equal(stats_of(&record).tracked, 100);
    record.out[0] = '\0';
    give(&record, GATE_STREAM, 1, 2);
    assert_string_equal(record.out, "1.2 1.3");
    gate_free(record.gate);
}

static void test_too_much_that_waits_means_a_fresh_start(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){.max_held = 10});
    for (uint32_t id = 0; id < 11; id++) {
        give(&record, GATE_DATAGRAM, id, 1);
        give(&record, GATE_DATAGRAM, id, 3);
    }
    assert_int_equal(record.overflows, 1);
    assert_int_equal(stats_of(&record).held, 0);
    record.out[0] = '\0';
    give(&record, GATE_STREAM, 1, 2); /* who fetched has seen it */
    give(&record, GATE_STREAM, 1, 3);
    give(&record, GATE_STREAM, 1, 4);
    assert_string_equal(record.out, "1.4");
    gate_free(record.gate);
    open_gate(&record, (gate_config){.max_held_bytes = 60});
    give(&record, GATE_DATAGRAM, 1, 5);
    assert_int_equal(record.overflows, 0);
    give(&record, GATE_DATAGRAM, 1, 6);
    assert_int_equal(record.overflows, 1);
    gate_free(record.gate);
}

static void test_a_restart_forgets_everything(void **state)
{
    (void)state;
    record_t record;
    open_gate(&record, (gate_config){0});
    give(&record, GATE_DATAGRAM, 1, 1);
    give(&record, GATE_DATAGRAM, 1, 3);
    run_for(WAIT + 20);
    gate_restart(record.gate, 2000);
    answer(&record, 1, 2, 3); /* of before */
    assert_string_equal(record.out, "1.1");
    assert_int_equal(stats_of(&record).held, 0);
    give(&record, GATE_STREAM, 1, 3);
    assert_string_equal(record.out, "1.1 1.3");
    gate_free(record.gate);
}

/* Any order of arrival, any duplicates, and losses that the stream makes good: each order's versions come out in order,
 * each once. */
static void test_any_arrival_comes_out_in_order(void **state)
{
    (void)state;
    record_t record;
    unsigned seed = 1;
    for (int round = 0; round < 200; round++) {
        open_gate(&record, (gate_config){0});
        int64_t streamed = 0;
        while (streamed < 12) {
            seed = seed * 1103515245 + 12345;
            unsigned draw = seed >> 16;
            int64_t committed = streamed + 1 + draw % 4; /* a datagram may be ahead of the stream */
            if (draw / 4 % 3 == 0)
                give(&record, GATE_STREAM, 1, ++streamed);
            else if (committed <= 12)
                give(&record, GATE_DATAGRAM, 1, committed);
        }
        assert_string_equal(record.out, "1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 1.10 1.11 1.12");
        gate_free(record.gate);
    }
}

LOOP_MAIN(cmocka_unit_test(test_each_version_goes_out_once),
          cmocka_unit_test(test_later_versions_wait_for_earlier_ones),
          cmocka_unit_test(test_a_gap_is_filled_from_history), cmocka_unit_test(test_a_failed_look_up_is_tried_again),
          cmocka_unit_test(test_a_gap_that_nothing_fills_is_skipped_in_the_end),
          cmocka_unit_test(test_the_streams_first_word_of_an_order_has_no_gap),
          cmocka_unit_test(test_a_datagrams_first_word_may_have_overtaken_another),
          cmocka_unit_test(test_a_first_datagram_alone_is_completed_since_the_streams_start),
          cmocka_unit_test(test_what_was_forgotten_does_not_come_again),
          cmocka_unit_test(test_nothing_is_forgotten_while_the_stream_is_broken),
          cmocka_unit_test(test_a_hint_is_looked_up_at_once), cmocka_unit_test(test_products_show_the_newest),
          cmocka_unit_test(test_withdrawals_count_by_themselves), cmocka_unit_test(test_what_is_remembered_is_bounded),
          cmocka_unit_test(test_too_much_that_waits_means_a_fresh_start),
          cmocka_unit_test(test_a_restart_forgets_everything), cmocka_unit_test(test_any_arrival_comes_out_in_order))
