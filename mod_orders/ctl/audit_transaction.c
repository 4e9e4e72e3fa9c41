#include "audit.h"

#include <apr_time.h>

#define ATTEMPTS 8
#define BACKOFF  apr_time_from_msec(20)

static mongoc_client_session_t *start(store_conn *conn, bson_error_t *error)
{
    mongoc_client_session_t *session = mongoc_client_start_session(conn->client, NULL, error);
    mongoc_transaction_opt_t *opts = mongoc_transaction_opts_new();
    mongoc_read_concern_t *snapshot = mongoc_read_concern_new();
    mongoc_write_concern_t *majority = mongoc_write_concern_new();
    mongoc_read_concern_set_level(snapshot, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
    mongoc_write_concern_set_w(majority, MONGOC_WRITE_CONCERN_W_MAJORITY);
    mongoc_write_concern_set_journal(majority, true);
    mongoc_transaction_opts_set_read_concern(opts, snapshot);
    mongoc_transaction_opts_set_write_concern(opts, majority);
    if (session && !mongoc_client_session_start_transaction(session, opts, error)) {
        mongoc_client_session_destroy(session);
        session = NULL;
    }
    mongoc_transaction_opts_destroy(opts);
    mongoc_read_concern_destroy(snapshot);
    mongoc_write_concern_destroy(majority);
    return session;
}

/* The commit alone may be sent again: the server knows whether it was done. */
static bool commit(mongoc_client_session_t *session, bson_error_t *error)
{
    bool unknown = true, done = false;
    for (int i = 0; i < ATTEMPTS && unknown && !done; i++) {
        bson_t reply;
        done = mongoc_client_session_commit_transaction(session, &reply, error);
        unknown = mongoc_error_has_label(&reply, "UnknownTransactionCommitResult");
        bson_destroy(&reply);
    }
    return done;
}

/* The work only reads and sets absolute values, so running it again is always right. A server that answers with an error
 * may have seen a lost race; one that does not answer at all is not asked again. */
bool audit_transaction(store_conn *conn, audit_work_fn work, void *ctx, bson_error_t *error)
{
    bool done = false, again = true;
    for (int i = 0; i < ATTEMPTS && again && !done; i++) {
        if (i > 0)
            apr_sleep(BACKOFF << i);
        mongoc_client_session_t *session = start(conn, error);
        if (!session)
            return false;
        audit_outcome outcome = work(conn, session, ctx, error);
        if (outcome == AUDIT_COMMIT)
            done = commit(session, error);
        else
            mongoc_client_session_abort_transaction(session, NULL);
        done = done || outcome == AUDIT_ABORT;
        again = error->domain == MONGOC_ERROR_SERVER;
        mongoc_client_session_destroy(session);
    }
    return done;
}
