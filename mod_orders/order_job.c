#include "order_job.h"

#include <apr_strings.h>

#include "core/bson_json.h"
#include "core/user_store.h"

static apr_status_t destroy_job(void *job)
{
    ledger_job_destroy(job);
    return APR_SUCCESS;
}

/* Name and e-mail are not in the token: they are what the history and the order keep of the person. */
static problem_t *fill_actor(orders_request *request, ledger_job *job)
{
    people_t *people = request->child->people;
    const bson_t *user;
    store_conn *conn;
    problem_t *problem;

    bson_oid_copy(&request->who->id, &job->actor.id);
    job->actor.role = request->who->role;
    if (people_name(people, job->pool, &job->actor.id, &job->actor.name, &job->actor.email))
        return NULL;
    if ((problem = orders_request_reader(request, &conn)) ||
        (problem = user_store_find(conn, &request->who->id, &user)))
        return problem;
    if (!user)
        return problem_make(request->pool, "session-invalid", "This account is gone; sign in again.");
    job->actor.name = apr_pstrdup(job->pool, store_text(user, "name"));
    job->actor.email = apr_pstrdup(job->pool, store_text(user, "email"));
    people_keep_name(people, &job->actor.id, job->actor.name, job->actor.email);
    return NULL;
}

problem_t *order_job_make(orders_request *request, ledger_kind kind, int op_count, ledger_job **job)
{
    ledger_job *made = ledger_job_create(op_count);

    if (!made)
        return problem_make(request->pool, "internal-error", NULL);
    apr_pool_cleanup_register(request->pool, made, destroy_job, apr_pool_cleanup_null);
    made->request_id = request_id(request->r);
    for (int i = 0; i < op_count; i++) {
        made->ops[i].kind = kind;
        made->ops[i].if_match = request->if_match;
        bson_oid_copy(&request->id, &made->ops[i].id);
    }
    *job = made;
    return fill_actor(request, made);
}

problem_t *order_job_run(orders_request *request, ledger_job *job)
{
    problem_t *problem;

    orders_request_done_with_conn(
        request); /* the ledger needs one: waiting for it with another in hand could starve it */
    if ((problem = ledger_run(request->child->ledger, job, request->deadline)))
        return problem;
    return job->op_count == 1 ? job->ops[0].problem : NULL;
}

problem_t *order_job_answer(orders_request *request, const ledger_op *op)
{
    request->version = store_int(op->doc, "version", 0);
    bson_json_write_order(&request->out, op->doc, request->who->role, true, request->config->exponent);
    return NULL;
}
