/* Lists of orders: the query parameters in, a page out. The export takes the same filters. */
#ifndef ORDERS_ORDER_LIST_H
#define ORDERS_ORDER_LIST_H

#include "core/order_store.h"
#include "list_query.h"
#include "request.h"

/* The admin's list. 400 `invalid-parameter` naming every bad one, 400 `invalid-cursor`. `paged`: limit and after are
 * allowed too. What the filter points to lives in the request's pool. */
problem_t *order_list_read_admin(orders_request *request, bool paged, list_query *query, order_filter *filter);
/* The customer's own list: limit and after alone. */
problem_t *order_list_read_own(orders_request *request, list_query *query, order_filter *filter);
/* {data: [...], next}: rows without history, next null at the end. */
problem_t *order_list_answer(orders_request *request, const list_query *query, const order_filter *filter);

#endif
