/* Inside Socket.IO. */
#ifndef PROTOCOL_SIO_PRIVATE_H
#define PROTOCOL_SIO_PRIVATE_H

#include "sio.h"
#include "text.h"

/* An answer that is waited for. */
typedef struct sio_pending {
    struct sio_pending *next;
    sio_socket_t *socket;
    struct event *timer;
    int64_t id;
    sio_ack_fn fn;
    void *arg;
} sio_pending_t;

struct sio_socket {
    sio_client_t *client;
    sio_socket_t *next;
    const char *nsp; /* the options' */
    void *user;
    sio_pending_t *pending;
    size_t pending_count;
    int64_t next_id;
    char sid[RANDOM_NAME_SIZE];
    bool accepted, gone;
};

struct sio_client {
    sio_server_t *server;
    eio_session_t *session;
    sio_socket_t *sockets;
    struct event *timer; /* while there is no accepted socket */
    void *user;
    sio_packet_t *partial; /* a packet whose attachments are still coming */
    sio_data_t *attachments;
    unsigned attachment_count;
    bool over;
};

struct sio_server {
    loop_t *loop;
    const sio_options_t *options;
    const sio_handlers_t *handlers;
    void *arg;
    eio_server_t *eio;
};

/* sio_socket.c */
sio_socket_t *sio_socket_find(const sio_client_t *client, const char *nsp);
sio_socket_t *sio_socket_new(sio_client_t *client, const char *nsp);
/* Takes it from its client and calls `disconnected`. */
void sio_socket_end(sio_socket_t *socket, const char *reason);

/* sio_ack.c: the client's answer; false if nobody waits for it. */
bool sio_ack_take(sio_socket_t *socket, int64_t id, const json_t *args);
void sio_ack_drop_all(sio_socket_t *socket);

/* sio_decode.c: puts packets and attachments together. Calls sio_client_packet for each complete one; false for what is
 * no packet. */
bool sio_decode(sio_client_t *client, bool text, const uint8_t *data, size_t len);
void sio_decode_drop(sio_client_t *client);

/* sio.c */
void sio_client_packet(sio_client_t *client, const sio_packet_t *packet, const sio_data_t *attachments);
void sio_client_watch(sio_client_t *client); /* starts or stops the wait for a first namespace */

#endif
