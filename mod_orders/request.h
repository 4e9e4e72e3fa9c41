/* One API request as the handlers see it. */
#ifndef ORDERS_REQUEST_H
#define ORDERS_REQUEST_H

#include <httpd.h>
#include <http_log.h>
#include <jansson.h>
#include "auth.h"
#include "child.h"
#include "core/etag.h"
#include "core/out.h"
#include "core/problem.h"
#include "directives.h"
#include "routes.h"

typedef struct orders_request {
    request_rec *r;
    apr_pool_t *pool; /* r->pool */
    const orders_config *config;
    orders_child *child;
    const route_t *route;
    const identity_t *who; /* NULL: nobody is signed in */
    const char *id_text;   /* the path's :id, or NULL */
    bson_oid_t id;         /* the same, parsed; a malformed one was answered 404 before the handler */
    json_t *body;          /* the parsed body (an object) of routes that take one, else NULL */
    etag_list if_match;
    apr_time_t deadline; /* r->request_time + OrdersRequestTimeout */
    store_conn *conn;    /* made by the functions below, released by the dispatcher */

    /* The answer */
    int status;               /* 200 unless the handler says otherwise */
    const char *content_type; /* application/json unless … */
    int64_t version;          /* > 0: becomes the ETag, and GET honours If-None-Match */
    const char *location;     /* Location header, or NULL */
    int streamed;             /* the handler has passed the body on by itself */
    out_t out;                /* the body */
} orders_request;

/* The id of this request: the client's X-Request-Id when it is [A-Za-z0-9._-]{1,64}, else one made here.
 * The same for sub-requests and internal redirects. Set on the answer and as the note "request-id". Never NULL. */
const char *request_id(request_rec *r);

/* For handlers that only read (store_find, store_run_page): no connection is held for it. */
problem_t *orders_request_reader(orders_request *request, store_conn **conn);
/* A database connection for this request, taken on first use, given back before the answer is sent. */
problem_t *orders_request_conn(orders_request *request, store_conn **conn);
void orders_request_done_with_conn(orders_request *request);

/* Reads and parses the body as DESIGN section 12 orders: 415, 413, 400, 422. On success request->body is set.
 * Returns 0, or an HTTP status that Apache gave (connection trouble) with *problem NULL or set. */
int orders_request_body(orders_request *request, problem_t **problem);

#define ORDERS_LOG(r, level, rv, fmt, ...)                                                                             \
    ap_log_rerror(APLOG_MARK, level, rv, r, "request %s: " fmt, request_id(r), ##__VA_ARGS__)

#endif
