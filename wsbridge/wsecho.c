/* wsecho: the protocol library as the protocols' own conformance suites want to meet it. On one port of this machine:
 *
 *   /             WebSocket echo (Autobahn's cases)
 *   /engine.io/   Engine.IO echo
 *   /socket.io/   the application printed in the "Test suite" section of Socket.IO's v5 protocol document
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/server.h"
#include "protocol/sio.h"
#include "protocol/ws.h"

#define MAX_MESSAGE    (64u << 20)
#define MAX_QUEUE      (160u << 20)
#define NO_FRAME_LIMIT SIZE_MAX

typedef struct settings {
    int port, ping_interval_ms, ping_timeout_ms, connect_timeout_ms;
    const char *unix_path;
} settings_t;

/* --- WebSocket ------------------------------------------------------------------------------------------------------- */

static void ws_echo(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    (void)user;
    ws_send(ws, text, data, len);
}

static void ws_gone(ws_t *ws, const ws_end_t *end, void *user)
{
    (void)ws;
    (void)end;
    (void)user;
}

static void serve_ws(http_request_t *request, void *arg)
{
    static const ws_handlers_t handlers = {.message = ws_echo, .closed = ws_gone};
    ws_upgrade(request, arg, &handlers, NULL);
}

/* --- Engine.IO ------------------------------------------------------------------------------------------------------- */

static void eio_opened(eio_session_t *session, const http_request_t *request, void *arg)
{
    (void)session;
    (void)request;
    (void)arg;
}

static void eio_echo(eio_session_t *session, bool text, const uint8_t *data, size_t len)
{
    frame_t *frame = text ? eio_frame(EIO_MESSAGE, data, len) : eio_frame_binary(data, len);
    eio_send(session, frame);
    frame_unref(frame);
}

static void eio_gone(eio_session_t *session, const char *reason)
{
    (void)session;
    (void)reason;
}

static const eio_handlers_t eio_handlers = {.opened = eio_opened, .message = eio_echo, .closed = eio_gone};

/* --- Socket.IO ------------------------------------------------------------------------------------------------------- */

static void sio_connected(sio_socket_t *socket, const sio_connect_t *connect, void *arg)
{
    (void)arg;
    sio_accept(socket, NULL, NULL);
    json_t *args = json_pack("[O]", connect->auth);
    sio_emit(socket, "auth", args);
    json_decref(args);
}

/* The event's arguments, without its name. */
static json_t *arguments(const sio_event_t *event)
{
    json_t *args = json_copy((json_t *)event->args);
    json_array_remove(args, 0);
    return args;
}

static void sio_echo(sio_socket_t *socket, const sio_event_t *event, void *arg)
{
    (void)arg;
    if (strcmp(sio_socket_namespace(socket), "/") != 0)
        return;
    json_t *args = arguments(event);
    if (!strcmp(event->name, "message"))
        sio_emit_binary(socket, "message-back", args, event->attachments, event->attachment_count);
    else if (!strcmp(event->name, "message-with-ack"))
        sio_ack(socket, event->id, args, event->attachments, event->attachment_count);
    json_decref(args);
}

static void sio_gone(sio_socket_t *socket, const char *reason, void *arg)
{
    (void)socket;
    (void)reason;
    (void)arg;
}

static const sio_handlers_t sio_handlers = {.connect = sio_connected, .event = sio_echo, .disconnected = sio_gone};

/* --- The program ----------------------------------------------------------------------------------------------------- */

static void usage(FILE *to)
{
    fputs(
        "usage: wsecho --port P [--unix PATH] [--ping-interval MS] [--ping-timeout MS] [--connect-timeout MS]\n"
        "Echoes WebSocket messages at /, Engine.IO messages at /engine.io/ and serves the protocol document's test\n"
        "application at /socket.io/, on 127.0.0.1 and ::1, and on a unix socket where a path is given. Port 0 takes a\n"
        "free one. Ends on SIGTERM or SIGINT.\n",
        to);
}

static bool parse_number(const char *text, long min, long max, int *value)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < min || number > max)
        return false;
    *value = (int)number;
    return true;
}

#define GO_ON (-1) /* else: the status to exit with */

static int take_number(const char *option, const char *text, long min, long max, int *value)
{
    if (parse_number(text, min, max, value))
        return GO_ON;
    fprintf(stderr, "wsecho: --%s is '%s': a whole number from %ld to %ld is allowed\n", option, text, min, max);
    return 2;
}

