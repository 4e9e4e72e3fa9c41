/* The database: one pool of connections a process, bounded waits everywhere, a circuit breaker.
 *
 * store_open runs once in a process that will not fork afterwards (libmongoc's rule). A store_t is used by all threads;
 * a store_conn by one thread at a time. Every wait is bounded by the deadline of the request.
 * Reads go to the primary; writes are acknowledged by the majority's journal.
 */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>
#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <stdint.h>
#include "problem.h"

#define STORE_USERS    "users"
#define STORE_PRODUCTS "products"
#define STORE_ORDERS   "orders"
#define STORE_COUNTERS "counters"

typedef enum { STORE_LOG_ERROR, STORE_LOG_WARNING, STORE_LOG_INFO, STORE_LOG_DEBUG } store_log_level;
/* Called from any thread, libmongoc's monitors included. */
typedef void (*store_log_fn)(void *ctx, store_log_level level, const char *message);

typedef struct store_config {
    const char *uri;        /* MongoDB connection string; the database is the one it names, else "orders" */
    int pool_size;          /* connections at most, in this process */
    int request_timeout_ms; /* OrdersRequestTimeout */
    store_log_fn log;
    void *log_ctx;
} store_config;

typedef struct store store_t;

typedef enum {
    STORE_UNKNOWN,   /* no answer yet */
    STORE_UP,        /* a primary of a replica set is known */
    STORE_DOWN,      /* none is */
    STORE_STANDALONE /* it answers, but is no replica set */
} store_state;

typedef struct store_conn {
    store_t *store;
    mongoc_client_t *client; /* NULL: not connected */
    apr_pool_t *pool;        /* of the request: replies and problems live there */
    apr_time_t deadline;     /* microseconds since the epoch */
} store_conn;

/* What the database said of a command that failed. */
typedef struct store_error {
    int code;            /* MongoDB's error code; 0 when the driver itself gave up */
    bool transient;      /* TransientTransactionError: rerun the whole transaction */
    bool unknown_commit; /* UnknownTransactionCommitResult: retry the commit */
    bool unreachable;    /* no server, no connection, no answer in time */
    bool duplicate;      /* 11000 */
    char key[64];        /* duplicate: the first field of the index's keyPattern */
    char message[512];   /* for the log, never for a client */
} store_error;

/* 0, or -1 with a sentence in *why (a bad URI; connecting happens later). Destroyed by `pool`'s cleanup. */
int store_open(store_t **opened, apr_pool_t *pool, const store_config *config, const char **why);
/* Checks a connection string without connecting: NULL when good, else a sentence. */
const char *store_check_uri(apr_pool_t *pool, const char *uri);
store_state store_state_now(const store_t *store);
/* The database's name. */
const char *store_database(const store_t *store);
/* True once indexes and validators are known to be there. */
bool store_schema_ready(const store_t *store);

/* A connection to be: good for store_find and store_run_page, which take one if they must. */
store_conn *store_conn_make(store_t *store, apr_pool_t *pool, apr_time_t deadline);
/* Takes a connection, if there is none yet. 503 at once while no primary is known (`database-unavailable`, `replica-set-required`), or when all
 * connections stay busy (`busy`). The first one in a process also makes indexes and validators. */
problem_t *store_connect(store_conn *conn);
/* Both together. */
problem_t *store_acquire(store_t *store, apr_pool_t *pool, apr_time_t deadline, store_conn **acquired);
void store_release(store_conn *conn); /* gives the connection back; NULL is fine */

/* Runs one command on the store's database. Outside a session reads are retried once, in time, and writes get
 * {w: "majority", j: true} and are retryable; with a session the command joins its transaction.
 * True: *reply lives in conn->pool. False: *error says why (write errors inside an ok reply count). */
bool store_command(store_conn *conn, mongoc_client_session_t *session, const bson_t *command, const bson_t **reply,
                   store_error *error);
/* The same, for callers whose errors are nothing special: logs it and gives the problem (503 or 500). */
problem_t *store_run(store_conn *conn, const bson_t *command, const bson_t **reply);
/* The problem of an error: 503 `database-unavailable` when unreachable, else 500 `internal-error`; logged. */
problem_t *store_error_problem(store_conn *conn, const store_error *error, const char *doing);

/* Stores a new document: `fields` (a fresh _id first), then `clock`, whose "$$NOW" values are the database's clock: an
 * insert has no such thing. *doc is what was stored. */
bool store_add(store_conn *conn, const char *collection, const bson_t *fields, const bson_t *clock, const bson_t **doc,
               store_error *error);

/* Rows of a find or aggregate reply's first batch, as views into the reply. */
typedef struct store_page {
    int count;   /* rows to show: at most the limit asked for */
    bool more;   /* there are further ones */
    bson_t *row; /* count views; not to be destroyed */
} store_page;

/* Runs a find/aggregate command that asks for limit + 1 rows in one batch. Threads that ask the same at the same time share
 * the answer: it is never older than the question. */
problem_t *store_run_page(store_conn *conn, const bson_t *command, int limit, store_page *page);
/* The document with this _id; *doc is NULL when there is none. Threads that ask at the same time share a question. */
problem_t *store_find(store_conn *conn, const char *collection, const bson_oid_t *id, const bson_t **doc);
/* The rows of a find or aggregate reply's first batch: false when the reply has none. Then one after the other, as views into the
 * reply: false after the last. */
bool store_first_batch(const bson_t *reply, bson_iter_t *rows);
bool store_next_row(bson_iter_t *rows, bson_t *row);
/* The first row of a reply's batch (or findAndModify's `value`) as a view; false when there is none. */
bool store_first_row(const bson_t *reply, bson_t *row);

/* A bson_t that the pool destroys. */
bson_t *store_bson(apr_pool_t *pool);
/* Gives a document (bson_new, BCON_NEW) to the pool; returns it. */
bson_t *store_keep(apr_pool_t *pool, bson_t *doc);
/* Room for `count` uninitialised bson_t, for views; aligned as they need. */
bson_t *store_rows(apr_pool_t *pool, int count);
/* A line to the log function that store_open was given. */
void store_log(store_t *store, store_log_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Field access with defaults, for documents whose shape the validator guarantees. Dotted paths. */
int64_t store_int(const bson_t *doc, const char *path, int64_t otherwise);
const char *store_text(const bson_t *doc, const char *path); /* a view, or NULL */
bool store_bool(const bson_t *doc, const char *path);
const bson_oid_t *store_oid(const bson_t *doc, const char *path); /* a view, or NULL */
int64_t store_time(const bson_t *doc, const char *path);          /* ms; 0 when absent */

#endif
