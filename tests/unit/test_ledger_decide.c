/* The ledger's decisions, in memory: placement arithmetic, twins, moves, payments and product changes, without a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/ledger_batch.h"

#define NOW INT64_C(1700000000000)

typedef struct world {
    apr_pool_t *pool;
    ledger_config config;
    batch_t batch;
    batch_entry entries[8];
    ledger_job *job;
} world;

static bson_oid_t oid(int n)
{
    bson_oid_t id;
    char hex[25];

    apr_snprintf(hex, sizeof(hex), "%024x", n);
    bson_oid_init_from_string(&id, hex);
    return id;
}

static void world_open(world *w, int op_count)
{
    memset(w, 0, sizeof(*w));
    apr_pool_create(&w->pool, NULL);
    w->config = (ledger_config){.require_payment = true, .currency = "USD", .exponent = 2};
    w->job = ledger_job_create(op_count);
    w->job->actor = (ledger_actor){.id = oid(0xc1), .role = ROLE_CUSTOMER, .name = "Cy", .email = "cy@example.com"};
    w->job->request_id = "req-1";
    w->batch = (batch_t){.config = &w->config, .entries = w->entries, .count = op_count, .pool = w->pool, .now = NOW};
    w->batch.products = apr_hash_make(w->pool);
    w->batch.orders = apr_hash_make(w->pool);
    w->batch.twins = apr_hash_make(w->pool);
    w->batch.changed_end = &w->batch.changed;
    for (int i = 0; i < op_count; i++)
        w->entries[i] = (batch_entry){.job = w->job, .op = &w->job->ops[i], .number = "A-000001"};
}

static void world_close(world *w)
{
    ledger_job_destroy(w->job);
    apr_pool_destroy(w->pool);
}

static batch_product *add_product(world *w, int n, int64_t price, int64_t stock, bool active)
{
    batch_product *p = apr_pcalloc(w->pool, sizeof(*p));
    bson_t *base = store_bson(w->pool);

    p->id = oid(n);
    BSON_APPEND_OID(base, "_id", &p->id);
    BSON_APPEND_UTF8(base, "name", "Thing");
    BSON_APPEND_INT64(base, "price", price);
    BSON_APPEND_INT64(base, "stock", stock);
    BSON_APPEND_INT64(base, "reserved", 0);
    BSON_APPEND_BOOL(base, "active", active);
    BSON_APPEND_INT64(base, "version", 4);
    BSON_APPEND_DATE_TIME(base, "updatedAt", 1);
    p->base = base;
    p->name = "Thing";
    p->price = p->base_price = price;
    p->stock = p->base_stock = stock;
    p->active = p->base_active = active;
    p->version = p->base_version = 4;
    apr_hash_set(w->batch.products, &p->id, sizeof(p->id), p);
    return p;
}

static void set_place(world *w, ledger_op *op, int lines, ...)
{
    va_list args;

    va_start(args, lines);
    op->kind = LEDGER_PLACE;
    op->id = oid(0x1000 + (int)(op - w->job->ops));
    op->line_count = lines;
    op->lines = apr_pcalloc(w->job->pool, sizeof(*op->lines) * (size_t)lines);
    for (int i = 0; i < lines; i++) {
        op->lines[i].product = oid(va_arg(args, int));
        op->lines[i].quantity = va_arg(args, int);
    }
    va_end(args);
}

static const char *members(const ledger_op *op)
{
    size_t len;

    return out_text(&op->problem->members, &len);
}

/* An order as the transaction would have read it. */
static batch_order *add_order(world *w, int n, const char *status, bool paid, int product, int64_t quantity)
{
    batch_order *order = apr_pcalloc(w->pool, sizeof(*order));
    bson_oid_t id = oid(n), owner = oid(0xc1), of = oid(product);
    bson_t *doc = store_bson(w->pool), *parts;

    parts = BCON_NEW("items", "[", "{", "productId", BCON_OID(&of), "quantity", BCON_INT64(quantity), "}", "]", "total",
                     BCON_INT64(500), "currency", BCON_UTF8("USD"), "status", BCON_UTF8(status), "paymentReceived",
                     BCON_BOOL(paid), "version", BCON_INT64(2), "createdAt", BCON_DATE_TIME(5), "updatedAt",
                     BCON_DATE_TIME(6), "history", "[", "{", "version", BCON_INT64(1), "}", "{", "version",
                     BCON_INT64(2), "actor", "{", "name", BCON_UTF8("Ada"), "role", BCON_UTF8("admin"), "}", "}", "]");
    BSON_APPEND_OID(doc, "_id", &id);
    BSON_APPEND_OID(doc, "userId", &owner);
    bson_concat(doc, parts);
    bson_destroy(parts);
    order->doc = doc;
    order->version = order->base_version = 2;
    order->base_status = store_text(doc, "status");
    apr_hash_set(w->batch.orders, store_oid(doc, "_id"), sizeof(bson_oid_t), order);
    return order;
}

