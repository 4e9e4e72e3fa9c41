/* Answers, both ways. */
#include "sio_private.h"

#include <stdlib.h>
#include "mem.h"

/* Takes the answer off its list and tells who waits. */
static void settle(sio_pending_t **at, const json_t *args)
{
    sio_pending_t *pending = *at;
    *at = pending->next;
    pending->socket->pending_count--;
    loop_timer_free(&pending->timer);
    pending->fn(pending->socket, args, pending->arg);
    free(pending);
}

static sio_pending_t **find(sio_socket_t *socket, int64_t id)
{
    sio_pending_t **at = &socket->pending;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    sio_pending_t *pending = arg;
    settle(find(pending->socket, pending->id), NULL);
}

bool sio_ack_take(sio_socket_t *socket, int64_t id, const json_t *args)
{
    sio_pending_t **at = find(socket, id);
    if (!*at)
        return false;
    settle(at, args);
    return true;
}

void sio_ack_drop_all(sio_socket_t *socket)
{
    while (socket->pending)
        settle(&socket->pending, NULL);
}

static json_t *with_name(const char *name, const json_t *args)
{
    json_t *all = json_array();
    json_array_append_new(all, json_string(name));
    if (args)
        json_array_extend(all, (json_t *)args);
    return all;
}

static void send_packet(sio_socket_t *socket, enum sio_type type, int64_t id, const json_t *data,
                        const sio_data_t *attachments, unsigned count)
{
    sio_client_t *client = socket->client;
    frame_t *frame = sio_frame_json(type, count, socket->nsp, id, data);
    sio_send(socket, frame);
    frame_unref(frame);
    for (unsigned i = 0; i < count && !client->over; i++) {
        frame = eio_frame_binary(attachments[i].data, attachments[i].len);
        eio_send(client->session, frame);
        frame_unref(frame);
    }
}

static void emit(sio_socket_t *socket, const char *name, const json_t *args, int64_t id, const sio_data_t *attachments,
                 unsigned count)
{
    json_t *all = with_name(name, args);
    send_packet(socket, count ? SIO_BINARY_EVENT : SIO_EVENT, id, all, attachments, count);
    json_decref(all);
}

void sio_emit(sio_socket_t *socket, const char *name, const json_t *args)
{
    emit(socket, name, args, SIO_NO_ID, NULL, 0);
}

void sio_emit_binary(sio_socket_t *socket, const char *name, const json_t *args, const sio_data_t *attachments,
                     unsigned count)
{
    emit(socket, name, args, SIO_NO_ID, attachments, count);
}

bool sio_emit_for_ack(sio_socket_t *socket, const char *name, const json_t *args, int timeout_ms, sio_ack_fn fn,
                      void *arg)
{
    if (!socket->accepted || socket->pending_count >= socket->client->server->options->max_acks)
        return false;
    sio_pending_t *pending = mem_zero(sizeof *pending);
    *pending = (sio_pending_t){.socket = socket, .id = socket->next_id++, .fn = fn, .arg = arg};
    pending->next = socket->pending;
    socket->pending = pending;
    socket->pending_count++;
    loop_timer_set(socket->client->server->loop, &pending->timer, timeout_ms, on_timeout, pending);
    emit(socket, name, args, pending->id, NULL, 0);
    return true;
}

void sio_ack(sio_socket_t *socket, int64_t id, const json_t *args, const sio_data_t *attachments, unsigned count)
{
    if (id != SIO_NO_ID)
        send_packet(socket, count ? SIO_BINARY_ACK : SIO_ACK, id, args, attachments, count);
}
