/* Products: looking, and what admins do with them. */
#include "handlers.h"

#include <apr_strings.h>

#include "core/body.h"
#include "core/bson_json.h"
#include "core/money.h"
#include "core/product_store.h"
#include "core/query.h"
#include "list_query.h"
#include "order_job.h"

#define NAME_MAX_CHARS 200
#define SKU_MAX_CHARS  64

static user_role role_of(const orders_request *request)
{
    return request->who ? request->who->role : ROLE_NONE;
}

static void write_product(orders_request *request, const bson_t *doc)
{
    bson_json_write_product(&request->out, doc, role_of(request), request->config->currency, request->config->exponent);
}

static problem_t *answer(orders_request *request, const bson_t *doc)
{
    request->version = store_int(doc, "version", 0);
    write_product(request, doc);
    return NULL;
}

/* ---- looking ---- */

static problem_t *read_active(orders_request *request, const list_query *query, int *active)
{
    problem_t *problem = NULL;
    bool admin = role_of(request) == ROLE_ADMIN;
    *active = admin ? -1 : 1;
    if (admin)
        query_bool(request->pool, query->params, "active", active, &problem);
    else if (apr_table_get(query->params, "active"))
        query_bad(&problem, request->pool, "active", "'active' is for admins only; others see active products alone.");
    return problem;
}

problem_t *products_list(orders_request *request)
{
    static const char *const allowed[] = {"q", "active", "limit", "after", NULL};
    list_query query;
    store_page page;
    store_conn *conn;
    problem_t *problem;
    cursor_t last;
    int active;
    if ((problem = list_query_read(request, allowed, &query)) ||
        (problem = list_query_after(request, "products", true, &query)) ||
        (problem = read_active(request, &query, &active)) || (problem = orders_request_reader(request, &conn)))
        return problem;
    const product_filter filter = {.q = query.q, .active = active, .limit = query.limit, .after = query.after};
    if ((problem = product_store_list(conn, &filter, &page)))
        return problem;
    list_text_cursor(&page, "name", &last);
    list_answer(request, &query, &page, &last, write_product);
    return NULL;
}

problem_t *products_get(orders_request *request)
{
    store_conn *conn;
    const bson_t *doc;
    problem_t *problem;
    if ((problem = orders_request_reader(request, &conn)) ||
        (problem = product_store_find(conn, &request->id, role_of(request) == ROLE_ADMIN, &doc)))
        return problem;
    return doc ? answer(request, doc) : problem_make(request->pool, "not-found", "There is no such product.");
}

/* ---- creating ---- */

typedef struct create_body {
    const char *name, *sku;
    int64_t price, stock;
    int active;
} create_body;

static const field create_fields[] = {
    {"name", FIELD_TEXT, true, 1, NAME_MAX_CHARS, offsetof(create_body, name)},
    {"price", FIELD_MONEY, true, 0, MONEY_PRICE_MAX, offsetof(create_body, price)},
    {"stock", FIELD_INT, true, 0, PRODUCT_STOCK_MAX, offsetof(create_body, stock)},
    {"sku", FIELD_TEXT, false, 1, SKU_MAX_CHARS, offsetof(create_body, sku)},
    {"active", FIELD_BOOL, false, 0, 0, offsetof(create_body, active)},
    {NULL, 0, 0, 0, 0, 0},
};

problem_t *products_create(orders_request *request)
{
    create_body body = {.active = 1};
    store_conn *conn;
    const bson_t *doc;
    problem_t *problem = NULL;
    char id[25];
    body_fields(request->pool, request->body, "", create_fields, request->config->exponent, &body, &problem);
    if (problem || (problem = orders_request_conn(request, &conn)))
        return problem;
    const product_new product = {
        .name = body.name, .sku = body.sku, .price = body.price, .stock = body.stock, .active = body.active};
    if ((problem = product_store_add(conn, &product, &doc)))
        return problem;
    bson_oid_to_string(store_oid(doc, "_id"), id);
    request->status = HTTP_CREATED;
    request->location = apr_pstrcat(request->pool, "/api/products/", id, NULL);
    return answer(request, doc);
}

/* ---- changing ---- */

typedef struct change_body {
    const char *name;
    int64_t price, stock, stock_delta;
    int active;
} change_body;

enum { CHANGE_NAME = 1, CHANGE_PRICE = 2, CHANGE_ACTIVE = 4, CHANGE_STOCK = 8, CHANGE_STOCK_DELTA = 16 };

/* Row n is the bit 1 << n above. */
static const field change_fields[] = {
    {"name", FIELD_TEXT, false, 1, NAME_MAX_CHARS, offsetof(change_body, name)},
    {"price", FIELD_MONEY, false, 0, MONEY_PRICE_MAX, offsetof(change_body, price)},
    {"active", FIELD_BOOL, false, 0, 0, offsetof(change_body, active)},
    {"stock", FIELD_INT, false, 0, PRODUCT_STOCK_MAX, offsetof(change_body, stock)},
    {"stockDelta", FIELD_INT, false, -PRODUCT_STOCK_MAX, PRODUCT_STOCK_MAX, offsetof(change_body, stock_delta)},
    {NULL, 0, 0, 0, 0, 0},
};

/* Texts live in the job's pool, as the ledger wants it. */
static problem_t *read_change(orders_request *request, apr_pool_t *pool, ledger_op *op)
{
    change_body body = {.active = 0};
    problem_t *problem = NULL;
    uint64_t seen = body_fields(pool, request->body, "", change_fields, request->config->exponent, &body, &problem);
    if ((seen & CHANGE_STOCK) && (seen & CHANGE_STOCK_DELTA))
        problem_field_add(&problem, request->pool, "/stockDelta", "conflicting",
                          "Give stock (the new number) or stockDelta (what to add), not both.");
    if (!seen)
        problem_field_add(&problem, request->pool, "", "nothing-to-change",
                          "Give one or more of name, price, active, stock, stockDelta.");
    op->product_name = body.name;
    op->set_price = seen & CHANGE_PRICE;
    op->price = body.price;
    op->set_active = seen & CHANGE_ACTIVE;
    op->active = body.active;
    op->set_stock = seen & CHANGE_STOCK;
    op->stock = body.stock;
    op->add_stock = seen & CHANGE_STOCK_DELTA;
    op->stock_delta = body.stock_delta;
    return problem;
}

problem_t *products_change(orders_request *request)
{
    ledger_job *job;
    problem_t *problem = order_job_make(request, LEDGER_PRODUCT, 1, &job);
    if (problem || (problem = read_change(request, job->pool, &job->ops[0])) || (problem = order_job_run(request, job)))
        return problem;
    return answer(request, job->ops[0].doc);
}
