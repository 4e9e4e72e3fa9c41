/* What the store*.c files share; nobody else includes it. */
#ifndef CORE_STORE_PRIVATE_H
#define CORE_STORE_PRIVATE_H

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <stdatomic.h>
#include "lead.h"
#include "store.h"

typedef enum { SCHEMA_MISSING, SCHEMA_RUNNING, SCHEMA_READY } schema_progress;

typedef struct share_group share_group;

struct store {
    apr_pool_t *pool;
    mongoc_client_pool_t *clients;
    const char *database;
    const char *set_name;  /* the connection string's replicaSet, or NULL */
    int answer_timeout_ms; /* of one command */
    store_log_fn log;
    void *log_ctx;
    atomic_int in_use; /* connections out of the pool */

    /* The circuit breaker, moved by the driver's monitors */
    atomic_int state;        /* store_state */
    atomic_int announced;    /* the state that was last logged */
    atomic_llong down_since; /* apr_time_t */

    /* Who makes indexes and validators */
    apr_thread_mutex_t *schema_lock;
    apr_thread_cond_t *schema_moved;
    atomic_int schema; /* schema_progress; written under the lock, but for READY → MISSING after an outage */
    apr_time_t schema_retry_at;

    /* Reads that threads share (store_share.c) */
    pthread_mutex_t share_lock;
    share_group *shares;
};

/* Makes the driver's monitors move the breaker. Before the first client is taken. */
void store_state_watch(store_t *store);
/* NULL while requests may try, else the problem they are answered with at once. */
problem_t *store_state_check(store_t *store, apr_pool_t *pool);
/* The 503 of a database that is away. */
problem_t *store_unreachable(apr_pool_t *pool);

/* A read outside a transaction. *reply is initialised in any case, and the caller's to destroy. False: *error says why. */
bool store_read(const store_conn *conn, const bson_t *command, bson_t *reply, store_error *error);
/* "find in users": what was being done, for the log; never the command's content. */
const char *store_describe(apr_pool_t *pool, const bson_t *command);
void store_log_failure(store_t *store, const store_error *error, const char *doing);
/* The problem of a failure that is in the log already. */
problem_t *store_failure_problem(apr_pool_t *pool, bool unreachable);

#endif
