/* Inside HTTP: a connection and the request that it is at. */
#ifndef PROTOCOL_HTTP_PRIVATE_H
#define PROTOCOL_HTTP_PRIVATE_H

#include <http_parser.h>
#include "http.h"

#define HTTP_MAX_FIELDS 100
#define HTTP_MAX_TARGET 8192
#define HTTP_MAX_EARLY  65536 /* bytes behind a request that isn't answered yet */

enum http_state {
    HTTP_IDLE,    /* between requests */
    HTTP_IN_HEAD, /* in a request's head (at the start also before its first byte) */
    HTTP_IN_BODY,
    HTTP_HANDLING, /* the handler has it */
    HTTP_GONE,     /* answered for the last time, detached, or lost */
};

typedef struct http_field {
    uint32_t name, value; /* offsets in text */
} http_field_t;

/* One for each connection; a request is the connection's present one. */
struct http_request {
    http_site_t *site;
    stream_t *stream;
    struct event *timer;
    http_parser parser;
    enum http_state state;
    int refusal; /* status of what is wrong with the request, 0 if nothing */
    const http_route_t *route;

    bytes_t text; /* target, then the fields' names and values, each with a NUL */
    size_t target_len;
    char *path; /* in text once the head is complete */
    const char *query;
    http_field_t *fields;
    size_t field_count, field_cap;
    bool in_value, started;
    bytes_t body;

    bytes_t early; /* came while the handler had the request */
    bool resume_due;
    void (*abort_fn)(void *arg);
    void *abort_arg;
};

/* http_parse.c: feeds the parser; the number of bytes it took. It stops behind a complete request (state HANDLING) and
 * at an error (refusal set). */
size_t http_feed(http_request_t *request, const uint8_t *data, size_t len);
void http_parse_init(http_request_t *request);
/* Makes ready for the connection's next request. */
void http_parse_reset(http_request_t *request);
bool http_keep_alive(const http_request_t *request);

#endif
