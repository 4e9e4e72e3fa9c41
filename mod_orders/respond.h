/* Answers: JSON bodies, entity tags, problems; and the filter that turns Apache's own error pages into problems. */
#ifndef ORDERS_RESPOND_H
#define ORDERS_RESPOND_H

#include "request.h"

/* Sends what the handler wrote. Returns OK, or a status for Apache. */
int respond_send(orders_request *request);
/* Passes the blocks written so far down the filters and starts `out` anew in its (cleared) pool: for streams. Returns an apr_status_t. */
int respond_flush(orders_request *request, out_t *out);
/* Remembers the problem for the error filter and returns its status, which the handler returns to Apache. */
int respond_problem(request_rec *r, problem_t *problem);
/* A problem after a stream has begun: it can't be told any more, so the connection is cut before the body's regular end. */
int respond_abort(orders_request *request, const problem_t *problem);
/* True when the signed-in user's role was found wrong for the route. */
int respond_is_forbidden(request_rec *r);
/* Headers that every answer under /api carries: X-Request-Id, Cache-Control, Vary. Also on errors. */
void respond_common_headers(request_rec *r);

void respond_register_filter(void);               /* in register_hooks */
void respond_insert_error_filter(request_rec *r); /* the insert_error_filter hook */

#endif
