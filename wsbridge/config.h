/* The bridge's settings: from the command line, else the environment, else the Orders* directives of a file (--config),
 * else the default. One table in config.c says of each its names, what is allowed and what it is for; --help prints it.
 * Secrets come from files or the environment, never from the command line.
 */
#ifndef WSBRIDGE_CONFIG_H
#define WSBRIDGE_CONFIG_H

#include <apr_pools.h>
#include <stdbool.h>
#include "core/keys.h"

typedef struct config {
    const char *listen;    /* unix socket for HTTP; NULL where systemd passes one */
    const char *datagrams; /* unix datagram socket for mod_orders' events; NULL: none */
    const char *mongo_uri;
    const char *secret;
    keys_t keys; /* derived from the secret */
    const char *currency;
    int exponent;
    const char *cookie_name;
    const char *allowed_origins; /* parted by blanks; NULL: the host that was asked */
    const char *user;            /* whom to become once the sockets stand; NULL: nobody else */
    const char *web_user;        /* whose datagrams are taken besides root's and this process' own; NULL: nobody's */
    int max_viewers;
    int ring_events, ring_bytes;
    int heartbeat_ms;              /* plain heartbeats, WebSocket and Engine.IO pings */
    int ping_timeout_ms;           /* for their answer */
    int rotate_ms;                 /* viewers are asked to reconnect after this, give or take 20 % */
    int handshake_ms;              /* for a request's head, and for Socket.IO's CONNECT */
    int ready_wait_ms;             /* how long a viewer waits for the change stream to stand */
    int queue_bytes, queue_events; /* a viewer that has more waiting is too slow */
    int message_bytes;             /* of one message from a viewer */
    int messages_per_minute;       /* from one viewer */
    bool check_only;               /* --check: say whether the settings are good, and end */
} config_t;

/* true: go on. Else the process ends with *exit_status: --help was printed (0), or what is wrong was (2). Texts live in
 * `pool`. */
bool config_load(config_t *config, apr_pool_t *pool, int argc, char **argv, int *exit_status);

#endif
