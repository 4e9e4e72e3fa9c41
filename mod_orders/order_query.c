#include "order_query.h"

#include <apr_strings.h>
#include <string.h>

#include "core/query.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     100
#define SEARCH_MAX    254 /* bytes: the longest e-mail address */

const char *order_query_scope(const orders_request *request, const order_filter *filter)
{
    return filter->user ? "orders:own" : apr_pstrcat(request->pool, "orders:", order_sort_words[filter->sort], NULL);
}

static void clear(order_filter *filter)
{
    memset(filter, 0, sizeof(*filter));
    filter->payment_received = -1;
    filter->limit = LIMIT_DEFAULT;
}

/* limit and after. A cursor opens in its own list and sort alone, so the sort is read first. */
static problem_t *read_page(orders_request *request, const apr_table_t *params, order_filter *filter,
                            problem_t *problem)
{
    const char *after = apr_table_get(params, "after");

    query_int(request->pool, params, "limit", 1, LIMIT_MAX, &filter->limit, &problem);
    if (problem)
        return problem;
    if (after) {
        cursor_t *cursor = apr_pcalloc(request->pool, sizeof(*cursor));

        if (cursor_open(request->pool, &request->config->keys, order_query_scope(request, filter), after, cursor) < 0)
            return problem_make(request->pool, "invalid-cursor",
                                "after must be the `next` of an earlier page of this list, with the same sort.");
        filter->after = cursor;
    }
    return NULL;
}

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

static void read_search(orders_request *request, const apr_table_t *params, order_filter *filter, problem_t **problem)
{
    const char *q = apr_table_get(params, "q");

    if (!q || !*q)
        return;
    if (strlen(q) > SEARCH_MAX)
        query_bad(problem, request->pool, "q", "q may have at most %d bytes.", SEARCH_MAX);
    filter->q = q;
}

static void read_filters(orders_request *request, const apr_table_t *params, order_filter *filter, problem_t **problem)
{
    apr_pool_t *pool = request->pool;
    bson_oid_t *customer = apr_palloc(pool, sizeof(*customer));
    bool has_customer = false;
    int sort = ORDER_SORT_NEWEST;

    read_statuses(request, params, filter, problem);
    read_search(request, params, filter, problem);
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

problem_t *order_query_admin(orders_request *request, bool paged, order_filter *filter)
{
    static const char *const for_list[] = {"status", "paymentReceived", "from",  "to", "customer", "q", "minTotal",
                                           "sort",   "limit",           "after", NULL};
    static const char *const for_export[] = {"status", "paymentReceived", "from", "to", "customer",
                                             "q",      "minTotal",        "sort", NULL};
    apr_table_t *params;
    problem_t *problem = query_parse(request->pool, request->r->args, paged ? for_list : for_export, &params);

    if (problem)
        return problem;
    clear(filter);
    read_filters(request, params, filter, &problem);
    return read_page(request, params, filter, problem);
}

problem_t *order_query_own(orders_request *request, order_filter *filter)
{
    static const char *const allowed[] = {"limit", "after", NULL};
    apr_table_t *params;
    problem_t *problem = query_parse(request->pool, request->r->args, allowed, &params);

    if (problem)
        return problem;
    clear(filter);
    filter->user = &request->who->id;
    return read_page(request, params, filter, NULL);
}
