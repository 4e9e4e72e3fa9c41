/* From a request to a job of the ledger and back: what the handlers that change orders and products share. */
#ifndef ORDERS_ORDER_JOB_H
#define ORDERS_ORDER_JOB_H

#include "core/ledger.h"
#include "request.h"

/* A job of the signed-in user, with If-Match and the path's id in each operation. The job ends with the request's pool. */
problem_t *order_job_make(orders_request *request, ledger_kind kind, int op_count, ledger_job **job);
/* Runs it, without holding a connection. The problem is the job's own, or that of its only operation. */
problem_t *order_job_run(orders_request *request, ledger_job *job);
/* Answers with an operation's order. */
problem_t *order_job_answer(orders_request *request, const ledger_op *op);

#endif
