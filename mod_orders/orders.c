/* What customers do with orders: place, look, cancel. */
#include "handlers.h"

#include <apr_strings.h>
#include <string.h>

#include "core/body.h"
#include "core/bson_json.h"
#include "core/order_store.h"
#include "order_job.h"
#include "order_list.h"

#define KEY_MAX          255 /* characters of an Idempotency-Key */
#define ADDRESS_TEXT_MAX 200

/* ---- placing: reading the body ---- */

typedef struct place_body {
    const json_t *items, *ship_to;
    int64_t expected_total;
} place_body;

static const field place_fields[] = {
    {"items", FIELD_JSON, true, 0, 0, offsetof(place_body, items)},
    {"shipTo", FIELD_JSON, false, 0, 0, offsetof(place_body, ship_to)},
    {"expectedTotal", FIELD_MONEY, false, 0, INT64_MAX, offsetof(place_body, expected_total)},
    {NULL, 0, 0, 0, 0, 0},
};

typedef struct item_body {
    const char *product;
    int64_t quantity;
} item_body;

static const field item_fields[] = {
    {"productId", FIELD_TEXT, true, 24, 24, offsetof(item_body, product)},
    {"quantity", FIELD_INT, true, 1, LEDGER_QUANTITY_MAX, offsetof(item_body, quantity)},
    {NULL, 0, 0, 0, 0, 0},
};

/* Adds a line, or its quantity to the line of the same product. */
static void merge_line(ledger_op *op, const bson_oid_t *product, int64_t quantity)
{
    for (int i = 0; i < op->line_count; i++)
        if (bson_oid_equal(&op->lines[i].product, product)) {
            op->lines[i].quantity += quantity;
            return;
        }
    bson_oid_copy(product, &op->lines[op->line_count].product);
    op->lines[op->line_count++].quantity = quantity;
}

static void read_item(apr_pool_t *pool, const json_t *json, size_t index, ledger_op *op, problem_t **problem)
{
    const char *at = apr_psprintf(pool, "/items/%" APR_SIZE_T_FMT, index);
    item_body item = {NULL, 0};
    problem_t *before = *problem;
    const problem_field *last = before ? before->last_field : NULL;
    bson_oid_t product;

    if (!json_is_object(json)) {
        problem_field_add(problem, pool, at, "wrong-type", "An item must be an object {productId, quantity}.");
        return;
    }
    body_fields(pool, json, at, item_fields, 0, &item, problem);
    if (item.product && !bson_oid_is_valid(item.product, strlen(item.product)))
        problem_field_add(problem, pool, apr_pstrcat(pool, at, "/productId", NULL), "invalid-id",
                          "productId must be 24 hex digits.");
    if (*problem != before || (before && before->last_field != last))
        return;
    bson_oid_init_from_string(&product, item.product);
    merge_line(op, &product, item.quantity);
}

static void read_items(apr_pool_t *pool, const json_t *items, ledger_op *op, problem_t **problem)
{
    size_t count = json_array_size(items), index;
    json_t *item;

    if (!json_is_array(items) || count < 1 || count > LEDGER_LINES_MAX) {
        problem_field_add(problem, pool, "/items", json_is_array(items) ? "wrong-length" : "wrong-type",
                          "items must be an array of 1 to %d items.", LEDGER_LINES_MAX);
        return;
    }
    op->lines = apr_pcalloc(pool, count * sizeof(*op->lines));
    json_array_foreach(items, index, item) read_item(pool, item, index, op, problem);
}

typedef struct address_body {
    const char *name, *city, *postcode, *country;
    const json_t *lines;
} address_body;

static const field address_fields[] = {
    {"name", FIELD_TEXT, true, 1, ADDRESS_TEXT_MAX, offsetof(address_body, name)},
    {"lines", FIELD_JSON, true, 0, 0, offsetof(address_body, lines)},
    {"city", FIELD_TEXT, true, 1, ADDRESS_TEXT_MAX, offsetof(address_body, city)},
    {"postcode", FIELD_TEXT, false, 1, ADDRESS_TEXT_MAX, offsetof(address_body, postcode)},
    {"country", FIELD_TEXT, true, 1, ADDRESS_TEXT_MAX, offsetof(address_body, country)},
    {NULL, 0, 0, 0, 0, 0},
};

/* A line is a text field whose name is its index: checked by the same rules as the others. */
static void read_address_lines(apr_pool_t *pool, const json_t *lines, ledger_ship_to *to, problem_t **problem)
{
    size_t count = json_array_size(lines), index;
    json_t *line;

    if (!json_is_array(lines) || count < 1 || count > LEDGER_ADDRESS_LINES) {
        problem_field_add(problem, pool, "/shipTo/lines", json_is_array(lines) ? "wrong-length" : "wrong-type",
                          "lines must be an array of 1 to %d texts.", LEDGER_ADDRESS_LINES);
        return;
    }
    json_array_foreach(lines, index, line)
    {
        const char *key = apr_psprintf(pool, "%" APR_SIZE_T_FMT, index);
        const field row[] = {{key, FIELD_TEXT, true, 1, ADDRESS_TEXT_MAX, 0}, {NULL, 0, 0, 0, 0, 0}};
        json_t *holder = json_object();

        json_object_set(holder, key, line);
        body_fields(pool, holder, "/shipTo/lines", row, 0, &to->lines[index], problem);
        json_decref(holder);
    }
}

