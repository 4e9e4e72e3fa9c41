/* The ledger: the one writer of stock and orders in a process.
 *
 * Handlers describe what is to happen as operations, put them in a job and call ledger_run, which answers when all are
 * decided. At most one transaction that moves stock is under way in a process: the waiter whose turn it is has the lead,
 * runs its own job and all those that wait and fit with its own thread, in one transaction, and hands the lead to the
 * oldest waiter; there is no thread of the ledger's own, and nobody waits for mates to come. The processes of a host take
 * turns.
 * A waiter may leave while it is queued (503 `busy`: nothing happened); once its job is taken, the batch's budget bounds
 * its time.
 *
 * Ownership: a job and all it holds, results included, live in its own unmanaged pool (ledger_job_create), so that whoever
 * runs it needs nothing of the request's.
 * Each operation stands or falls alone; one that fails never fails its mates.
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "etag.h"
#include "event.h"
#include "order.h"
#include "orphans.h"
#include "store.h"
#include "turn.h"

#define LEDGER_LINES_MAX     100
#define LEDGER_ADDRESS_LINES 8
#define LEDGER_QUANTITY_MAX  10000
#define LEDGER_OPS_MAX       100 /* of one job: a bulk status change */
#define LEDGER_BATCH_OPS     64  /* of one transaction */

typedef struct ledger ledger_t;

typedef struct ledger_config {
    store_t *store;
    event_sender_t *events; /* told after commit; NULL: nobody */
    orphan_table *orphans;  /* shared with the other processes; NULL: none */
    turn_t *turn;           /* the same */
    int request_timeout_ms; /* half of it to wait in the queue, half for the batch */
    int batch_max;          /* operations in one transaction: 1 to LEDGER_BATCH_OPS; else that */
    bool require_payment;   /* OrdersRequirePayment */
    const char *currency;
    int exponent;
} ledger_config;

typedef struct ledger_actor {
    bson_oid_t id;
    user_role role;
    const char *name;
    const char *email; /* needed for placing only */
} ledger_actor;

typedef enum {
    LEDGER_PLACE,   /* a new order */
    LEDGER_MOVE,    /* a status change, X → X included */
    LEDGER_PAYMENT, /* the payment switch */
    LEDGER_PRODUCT  /* an admin's change to a product */
} ledger_kind;

typedef struct ledger_line {
    bson_oid_t product;
    int64_t quantity;
} ledger_line;

typedef struct ledger_ship_to {
    const char *name;
    const char *lines[LEDGER_ADDRESS_LINES]; /* NULL-terminated when fewer */
    const char *city, *postcode, *country;
} ledger_ship_to;

typedef struct ledger_op {
    ledger_kind kind;
    bson_oid_t id; /* of the order or product changed; a placed order's is made by ledger_run */

    /* LEDGER_PLACE: lines of one product are already merged */
    int line_count;
    ledger_line *lines;
    const ledger_ship_to *ship_to;             /* NULL: none */
    int64_t expected_total;                    /* minor units; -1: not said */
    const char *idempotency_key, *fingerprint; /* NULL: none */

    /* LEDGER_MOVE */
    bool owner_only; /* the order must be the actor's: else 404 */
    order_status to;
    int restock; /* -1: not said */
    const char *reason, *note;

    /* LEDGER_PAYMENT (and note) */
    bool payment_received;

    /* LEDGER_PRODUCT: what is not to change is NULL or not set */
    const char *product_name;
    bool set_price, set_stock, add_stock, set_active, active;
    int64_t price, stock, stock_delta;

    etag_list if_match; /* LEDGER_MOVE, _PAYMENT, _PRODUCT */

    /* The outcome */
    problem_t *problem; /* NULL: done. `not-attempted` for what the budget did not reach */
    const bson_t *doc;  /* the order or product as it is now */
    bool replayed;      /* LEDGER_PLACE: an earlier order with this key */
} ledger_op;

typedef struct ledger_job {
    apr_pool_t *pool;
    ledger_actor actor;
    const char *request_id;
    int op_count;
    ledger_op *ops;
} ledger_job;

/* 0, or -1 when memory ran out. Lives as long as `pool`; no thread may be in ledger_run when it ends. */
int ledger_create(ledger_t **ledger, apr_pool_t *pool, const ledger_config *config);
/* A job with `op_count` zeroed operations (expected_total and restock are -1). Destroy it with ledger_job_destroy. */
ledger_job *ledger_job_create(int op_count);
void ledger_job_destroy(ledger_job *job);
/* Runs the job. A problem here means that no operation was even tried (queue wait over, database away);
 * otherwise each operation carries its own outcome. The problem lives in job->pool. */
problem_t *ledger_run(ledger_t *ledger, ledger_job *job, apr_time_t deadline);

#endif
