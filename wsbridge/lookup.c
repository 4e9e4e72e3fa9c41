#include "lookup.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "core/order_store.h"
#include "core/user_store.h"
#include "inbox.h"
#include "news_doc.h"
#include "protocol/mem.h"

#define MAX_JOBS      10000
#define TIMEOUT_MS    5000
#define USERS_AT_ONCE 100

typedef struct job {
    inbox_item item; /* first: the inbox's item is the job */
    struct job *next;
    bson_oid_t id;
    void *ctx;
    /* One of the two */
    lookup_user_fn user_fn;
    lookup_order_fn order_fn;
    int64_t from; /* order */
    /* The answer */
    lookup_user_answer user;
    lookup_result order;
    news_t **entries;
    size_t count;
} job_t;

struct lookup {
    lookup_config config;
    inbox_t *inbox;
    pthread_t thread;
    size_t waiting; /* the loop's */
    pthread_mutex_t lock;
    pthread_cond_t more;
    /* Under the lock */
    job_t *first, **end;
    bool stopping;
};

/* --- The worker --- */

static lookup_user_answer answer_of(const store_page *page, const bson_oid_t *id)
{
    for (int i = 0; i < page->count; i++) {
        const bson_oid_t *found = store_oid(&page->row[i], "_id");
        const char *role = store_text(&page->row[i], "role");
        if (found && bson_oid_equal(found, id))
            return (lookup_user_answer){.result = LOOKUP_FOUND,
                                        .version = store_int(&page->row[i], "tokenVersion", -1),
                                        .role = role ? user_role_parse(role) : ROLE_NONE};
    }
    return (lookup_user_answer){.result = LOOKUP_NONE};
}

/* A wave of viewers that come back asks for many users: one question for a hundred of them. */
static void run_users(job_t *jobs, store_conn *conn)
{
    bson_oid_t ids[USERS_AT_ONCE];
    store_page page;
    int count = 0;
    for (const job_t *job = jobs; job; job = job->next)
        ids[count++] = job->id;
    if (user_store_find_sessions(conn, ids, count, &page))
        return;
    for (job_t *job = jobs; job; job = job->next)
        job->user = answer_of(&page, &job->id);
}

static void run_order(job_t *job, store_conn *conn, int exponent)
{
    const bson_t *doc = NULL;
    if (order_store_find(conn, &job->id, NULL, &doc))
        return;
    job->order = doc ? LOOKUP_FOUND : LOOKUP_NONE;
    int64_t version = job->order == LOOKUP_FOUND ? store_int(doc, "version", 0) : 0;
    if (version < job->from)
        return;
    job->entries = mem_zero((size_t)(version - job->from + 1) * sizeof *job->entries);
    for (int64_t v = job->from; v <= version; v++) {
        news_t *news = news_of_order(conn->pool, doc, v, exponent);
        if (news)
            job->entries[job->count++] = news;
    }
}

/* Jobs are born with the answer LOOKUP_FAILED. */
static void run(const lookup_t *lookup, job_t *jobs, apr_pool_t *pool)
{
    store_conn *conn;
    apr_time_t deadline = apr_time_now() + apr_time_from_msec(lookup->config.request_timeout_ms);
    if (store_acquire(lookup->config.store, pool, deadline, &conn))
        return;
    if (jobs->user_fn)
        run_users(jobs, conn);
    else
        run_order(jobs, conn, lookup->config.exponent);
    store_release(conn);
}

/* The end of what can be answered together with the first job: it, or the users' that follow. */
static job_t *last_of_batch(job_t *first)
{
    job_t *last = first;
    for (int count = 1; last->user_fn && last->next && last->next->user_fn && count < USERS_AT_ONCE; count++)
        last = last->next;
    return last;
}

/* A list of jobs, or NULL at the end. */
static job_t *next_jobs(lookup_t *lookup)
{
    pthread_mutex_lock(&lookup->lock);
    while (!lookup->first && !lookup->stopping)
        pthread_cond_wait(&lookup->more, &lookup->lock);
    job_t *jobs = lookup->stopping ? NULL : lookup->first;
    if (jobs) {
        job_t *last = last_of_batch(jobs);
        lookup->first = last->next;
        if (!lookup->first)
            lookup->end = &lookup->first;
        last->next = NULL;
    }
    pthread_mutex_unlock(&lookup->lock);
    return jobs;
}

