/* The queue of jobs: the leader runs its own and those of all that wait by then and fit into the batch. */
#include "ledger.h"

#include <apr_strings.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lead.h"
#include "ledger_batch.h"

#define MOVE_LINES                                                                                                     \
    10 /* of an order not read yet: more than most have. ledger_batch_run splits a batch that turns out too long */

/* For another process's batch. Longer ones are rare, and must not hold up this process, too. */
#define TURN_WAIT apr_time_from_msec(250)

/* A job's owner, from asking until the job is done. */
typedef struct waiter {
    lead_waiter lead;
    ledger_job *job;
} waiter;

struct ledger {
    ledger_config config;
    orphan_slot *slot;
    apr_interval_time_t budget; /* half the request's time: the rest is for the queue */
    pthread_mutex_t lock;
    lead_queue queue;
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
    lead_queue_init(&l->queue, &l->lock, 1);
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

/* Fills the leader's batch with waiting jobs, oldest first, up to the first that does not fit whole. Under the lock. */
static void take_mates(ledger_t *ledger, batch_t *batch, waiter *leader)
{
    while (ledger->queue.first) {
        ledger_job *job = ((waiter *)ledger->queue.first)->job;
        int count = batch->count, lines = batch->lines;

        if (add_ops(ledger, batch, job, 0) < job->op_count) {
            batch->count = count;
            batch->lines = lines;
            return;
        }
        lead_take(&ledger->queue, &leader->lead);
    }
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
    lead_end(&ledger->queue, &self->lead);
}

problem_t *ledger_run(ledger_t *ledger, ledger_job *job, apr_time_t deadline)
{
    waiter self = {.job = job};
    lead_state state;

    for (int i = 0; i < job->op_count; i++)
        if (job->ops[i].kind == LEDGER_PLACE)
            bson_oid_init(&job->ops[i].id, NULL);
    pthread_mutex_lock(&ledger->lock);
    state = lead_wait(&ledger->queue, &self.lead, deadline - ledger->budget);
    if (state == LEAD_LEADS)
        lead(ledger, &self, apr_time_now() + TURN_WAIT);
    pthread_mutex_unlock(&ledger->lock);
    if (state != LEAD_LATE)
        return NULL;
    return problem_make(job->pool, "busy", "Too many changes are waiting; nothing was changed. Try again soon.");
}
