/* The queue of jobs, and the lead: one waiter at a time works, with its own thread, for itself and for all that wait by then and fit into the
 * batch; then it hands the lead to the oldest of those that came meanwhile. */
#include "ledger.h"

#include <apr_strings.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger_batch.h"

#define MOVE_LINES                                                                                                     \
    10 /* of an order not read yet: more than most have. ledger_batch_run splits a batch that turns out too long */

/* For another process's batch. Longer ones are rare, and must not hold up this process, too. */
#define TURN_WAIT apr_time_from_msec(250)

/* A job's owner, from asking until the job is done. Lives on the owner's stack: it stays in ledger_run for as long. */
typedef struct waiter {
    struct waiter *next; /* in the queue, later among the leader's mates */
    ledger_job *job;
    pthread_cond_t wake;
    enum {
        WAITER_QUEUED, /* may still leave */
        WAITER_LEADS,  /* works, for itself and for those it took */
        WAITER_TAKEN,  /* another one works for it */
        WAITER_DONE
    } state;
} waiter;

struct ledger {
    ledger_config config;
    orphan_slot *slot;
    apr_interval_time_t budget; /* half the request's time: the rest is for the queue */
    pthread_mutex_t lock;
    waiter *first, **end; /* oldest first */
    bool led;             /* somebody works */
};

static apr_status_t destroy_lock(void *data)
{
    pthread_mutex_destroy(&((ledger_t *)data)->lock);
    return APR_SUCCESS;
}

int ledger_create(ledger_t **ledger, apr_pool_t *pool, const ledger_config *config)
{
    ledger_t *l = apr_pcalloc(pool, sizeof(*l));

    l->config = *config;
    if (l->config.batch_max < 1 || l->config.batch_max > LEDGER_BATCH_OPS)
        l->config.batch_max = LEDGER_BATCH_OPS;
    l->budget = apr_time_from_msec(config->request_timeout_ms) / 2;
    l->slot = orphan_slot_take(config->orphans, pool);
    l->end = &l->first;
    if (pthread_mutex_init(&l->lock, NULL))
        return -1;
    apr_pool_cleanup_register(pool, l, destroy_lock, apr_pool_cleanup_null);
    *ledger = l;
    return 0;
}

ledger_job *ledger_job_create(int op_count)
{
    apr_pool_t *pool;
    ledger_job *job;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    job = apr_pcalloc(pool, sizeof(*job));
    job->pool = pool;
    job->op_count = op_count;
    job->ops = apr_pcalloc(pool, sizeof(*job->ops) * (size_t)op_count);
    for (int i = 0; i < op_count; i++) {
        job->ops[i].expected_total = -1;
        job->ops[i].restock = -1;
    }
    return job;
}

void ledger_job_destroy(ledger_job *job)
{
    if (job)
        apr_pool_destroy(job->pool);
}

static int op_weight(const ledger_op *op)
{
    return op->kind == LEDGER_PLACE ? op->line_count : op->kind == LEDGER_MOVE ? MOVE_LINES : 1;
}

/* Adds the job's operations from `first` on to the batch, as far as they fit. How many it took. */
static int add_ops(ledger_t *ledger, batch_t *batch, ledger_job *job, int first)
{
    int at = first;

    for (; at < job->op_count && batch->count < ledger->config.batch_max; at++) {
        int weight = op_weight(&job->ops[at]);

        if (batch->count && batch->lines + weight > LEDGER_BATCH_LINES)
            break;
        batch->lines += weight;
        batch->entries[batch->count++] = (batch_entry){.job = job, .op = &job->ops[at]};
    }
    return at - first;
}

/* What of a long job one batch could not hold, batch after batch. */
static void run_rest(ledger_t *ledger, ledger_job *job, int next, apr_time_t until)
{
    batch_entry entries[LEDGER_BATCH_OPS];

    while (next < job->op_count) {
        batch_t batch = {.config = &ledger->config, .entries = entries, .until = until, .slot = ledger->slot};

        if (apr_time_now() >= until) {
            job->ops[next++].problem = problem_make(
                job->pool, "not-attempted", "Time ran out before this one's turn; nothing was changed. Ask again.");
            continue;
        }
        next += add_ops(ledger, &batch, job, next);
        ledger_batch_run(&batch);
    }
}

static void enqueue(ledger_t *ledger, waiter *w)
{
    *ledger->end = w;
    ledger->end = &w->next;
}

