/* Engine.IO 4 packets and polling payloads, as bytes ("Packet encoding" in the protocol's document). Pure functions.
 *
 * A packet on the wire is a type digit and data. On WebSocket each is a text frame, and binary messages are binary
 * frames without a type. On polling, packets are separated by 0x1E, and binary messages are `b` and base64.
 */
#ifndef PROTOCOL_EIO_PACKET_H
#define PROTOCOL_EIO_PACKET_H

#include "bytes.h"
#include "frame.h"

enum eio_type {
    EIO_OPEN,
    EIO_CLOSE,
    EIO_PING,
    EIO_PONG,
    EIO_MESSAGE,
    EIO_UPGRADE,
    EIO_NOOP,
};

typedef struct eio_packet {
    enum eio_type type;
    bool text;
    const uint8_t *data; /* into what was decoded */
    size_t len;
} eio_packet_t;

/* A text packet; false for an empty one or an unknown type. */
bool eio_packet_decode(const uint8_t *data, size_t len, eio_packet_t *packet);

/* Walks through a payload: 1 and a packet, 0 at the end, -1 for what is no packet. The payload must be UTF-8, which the
 * caller checks. `scratch` holds a binary message's bytes until the next call; the caller frees it. */
typedef struct eio_cursor {
    const uint8_t *at, *end;
    bool done;
    bytes_t scratch;
} eio_cursor_t;

void eio_cursor_init(eio_cursor_t *cursor, const uint8_t *data, size_t len);
int eio_cursor_next(eio_cursor_t *cursor, eio_packet_t *packet);

/* A packet ready to send on either transport. */
frame_t *eio_frame(enum eio_type type, const void *data, size_t len);
frame_t *eio_frame_binary(const void *data, size_t len);

/* Adds a frame to the body of a polling answer. */
void eio_payload_add(bytes_t *body, const frame_t *frame);

#endif
