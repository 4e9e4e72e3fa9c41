/* Viewers by plain WebSocket at /ws: JSON text frames, subprotocol orders.v1.
 *
 * The server's: `{type:"hello", epoch, seq, heartbeat, resumed}` first; then events with their `seq`;
 * `{type:"heartbeat", seq}` each so many seconds; `{type:"reset", epoch, seq}` when events were missed for good: fetch by
 * REST. Every `seq` says: all there is up to here you have. Who comes back with `?epoch=&since=<the last seq>` gets what
 * was missed. The client's: `{type:"ping"}`, answered by a heartbeat; others are answered `{type:"error", …}`.
 */
#ifndef WSBRIDGE_VIEWER_PLAIN_H
#define WSBRIDGE_VIEWER_PLAIN_H

#include "protocol/ws.h"
#include "viewer.h"

typedef struct plain_server {
    door_t *door;
    ws_options_t options;
    struct event *heartbeat;
} plain_server_t;

void plain_server_init(plain_server_t *server, door_t *door);
/* Before the viewers go. */
void plain_server_stop(plain_server_t *server);
/* A route's handler; `arg` is the plain_server_t. */
void plain_serve(http_request_t *request, void *arg);

#endif
