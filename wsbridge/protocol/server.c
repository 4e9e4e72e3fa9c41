#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include "mem.h"
#include "server_private.h"

#define ACCEPTS_A_TURN 64
#define PAUSE_MS       100

const server_options_t server_defaults = {
    .max_connections = 10000,
    .max_head = 16384,
    .head_timeout_ms = 10000,
    .body_timeout_ms = 30000,
    .idle_timeout_ms = 65000,
    .backlog = 128,
};

/* Any descriptor will do. */
static int open_reserve(void)
{
    return eventfd(0, EFD_CLOEXEC);
}

static void listen_again(void *arg);

server_t *server_new(loop_t *loop, const server_options_t *options, const http_route_t *routes, size_t route_count)
{
    server_t *server = mem_zero(sizeof *server);
    server->options = *options;
    server->reserve_fd = open_reserve();
    server->site = (http_site_t){
        .loop = loop,
        .streams = {.gone = listen_again, .arg = server},
        .routes = routes,
        .route_count = route_count,
        .max_head = options->max_head,
        .head_timeout_ms = options->head_timeout_ms,
        .body_timeout_ms = options->body_timeout_ms,
        .idle_timeout_ms = options->idle_timeout_ms,
    };
    return server;
}

/* Says that it can't, without waiting for the request: to read it would need what is lacking. */
static void turn_away(int fd)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
                               "Content-Length: 0\r\n\r\n";
    ssize_t sent = send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; /* the client may be gone: nothing else can be done for it */
    shutdown(fd, SHUT_WR);
    char request[2048];
    while (recv(fd, request, sizeof request, MSG_DONTWAIT) == (ssize_t)sizeof request)
        ; /* what is unread at the close would make it a reset, which can overtake the answer */
    close(fd);
}

static void pause_listener(listener_t *listener);

static void on_pause_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    listener_t *listener = arg;
    event_add(listener->readable, NULL);
}

static void pause_listener(listener_t *listener)
{
    event_del(listener->readable);
    loop_timer_set(listener->server->site.loop, &listener->pause, PAUSE_MS, on_pause_end, listener);
}

/* Out of descriptors: the one in reserve lets one client be told; else a level-triggered loop would spin here. */
static void shed(listener_t *listener)
{
    server_t *server = listener->server;
    if (server->reserve_fd >= 0)
        close(server->reserve_fd);
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        turn_away(fd);
    server->reserve_fd = open_reserve();
    pause_listener(listener);
}

static void start(server_t *server, int fd)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* fails on a unix socket, which has no delay */
    if (server->site.streams.count >= server->options.max_connections)
        turn_away(fd);
    else
        http_serve(&server->site, fd);
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    listener_t *listener = arg;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0) {
            start(listener->server, client);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            shed(listener);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return;
        }
    }
}

/* A connection has gone: a listener that rests for want of descriptors can go on at once. */
static void listen_again(void *arg)
{
    server_t *server = arg;
    for (size_t i = 0; i < server->listener_count; i++) {
        listener_t *listener = server->listeners[i];
        if (listener->pause && evtimer_pending(listener->pause, NULL)) {
            evtimer_del(listener->pause);
            event_add(listener->readable, NULL);
        }
    }
}

const char *server_add_listener(server_t *server, int fd, const char *unlink_path)
{
    if (server->listener_count == SERVER_MAX_LISTENERS)
        return "too many listening sockets";
    listener_t *listener = mem_zero(sizeof *listener);
    listener->server = server;
    listener->fd = fd;
    listener->path = unlink_path ? mem_copy(unlink_path, strlen(unlink_path)) : NULL;
    listener->readable = event_new(loop_base(server->site.loop), fd, EV_READ | EV_PERSIST, on_connection, listener);
    if (!listener->readable || event_add(listener->readable, NULL))
        abort();
    server->listeners[server->listener_count++] = listener;
    return NULL;
}

void server_stop_listening(server_t *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        listener_t *listener = server->listeners[i];
        loop_timer_free(&listener->readable);
        loop_timer_free(&listener->pause);
        close(listener->fd);
        if (listener->path)
            unlink(listener->path);
        free(listener->path);
        free(listener);
    }
    server->listener_count = 0;
}

size_t server_connections(const server_t *server)
{
    return server->site.streams.count;
}

static void release(void *arg)
{
    free(arg);
}

void server_free(server_t *server)
{
    if (!server)
        return;
    server_stop_listening(server);
    stream_set_close(&server->site.streams);
    if (server->reserve_fd >= 0)
        close(server->reserve_fd);
    loop_defer(server->site.loop, release, server);
}