static void read_ship_to(apr_pool_t *pool, const json_t *json, ledger_op *op, problem_t **problem)
{
    address_body body = {NULL, NULL, NULL, NULL, NULL};
    ledger_ship_to *to = apr_pcalloc(pool, sizeof(*to));

    if (!json_is_object(json)) {
        problem_field_add(problem, pool, "/shipTo", "wrong-type",
                          "shipTo must be an object {name, lines, city, postcode, country}.");
        return;
    }
    body_fields(pool, json, "/shipTo", address_fields, 0, &body, problem);
    if (body.lines)
        read_address_lines(pool, body.lines, to, problem);
    to->name = body.name;
    to->city = body.city;
    to->postcode = body.postcode;
    to->country = body.country;
    op->ship_to = to;
}

static problem_t *read_place(orders_request *request, apr_pool_t *pool, ledger_op *op)
{
    place_body body = {NULL, NULL, -1};
    problem_t *problem = NULL;

    body_fields(pool, request->body, "", place_fields, request->config->exponent, &body, &problem);
    if (body.items)
        read_items(pool, body.items, op, &problem);
    if (body.ship_to)
        read_ship_to(pool, body.ship_to, op, &problem);
    op->expected_total = body.expected_total;
    return problem;
}

static problem_t *read_key(orders_request *request, apr_pool_t *pool, ledger_op *op)
{
    const char *key = apr_table_get(request->r->headers_in, "Idempotency-Key"), *canonical;
    size_t len;

    if (!key && request->config->require_idempotency_key)
        return problem_make(request->pool, "idempotency-key-required",
                            "Placing an order needs an Idempotency-Key header: a new random value for each order.");
    if (!key)
        return NULL;
    for (len = 0; key[len] >= 0x20 && key[len] < 0x7f; len++)
        ;
    if (!len || key[len] || len > KEY_MAX)
        return problem_make(request->pool, "idempotency-key-invalid",
                            "Idempotency-Key must be 1 to %d printable ASCII characters.", KEY_MAX);
    canonical = body_canonical(request->pool, request->body, &len);
    op->idempotency_key = apr_pstrdup(pool, key);
    op->fingerprint = keys_sha256_hex(pool, canonical, len);
    return NULL;
}

/* ---- the handlers ---- */

problem_t *orders_place(orders_request *request)
{
    ledger_job *job;
    ledger_op *op;
    problem_t *problem;
    char hex[25];

    if ((problem = order_job_make(request, LEDGER_PLACE, 1, &job)))
        return problem;
    op = &job->ops[0];
    if ((problem = read_key(request, job->pool, op)) || (problem = read_place(request, job->pool, op)) ||
        (problem = order_job_run(request, job)))
        return problem;
    bson_oid_to_string(store_oid(op->doc, "_id"), hex);
    request->status = HTTP_CREATED;
    request->location = apr_pstrcat(request->pool, "/api/orders/", hex, NULL);
    if (op->replayed)
        apr_table_setn(request->r->headers_out, "Idempotent-Replayed", "true");
    return order_job_answer(request, op);
}

problem_t *orders_own_list(orders_request *request)
{
    list_query query;
    order_filter filter;
    problem_t *problem = order_list_read_own(request, &query, &filter);

    return problem ? problem : order_list_answer(request, &query, &filter);
}

problem_t *orders_get(orders_request *request)
{
    bool admin = request->who->role == ROLE_ADMIN;
    store_conn *conn;
    const bson_t *doc;
    problem_t *problem;

    if ((problem = orders_request_reader(request, &conn)) ||
        (problem = order_store_find(conn, &request->id, admin ? NULL : &request->who->id, &doc)))
        return problem;
    if (!doc)
        return problem_make(request->pool, "not-found", "There is no such order.");
    request->version = store_int(doc, "version", 0);
    bson_json_write_order(&request->out, doc, request->who->role, true, request->config->exponent);
    return NULL;
}

problem_t *orders_cancel(orders_request *request)
{
    ledger_job *job;
    problem_t *problem = order_job_make(request, LEDGER_MOVE, 1, &job);

    if (problem)
        return problem;
    job->ops[0].owner_only = true;
    job->ops[0].to = ORDER_CANCELLED;
    problem = order_job_run(request, job);
    return problem ? problem : order_job_answer(request, &job->ops[0]);
}
