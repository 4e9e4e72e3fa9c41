/* Work that one thread does for many: who comes while nobody works has the lead and works at once; who comes meanwhile waits,
 * and the next leader takes them all along, as its mates. There is no thread for it, and nobody waits for mates to come.
 *
 * A queue's functions are called under its lock. A waiter lives on the stack of its thread, which stays in lead_wait until
 * its work is done, or it is its turn to lead, or its time is over.
 */
#ifndef CORE_LEAD_H
#define CORE_LEAD_H

#include <apr_time.h>
#include <pthread.h>
#include <stdbool.h>

typedef enum {
    LEAD_QUEUED, /* may still leave */
    LEAD_LEADS,  /* works, for itself and for those it takes */
    LEAD_TAKEN,  /* another one works for it */
    LEAD_DONE,   /* another one has worked for it */
    LEAD_LATE    /* left the queue: nobody has, or will */
} lead_state;

/* The first member of what a user of the queue keeps of a waiting thread. */
typedef struct lead_waiter {
    struct lead_waiter *next; /* in the queue, later among the leader's mates */
    pthread_cond_t wake;
    lead_state state;
} lead_waiter;

typedef struct lead_queue {
    pthread_mutex_t *lock;
    lead_waiter *first, **end; /* oldest first */
    int leaders, leaders_max;
} lead_queue;

void lead_queue_init(lead_queue *queue, pthread_mutex_t *lock, int leaders_max);
/* Gives the lead if it is free, else waits. LEAD_LEADS: work, then call lead_end. LEAD_DONE: a leader did the work. LEAD_LATE:
 * it is `until`, and no leader took it. */
lead_state lead_wait(lead_queue *queue, lead_waiter *self, apr_time_t until);
/* Leads though others do: for who is late, and can't leave. */
void lead_anyway(lead_queue *queue, lead_waiter *self);
/* Makes the oldest of the queue (queue->first, not NULL) a mate of the leader; returns it. Mates are leader->next and so on. */
lead_waiter *lead_take(lead_queue *queue, lead_waiter *leader);
/* The work is done: mates may go, and the oldest of the queue leads. */
void lead_end(lead_queue *queue, lead_waiter *leader);
/* Nobody leads, nobody waits. */
bool lead_idle(const lead_queue *queue);

#endif
