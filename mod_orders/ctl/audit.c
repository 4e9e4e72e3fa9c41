#include "audit.h"

#include <apr_strings.h>
#include <inttypes.h>
#include <string.h>
#include "core/money.h"

#define BATCH 500

static audit_product *get_product(audit_t *audit, const bson_oid_t *id)
{
    audit_product *product = apr_hash_get(audit->products, id, sizeof *id);
    if (product)
        return product;
    product = apr_pcalloc(audit->pool, sizeof *product);
    bson_oid_copy(id, &product->id);
    apr_hash_set(audit->products, &product->id, sizeof product->id, product);
    return product;
}

static void read_numbers(audit_product *product, const bson_t *doc)
{
    product->found = true;
    product->stock = store_int(doc, "stock", -1);
    product->reserved = store_int(doc, "reserved", -1);
    product->version = store_int(doc, "version", 0);
}

bool audit_agrees(const audit_product *product)
{
    return product->found && product->stock >= 0 && product->reserved == product->held;
}

static bool is_open(const bson_t *order)
{
    order_status status = order_status_parse(store_text(order, "status"));
    return status == ORDER_PENDING || status == ORDER_PROCESSING;
}

/* Calls `visit` for each row of a find; false when the cursor failed. */
typedef void (*visit_fn)(void *ctx, const bson_t *doc);
static bool for_each(store_conn *conn, const char *collection_name, const bson_t *filter, const bson_t *opts,
                     visit_fn visit, void *ctx, bson_error_t *error)
{
    const bson_t *doc;
    mongoc_collection_t *collection = ctl_collection(conn, collection_name);
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, filter, opts, NULL);
    while (mongoc_cursor_next(cursor, &doc))
        visit(ctx, doc);
    bool failed = mongoc_cursor_error(cursor, error);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(collection);
    return !failed;
}

/* The next sub-document of an array; false at its end. */
static bool next_row(bson_iter_t *rows, bson_t *row)
{
    const uint8_t *data;
    uint32_t len;
    while (bson_iter_next(rows)) {
        if (!BSON_ITER_HOLDS_DOCUMENT(rows))
            continue;
        bson_iter_document(rows, &len, &data);
        return bson_init_static(row, data, len);
    }
    return false;
}

static bool open_array(const bson_t *doc, const char *name, bson_iter_t *rows)
{
    bson_iter_t iter;
    return bson_iter_init_find(&iter, doc, name) && BSON_ITER_HOLDS_ARRAY(&iter) && bson_iter_recurse(&iter, rows);
}

static void report(audit_t *audit, const bson_t *order, const char *kind, const char *detail)
{
    if (audit->on_order)
        audit->on_order(audit->ctx, order, kind, detail);
}

/* History entry v tells how version v came to be, and the last one that is not of a payment how the status did. */
static void check_history(audit_t *audit, const bson_t *order, apr_pool_t *pool)
{
    bson_iter_t rows;
    bson_t row;
    int64_t count = 0, version = store_int(order, "version", 0);
    bool in_order = true;
    const char *to = NULL, *status = store_text(order, "status");
    if (open_array(order, "history", &rows)) {
        while (next_row(&rows, &row)) {
            in_order = store_int(&row, "version", 0) == ++count && in_order;
            const char *type = store_text(&row, "type");
            if (type && strcmp(type, "order:payment") != 0)
                to = store_text(&row, "to");
        }
    }
    if (count != version)
        report(audit, order, "history-length",
               apr_psprintf(pool, "its version is %" PRId64 ", its history has %" PRId64 " entries", version, count));
    else if (!in_order)
        report(audit, order, "history-order", "its history's versions do not run from 1 upwards");
    if (order_status_parse(status) == ORDER_STATUS_NONE)
        report(audit, order, "status", apr_psprintf(pool, "its status is '%s', which is none", status ? status : ""));
    else if (to && strcmp(to, status) != 0)
        report(audit, order, "history-status",
               apr_psprintf(pool, "its status is %s, its history ends in %s", status, to));
}

static void check_total(audit_t *audit, const bson_t *order)
{
    bson_iter_t rows;
    bson_t row;
    int64_t sum = 0;
    bool good = open_array(order, "items", &rows);
    while (good && next_row(&rows, &row)) {
        int64_t line, quantity = store_int(&row, "quantity", 0);
        good = quantity > 0 && money_multiply(store_int(&row, "price", -1), quantity, &line) == 0 &&
               line == store_int(&row, "total", -1) && money_add(sum, line, &sum) == 0;
    }
    if (!good || sum != store_int(order, "total", -1))
        report(audit, order, "total", "its total is not the sum of its lines");
}

static void hold_lines(audit_t *audit, const bson_t *order)
{
    bson_iter_t rows;
    bson_t row;
    if (!open_array(order, "items", &rows))
        return;
    while (next_row(&rows, &row)) {
        const bson_oid_t *id = store_oid(&row, "productId");
        if (id)
            get_product(audit, id)->held += store_int(&row, "quantity", 0);
    }
}

