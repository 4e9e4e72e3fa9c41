/* Request bodies: the content type, the size, then strict JSON. */
#include <httpd.h>
#include <http_protocol.h>
#include <http_core.h>
#include <apr_strings.h>

#include "core/body.h"
#include "request.h"
#include "request_state.h"

#define READ_SIZE 8192

/* The body while it is read: grows up to BODY_MAX_BYTES. */
typedef struct body_text {
    char *data;
    size_t len, size;
} body_text;

/* One `name=value` parameter of a media type; the value may be a quoted string. */
static int is_utf8_charset(const char *value)
{
    size_t len = strlen(value);

    if (len >= 2 && value[0] == '"' && value[len - 1] == '"')
        return len == strlen("\"utf-8\"") && strncasecmp(value + 1, "utf-8", len - 2) == 0;
    return strcasecmp(value, "utf-8") == 0;
}

static int is_json_type(apr_pool_t *pool, const char *header)
{
    char *state = NULL, *part, *copy = apr_pstrdup(pool, header);
    char *equals;

    part = apr_strtok(copy, ";", &state);
    if (part == NULL)
        return 0;
    apr_collapse_spaces(part, part);
    if (strcasecmp(part, "application/json") != 0)
        return 0;
    while ((part = apr_strtok(NULL, ";", &state)) != NULL) {
        apr_collapse_spaces(part, part);
        equals = strchr(part, '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        if (strcasecmp(part, "charset") == 0 && !is_utf8_charset(equals + 1))
            return 0;
    }
    return 1;
}

static problem_t *check_headers(request_rec *r)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    const char *coding = apr_table_get(r->headers_in, "Content-Encoding");

    if (type == NULL)
        return problem_make(r->pool, "unsupported-media-type",
                            "The request names no Content-Type; send application/json.");
    if (!is_json_type(r->pool, type))
        return problem_make(r->pool, "unsupported-media-type",
                            "The Content-Type is not application/json in UTF-8, the only one taken here.");
    if (coding != NULL && strcasecmp(coding, "identity") != 0)
        return problem_make(r->pool, "unsupported-media-type", "The body has a Content-Encoding; send it without one.");
    return NULL;
}

static problem_t *too_large(request_rec *r)
{
    return problem_make(r->pool, "body-too-large", "The body is larger than %d bytes, the most that is taken.",
                        BODY_MAX_BYTES);
}

/* The Content-Length header's value; 0 when there is none. Apache has checked that it is a number. */
static apr_off_t declared_length(request_rec *r)
{
    const char *header = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t length = 0;

    if (header != NULL && apr_strtoff(&length, header, NULL, 10) != APR_SUCCESS)
        length = APR_INT64_MAX;
    return length;
}

static int has_body(request_rec *r)
{
    return apr_table_get(r->headers_in, "Transfer-Encoding") != NULL || declared_length(r) > 0;
}

/* False: the cap is reached. */
static int append(apr_pool_t *pool, body_text *text, const char *data, size_t len)
{
    char *larger;
    size_t size = text->size;

    if (len > BODY_MAX_BYTES - text->len)
        return 0;
    if (text->len + len > size) {
        while (size < text->len + len)
            size = size == 0 ? READ_SIZE : size * 2;
        larger = apr_palloc(pool, size);
        if (text->len > 0)
            memcpy(larger, text->data, text->len);
        text->data = larger;
        text->size = size;
    }
    if (len > 0)
        memcpy(text->data + text->len, data, len);
    text->len += len;
    return 1;
}

/* Takes what one brigade holds. *end becomes true at the body's end. Returns OK, or a status with *problem perhaps set. */
static int take_brigade(request_rec *r, apr_bucket_brigade *brigade, body_text *text, int *end, problem_t **problem)
{
    apr_bucket *bucket;
    const char *data;
    apr_size_t len;
    apr_status_t rv;

    for (bucket = APR_BRIGADE_FIRST(brigade); bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        if (APR_BUCKET_IS_EOS(bucket)) {
            *end = 1;
            return OK;
        }
        if (APR_BUCKET_IS_METADATA(bucket))
            continue;
        rv = apr_bucket_read(bucket, &data, &len, APR_BLOCK_READ);
        if (rv != APR_SUCCESS)
            return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        if (!append(r->pool, text, data, len)) {
            *problem = too_large(r);
            return HTTP_REQUEST_ENTITY_TOO_LARGE;
        }
    }
    return OK;
}

static int read_body(request_rec *r, body_text *text, problem_t **problem)
{
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int status = OK, end = 0;
    apr_status_t rv;

    while (status == OK && !end) {
        rv = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES, APR_BLOCK_READ, READ_SIZE);
        if (rv != APR_SUCCESS)
            status = ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        else
            status = take_brigade(r, brigade, text, &end, problem);
        apr_brigade_cleanup(brigade);
    }
    if (status == OK)
        request_state_get(r)->body_read = 1;
    return status;
}

int orders_request_body(orders_request *request, problem_t **problem)
{
    request_rec *r = request->r;
    body_text text = {0};
    int status;

    if (has_body(r)) {
        *problem = check_headers(r);
        if (*problem == NULL && declared_length(r) > BODY_MAX_BYTES)
            *problem = too_large(r);
        if (*problem != NULL)
            return (*problem)->status;
        status = read_body(r, &text, problem);
        if (status != OK)
            return status;
    }
    if (text.len == 0)
        *problem = problem_make(r->pool, "malformed-json", "The request has no body; send a JSON object.");
    else
        *problem = body_parse(r->pool, text.data, text.len, &request->body);
    return *problem != NULL ? (*problem)->status : OK;
}
