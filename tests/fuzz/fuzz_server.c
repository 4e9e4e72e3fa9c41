/* Fuzzing the whole stack on sockets: HTTP, the WebSocket handshake and frames, Engine.IO sessions, Socket.IO.
 *
 * The input is cut at 0xFF 0xFF: each piece goes to a new connection, and an 0xFF 0xFE inside a piece is a pause in
 * which the server runs. Twenty S stand for the last session id that the server gave.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/sio.h"
#include "protocol/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SID_LENGTH      20
#define MAX_CONNECTIONS 8

typedef struct world {
    loop_t *loop;
    http_site_t site;
    eio_server_t *eio;
    sio_server_t *sio;
    ws_options_t ws;
    int fds[MAX_CONNECTIONS];
    size_t fd_count;
    char sid[SID_LENGTH];
} world_t;

static struct event_base *base;

/* --- Applications that echo ------------------------------------------------------------------------------------------ */

static void ws_message(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    (void)user;
    ws_send(ws, text, data, len);
}

static void ws_closed(ws_t *ws, const ws_end_t *end, void *user)
{
    (void)ws;
    (void)end;
    (void)user;
}

static void serve_ws(http_request_t *request, void *arg)
{
    static const ws_handlers_t handlers = {.message = ws_message, .closed = ws_closed};
    ws_upgrade(request, arg, &handlers, NULL);
}

static void serve_text(http_request_t *request, void *arg)
{
    (void)arg;
    size_t len;
    char *name = http_parameter(request, "name");
    const uint8_t *body = http_body(request, &len);
    http_reply(request, &(http_answer_t){.status = 200, .body = body, .len = len});
    free(name);
}

static void eio_opened(eio_session_t *session, const http_request_t *request, void *arg)
{
    (void)session;
    (void)request;
    (void)arg;
}

static void eio_message(eio_session_t *session, bool text, const uint8_t *data, size_t len)
{
    frame_t *frame = text ? eio_frame(EIO_MESSAGE, data, len) : eio_frame_binary(data, len);
    eio_send(session, frame);
    frame_unref(frame);
}

static void eio_closed(eio_session_t *session, const char *reason)
{
    (void)session;
    (void)reason;
}

static void sio_connected(sio_socket_t *socket, const sio_connect_t *connect, void *arg)
{
    (void)arg;
    sio_accept(socket, NULL, connect->pid);
    sio_emit(socket, "auth", NULL);
}

static void on_ack(sio_socket_t *socket, const json_t *args, void *arg)
{
    (void)socket;
    (void)args;
    (void)arg;
}

static void sio_event(sio_socket_t *socket, const sio_event_t *event, void *arg)
{
    (void)arg;
    if (!strcmp(event->name, "leave"))
        sio_disconnect(socket, "asked");
    else if (!strcmp(event->name, "close"))
        sio_client_close(sio_socket_client(socket), 4000, "asked");
    else if (!strcmp(event->name, "ask"))
        sio_emit_for_ack(socket, "question", NULL, 1000, on_ack, NULL);
    else
        sio_ack(socket, event->id, event->args, event->attachments, event->attachment_count);
}

static void sio_disconnected(sio_socket_t *socket, const char *reason, void *arg)
{
    (void)socket;
    (void)reason;
    (void)arg;
}

/* --- The world ------------------------------------------------------------------------------------------------------- */

static const eio_handlers_t eio_handlers = {.opened = eio_opened, .message = eio_message, .closed = eio_closed};
static const sio_handlers_t sio_handlers = {
    .connect = sio_connected, .event = sio_event, .disconnected = sio_disconnected};
static const char *const namespaces[] = {"/", "/two", NULL};
static eio_options_t eio_options;
static sio_options_t sio_options;

static void set_options(void)
{
    base = event_base_new();
    eio_options = eio_defaults;
    eio_options.max_payload = 2000;
    eio_options.max_queue_bytes = 5000;
    sio_options = sio_defaults;
    sio_options.eio = eio_options;
    sio_options.binary = true;
    sio_options.namespaces = namespaces;
}

static void turn(void)
{
    for (int i = 0; i < 3; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Takes what came to a client, and a session id from it. */
static void drain(world_t *world, int fd)
{
    char buffer[8192];
    ssize_t len;
    while ((len = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
        char *found = memmem(buffer, (size_t)len, "\"sid\":\"", 7);
        if (found && found + 7 + SID_LENGTH <= buffer + len)
            memcpy(world->sid, found + 7, SID_LENGTH);
    }
}

static void write_piece(world_t *world, int fd, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, data, size);
    uint8_t *place = memmem(copy, size, "SSSSSSSSSSSSSSSSSSSS", SID_LENGTH);
    if (place)
        memcpy(place, world->sid, SID_LENGTH);
    ssize_t sent = send(fd, copy, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)sent; /* the server may have closed */
    free(copy);
    turn();
    drain(world, fd);
}

/* The part of data before the mark; *rest is what is behind it. */
static size_t until(const uint8_t *data, size_t size, const char *mark, size_t *rest)
{
    const uint8_t *found = size ? memmem(data, size, mark, 2) : NULL;
    *rest = found ? (size_t)(found - data) + 2 : size;
    return found ? (size_t)(found - data) : size;
}

static void connection(world_t *world, const uint8_t *data, size_t size)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends))
        abort();
    world->fds[world->fd_count++] = ends[0];
    http_serve(&world->site, ends[1]);
    while (size) {
        size_t rest, len = until(data, size, "\xff\xfe", &rest);
        write_piece(world, ends[0], data, len);
        data += rest;
        size -= rest;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!base)
        set_options();
    world_t world = {.loop = loop_new(base), .ws = ws_defaults};
    world.eio = eio_server_new(world.loop, &eio_options, &eio_handlers, NULL);
    world.sio = sio_server_new(world.loop, &sio_options, &sio_handlers, NULL);
    world.ws.max_message = 2000;
    const http_route_t routes[] = {{.path = "/", .handler = serve_ws, .arg = &world.ws},
                                   {.path = "/t", .handler = serve_text, .max_body = 500},
                                   {.path = "/e", .handler = eio_serve, .arg = world.eio, .max_body = 2000},
                                   {.path = "/s", .handler = sio_serve, .arg = world.sio, .max_body = 2000}};
    world.site = (http_site_t){.loop = world.loop,
                               .routes = routes,
                               .route_count = 4,
                               .max_head = 4096,
                               .head_timeout_ms = 10000,
                               .body_timeout_ms = 10000,
                               .idle_timeout_ms = 10000};
    while (size && world.fd_count < MAX_CONNECTIONS) {
        size_t rest, len = until(data, size, "\xff\xff", &rest);
        connection(&world, data, len);
        data += rest;
        size -= rest;
    }
    for (size_t i = 0; i < world.fd_count; i += 2)
        close(world.fds[i]); /* half of the clients leave by themselves */
    turn();
    stream_set_close(&world.site.streams);
    for (size_t i = 1; i < world.fd_count; i += 2)
        close(world.fds[i]);
    eio_server_free(world.eio);
    sio_server_free(world.sio);
    loop_free(world.loop);
    return 0;
}
