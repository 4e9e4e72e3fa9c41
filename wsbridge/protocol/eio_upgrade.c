/* WebSocket as a session's transport: from the start, or by an upgrade from polling. */
#include "eio_private.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"

#define CHANGEOVER_MS 5000

/* --- A transport ----------------------------------------------------------------------------------------------------- */

static void on_message(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    (void)ws;
    eio_session_t *session = user;
    eio_packet_t packet = {.type = EIO_MESSAGE, .data = data, .len = len};
    if (text && !eio_packet_decode(data, len, &packet))
        eio_session_end(session, EIO_DROP_QUEUE, WS_PROTOCOL_ERROR, "parse error");
    else
        eio_session_packet(session, &packet);
}

static void on_closed(ws_t *ws, const ws_end_t *end, void *user)
{
    (void)ws;
    (void)end;
    eio_session_t *session = user;
    session->ws = NULL;
    eio_session_end(session, EIO_DROP_QUEUE, 0, "transport close");
}

static const ws_handlers_t transport_handlers = {.message = on_message, .closed = on_closed};

static void send_queue(eio_session_t *session)
{
    frame_t *frame;
    while ((frame = outq_take(&session->queue))) {
        ws_send_frame(session->ws, frame);
        frame_unref(frame);
    }
}

void eio_ws_open(eio_session_t *session, http_request_t *request)
{
    session->ws = ws_upgrade(request, &session->server->ws_options, &transport_handlers, session);
    if (session->ws)
        send_queue(session);
    else
        eio_session_end(session, EIO_DROP_QUEUE, 0, "transport error");
}

/* --- A socket whose session is over ---------------------------------------------------------------------------------- */

static void ignore_message(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    (void)ws;
    (void)text;
    (void)data;
    (void)len;
    (void)user;
}

static void ignore_closed(ws_t *ws, const ws_end_t *end, void *user)
{
    (void)ws;
    (void)end;
    (void)user;
}

static const ws_handlers_t orphan_handlers = {.message = ignore_message, .closed = ignore_closed};

static void orphan(ws_t *ws, bool cut, uint16_t code, const char *reason)
{
    ws_set_handlers(ws, &orphan_handlers, NULL);
    if (cut)
        ws_cut(ws, code ? code : WS_NORMAL, reason);
    else
        ws_close(ws, code ? code : WS_NORMAL, reason);
}

void eio_ws_turn_away(eio_server_t *server, http_request_t *request)
{
    ws_t *ws = ws_upgrade(request, &server->ws_options, &orphan_handlers, NULL);
    if (ws)
        ws_close(ws, WS_POLICY, "the session has its transport");
}

/* A probe that was answered: the client stops polling to change over to it. Closed before that, it would hear of nothing
 * any more until its ping timeout; so the socket closes once it is the client's transport. */
typedef struct changeover {
    ws_t *ws;
    struct event *timer;
    uint16_t code;
} changeover_t;

static void end_changeover(changeover_t *changeover)
{
    ws_close(changeover->ws, changeover->code, "the session is over");
}

static void on_changed_over(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    (void)ws;
    (void)text;
    (void)data;
    (void)len;
    end_changeover(user);
}

static void on_changeover_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    end_changeover(arg);
}

static void on_changeover_closed(ws_t *ws, const ws_end_t *end, void *user)
{
    (void)ws;
    (void)end;
    changeover_t *changeover = user;
    loop_timer_free(&changeover->timer);
    free(changeover);
}

static const ws_handlers_t changeover_handlers = {.message = on_changed_over, .closed = on_changeover_closed};

static void leave_probe(eio_session_t *session, uint16_t code, const char *reason)
{
    if (!session->probed) {
        orphan(session->probe, true, code, reason);
        return;
    }
    changeover_t *changeover = mem_zero(sizeof *changeover);
    changeover->ws = session->probe;
    changeover->code = code ? code : WS_NORMAL;
    ws_set_handlers(changeover->ws, &changeover_handlers, changeover);
    loop_timer_set(session->server->loop, &changeover->timer, CHANGEOVER_MS, on_changeover_timeout, changeover);
}

void eio_ws_leave(eio_session_t *session, bool cut, uint16_t code, const char *reason)
{
    if (session->ws)
        orphan(session->ws, cut, code, reason);
    if (session->probe)
        leave_probe(session, code, reason);
    loop_timer_free(&session->upgrade_timer);
    session->ws = session->probe = NULL;
}

/* --- The upgrade ----------------------------------------------------------------------------------------------------- */

static void end_probe(eio_session_t *session)
{
    loop_timer_free(&session->upgrade_timer);
    session->probe = NULL;
    session->probed = false;
}

static void complete(eio_session_t *session)
{
    ws_t *ws = session->probe;
    end_probe(session);
    if (session->poll)
        eio_polling_answer(session, session->queue.count ? NULL : "6");
    session->ws = ws;
    session->on_ws = true;
    ws_set_handlers(ws, &transport_handlers, session);
    send_queue(session);
}

static void on_probe_message(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    eio_session_t *session = user;
    if (text && !session->probed && len == 6 && !memcmp(data, "2probe", 6)) {
        ws_send(ws, true, "3probe", 6);
        session->probed = true;
        eio_polling_flush_later(session);
    } else if (text && session->probed && len == 1 && data[0] == '5') {
        complete(session);
    } else {
        end_probe(session);
        orphan(ws, true, WS_PROTOCOL_ERROR, "not an upgrade");
    }
}

static void on_probe_closed(ws_t *ws, const ws_end_t *end, void *user)
{
    (void)ws;
    (void)end;
    end_probe(user);
}

static void on_upgrade_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    eio_session_t *session = arg;
    ws_t *ws = session->probe;
    end_probe(session);
    orphan(ws, true, WS_POLICY, "upgrade timeout");
}

void eio_ws_probe(eio_session_t *session, http_request_t *request)
{
    static const ws_handlers_t handlers = {.message = on_probe_message, .closed = on_probe_closed};
    eio_server_t *server = session->server;
    session->probe = ws_upgrade(request, &server->ws_options, &handlers, session);
    if (session->probe)
        loop_timer_set(server->loop, &session->upgrade_timer, server->options->upgrade_timeout_ms, on_upgrade_timeout,
                       session);
}
