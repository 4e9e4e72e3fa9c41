/* A client in a namespace. */
#include "sio_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"

sio_socket_t *sio_socket_find(const sio_client_t *client, const char *nsp)
{
    sio_socket_t *socket = client->sockets;
    while (socket && strcmp(socket->nsp, nsp) != 0)
        socket = socket->next;
    return socket;
}

sio_socket_t *sio_socket_new(sio_client_t *client, const char *nsp)
{
    sio_socket_t *socket = mem_zero(sizeof *socket);
    *socket = (sio_socket_t){.client = client, .nsp = nsp, .next = client->sockets};
    client->sockets = socket;
    return socket;
}

static void release(void *arg)
{
    free(arg);
}

static void remove_socket(sio_socket_t *socket)
{
    sio_socket_t **at = &socket->client->sockets;
    while (*at && *at != socket)
        at = &(*at)->next;
    if (*at)
        *at = socket->next;
    socket->gone = true;
    loop_defer(socket->client->server->loop, release, socket);
}

void sio_socket_end(sio_socket_t *socket, const char *reason)
{
    sio_server_t *server = socket->client->server;
    if (socket->gone)
        return;
    remove_socket(socket);
    sio_ack_drop_all(socket);
    server->handlers->disconnected(socket, reason, server->arg);
}

void sio_accept(sio_socket_t *socket, const char *sid, const char *pid)
{
    if (socket->gone || socket->accepted)
        return;
    if (sid)
        snprintf(socket->sid, sizeof socket->sid, "%s", sid);
    else
        random_name(socket->sid);
    json_t *answer = json_pack("{s:s, s:s*}", "sid", socket->sid, "pid", pid);
    frame_t *frame = sio_frame_json(SIO_CONNECT, 0, socket->nsp, SIO_NO_ID, answer);
    json_decref(answer);
    socket->accepted = true;
    sio_client_watch(socket->client);
    sio_send(socket, frame);
    frame_unref(frame);
}

void sio_refuse(sio_socket_t *socket, const char *message, const json_t *data)
{
    if (socket->gone || socket->accepted)
        return;
    json_t *answer = json_pack("{s:s, s:O*}", "message", message, "data", data);
    frame_t *frame = sio_frame_json(SIO_CONNECT_ERROR, 0, socket->nsp, SIO_NO_ID, answer);
    json_decref(answer);
    remove_socket(socket);
    eio_send(socket->client->session, frame);
    frame_unref(frame);
}

void sio_send(sio_socket_t *socket, frame_t *frame)
{
    if (!socket->gone && socket->accepted)
        eio_send(socket->client->session, frame);
}

void sio_disconnect(sio_socket_t *socket, const char *reason)
{
    sio_client_t *client = socket->client;
    if (socket->gone)
        return;
    frame_t *frame = sio_frame(SIO_DISCONNECT, 0, socket->nsp, SIO_NO_ID, NULL, 0);
    sio_send(socket, frame);
    frame_unref(frame);
    if (client->over)
        return; /* it was too slow for this word: all its sockets have ended */
    sio_socket_end(socket, reason);
    sio_client_watch(client);
}

sio_client_t *sio_socket_client(const sio_socket_t *socket)
{
    return socket->client;
}

const char *sio_socket_namespace(const sio_socket_t *socket)
{
    return socket->nsp;
}

const char *sio_socket_sid(const sio_socket_t *socket)
{
    return socket->sid;
}

void sio_socket_set_user(sio_socket_t *socket, void *user)
{
    socket->user = user;
}

void *sio_socket_user(const sio_socket_t *socket)
{
    return socket->user;
}
