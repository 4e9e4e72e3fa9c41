/* Stock against open orders. Reads whole collections through cursors, so any size will do; what is kept in memory is
 * three numbers a product. */
#ifndef ORDERS_CTL_AUDIT_H
#define ORDERS_CTL_AUDIT_H

#include <apr_hash.h>
#include "ctl.h"

#define AUDIT_CHUNK 100 /* products recounted in one transaction */

typedef struct audit_product {
    bson_oid_t id;
    bool found; /* in products, not just named by an order */
    int64_t stock, reserved, version;
    int64_t held; /* the sum of its quantities in pending and processing orders */
} audit_product;

/* Told of each order that does not fit itself. `detail` is a sentence. */
typedef void (*audit_order_fn)(void *ctx, const bson_t *order, const char *kind, const char *detail);

typedef struct audit {
    ctl_t *ctl;
    apr_pool_t *pool;
    apr_hash_t *products; /* bson_oid_t → audit_product */
    int64_t product_count, order_count, open_count;
    audit_order_fn on_order; /* NULL: orders are only counted */
    void *ctx;
} audit_t;

/* Reads all products, then all orders. The shop may be running meanwhile: a product that seems wrong afterwards is only
 * suspect, and audit_recount tells. Returns an exit code; the failure has been reported. */
int audit_scan(audit_t *audit, store_conn *conn);
bool audit_agrees(const audit_product *product);
/* Counts these products again inside the session's transaction (snapshot). False: *error says why. */
bool audit_recount(store_conn *conn, mongoc_client_session_t *session, audit_product **products, int count,
                   bson_error_t *error);
/* The half of it that reads the orders: sets `held`. */
bool audit_recount_held(store_conn *conn, mongoc_client_session_t *session, audit_product **products, int count,
                        bson_error_t *error);

typedef enum { AUDIT_FAILED, AUDIT_COMMIT, AUDIT_ABORT /* there is nothing to write */ } audit_outcome;

/* Runs `work` in a transaction (snapshot, majority), again when it loses a race. False: *error says why. */
typedef audit_outcome (*audit_work_fn)(store_conn *conn, mongoc_client_session_t *session, void *ctx,
                                       bson_error_t *error);
bool audit_transaction(store_conn *conn, audit_work_fn work, void *ctx, bson_error_t *error);

#endif
