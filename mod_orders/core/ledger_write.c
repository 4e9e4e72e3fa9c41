/* The commands of a batch: what it reads first, what it writes last. Each joins the batch's transaction but the counter's. */
#include "ledger_batch.h"

#include <apr_strings.h>
#include <string.h>

#include "product_store.h"

#define READ_ROWS_MAX 16000 /* more than a batch can name: one round trip brings all */

/* ---- reading ---- */

/* {aggregate: name, pipeline: [{$match: {_id: {$in: ids}}}, {$set: {now: "$$NOW"}}]}: a find knows no $$NOW. */
static bool read_by_ids(batch_t *batch, const char *collection, apr_hash_t *ids, const bson_t **reply,
                        store_error *error)
{
    bson_t *command = store_bson(batch->pool), pipeline, stage, match, in, list;
    apr_hash_index_t *index;
    char key[16];
    int count = 0;

    BSON_APPEND_UTF8(command, "aggregate", collection);
    BSON_APPEND_ARRAY_BEGIN(command, "pipeline", &pipeline);
    BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "0", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &match);
    BSON_APPEND_DOCUMENT_BEGIN(&match, "_id", &in);
    BSON_APPEND_ARRAY_BEGIN(&in, "$in", &list);
    for (index = apr_hash_first(batch->pool, ids); index; index = apr_hash_next(index)) {
        apr_snprintf(key, sizeof(key), "%d", count++);
        BSON_APPEND_OID(&list, key, (const bson_oid_t *)apr_hash_this_key(index));
    }
    bson_append_array_end(&in, &list);
    bson_append_document_end(&match, &in);
    bson_append_document_end(&stage, &match);
    bson_append_document_end(&pipeline, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "1", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$set", &match);
    BSON_APPEND_UTF8(&match, "now", "$$NOW");
    bson_append_document_end(&stage, &match);
    bson_append_document_end(&pipeline, &stage);
    bson_append_array_end(command, &pipeline);
    BSON_APPEND_DOCUMENT_BEGIN(command, "cursor", &stage);
    BSON_APPEND_INT32(&stage, "batchSize", READ_ROWS_MAX);
    bson_append_document_end(command, &stage);
    return store_command(batch->conn, batch->session, command, reply, error);
}

/* The row without the clock's reading, kept for the attempt. */
static const bson_t *take_row(batch_t *batch, const bson_t *row)
{
    bson_t *doc = store_bson(batch->pool);
    int64_t now = store_time(row, "now");

    if (now > batch->now)
        batch->now = now;
    bson_copy_to_excluding_noinit(row, doc, "now", NULL);
    return doc;
}

static void want(batch_t *batch, apr_hash_t *ids, const bson_oid_t *id)
{
    if (!apr_hash_get(ids, id, sizeof(*id)))
        apr_hash_set(ids, apr_pmemdup(batch->pool, id, sizeof(*id)), sizeof(*id), "");
}

static bool read_orders(batch_t *batch, store_error *error)
{
    apr_hash_t *ids = apr_hash_make(batch->pool);
    const bson_t *reply;
    bson_iter_t rows;
    bson_t row;

    for (int i = 0; i < batch->count; i++) {
        const ledger_op *op = batch->entries[i].op;

        if (op->kind == LEDGER_MOVE || op->kind == LEDGER_PAYMENT)
            want(batch, ids, &op->id);
    }
    if (!apr_hash_count(ids))
        return true;
    if (!read_by_ids(batch, STORE_ORDERS, ids, &reply, error))
        return false;
    if (!store_first_batch(reply, &rows))
        return true;
    while (store_next_row(&rows, &row)) {
        batch_order *order = apr_pcalloc(batch->pool, sizeof(*order));

        order->doc = take_row(batch, &row);
        order->version = order->base_version = store_int(order->doc, "version", 0);
        order->base_status = store_text(order->doc, "status");
        apr_hash_set(batch->orders, store_oid(order->doc, "_id"), sizeof(bson_oid_t), order);
    }
    return true;
}

/* {userId, idempotency.key} of each operation that has a key; the last of them in *pair. How many. */
static int append_pairs(const batch_t *batch, bson_t *list, bson_t *pair)
{
    char key[16];
    int count = 0;

    for (int i = 0; i < batch->count; i++) {
        const batch_entry *entry = &batch->entries[i];

        if (!entry->op->idempotency_key)
            continue;
        bson_reinit(pair);
        BSON_APPEND_OID(pair, "userId", &entry->job->actor.id);
        BSON_APPEND_UTF8(pair, "idempotency.key", entry->op->idempotency_key);
        apr_snprintf(key, sizeof(key), "%d", count++);
        BSON_APPEND_DOCUMENT(list, key, pair);
    }
    return count;
}

