/* Engine.IO 4, server side: sessions over long polling and WebSocket, and the upgrade from one to the other. (There is
 * no WebTransport and no CORS: pages come from the same host.)
 *
 * Life: a handshake that `accept` lets through makes a session; `opened` is called with its request, which is valid
 * during the call. `closed` is called exactly once, last of all; the pointer is invalid when it returns. Handlers may
 * call anything, eio_close on their own session included.
 * Ownership: options and handlers are the caller's and outlive the server. Messages are valid during the call.
 * Order at the end: server_free, eio_server_free, loop_free.
 * Errors: a bad request gets the reference implementation's JSON, `{"code":1,"message":"Session ID unknown"}` and so on.
 */
#ifndef PROTOCOL_EIO_H
#define PROTOCOL_EIO_H

#include "eio_packet.h"
#include "http.h"

typedef struct eio_server eio_server_t;
typedef struct eio_session eio_session_t;

typedef struct eio_options {
    int ping_interval_ms, ping_timeout_ms;
    int upgrade_timeout_ms; /* from the second transport's handshake to its `5` */
    size_t max_payload;     /* bytes of a message, and of a polling payload; told to the client */
    size_t max_queue_bytes; /* what may wait to be sent; past it the session ends */
    size_t max_queue_frames;
    uint16_t slow_code;      /* close code for that on WebSocket; 0: 1008 */
    uint32_t max_per_minute; /* packets from the client; 0: no limit; past it the session ends */
    size_t max_sessions;     /* past it a handshake gets 503 */
} eio_options_t;

/* The reference's times and sizes (25 s, 20 s, 10 s, 1 MB); 1 MiB or 1,000 frames of queue; 10,000 sessions. */
extern const eio_options_t eio_defaults;

typedef struct eio_handlers {
    /* A new session is asked for. false refuses with what was filled in, or with the reference's 403 if nothing was.
     * May be NULL. */
    bool (*accept)(const http_request_t *request, http_answer_t *refusal, void *arg);
    void (*opened)(eio_session_t *session, const http_request_t *request, void *arg);
    void (*message)(eio_session_t *session, bool text, const uint8_t *data, size_t len);
    void (*closed)(eio_session_t *session, const char *reason);
} eio_handlers_t;

eio_server_t *eio_server_new(loop_t *loop, const eio_options_t *options, const eio_handlers_t *handlers, void *arg);
void eio_server_free(eio_server_t *server);
/* A route's handler; `arg` is the eio_server_t. The route's max_body is the options' max_payload. */
void eio_serve(http_request_t *request, void *arg);
size_t eio_sessions(const eio_server_t *server);

const char *eio_sid(const eio_session_t *session);
const char *eio_transport(const eio_session_t *session); /* "polling" or "websocket" */
void eio_set_user(eio_session_t *session, void *user);
void *eio_user(const eio_session_t *session);
loop_t *eio_loop(const eio_session_t *session);

/* Queues a frame made by eio_frame or eio_frame_binary (a reference of its own; share one among many sessions). Dropped
 * if the session is over. If the queue is full the session ends, and `closed` is called before this returns. */
void eio_send(eio_session_t *session, frame_t *frame);
/* Ends the session; `closed` is called before it returns. What is queued still goes out, then the transport closes: on
 * WebSocket with this code (0: 1000), on polling with a close packet. The reason is for WebSocket and for `closed`; a
 * static text. */
void eio_close(eio_session_t *session, uint16_t code, const char *reason);
/* As eio_close, but what is queued is dropped. */
void eio_cut(eio_session_t *session, uint16_t code, const char *reason);

#endif
