/* Bytes to send, encoded once and shared by any number of connections by counting references. A frame never changes.
 * Most are WebSocket frames (RFC 6455 section 5.2, server to client: no mask, never fragmented); the payload alone goes
 * into Engine.IO's polling answers.
 *
 * Threading: the count isn't atomic; make, share and release frames on the loop's thread only.
 */
#ifndef PROTOCOL_FRAME_H
#define PROTOCOL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct frame frame_t;

enum frame_kind {
    FRAME_RAW = 0, /* bytes as they are: HTTP */
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_CLOSE = 8,
    FRAME_PING = 9,
    FRAME_PONG = 10,
};

typedef struct frame_part {
    const void *data;
    size_t len;
} frame_part_t;

/* A frame with one reference, the caller's. */
frame_t *frame_new(enum frame_kind kind, const void *data, size_t len);
frame_t *frame_join(enum frame_kind kind, const frame_part_t *parts, size_t count);
/* A close frame; code 0 is one without a code. A reason is cut to the 123 bytes that fit, between two characters. */
frame_t *frame_close(uint16_t code, const char *reason);

frame_t *frame_ref(frame_t *frame);
void frame_unref(frame_t *frame); /* NULL is allowed */

enum frame_kind frame_kind(const frame_t *frame);
const uint8_t *frame_bytes(const frame_t *frame, size_t *len);   /* header and payload */
const uint8_t *frame_payload(const frame_t *frame, size_t *len); /* payload alone */

#endif
