/* From bytes to a request, by http-parser's callbacks. */
#include "http_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"

static int refuse(http_request_t *request, int status)
{
    request->refusal = status;
    return -1;
}

static int on_begin(http_parser *parser)
{
    http_request_t *request = parser->data;
    request->started = true;
    return 0;
}

static int add_text(http_request_t *request, const char *data, size_t len, int status)
{
    if (request->text.len + len > request->site->max_head)
        return refuse(request, status);
    bytes_add(&request->text, data, len);
    return 0;
}

static int on_url(http_parser *parser, const char *data, size_t len)
{
    http_request_t *request = parser->data;
    request->target_len += len;
    if (request->target_len > HTTP_MAX_TARGET)
        return refuse(request, 414);
    return add_text(request, data, len, 414);
}

/* Ends the piece of text that was being read; blanks behind a value are none of it. */
static void end_piece(http_request_t *request)
{
    bytes_t *text = &request->text;
    while (request->in_value && text->len && (text->data[text->len - 1] == ' ' || text->data[text->len - 1] == '\t'))
        text->len--;
    bytes_add(&request->text, "", 1);
}

static int start_field(http_request_t *request)
{
    end_piece(request);
    if (request->field_count == HTTP_MAX_FIELDS)
        return refuse(request, 431);
    if (request->field_count == request->field_cap) {
        request->field_cap = request->field_cap ? request->field_cap * 2 : 16;
        request->fields = mem_grow(request->fields, request->field_cap * sizeof *request->fields);
    }
    request->fields[request->field_count++] = (http_field_t){.name = (uint32_t)request->text.len};
    request->in_value = false;
    return 0;
}

/* http-parser is built to be lenient on Debian: what RFC 9110 section 5 doesn't allow in names and values is refused
 * here, so that no proxy and we read one request differently. */
static bool is_name(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)data[i]) && (!data[i] || !strchr("!#$%&'*+-.^_`|~", data[i])))
            return false;
    return true;
}

static bool is_value(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)data[i] < ' ' && data[i] != '\t') || data[i] == 0x7F)
            return false;
    return true;
}

static int on_field(http_parser *parser, const char *data, size_t len)
{
    http_request_t *request = parser->data;
    if (request->state == HTTP_IN_BODY)
        return 0; /* trailers: of no use here */
    if (!is_name(data, len))
        return refuse(request, 400);
    if ((request->in_value || !request->field_count) && start_field(request))
        return -1;
    return add_text(request, data, len, 431);
}

static int on_value(http_parser *parser, const char *data, size_t len)
{
    http_request_t *request = parser->data;
    if (request->state == HTTP_IN_BODY)
        return 0;
    if (!request->in_value) {
        end_piece(request);
        request->fields[request->field_count - 1].value = (uint32_t)request->text.len;
        request->in_value = true;
    }
    if (!is_value(data, len))
        return refuse(request, 400);
    return add_text(request, data, len, 431);
}

static int split_target(http_request_t *request)
{
    char *target = (char *)request->text.data;
    if (target[0] != '/')
        return refuse(request, 400); /* no proxy, no CONNECT */
    char *mark = strchr(target, '?');
    request->path = target;
    request->query = mark ? mark + 1 : "";
    if (mark)
        *mark = '\0';
    return 0;
}

static const http_route_t *find_route(const http_site_t *site, const char *path)
{
    for (size_t i = 0; i < site->route_count; i++)
        if (!strcmp(site->routes[i].path, path))
            return &site->routes[i];
    return NULL;
}

/* A request that claims two lengths, or no host or two, is one that two servers can read differently. */
static int check_framing(http_request_t *request)
{
    size_t hosts, lengths, encodings;
    http_header(request, "Host", &hosts);
    http_header(request, "Content-Length", &lengths);
    http_header(request, "Transfer-Encoding", &encodings);
    if (hosts > 1 || (hosts == 0 && http_is_1_1(request)))
        return refuse(request, 400);
    if (lengths > 1 || encodings > 1 || (lengths && encodings))
        return refuse(request, 400);
    return 0;
}

static int check_expectation(http_request_t *request)
{
    const char *expect = http_header(request, "Expect", NULL);
    if (!expect)
        return 0;
    if (strcasecmp(expect, "100-continue") != 0)
        return refuse(request, 417);
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    frame_t *frame = frame_new(FRAME_RAW, go_on, sizeof go_on - 1);
    stream_send(request->stream, frame);
    frame_unref(frame);
    return 0;
}

static int on_head(http_parser *parser)
{
    http_request_t *request = parser->data;
    end_piece(request);
    if (split_target(request) || check_framing(request))
        return -1;
    request->route = find_route(request->site, request->path);
    if (!request->route)
        return refuse(request, 404);
    if (parser->content_length != UINT64_MAX && parser->content_length > request->route->max_body)
        return refuse(request, 413);
    /* The parser stops at any Upgrade; only WebSocket's is one for us, others are plain requests. */
    parser->upgrade = http_wants_upgrade(request);
    request->state = HTTP_IN_BODY;
    return check_expectation(request);
}

static int on_body(http_parser *parser, const char *data, size_t len)
{
    http_request_t *request = parser->data;
    if (request->body.len + len > request->route->max_body)
        return refuse(request, 413);
    bytes_add(&request->body, data, len);
    return 0;
}

static int on_end(http_parser *parser)
{
    http_request_t *request = parser->data;
    request->state = HTTP_HANDLING;
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {
    .on_message_begin = on_begin,
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_end,
};

static int parse_error_status(const http_parser *parser)
{
    return HTTP_PARSER_ERRNO(parser) == HPE_HEADER_OVERFLOW ? 431 : 400;
}

size_t http_feed(http_request_t *request, const uint8_t *data, size_t len)
{
    http_parser *parser = &request->parser;
    size_t taken = http_parser_execute(parser, &settings, (const char *)data, len);
    if (request->state == HTTP_HANDLING || request->refusal)
        return taken;
    if (HTTP_PARSER_ERRNO(parser) != HPE_OK)
        refuse(request, parse_error_status(parser));
    return taken;
}

void http_parse_init(http_request_t *request)
{
    http_parser_init(&request->parser, HTTP_REQUEST);
    request->parser.data = request;
}

void http_parse_reset(http_request_t *request)
{
    if (HTTP_PARSER_ERRNO(&request->parser) == HPE_PAUSED)
        http_parser_pause(&request->parser, 0);
    bytes_free(&request->text);
    bytes_free(&request->body);
    free(request->fields);
    request->fields = NULL;
    request->field_count = request->field_cap = request->target_len = 0;
    request->in_value = request->started = false;
    request->path = NULL;
    request->query = NULL;
    request->route = NULL;
    request->refusal = 0;
    request->abort_fn = NULL;
    request->abort_arg = NULL;
}

bool http_keep_alive(const http_request_t *request)
{
    return http_should_keep_alive(&request->parser);
}