/* An $or of pairs: each is one place in the index. Callers and keys in two $in would be shorter, but a database may read all orders of
 * these callers for it. For a single pair without $or, for which the embedded database reads all orders. */
static bool read_twins(batch_t *batch, store_error *error)
{
    bson_t *command = store_bson(batch->pool), *pair = store_bson(batch->pool), *any = store_bson(batch->pool), list,
           row;
    const bson_t *reply;
    bson_iter_t rows;
    int count;

    BSON_APPEND_ARRAY_BEGIN(any, "$or", &list);
    count = append_pairs(batch, &list, pair);
    bson_append_array_end(any, &list);
    BSON_APPEND_UTF8(command, "find", STORE_ORDERS);
    BSON_APPEND_DOCUMENT(command, "filter", count == 1 ? pair : any);
    BSON_APPEND_INT32(command, "batchSize", READ_ROWS_MAX);
    if (!count)
        return true;
    if (!store_command(batch->conn, batch->session, command, &reply, error))
        return false;
    if (!store_first_batch(reply, &rows))
        return true;
    while (store_next_row(&rows, &row)) {
        const bson_t *doc = take_row(batch, &row);

        apr_hash_set(batch->twins,
                     ledger_twin_key(batch->pool, store_oid(doc, "userId"), store_text(doc, "idempotency.key")),
                     APR_HASH_KEY_STRING, doc);
    }
    return true;
}

static void want_items(batch_t *batch, apr_hash_t *ids, const bson_t *order)
{
    bson_iter_t iter, items, item;

    if (!bson_iter_init_find(&iter, order, "items") || !bson_iter_recurse(&iter, &items))
        return;
    while (bson_iter_next(&items))
        if (bson_iter_recurse(&items, &item) && bson_iter_find(&item, "productId") && BSON_ITER_HOLDS_OID(&item))
            want(batch, ids, bson_iter_oid(&item));
}

/* How many lines the batch really has, now that its orders are known. */
static int count_lines(const batch_t *batch)
{
    int lines = 0;

    for (int i = 0; i < batch->count; i++) {
        const ledger_op *op = batch->entries[i].op;
        const batch_order *order;
        bson_iter_t iter, items;

        lines += op->line_count;
        if (op->kind == LEDGER_MOVE && (order = apr_hash_get(batch->orders, &op->id, sizeof(op->id))) &&
            bson_iter_init_find(&iter, order->doc, "items") && bson_iter_recurse(&iter, &items))
            while (bson_iter_next(&items))
                lines++;
    }
    return lines;
}

static void want_products(batch_t *batch, apr_hash_t *ids)
{
    for (int i = 0; i < batch->count; i++) {
        const ledger_op *op = batch->entries[i].op;
        const batch_order *order;

        for (int line = 0; line < op->line_count; line++)
            want(batch, ids, &op->lines[line].product);
        if (op->kind == LEDGER_PRODUCT)
            want(batch, ids, &op->id);
        else if (op->kind == LEDGER_MOVE && (order = apr_hash_get(batch->orders, &op->id, sizeof(op->id))))
            want_items(batch, ids, order->doc);
    }
}

static batch_product *product_from(batch_t *batch, const bson_t *doc)
{
    batch_product *product = apr_pcalloc(batch->pool, sizeof(*product));

    product->base = doc;
    bson_oid_copy(store_oid(doc, "_id"), &product->id);
    product->name = store_text(doc, "name");
    product->active = product->base_active = store_bool(doc, "active");
    product->price = product->base_price = store_int(doc, "price", 0);
    product->stock = product->base_stock = store_int(doc, "stock", 0);
    product->reserved = product->base_reserved = store_int(doc, "reserved", 0);
    product->version = product->base_version = store_int(doc, "version", 0);
    return product;
}

static bool read_products(batch_t *batch, store_error *error)
{
    apr_hash_t *ids = apr_hash_make(batch->pool);
    const bson_t *reply;
    bson_iter_t rows;
    bson_t row;

    want_products(batch, ids);
    if (!apr_hash_count(ids))
        return true;
    if (!read_by_ids(batch, STORE_PRODUCTS, ids, &reply, error))
        return false;
    if (!store_first_batch(reply, &rows))
        return true;
    while (store_next_row(&rows, &row)) {
        batch_product *product = product_from(batch, take_row(batch, &row));

        apr_hash_set(batch->products, &product->id, sizeof(product->id), product);
    }
    return true;
}

/* Orders first: their items name further products. A batch that turns out to be too long goes no further. */
bool ledger_read(batch_t *batch, store_error *error)
{
    if (!read_orders(batch, error))
        return false;
    batch->lines = count_lines(batch);
    if (batch->count > 1 && batch->lines > LEDGER_BATCH_LINES) {
        memset(error, 0, sizeof(*error));
        return false;
    }
    return read_twins(batch, error) && read_products(batch, error);
}

