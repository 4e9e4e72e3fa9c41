/* The documents that the ledger writes: built whole in memory, so that the answer needs no second reading. */
#include "ledger_batch.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "product_store.h"

static void optional_text(bson_t *doc, const char *key, const char *value)
{
    if (value)
        BSON_APPEND_UTF8(doc, key, value);
}

/* Entry v of an order's history tells how version v came to be. */
static void append_entry(bson_t *doc, const char *key, const batch_t *batch, const batch_entry *entry, int64_t version,
                         const order_change *change)
{
    const ledger_actor *actor = &entry->job->actor;
    bson_t row, who;

    BSON_APPEND_DOCUMENT_BEGIN(doc, key, &row);
    BSON_APPEND_INT64(&row, "version", version);
    BSON_APPEND_DATE_TIME(&row, "at", batch->now);
    BSON_APPEND_UTF8(&row, "type", change->type);
    optional_text(&row, "from", change->from);
    optional_text(&row, "to", change->to);
    BSON_APPEND_DOCUMENT_BEGIN(&row, "actor", &who);
    BSON_APPEND_OID(&who, "id", &actor->id);
    BSON_APPEND_UTF8(&who, "role", user_role_name(actor->role));
    BSON_APPEND_UTF8(&who, "name", actor->name);
    bson_append_document_end(&row, &who);
    optional_text(&row, "reason", entry->op->reason);
    optional_text(&row, "note", entry->op->note);
    BSON_APPEND_UTF8(&row, "requestId", entry->job->request_id);
    bson_append_document_end(doc, &row);
}

static void append_customer(bson_t *doc, const ledger_actor *actor)
{
    bson_t customer;

    BSON_APPEND_OID(doc, "userId", &actor->id);
    BSON_APPEND_DOCUMENT_BEGIN(doc, "customer", &customer);
    BSON_APPEND_UTF8(&customer, "name", actor->name);
    BSON_APPEND_UTF8(&customer, "email", actor->email);
    bson_append_document_end(doc, &customer);
}

static void append_ship_to(bson_t *doc, const ledger_ship_to *to)
{
    bson_t address, lines;
    char key[8];

    if (!to)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(doc, "shipTo", &address);
    optional_text(&address, "name", to->name);
    BSON_APPEND_ARRAY_BEGIN(&address, "lines", &lines);
    for (int i = 0; i < LEDGER_ADDRESS_LINES && to->lines[i]; i++) {
        apr_snprintf(key, sizeof(key), "%d", i);
        BSON_APPEND_UTF8(&lines, key, to->lines[i]);
    }
    bson_append_array_end(&address, &lines);
    optional_text(&address, "city", to->city);
    optional_text(&address, "postcode", to->postcode);
    optional_text(&address, "country", to->country);
    bson_append_document_end(doc, &address);
}

static void append_items(bson_t *doc, const batch_t *batch, const ledger_op *op)
{
    bson_t items, item;
    char key[8];

    BSON_APPEND_ARRAY_BEGIN(doc, "items", &items);
    for (int i = 0; i < op->line_count; i++) {
        const ledger_line *line = &op->lines[i];
        const batch_product *product = apr_hash_get(batch->products, &line->product, sizeof(line->product));

        apr_snprintf(key, sizeof(key), "%d", i);
        BSON_APPEND_DOCUMENT_BEGIN(&items, key, &item);
        BSON_APPEND_OID(&item, "productId", &line->product);
        BSON_APPEND_UTF8(&item, "name", product->name);
        BSON_APPEND_INT64(&item, "quantity", line->quantity);
        BSON_APPEND_INT64(&item, "price", product->price);
        BSON_APPEND_INT64(&item, "total", product->price * line->quantity); /* overflow was checked in adding up */
        bson_append_document_end(&items, &item);
    }
    bson_append_array_end(doc, &items);
}

