/* GET /healthz: the process lives. GET /healthz?ready=1: it can serve orders. */
#include <bson/bson.h>

#include "bridge_status.h"
#include "core/query.h"
#include "core/store.h"
#include "handlers.h"

/* The longest wait for a primary and a connection: probes have short limits of their own. A database that took the ping and
 * then hangs is the driver's to give up on, within OrdersRequestTimeout. */
#define READY_WAIT_MS 1500

static const char *database_state(const orders_request *request)
{
    if (request->child == NULL || request->child->store == NULL)
        return "unknown";
    switch (store_state_now(request->child->store)) {
    case STORE_UP: return "up";
    case STORE_DOWN: return "down";
    case STORE_STANDALONE: return "standalone";
    case STORE_UNKNOWN: break;
    }
    return "unknown";
}

/* Asks the database itself: what was known a moment ago may be wrong by now. */
static problem_t *ask_database(orders_request *request)
{
    apr_time_t limit = apr_time_now() + apr_time_from_msec(READY_WAIT_MS);
    const bson_t *reply;
    store_conn *conn;
    problem_t *problem;
    bson_t ping;

    if (limit < request->deadline)
        request->deadline = limit;
    problem = orders_request_conn(request, &conn);
    if (problem != NULL)
        return problem;
    bson_init(&ping);
    BSON_APPEND_INT32(&ping, "ping", 1);
    problem = store_run(conn, &ping, &reply);
    bson_destroy(&ping);
    return problem;
}

static int indexes_ready(const orders_request *request)
{
    return request->child != NULL && request->child->store != NULL && store_schema_ready(request->child->store);
}

static void write_parts(orders_request *request, out_t *database, out_t *indexes, out_t *bridge)
{
    out_fmt(database, "{\"state\":\"%s\"}", database_state(request));
    out_str(indexes, indexes_ready(request) ? "true" : "false");
    bridge_status_write(bridge, request->pool, request->config->bridge_socket, request->config->bridge_status);
}

static problem_t *readiness(orders_request *request)
{
    problem_t *problem = ask_database(request);
    out_t *out = &request->out;
    out_t database, indexes, bridge;

    out_init(&database, request->pool);
    out_init(&indexes, request->pool);
    out_init(&bridge, request->pool);
    write_parts(request, &database, &indexes, &bridge);
    if (problem != NULL) {
        out_str(problem_member(problem, "database"), out_text(&database, NULL));
        out_str(problem_member(problem, "indexes"), out_text(&indexes, NULL));
        out_str(problem_member(problem, "bridge"), out_text(&bridge, NULL));
        return problem;
    }
    out_fmt(out, "{\"status\":\"ready\",\"database\":%s,\"indexes\":%s,\"bridge\":%s}", out_text(&database, NULL),
            out_text(&indexes, NULL), out_text(&bridge, NULL));
    return NULL;
}

problem_t *health_get(orders_request *request)
{
    static const char *const allowed[] = {"ready", NULL};
    static const char *const words[] = {"0", "1", "false", "true", NULL};
    apr_table_t *params;
    problem_t *problem = query_parse(request->pool, request->r->args, allowed, &params);
    int word = 0;

    if (problem == NULL)
        query_choice(request->pool, params, "ready", words, &word, &problem);
    if (problem != NULL)
        return problem;
    if (word % 2 == 1)
        return readiness(request);
    out_lit(&request->out, "{\"status\":\"ok\"}");
    return NULL;
}
