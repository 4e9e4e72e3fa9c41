/* Inside the server: its listening sockets. */
#ifndef PROTOCOL_SERVER_PRIVATE_H
#define PROTOCOL_SERVER_PRIVATE_H

#include "server.h"

#define SERVER_MAX_LISTENERS 8

typedef struct listener {
    server_t *server;
    struct event *readable, *pause;
    int fd;
    char *path; /* of the socket file that is ours to remove */
} listener_t;

struct server {
    http_site_t site;
    server_options_t options;
    listener_t *listeners[SERVER_MAX_LISTENERS];
    size_t listener_count;
    int reserve_fd;
    char error[256];
};

/* Watches the listening, non-blocking fd, which is the server's from now on. */
const char *server_add_listener(server_t *server, int fd, const char *unlink_path);

#endif