/* ---- writing ---- */

/* Runs a write of `count` documents. One that was not found as read is another writer's doing: the transaction reruns. */
static bool write_all(batch_t *batch, const bson_t *command, int count, store_error *error)
{
    const bson_t *reply;

    if (!count)
        return true;
    if (!store_command(batch->conn, batch->session, command, &reply, error))
        return false;
    if (store_int(reply, "n", 0) == count)
        return true;
    memset(error, 0, sizeof(*error));
    error->transient = true;
    apr_cpystrn(error->message, "a document changed under the transaction", sizeof(error->message));
    return false;
}

static bool insert_orders(batch_t *batch, store_error *error)
{
    bson_t *command = store_bson(batch->pool), documents;
    char key[16];
    int count = 0;

    BSON_APPEND_UTF8(command, "insert", STORE_ORDERS);
    BSON_APPEND_ARRAY_BEGIN(command, "documents", &documents);
    for (const batch_order *order = batch->changed; order; order = order->next) {
        if (order->base_version)
            continue;
        apr_snprintf(key, sizeof(key), "%d", count++);
        BSON_APPEND_DOCUMENT(&documents, key, order->doc);
    }
    bson_append_array_end(command, &documents);
    return write_all(batch, command, count, error);
}

/* {$each: [the history entries since the version read]} */
static void append_new_history(bson_t *push, const batch_order *order)
{
    bson_t history, each;
    bson_iter_t iter, rows;
    char key[16];
    int64_t index = 0;
    int count = 0;

    BSON_APPEND_DOCUMENT_BEGIN(push, "history", &history);
    BSON_APPEND_ARRAY_BEGIN(&history, "$each", &each);
    if (bson_iter_init_find(&iter, order->doc, "history") && bson_iter_recurse(&iter, &rows))
        while (bson_iter_next(&rows)) {
            if (index++ < order->base_version)
                continue;
            apr_snprintf(key, sizeof(key), "%d", count++);
            bson_append_iter(&each, key, -1, &rows);
        }
    bson_append_array_end(&history, &each);
    bson_append_document_end(push, &history);
}

/* A compare-and-set on (_id, status, version), with the new version among the updated fields, where the change stream's readers look. */
static void append_order_update(bson_t *update, const batch_order *order)
{
    bson_t query, operators, set;
    const bson_t *doc = order->doc;

    BSON_APPEND_DOCUMENT_BEGIN(update, "q", &query);
    BSON_APPEND_OID(&query, "_id", store_oid(doc, "_id"));
    BSON_APPEND_UTF8(&query, "status", order->base_status);
    BSON_APPEND_INT64(&query, "version", order->base_version);
    bson_append_document_end(update, &query);
    BSON_APPEND_DOCUMENT_BEGIN(update, "u", &operators);
    BSON_APPEND_DOCUMENT_BEGIN(&operators, "$set", &set);
    BSON_APPEND_UTF8(&set, "status", store_text(doc, "status"));
    BSON_APPEND_BOOL(&set, "paymentReceived", store_bool(doc, "paymentReceived"));
    if (store_bool(doc, "refundDue"))
        BSON_APPEND_BOOL(&set, "refundDue", true);
    BSON_APPEND_INT64(&set, "version", order->version);
    BSON_APPEND_DATE_TIME(&set, "updatedAt", store_time(doc, "updatedAt"));
    bson_append_document_end(&operators, &set);
    BSON_APPEND_DOCUMENT_BEGIN(&operators, "$push", &set);
    append_new_history(&set, order);
    bson_append_document_end(&operators, &set);
    bson_append_document_end(update, &operators);
}

static bool update_orders(batch_t *batch, store_error *error)
{
    bson_t *command = store_bson(batch->pool), updates, update;
    char key[16];
    int count = 0;

    BSON_APPEND_UTF8(command, "update", STORE_ORDERS);
    BSON_APPEND_ARRAY_BEGIN(command, "updates", &updates);
    for (const batch_order *order = batch->changed; order; order = order->next) {
        if (!order->base_version)
            continue;
        apr_snprintf(key, sizeof(key), "%d", count++);
        BSON_APPEND_DOCUMENT_BEGIN(&updates, key, &update);
        append_order_update(&update, order);
        bson_append_document_end(&updates, &update);
    }
    bson_append_array_end(command, &updates);
    return write_all(batch, command, count, error);
}

