/* One batch: read, decide, write, commit; and what to do when any of it fails.
 *
 *   read/write fails   transient → rerun after a jittered pause, inside the budget
 *                      duplicate → idempotency key: rerun, so that the reading finds the twin; number: draw again
 *                      unreachable → one rerun (the socket may have been stale), then 503: certainly nothing happened
 *                      else → with mates, in two halves, until whichever is to blame fails by itself; alone, 500
 *   more lines than a batch may have, once the orders are read → in two halves
 *   commit fails       transient → not committed, but look first: an earlier try may have gone unanswered
 *                      no answer → retry the commit while there is time, then look
 *                      looking → it landed: done; it did not, and never will: rerun; can't be told: outcome-unknown
 */
#include "ledger_batch.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define KEY_RERUNS     3
#define PAUSE_FIRST_MS 2
#define PAUSE_MAX_MS   100

typedef enum { ATTEMPT_DONE, ATTEMPT_RERUN, ATTEMPT_FAILED } attempt_result;

/* ---- outcomes ---- */

#define BUSY "Too much is being changed at once; nothing was changed. Try again soon."

/* The same problem for every operation. */
static void fail(batch_t *batch, const char *code, const char *detail)
{
    for (int i = 0; i < batch->count; i++) {
        batch_entry *entry = &batch->entries[i];

        entry->op->doc = NULL;
        entry->op->problem = problem_make(entry->job->pool, code, detail ? "%s" : NULL, detail);
    }
}

/* What the batch changed, or a replay shows as the batch leaves it, can't be told. Other decisions may lean on a mate's change: they
 * are taken back, and changed nothing. */
static void fail_unknown(batch_t *batch)
{
    char hex[25];

    for (int i = 0; i < batch->count; i++) {
        ledger_job *job = batch->entries[i].job;
        ledger_op *op = batch->entries[i].op;
        bool replayed_now = op->replayed && store_time(op->doc, "updatedAt") == batch->now;

        if (batch->entries[i].changed || replayed_now) {
            bson_oid_to_string(replayed_now ? store_oid(op->doc, "_id") : &op->id, hex);
            op->problem = problem_make(job->pool, "outcome-unknown", "%s",
                                       "The database did not confirm the change in time: it may or may not have "
                                       "happened. Look before trying again.");
            out_json_str(problem_member(op->problem, op->kind == LEDGER_PRODUCT ? "productId" : "orderId"), hex);
        } else if (!op->replayed)
            op->problem = problem_make(job->pool, "busy", "%s", BUSY);
        else
            continue;
        op->doc = NULL;
    }
}

static void fail_unreachable(batch_t *batch)
{
    fail(batch, "database-unavailable",
         "The database can't be reached at the moment; nothing was changed. Try again soon.");
}

/* ---- one attempt ---- */

static void begin_attempt(batch_t *batch)
{
    apr_pool_clear(batch->pool);
    batch->now = 0;
    batch->products = apr_hash_make(batch->pool);
    batch->orders = apr_hash_make(batch->pool);
    batch->twins = apr_hash_make(batch->pool);
    batch->changed = NULL;
    batch->changed_end = &batch->changed;
    for (int i = 0; i < batch->count; i++) {
        batch->entries[i].changed = false;
        batch->entries[i].op->problem = NULL;
        batch->entries[i].op->doc = NULL;
        batch->entries[i].op->replayed = false;
    }
}

static void driver_error(store_error *error, const bson_error_t *from, const bson_t *reply)
{
    memset(error, 0, sizeof(*error));
    error->code = (int)from->code;
    apr_cpystrn(error->message, from->message, sizeof(error->message));
    if (reply) {
        error->transient = mongoc_error_has_label(reply, "TransientTransactionError");
        error->unknown_commit = mongoc_error_has_label(reply, "UnknownTransactionCommitResult");
    }
    error->unreachable = from->domain == MONGOC_ERROR_STREAM || from->domain == MONGOC_ERROR_SERVER_SELECTION;
}

