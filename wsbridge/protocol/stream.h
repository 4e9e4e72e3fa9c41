/* A connected socket on the loop, with a queue of frames to send. It knows no protocol; its owner does.
 *
 * Ownership: a stream belongs to one owner at a time (HTTP first, then WebSocket). The owner ends it with stream_finish
 * or stream_free and hears nothing of it from then on; its memory goes at the end of the turn.
 * Errors: `lost` is called once, when the peer closed (error 0) or the socket failed (an errno); the owner still has to
 * call stream_free.
 */
#ifndef PROTOCOL_STREAM_H
#define PROTOCOL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "frame.h"
#include "loop.h"

typedef struct stream stream_t;

typedef struct stream_events {
    /* Bytes came. They are valid during the call only. */
    void (*data)(void *owner, const uint8_t *data, size_t len);
    /* The queue has been sent. May be NULL. */
    void (*drained)(void *owner);
    void (*lost)(void *owner, int error);
} stream_events_t;

/* All streams of one server: how many there are, those that are only being finished included. */
typedef struct stream_set {
    stream_t *first;
    size_t count;
    /* Called when one has gone; may be NULL. */
    void (*gone)(void *arg);
    void *arg;
} stream_set_t;

/* Takes over the non-blocking `fd`. NULL with the fd closed where the loop can't watch it. */
stream_t *stream_new(loop_t *loop, stream_set_t *set, int fd, const stream_events_t *events, void *owner);
/* Another owner takes over. */
void stream_take(stream_t *stream, const stream_events_t *events, void *owner);

/* Queues a frame (a reference of its own); it goes out at the end of this turn, with all others of the turn. */
void stream_send(stream_t *stream, frame_t *frame);
size_t stream_queued_bytes(const stream_t *stream);
size_t stream_queued_frames(const stream_t *stream);
void stream_drop_unsent(stream_t *stream);

/* Reading can rest while the owner has more to send than it likes. */
void stream_read(stream_t *stream, bool on);

/* The peer's address as text ("unix" for a unix socket); for logs. */
void stream_peer(const stream_t *stream, char *text, size_t size);

/* Sends what is queued, then FIN; what still comes in is thrown away until the peer closes or its time is over, so
 * that the last bytes aren't lost to a reset. */
void stream_finish(stream_t *stream);
/* Closes at once. */
void stream_free(stream_t *stream);

/* Every owner hears `lost`, and what is being finished is cut. */
void stream_set_close(stream_set_t *set);

#endif
