#include "inbox.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "protocol/mem.h"

#define A_TURN 256 /* items taken before the loop sees to its sockets again */

struct inbox {
    inbox_ops ops;
    void *ctx;
    int fd;
    struct event *event;
    pthread_mutex_t lock;
    pthread_cond_t room;
    inbox_item *first, **end;
    size_t count, max;
    bool closed;
};

static void wake(const inbox_t *inbox)
{
    uint64_t one = 1;
    /* It only fails when the count is at its end: then the loop is awake anyway. */
    if (write(inbox->fd, &one, sizeof one) < 0)
        return;
}

static inbox_item *take_first(inbox_t *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox_item *item = inbox->first;
    if (item) {
        inbox->first = item->next;
        if (!inbox->first)
            inbox->end = &inbox->first;
        if (inbox->count-- == inbox->max)
            pthread_cond_broadcast(&inbox->room);
    }
    pthread_mutex_unlock(&inbox->lock);
    return item;
}

static void on_items(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    inbox_t *inbox = arg;
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0)
        return;
    for (int i = 0; i < A_TURN; i++) {
        inbox_item *item = take_first(inbox);
        if (!item)
            return;
        inbox->ops.take(inbox->ctx, item);
    }
    wake(inbox);
}

inbox_t *inbox_new(loop_t *loop, size_t max, const inbox_ops *ops, void *ctx)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return NULL;
    inbox_t *inbox = mem_zero(sizeof *inbox);
    inbox->ops = *ops;
    inbox->ctx = ctx;
    inbox->fd = fd;
    inbox->max = max;
    inbox->end = &inbox->first;
    pthread_mutex_init(&inbox->lock, NULL);
    pthread_cond_init(&inbox->room, NULL);
    inbox->event = event_new(loop_base(loop), fd, EV_READ | EV_PERSIST, on_items, inbox);
    if (!inbox->event || event_add(inbox->event, NULL)) {
        inbox_free(inbox);
        return NULL;
    }
    return inbox;
}

static bool post(inbox_t *inbox, inbox_item *item, bool wait)
{
    pthread_mutex_lock(&inbox->lock);
    while (wait && inbox->count >= inbox->max && !inbox->closed)
        pthread_cond_wait(&inbox->room, &inbox->lock);
    bool open = !inbox->closed;
    if (open) {
        item->next = NULL;
        *inbox->end = item;
        inbox->end = &item->next;
        inbox->count++;
    }
    pthread_mutex_unlock(&inbox->lock);
    if (open)
        wake(inbox);
    return open;
}

bool inbox_post(inbox_t *inbox, inbox_item *item)
{
    return post(inbox, item, true);
}

bool inbox_put(inbox_t *inbox, inbox_item *item)
{
    return post(inbox, item, false);
}

void inbox_close(inbox_t *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->closed = true;
    pthread_cond_broadcast(&inbox->room);
    pthread_mutex_unlock(&inbox->lock);
}

void inbox_free(inbox_t *inbox)
{
    if (!inbox)
        return;
    if (inbox->event)
        event_free(inbox->event);
    for (inbox_item *item; (item = take_first(inbox));)
        inbox->ops.drop(inbox->ctx, item);
    close(inbox->fd);
    pthread_mutex_destroy(&inbox->lock);
    pthread_cond_destroy(&inbox->room);
    free(inbox);
}
