/* Socket.IO 5, server side, on Engine.IO: namespaces, events, acknowledgements both ways, attachments, and what a server
 * needs to offer connection state recovery.
 *
 * Life: a client (one Engine.IO session) is `opened`; each namespace it asks for becomes a socket that `connect` is
 * called with; the handler, or somebody later, answers it by sio_accept or sio_refuse. An accepted socket gets events,
 * and ends with `disconnected`; a socket that was refused, or whose client went before an answer, just goes (the latter
 * with `disconnected` too). A client ends with `closed`, after its sockets. Pointers are invalid when those return.
 * Ownership: options, handlers and namespaces are the caller's and outlive the server. JSON values, texts and
 * attachments in what handlers get are valid during the call (json_incref keeps a value).
 * Errors: a packet that isn't one, or comes in the wrong place, closes the connection, as the protocol says.
 *
 * Recovery: the client keeps the `pid` that sio_accept gave it, and the last argument of the last event where that is a
 * text, its offset. Back after a break it sends both; a server that can bring all that was missed accepts with the same
 * pid and the old sid and sends it; else with a new pid. The client compares.
 */
#ifndef PROTOCOL_SIO_H
#define PROTOCOL_SIO_H

#include <jansson.h>
#include "eio.h"
#include "sio_packet.h"

typedef struct sio_server sio_server_t;
typedef struct sio_client sio_client_t;
typedef struct sio_socket sio_socket_t;

typedef struct sio_options {
    eio_options_t eio;
    int connect_timeout_ms;        /* a client without a namespace for so long is closed */
    const char *const *namespaces; /* ended by NULL; another is refused with "Invalid namespace" */
    bool binary;                   /* false: a binary packet closes the connection (1003) */
    size_t max_acks;               /* answers of one socket that may be waited for */
} sio_options_t;

/* eio_defaults, 45 s, "/" only, no binary, 16 answers. */
extern const sio_options_t sio_defaults;

typedef struct sio_data {
    const uint8_t *data;
    size_t len;
} sio_data_t;

typedef struct sio_connect {
    const char *nsp;
    const json_t *auth; /* an object, empty if the client sent none; with `pid` and `offset`, if any */
    const char *pid;    /* NULL if the client wants no recovery */
    const char *offset; /* NULL if it has had no event */
} sio_connect_t;

typedef struct sio_event {
    const char *name;   /* "" where the event's name is a number */
    const json_t *args; /* an array: the name, then the arguments, with placeholders for attachments */
    const sio_data_t *attachments;
    unsigned attachment_count;
    int64_t id; /* to answer with, or SIO_NO_ID */
} sio_event_t;

typedef struct sio_handlers {
    /* As Engine.IO's; may be NULL. */
    bool (*accept)(const http_request_t *request, http_answer_t *refusal, void *arg);
    /* May be NULL. What the request tells is read here: it isn't there later. */
    void (*opened)(sio_client_t *client, const http_request_t *request, void *arg);
    void (*connect)(sio_socket_t *socket, const sio_connect_t *connect, void *arg);
    void (*event)(sio_socket_t *socket, const sio_event_t *event, void *arg);
    void (*disconnected)(sio_socket_t *socket, const char *reason, void *arg);
    void (*closed)(sio_client_t *client, const char *reason, void *arg); /* may be NULL */
} sio_handlers_t;

sio_server_t *sio_server_new(loop_t *loop, const sio_options_t *options, const sio_handlers_t *handlers, void *arg);
void sio_server_free(sio_server_t *server); /* after server_free, before loop_free */
/* A route's handler; `arg` is the sio_server_t. */
void sio_serve(http_request_t *request, void *arg);
size_t sio_clients(const sio_server_t *server);

/* Clients. */
void sio_client_set_user(sio_client_t *client, void *user);
void *sio_client_user(const sio_client_t *client);
const char *sio_client_transport(const sio_client_t *client);
/* Closes the transport without a word to its sockets: the client comes back by itself. `disconnected` and `closed` are
 * called before it returns. sio_client_cut drops what is queued first. The code is WebSocket's (0: 1000). */
void sio_client_close(sio_client_t *client, uint16_t code, const char *reason);
void sio_client_cut(sio_client_t *client, uint16_t code, const char *reason);

/* Sockets. */
sio_client_t *sio_socket_client(const sio_socket_t *socket);
const char *sio_socket_namespace(const sio_socket_t *socket);
const char *sio_socket_sid(const sio_socket_t *socket); /* "" until accepted */
void sio_socket_set_user(sio_socket_t *socket, void *user);
void *sio_socket_user(const sio_socket_t *socket);

/* Answer CONNECT. `sid` NULL makes a new one; `pid` NULL offers no recovery. */
void sio_accept(sio_socket_t *socket, const char *sid, const char *pid);
/* CONNECT_ERROR `{"message":…,"data":…}`; `data` may be NULL and stays the caller's. The socket is gone. */
void sio_refuse(sio_socket_t *socket, const char *message, const json_t *data);

/* Sends a frame made by sio_event_frame or sio_frame for this namespace: the same frame for many. May end the client if
 * it is too slow (see eio_send). */
void sio_send(sio_socket_t *socket, frame_t *frame);
/* Sends `["name",...args]`, args an array or NULL. */
void sio_emit(sio_socket_t *socket, const char *name, const json_t *args);
/* The same with attachments, to which placeholders in args point. */
void sio_emit_binary(sio_socket_t *socket, const char *name, const json_t *args, const sio_data_t *attachments,
                     unsigned count);
/* The client's answer to an event: `args` is an array, or NULL where it came too late or the socket is gone. */
typedef void (*sio_ack_fn)(sio_socket_t *socket, const json_t *args, void *arg);
/* As sio_emit, with an answer asked for within so long. false, and nothing is sent, if too many are waited for. */
bool sio_emit_for_ack(sio_socket_t *socket, const char *name, const json_t *args, int timeout_ms, sio_ack_fn fn,
                      void *arg);
/* Answers an event that has an id: `args` is an array, attachments as in sio_emit_binary. */
void sio_ack(sio_socket_t *socket, int64_t id, const json_t *args, const sio_data_t *attachments, unsigned count);
/* DISCONNECT: the client does not come back by itself. `disconnected` is called before it returns. */
void sio_disconnect(sio_socket_t *socket, const char *reason);

#endif
