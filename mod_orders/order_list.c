#include "order_list.h"

#include <apr_strings.h>
#include <string.h>

#include "core/bson_json.h"
#include "core/query.h"

static void read_statuses(orders_request *request, const apr_table_t *params, order_filter *filter, problem_t **problem)
{
    char *list = apr_pstrdup(request->pool, apr_table_get(params, "status")), *state, *word;

    if (!list)
        return;
    for (word = apr_strtok(list, ",", &state); word; word = apr_strtok(NULL, ",", &state)) {
        order_status status = order_status_parse(word);

        if (status == ORDER_STATUS_NONE) {
            filter->statuses = 0;
            break;
        }
        filter->statuses |= 1u << status;
    }
    if (!filter->statuses)
        query_bad(problem, request->pool, "status",
                  "status must be one or more of pending, processing, shipped, delivered, cancelled, returned, "
                  "separated by commas.");
}

static void read_filters(orders_request *request, const apr_table_t *params, order_filter *filter, problem_t **problem)
{
    apr_pool_t *pool = request->pool;
    bson_oid_t *customer = apr_palloc(pool, sizeof(*customer));
    bool has_customer = false;
    int sort = ORDER_SORT_NEWEST;

    read_statuses(request, params, filter, problem);
    query_bool(pool, params, "paymentReceived", &filter->payment_received, problem);
    filter->has_from = apr_table_get(params, "from") != NULL;
    query_time(pool, params, "from", &filter->from, problem);
    filter->has_to = apr_table_get(params, "to") != NULL;
    query_time(pool, params, "to", &filter->to, problem);
    query_id(pool, params, "customer", customer, &has_customer, problem);
    query_money(pool, params, "minTotal", request->config->exponent, &filter->min_total, &filter->has_min_total,
                problem);
    query_choice(pool, params, "sort", order_sort_words, &sort, problem);
    filter->sort = (order_sort)sort;
    if (has_customer)
        filter->customer = customer;
}

/* The page's part of the filter; a cursor opens in its own list and sort alone. */
static problem_t *finish(orders_request *request, list_query *query, order_filter *filter)
{
    const char *scope =
        filter->user ? "orders:own" : apr_pstrcat(request->pool, "orders:", order_sort_words[filter->sort], NULL);
    problem_t *problem = list_query_after(request, scope, false, query);

    filter->limit = query->limit;
    filter->after = query->after;
    filter->q = query->q && *query->q ? query->q : NULL;
    return problem;
}

problem_t *order_list_read_admin(orders_request *request, bool paged, list_query *query, order_filter *filter)
{
    static const char *const for_list[] = {"status", "paymentReceived", "from",  "to", "customer", "q", "minTotal",
                                           "sort",   "limit",           "after", NULL};
    static const char *const for_export[] = {"status", "paymentReceived", "from", "to", "customer",
                                             "q",      "minTotal",        "sort", NULL};
    problem_t *problem = list_query_read(request, paged ? for_list : for_export, query);

    *filter = (order_filter){.payment_received = -1};
    if (query->params)
        read_filters(request, query->params, filter, &problem);
    return problem ? problem : finish(request, query, filter);
}

problem_t *order_list_read_own(orders_request *request, list_query *query, order_filter *filter)
{
    static const char *const allowed[] = {"limit", "after", NULL};
    problem_t *problem = list_query_read(request, allowed, query);

    *filter = (order_filter){.payment_received = -1, .user = &request->who->id};
    return problem ? problem : finish(request, query, filter);
}

static void write_row(orders_request *request, const bson_t *row)
{
    bson_json_write_order(&request->out, row, request->who->role, false, request->config->exponent);
}

problem_t *order_list_answer(orders_request *request, const list_query *query, const order_filter *filter)
{
    store_conn *conn;
    store_page page;
    problem_t *problem;
    cursor_t last;

    if ((problem = orders_request_reader(request, &conn)) || (problem = order_store_list(conn, filter, &page)))
        return problem;
    if (page.more)
        order_store_cursor(&page.row[page.count - 1], filter->sort, &last);
    list_answer(request, query, &page, &last, write_row);
    return NULL;
}
