/* HTTP/1.1 on a stream (RFC 9112): requests in, answers out, keep-alive, and the way out to other protocols. Parsing is
 * http-parser's.
 *
 * Life of a request: once the whole of it is there, the route's handler is called with it. The handler, or somebody
 * later, must end it by exactly one of http_reply, http_problem, http_detach. Until then the pointer is valid, except
 * that the client may go: then the function given to http_on_abort is called, and the request is gone when it returns.
 * While a request is unanswered no other of its connection is looked at.
 */
#ifndef PROTOCOL_HTTP_H
#define PROTOCOL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bytes.h"
#include "stream.h"

typedef struct http_request http_request_t;
typedef void (*http_handler)(http_request_t *request, void *arg);

typedef struct http_route {
    const char *path; /* exact */
    http_handler handler;
    void *arg;
    size_t max_body; /* larger bodies get 413 before they are read */
} http_route_t;

/* What all connections of a server share; lives longer than they do. */
typedef struct http_site {
    loop_t *loop;
    stream_set_t streams;
    const http_route_t *routes;
    size_t route_count;
    size_t max_head;     /* bytes of request line and fields; past it 431 (414 for the line) */
    int head_timeout_ms; /* from the first moment of a connection, or of a further request, to the end of its head */
    int body_timeout_ms; /* for the body */
    int idle_timeout_ms; /* between requests */
} http_site_t;

/* Serves the non-blocking socket; false with the fd closed where that can't be. */
bool http_serve(http_site_t *site, int fd);

/* The request. Texts live as long as the request. */
const char *http_method(const http_request_t *request);
const char *http_path(const http_request_t *request);  /* as sent, without the query */
const char *http_query(const http_request_t *request); /* as sent, without the question mark; "" if there is none */
/* The first field of that name, or NULL. `count`, if not NULL, is set to how many there are. */
const char *http_header(const http_request_t *request, const char *name, size_t *count);
/* Whether a comma-separated field has this token, in any case of letters. */
bool http_header_has(const http_request_t *request, const char *name, const char *token);
const uint8_t *http_body(const http_request_t *request, size_t *len);
/* The value of a parameter of the query, decoded, or NULL; of several the first. Freed by the caller. */
char *http_parameter(const http_request_t *request, const char *name);
bool http_wants_upgrade(const http_request_t *request); /* asks for WebSocket */
bool http_is_1_1(const http_request_t *request);
void http_peer(const http_request_t *request, char *text, size_t size);
loop_t *http_loop(const http_request_t *request);

typedef struct http_answer {
    int status;
    const char *type; /* Content-Type */
    const void *body;
    size_t len;
    const char *fields; /* more fields, each ended by \r\n, or NULL */
    bool close;         /* ends the connection */
} http_answer_t;

void http_reply(http_request_t *request, const http_answer_t *answer);
/* A problem document (RFC 9457) with the status' own words; retry_after in seconds, 0 for none. */
void http_problem(http_request_t *request, int status, int retry_after);
/* What to do when the client goes before the answer. */
void http_on_abort(http_request_t *request, void (*fn)(void *arg), void *arg);
/* Leaves HTTP: the stream is the caller's (stream_take it in the same turn), and so is what came behind the head. */
stream_t *http_detach(http_request_t *request, bytes_t *early);

/* The words of a status, such as "Not Found". */
const char *http_reason(int status);

#endif
