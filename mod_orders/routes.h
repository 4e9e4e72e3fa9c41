/* The whole API as one table: method, path, who may, handler, rate class. Adding an endpoint is one row and one function. */
#ifndef ORDERS_ROUTES_H
#define ORDERS_ROUTES_H

#include <httpd.h>
#include "core/order.h"
#include "core/problem.h"

struct orders_request;

typedef enum {
    ACCESS_PUBLIC,    /* anyone; a good session is recognised */
    ACCESS_ANONYMOUS, /* anyone; sessions are ignored (login, register) */
    ACCESS_SIGNED_IN,
    ACCESS_CUSTOMER, /* customers alone: admins get 403 */
    ACCESS_ADMIN
} route_access;

typedef enum { RATE_NONE, RATE_LOGIN, RATE_REGISTER, RATE_WRITE } rate_class;

enum {
    ROUTE_BODY = 1,        /* takes a JSON object */
    ROUTE_BODY_IGNORED = 2 /* unsafe, but neither body nor content type is looked at (logout, cancel) */
};

typedef struct route {
    int method;       /* M_GET, M_POST, M_PATCH; HEAD goes with GET */
    const char *path; /* without trailing slash; ":id" stands for one segment */
    route_access access;
    problem_t *(*handler)(struct orders_request *request);
    rate_class rate;
    unsigned flags;
} route_t;

extern const route_t routes[]; /* ends with a row whose path is NULL */

typedef enum { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD } route_result;

typedef struct route_match {
    route_result result;
    const route_t *route; /* ROUTE_FOUND */
    const char *id;       /* what :id stood for, or NULL */
    const char *allow;    /* the Allow header's value, unless ROUTE_NO_PATH */
} route_match;

/* True for the paths that are ours: /api, /api/…, /healthz. */
int route_is_ours(const char *uri);
/* Matches the request's method and path, trailing slash or not. Kept in the request: cheap to ask again. */
const route_match *route_match_request(request_rec *r);
/* True when the role may call the route. */
int route_permits(const route_t *route, user_role role);
/* The 403 for a role that may not. */
problem_t *route_forbidden(apr_pool_t *pool, const route_t *route);

/* The content handler hook: the order of checks of DESIGN section 12, then the row's function. */
int routes_handler(request_rec *r);

#endif
