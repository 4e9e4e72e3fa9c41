#include "lead.h"

#include <errno.h>
#include <time.h>

void lead_queue_init(lead_queue *queue, pthread_mutex_t *lock, int leaders_max)
{
    *queue = (lead_queue){.lock = lock, .end = &queue->first, .leaders_max = leaders_max};
}

static void enqueue(lead_queue *queue, lead_waiter *waiter)
{
    *queue->end = waiter;
    queue->end = &waiter->next;
}

static void dequeue(lead_queue *queue, lead_waiter *waiter)
{
    lead_waiter **link = &queue->first;

    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
    if (queue->end == &waiter->next)
        queue->end = link;
    waiter->next = NULL;
}

static void wait_in_queue(lead_queue *queue, lead_waiter *self, apr_time_t until)
{
    struct timespec at = {.tv_sec = apr_time_sec(until), .tv_nsec = apr_time_usec(until) * 1000};

    enqueue(queue, self);
    while (self->state == LEAD_QUEUED)
        if (pthread_cond_timedwait(&self->wake, queue->lock, &at) == ETIMEDOUT && self->state == LEAD_QUEUED) {
            dequeue(queue, self);
            self->state = LEAD_LATE;
        }
    while (self->state == LEAD_TAKEN)
        pthread_cond_wait(&self->wake, queue->lock);
}

lead_state lead_wait(lead_queue *queue, lead_waiter *self, apr_time_t until)
{
    self->next = NULL;
    self->state = LEAD_QUEUED;
    if (queue->leaders < queue->leaders_max) {
        lead_anyway(queue, self);
        return LEAD_LEADS;
    }
    if (pthread_cond_init(&self->wake, NULL))
        return self->state = LEAD_LATE;
    wait_in_queue(queue, self, until);
    pthread_cond_destroy(&self->wake);
    return self->state;
}

void lead_anyway(lead_queue *queue, lead_waiter *self)
{
    queue->leaders++;
    self->state = LEAD_LEADS;
}

lead_waiter *lead_take(lead_queue *queue, lead_waiter *leader)
{
    lead_waiter *mate = queue->first;

    dequeue(queue, mate);
    mate->state = LEAD_TAKEN;
    mate->next = leader->next;
    leader->next = mate;
    return mate;
}

static void release_mates(lead_waiter *leader)
{
    for (lead_waiter *mate = leader->next, *next; mate; mate = next) {
        next = mate->next;
        mate->state = LEAD_DONE;
        pthread_cond_signal(&mate->wake);
    }
    leader->next = NULL;
}

void lead_end(lead_queue *queue, lead_waiter *leader)
{
    lead_waiter *oldest;

    release_mates(leader);
    queue->leaders--;
    if (!(oldest = queue->first) || queue->leaders >= queue->leaders_max)
        return;
    dequeue(queue, oldest);
    lead_anyway(queue, oldest);
    pthread_cond_signal(&oldest->wake);
}

bool lead_idle(const lead_queue *queue)
{
    return !queue->leaders && !queue->first;
}
