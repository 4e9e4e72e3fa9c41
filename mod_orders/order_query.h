/* The admin list's query parameters, shared by the list and the export. */
#ifndef ORDERS_ORDER_QUERY_H
#define ORDERS_ORDER_QUERY_H

#include "core/order_store.h"
#include "request.h"

/* Fills the filter from the query string; 400 `invalid-parameter` naming every bad one, 400 `invalid-cursor`.
 * `paged`: limit and after are allowed too. What the filter points to lives in the request's pool. */
problem_t *order_query_admin(orders_request *request, bool paged, order_filter *filter);
/* The customer's own list: limit and after alone. */
problem_t *order_query_own(orders_request *request, order_filter *filter);
/* The cursor's scope for a filter's sort. */
const char *order_query_scope(const orders_request *request, const order_filter *filter);

#endif
