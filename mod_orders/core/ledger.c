/* The queue of jobs, and the lead: one waiter at a time works, with its own thread, and hands the lead on when its batch is done. */
#include "ledger.h"

#include <apr_strings.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger_batch.h"

#define MOVE_LINES LEDGER_LINES_MAX /* lines of an order not read yet: as many as there can be */

/* A queued job's owner. Lives on the owner's stack: it is in ledger_run for as long as it is linked. */
typedef struct waiter {
    struct waiter *next;
    pthread_cond_t wake;
    bool lead; /* it is this waiter's turn to work */
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

/* Runs a job's operations, as many in one transaction as a batch may hold. */
static void run_job(ledger_t *ledger, ledger_job *job)
{
    apr_time_t until = apr_time_now() + ledger->budget;
    batch_entry entries[LEDGER_BATCH_OPS];
    int next = 0;

    while (next < job->op_count) {
        batch_t batch = {.config = &ledger->config, .entries = entries, .until = until, .slot = ledger->slot};
        int lines = 0;

        if (next > 0 && apr_time_now() >= until) {
            job->ops[next++].problem = problem_make(
                job->pool, "not-attempted", "Time ran out before this one's turn; nothing was changed. Ask again.");
            continue;
        }
        while (next < job->op_count && batch.count < LEDGER_BATCH_OPS) {
            lines += op_weight(&job->ops[next]);
            if (batch.count && lines > LEDGER_BATCH_LINES)
                break;
            entries[batch.count++] = (batch_entry){.job = job, .op = &job->ops[next++]};
        }
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
}

/* Gives the lead to the oldest waiter, or leaves it open for the next to come. Under the lock. */
static void hand_on(ledger_t *ledger)
{
    ledger->led = ledger->first != NULL;
    if (ledger->first) {
        ledger->first->lead = true;
        pthread_cond_signal(&ledger->first->wake);
    }
}

/* Waits for the lead. False: the time to wait in the queue is over. Under the lock. */
static bool wait_for_lead(ledger_t *ledger, waiter *w, apr_time_t until)
{
    struct timespec at = {.tv_sec = apr_time_sec(until), .tv_nsec = apr_time_usec(until) * 1000};

    if (!ledger->led) {
        ledger->led = true;
        return true;
    }
    enqueue(ledger, w);
    while (!w->lead)
        if (pthread_cond_timedwait(&w->wake, &ledger->lock, &at) == ETIMEDOUT && !w->lead) {
            dequeue(ledger, w);
            return false;
        }
    dequeue(ledger, w);
    return true;
}

problem_t *ledger_run(ledger_t *ledger, ledger_job *job, apr_time_t deadline)
{
    waiter self = {.next = NULL};
    bool mine;

    for (int i = 0; i < job->op_count; i++)
        if (job->ops[i].kind == LEDGER_PLACE)
            bson_oid_init(&job->ops[i].id, NULL);
    if (pthread_cond_init(&self.wake, NULL))
        return problem_make(job->pool, "internal-error", NULL);
    pthread_mutex_lock(&ledger->lock);
    mine = wait_for_lead(ledger, &self, deadline - ledger->budget);
    pthread_mutex_unlock(&ledger->lock);
    if (mine) {
        run_job(ledger, job);
        pthread_mutex_lock(&ledger->lock);
        hand_on(ledger);
        pthread_mutex_unlock(&ledger->lock);
    }
    pthread_cond_destroy(&self.wake);
    return mine ? NULL
                : problem_make(job->pool, "busy", "Too many changes are waiting; nothing was changed. Try again soon.");
}
