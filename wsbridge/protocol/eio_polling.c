/* Long polling: one GET that waits at a time, POSTs with payloads. */
#include "eio_private.h"

#include <string.h>

static void reply_text(http_request_t *request, const void *body, size_t len)
{
    http_reply(request, &(http_answer_t){.status = 200, .type = "text/plain; charset=UTF-8", .body = body, .len = len});
}

void eio_polling_answer(eio_session_t *session, const char *last_packet)
{
    bytes_t body = {0};
    frame_t *frame;
    while ((frame = outq_take(&session->queue))) {
        eio_payload_add(&body, frame);
        frame_unref(frame);
    }
    if (last_packet) {
        frame = frame_new(FRAME_TEXT, last_packet, strlen(last_packet));
        eio_payload_add(&body, frame);
        frame_unref(frame);
    }
    http_request_t *poll = session->poll;
    session->poll = NULL;
    reply_text(poll, body.data, body.len);
    bytes_free(&body);
}

/* While the client changes transports, a GET is let go at once: it waits for that before it goes on. */
static void flush(void *arg)
{
    eio_session_t *session = arg;
    session->flush_due = false;
    if (!session->poll || session->state != EIO_STATE_OPEN)
        return;
    if (session->queue.count)
        eio_polling_answer(session, NULL);
    else if (session->probed)
        eio_polling_answer(session, "6");
}

void eio_polling_flush_later(eio_session_t *session)
{
    if (session->flush_due || !session->poll)
        return;
    session->flush_due = true;
    loop_defer(session->server->loop, flush, session);
}

static void on_abort(void *arg)
{
    eio_session_t *session = arg;
    session->poll = NULL;
    eio_session_end(session, EIO_DROP_QUEUE, 0, "transport error");
}

void eio_polling_get(eio_session_t *session, http_request_t *request)
{
    if (session->state == EIO_STATE_CLOSED) {
        http_problem(request, 403, 0);
        return;
    }
    if (session->state == EIO_STATE_LEAVING) {
        bool last = !session->queue.count;
        session->poll = request;
        eio_polling_answer(session, last ? "1" : NULL);
        if (last)
            eio_session_left(session);
        return;
    }
    if (session->poll) {
        eio_session_end(session, EIO_DROP_QUEUE, 0, "transport error"); /* two at once: their order is lost */
        http_problem(request, 400, 0);
        return;
    }
    session->poll = request;
    http_on_abort(request, on_abort, session);
    eio_polling_flush_later(session);
}

/* Whether all of the payload was packets. */
static bool take_payload(eio_session_t *session, const uint8_t *data, size_t len)
{
    eio_cursor_t cursor;
    eio_packet_t packet;
    int found;
    eio_cursor_init(&cursor, data, len);
    while ((found = eio_cursor_next(&cursor, &packet)) > 0)
        if (!eio_session_packet(session, &packet))
            break;
    bytes_free(&cursor.scratch);
    return found >= 0;
}

void eio_polling_post(eio_session_t *session, http_request_t *request)
{
    size_t len;
    const uint8_t *data = http_body(request, &len);
    const char *type = http_header(request, "Content-Type", NULL);
    bool binary = type && !strncasecmp(type, "application/octet-stream", strlen("application/octet-stream"));
    if (!binary && utf8_valid(data, len) && take_payload(session, data, len)) {
        reply_text(request, "ok", 2);
        return;
    }
    eio_session_end(session, EIO_DROP_QUEUE, 0, "parse error");
    http_problem(request, 400, 0);
}
