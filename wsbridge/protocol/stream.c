#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "mem.h"
#include "outq.h"

#define FINISH_MS 10000 /* for what is still to be sent */
#define LINGER_MS 2000  /* for the peer's FIN after ours */

enum stream_state {
    STREAM_OPEN,
    STREAM_LOST,      /* the owner has been told */
    STREAM_FINISHING, /* no owner; the rest is being sent */
    STREAM_LINGERING, /* no owner; FIN sent, waiting for the peer's */
    STREAM_DEAD,
};

struct stream {
    loop_t *loop;
    stream_set_t *set;
    stream_t *next, *previous;
    const stream_events_t *events;
    void *owner;
    struct event *readable, *writable; /* writable is made when the socket is full for the first time */
    struct event *linger;
    outq_t queue;
    int fd;
    enum stream_state state;
    bool flush_due;
};

static void set_add(stream_set_t *set, stream_t *stream)
{
    stream->next = set->first;
    if (set->first)
        set->first->previous = stream;
    set->first = stream;
    set->count++;
}

static void set_remove(stream_set_t *set, stream_t *stream)
{
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        set->first = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    set->count--;
    if (set->gone)
        set->gone(set->arg);
}

static void release(void *arg)
{
    free(arg);
}

void stream_free(stream_t *stream)
{
    if (!stream || stream->state == STREAM_DEAD)
        return;
    stream->state = STREAM_DEAD;
    loop_timer_free(&stream->readable);
    loop_timer_free(&stream->writable);
    loop_timer_free(&stream->linger);
    close(stream->fd);
    outq_free(&stream->queue);
    set_remove(stream->set, stream);
    loop_defer(stream->loop, release, stream);
}

static void lose(stream_t *stream, int error)
{
    if (stream->state != STREAM_OPEN) {
        stream_free(stream);
        return;
    }
    stream->state = STREAM_LOST;
    event_del(stream->readable);
    if (stream->writable)
        event_del(stream->writable);
    stream->events->lost(stream->owner, error);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    stream_t *stream = arg;
    uint8_t *buffer = loop_read_buffer(stream->loop);
    ssize_t len = recv(fd, buffer, LOOP_READ_SIZE, 0);
    if (len < 0 && (errno == EAGAIN || errno == EINTR || errno == EWOULDBLOCK))
        return;
    if (len <= 0)
        lose(stream, len ? errno : 0);
    else if (stream->state == STREAM_OPEN)
        stream->events->data(stream->owner, buffer, (size_t)len);
}

static void on_linger_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    stream_free(arg);
}

static void start_linger(stream_t *stream)
{
    stream->state = STREAM_LINGERING;
    shutdown(stream->fd, SHUT_WR);
    loop_timer_set(stream->loop, &stream->linger, LINGER_MS, on_linger_end, stream);
}

static void flush(stream_t *stream);

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    flush(arg);
}

static void wait_writable(stream_t *stream)
{
    if (!stream->writable) {
        stream->writable = event_new(loop_base(stream->loop), stream->fd, EV_WRITE, on_writable, stream);
        if (!stream->writable)
            abort();
    }
    event_add(stream->writable, NULL);
}

static void flush(stream_t *stream)
{
    if (stream->state != STREAM_OPEN && stream->state != STREAM_FINISHING)
        return;
    bool had_frames = stream->queue.count > 0;
    int done = outq_write(&stream->queue, stream->fd);
    if (done < 0)
        lose(stream, errno);
    else if (!done)
        wait_writable(stream);
    else if (stream->state == STREAM_FINISHING)
        start_linger(stream);
    else if (had_frames && stream->events->drained)
        stream->events->drained(stream->owner);
}

static void flush_at_turn_end(void *arg)
{
    stream_t *stream = arg;
    stream->flush_due = false;
    flush(stream);
}

static void flush_later(stream_t *stream)
{
    if (stream->flush_due)
        return;
    stream->flush_due = true;
    loop_defer(stream->loop, flush_at_turn_end, stream);
}

stream_t *stream_new(loop_t *loop, stream_set_t *set, int fd, const stream_events_t *events, void *owner)
{
    stream_t *stream = mem_zero(sizeof *stream);
    *stream = (stream_t){.loop = loop, .set = set, .fd = fd, .events = events, .owner = owner};
    stream->readable = event_new(loop_base(loop), fd, EV_READ | EV_PERSIST, on_readable, stream);
    if (!stream->readable || event_add(stream->readable, NULL)) {
        if (stream->readable)
            event_free(stream->readable);
        close(fd);
        free(stream);
        return NULL;
    }
    set_add(set, stream);
    return stream;
}

void stream_take(stream_t *stream, const stream_events_t *events, void *owner)
{
    stream->events = events;
    stream->owner = owner;
}

void stream_send(stream_t *stream, frame_t *frame)
{
    if (stream->state != STREAM_OPEN)
        return;
    outq_add(&stream->queue, frame);
    flush_later(stream);
}

size_t stream_queued_bytes(const stream_t *stream)
{
    return stream->queue.bytes;
}

size_t stream_queued_frames(const stream_t *stream)
{
    return stream->queue.count;
}

void stream_drop_unsent(stream_t *stream)
{
    outq_drop_unsent(&stream->queue);
}

void stream_read(stream_t *stream, bool on)
{
    if (stream->state != STREAM_OPEN)
        return;
    if (on)
        event_add(stream->readable, NULL);
    else
        event_del(stream->readable);
}

void stream_peer(const stream_t *stream, char *text, size_t size)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } address = {0};
    socklen_t len = sizeof address;
    char host[INET6_ADDRSTRLEN] = "";
    if (getpeername(stream->fd, &address.any, &len))
        snprintf(text, size, "unknown");
    else if (address.any.sa_family == AF_INET && inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof host))
        snprintf(text, size, "%s:%u", host, ntohs(address.v4.sin_port));
    else if (address.any.sa_family == AF_INET6 && inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof host))
        snprintf(text, size, "[%s]:%u", host, ntohs(address.v6.sin6_port));
    else
        snprintf(text, size, "unix");
}

void stream_finish(stream_t *stream)
{
    if (!stream)
        return;
    if (stream->state != STREAM_OPEN) {
        stream_free(stream);
        return;
    }
    stream->state = STREAM_FINISHING;
    event_add(stream->readable, NULL);
    loop_timer_set(stream->loop, &stream->linger, FINISH_MS, on_linger_end, stream);
    flush_later(stream);
}

void stream_set_close(stream_set_t *set)
{
    stream_t *stream = set->first;
    while (stream) {
        stream_t *next = stream->next; /* stays valid: memory goes at the end of the turn */
        lose(stream, ECONNABORTED);
        stream = next;
    }
}