static void set_move(world *w, ledger_op *op, int order, order_status to, user_role role)
{
    w->job->actor.role = role;
    op->kind = LEDGER_MOVE;
    op->id = oid(order);
    op->to = to;
}

static void placing_adds_up_and_moves_stock(void **state)
{
    world w;
    batch_product *a, *b;
    const bson_t *doc;

    (void)state;
    world_open(&w, 1);
    a = add_product(&w, 1, 999, 10, true);
    b = add_product(&w, 2, 10, 5, true);
    set_place(&w, &w.job->ops[0], 2, 1, 3, 2, 5);
    ledger_decide(&w.batch);
    assert_null(w.job->ops[0].problem);
    doc = w.job->ops[0].doc;
    assert_int_equal(store_int(doc, "total", -1), 3 * 999 + 5 * 10);
    assert_int_equal(store_int(doc, "items.0.total", -1), 2997);
    assert_int_equal(store_int(doc, "items.1.price", -1), 10);
    assert_int_equal(store_int(doc, "version", -1), 1);
    assert_string_equal(store_text(doc, "history.0.type"), "order:new");
    assert_string_equal(store_text(doc, "history.0.requestId"), "req-1");
    assert_int_equal(store_time(doc, "createdAt"), NOW);
    assert_int_equal(a->stock, 7);
    assert_int_equal(a->reserved, 3);
    assert_int_equal(b->stock, 0);
    assert_int_equal(a->version, 5);
    assert_true(w.entries[0].changed);
    world_close(&w);
}

static void the_last_unit_is_sold_once_in_a_batch(void **state)
{
    world w;
    batch_product *a;

    (void)state;
    world_open(&w, 3);
    a = add_product(&w, 1, 100, 2, true);
    set_place(&w, &w.job->ops[0], 1, 1, 1);
    set_place(&w, &w.job->ops[1], 1, 1, 2);
    set_place(&w, &w.job->ops[2], 1, 1, 1);
    ledger_decide(&w.batch);
    assert_null(w.job->ops[0].problem);
    assert_string_equal(w.job->ops[1].problem->code, "insufficient-stock");
    assert_non_null(strstr(members(&w.job->ops[1]), "\"requested\":2,\"available\":1"));
    assert_null(w.job->ops[2].problem);
    assert_int_equal(a->stock, 0);
    assert_int_equal(a->reserved, 2);
    world_close(&w);
}

static void a_short_line_leaves_every_product_alone(void **state)
{
    world w;
    batch_product *a, *b;

    (void)state;
    world_open(&w, 1);
    a = add_product(&w, 1, 100, 9, true);
    b = add_product(&w, 2, 100, 1, true);
    set_place(&w, &w.job->ops[0], 2, 1, 1, 2, 2);
    ledger_decide(&w.batch);
    assert_string_equal(w.job->ops[0].problem->code, "insufficient-stock");
    assert_int_equal(a->stock, 9);
    assert_int_equal(a->version, a->base_version);
    assert_int_equal(b->stock, 1);
    assert_false(w.entries[0].changed);
    assert_null(w.batch.changed);
    world_close(&w);
}

