/* Request state, request ids, and the request's database connection. */
#include <httpd.h>
#include <http_config.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "child.h"
#include "request.h"
#include "request_state.h"

#define REQUEST_ID_MAX 64

request_state *request_state_get(request_rec *r)
{
    request_state *state = ap_get_module_config(r->request_config, &orders_module);

    if (state == NULL) {
        state = apr_pcalloc(r->pool, sizeof(*state));
        ap_set_module_config(r->request_config, &orders_module, state);
    }
    return state;
}

static int is_request_id(const char *text)
{
    size_t len;

    if (text == NULL)
        return 0;
    len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return len > 0 && len <= REQUEST_ID_MAX && text[len] == '\0';
}

/* The child's random name and a count: as unique as a random number for each, without the wait for one. */
static const char *new_request_id(request_rec *r)
{
    static atomic_uint_fast64_t count;
    const char *id = apr_table_get(r->headers_in, "X-Request-Id");

    if (is_request_id(id))
        return id;
    return apr_psprintf(r->pool, "%s-%" PRIxFAST64, orders_child_get()->name, atomic_fetch_add(&count, 1));
}

const char *request_id(request_rec *r)
{
    request_state *state = request_state_get(r);

    if (state->id == NULL) {
        if (r->main != NULL)
            state->id = request_id(r->main);
        else if (r->prev != NULL)
            state->id = request_id(r->prev);
        else
            state->id = new_request_id(r);
        apr_table_setn(r->notes, "request-id", state->id);
        apr_table_setn(r->err_headers_out, "X-Request-Id", state->id);
    }
    return state->id;
}

problem_t *orders_request_reader(orders_request *request, store_conn **conn)
{
    if (request->conn == NULL) {
        if (request->child == NULL || request->child->store == NULL)
            return problem_make(request->pool, "database-unavailable", "The database cannot be reached just now.");
        request->conn = store_conn_make(request->child->store, request->pool, request->deadline);
    }
    *conn = request->conn;
    return NULL;
}

problem_t *orders_request_conn(orders_request *request, store_conn **conn)
{
    problem_t *problem = orders_request_reader(request, conn);

    return problem ? problem : store_connect(*conn);
}

void orders_request_done_with_conn(orders_request *request)
{
    store_release(request->conn);
    request->conn = NULL;
}