static int take_option(int option, const char *name, settings_t *settings)
{
    int *const times[] = {&settings->ping_interval_ms, &settings->ping_timeout_ms, &settings->connect_timeout_ms};
    switch (option) {
    case 0:
    case 1:
    case 2: return take_number(name, optarg, 1, 86400000, times[option]);
    case 'p': return take_number(name, optarg, 0, 65535, &settings->port);
    case 'u': settings->unix_path = optarg; return GO_ON;
    case 'h': usage(stdout); return 0;
    default: return 2; /* getopt_long has said what is wrong */
    }
}

static int parse_arguments(int argc, char **argv, settings_t *settings)
{
    static const struct option options[] = {
        {"ping-interval", required_argument, NULL, 0},
        {"ping-timeout", required_argument, NULL, 1},
        {"connect-timeout", required_argument, NULL, 2},
        {"port", required_argument, NULL, 'p'},
        {"unix", required_argument, NULL, 'u'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option, index = 0, status = GO_ON;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while (status == GO_ON && (option = getopt_long(argc, argv, "", options, &index)) != -1)
        status = take_option(option, options[index].name, settings);
    if (status == GO_ON && (settings->port < 0 || optind != argc)) {
        usage(stderr);
        status = 2;
    }
    return status;
}

static void on_signal(evutil_socket_t number, short what, void *base)
{
    (void)number;
    (void)what;
    event_base_loopbreak(base);
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;
    if (config && !event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER))
        base = event_base_new_with_config(config);
    if (config)
        event_config_free(config);
    return base;
}

static const char *start(server_t *server, const settings_t *settings)
{
    uint16_t bound;
    const char *error = server_listen_tcp(server, "127.0.0.1", (uint16_t)settings->port, &bound);
    if (!error && settings->unix_path)
        error = server_listen_unix(server, settings->unix_path, 0600);
    if (error)
        return error;
    server_listen_tcp(server, "::1", bound, NULL); /* a machine may have no IPv6 */
    printf("listening on 127.0.0.1:%u\n", bound);
    fflush(stdout);
    return NULL;
}

static const char *run(struct event_base *base, const settings_t *settings)
{
    loop_t *loop = loop_new(base);
    ws_options_t ws = ws_defaults;
    ws.max_message = MAX_MESSAGE;
    ws.max_queue_bytes = MAX_QUEUE;
    ws.max_queue_frames = NO_FRAME_LIMIT;
    sio_options_t sio = sio_defaults;
    sio.namespaces = (const char *const[]){"/", "/custom", NULL};
    sio.binary = true;
    sio.connect_timeout_ms = settings->connect_timeout_ms;
    sio.eio.ping_interval_ms = settings->ping_interval_ms;
    sio.eio.ping_timeout_ms = settings->ping_timeout_ms;
    sio.eio.max_queue_bytes = MAX_QUEUE;
    eio_server_t *eio_server = eio_server_new(loop, &sio.eio, &eio_handlers, NULL);
    sio_server_t *sio_server = sio_server_new(loop, &sio, &sio_handlers, NULL);
    const http_route_t routes[] = {
        {.path = "/", .handler = serve_ws, .arg = &ws},
        {.path = "/engine.io/", .handler = eio_serve, .arg = eio_server, .max_body = sio.eio.max_payload},
        {.path = "/socket.io/", .handler = sio_serve, .arg = sio_server, .max_body = sio.eio.max_payload},
    };
    server_t *server = server_new(loop, &server_defaults, routes, sizeof routes / sizeof routes[0]);
    const char *error = start(server, settings);
    if (error)
        fprintf(stderr, "wsecho: %s\n", error);
    else
        event_base_dispatch(base);
    server_free(server);
    eio_server_free(eio_server);
    sio_server_free(sio_server);
    loop_free(loop);
    return error;
}

int main(int argc, char **argv)
{
    settings_t settings = {
        .port = -1, .ping_interval_ms = 25000, .ping_timeout_ms = 20000, .connect_timeout_ms = 45000};
    int status = parse_arguments(argc, argv, &settings);
    if (status != GO_ON)
        return status;
    struct event_base *base = make_base();
    if (!base) {
        fputs("wsecho: the event loop can't be made\n", stderr);
        return 1;
    }
    struct event *term = evsignal_new(base, SIGTERM, on_signal, base);
    struct event *interrupt = evsignal_new(base, SIGINT, on_signal, base);
    evsignal_add(term, NULL);
    evsignal_add(interrupt, NULL);
    const char *error = run(base, &settings);
    event_free(term);
    event_free(interrupt);
    event_base_free(base);
    libevent_global_shutdown();
    return error ? 1 : 0;
}