static void what_is_not_for_sale_is_listed(void **state)
{
    world w;

    (void)state;
    world_open(&w, 1);
    add_product(&w, 1, 100, 9, true);
    add_product(&w, 2, 100, 9, false);
    set_place(&w, &w.job->ops[0], 3, 1, 1, 2, 1, 3, 1);
    ledger_decide(&w.batch);
    assert_string_equal(w.job->ops[0].problem->code, "product-unavailable");
    assert_null(strstr(members(&w.job->ops[0]), "000000000000000000000001"));
    assert_non_null(strstr(members(&w.job->ops[0]), "000000000000000000000002"));
    assert_non_null(strstr(members(&w.job->ops[0]), "000000000000000000000003"));
    world_close(&w);
}

static void sums_are_overflow_checked(void **state)
{
    world w;
    batch_product *a;

    (void)state;
    world_open(&w, 1);
    a = add_product(&w, 1, INT64_MAX / 2, 9, true);
    set_place(&w, &w.job->ops[0], 1, 1, 3);
    ledger_decide(&w.batch);
    assert_string_equal(w.job->ops[0].problem->code, "total-too-large");
    assert_int_equal(w.job->ops[0].problem->status, 422);
    assert_int_equal(a->stock, 9);
    world_close(&w);
}

static void a_changed_price_is_told(void **state)
{
    world w;

    (void)state;
    world_open(&w, 2);
    add_product(&w, 1, 250, 9, true);
    set_place(&w, &w.job->ops[0], 1, 1, 2);
    w.job->ops[0].expected_total = 499;
    set_place(&w, &w.job->ops[1], 1, 1, 2);
    w.job->ops[1].expected_total = 500;
    ledger_decide(&w.batch);
    assert_string_equal(w.job->ops[0].problem->code, "price-changed");
    assert_non_null(strstr(members(&w.job->ops[0]), "\"expectedTotal\":4.99,\"total\":5.00"));
    assert_null(w.job->ops[1].problem);
    world_close(&w);
}

static void twins_in_a_batch_are_one_order(void **state)
{
    world w;
    batch_product *a;

    (void)state;
    world_open(&w, 3);
    a = add_product(&w, 1, 100, 9, true);
    for (int i = 0; i < 3; i++) {
        set_place(&w, &w.job->ops[i], 1, 1, 1);
        w.job->ops[i].idempotency_key = "key";
        w.job->ops[i].fingerprint = i < 2 ? "same" : "other";
    }
    ledger_decide(&w.batch);
    assert_null(w.job->ops[0].problem);
    assert_false(w.job->ops[0].replayed);
    assert_true(w.job->ops[1].replayed);
    assert_true(bson_oid_equal(store_oid(w.job->ops[0].doc, "_id"), store_oid(w.job->ops[1].doc, "_id")));
    assert_string_equal(w.job->ops[2].problem->code, "idempotency-key-reused");
    assert_int_equal(a->stock, 8);
    world_close(&w);
}

static void cancelling_gives_back_and_marks_the_refund(void **state)
{
    world w;
    batch_product *a;
    batch_order *order;

    (void)state;
    world_open(&w, 1);
    a = add_product(&w, 1, 100, 2, true);
    a->reserved = a->base_reserved = 3;
    order = add_order(&w, 0x51, "processing", true, 1, 3);
    set_move(&w, &w.job->ops[0], 0x51, ORDER_CANCELLED, ROLE_ADMIN);
    w.job->ops[0].reason = "lost";
    ledger_decide(&w.batch);
    assert_null(w.job->ops[0].problem);
    assert_int_equal(a->stock, 5);
    assert_int_equal(a->reserved, 0);
    assert_int_equal(order->version, 3);
    assert_true(store_bool(order->doc, "refundDue"));
    assert_string_equal(store_text(order->doc, "status"), "cancelled");
    assert_string_equal(store_text(order->doc, "history.2.from"), "processing");
    assert_string_equal(store_text(order->doc, "history.2.reason"), "lost");
    assert_int_equal(store_time(order->doc, "createdAt"), 5);
    assert_int_equal(store_time(order->doc, "updatedAt"), NOW);
    world_close(&w);
}

