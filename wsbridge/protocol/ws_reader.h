/* Reads the peer's frames with libwslay and puts messages together. A wslay context is 9 KB, so a connection has one only
 * while a frame or message is under way; between messages it goes back to a small pool for the next connection.
 */
#ifndef PROTOCOL_WS_READER_H
#define PROTOCOL_WS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "loop.h"

typedef struct ws_reader ws_reader_t;

/* What a feed found. Valid during the call. Control frames come in their place between messages. */
typedef struct ws_reader_events {
    void (*message)(void *owner, bool text, const uint8_t *data, size_t len);
    void (*ping)(void *owner, const uint8_t *data, size_t len);
    void (*pong)(void *owner);
    /* The peer's close frame: code WS_NO_CODE if it has none. */
    void (*close)(void *owner, uint16_t code, const char *reason);
    /* Asked between frames: false has the rest of the input ignored. */
    bool (*wants_more)(void *owner);
} ws_reader_events_t;

/* Feeds bytes. `*slot` is NULL at first, and whenever nothing is under way. Returns 0, or the close code for what the
 * peer did wrong; then no more may be fed. */
uint16_t ws_read(ws_reader_t **slot, loop_t *loop, size_t max_message, const ws_reader_events_t *events, void *owner,
                 const uint8_t *data, size_t len);
/* Not from within ws_read's events. */
void ws_reader_free(ws_reader_t **slot);

#endif
