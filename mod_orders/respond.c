/* Answers that went well: headers, entity tags, the body from the blocks it was written to. */
#include <httpd.h>
#include <http_protocol.h>
#include <http_core.h>
#include <apr_buckets.h>
#include <apr_strings.h>

#include "request_state.h"
#include "respond.h"

APLOG_USE_MODULE(orders);

void respond_common_headers(request_rec *r)
{
    const char *id = request_id(r); /* sets the header too, but an error of Apache's own may have dropped it since */

    if (apr_table_get(r->err_headers_out, "X-Request-Id") == NULL)
        apr_table_setn(r->headers_out, "X-Request-Id", id);
    apr_table_setn(r->headers_out, "Cache-Control", "private, no-cache");
    apr_table_setn(r->headers_out, "Vary", "Authorization, Cookie");
}

/* True when the client has this version already. */
static int is_not_modified(const orders_request *request)
{
    etag_list list;

    if (request->r->method_number != M_GET || request->status != HTTP_OK || request->version <= 0)
        return 0;
    etag_parse(apr_table_get(request->r->headers_in, "If-None-Match"), &list);
    return list.present && etag_matches(&list, request->version);
}

/* Caches find what they stored by the exact tag, the suffix that compression gave it included: where the client named one
 * tag, it gets that one back. */
static void set_not_modified(request_rec *r)
{
    const char *sent = apr_table_get(r->headers_in, "If-None-Match");

    r->status = HTTP_NOT_MODIFIED;
    if (sent[0] == '"' && strchr(sent + 1, '"') == sent + strlen(sent) - 1)
        apr_table_setn(r->headers_out, "ETag", sent);
}

static void set_headers(orders_request *request)
{
    request_rec *r = request->r;

    respond_common_headers(r);
    r->status = request->status;
    if (request->version > 0)
        apr_table_setn(r->headers_out, "ETag", apr_psprintf(r->pool, "\"%" APR_INT64_T_FMT "\"", request->version));
    if (request->location != NULL)
        apr_table_setn(r->headers_out, "Location", request->location);
    if (request->status != HTTP_NO_CONTENT)
        ap_set_content_type(r, request->content_type);
}

static void append_blocks(apr_bucket_brigade *brigade, const out_t *out)
{
    const out_block *block;
    apr_bucket *bucket;

    for (block = out->first; block != NULL; block = block->next) {
        if (block->len == 0)
            continue;
        bucket = apr_bucket_pool_create(block->data, block->len, out->pool, brigade->bucket_alloc);
        APR_BRIGADE_INSERT_TAIL(brigade, bucket);
    }
}

static int pass_to_end(request_rec *r, apr_bucket_brigade *brigade)
{
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(brigade->bucket_alloc));
    /* A client that went away is no error of ours, and there is nobody to tell. */
    return ap_pass_brigade_fchk(r, brigade, "passing the answer on");
}

int respond_send(orders_request *request)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);

    if (r->eos_sent) /* a stream that was cut short */
        return OK;
    if (request->streamed) {
        append_blocks(brigade, &request->out);
        return pass_to_end(r, brigade);
    }
    set_headers(request);
    if (is_not_modified(request)) {
        set_not_modified(r);
    } else if (request->status != HTTP_NO_CONTENT) {
        ap_set_content_length(r, (apr_off_t)request->out.total);
        append_blocks(brigade, &request->out); /* for HEAD too: the filters see what GET would, the core drops it */
    }
    return pass_to_end(r, brigade);
}

int respond_flush(orders_request *request, out_t *out)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    const out_block *block;
    apr_bucket *bucket;
    apr_status_t rv;

    if (!request->streamed) {
        set_headers(request);
        request->streamed = 1;
    }
    for (block = out->first; block != NULL; block = block->next) {
        /* Transient: a filter that keeps it makes its own copy, so the pool may be cleared below. */
        bucket = apr_bucket_transient_create(block->data, block->len, brigade->bucket_alloc);
        APR_BRIGADE_INSERT_TAIL(brigade, bucket);
    }
    rv = ap_pass_brigade(r->output_filters, brigade);
    apr_brigade_destroy(brigade);
    apr_pool_clear(out->pool);
    out_init(out, out->pool);
    return rv;
}

int respond_abort(orders_request *request, const problem_t *problem)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);

    ORDERS_LOG(r, APLOG_WARNING, 0, "the answer was cut short: %s", problem->code);
    /* The chunk filter takes this one status for "no last chunk": the client sees that the body is incomplete. */
    APR_BRIGADE_INSERT_TAIL(brigade, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, brigade->bucket_alloc));
    r->connection->keepalive = AP_CONN_CLOSE;
    return pass_to_end(r, brigade);
}
