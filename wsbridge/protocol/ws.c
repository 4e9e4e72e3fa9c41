#include "ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"
#include "rate.h"
#include "ws_handshake.h"
#include "ws_reader.h"

const ws_options_t ws_defaults = {
    .max_message = 1 << 20,
    .max_queue_bytes = 1 << 20,
    .max_queue_frames = 1000,
    .pause_queue_bytes = 1 << 18,
    .ping_interval_ms = 25000,
    .ping_timeout_ms = 20000,
    .close_timeout_ms = 5000,
};

enum ws_state {
    WS_STATE_OPEN,
    WS_STATE_CLOSING, /* our close frame is queued, the peer's is waited for */
    WS_STATE_DONE,    /* the handlers have been told */
};

struct ws {
    loop_t *loop;
    stream_t *stream;
    const ws_options_t *options;
    const ws_handlers_t *handlers;
    void *user;
    ws_reader_t *reader;
    struct event *timer;
    bytes_t early; /* came before the handshake was answered */
    int64_t heard, pinged;
    rate_t rate;
    uint16_t code; /* of our close frame */
    int8_t subprotocol;
    uint8_t state;
    bool paused;
    char *reason; /* ours */
};

static void release(void *arg)
{
    ws_t *ws = arg;
    ws_reader_free(&ws->reader);
    bytes_free(&ws->early);
    free(ws->reason);
    free(ws);
}

/* The end: the stream has been dealt with by the caller. */
static void finish(ws_t *ws, uint16_t code, bool by_peer, const char *reason)
{
    ws->state = WS_STATE_DONE;
    loop_timer_free(&ws->timer);
    loop_defer(ws->loop, release, ws);
    ws_end_t end = {.code = code, .by_peer = by_peer, .reason = reason ? reason : ""};
    ws->handlers->closed(ws, &end, ws->user);
}

static void finish_broken(ws_t *ws, const char *reason)
{
    bool closing = ws->state == WS_STATE_CLOSING;
    stream_free(ws->stream);
    finish(ws, closing ? ws->code : WS_ABNORMAL, !closing && !reason, closing ? ws->reason : reason);
}

static void send_owned(ws_t *ws, frame_t *frame)
{
    stream_send(ws->stream, frame);
    frame_unref(frame);
}

/* The peer broke a rule: it is told, and nothing more is read from it. */
static void fail(ws_t *ws, uint16_t code, const char *reason)
{
    if (ws->state == WS_STATE_OPEN)
        send_owned(ws, frame_close(code, reason));
    stream_finish(ws->stream);
    finish(ws, code, false, reason);
}

/* --- Time ------------------------------------------------------------------------------------------------------------ */

static void on_timer(evutil_socket_t fd, short what, void *arg);

static void set_timer(ws_t *ws, int64_t ms)
{
    loop_timer_set(ws->loop, &ws->timer, ms, on_timer, ws);
}

