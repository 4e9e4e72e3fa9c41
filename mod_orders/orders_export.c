/* GET /api/orders/admin/export.csv: the filtered list, a page at a time, so that memory and connections stay small however many rows there are. */
#include "handlers.h"

#include <apr_strings.h>
#include <string.h>

#include "core/csv.h"
#include "core/order_store.h"
#include "order_list.h"
#include "respond.h"

#define PAGE_ROWS 500

static void write_flag(out_t *out, bool value)
{
    csv_next(out, false);
    out_str(out, value ? "true" : "false");
}

static void write_time(out_t *out, int64_t ms)
{
    csv_next(out, false);
    out_time(out, ms);
}

static void count_items(const bson_t *row, int64_t *items, int64_t *units)
{
    bson_iter_t iter, lines, line;

    *items = *units = 0;
    if (!bson_iter_init_find(&iter, row, "items") || !bson_iter_recurse(&iter, &lines))
        return;
    while (bson_iter_next(&lines)) {
        ++*items;
        if (bson_iter_recurse(&lines, &line) && bson_iter_find(&line, "quantity"))
            *units += bson_iter_as_int64(&line);
    }
}

static void write_row(out_t *out, const bson_t *row, int exponent)
{
    int64_t items, units;
    char hex[25];

    count_items(row, &items, &units);
    bson_oid_to_string(store_oid(row, "_id"), hex);
    csv_text(out, store_text(row, "number"), true);
    csv_text(out, hex, false);
    write_time(out, store_time(row, "createdAt"));
    write_time(out, store_time(row, "updatedAt"));
    csv_text(out, store_text(row, "status"), false);
    write_flag(out, store_bool(row, "paymentReceived"));
    write_flag(out, store_bool(row, "refundDue"));
    csv_text(out, store_text(row, "customer.name"), false);
    csv_text(out, store_text(row, "customer.email"), false);
    csv_next(out, false);
    out_int(out, items);
    csv_next(out, false);
    out_int(out, units);
    csv_next(out, false);
    out_money(out, store_int(row, "total", 0), exponent);
    csv_text(out, store_text(row, "currency"), false);
    csv_end(out);
}

/* One page into `out`; *filter's cursor moves on, or *more becomes false. */
static problem_t *write_page(orders_request *request, apr_pool_t *pool, order_filter *filter, cursor_t *cursor,
                             out_t *out, bool *more)
{
    apr_time_t deadline = apr_time_now() + apr_time_from_msec(request->config->request_timeout_ms);
    store_page page;
    problem_t *problem = order_store_list(store_conn_make(request->child->store, pool, deadline), filter, &page);

    if (problem)
        return problem;
    for (int i = 0; i < page.count; i++)
        write_row(out, &page.row[i], request->config->exponent);
    if ((*more = page.more)) {
        order_store_cursor(&page.row[page.count - 1], filter->sort, cursor);
        filter->after = cursor;
    }
    return NULL;
}

problem_t *orders_export(orders_request *request)
{
    apr_pool_t *pool;
    list_query query;
    order_filter filter;
    cursor_t cursor;
    bool more = true;
    problem_t *problem = order_list_read_admin(request, false, &query, &filter);

    if (problem)
        return problem;
    filter.limit = PAGE_ROWS;
    request->content_type = "text/csv; charset=utf-8; header=present";
    apr_table_setn(request->r->headers_out, "Content-Disposition", "attachment; filename=\"orders.csv\"");
    if (request->r->header_only)
        return NULL;
    apr_pool_create(&pool, request->pool);
    for (bool first = true; more; first = false) {
        out_t out;

        apr_pool_clear(pool);
        out_init(&out, pool);
        if (first)
            out_lit(
                &out,
                "number,id,createdAt,updatedAt,status,paymentReceived,refundDue,customerName,customerEmail,items,units,"
                "total,currency\r\n");
        if ((problem = write_page(request, pool, &filter, &cursor, &out, &more))) {
            if (first) {
                apr_table_unset(request->r->headers_out, "Content-Disposition");
                return problem_make(request->pool, problem->code, "%s", problem->detail);
            }
            respond_abort(request, problem); /* half a list must not look like a whole one */
            return NULL;
        }
        if (respond_flush(request, &out) != APR_SUCCESS)
            return NULL;
    }
    return NULL;
}