const bson_t *ledger_order_new(batch_t *batch, const batch_entry *entry, int64_t total)
{
    const ledger_op *op = entry->op;
    const order_change placed = {.type = "order:new", .to = order_status_name(ORDER_PENDING)};
    bson_t *doc = store_bson(entry->job->pool), part;

    BSON_APPEND_OID(doc, "_id", &op->id);
    BSON_APPEND_UTF8(doc, "number", entry->number);
    append_customer(doc, &entry->job->actor);
    append_ship_to(doc, op->ship_to);
    append_items(doc, batch, op);
    BSON_APPEND_INT64(doc, "total", total);
    BSON_APPEND_UTF8(doc, "currency", batch->config->currency);
    BSON_APPEND_UTF8(doc, "status", order_status_name(ORDER_PENDING));
    BSON_APPEND_BOOL(doc, "paymentReceived", false);
    if (op->idempotency_key) {
        BSON_APPEND_DOCUMENT_BEGIN(doc, "idempotency", &part);
        BSON_APPEND_UTF8(&part, "key", op->idempotency_key);
        BSON_APPEND_UTF8(&part, "fingerprint", op->fingerprint);
        bson_append_document_end(doc, &part);
    }
    BSON_APPEND_INT64(doc, "version", 1);
    BSON_APPEND_DATE_TIME(doc, "createdAt", batch->now);
    BSON_APPEND_DATE_TIME(doc, "updatedAt", batch->now);
    BSON_APPEND_ARRAY_BEGIN(doc, "history", &part);
    append_entry(&part, "0", batch, entry, 1, &placed);
    bson_append_array_end(doc, &part);
    return doc;
}

static void append_history(bson_t *doc, const bson_t *old, const batch_t *batch, const batch_entry *entry,
                           int64_t version, const order_change *change)
{
    bson_iter_t iter, rows;
    bson_t history;
    uint32_t count = 0;
    char key[16];

    BSON_APPEND_ARRAY_BEGIN(doc, "history", &history);
    if (bson_iter_init_find(&iter, old, "history") && bson_iter_recurse(&iter, &rows))
        for (; bson_iter_next(&rows); count++)
            bson_append_iter(&history, NULL, 0, &rows);
    apr_snprintf(key, sizeof(key), "%u", count);
    append_entry(&history, key, batch, entry, version, change);
    bson_append_array_end(doc, &history);
}

/* The old document with the changed fields in their places; `now` is only the reading's. */
const bson_t *ledger_order_changed(batch_t *batch, const batch_entry *entry, const bson_t *old,
                                   const order_change *change)
{
    int64_t version = store_int(old, "version", 0) + 1;
    bson_t *doc = store_bson(entry->job->pool);
    bool refund_written = false;
    bson_iter_t iter;

    if (!bson_iter_init(&iter, old))
        return old;
    while (bson_iter_next(&iter)) {
        const char *key = bson_iter_key(&iter);

        if (!strcmp(key, "status"))
            BSON_APPEND_UTF8(doc, key, order_status_name(change->status));
        else if (!strcmp(key, "paymentReceived")) {
            BSON_APPEND_BOOL(doc, key, change->payment_received);
            if (change->refund_due)
                BSON_APPEND_BOOL(doc, "refundDue", true);
            refund_written = true;
        } else if (!strcmp(key, "refundDue")) {
            if (!refund_written)
                BSON_APPEND_BOOL(doc, key, change->refund_due);
        } else if (!strcmp(key, "version"))
            BSON_APPEND_INT64(doc, key, version);
        else if (!strcmp(key, "updatedAt"))
            BSON_APPEND_DATE_TIME(doc, key, batch->now);
        else if (!strcmp(key, "history"))
            append_history(doc, old, batch, entry, version, change);
        else
            bson_append_iter(doc, NULL, 0, &iter);
    }
    return doc;
}

const bson_t *ledger_product_doc(apr_pool_t *pool, const batch_product *product, int64_t now)
{
    bson_t *doc = store_bson(pool);
    bson_iter_t iter;

    if (!bson_iter_init(&iter, product->base))
        return product->base;
    while (bson_iter_next(&iter)) {
        const char *key = bson_iter_key(&iter);

        if (!strcmp(key, "name"))
            BSON_APPEND_UTF8(doc, key, product->name);
        else if (!strcmp(key, "price"))
            BSON_APPEND_INT64(doc, key, product->price);
        else if (!strcmp(key, "stock"))
            BSON_APPEND_INT64(doc, key, product->stock);
        else if (!strcmp(key, "reserved"))
            BSON_APPEND_INT64(doc, key, product->reserved);
        else if (!strcmp(key, "active"))
            BSON_APPEND_BOOL(doc, key, product->active);
        else if (!strcmp(key, "version"))
            BSON_APPEND_INT64(doc, key, product->version);
        else if (!strcmp(key, "updatedAt") && product->version != product->base_version)
            BSON_APPEND_DATE_TIME(doc, key, now);
        else
            bson_append_iter(doc, NULL, 0, &iter);
    }
    return doc;
}
