/* Figures for the admin's front page: one aggregation over the range's orders, one query for products running low. */
#include "order_store.h"

#include <string.h>

#define LOW_STOCK         5
#define TOP_ROWS          10
#define UNKNOWN_TIME_ZONE 40485 /* MongoDB's error code */

/* Revenue counts what was ordered in the range and neither cancelled nor returned. */
#define EARNING "status", "{", "$nin", "[", BCON_UTF8("cancelled"), BCON_UTF8("returned"), "]", "}"

static void append_match(bson_t *pipeline, const order_stats_range *range)
{
    bson_t stage, match, created;

    BSON_APPEND_DOCUMENT_BEGIN(pipeline, "0", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &match);
    BSON_APPEND_DOCUMENT_BEGIN(&match, "createdAt", &created);
    BSON_APPEND_DATE_TIME(&created, "$gte", range->from);
    if (range->has_to)
        BSON_APPEND_DATE_TIME(&created, "$lt", range->to);
    bson_append_document_end(&match, &created);
    bson_append_document_end(&stage, &match);
    bson_append_document_end(pipeline, &stage);
}

/* clang-format off */
static void append_facets(bson_t *pipeline, const char *tz)
{
    bson_t *facets = BCON_NEW(
        "$facet", "{",
        "statuses", "[", "{", "$group", "{", "_id", BCON_UTF8("$status"), "n", "{", "$sum", BCON_INT64(1), "}", "}", "}", "]",
        "days", "[",
            "{", "$match", "{", EARNING, "}", "}",
            "{", "$group", "{",
                "_id", "{", "$dateToString", "{", "date", BCON_UTF8("$createdAt"), "format", BCON_UTF8("%Y-%m-%d"),
                            "timezone", BCON_UTF8(tz), "}", "}",
                "orders", "{", "$sum", BCON_INT64(1), "}",
                "revenue", "{", "$sum", BCON_UTF8("$total"), "}", "}", "}",
            "{", "$sort", "{", "_id", BCON_INT32(1), "}", "}", "]",
        "refunds", "[",
            "{", "$match", "{", "refundDue", BCON_BOOL(true), "}", "}",
            "{", "$group", "{", "_id", BCON_NULL, "orders", "{", "$sum", BCON_INT64(1), "}",
                 "total", "{", "$sum", BCON_UTF8("$total"), "}", "}", "}", "]",
        "top", "[",
            "{", "$match", "{", EARNING, "}", "}",
            "{", "$unwind", BCON_UTF8("$items"), "}",
            "{", "$group", "{", "_id", BCON_UTF8("$items.productId"), "name", "{", "$last", BCON_UTF8("$items.name"), "}",
                 "quantity", "{", "$sum", BCON_UTF8("$items.quantity"), "}",
                 "revenue", "{", "$sum", BCON_UTF8("$items.total"), "}", "}", "}",
            "{", "$sort", "{", "quantity", BCON_INT32(-1), "_id", BCON_INT32(1), "}", "}",
            "{", "$limit", BCON_INT32(TOP_ROWS), "}", "]",
        "}");

    BSON_APPEND_DOCUMENT(pipeline, "1", facets);
    bson_destroy(facets);
}
/* clang-format on */

static problem_t *run_facets(store_conn *conn, const order_stats_range *range, bson_t *row)
{
    bson_t *command = store_bson(conn->pool), pipeline, empty;
    const bson_t *reply;
    store_error error;

    BSON_APPEND_UTF8(command, "aggregate", STORE_ORDERS);
    BSON_APPEND_ARRAY_BEGIN(command, "pipeline", &pipeline);
    append_match(&pipeline, range);
    append_facets(&pipeline, range->tz);
    bson_append_array_end(command, &pipeline);
    BSON_APPEND_DOCUMENT_BEGIN(command, "cursor", &empty);
    bson_append_document_end(command, &empty);
    if (!store_command(conn, NULL, command, &reply, &error)) {
        if (error.code == UNKNOWN_TIME_ZONE)
            return problem_make(
                conn->pool, "invalid-parameter",
                "tz is no time zone: allowed are IANA names such as Europe/Amsterdam and offsets such as +02:00.");
        return store_error_problem(conn, &error, "order statistics");
    }
    if (!store_first_row(reply, row))
        return problem_make(conn->pool, "internal-error", NULL);
    return NULL;
}

/* Calls `each` for the rows of one facet. */
static void facet_rows(const bson_t *row, const char *name, void (*each)(const bson_t *row, int index, void *ctx),
                       void *ctx)
{
    bson_iter_t iter, rows;
    int index = 0;

    if (!bson_iter_init_find(&iter, row, name) || !BSON_ITER_HOLDS_ARRAY(&iter) || !bson_iter_recurse(&iter, &rows))
        return;
    while (bson_iter_next(&rows)) {
        const uint8_t *data;
        uint32_t len;
        bson_t doc;

        if (!BSON_ITER_HOLDS_DOCUMENT(&rows))
            continue;
        bson_iter_document(&rows, &len, &data);
        if (bson_init_static(&doc, data, len))
            each(&doc, index++, ctx);
    }
}