bool ledger_start_transaction(batch_t *batch, bson_error_t *problem)
{
    mongoc_transaction_opt_t *opts = mongoc_transaction_opts_new();
    mongoc_read_concern_t *snapshot = mongoc_read_concern_new();
    mongoc_write_concern_t *journaled = mongoc_write_concern_new();
    mongoc_read_prefs_t *primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    bool ok;

    mongoc_read_concern_set_level(snapshot, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
    mongoc_write_concern_set_wmajority(journaled, 0);
    mongoc_write_concern_set_journal(journaled, true);
    mongoc_transaction_opts_set_read_concern(opts, snapshot);
    mongoc_transaction_opts_set_write_concern(opts, journaled);
    mongoc_transaction_opts_set_read_prefs(opts, primary);
    ok = mongoc_client_session_start_transaction(batch->session, opts, problem);
    mongoc_transaction_opts_destroy(opts);
    mongoc_read_concern_destroy(snapshot);
    mongoc_write_concern_destroy(journaled);
    mongoc_read_prefs_destroy(primary);
    return ok;
}

static bool begin_transaction(batch_t *batch, store_error *error)
{
    mongoc_session_opt_t *opts = mongoc_session_opts_new();
    bson_error_t problem;
    bool ok;

    mongoc_session_opts_set_causal_consistency(opts, false);
    batch->session = mongoc_client_start_session(batch->conn->client, opts, &problem);
    ok = batch->session && ledger_start_transaction(batch, &problem);
    if (ok)
        orphan_note(batch->slot, batch->session);
    else
        driver_error(error, &problem, NULL);
    mongoc_session_opts_destroy(opts);
    return ok;
}

/* Ends the session; a transaction still open in it is aborted. */
static void end_session(batch_t *batch)
{
    if (!batch->session)
        return;
    if (mongoc_client_session_in_transaction(batch->session))
        mongoc_client_session_abort_transaction(batch->session, NULL);
    mongoc_client_session_destroy(batch->session);
    batch->session = NULL;
}

static bool anything_changed(const batch_t *batch)
{
    for (int i = 0; i < batch->count; i++)
        if (batch->entries[i].changed)
            return true;
    return false;
}

static bool time_left(const batch_t *batch)
{
    return apr_time_now() < batch->until;
}

/* A random share of a span that doubles with each try, so that two children that met do not meet again. */
static void pause_before_rerun(int tries)
{
    int span = PAUSE_FIRST_MS << (tries > 5 ? 5 : tries);
    unsigned char random;

    apr_generate_random_bytes(&random, 1);
    apr_sleep(apr_time_from_msec(span > PAUSE_MAX_MS ? PAUSE_MAX_MS : span) * (random + 1) / 256);
}

/* ---- the commit ---- */

/* The commit can't be retried further. Looks what became of it. The driver sends a commit twice and tells of the second answer
 * alone; "no such transaction" is then the truth from MongoDB, but not from a server that forgot its transactions. */
static attempt_result settle(batch_t *batch, store_error *error)
{
    landed_result landed = ledger_look_whether_landed(batch);

    if (landed == LANDED_YES)
        return ATTEMPT_DONE;
    if (landed == LANDED_UNKNOWN) {
        fail_unknown(batch);
        return ATTEMPT_FAILED;
    }
    error->transient = error->transient || error->unknown_commit || error->unreachable;
    error->unreachable = false; /* it was just reached */
    return ATTEMPT_RERUN;
}

static attempt_result commit(batch_t *batch, store_error *error)
{
    for (int tries = 0;; tries++) {
        bson_error_t problem;
        bson_t reply;
        bool ok = mongoc_client_session_commit_transaction(batch->session, &reply, &problem);

        if (!ok)
            driver_error(error, &problem, &reply);
        bson_destroy(&reply);
        if (ok)
            return ATTEMPT_DONE;
        if (!error->unknown_commit && !error->unreachable)
            return settle(batch, error);
        batch->commit_unanswered = true;
        if (!time_left(batch))
            return settle(batch, error);
        pause_before_rerun(tries);
    }
}

static attempt_result attempt(batch_t *batch, store_error *error)
{
    begin_attempt(batch);
    if (!begin_transaction(batch, error) || !ledger_read(batch, error))
        return ATTEMPT_RERUN;
    ledger_decide(batch);
    if (!anything_changed(batch))
        return ATTEMPT_DONE;
    if (!ledger_write(batch, error))
        return ATTEMPT_RERUN;
    return commit(batch, error);
}

/* ---- the batch ---- */

static void tell_bridge(batch_t *batch)
{
    apr_hash_index_t *index;
    event_batch *events;

    if (!batch->config->events)
        return;
    events = event_batch_begin(batch->config->events, batch->pool);
    for (const batch_order *order = batch->changed; order; order = order->next)
        event_batch_order(events, order->doc);
    for (index = apr_hash_first(batch->pool, batch->products); index; index = apr_hash_next(index)) {
        const batch_product *product = apr_hash_this_val(index);

        if (product->version != product->base_version)
            event_batch_product(events, ledger_product_doc(batch->pool, product, batch->now));
    }
    event_batch_send(events);
}

/* Each half as a batch of its own: whichever entry is to blame fails by itself in the end. */
static void run_halves(const batch_t *batch)
{
    int half = batch->count / 2;

    for (int i = 0; i < 2; i++) {
        batch_t part = {.config = batch->config,
                        .entries = batch->entries + (i ? half : 0),
                        .count = i ? batch->count - half : half,
                        .until = batch->until,
                        .slot = batch->slot};

        ledger_batch_run(&part);
    }
}

typedef struct rerun_state {
    int tries, keys, numbers, unreachable;
    bool split; /* to be run in two halves */
} rerun_state;

/* What a failed attempt asks for: true: run again; false: the outcomes are set. */
static bool prepare_rerun(batch_t *batch, const store_error *error, rerun_state *state)
{
    bool by_key = error->duplicate && !strcmp(error->key, "userId"),
         by_number = error->duplicate && !strcmp(error->key, "number");

    if (error->unreachable && (++state->unreachable > 1 || store_state_now(batch->config->store) == STORE_DOWN)) {
        fail_unreachable(batch);
        return false;
    }
    if (batch->count > 1 && batch->lines > LEDGER_BATCH_LINES) {
        state->split = true;
        return false;
    }
    if (!error->transient && !error->unreachable && !by_number && !(by_key && state->keys++ < KEY_RERUNS)) {
        if (batch->count > 1)
            state->split = true;
        else {
            store_error_problem(batch->conn, error, "ledger");
            fail(batch, "internal-error", NULL);
        }
        return false;
    }
    if (by_number && ledger_draw_numbers(batch, ++state->numbers)) {
        fail_unreachable(batch);
        return false;
    }
    if (!time_left(batch) && batch->commit_unanswered) {
        fail_unreachable(batch);
        return false;
    }
    if (!time_left(batch)) {
        fail(batch, "busy", BUSY);
        return false;
    }
    if (error->transient && state->tries)
        orphans_end(batch->config->orphans, batch->slot, batch->conn);
    pause_before_rerun(state->tries++);
    return true;
}

/* True: it is to be run in two halves. */
static bool run_attempts(batch_t *batch)
{
    rerun_state state = {.split = false};
    store_error error;
    problem_t *problem = ledger_draw_numbers(batch, 0);

    if (problem) {
        fail(batch, problem->code, problem->detail);
        return false;
    }
    for (;;) {
        attempt_result result = attempt(batch, &error);

        end_session(batch);
        if (result == ATTEMPT_DONE) {
            tell_bridge(batch);
            return false;
        }
        if (result == ATTEMPT_FAILED || error.unreachable) /* the abort may not have arrived either */
            orphan_give_up(batch->config->orphans, batch->slot);
        if (result == ATTEMPT_FAILED || !prepare_rerun(batch, &error, &state))
            return state.split;
    }
}

void ledger_batch_run(batch_t *batch)
{
    apr_pool_t *pool;
    problem_t *problem;
    bool split = false;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS ||
        apr_pool_create(&batch->pool, pool) != APR_SUCCESS) {
        fail(batch, "internal-error", NULL);
        return;
    }
    problem = store_acquire(batch->config->store, pool, batch->until, &batch->conn);
    if (problem)
        fail(batch, problem->code, problem->detail);
    else {
        batch->conn->pool = batch->pool;
        split = run_attempts(batch);
        store_release(batch->conn); /* each half takes one of its own */
    }
    apr_pool_destroy(pool);
    if (split)
        run_halves(batch);
}
