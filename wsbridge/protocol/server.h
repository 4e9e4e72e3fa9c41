/* Listening sockets in front of HTTP: TCP, unix, or sockets that systemd opened. Accepts up to a number of connections;
 * past it, and where the process is out of file descriptors, a client gets 503 and is closed.
 *
 * Ownership: the server owns its listeners and connections; routes and what they point to are the caller's and live
 * longer. server_free ends everything: each connection's owner hears that it was lost.
 * Errors: functions that can fail return a text that says why (static or in a buffer of the server), NULL on success.
 */
#ifndef PROTOCOL_SERVER_H
#define PROTOCOL_SERVER_H

#include "http.h"

typedef struct server server_t;

typedef struct server_options {
    size_t max_connections;
    size_t max_head;
    int head_timeout_ms, body_timeout_ms, idle_timeout_ms;
    int backlog;
} server_options_t;

/* 10,000 connections, 16 KiB of head, 10 s for a head, 30 s for a body, 65 s idle (longer than a proxy keeps its own). */
extern const server_options_t server_defaults;

server_t *server_new(loop_t *loop, const server_options_t *options, const http_route_t *routes, size_t route_count);
void server_free(server_t *server);

/* `port` 0 takes a free one; *bound is the port taken. `host` is a numeric address. */
const char *server_listen_tcp(server_t *server, const char *host, uint16_t port, uint16_t *bound);
/* A socket file that nobody listens on any more is replaced; the file goes with the server. */
const char *server_listen_unix(server_t *server, const char *path, unsigned mode);
/* A socket that listens already, such as server_activated_fd's. */
const char *server_listen_fd(server_t *server, int fd);
/* The first socket that systemd passed to this process (sd_listen_fds(3)), or -1. */
int server_activated_fd(void);

/* Stops accepting; connections go on. */
void server_stop_listening(server_t *server);
size_t server_connections(const server_t *server);

#endif
