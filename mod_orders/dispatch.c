/* The content handler: one request through the order of checks of the route table, then its row's function. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <apr_strings.h>

#include "directives.h"
#include "request.h"
#include "request_state.h"
#include "respond.h"
#include "shared.h"

/* Token buckets: so many at once, refilled over so many seconds. */
typedef struct rate_limit {
    const char *kind;
    int by_user; /* else by the client's address */
    int burst, seconds;
} rate_limit;

static const rate_limit rate_limits[] = {
    [RATE_LOGIN] = {"login-ip", 0, 30, 60},
    [RATE_REGISTER] = {"register-ip", 0, 20, 60},
    [RATE_WRITE] = {"write-user", 1, 600, 60},
};

static int answer_options(request_rec *r, const route_match *match)
{
    respond_common_headers(r);
    apr_table_setn(r->headers_out, "Allow", match->allow);
    r->status = HTTP_NO_CONTENT;
    return OK;
}

static problem_t *no_such_path(request_rec *r)
{
    return problem_make(r->pool, "not-found", "There is nothing at this path.");
}

static problem_t *no_such_method(request_rec *r, const route_match *match)
{
    apr_table_setn(r->err_headers_out, "Allow", match->allow);
    return problem_make(r->pool, "method-not-allowed", "This path takes %s.", match->allow);
}

/* Who calls, and whether the row lets them. Asked here whatever the configuration's Require says, so that a missing or
 * wrong one opens nothing. */
static problem_t *check_who(orders_request *request)
{
    const route_t *route = request->route;
    problem_t *problem = NULL;
    auth_result result;

    if (route->access == ACCESS_ANONYMOUS)
        return NULL;
    result = auth_identity(request->r, &request->who, &problem);
    if (result == AUTH_UNAVAILABLE)
        return problem;
    if (result == AUTH_BAD_BEARER)
        return auth_unauthorized(request->r, result);
    if (result != AUTH_GOOD) {
        request->who = NULL;
        return route->access == ACCESS_PUBLIC ? NULL : auth_unauthorized(request->r, result);
    }
    if (!route_permits(route, request->who->role))
        return route_forbidden(request->pool, route);
    return NULL;
}

static problem_t *check_csrf(orders_request *request)
{
    if (request->route->method == M_GET || request->who == NULL || !request->who->from_cookie)
        return NULL;
    return auth_check_csrf(request->r, request->who);
}

static problem_t *check_rate(orders_request *request)
{
    const rate_limit *limit = &rate_limits[request->route->rate];
    problem_t *problem;
    const char *key;
    int wait;

    if (request->route->rate == RATE_NONE || !request->config->rate_limit)
        return NULL;
    if (limit->by_user && request->who == NULL)
        return NULL;
    key = limit->by_user ? request->who->id_text : request->r->useragent_ip;
    wait = rate_take(limit->kind, key, limit->burst, limit->seconds);
    if (wait == 0)
        return NULL;
    problem = problem_make(request->pool, "too-many-requests", "Too many requests; try again in %d seconds.", wait);
    problem->retry_after = wait;
    return problem;
}

static problem_t *check_id(orders_request *request)
{
    if (request->id_text == NULL)
        return NULL;
    if (strlen(request->id_text) != 24 || !bson_oid_is_valid(request->id_text, 24))
        return problem_make(request->pool, "not-found", "There is nothing with this id; ids are 24 hex digits.");
    bson_oid_init_from_string(&request->id, request->id_text);
    return NULL;
}

static problem_t *check_before_body(orders_request *request)
{
    problem_t *problem = check_who(request);

    if (problem == NULL)
        problem = check_csrf(request);
    if (problem == NULL)
        problem = check_rate(request);
    if (problem == NULL)
        problem = check_id(request);
    return problem;
}

static orders_request *request_make(request_rec *r, const route_match *match)
{
    orders_request *request = apr_pcalloc(r->pool, sizeof(*request));

    request->r = r;
    request->pool = r->pool;
    request->config = orders_config_get();
    request->child = orders_child_get();
    request->route = match->route;
    request->id_text = match->id;
    request->deadline = r->request_time + apr_time_from_msec(request->config->request_timeout_ms);
    request->status = HTTP_OK;
    request->content_type = "application/json";
    etag_parse(apr_table_get(r->headers_in, "If-Match"), &request->if_match);
    out_init(&request->out, r->pool);
    return request;
}

static int run_handler(orders_request *request)
{
    problem_t *problem = request->route->handler(request);

    /* Before the answer is written: a slow reader must not hold a connection of the pool. */
    orders_request_done_with_conn(request);
    if (problem != NULL)
        return request->streamed ? respond_abort(request, problem) : respond_problem(request->r, problem);
    return respond_send(request);
}

int routes_handler(request_rec *r)
{
    const route_match *match;
    orders_request *request;
    problem_t *problem;
    int status;

    if (!route_is_ours(r->uri) || !orders_engine_on(r->server))
        return DECLINED;
    request_id(r);
    match = route_match_request(r);
    if (match->result == ROUTE_NO_PATH)
        return respond_problem(r, no_such_path(r));
    if (r->method_number == M_OPTIONS)
        return answer_options(r, match);
    if (match->result == ROUTE_NO_METHOD)
        return respond_problem(r, no_such_method(r, match));

    request = request_make(r, match);
    problem = check_before_body(request);
    if (problem != NULL)
        return respond_problem(r, problem);
    if (request->route->flags & ROUTE_BODY) {
        status = orders_request_body(request, &problem);
        if (status != OK || problem != NULL)
            return problem != NULL ? respond_problem(r, problem) : status;
    }
    return run_handler(request);
}
