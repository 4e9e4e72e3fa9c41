/* A WebSocket client (RFC 6455) on a connection, and the one kind of plain HTTP request that ordersctl makes.
 *
 * One thread. `stop` of every function's caller is a flag that a signal handler may set: all waits end soon after it.
 */
#ifndef CTL_WS_CLIENT_H
#define CTL_WS_CLIENT_H

#include <apr_pools.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include "net.h"

typedef struct http_reply {
    int status;      /* 0: there was no answer */
    const char *why; /* with status 0: a sentence */
    const char *body;
    size_t len;
} http_reply;

/* POSTs JSON and reads the whole answer. */
http_reply http_post_json(apr_pool_t *pool, const net_url *url, const char *path, const char *body,
                          const volatile sig_atomic_t *stop);

typedef struct ws_client ws_client;

/* Connects and shakes hands, with these further header fields (each ends with CRLF). NULL: *reply says why: a status that is
 * not 101, or 0 and a sentence. All of it lives in `pool`. */
ws_client *ws_client_open(apr_pool_t *pool, const net_url *url, const char *path, const char *fields,
                          const volatile sig_atomic_t *stop, http_reply *reply);
/* Called with each text message. */
typedef void (*ws_client_text)(void *arg, const char *text, size_t len);
/* Reads until the connection ends, nothing comes for *silence_ms (which `text` may change), or *stop is set, which says
 * good-bye first. The peer's close code; 0 when there was none. */
int ws_client_run(ws_client *client, ws_client_text text, void *arg, const int *silence_ms);
/* Its connection. */
void ws_client_close(ws_client *client);

#endif