static void two_moves_of_one_order_in_a_batch_see_each_other(void **state)
{
    world w;
    batch_product *a;
    batch_order *order;

    (void)state;
    world_open(&w, 2);
    a = add_product(&w, 1, 100, 0, true);
    a->reserved = a->base_reserved = 3;
    order = add_order(&w, 0x51, "pending", false, 1, 3);
    set_move(&w, &w.job->ops[0], 0x51, ORDER_CANCELLED, ROLE_ADMIN);
    set_move(&w, &w.job->ops[1], 0x51, ORDER_PROCESSING, ROLE_ADMIN);
    ledger_decide(&w.batch);
    assert_null(w.job->ops[0].problem);
    assert_string_equal(w.job->ops[1].problem->code, "invalid-transition");
    assert_non_null(strstr(members(&w.job->ops[1]), "\"from\":\"cancelled\",\"to\":\"processing\",\"allowed\":[]"));
    assert_int_equal(a->stock, 3);
    assert_ptr_equal(w.batch.changed, order);
    assert_null(order->next);
    world_close(&w);
}

static void stock_never_moves_when_the_reservation_is_astray(void **state)
{
    world w;
    batch_product *a;

    (void)state;
    world_open(&w, 1);
    a = add_product(&w, 1, 100, 2, true);
    a->reserved = a->base_reserved = 2;
    add_order(&w, 0x51, "pending", false, 1, 3);
    set_move(&w, &w.job->ops[0], 0x51, ORDER_CANCELLED, ROLE_ADMIN);
    ledger_decide(&w.batch);
    assert_int_equal(w.job->ops[0].problem->status, 500);
    assert_int_equal(a->stock, 2);
    assert_int_equal(a->reserved, 2);
    world_close(&w);
}

static void anothers_order_is_not_found(void **state)
{
    world w;

    (void)state;
    world_open(&w, 1);
    add_product(&w, 1, 100, 2, true);
    add_order(&w, 0x51, "pending", false, 1, 1);
    set_move(&w, &w.job->ops[0], 0x51, ORDER_CANCELLED, ROLE_CUSTOMER);
    w.job->ops[0].owner_only = true;
    w.job->actor.id = oid(0xc2);
    ledger_decide(&w.batch);
    assert_string_equal(w.job->ops[0].problem->code, "not-found");
    world_close(&w);
}

static void a_stale_version_is_told_before_the_rules(void **state)
{
    world w;

    (void)state;
    world_open(&w, 2);
    add_product(&w, 1, 100, 2, true);
    add_order(&w, 0x51, "delivered", true, 1, 1);
    set_move(&w, &w.job->ops[0], 0x51, ORDER_PENDING, ROLE_ADMIN);
    etag_parse("\"1\"", &w.job->ops[0].if_match);
    set_move(&w, &w.job->ops[1], 0x51, ORDER_DELIVERED, ROLE_ADMIN);
    etag_parse("\"1\"", &w.job->ops[1].if_match);
    ledger_decide(&w.batch);
    assert_int_equal(w.job->ops[0].problem->status, 412);
    assert_non_null(
        strstr(members(&w.job->ops[0]), "\"currentVersion\":2,\"currentStatus\":\"delivered\",\"changedBy\":{"));
    assert_non_null(strstr(members(&w.job->ops[0]), "\"Ada\""));
    assert_int_equal(w.job->ops[1].problem->status, 412);
    world_close(&w);
}