static void ping_or_wait(ws_t *ws)
{
    int64_t now = loop_now(ws->loop), idle = now - ws->heard;
    if (ws->pinged > ws->heard && now - ws->pinged >= ws->options->ping_timeout_ms) {
        finish_broken(ws, "ping timeout");
    } else if (idle >= ws->options->ping_interval_ms) {
        ws->pinged = now;
        send_owned(ws, frame_new(FRAME_PING, NULL, 0));
        set_timer(ws, ws->options->ping_timeout_ms);
    } else {
        set_timer(ws, ws->options->ping_interval_ms - idle);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ws_t *ws = arg;
    if (ws->state == WS_STATE_CLOSING)
        finish_broken(ws, NULL);
    else
        ping_or_wait(ws);
}

/* --- What comes in --------------------------------------------------------------------------------------------------- */

static bool within_rate(ws_t *ws)
{
    if (rate_allows(&ws->rate, ws->heard, ws->options->max_per_minute))
        return true;
    ws_close(ws, WS_POLICY, "too many messages");
    return false;
}

static void on_message(void *owner, bool text, const uint8_t *data, size_t len)
{
    ws_t *ws = owner;
    if (ws->state == WS_STATE_OPEN && within_rate(ws))
        ws->handlers->message(ws, text, data, len, ws->user);
}

static void on_ping(void *owner, const uint8_t *data, size_t len)
{
    ws_t *ws = owner;
    if (ws->state != WS_STATE_OPEN || !within_rate(ws))
        return;
    frame_t *pong = frame_new(FRAME_PONG, data, len);
    ws_send_frame(ws, pong);
    frame_unref(pong);
}

static void on_pong(void *owner)
{
    (void)owner; /* that bytes came is enough: see on_data */
}

static void on_close(void *owner, uint16_t code, const char *reason)
{
    ws_t *ws = owner;
    bool first = ws->state == WS_STATE_OPEN;
    if (first)
        send_owned(ws, frame_close(code == WS_NO_CODE ? 0 : code, NULL));
    stream_finish(ws->stream);
    if (first)
        finish(ws, code, true, reason);
    else
        finish(ws, ws->code, false, ws->reason);
}

static bool wants_more(void *owner)
{
    return ((ws_t *)owner)->state != WS_STATE_DONE;
}

static void read_bytes(ws_t *ws, const uint8_t *data, size_t len)
{
    static const ws_reader_events_t events = {
        .message = on_message,
        .ping = on_ping,
        .pong = on_pong,
        .close = on_close,
        .wants_more = wants_more,
    };
    uint16_t verdict = ws_read(&ws->reader, ws->loop, ws->options->max_message, &events, ws, data, len);
    if (verdict && ws->state != WS_STATE_DONE)
        fail(ws, verdict, NULL);
}

static void read_early(void *arg)
{
    ws_t *ws = arg;
    bytes_t early = ws->early;
    ws->early = (bytes_t){0};
    if (early.len && ws->state != WS_STATE_DONE)
        read_bytes(ws, early.data, early.len);
    bytes_free(&early);
}

/* Reading rests while much waits to be sent, so that answers to a peer that doesn't read can't pile up. */
static void consider_pause(ws_t *ws)
{
    size_t limit = ws->options->pause_queue_bytes;
    if (ws->paused || !limit || ws->state != WS_STATE_OPEN || stream_queued_bytes(ws->stream) <= limit)
        return;
    ws->paused = true;
    stream_read(ws->stream, false);
}

static void on_data(void *owner, const uint8_t *data, size_t len)
{
    ws_t *ws = owner;
    ws->heard = loop_now(ws->loop);
    if (ws->early.len) {
        /* The buffer is the loop's: a handler of the early bytes doesn't read, so it stays as it is. */
        read_early(ws);
        if (ws->state == WS_STATE_DONE)
            return;
    }
    read_bytes(ws, data, len);
    consider_pause(ws);
}

static void on_drained(void *owner)
{
    ws_t *ws = owner;
    if (ws->paused)
        stream_read(ws->stream, true);
    ws->paused = false;
}

static void on_lost(void *owner, int error)
{
    (void)error;
    finish_broken(owner, NULL);
}

/* --- What the owner asks for ----------------------------------------------------------------------------------------- */

static void refuse(http_request_t *request, int status)
{
    if (status == 426)
        http_reply(request,
                   &(http_answer_t){.status = 426, .fields = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"});
    else if (status == 405)
        http_reply(request, &(http_answer_t){.status = 405, .fields = "Allow: GET\r\n"});
    else
        http_problem(request, status, 0);
}

ws_t *ws_upgrade(http_request_t *request, const ws_options_t *options, const ws_handlers_t *handlers, void *user)
{
    static const stream_events_t events = {.data = on_data, .drained = on_drained, .lost = on_lost};
    int subprotocol = -1, refusal = ws_handshake_check(request, options, &subprotocol);
    if (refusal) {
        refuse(request, refusal);
        return NULL;
    }
    ws_t *ws = mem_zero(sizeof *ws);
    *ws = (ws_t){.loop = http_loop(request), .options = options, .handlers = handlers, .user = user};
    ws->subprotocol = (int8_t)subprotocol;
    frame_t *answer = ws_handshake_answer(request, ws_subprotocol(ws));
    ws->stream = http_detach(request, &ws->early);
    stream_take(ws->stream, &events, ws);
    send_owned(ws, answer);
    ws->heard = loop_now(ws->loop);
    if (options->ping_interval_ms)
        set_timer(ws, options->ping_interval_ms);
    if (ws->early.len)
        loop_defer(ws->loop, read_early, ws);
    return ws;
}

void ws_set_handlers(ws_t *ws, const ws_handlers_t *handlers, void *user)
{
    ws->handlers = handlers;
    ws->user = user;
}

const char *ws_subprotocol(const ws_t *ws)
{
    return ws->subprotocol < 0 ? NULL : ws->options->subprotocols[ws->subprotocol];
}

bool ws_send_frame(ws_t *ws, frame_t *frame)
{
    if (ws->state != WS_STATE_OPEN)
        return false;
    size_t len;
    frame_bytes(frame, &len);
    if (stream_queued_bytes(ws->stream) + len > ws->options->max_queue_bytes ||
        stream_queued_frames(ws->stream) >= ws->options->max_queue_frames) {
        ws_cut(ws, ws->options->slow_code ? ws->options->slow_code : WS_POLICY, "too slow");
        return false;
    }
    stream_send(ws->stream, frame);
    return true;
}

bool ws_send(ws_t *ws, bool text, const void *data, size_t len)
{
    frame_t *frame = frame_new(text ? FRAME_TEXT : FRAME_BINARY, data, len);
    bool sent = ws_send_frame(ws, frame);
    frame_unref(frame);
    return sent;
}

size_t ws_queued_bytes(const ws_t *ws)
{
    return stream_queued_bytes(ws->stream);
}

void ws_close(ws_t *ws, uint16_t code, const char *reason)
{
    if (ws->state != WS_STATE_OPEN)
        return;
    send_owned(ws, frame_close(code, reason));
    ws->state = WS_STATE_CLOSING;
    ws->code = code;
    ws->reason = reason ? mem_copy(reason, strlen(reason)) : NULL;
    on_drained(ws); /* the peer's close frame must be read, whatever waits to be sent */
    set_timer(ws, ws->options->close_timeout_ms);
}

void ws_cut(ws_t *ws, uint16_t code, const char *reason)
{
    if (ws->state != WS_STATE_OPEN)
        return;
    stream_drop_unsent(ws->stream);
    ws_close(ws, code, reason);
}
