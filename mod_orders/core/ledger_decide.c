/* What the table of an order's life and the stock at hand say to each operation. All in memory: nothing here talks to the database. */
#include "ledger_batch.h"

#include <apr_strings.h>
#include <string.h>

#include "money.h"
#include "product_store.h"

const char *ledger_twin_key(apr_pool_t *pool, const bson_oid_t *user, const char *key)
{
    char hex[25];

    bson_oid_to_string(user, hex);
    return apr_pstrcat(pool, hex, key, NULL);
}

static batch_product *find_product(const batch_t *batch, const bson_oid_t *id)
{
    return apr_hash_get(batch->products, id, sizeof(*id));
}

/* A version for each change, as if it were alone: two answers with one version would be two states with one entity tag. */
static void touch(batch_product *product)
{
    product->version++;
}

/* Puts the order's new state where later operations of the batch, and the writer, find it. */
static void keep_order(batch_t *batch, batch_order *order, batch_entry *entry, const bson_t *doc)
{
    bool first = order->version == order->base_version;

    order->doc = doc;
    order->version = store_int(doc, "version", 0);
    order->request_id = entry->job->request_id;
    entry->op->doc = doc;
    entry->changed = true;
    if (!first)
        return;
    *batch->changed_end = order;
    batch->changed_end = &order->next;
}

/* The answer to an operation that changes nothing: what was read, kept for the owner. */
static void answer_unchanged(const batch_entry *entry, const bson_t *doc)
{
    bson_t *copy = store_bson(entry->job->pool);

    bson_concat(copy, doc);
    entry->op->doc = copy;
}

/* ---- placing ---- */

/* A problem that lists lines: the first call opens the list, list_close ends it. */
typedef struct line_list {
    problem_t *problem;
    out_t *out;
} line_list;

static out_t *list_line(line_list *list, apr_pool_t *pool, const char *code, const char *detail, const bson_oid_t *id)
{
    char hex[25];

    if (!list->problem) {
        list->problem = problem_make(pool, code, "%s", detail);
        list->out = problem_member(list->problem, "lines");
        out_char(list->out, '[');
    } else
        out_char(list->out, ',');
    bson_oid_to_string(id, hex);
    out_fmt(list->out, "{\"productId\":\"%s\"", hex);
    return list->out;
}

static problem_t *list_close(line_list *list)
{
    if (list->problem)
        out_char(list->out, ']');
    return list->problem;
}

static problem_t *check_available(const batch_t *batch, const batch_entry *entry)
{
    line_list list = {NULL, NULL};

    for (int i = 0; i < entry->op->line_count; i++) {
        const ledger_line *line = &entry->op->lines[i];
        const batch_product *product = find_product(batch, &line->product);

        if (product && product->active)
            continue;
        list_line(&list, entry->job->pool, "product-unavailable",
                  "The products listed are not for sale; take them out of the order.", &line->product);
        out_char(list.out, '}');
    }
    return list_close(&list);
}

static problem_t *check_stock(const batch_t *batch, const batch_entry *entry)
{
    line_list list = {NULL, NULL};

    for (int i = 0; i < entry->op->line_count; i++) {
        const ledger_line *line = &entry->op->lines[i];
        const batch_product *product = find_product(batch, &line->product);

        if (product->stock >= line->quantity)
            continue;
        list_line(&list, entry->job->pool, "insufficient-stock",
                  "There is not enough stock for the lines listed; order at most what is available.", &line->product);
        out_lit(list.out, ",\"name\":");
        out_json_str(list.out, product->name);
        out_lit(list.out, ",\"requested\":");
        out_int(list.out, line->quantity);
        out_lit(list.out, ",\"available\":");
        out_int(list.out, product->stock);
        out_char(list.out, '}');
    }
    return list_close(&list);
}

static problem_t *add_up(const batch_t *batch, const batch_entry *entry, int64_t *total)
{
    *total = 0;
    for (int i = 0; i < entry->op->line_count; i++) {
        const ledger_line *line = &entry->op->lines[i];
        int64_t amount;

        if (money_multiply(find_product(batch, &line->product)->price, line->quantity, &amount) < 0 ||
            money_add(*total, amount, total) < 0)
            return problem_make(entry->job->pool, "total-too-large",
                                "The total is larger than can be kept; order less in one go.");
    }
    return NULL;
}