static void visit_product(void *ctx, const bson_t *doc)
{
    audit_t *audit = ctx;
    const bson_oid_t *id = store_oid(doc, "_id");
    audit->product_count++;
    if (id)
        read_numbers(get_product(audit, id), doc);
}

static void visit_order(void *ctx, const bson_t *order)
{
    audit_t *audit = ctx;
    apr_pool_t *pool;
    audit->order_count++;
    apr_pool_create(&pool, audit->pool);
    if (audit->on_order) {
        check_history(audit, order, pool);
        check_total(audit, order);
    }
    if (is_open(order)) {
        audit->open_count++;
        hold_lines(audit, order);
    }
    apr_pool_destroy(pool);
}

int audit_scan(audit_t *audit, store_conn *conn)
{
    bson_error_t error;
    bson_t all = BSON_INITIALIZER;
    bson_t *products = BCON_NEW("batchSize", BCON_INT32(BATCH), "projection", "{", "stock", BCON_INT32(1), "reserved",
                                BCON_INT32(1), "version", BCON_INT32(1), "}");
    bson_t *orders =
        BCON_NEW("batchSize", BCON_INT32(BATCH), "projection", "{", "number", BCON_INT32(1), "status", BCON_INT32(1),
                 "version", BCON_INT32(1), "total", BCON_INT32(1), "items.productId", BCON_INT32(1), "items.quantity",
                 BCON_INT32(1), "items.price", BCON_INT32(1), "items.total", BCON_INT32(1), "history.version",
                 BCON_INT32(1), "history.type", BCON_INT32(1), "history.to", BCON_INT32(1), "}");
    audit->products = apr_hash_make(audit->pool);
    int failed = CTL_OK;
    if (!for_each(conn, STORE_PRODUCTS, &all, products, visit_product, audit, &error))
        failed = ctl_fail_driver(audit->ctl, "reading products", &error);
    else if (!for_each(conn, STORE_ORDERS, &all, orders, visit_order, audit, &error))
        failed = ctl_fail_driver(audit->ctl, "reading orders", &error);
    bson_destroy(products);
    bson_destroy(orders);
    return failed;
}

/* {name: {$in: [ids]}}, appended. */
static void append_ids(bson_t *filter, const char *name, audit_product **products, int count)
{
    bson_t in, ids;
    char key[16];
    BSON_APPEND_DOCUMENT_BEGIN(filter, name, &in);
    BSON_APPEND_ARRAY_BEGIN(&in, "$in", &ids);
    for (int i = 0; i < count; i++) {
        apr_snprintf(key, sizeof key, "%d", i);
        BSON_APPEND_OID(&ids, key, &products[i]->id);
    }
    bson_append_array_end(&in, &ids);
    bson_append_document_end(filter, &in);
}

typedef struct recount {
    audit_product **products;
    int count;
} recount;

static audit_product *counted(const recount *again, const bson_oid_t *id)
{
    for (int i = 0; id && i < again->count; i++) {
        if (bson_oid_equal(&again->products[i]->id, id))
            return again->products[i];
    }
    return NULL;
}

static void recount_product(void *ctx, const bson_t *doc)
{
    audit_product *product = counted(ctx, store_oid(doc, "_id"));
    if (product)
        read_numbers(product, doc);
}

static void recount_order(void *ctx, const bson_t *order)
{
    bson_iter_t rows;
    bson_t row;
    if (!open_array(order, "items", &rows))
        return;
    while (next_row(&rows, &row)) {
        audit_product *product = counted(ctx, store_oid(&row, "productId"));
        if (product)
            product->held += store_int(&row, "quantity", 0);
    }
}

bool audit_recount_held(store_conn *conn, mongoc_client_session_t *session, audit_product **products, int count,
                        bson_error_t *error)
{
    recount again = {products, count};
    bson_t opts = BSON_INITIALIZER;
    bson_t *open = BCON_NEW("status", "{", "$in", "[", order_status_name(ORDER_PENDING),
                            order_status_name(ORDER_PROCESSING), "]", "}");
    for (int i = 0; i < count; i++)
        products[i]->held = 0;
    append_ids(open, "items.productId", products, count);
    BSON_APPEND_INT32(&opts, "batchSize", BATCH);
    bool done = mongoc_client_session_append(session, &opts, error) &&
                for_each(conn, STORE_ORDERS, open, &opts, recount_order, &again, error);
    bson_destroy(&opts);
    bson_destroy(open);
    return done;
}

bool audit_recount(store_conn *conn, mongoc_client_session_t *session, audit_product **products, int count,
                   bson_error_t *error)
{
    recount again = {products, count};
    bson_t by_id = BSON_INITIALIZER, opts = BSON_INITIALIZER;
    for (int i = 0; i < count; i++)
        products[i]->found = false;
    append_ids(&by_id, "_id", products, count);
    bool done = mongoc_client_session_append(session, &opts, error) &&
                for_each(conn, STORE_PRODUCTS, &by_id, &opts, recount_product, &again, error) &&
                audit_recount_held(conn, session, products, count, error);
    bson_destroy(&by_id);
    bson_destroy(&opts);
    return done;
}