static void dequeue(ledger_t *ledger, waiter *w)
{
    waiter **link = &ledger->first;

    while (*link != w)
        link = &(*link)->next;
    *link = w->next;
    if (ledger->end == &w->next)
        ledger->end = link;
    w->next = NULL;
}

/* Fills the leader's batch with waiting jobs, oldest first, up to the first that does not fit whole. Under the lock. */
static void take_mates(ledger_t *ledger, batch_t *batch, waiter *leader)
{
    waiter *last = leader, *mate;

    while ((mate = ledger->first)) {
        int count = batch->count, lines = batch->lines;

        if (add_ops(ledger, batch, mate->job, 0) < mate->job->op_count) {
            batch->count = count;
            batch->lines = lines;
            return;
        }
        dequeue(ledger, mate);
        mate->state = WAITER_TAKEN;
        last = last->next = mate;
    }
}

/* Gives the lead to the oldest waiter, or leaves it open for the next to come. Under the lock. */
static void hand_on(ledger_t *ledger)
{
    waiter *oldest = ledger->first;

    ledger->led = oldest != NULL;
    if (!oldest)
        return;
    dequeue(ledger, oldest);
    oldest->state = WAITER_LEADS;
    pthread_cond_signal(&oldest->wake);
}

/* The mates' jobs are done: their owners may go, and with them what they have on their stacks. Under the lock. */
static void release_mates(waiter *leader)
{
    for (waiter *mate = leader->next, *next; mate; mate = next) {
        next = mate->next;
        mate->state = WAITER_DONE;
        pthread_cond_signal(&mate->wake);
    }
}

/* Waits for the lead, or for a leader that does the job. False: the time to wait in the queue is over. Under the lock. */
static bool wait_in_queue(ledger_t *ledger, waiter *w, apr_time_t until)
{
    struct timespec at = {.tv_sec = apr_time_sec(until), .tv_nsec = apr_time_usec(until) * 1000};

    if (!ledger->led) {
        ledger->led = true;
        w->state = WAITER_LEADS;
        return true;
    }
    enqueue(ledger, w);
    while (w->state == WAITER_QUEUED)
        if (pthread_cond_timedwait(&w->wake, &ledger->lock, &at) == ETIMEDOUT && w->state == WAITER_QUEUED) {
            dequeue(ledger, w);
            return false;
        }
    while (w->state == WAITER_TAKEN)
        pthread_cond_wait(&w->wake, &ledger->lock);
    return true;
}

/* Exactly one batch for all whose jobs it takes, then the lead goes on; the leader's own job may have more. Jobs that come while it waits for
 * the turn are taken too. Under the lock, but not while it waits or works. */
static void lead(ledger_t *ledger, waiter *self, apr_time_t turn_until)
{
    batch_entry entries[LEDGER_BATCH_OPS];
    batch_t batch = {.config = &ledger->config, .entries = entries, .slot = ledger->slot};
    bool turn;
    int taken;

    pthread_mutex_unlock(&ledger->lock);
    turn = turn_take(ledger->config.turn, turn_until);
    pthread_mutex_lock(&ledger->lock);
    batch.until = apr_time_now() + ledger->budget;
    taken = add_ops(ledger, &batch, self->job, 0);
    if (taken == self->job->op_count)
        take_mates(ledger, &batch, self);
    pthread_mutex_unlock(&ledger->lock);
    ledger_batch_run(&batch);
    run_rest(ledger, self->job, taken, batch.until);
    if (turn)
        turn_leave(ledger->config.turn);
    pthread_mutex_lock(&ledger->lock);
    release_mates(self);
    hand_on(ledger);
}

problem_t *ledger_run(ledger_t *ledger, ledger_job *job, apr_time_t deadline)
{
    waiter self = {.job = job, .state = WAITER_QUEUED};
    bool done;

    for (int i = 0; i < job->op_count; i++)
        if (job->ops[i].kind == LEDGER_PLACE)
            bson_oid_init(&job->ops[i].id, NULL);
    if (pthread_cond_init(&self.wake, NULL))
        return problem_make(job->pool, "internal-error", NULL);
    pthread_mutex_lock(&ledger->lock);
    done = wait_in_queue(ledger, &self, deadline - ledger->budget);
    if (self.state == WAITER_LEADS)
        lead(ledger, &self, apr_time_now() + TURN_WAIT);
    pthread_mutex_unlock(&ledger->lock);
    pthread_cond_destroy(&self.wake);
    return done ? NULL
                : problem_make(job->pool, "busy", "Too many changes are waiting; nothing was changed. Try again soon.");
}