static void drop_job(job_t *job)
{
    for (size_t i = 0; i < job->count; i++)
        news_unref(job->entries[i]);
    free(job->entries);
    free(job);
}

static void *work(void *arg)
{
    lookup_t *lookup = arg;
    apr_pool_t *pool;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL); /* they are the loop's */
    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    for (job_t *jobs; (jobs = next_jobs(lookup));) {
        run(lookup, jobs, pool);
        apr_pool_clear(pool);
        for (job_t *job = jobs, *next; job; job = next) {
            next = job->next; /* once put, it is the loop's */
            inbox_put(lookup->inbox, &job->item);
        }
    }
    apr_pool_destroy(pool);
    return NULL;
}

/* --- The loop's side --- */

static void on_answer(void *ctx, inbox_item *item)
{
    lookup_t *lookup = ctx;
    job_t *job = (job_t *)(void *)item;
    lookup->waiting--;
    if (job->user_fn)
        job->user_fn(job->ctx, &job->id, &job->user);
    else
        job->order_fn(job->ctx, &job->id, &(lookup_order_answer){job->order, job->entries, job->count});
    drop_job(job);
}

static void on_drop(void *ctx, inbox_item *item)
{
    (void)ctx;
    drop_job((job_t *)(void *)item);
}

/* One past the bound fails, by the same way as the others. */
static void add(lookup_t *lookup, job_t *job)
{
    job->user.result = job->order = LOOKUP_FAILED;
    if (lookup->waiting++ >= lookup->config.max_jobs) {
        inbox_put(lookup->inbox, &job->item);
        return;
    }
    pthread_mutex_lock(&lookup->lock);
    *lookup->end = job;
    lookup->end = &job->next;
    pthread_cond_signal(&lookup->more);
    pthread_mutex_unlock(&lookup->lock);
}

void lookup_user(lookup_t *lookup, const bson_oid_t *id, lookup_user_fn fn, void *ctx)
{
    job_t *job = mem_zero(sizeof *job);
    job->id = *id;
    job->user_fn = fn;
    job->ctx = ctx;
    add(lookup, job);
}

void lookup_order(lookup_t *lookup, const bson_oid_t *id, int64_t from, lookup_order_fn fn, void *ctx)
{
    job_t *job = mem_zero(sizeof *job);
    job->id = *id;
    job->order_fn = fn;
    job->from = from < 1 ? 1 : from;
    job->ctx = ctx;
    add(lookup, job);
}

size_t lookup_waiting(const lookup_t *lookup)
{
    return lookup->waiting;
}

lookup_t *lookup_new(loop_t *loop, const lookup_config *config)
{
    static const inbox_ops ops = {on_answer, on_drop};
    lookup_t *lookup = mem_zero(sizeof *lookup);
    lookup->config = *config;
    if (!lookup->config.max_jobs)
        lookup->config.max_jobs = MAX_JOBS;
    if (!lookup->config.request_timeout_ms)
        lookup->config.request_timeout_ms = TIMEOUT_MS;
    lookup->end = &lookup->first;
    lookup->inbox = inbox_new(loop, lookup->config.max_jobs, &ops, lookup);
    pthread_mutex_init(&lookup->lock, NULL);
    pthread_cond_init(&lookup->more, NULL);
    if (lookup->inbox && !pthread_create(&lookup->thread, NULL, work, lookup))
        return lookup;
    inbox_free(lookup->inbox);
    free(lookup);
    return NULL;
}

void lookup_free(lookup_t *lookup)
{
    if (!lookup)
        return;
    pthread_mutex_lock(&lookup->lock);
    lookup->stopping = true;
    pthread_cond_signal(&lookup->more);
    pthread_mutex_unlock(&lookup->lock);
    pthread_join(lookup->thread, NULL);
    inbox_free(lookup->inbox);
    for (job_t *job = lookup->first, *next; job; job = next) {
        next = job->next;
        drop_job(job);
    }
    pthread_mutex_destroy(&lookup->lock);
    pthread_cond_destroy(&lookup->more);
    free(lookup);
}
