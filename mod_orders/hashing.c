#include "hashing.h"

#include <apr_thread_pool.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define WAITERS_PER_SLOT 16
#define WAIT_MAX         apr_time_from_sec(1) /* in the queue, as far as can be foreseen */
#define NICENESS         19                   /* the last to get a core; see setpriority(2) on threads */

typedef struct hashing_job {
    hashing_work work;
    void *data;
    pthread_cond_t changed;
    bool done;
} hashing_job;

static apr_thread_pool_t *threads;
static int at_once;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_llong takes; /* apr_interval_time_t: one job, of late */

apr_status_t hashing_child_init(apr_pool_t *pchild, int slots)
{
    at_once = slots;
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

/* Once a thread. Where it may not, it hashes like anybody else. */
static void give_way(void)
{
    static _Thread_local bool given;

    if (!given)
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    given = true;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    hashing_job *job = data;
    apr_time_t began = apr_time_now();

    (void)thread;
    give_way();
    job->work(job->data);
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
    hashing_job job = {.work = work, .data = data};

    if (!has_room())
        return too_many(pool);
    if (pthread_cond_init(&job.changed, NULL))
        return problem_make(pool, "internal-error", NULL);
    if (apr_thread_pool_push(threads, run, &job, APR_THREAD_TASK_PRIORITY_NORMAL, &job) == APR_SUCCESS)
        wait_for(&job, deadline);
    pthread_cond_destroy(&job.changed);
    return job.done ? NULL : too_many(pool);
}
