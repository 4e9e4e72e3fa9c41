/* A connection's life: time limits, dispatch, answers. */
#include "http_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"

static void on_timeout(evutil_socket_t fd, short what, void *arg);

static void set_timer(http_request_t *request, int ms)
{
    loop_timer_set(request->site->loop, &request->timer, ms, on_timeout, request);
}

static void release(void *arg)
{
    http_request_t *request = arg;
    http_parse_reset(request);
    bytes_free(&request->early);
    free(request);
}

/* The connection is no longer HTTP's; what becomes of the stream is the caller's matter. */
static void leave(http_request_t *request)
{
    request->state = HTTP_GONE;
    loop_timer_free(&request->timer);
    loop_defer(request->site->loop, release, request);
}

const char *http_reason(int status)
{
    switch (status) {
#define XX(number, name, string)                                                                                       \
    case number: return #string;
        HTTP_STATUS_MAP(XX)
#undef XX
    default: return "Unknown";
    }
}

static void send_answer(http_request_t *request, const http_answer_t *answer, bool close)
{
    bytes_t head = {0};
    bytes_format(&head, "HTTP/1.1 %d %s\r\nContent-Length: %zu\r\n", answer->status, http_reason(answer->status),
                 answer->len);
    if (answer->type)
        bytes_format(&head, "Content-Type: %s\r\n", answer->type);
    if (close)
        bytes_text(&head, "Connection: close\r\n");
    else if (!http_is_1_1(request))
        bytes_text(&head, "Connection: keep-alive\r\n");
    bytes_text(&head, answer->fields ? answer->fields : "");
    bytes_text(&head, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
    bool no_body = request->parser.method == HTTP_HEAD && request->state == HTTP_HANDLING;
    frame_part_t parts[] = {{head.data, head.len}, {answer->body, no_body ? 0 : answer->len}};
    frame_t *frame = frame_join(FRAME_RAW, parts, 2);
    stream_send(request->stream, frame);
    frame_unref(frame);
    bytes_free(&head);
}

static void feed(http_request_t *request, const uint8_t *data, size_t len);

static void resume(void *arg)
{
    http_request_t *request = arg;
    request->resume_due = false;
    if (request->state != HTTP_IDLE || !request->early.len)
        return;
    bytes_t early = request->early;
    request->early = (bytes_t){0};
    feed(request, early.data, early.len);
    bytes_free(&early);
}

static void next_request(http_request_t *request)
{
    http_parse_reset(request);
    request->state = HTTP_IDLE;
    set_timer(request, request->site->idle_timeout_ms);
    if (request->early.len && !request->resume_due) {
        request->resume_due = true;
        loop_defer(request->site->loop, resume, request);
    }
}

static void reply(http_request_t *request, const http_answer_t *answer)
{
    bool close = answer->close || request->state != HTTP_HANDLING || !http_keep_alive(request);
    send_answer(request, answer, close);
    if (close) {
        stream_finish(request->stream);
        leave(request);
    } else {
        next_request(request);
    }
}

void http_reply(http_request_t *request, const http_answer_t *answer)
{
    if (request->state == HTTP_HANDLING)
        reply(request, answer);
}

static void problem(http_request_t *request, int status, int retry_after)
{
    char body[160], fields[64] = "";
    int len = snprintf(body, sizeof body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}",
                       http_reason(status), status);
    if (retry_after > 0)
        snprintf(fields, sizeof fields, "Retry-After: %d\r\n", retry_after);
    reply(
        request,
        &(http_answer_t){
            .status = status, .type = "application/problem+json", .body = body, .len = (size_t)len, .fields = fields});
}

void http_problem(http_request_t *request, int status, int retry_after)
{
    if (request->state == HTTP_HANDLING)
        problem(request, status, retry_after);
}

void http_on_abort(http_request_t *request, void (*fn)(void *arg), void *arg)
{
    request->abort_fn = fn;
    request->abort_arg = arg;
}

stream_t *http_detach(http_request_t *request, bytes_t *early)
{
    *early = request->early;
    request->early = (bytes_t){0};
    leave(request);
    return request->stream;
}

static void on_lost(void *owner, int error)
{
    (void)error;
    http_request_t *request = owner;
    bool handled = request->state == HTTP_HANDLING;
    stream_free(request->stream);
    leave(request);
    if (handled && request->abort_fn)
        request->abort_fn(request->abort_arg);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    http_request_t *request = arg;
    if (request->started) {
        problem(request, 408, 0);
        return;
    }
    stream_free(request->stream);
    leave(request);
}

/* Bytes that came behind the request wait for its end; more than a little is nobody's honest pipelining. */
static void keep_early(http_request_t *request, const uint8_t *data, size_t len)
{
    if (request->early.len + len > HTTP_MAX_EARLY)
        on_lost(request, 0);
    else
        bytes_add(&request->early, data, len);
}

static void dispatch(http_request_t *request)
{
    loop_timer_free(&request->timer);
    request->route->handler(request, request->route->arg);
}

static void feed(http_request_t *request, const uint8_t *data, size_t len)
{
    enum http_state before = request->state;
    if (before == HTTP_IDLE) {
        request->state = HTTP_IN_HEAD;
        set_timer(request, request->site->head_timeout_ms);
    }
    size_t taken = http_feed(request, data, len);
    if (request->refusal) {
        problem(request, request->refusal, 0);
    } else if (request->state == HTTP_HANDLING) {
        bytes_add(&request->early, data + taken, len - taken);
        dispatch(request);
    } else if (request->state == HTTP_IN_BODY && before != HTTP_IN_BODY) {
        set_timer(request, request->site->body_timeout_ms);
    }
}

static void on_data(void *owner, const uint8_t *data, size_t len)
{
    http_request_t *request = owner;
    if (request->state == HTTP_HANDLING || request->early.len)
        keep_early(request, data, len);
    else if (request->state != HTTP_GONE)
        feed(request, data, len);
}

bool http_serve(http_site_t *site, int fd)
{
    static const stream_events_t events = {.data = on_data, .lost = on_lost};
    http_request_t *request = mem_zero(sizeof *request);
    request->site = site;
    request->state = HTTP_IN_HEAD;
    request->stream = stream_new(site->loop, &site->streams, fd, &events, request);
    if (!request->stream) {
        free(request);
        return false;
    }
    http_parse_init(request);
    set_timer(request, site->head_timeout_ms);
    return true;
}
