/* The functions that the route table names: one a route, in sessions.c, users.c, products.c, orders.c, health.c, openapi.c.
 * Each reads its orders_request, writes request->out, and returns NULL or the problem. */
#ifndef ORDERS_HANDLERS_H
#define ORDERS_HANDLERS_H

#include "request.h"

problem_t *users_register(orders_request *request);
problem_t *users_login(orders_request *request);
problem_t *users_logout(orders_request *request);
problem_t *users_me(orders_request *request);
problem_t *users_password(orders_request *request);
problem_t *users_list(orders_request *request);
problem_t *users_set_role(orders_request *request);

problem_t *products_list(orders_request *request);
problem_t *products_get(orders_request *request);
problem_t *products_create(orders_request *request);
problem_t *products_change(orders_request *request);

problem_t *orders_place(orders_request *request);
problem_t *orders_own_list(orders_request *request);
problem_t *orders_get(orders_request *request);
problem_t *orders_cancel(orders_request *request);
problem_t *orders_admin_list(orders_request *request);
problem_t *orders_set_status(orders_request *request);
problem_t *orders_set_payment(orders_request *request);
problem_t *orders_bulk_status(orders_request *request);
problem_t *orders_stats(orders_request *request);
problem_t *orders_export(orders_request *request);

problem_t *health_get(orders_request *request);
problem_t *openapi_get(orders_request *request);

#endif
