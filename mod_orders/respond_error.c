/* Problems: every answer with an error status under /api and /healthz becomes application/problem+json, Apache's own
 * error pages included. A filter replaces whatever body the error came with. */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>
#include <apr_buckets.h>
#include <apr_strings.h>

#include "core/body.h"
#include "request_state.h"
#include "respond.h"

APLOG_USE_MODULE(orders);

#define FILTER_NAME         "ORDERS_PROBLEM"
#define DEFAULT_RETRY_AFTER 5 /* seconds, with an Apache 429 or 503 that says nothing itself */

static ap_filter_rec_t *problem_filter_handle;

static void log_problem(request_rec *r, const problem_t *problem)
{
    int level = APLOG_DEBUG;

    /* The store has told once that the database is away; what each request suffers from it is no news. */
    if (problem->status == HTTP_SERVICE_UNAVAILABLE)
        level = APLOG_INFO;
    else if (problem->status >= HTTP_INTERNAL_SERVER_ERROR)
        level = APLOG_ERR;
    ORDERS_LOG(r, level, 0, "%s %s answered %d %s", r->method, r->uri, problem->status, problem->code);
}

int respond_problem(request_rec *r, problem_t *problem)
{
    request_state_get(r)->problem = problem;
    log_problem(r, problem);
    if (problem->retry_after > 0)
        apr_table_setn(r->err_headers_out, "Retry-After", apr_itoa(r->pool, problem->retry_after));
    /* A text of the request's own wins over any ErrorDocument of the host, which would redirect or cost the status. */
    ap_custom_response(r, problem->status, problem->code);
    return problem->status;
}

/* The request that the client made: before internal redirects. */
static request_rec *original(request_rec *r)
{
    while (r->prev != NULL)
        r = r->prev;
    return r;
}

/* A request line that is one word, if any, has no path: with the engine on, its answer is ours too. */
static int names_no_path(const request_rec *r)
{
    return r->uri == NULL || r->the_request == NULL || strchr(r->the_request, ' ') == NULL;
}

static int is_ours(request_rec *r)
{
    const request_rec *first = original(r);

    return orders_engine_on(r->server) && (route_is_ours(first->uri) || names_no_path(first));
}

/* What a handler or the authentication said on the way to this status, else what the bare status means. */
static problem_t *problem_of_request(request_rec *r)
{
    request_rec *at = r;
    problem_t *problem;

    do {
        problem = request_state_get(at)->problem;
        if (problem != NULL && problem->status == r->status)
            return problem;
        at = at->prev;
    } while (at != NULL);
    problem = problem_of_status(r->pool, r->status, NULL);
    if ((r->status == HTTP_TOO_MANY_REQUESTS || r->status == HTTP_SERVICE_UNAVAILABLE) &&
        apr_table_get(r->err_headers_out, "Retry-After") == NULL)
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_itoa(r->pool, problem->retry_after > 0 ? problem->retry_after : DEFAULT_RETRY_AFTER));
    return problem;
}

/* Headers that described the body which is thrown away. */
static void drop_body_headers(request_rec *r)
{
    static const char *const names[] = {"Content-Length", "Content-Encoding", "Content-Language", "Content-Location",
                                        "Content-Range",  "Content-MD5",      "Accept-Ranges",    "ETag",
                                        "Last-Modified",  "Location",         "Expires"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        apr_table_unset(r->headers_out, names[i]);
        apr_table_unset(r->err_headers_out, names[i]);
    }
    r->content_encoding = NULL;
    r->content_languages = NULL;
}

/* Apache refuses TRACE before any handler, and knows nothing of the table: fill its empty Allow. */
static void set_allow(request_rec *r)
{
    const route_match *match;

    apr_table_unset(r->headers_out, "Allow");
    if (apr_table_get(r->err_headers_out, "Allow") != NULL)
        return;
    match = route_match_request(original(r));
    apr_table_setn(r->err_headers_out, "Allow",
                   match->allow != NULL ? match->allow : "GET, HEAD, POST, PATCH, OPTIONS");
}