static void append_product_set(batch_t *batch, bson_t *operators, const batch_product *product)
{
    bson_t set;

    BSON_APPEND_DOCUMENT_BEGIN(operators, "$set", &set);
    BSON_APPEND_DATE_TIME(&set, "updatedAt", batch->now);
    if (strcmp(product->name, store_text(product->base, "name")) != 0) {
        BSON_APPEND_UTF8(&set, "name", product->name);
        product_terms_append(batch->pool, &set, product->name, store_text(product->base, "sku"));
    }
    if (product->price != product->base_price)
        BSON_APPEND_INT64(&set, "price", product->price);
    if (product->active != product->base_active)
        BSON_APPEND_BOOL(&set, "active", product->active);
    bson_append_document_end(operators, &set);
}

/* One conditional $inc a product: it can't take more than there is, whatever was read. */
static void append_product_update(batch_t *batch, bson_t *update, const batch_product *product)
{
    int64_t stock = product->stock - product->base_stock, reserved = product->reserved - product->base_reserved;
    bson_t part, operators;

    BSON_APPEND_DOCUMENT_BEGIN(update, "q", &part);
    BSON_APPEND_OID(&part, "_id", &product->id);
    if (stock < 0) {
        bson_t at_least;

        BSON_APPEND_DOCUMENT_BEGIN(&part, "stock", &at_least);
        BSON_APPEND_INT64(&at_least, "$gte", -stock);
        bson_append_document_end(&part, &at_least);
    }
    bson_append_document_end(update, &part);
    BSON_APPEND_DOCUMENT_BEGIN(update, "u", &operators);
    BSON_APPEND_DOCUMENT_BEGIN(&operators, "$inc", &part);
    if (stock)
        BSON_APPEND_INT64(&part, "stock", stock);
    if (reserved)
        BSON_APPEND_INT64(&part, "reserved", reserved);
    BSON_APPEND_INT64(&part, "version", product->version - product->base_version);
    bson_append_document_end(&operators, &part);
    append_product_set(batch, &operators, product);
    bson_append_document_end(update, &operators);
}

static bool update_products(batch_t *batch, store_error *error)
{
    bson_t *command = store_bson(batch->pool), updates, update;
    apr_hash_index_t *index;
    char key[16];
    int count = 0;

    BSON_APPEND_UTF8(command, "update", STORE_PRODUCTS);
    BSON_APPEND_ARRAY_BEGIN(command, "updates", &updates);
    for (index = apr_hash_first(batch->pool, batch->products); index; index = apr_hash_next(index)) {
        const batch_product *product = apr_hash_this_val(index);

        if (product->version == product->base_version)
            continue;
        apr_snprintf(key, sizeof(key), "%d", count++);
        BSON_APPEND_DOCUMENT_BEGIN(&updates, key, &update);
        append_product_update(batch, &update, product);
        bson_append_document_end(&updates, &update);
    }
    bson_append_array_end(command, &updates);
    return write_all(batch, command, count, error);
}

/* Products last: they are what other writers want, and a conflicting write fails at once. */
bool ledger_write(batch_t *batch, store_error *error)
{
    return insert_orders(batch, error) && update_orders(batch, error) && update_products(batch, error);
}

/* ---- numbers ---- */

#define LEAP_MAX 16 /* doublings */

/* Each time that numbers were taken, the next ones are twice as far away: a counter that fell far behind, as after a
 * backup was restored, is ahead again after a few draws. */
problem_t *ledger_draw_numbers(batch_t *batch, int taken)
{
    bson_t *command, part;
    const bson_t *reply;
    problem_t *problem;
    int64_t count = 0, last;

    for (int i = 0; i < batch->count; i++)
        count += batch->entries[i].op->kind == LEDGER_PLACE && (taken || !batch->entries[i].number);
    if (!count)
        return NULL;
    command = store_bson(batch->pool);
    BSON_APPEND_UTF8(command, "findAndModify", STORE_COUNTERS);
    BSON_APPEND_DOCUMENT_BEGIN(command, "query", &part);
    BSON_APPEND_UTF8(&part, "_id", "orders");
    bson_append_document_end(command, &part);
    BSON_APPEND_DOCUMENT_BEGIN(command, "update", &part);
    {
        bson_t inc;

        BSON_APPEND_DOCUMENT_BEGIN(&part, "$inc", &inc);
        BSON_APPEND_INT64(&inc, "value", count << (taken < LEAP_MAX ? taken : LEAP_MAX));
        bson_append_document_end(&part, &inc);
    }
    bson_append_document_end(command, &part);
    BSON_APPEND_BOOL(command, "upsert", true);
    BSON_APPEND_BOOL(command, "new", true);
    if ((problem = store_run(batch->conn, command, &reply)))
        return problem;
    last = store_int(reply, "value.value", 0);
    for (int i = 0; i < batch->count; i++) {
        batch_entry *entry = &batch->entries[i];

        if (entry->op->kind == LEDGER_PLACE && (taken || !entry->number))
            entry->number = apr_psprintf(entry->job->pool, "A-%06" APR_INT64_T_FMT, last - --count);
    }
    return NULL;
}
