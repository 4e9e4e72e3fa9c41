#include "ctl.h"

#include <inttypes.h>
#include <stdio.h>
#include "audit.h"
#include "core/schema.h"

typedef struct repairing {
    audit_product *product;
    int64_t was;  /* reserved before */
    bool changed; /* by this attempt */
} repairing;

/* Sets `reserved` to what the open orders hold, and nothing else: inside one snapshot both are exact, and a sale that
 * happens meanwhile makes the transaction lose and run again. */
static bool repair_product(store_conn *conn, mongoc_client_session_t *session, void *ctx, bson_error_t *error)
{
    repairing *repair = ctx;
    audit_product *product = repair->product;
    repair->changed = false;
    if (!audit_recount(conn, session, &product, 1, error))
        return false;
    if (!product->found || product->reserved == product->held)
        return true;
    bson_t opts = BSON_INITIALIZER;
    bson_t *filter = BCON_NEW("_id", BCON_OID(&product->id), "version", BCON_INT64(product->version));
    bson_t *update = BCON_NEW("$set", "{", "reserved", BCON_INT64(product->held), "}", "$inc", "{", "version",
                              BCON_INT64(1), "}", "$currentDate", "{", "updatedAt", BCON_BOOL(true), "}");
    mongoc_collection_t *products = ctl_collection(conn, STORE_PRODUCTS);
    bool done = mongoc_client_session_append(session, &opts, error) &&
                mongoc_collection_update_one(products, filter, update, &opts, NULL, error);
    mongoc_collection_destroy(products);
    bson_destroy(filter);
    bson_destroy(update);
    bson_destroy(&opts);
    repair->was = product->reserved;
    repair->changed = done;
    return done;
}

static void print_repair(const ctl_t *ctl, const repairing *repair, bool first)
{
    char hex[25];
    bson_oid_to_string(&repair->product->id, hex);
    if (ctl->json)
        printf("%s{\"product\":\"%s\",\"reservedBefore\":%" PRId64 ",\"reserved\":%" PRId64 "}\n", first ? "" : ",",
               hex, repair->was, repair->product->held);
    else
        printf("product %s: reserved was %" PRId64 ", is %" PRId64 " now.\n", hex, repair->was, repair->product->held);
}

static int repair_all(const audit_t *audit, store_conn *conn, int64_t *repaired)
{
    bson_error_t error;
    apr_hash_index_t *at = apr_hash_first(audit->pool, audit->products);
    for (; at; at = apr_hash_next(at)) {
        repairing repair = {.product = apr_hash_this_val(at)};
        if (repair.product->reserved == repair.product->held)
            continue;
        if (!audit_transaction(conn, repair_product, &repair, &error))
            return ctl_fail_driver(audit->ctl, "setting reserved", &error);
        if (repair.changed)
            print_repair(audit->ctl, &repair, (*repaired)++ == 0);
    }
    return CTL_OK;
}

int ctl_repair(ctl_t *ctl)
{
    audit_t audit = {.ctl = ctl, .pool = ctl->pool};
    store_conn *conn;
    int64_t repaired = 0;
    int failed = ctl_open(ctl);
    if (!failed)
        failed = ctl_connect(ctl, ctl->pool, &conn);
    if (failed)
        return failed;
    problem_t *problem = schema_ensure(conn);
    if (problem)
        return ctl_fail_problem(ctl, problem);
    if (ctl->json)
        puts("{\"repaired\":[");
    failed = audit_scan(&audit, conn);
    if (!failed)
        failed = repair_all(&audit, conn, &repaired);
    if (failed)
        return failed;
    if (ctl->json)
        printf("],\"products\":%" PRId64 ",\"orders\":%" PRId64 "}\n", audit.product_count, audit.order_count);
    else
        printf("Indexes and validators are there. %" PRId64 " of %" PRId64
               " products repaired; stock was left alone.\n",
               repaired, audit.product_count);
    return CTL_OK;
}
