/* GET /healthz on the bridge's socket: how it fares, as JSON. Not for the outside; mod_orders shows it in
 * /healthz?ready=1. Always 200 while the process lives; `ready` says whether viewers are let in.
 */
#ifndef WSBRIDGE_STATE_H
#define WSBRIDGE_STATE_H

#include "feed.h"
#include "protocol/server.h"
#include "viewer.h"

typedef struct state {
    const door_t *door;
    const feed_t *feed;
    const server_t *server;
} state_t;

/* A route's handler; `arg` is the state_t. */
void state_serve(http_request_t *request, void *arg);

#endif