static problem_t *check_expected(const batch_t *batch, const batch_entry *entry, int64_t total)
{
    problem_t *problem;
    int exponent = batch->config->exponent;

    if (entry->op->expected_total < 0 || entry->op->expected_total == total)
        return NULL;
    problem = problem_make(entry->job->pool, "price-changed",
                           "The total is not the one expected: a price has changed. Show the new one and ask again.");
    out_money(problem_member(problem, "expectedTotal"), entry->op->expected_total, exponent);
    out_money(problem_member(problem, "total"), total, exponent);
    return problem;
}

/* True when an earlier order, or a mate in this batch, carries the operation's key: then the outcome is set. */
static bool answer_by_twin(batch_t *batch, const batch_entry *entry)
{
    ledger_op *op = entry->op;
    const char *key, *fingerprint;
    const batch_order *changed;
    const bson_t *twin;

    if (!op->idempotency_key)
        return false;
    key = ledger_twin_key(batch->pool, &entry->job->actor.id, op->idempotency_key);
    twin = apr_hash_get(batch->twins, key, APR_HASH_KEY_STRING);
    if (!twin)
        return false;
    if ((changed = apr_hash_get(batch->orders, store_oid(twin, "_id"), sizeof(bson_oid_t))))
        twin = changed->doc;
    fingerprint = store_text(twin, "idempotency.fingerprint");
    if (fingerprint && !strcmp(fingerprint, op->fingerprint)) {
        answer_unchanged(entry, twin);
        op->replayed = true;
    } else
        op->problem = problem_make(
            entry->job->pool, "idempotency-key-reused",
            "This Idempotency-Key was used for an order with another body; use a new key for a new order.");
    return true;
}

static void move_stock(batch_t *batch, const bson_oid_t *id, order_effect effect, int64_t quantity)
{
    batch_product *product = find_product(batch, id);

    product->stock += effect.stock * quantity;
    product->reserved += effect.reserved * quantity;
    touch(product);
}

static void decide_place(batch_t *batch, batch_entry *entry)
{
    ledger_op *op = entry->op;
    batch_order *order;
    int64_t total;

    if (answer_by_twin(batch, entry))
        return;
    if ((op->problem = check_available(batch, entry)) || (op->problem = check_stock(batch, entry)) ||
        (op->problem = add_up(batch, entry, &total)) || (op->problem = check_expected(batch, entry, total)))
        return;
    order = apr_pcalloc(batch->pool, sizeof(*order));
    keep_order(batch, order, entry, ledger_order_new(batch, entry, total));
    for (int i = 0; i < op->line_count; i++)
        move_stock(batch, &op->lines[i].product, order_placing_effect(), op->lines[i].quantity);
    if (op->idempotency_key)
        apr_hash_set(batch->twins, ledger_twin_key(batch->pool, &entry->job->actor.id, op->idempotency_key),
                     APR_HASH_KEY_STRING, op->doc);
}

/* ---- changing an order ---- */

static batch_order *find_order(const batch_t *batch, const batch_entry *entry)
{
    batch_order *order = apr_hash_get(batch->orders, &entry->op->id, sizeof(entry->op->id));

    if (order && entry->op->owner_only && !bson_oid_equal(store_oid(order->doc, "userId"), &entry->job->actor.id))
        order = NULL;
    if (!order)
        entry->op->problem = problem_make(entry->job->pool, "not-found", "There is no such order.");
    return order;
}

static problem_t *version_mismatch(apr_pool_t *pool, int64_t version)
{
    problem_t *problem =
        problem_make(pool, "version-mismatch", "It was changed in the meantime: look at it again, then decide.");

    out_int(problem_member(problem, "currentVersion"), version);
    return problem;
}

