/* What the module keeps of one request, in the one slot it has in r->request_config. An internal redirect (ErrorDocument)
 * and a sub-request start with an empty slot: what must outlive them is looked up along r->prev and r->main. */
#ifndef ORDERS_REQUEST_STATE_H
#define ORDERS_REQUEST_STATE_H

#include <httpd.h>
#include "core/problem.h"

typedef struct request_state {
    const char *id;                  /* request.c: the request id */
    const struct route_match *match; /* routes.c: what the table says */
    void *auth;                      /* auth.c: who the request comes from */
    problem_t *problem;              /* respond.c: waits for the error filter */
    int body_read;                   /* request_body.c: nothing of the body is left on the connection */
} request_state;

/* The request's state; made empty on first use. Never NULL. */
request_state *request_state_get(request_rec *r);

#endif
