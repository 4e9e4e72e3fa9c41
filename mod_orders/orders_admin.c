/* What admins do with orders: list, move, mark paid, move many. */
#include "handlers.h"

#include <apr_strings.h>
#include <string.h>

#include "core/body.h"
#include "order_job.h"
#include "order_list.h"

#define REMARK_MAX 1000 /* characters of a reason or a note */

typedef struct status_body {
    const char *status, *reason, *note;
    const json_t *ids;
    int restock, payment_received;
    order_status to;
} status_body;

static const field status_fields[] = {
    {"status", FIELD_TEXT, true, 1, 50, offsetof(status_body, status)},
    {"reason", FIELD_LINES, false, 1, REMARK_MAX, offsetof(status_body, reason)},
    {"note", FIELD_LINES, false, 1, REMARK_MAX, offsetof(status_body, note)},
    {"restock", FIELD_BOOL, false, 0, 0, offsetof(status_body, restock)},
    {"ids", FIELD_JSON, false, 0, 0, offsetof(status_body, ids)},
    {NULL, 0, 0, 0, 0, 0},
};

static const field payment_fields[] = {
    {"paymentReceived", FIELD_BOOL, true, 0, 0, offsetof(status_body, payment_received)},
    {"note", FIELD_LINES, false, 1, REMARK_MAX, offsetof(status_body, note)},
    {NULL, 0, 0, 0, 0, 0},
};

static problem_t *read_status(apr_pool_t *pool, const json_t *json, status_body *body)
{
    problem_t *problem = NULL;

    memset(body, 0, sizeof(*body));
    body->restock = -1;
    body_fields(pool, json, "", status_fields, 0, body, &problem);
    if (!body->status)
        return problem;
    body->to = order_status_parse(body->status);
    if (body->to == ORDER_STATUS_NONE)
        problem_field_add(&problem, pool, "/status", "unknown-status",
                          "status must be one of pending, processing, shipped, delivered, cancelled, returned.");
    return problem;
}

static void fill_move(ledger_op *op, const status_body *body)
{
    op->to = body->to;
    op->restock = body->restock;
    op->reason = body->reason;
    op->note = body->note;
}

problem_t *orders_admin_list(orders_request *request)
{
    list_query query;
    order_filter filter;
    problem_t *problem = order_list_read_admin(request, true, &query, &filter);

    return problem ? problem : order_list_answer(request, &query, &filter);
}

problem_t *orders_set_status(orders_request *request)
{
    ledger_job *job;
    status_body body;
    problem_t *problem = read_status(request->pool, request->body, &body);

    if (problem || (problem = order_job_make(request, LEDGER_MOVE, 1, &job)))
        return problem;
    fill_move(&job->ops[0], &body);
    problem = order_job_run(request, job);
    return problem ? problem : order_job_answer(request, &job->ops[0]);
}

problem_t *orders_set_payment(orders_request *request)
{
    ledger_job *job;
    status_body body = {.note = NULL};
    problem_t *problem = NULL;

    body_fields(request->pool, request->body, "", payment_fields, 0, &body, &problem);
    if (problem || (problem = order_job_make(request, LEDGER_PAYMENT, 1, &job)))
        return problem;
    job->ops[0].payment_received = body.payment_received;
    job->ops[0].note = body.note;
    problem = order_job_run(request, job);
    return problem ? problem : order_job_answer(request, &job->ops[0]);
}

/* ---- many at once ---- */

static problem_t *read_ids(apr_pool_t *pool, const json_t *ids, problem_t *problem, bson_oid_t *oid)
{
    size_t count = json_array_size(ids), index;
    json_t *id;

    if (!json_is_array(ids) || count < 1 || count > LEDGER_OPS_MAX) {
        problem_field_add(&problem, pool, "/ids", ids ? "wrong-length" : "required",
                          "ids must be an array of 1 to %d order ids.", LEDGER_OPS_MAX);
        return problem;
    }
    json_array_foreach(ids, index, id)
    {
        if (json_string_length(id) == 24 && bson_oid_is_valid(json_string_value(id), 24))
            bson_oid_init_from_string(&oid[index], json_string_value(id));
        else
            problem_field_add(&problem, pool, apr_psprintf(pool, "/ids/%" APR_SIZE_T_FMT, index), "invalid-id",
                              "An order id is 24 hex digits.");
    }
    return problem;
}

static void write_result(out_t *out, const ledger_op *op, const char *instance)
{
    char hex[25];

    bson_oid_to_string(&op->id, hex);
    out_fmt(out, "{\"id\":\"%s\",\"ok\":", hex);
    if (op->problem) {
        out_lit(out, "false,\"problem\":");
        problem_write(out, op->problem, instance);
    } else {
        out_lit(out, "true,\"version\":");
        out_int(out, store_int(op->doc, "version", 0));
        out_lit(out, ",\"status\":");
        out_json_str(out, store_text(op->doc, "status"));
    }
    out_char(out, '}');
}

/* The database's absence is the whole request's problem, as long as nothing was done. */
static problem_t *nothing_done(const ledger_job *job)
{
    for (int i = 0; i < job->op_count; i++)
        if (!job->ops[i].problem || job->ops[i].problem->status != HTTP_SERVICE_UNAVAILABLE ||
            !strcmp(job->ops[i].problem->code, "outcome-unknown"))
            return NULL;
    return job->ops[0].problem;
}

problem_t *orders_bulk_status(orders_request *request)
{
    bson_oid_t ids[LEDGER_OPS_MAX];
    ledger_job *job;
    status_body body;
    problem_t *problem = read_status(request->pool, request->body, &body);

    if ((problem = read_ids(request->pool, body.ids, problem, ids)) ||
        (problem = order_job_make(request, LEDGER_MOVE, (int)json_array_size(body.ids), &job)))
        return problem;
    for (int i = 0; i < job->op_count; i++) {
        fill_move(&job->ops[i], &body);
        bson_oid_copy(&ids[i], &job->ops[i].id);
    }
    if ((problem = order_job_run(request, job)) || (problem = nothing_done(job))) {
        if (job->op_count > 1 || problem->status == HTTP_SERVICE_UNAVAILABLE)
            return problem;
    }
    out_lit(&request->out, "{\"results\":[");
    for (int i = 0; i < job->op_count; i++) {
        if (i)
            out_char(&request->out, ',');
        write_result(&request->out, &job->ops[i], job->request_id);
    }
    out_lit(&request->out, "]}");
    return NULL;
}
