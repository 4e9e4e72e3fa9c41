#include "hash_gate.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

/* At cost 10 the last one waits about a second. */
#define WAITERS_PER_SLOT 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static int taken, waiting;

/* With the lock held. False: the deadline came first. */
static bool wait_for_slot(int slots, apr_time_t deadline)
{
    const struct timespec end = {.tv_sec = (time_t)apr_time_sec(deadline),
                                 .tv_nsec = (long)apr_time_usec(deadline) * 1000};
    int result = 0;
    waiting++;
    while (taken >= slots && !result)
        result = pthread_cond_timedwait(&left, &lock, &end);
    waiting--;
    return taken < slots;
}

/* With the lock held. */
static bool has_room(int slots)
{
    return taken < slots || waiting < slots * WAITERS_PER_SLOT;
}

static problem_t *too_many(apr_pool_t *pool)
{
    return problem_make(pool, "busy", "Too many people are signing in just now; try again in a moment.");
}

problem_t *hash_gate_look(apr_pool_t *pool, int slots)
{
    pthread_mutex_lock(&lock);
    bool room = has_room(slots);
    pthread_mutex_unlock(&lock);
    return room ? NULL : too_many(pool);
}

problem_t *hash_gate_enter(apr_pool_t *pool, int slots, apr_time_t deadline)
{
    pthread_mutex_lock(&lock);
    bool in = has_room(slots) && (taken < slots || wait_for_slot(slots, deadline));
    if (in)
        taken++;
    pthread_mutex_unlock(&lock);
    return in ? NULL : too_many(pool);
}

void hash_gate_leave(void)
{
    pthread_mutex_lock(&lock);
    taken--;
    pthread_cond_signal(&left);
    pthread_mutex_unlock(&lock);
}
