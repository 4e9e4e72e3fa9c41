/* A page of orders as an answer. */
#ifndef ORDERS_ORDER_ANSWER_H
#define ORDERS_ORDER_ANSWER_H

#include "core/order_store.h"
#include "request.h"

/* {data: [...], next}: rows without history, next null at the end. */
problem_t *order_answer_list(orders_request *request, const order_filter *filter);

#endif
