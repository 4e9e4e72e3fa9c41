/* A connection's frames that wait to be sent: a ring of references, with its size in bytes and frames known. An empty
 * queue owns no memory. Limits are its owner's: it looks at bytes and count before adding.
 */
#ifndef PROTOCOL_OUTQ_H
#define PROTOCOL_OUTQ_H

#include "frame.h"

typedef struct outq {
    frame_t **ring;
    uint32_t cap, head, count;
    size_t bytes;  /* unsent, headers included */
    size_t offset; /* of the first frame, already sent */
} outq_t;

/* Takes a reference of its own. */
void outq_add(outq_t *queue, frame_t *frame);
/* The first frame, whose reference passes to the caller; NULL where there is none. Only for a queue that nothing was
 * written from. */
frame_t *outq_take(outq_t *queue);
/* Writes what the socket takes. 1: all is sent; 0: the socket is full; -1: it failed, see errno. */
int outq_write(outq_t *queue, int fd);
/* Drops the frames of which nothing was sent yet, but not HTTP's at the head. */
void outq_drop_unsent(outq_t *queue);
void outq_free(outq_t *queue);

#endif