typedef struct stats_writer {
    out_t *out;
    int exponent;
    int64_t counts[ORDER_STATUS_COUNT], total, revenue, refund_orders, refund_total;
} stats_writer;

static void count_status(const bson_t *row, int index, void *ctx)
{
    stats_writer *w = ctx;
    const char *name = store_text(row, "_id");
    order_status status = name ? order_status_parse(name) : ORDER_STATUS_NONE;
    int64_t n = store_int(row, "n", 0);

    (void)index;
    w->total += n;
    if (status != ORDER_STATUS_NONE)
        w->counts[status] = n;
}

static void sum_day(const bson_t *row, int index, void *ctx)
{
    (void)index;
    ((stats_writer *)ctx)->revenue += store_int(row, "revenue", 0);
}

static void write_day(const bson_t *row, int index, void *ctx)
{
    stats_writer *w = ctx;

    out_str(w->out, index ? ",{\"date\":" : "{\"date\":");
    out_json_str(w->out, store_text(row, "_id"));
    out_lit(w->out, ",\"orders\":");
    out_int(w->out, store_int(row, "orders", 0));
    out_lit(w->out, ",\"revenue\":");
    out_money(w->out, store_int(row, "revenue", 0), w->exponent);
    out_char(w->out, '}');
}

static void take_refunds(const bson_t *row, int index, void *ctx)
{
    stats_writer *w = ctx;

    (void)index;
    w->refund_orders = store_int(row, "orders", 0);
    w->refund_total = store_int(row, "total", 0);
}

static void write_product_head(out_t *out, const bson_t *row, int index)
{
    char hex[25] = "";
    const bson_oid_t *id = store_oid(row, "_id");

    if (id)
        bson_oid_to_string(id, hex);
    out_fmt(out, "%s{\"productId\":\"%s\",\"name\":", index ? "," : "", hex);
    out_json_str(out, store_text(row, "name"));
}

static void write_top(const bson_t *row, int index, void *ctx)
{
    stats_writer *w = ctx;

    write_product_head(w->out, row, index);
    out_lit(w->out, ",\"quantity\":");
    out_int(w->out, store_int(row, "quantity", 0));
    out_lit(w->out, ",\"revenue\":");
    out_money(w->out, store_int(row, "revenue", 0), w->exponent);
    out_char(w->out, '}');
}

/* clang-format off */
static problem_t *write_low_stock(store_conn *conn, out_t *out)
{
    bson_t *command = BCON_NEW("find", BCON_UTF8(STORE_PRODUCTS),
                               "filter", "{", "active", BCON_BOOL(true), "stock", "{", "$lte", BCON_INT64(LOW_STOCK), "}", "}",
                               "sort", "{", "stock", BCON_INT32(1), "_id", BCON_INT32(1), "}",
                               "limit", BCON_INT32(TOP_ROWS + 1), "batchSize", BCON_INT32(TOP_ROWS + 1),
                               "singleBatch", BCON_BOOL(true));
    store_page page;
    problem_t *problem = store_run_page(conn, command, TOP_ROWS, &page);

    bson_destroy(command);
    if (problem)
        return problem;
    for (int i = 0; i < page.count; i++) {
        write_product_head(out, &page.row[i], i);
        out_lit(out, ",\"stock\":");
        out_int(out, store_int(&page.row[i], "stock", 0));
        out_char(out, '}');
    }
    return NULL;
}
/* clang-format on */

problem_t *order_store_stats(store_conn *conn, const order_stats_range *range, const char *currency, int exponent,
                             out_t *out)
{
    stats_writer w = {.out = out, .exponent = exponent};
    problem_t *problem;
    bson_t row;

    if ((problem = run_facets(conn, range, &row)))
        return problem;
    facet_rows(&row, "statuses", count_status, &w);
    facet_rows(&row, "days", sum_day, &w);
    facet_rows(&row, "refunds", take_refunds, &w);
    out_lit(out, "{\"currency\":");
    out_json_str(out, currency);
    out_lit(out, ",\"orders\":{\"total\":");
    out_int(out, w.total);
    for (int status = 0; status < ORDER_STATUS_COUNT; status++) {
        out_fmt(out, ",\"%s\":", order_status_name(status));
        out_int(out, w.counts[status]);
    }
    out_lit(out, "},\"revenue\":{\"total\":");
    out_money(out, w.revenue, exponent);
    out_lit(out, ",\"byDay\":[");
    facet_rows(&row, "days", write_day, &w);
    out_lit(out, "]},\"refundDue\":{\"orders\":");
    out_int(out, w.refund_orders);
    out_lit(out, ",\"total\":");
    out_money(out, w.refund_total, exponent);
    out_lit(out, "},\"topProducts\":[");
    facet_rows(&row, "top", write_top, &w);
    out_lit(out, "],\"lowStock\":[");
    if ((problem = write_low_stock(conn, out)))
        return problem;
    out_lit(out, "]}");
    return NULL;
}