/* 412 tells who changed the order last and what it has become. */
static problem_t *order_mismatch(apr_pool_t *pool, const bson_t *doc)
{
    int64_t version = store_int(doc, "version", 0);
    problem_t *problem = version_mismatch(pool, version);
    char path[64];
    out_t *out;

    out_json_str(problem_member(problem, "currentStatus"), store_text(doc, "status"));
    out = problem_member(problem, "changedBy");
    apr_snprintf(path, sizeof(path), "history.%" APR_INT64_T_FMT ".actor.role", version - 1);
    out_lit(out, "{\"role\":");
    out_json_str(out, store_text(doc, path));
    apr_snprintf(path, sizeof(path), "history.%" APR_INT64_T_FMT ".actor.name", version - 1);
    out_lit(out, ",\"name\":");
    out_json_str(out, store_text(doc, path));
    out_char(out, '}');
    return problem;
}

static problem_t *invalid_transition(apr_pool_t *pool, const order_move *move)
{
    order_status allowed[ORDER_STATUS_COUNT];
    int count = order_allowed(move->from, move->role, allowed);
    problem_t *problem = problem_make(pool, "invalid-transition", "An order that is %s can't become %s.",
                                      order_status_name(move->from), order_status_name(move->to));
    out_t *out;

    out_json_str(problem_member(problem, "from"), order_status_name(move->from));
    out_json_str(problem_member(problem, "to"), order_status_name(move->to));
    out = problem_member(problem, "allowed");
    out_char(out, '[');
    for (int i = 0; i < count; i++) {
        if (i)
            out_char(out, ',');
        out_json_str(out, order_status_name(allowed[i]));
    }
    out_char(out, ']');
    return problem;
}

static problem_t *move_refused(apr_pool_t *pool, const order_move *move, order_move_result result)
{
    problem_t *problem = NULL;

    switch (result) {
    case ORDER_MOVE_PAYMENT_REQUIRED:
        return problem_make(pool, "payment-required",
                            "The order is not paid yet: it can be shipped once its payment is received.");
    case ORDER_MOVE_RESTOCK_MISSING:
        problem_field_add(&problem, pool, "/restock", "required",
                          "restock must be true or false: whether the goods go back into stock.");
        return problem;
    default: return invalid_transition(pool, move);
    }
}

/* Calls move_stock for each line of the order; false when a product is gone or its reservation astray: then nothing moved. */
static bool move_lines(batch_t *batch, const bson_t *doc, order_effect effect)
{
    bson_iter_t iter, items, item;

    for (int pass = 0; pass < 2; pass++) {
        if (!bson_iter_init_find(&iter, doc, "items") || !bson_iter_recurse(&iter, &items))
            return false;
        while (bson_iter_next(&items)) {
            const bson_oid_t *id;
            batch_product *product;
            int64_t quantity;

            if (!bson_iter_recurse(&items, &item) || !bson_iter_find(&item, "productId") || !BSON_ITER_HOLDS_OID(&item))
                return false;
            id = bson_iter_oid(&item);
            if (!bson_iter_recurse(&items, &item) || !bson_iter_find(&item, "quantity"))
                return false;
            quantity = bson_iter_as_int64(&item);
            product = find_product(batch, id);
            if (!product || product->reserved + effect.reserved * quantity < 0)
                return false;
            if (pass)
                move_stock(batch, id, effect, quantity);
        }
    }
    return true;
}

static void decide_move(batch_t *batch, batch_entry *entry)
{
    ledger_op *op = entry->op;
    batch_order *order = find_order(batch, entry);
    order_move move;
    order_move_result result;
    order_effect effect = {0, 0};
    order_change change = {.type = "order:status"};
    bool refund_due = false;

    if (!order)
        return;
    if (op->if_match.present && !etag_matches(&op->if_match, order->version)) {
        op->problem = order_mismatch(entry->job->pool, order->doc);
        return;
    }
    move = (order_move){order_status_parse(store_text(order->doc, "status")),
                        op->to,
                        entry->job->actor.role,
                        store_bool(order->doc, "paymentReceived"),
                        batch->config->require_payment,
                        op->restock};
    result = order_transition(&move, &effect, &refund_due);
    if (result == ORDER_MOVE_SAME) {
        answer_unchanged(entry, order->doc);
        return;
    }
    if (result != ORDER_MOVE_OK) {
        op->problem = move_refused(entry->job->pool, &move, result);
        return;
    }
    if ((effect.stock || effect.reserved) && !move_lines(batch, order->doc, effect)) {
        op->problem = problem_make(entry->job->pool, "internal-error", NULL);
        return;
    }
    change.from = order_status_name(move.from);
    change.to = order_status_name(move.to);
    change.status = move.to;
    change.payment_received = move.payment_received;
    change.refund_due = refund_due || store_bool(order->doc, "refundDue");
    keep_order(batch, order, entry, ledger_order_changed(batch, entry, order->doc, &change));
}