static void write_problem(request_rec *r, apr_bucket_brigade *brigade)
{
    problem_t *problem = problem_of_request(r);
    out_t out;
    out_block *block;

    out_init(&out, r->pool);
    problem_write(&out, problem, request_id(r));
    drop_body_headers(r);
    respond_common_headers(r);
    if (r->status == HTTP_METHOD_NOT_ALLOWED)
        set_allow(r);
    ap_set_content_type(r, "application/problem+json");
    ap_set_content_length(r, (apr_off_t)out.total);
    if (r->header_only)
        return;
    for (block = out.first; block != NULL; block = block->next)
        APR_BRIGADE_INSERT_TAIL(brigade,
                                apr_bucket_pool_create(block->data, block->len, r->pool, brigade->bucket_alloc));
}

static int ends(const apr_bucket_brigade *brigade)
{
    return !APR_BRIGADE_EMPTY(brigade) && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
}

static int has_error_bucket(apr_bucket_brigade *brigade)
{
    apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade); bucket != APR_BRIGADE_SENTINEL(brigade); bucket = APR_BUCKET_NEXT(bucket))
        if (AP_BUCKET_IS_ERROR(bucket))
            return 1;
    return 0;
}

/* Swallows the error page; at its end the problem goes down instead. */
static apr_status_t problem_filter(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;
    int at_end = ends(brigade);

    /* A new error while this one is answered: the header filter starts over, and this filter is inserted anew. */
    if (has_error_bucket(brigade)) {
        ap_remove_output_filter(filter);
        return ap_pass_brigade(filter->next, brigade);
    }
    apr_brigade_cleanup(brigade);
    if (!at_end)
        return APR_SUCCESS;
    write_problem(r, brigade);
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(brigade->bucket_alloc));
    ap_remove_output_filter(filter);
    return ap_pass_brigade(filter->next, brigade);
}

static int is_chunked(request_rec *r)
{
    return apr_table_get(r->headers_in, "Transfer-Encoding") != NULL;
}

/* Apache reads what is left of a body to keep the connection, however long that takes. A short one is worth it. */
static void give_up_long_body(request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    if (request_state_get(r)->body_read)
        return;
    if (is_chunked(r) || (length != NULL && apr_atoi64(length) > BODY_MAX_BYTES))
        r->connection->keepalive = AP_CONN_CLOSE;
}

/* Apache answers 400 to headers past its limits; a status of its own says what is wrong (RFC 6585, section 5). */
static void tell_large_headers(request_rec *r)
{
    const char *notes = apr_table_get(original(r)->notes, "error-notes");

    if (r->status == HTTP_BAD_REQUEST && notes != NULL && strstr(notes, "request header field") != NULL)
        r->status = HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
}

/* Without AuthzSendForbiddenOnFailure, Apache asks the wrong role to sign in, which it has done: the answer is 403. */
static void tell_wrong_role(request_rec *r)
{
    if (r->status == HTTP_UNAUTHORIZED && respond_is_forbidden(original(r)))
        r->status = HTTP_FORBIDDEN;
}

int respond_is_forbidden(request_rec *r)
{
    const problem_t *problem = request_state_get(r)->problem;

    return problem != NULL && problem->status == HTTP_FORBIDDEN;
}

void respond_insert_error_filter(request_rec *r)
{
    if (r->main != NULL || r->status < HTTP_BAD_REQUEST || !is_ours(r))
        return;
    request_id(r);
    tell_large_headers(r);
    tell_wrong_role(r);
    give_up_long_body(r);
    ap_add_output_filter_handle(problem_filter_handle, NULL, r, r->connection);
}

/* An ErrorDocument that is a path of this server runs as a request of its own, past the hook above. */
static void insert_on_redirect(request_rec *r)
{
    if (r->prev != NULL)
        respond_insert_error_filter(r);
}

void respond_register_filter(void)
{
    /* After what makes content, before what compresses it. */
    problem_filter_handle =
        ap_register_output_filter(FILTER_NAME, problem_filter, NULL, (ap_filter_type)(AP_FTYPE_RESOURCE + 5));
    ap_hook_insert_filter(insert_on_redirect, NULL, NULL, APR_HOOK_MIDDLE);
}
