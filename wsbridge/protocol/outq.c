#include "outq.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "mem.h"

#define WRITE_FRAMES 64 /* frames a system call */
#define WRITE_ROUNDS 16 /* system calls a turn: nobody waits for one fast reader */
#define FIRST_CAP    4

static frame_t **slot(const outq_t *queue, uint32_t index)
{
    return &queue->ring[(queue->head + index) & (queue->cap - 1)];
}

static void grow(outq_t *queue)
{
    uint32_t cap = queue->cap ? queue->cap * 2 : FIRST_CAP;
    frame_t **ring = mem_alloc(cap * sizeof(frame_t *));
    for (uint32_t i = 0; i < queue->count; i++)
        ring[i] = *slot(queue, i);
    free(queue->ring);
    queue->ring = ring;
    queue->cap = cap;
    queue->head = 0;
}

void outq_add(outq_t *queue, frame_t *frame)
{
    if (queue->count == queue->cap)
        grow(queue);
    size_t len;
    frame_bytes(frame, &len);
    queue->bytes += len;
    *slot(queue, queue->count++) = frame_ref(frame);
}

static void forget_if_empty(outq_t *queue)
{
    if (queue->count)
        return;
    free(queue->ring);
    *queue = (outq_t){0};
}

frame_t *outq_take(outq_t *queue)
{
    if (!queue->count)
        return NULL;
    frame_t *frame = *slot(queue, 0);
    size_t len;
    frame_bytes(frame, &len);
    queue->bytes -= len;
    queue->head++;
    queue->count--;
    forget_if_empty(queue);
    return frame;
}

static int gather(const outq_t *queue, struct iovec parts[WRITE_FRAMES])
{
    int n = 0;
    for (uint32_t i = 0; i < queue->count && n < WRITE_FRAMES; i++, n++) {
        size_t len, skip = i ? 0 : queue->offset;
        const uint8_t *data = frame_bytes(*slot(queue, i), &len);
        parts[n] = (struct iovec){.iov_base = (void *)(data + skip), .iov_len = len - skip};
    }
    return n;
}

static void mark_sent(outq_t *queue, size_t sent)
{
    queue->bytes -= sent;
    queue->offset += sent;
    while (queue->count) {
        size_t len;
        frame_bytes(*slot(queue, 0), &len);
        if (queue->offset < len)
            return;
        queue->offset -= len;
        frame_unref(*slot(queue, 0));
        queue->head++;
        queue->count--;
    }
}

int outq_write(outq_t *queue, int fd)
{
    for (int round = 0; queue->count && round < WRITE_ROUNDS; round++) {
        struct iovec parts[WRITE_FRAMES];
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)gather(queue, parts)};
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
        mark_sent(queue, (size_t)sent);
    }
    if (queue->count)
        return 0;
    forget_if_empty(queue);
    return 1;
}

void outq_drop_unsent(outq_t *queue)
{
    uint32_t keep = queue->offset ? 1 : 0;
    while (keep < queue->count && frame_kind(*slot(queue, keep)) == FRAME_RAW)
        keep++; /* the answer to the handshake has to arrive */
    while (queue->count > keep) {
        frame_t *frame = *slot(queue, --queue->count);
        size_t len;
        frame_bytes(frame, &len);
        queue->bytes -= len;
        frame_unref(frame);
    }
    forget_if_empty(queue);
}

void outq_free(outq_t *queue)
{
    for (uint32_t i = 0; i < queue->count; i++)
        frame_unref(*slot(queue, i));
    free(queue->ring);
    *queue = (outq_t){0};
}