static void payment_switches_and_stays_once_shipped(void **state)
{
    world w;
    batch_order *open, *gone;

    (void)state;
    world_open(&w, 3);
    w.job->actor.role = ROLE_ADMIN;
    open = add_order(&w, 0x51, "pending", false, 1, 1);
    gone = add_order(&w, 0x52, "shipped", true, 1, 1);
    w.job->ops[0] = (ledger_op){.kind = LEDGER_PAYMENT, .id = oid(0x51), .payment_received = true, .note = "cash"};
    w.job->ops[1] = (ledger_op){.kind = LEDGER_PAYMENT, .id = oid(0x51), .payment_received = true};
    w.job->ops[2] = (ledger_op){.kind = LEDGER_PAYMENT, .id = oid(0x52), .payment_received = false};
    ledger_decide(&w.batch);
    assert_true(store_bool(open->doc, "paymentReceived"));
    assert_int_equal(open->version, 3);
    assert_string_equal(store_text(open->doc, "history.2.type"), "order:payment");
    assert_string_equal(store_text(open->doc, "history.2.note"), "cash");
    assert_int_equal(store_int(w.job->ops[1].doc, "version", 0), 3);
    assert_false(w.entries[1].changed);
    assert_string_equal(w.job->ops[2].problem->code, "payment-final");
    assert_int_equal(gone->version, 2);
    world_close(&w);
}

static void a_product_change_keeps_stock_in_bounds(void **state)
{
    world w;
    batch_product *a;

    (void)state;
    world_open(&w, 4);
    a = add_product(&w, 1, 100, 5, true);
    w.job->ops[0] = (ledger_op){.kind = LEDGER_PRODUCT, .id = oid(1), .add_stock = true, .stock_delta = -6};
    w.job->ops[1] = (ledger_op){
        .kind = LEDGER_PRODUCT, .id = oid(1), .add_stock = true, .stock_delta = -2, .set_price = true, .price = 7};
    w.job->ops[2] = (ledger_op){.kind = LEDGER_PRODUCT, .id = oid(1), .set_price = true, .price = 7};
    w.job->ops[3] = (ledger_op){.kind = LEDGER_PRODUCT, .id = oid(9), .set_price = true, .price = 7};
    ledger_decide(&w.batch);
    assert_string_equal(w.job->ops[0].problem->code, "stock-out-of-range");
    assert_null(w.job->ops[1].problem);
    assert_int_equal(a->stock, 3);
    assert_int_equal(store_int(w.job->ops[1].doc, "price", 0), 7);
    assert_int_equal(store_int(w.job->ops[1].doc, "version", 0), 5);
    assert_true(w.entries[1].changed);
    assert_false(w.entries[2].changed);
    assert_string_equal(w.job->ops[3].problem->code, "not-found");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placing_adds_up_and_moves_stock),
        cmocka_unit_test(the_last_unit_is_sold_once_in_a_batch),
        cmocka_unit_test(a_short_line_leaves_every_product_alone),
        cmocka_unit_test(what_is_not_for_sale_is_listed),
        cmocka_unit_test(sums_are_overflow_checked),
        cmocka_unit_test(a_changed_price_is_told),
        cmocka_unit_test(twins_in_a_batch_are_one_order),
        cmocka_unit_test(cancelling_gives_back_and_marks_the_refund),
        cmocka_unit_test(two_moves_of_one_order_in_a_batch_see_each_other),
        cmocka_unit_test(stock_never_moves_when_the_reservation_is_astray),
        cmocka_unit_test(anothers_order_is_not_found),
        cmocka_unit_test(a_stale_version_is_told_before_the_rules),
        cmocka_unit_test(payment_switches_and_stays_once_shipped),
        cmocka_unit_test(a_product_change_keeps_stock_in_bounds),
    };

    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
