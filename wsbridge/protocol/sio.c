/* The server and its clients: what a packet means where it comes. */
#include "sio.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"
#include "sio_private.h"
#include "ws.h"

static const char *const main_only[] = {"/", NULL};

const sio_options_t sio_defaults = {
    .eio =
        {
            .ping_interval_ms = 25000,
            .ping_timeout_ms = 20000,
            .upgrade_timeout_ms = 10000,
            .max_payload = 1000000,
            .max_queue_bytes = 1 << 20,
            .max_queue_frames = 1000,
            .max_sessions = 10000,
        },
    .connect_timeout_ms = 45000,
    .namespaces = main_only,
    .max_acks = 16,
};

/* --- Clients --------------------------------------------------------------------------------------------------------- */

static bool has_accepted(const sio_client_t *client)
{
    for (const sio_socket_t *socket = client->sockets; socket; socket = socket->next)
        if (socket->accepted)
            return true;
    return false;
}

static void on_connect_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    sio_client_close(arg, WS_POLICY, "connect timeout");
}

void sio_client_watch(sio_client_t *client)
{
    if (client->over)
        return;
    if (has_accepted(client))
        loop_timer_free(&client->timer);
    else
        loop_timer_set(client->server->loop, &client->timer, client->server->options->connect_timeout_ms,
                       on_connect_timeout, client);
}

static void on_opened(eio_session_t *session, const http_request_t *request, void *arg)
{
    sio_server_t *server = arg;
    sio_client_t *client = mem_zero(sizeof *client);
    client->server = server;
    client->session = session;
    eio_set_user(session, client);
    sio_client_watch(client);
    if (server->handlers->opened)
        server->handlers->opened(client, request, server->arg);
}

static void release(void *arg)
{
    free(arg);
}

static void on_closed(eio_session_t *session, const char *reason)
{
    sio_client_t *client = eio_user(session);
    sio_server_t *server = client->server;
    client->over = true;
    loop_timer_free(&client->timer);
    while (client->sockets)
        sio_socket_end(client->sockets, reason);
    sio_decode_drop(client);
    if (server->handlers->closed)
        server->handlers->closed(client, reason, server->arg);
    loop_defer(server->loop, release, client);
}

static bool on_accept(const http_request_t *request, http_answer_t *refusal, void *arg)
{
    sio_server_t *server = arg;
    return !server->handlers->accept || server->handlers->accept(request, refusal, server->arg);
}

static void on_message(eio_session_t *session, bool text, const uint8_t *data, size_t len)
{
    sio_client_t *client = eio_user(session);
    if (!text && !client->server->options->binary)
        eio_cut(session, WS_UNSUPPORTED, "binary not supported");
    else if (!sio_decode(client, text, data, len) && !client->over)
        eio_cut(session, WS_PROTOCOL_ERROR, "parse error");
}

/* --- Packets --------------------------------------------------------------------------------------------------------- */

static const char *known_namespace(const sio_server_t *server, const char *name)
{
    for (const char *const *nsp = server->options->namespaces; *nsp; nsp++)
        if (!strcmp(*nsp, name))
            return *nsp;
    return NULL;
}

static void refuse_namespace(sio_client_t *client, const char *name)
{
    static const char error[] = "{\"message\":\"Invalid namespace\"}";
    frame_t *frame = sio_frame(SIO_CONNECT_ERROR, 0, name, SIO_NO_ID, error, sizeof error - 1);
    eio_send(client->session, frame);
    frame_unref(frame);
}

static void on_connect(sio_client_t *client, const sio_packet_t *packet)
{
    sio_server_t *server = client->server;
    const char *nsp = known_namespace(server, packet->nsp);
    if (!nsp) {
        refuse_namespace(client, packet->nsp);
        return;
    }
    json_t *auth = packet->data ? json_incref(packet->data) : json_object();
    sio_connect_t connect = {
        .nsp = nsp,
        .auth = auth,
        .pid = json_string_value(json_object_get(auth, "pid")),
        .offset = json_string_value(json_object_get(auth, "offset")),
    };
    server->handlers->connect(sio_socket_new(client, nsp), &connect, server->arg);
    json_decref(auth);
}

static void on_event(sio_socket_t *socket, const sio_packet_t *packet, const sio_data_t *attachments)
{
    sio_server_t *server = socket->client->server;
    const char *name = json_string_value(json_array_get(packet->data, 0));
    sio_event_t event = {
        .name = name ? name : "",
        .args = packet->data,
        .attachments = attachments,
        .attachment_count = packet->attachments,
        .id = packet->id,
    };
    server->handlers->event(socket, &event, server->arg);
}

/* A client's packet for a namespace that it is in. */
static void on_packet(sio_socket_t *socket, const sio_packet_t *packet, const sio_data_t *attachments)
{
    sio_client_t *client = socket->client;
    switch (packet->type) {
    case SIO_EVENT:
    case SIO_BINARY_EVENT: on_event(socket, packet, attachments); break;
    case SIO_ACK:
    case SIO_BINARY_ACK: sio_ack_take(socket, packet->id, packet->data); break; /* a late one is nobody's fault */
    case SIO_DISCONNECT:
        sio_socket_end(socket, "client namespace disconnect");
        sio_client_watch(client);
        break;
    case SIO_CONNECT:
    case SIO_CONNECT_ERROR: eio_cut(client->session, WS_PROTOCOL_ERROR, "parse error"); break;
    }
}

void sio_client_packet(sio_client_t *client, const sio_packet_t *packet, const sio_data_t *attachments)
{
    bool binary = packet->type == SIO_BINARY_EVENT || packet->type == SIO_BINARY_ACK;
    sio_socket_t *socket = sio_socket_find(client, packet->nsp);
    if (binary && !client->server->options->binary)
        eio_cut(client->session, WS_UNSUPPORTED, "binary not supported");
    else if (socket && socket->accepted)
        on_packet(socket, packet, attachments);
    else if (!socket && packet->type == SIO_CONNECT)
        on_connect(client, packet);
    else
        eio_cut(client->session, WS_PROTOCOL_ERROR, "parse error");
}

/* --- What the owner asks for ----------------------------------------------------------------------------------------- */

sio_server_t *sio_server_new(loop_t *loop, const sio_options_t *options, const sio_handlers_t *handlers, void *arg)
{
    static const eio_handlers_t eio_handlers = {
        .accept = on_accept,
        .opened = on_opened,
        .message = on_message,
        .closed = on_closed,
    };
    sio_server_t *server = mem_zero(sizeof *server);
    *server = (sio_server_t){.loop = loop, .options = options, .handlers = handlers, .arg = arg};
    server->eio = eio_server_new(loop, &options->eio, &eio_handlers, server);
    return server;
}

void sio_server_free(sio_server_t *server)
{
    if (!server)
        return;
    eio_server_free(server->eio);
    loop_defer(server->loop, release, server);
}

void sio_serve(http_request_t *request, void *arg)
{
    eio_serve(request, ((sio_server_t *)arg)->eio);
}

size_t sio_clients(const sio_server_t *server)
{
    return eio_sessions(server->eio);
}

void sio_client_set_user(sio_client_t *client, void *user)
{
    client->user = user;
}

void *sio_client_user(const sio_client_t *client)
{
    return client->user;
}

const char *sio_client_transport(const sio_client_t *client)
{
    return eio_transport(client->session);
}

void sio_client_close(sio_client_t *client, uint16_t code, const char *reason)
{
    eio_close(client->session, code, reason);
}

void sio_client_cut(sio_client_t *client, uint16_t code, const char *reason)
{
    eio_cut(client->session, code, reason);
}
