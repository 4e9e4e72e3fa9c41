#include "hashing.h"

#include <apr_thread_pool.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>
#include "pauses.h"

#define WAITERS_PER_SLOT 16
#define WAIT_MAX         apr_time_from_sec(1) /* in the queue, as far as can be foreseen */

typedef struct hashing_job {
    hashing_work work;
    void *data;
    apr_time_t deadline;
    pthread_cond_t changed;
    bool done;
} hashing_job;

static apr_thread_pool_t *threads;
static turn_t *turns; /* at_once of them, for all children */
static int at_once;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_llong takes; /* apr_interval_time_t: one job, of late */

int hashing_slots(int configured)
{
    cpu_set_t usable;
    int half;

    if (configured)
        return configured;
    half = sched_getaffinity(0, sizeof(usable), &usable) ? 1 : CPU_COUNT(&usable) / 2;
    return half < 1 ? 1 : half < HASHING_SLOTS_MAX ? half : HASHING_SLOTS_MAX;
}

apr_status_t hashing_child_init(apr_pool_t *pchild, int slots, turn_t *shared_turns)
{
    at_once = slots;
    turns = shared_turns;
    (void)pauses_init();
    return apr_thread_pool_create(&threads, 0, (apr_size_t)slots, pchild);
}

static bool has_room(void)
{
    apr_size_t waiting = apr_thread_pool_tasks_count(threads);

    return waiting < (apr_size_t)at_once * WAITERS_PER_SLOT &&
           (apr_interval_time_t)waiting * atomic_load(&takes) <= WAIT_MAX * at_once;
}

static problem_t *too_many(apr_pool_t *pool)
{
    return problem_make(pool, "busy", "Too many people are signing in just now; try again in a moment.");
}

problem_t *hashing_look(apr_pool_t *pool)
{
    return has_room() ? NULL : too_many(pool);
}

/* One that is free, or else the next of this thread's own. NULL: none until then. */
static turn_t *take_turn(apr_time_t until)
{
    static atomic_int count;
    static _Thread_local int number; /* of this thread, from 1 */
    turn_t *own;

    if (!number)
        number = 1 + atomic_fetch_add(&count, 1) % at_once;
    own = &turns[number - 1];
    for (int i = 0; i < at_once; i++) {
        turn_t *turn = &turns[(number - 1 + i) % at_once];

        if (turn_take(turn, TURN_NOW))
            return turn;
    }
    return turn_take(own, until) ? own : NULL;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    hashing_job *job = data;
    apr_time_t began = apr_time_now();
    turn_t *turn;
    pauses pauses;

    (void)thread;
    if (!(turn = take_turn(job->deadline)))
        return NULL;
    pauses_begin(&pauses);
    job->work(job->data);
    pauses_end(&pauses);
    turn_leave(turn);
    atomic_store(&takes, (3 * atomic_load(&takes) + apr_time_now() - began) / 4);
    pthread_mutex_lock(&lock);
    job->done = true;
    pthread_cond_signal(&job->changed);
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* Afterwards the job is done, or nobody will do it. */
static void wait_for(hashing_job *job, apr_time_t deadline)
{
    const struct timespec end = {.tv_sec = (time_t)apr_time_sec(deadline),
                                 .tv_nsec = (long)apr_time_usec(deadline) * 1000};
    int late = 0;

    pthread_mutex_lock(&lock);
    while (!job->done && !late)
        late = pthread_cond_timedwait(&job->changed, &lock, &end);
    pthread_mutex_unlock(&lock);
    if (late)
        apr_thread_pool_tasks_cancel(threads, job); /* takes it out of the queue, or waits for its end */
}

problem_t *hashing_run(apr_pool_t *pool, apr_time_t deadline, hashing_work work, void *data)
{
    hashing_job job = {.work = work, .data = data, .deadline = deadline};

    if (!has_room())
        return too_many(pool);
    if (pthread_cond_init(&job.changed, NULL))
        return problem_make(pool, "internal-error", NULL);
    if (apr_thread_pool_push(threads, run, &job, APR_THREAD_TASK_PRIORITY_NORMAL, &job) == APR_SUCCESS)
        wait_for(&job, deadline);
    pthread_cond_destroy(&job.changed);
    return job.done ? NULL : too_many(pool);
}