static void decide_payment(batch_t *batch, batch_entry *entry)
{
    ledger_op *op = entry->op;
    batch_order *order = find_order(batch, entry);
    order_change change = {.type = "order:payment"};
    bool received;

    if (!order)
        return;
    if (op->if_match.present && !etag_matches(&op->if_match, order->version)) {
        op->problem = order_mismatch(entry->job->pool, order->doc);
        return;
    }
    received = store_bool(order->doc, "paymentReceived");
    if (received == op->payment_received) {
        answer_unchanged(entry, order->doc);
        return;
    }
    change.status = order_status_parse(store_text(order->doc, "status"));
    if (!op->payment_received && !order_payment_unsettable(change.status)) {
        op->problem =
            problem_make(entry->job->pool, "payment-final", "The payment of an order that is %s can't be taken back.",
                         order_status_name(change.status));
        return;
    }
    change.from = received ? "paid" : "unpaid";
    change.to = op->payment_received ? "paid" : "unpaid";
    change.payment_received = op->payment_received;
    change.refund_due = store_bool(order->doc, "refundDue");
    keep_order(batch, order, entry, ledger_order_changed(batch, entry, order->doc, &change));
}

/* ---- changing a product ---- */

static problem_t *new_stock(const batch_entry *entry, const batch_product *product, int64_t *stock)
{
    const ledger_op *op = entry->op;
    problem_t *problem;

    *stock = op->set_stock ? op->stock : op->add_stock ? product->stock + op->stock_delta : product->stock;
    if (*stock >= 0 && *stock <= PRODUCT_STOCK_MAX)
        return NULL;
    problem = problem_make(entry->job->pool, "stock-out-of-range",
                           "Stock would become %" APR_INT64_T_FMT "; it must stay between 0 and %d.", *stock,
                           PRODUCT_STOCK_MAX);
    out_int(problem_member(problem, "available"), product->stock);
    return problem;
}

static void decide_product(batch_t *batch, batch_entry *entry)
{
    ledger_op *op = entry->op;
    batch_product *product = find_product(batch, &op->id);
    int64_t stock;

    if (!product) {
        op->problem = problem_make(entry->job->pool, "not-found", "There is no such product.");
        return;
    }
    if (op->if_match.present && !etag_matches(&op->if_match, product->version)) {
        op->problem = version_mismatch(entry->job->pool, product->version);
        return;
    }
    if ((op->problem = new_stock(entry, product, &stock)))
        return;
    if (stock != product->stock || (op->product_name && strcmp(op->product_name, product->name) != 0) ||
        (op->set_price && op->price != product->price) || (op->set_active && op->active != product->active)) {
        touch(product);
        entry->changed = true;
    }
    product->stock = stock;
    if (op->product_name)
        product->name = op->product_name;
    if (op->set_price)
        product->price = op->price;
    if (op->set_active)
        product->active = op->active;
    op->doc = ledger_product_doc(entry->job->pool, product, batch->now);
}

void ledger_decide(batch_t *batch)
{
    static void (*const decide[])(batch_t *, batch_entry *) = {
        [LEDGER_PLACE] = decide_place,
        [LEDGER_MOVE] = decide_move,
        [LEDGER_PAYMENT] = decide_payment,
        [LEDGER_PRODUCT] = decide_product,
    };

    for (int i = 0; i < batch->count; i++)
        decide[batch->entries[i].op->kind](batch, &batch->entries[i]);
}
