/* WebSocket, server side (RFC 6455; frames are read by libwslay). No extensions, so no reserved bits.
 *
 * Life: ws_upgrade answers a request with 101 and makes the connection; the handlers are called from then on. `closed`
 * is called exactly once, last of all, however the connection ends; the pointer is invalid when it returns. Handlers
 * may call anything on any connection, ws_close on their own included.
 * Ownership: options and handlers are the caller's and outlive the connection. Messages are valid during the call.
 * Errors: what the peer does wrong closes with the code that the RFC says (1002, 1007, 1009, 1008 for a limit).
 */
#ifndef PROTOCOL_WS_H
#define PROTOCOL_WS_H

#include "frame.h"
#include "http.h"

typedef struct ws ws_t;

enum ws_code {
    WS_NORMAL = 1000,
    WS_GOING_AWAY = 1001,
    WS_PROTOCOL_ERROR = 1002,
    WS_UNSUPPORTED = 1003,
    WS_NO_CODE = 1005,  /* never on the wire: the peer's close frame had no code */
    WS_ABNORMAL = 1006, /* never on the wire: the connection broke */
    WS_INVALID_TEXT = 1007,
    WS_POLICY = 1008,
    WS_TOO_BIG = 1009,
    WS_INTERNAL = 1011,
};

typedef struct ws_options {
    const char *const *subprotocols; /* what is offered, best first, ended by NULL; NULL: none */
    bool subprotocol_required;       /* a client that names none of them gets 400 */
    size_t max_message;              /* bytes; larger ones close with 1009 */
    uint32_t max_per_minute;         /* messages and pings from the peer; 0: no limit; past it 1008 */
    size_t max_queue_bytes;          /* what may wait to be sent; past it the peer is too slow */
    size_t max_queue_frames;
    uint16_t slow_code;       /* close code for that; 0: 1008 */
    size_t pause_queue_bytes; /* past it nothing is read from the peer until the queue is sent; 0: never */
    int ping_interval_ms;     /* a ping after so long without a word from the peer; 0: none */
    int ping_timeout_ms;      /* and so long to answer */
    int close_timeout_ms;     /* for the peer's part of the closing handshake */
} ws_options_t;

/* 1 MiB messages, 1 MiB or 1,000 frames of queue, pings each 25 s with 20 s to answer, 5 s to close. */
extern const ws_options_t ws_defaults;

typedef struct ws_end {
    uint16_t code; /* of the close frame that came first, the peer's or ours; WS_ABNORMAL without one */
    bool by_peer;
    const char *reason; /* the peer's or ours; "" if none; for logs */
} ws_end_t;

typedef struct ws_handlers {
    void (*message)(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user);
    void (*closed)(ws_t *ws, const ws_end_t *end, void *user);
} ws_handlers_t;

/* Checks the handshake (section 4.2.1) and accepts; or answers 400, 405 or 426 itself and returns NULL. Either way the
 * request is over. May be called later than in the request's handler: what the client sent meanwhile is kept. */
ws_t *ws_upgrade(http_request_t *request, const ws_options_t *options, const ws_handlers_t *handlers, void *user);
/* Other handlers from now on (Engine.IO decides after the first message). */
void ws_set_handlers(ws_t *ws, const ws_handlers_t *handlers, void *user);

/* The subprotocol agreed on, or NULL. */
const char *ws_subprotocol(const ws_t *ws);

/* Queue a message; false if it can't be sent any more (closing, or too slow by it). */
bool ws_send(ws_t *ws, bool text, const void *data, size_t len);
/* The same frame for many: takes a reference, copies nothing. */
bool ws_send_frame(ws_t *ws, frame_t *frame);
size_t ws_queued_bytes(const ws_t *ws);

/* Starts the closing handshake behind what is queued; `closed` follows. No more messages come. */
void ws_close(ws_t *ws, uint16_t code, const char *reason);
/* As ws_close, but what is queued is dropped first: for a peer that is too slow or no longer allowed to see it. */
void ws_cut(ws_t *ws, uint16_t code, const char *reason);

#endif
