/* Inside the ledger: one batch of operations, from reading to commit. Only ledger*.c include this.
 * A batch is run by one thread. What it reads lives in the pool of the attempt, results in the job's pool of each operation.
 */
#ifndef CORE_LEDGER_BATCH_H
#define CORE_LEDGER_BATCH_H

#include <apr_hash.h>
#include "ledger.h"

#define LEDGER_BATCH_LINES 1000

/* An operation and the job it is part of. */
typedef struct batch_entry {
    ledger_job *job;
    ledger_op *op;
    const char *number; /* LEDGER_PLACE: the human order number, drawn before the transaction */
    bool changed;       /* the batch changes something for it */
} batch_entry;

/* A product as the transaction read it, and as the batch leaves it. */
typedef struct batch_product {
    bson_oid_t id;
    const bson_t *base; /* as read */
    const char *name;
    bool active, base_active;
    int64_t price, base_price;
    int64_t stock, reserved, base_stock, base_reserved;
    int64_t base_version, version; /* version == base_version: untouched */
} batch_product;

/* An order as the batch leaves it: read and changed, or newly placed. */
typedef struct batch_order {
    const bson_t *doc;    /* the present state */
    int64_t base_version; /* 0: placed by this batch */
    const char *base_status;
    const char *request_id; /* of the last change */
    int64_t version;
    struct batch_order *next; /* changed ones, in order */
} batch_order;

typedef struct batch {
    const ledger_config *config;
    batch_entry *entries;
    int count;
    int lines;         /* of all entries: a guess until their orders are read */
    apr_time_t until;  /* the budget's end */
    orphan_slot *slot; /* the process's; may be NULL */
    store_conn *conn;
    mongoc_client_session_t *session;

    /* Of the present attempt */
    apr_pool_t *pool;
    int64_t now;          /* the database's clock, ms */
    apr_hash_t *products; /* by the 12 bytes of the id → batch_product */
    apr_hash_t *orders;   /* the same → batch_order */
    apr_hash_t *twins;    /* "<24 hex of user><key>" → const bson_t: orders that carry one of the batch's keys */
    batch_order *changed, **changed_end;
    bool commit_unanswered; /* a commit of this batch was once left without an answer */
} batch_t;

/* Runs the entries as one transaction, or several where one can't hold them, reruns included. Every operation has its outcome afterwards. */
void ledger_batch_run(batch_t *batch);
/* Starts a transaction in the batch's session, after whatever the session did before. */
bool ledger_start_transaction(batch_t *batch, bson_error_t *problem);

/* ledger_landed.c: what became of a commit whose answer did not tell. */
typedef enum {
    LANDED_YES,
    LANDED_NO, /* and never will */
    LANDED_UNKNOWN
} landed_result;
landed_result ledger_look_whether_landed(batch_t *batch);

/* ledger_decide.c: decides every operation, in order, in memory. */
void ledger_decide(batch_t *batch);
/* The key under which a twin is found. */
const char *ledger_twin_key(apr_pool_t *pool, const bson_oid_t *user, const char *key);

/* ledger_doc.c: documents. */
const bson_t *ledger_order_new(batch_t *batch, const batch_entry *entry, int64_t total);
typedef struct order_change {
    const char *type; /* order:status or order:payment */
    const char *from, *to;
    order_status status; /* afterwards */
    bool payment_received, refund_due;
} order_change;
const bson_t *ledger_order_changed(batch_t *batch, const batch_entry *entry, const bson_t *old,
                                   const order_change *change);
const bson_t *ledger_product_doc(apr_pool_t *pool, const batch_product *product, int64_t now);

/* ledger_write.c: the commands that carry the decisions out, inside the batch's transaction. */
bool ledger_read(batch_t *batch, store_error *error);
bool ledger_write(batch_t *batch, store_error *error);
/* Draws a number for each placing that has none; for all when drawn numbers turned out to be taken: `taken` says how often. */
problem_t *ledger_draw_numbers(batch_t *batch, int taken);

#endif
