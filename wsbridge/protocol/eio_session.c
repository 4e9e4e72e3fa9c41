/* A session, whatever its transport: packets in and out, heartbeat, end. */
#include "eio_private.h"

#include <stdlib.h>
#include "mem.h"

#define LEAVING_MS 10000 /* for a polling client's last GET */

static void on_timer(evutil_socket_t fd, short what, void *arg);

static void release(void *arg)
{
    free(arg);
}

/* Out of the table, memory gone at the end of the turn. */
static void forget(eio_session_t *session)
{
    session->state = EIO_STATE_CLOSED;
    eio_table_remove(session->server, session);
    loop_timer_free(&session->timer);
    loop_timer_free(&session->upgrade_timer);
    outq_free(&session->queue);
    loop_defer(session->server->loop, release, session);
}

static void set_timer(eio_session_t *session)
{
    int64_t ms = session->due - loop_now(session->server->loop);
    loop_timer_set(session->server->loop, &session->timer, ms, on_timer, session);
}

static void schedule_ping(eio_session_t *session)
{
    session->awaits_pong = false;
    session->due = loop_now(session->server->loop) + session->server->options->ping_interval_ms;
    set_timer(session);
}

static void send_ping(eio_session_t *session)
{
    frame_t *ping = eio_frame(EIO_PING, NULL, 0);
    session->awaits_pong = true;
    session->due += session->server->options->ping_timeout_ms;
    set_timer(session);
    eio_send(session, ping);
    frame_unref(ping);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    eio_session_t *session = arg;
    if (session->state == EIO_STATE_LEAVING)
        forget(session);
    else if (session->awaits_pong)
        eio_session_end(session, EIO_DROP_QUEUE, 0, "ping timeout");
    else
        send_ping(session);
}

void eio_session_check(eio_session_t *session)
{
    if (session->state == EIO_STATE_OPEN && session->awaits_pong && loop_now(session->server->loop) >= session->due)
        eio_session_end(session, EIO_DROP_QUEUE, 0, "ping timeout");
}

static frame_t *open_packet(const eio_session_t *session)
{
    const eio_options_t *options = session->server->options;
    bytes_t json = {0};
    bytes_format(&json, "{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%d,\"pingTimeout\":%d,\"maxPayload\":%zu}",
                 session->sid, session->on_ws ? "" : "\"websocket\"", options->ping_interval_ms,
                 options->ping_timeout_ms, options->max_payload);
    frame_t *frame = eio_frame(EIO_OPEN, json.data, json.len);
    bytes_free(&json);
    return frame;
}

eio_session_t *eio_session_new(eio_server_t *server, bool on_ws)
{
    eio_session_t *session = mem_zero(sizeof *session);
    session->server = server;
    session->on_ws = on_ws;
    random_name(session->sid);
    eio_table_add(server, session);
    frame_t *open = open_packet(session);
    outq_add(&session->queue, open);
    frame_unref(open);
    schedule_ping(session);
    return session;
}

bool eio_session_packet(eio_session_t *session, const eio_packet_t *packet)
{
    const eio_options_t *options = session->server->options;
    if (session->state != EIO_STATE_OPEN)
        return false;
    if (!rate_allows(&session->rate, loop_now(session->server->loop), options->max_per_minute)) {
        eio_session_end(session, EIO_DROP_QUEUE, WS_POLICY, "too many messages");
        return false;
    }
    switch (packet->type) {
    case EIO_MESSAGE: session->server->handlers->message(session, packet->text, packet->data, packet->len); break;
    case EIO_PONG:
        if (session->awaits_pong)
            schedule_ping(session);
        break;
    case EIO_PING: /* the server asks, the client answers */
        eio_session_end(session, EIO_DROP_QUEUE, WS_PROTOCOL_ERROR, "transport error");
        break;
    case EIO_CLOSE: eio_session_end(session, EIO_CLIENT_LEFT, 0, "transport close"); break;
    case EIO_OPEN:
    case EIO_UPGRADE:
    case EIO_NOOP: break;
    }
    return session->state == EIO_STATE_OPEN;
}

static bool queue_full(const eio_session_t *session, const frame_t *frame)
{
    const eio_options_t *options = session->server->options;
    size_t len;
    frame_bytes(frame, &len);
    return session->queue.bytes + len > options->max_queue_bytes || session->queue.count >= options->max_queue_frames;
}

void eio_send(eio_session_t *session, frame_t *frame)
{
    if (session->state != EIO_STATE_OPEN)
        return;
    if (session->ws) {
        if (!ws_send_frame(session->ws, frame))
            eio_session_end(session, EIO_DROP_QUEUE, session->server->options->slow_code, "too slow");
    } else if (queue_full(session, frame)) {
        eio_session_end(session, EIO_DROP_QUEUE, session->server->options->slow_code, "too slow");
    } else {
        outq_add(&session->queue, frame);
        eio_polling_flush_later(session);
    }
}

/* A polling client is told by its next GET that comes when nothing else is left for it: socket.io-client takes in messages a
 * moment after the close packet that stands behind them in the same payload, and counts them as not received. */
static void start_leaving(eio_session_t *session)
{
    session->state = EIO_STATE_LEAVING;
    loop_timer_set(session->server->loop, &session->timer, LEAVING_MS, on_timer, session);
}

void eio_session_end(eio_session_t *session, enum eio_farewell farewell, uint16_t code, const char *reason)
{
    if (session->state != EIO_STATE_OPEN)
        return;
    if (farewell == EIO_DROP_QUEUE)
        outq_free(&session->queue);
    eio_ws_leave(session, farewell == EIO_DROP_QUEUE, code, reason);
    bool told = session->poll && !session->queue.count;
    if (session->poll)
        eio_polling_answer(session, session->queue.count ? NULL : farewell == EIO_CLIENT_LEFT ? "6" : "1");
    if (farewell == EIO_SEND_QUEUE && !told && !session->on_ws)
        start_leaving(session);
    else
        forget(session);
    session->server->handlers->closed(session, reason);
}

void eio_session_left(eio_session_t *session)
{
    forget(session);
}

void eio_close(eio_session_t *session, uint16_t code, const char *reason)
{
    eio_session_end(session, EIO_SEND_QUEUE, code, reason);
}

void eio_cut(eio_session_t *session, uint16_t code, const char *reason)
{
    eio_session_end(session, EIO_DROP_QUEUE, code, reason);
}

const char *eio_sid(const eio_session_t *session)
{
    return session->sid;
}

const char *eio_transport(const eio_session_t *session)
{
    return session->on_ws ? "websocket" : "polling";
}

void eio_set_user(eio_session_t *session, void *user)
{
    session->user = user;
}

void *eio_user(const eio_session_t *session)
{
    return session->user;
}

loop_t *eio_loop(const eio_session_t *session)
{
    return session->server->loop;
}
