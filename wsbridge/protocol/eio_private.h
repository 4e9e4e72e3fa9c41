/* Inside Engine.IO. */
#ifndef PROTOCOL_EIO_PRIVATE_H
#define PROTOCOL_EIO_PRIVATE_H

#include "eio.h"
#include "outq.h"
#include "rate.h"
#include "text.h"
#include "ws.h"

enum eio_state {
    EIO_STATE_OPEN,
    EIO_STATE_LEAVING, /* closed for the application; a polling client is still to be told by its next GET */
    EIO_STATE_CLOSED,
};

struct eio_session {
    eio_server_t *server;
    eio_session_t *next; /* with the same hash */
    void *user;
    http_request_t *poll; /* the waiting GET */
    ws_t *ws;             /* the transport, once it is WebSocket */
    ws_t *probe;          /* what the client tries to upgrade to */
    outq_t queue;         /* on polling, what waits for a GET */
    struct event *timer, *upgrade_timer;
    int64_t due; /* of the next ping, or of the pong */
    rate_t rate;
    char sid[RANDOM_NAME_SIZE];
    uint8_t state;
    bool on_ws, probed, awaits_pong, flush_due;
};

struct eio_server {
    loop_t *loop;
    const eio_options_t *options;
    const eio_handlers_t *handlers;
    void *arg;
    ws_options_t ws_options;
    eio_session_t **buckets;
    size_t bucket_count, count;
};

/* eio_table.c: sessions by sid. */
void eio_table_init(eio_server_t *server);
void eio_table_add(eio_server_t *server, eio_session_t *session);
void eio_table_remove(eio_server_t *server, eio_session_t *session);
eio_session_t *eio_table_find(const eio_server_t *server, const char *sid);

/* eio_session.c */
/* With its open packet queued. */
eio_session_t *eio_session_new(eio_server_t *server, bool on_ws);
/* What a transport received. false once the session is over. */
bool eio_session_packet(eio_session_t *session, const eio_packet_t *packet);
/* How the client's transport is left. */
enum eio_farewell {
    EIO_DROP_QUEUE, /* a close packet now, if a GET waits */
    EIO_SEND_QUEUE, /* what is queued and a close packet, with the next GET if none waits */
    EIO_CLIENT_LEFT /* a noop to a GET that waits: the client said good-bye itself */
};
void eio_session_end(eio_session_t *session, enum eio_farewell farewell, uint16_t code, const char *reason);
/* A session that was LEAVING has left. */
void eio_session_left(eio_session_t *session);
/* Ends the session if its pong is overdue. */
void eio_session_check(eio_session_t *session);

/* eio_polling.c */
void eio_polling_get(eio_session_t *session, http_request_t *request);
void eio_polling_post(eio_session_t *session, http_request_t *request);
/* Answers the waiting GET with the queue and one more packet. */
void eio_polling_answer(eio_session_t *session, const char *last_packet);
void eio_polling_flush_later(eio_session_t *session);

/* eio_upgrade.c */
void eio_ws_open(eio_session_t *session, http_request_t *request);
void eio_ws_probe(eio_session_t *session, http_request_t *request);
/* Accepts and closes: what a browser can see of a refusal. */
void eio_ws_turn_away(eio_server_t *server, http_request_t *request);
/* The session is over: its sockets close by themselves. */
void eio_ws_leave(eio_session_t *session, bool cut, uint16_t code, const char *reason);

#endif
