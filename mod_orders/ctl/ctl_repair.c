#include "ctl.h"

#include <inttypes.h>
#include <stdio.h>
#include "audit.h"
#include "core/schema.h"

typedef struct repairing {
    audit_product *product;
    int64_t was;  /* reserved before */
    bool changed; /* by the attempt that was committed */
} repairing;

/* Sets `reserved` to product->held. *before is what it was. False: *error says why; *found: there is such a product. */
static bool set_reserved(store_conn *conn, mongoc_client_session_t *session, const audit_product *product,
                         int64_t *before, bool *found, bson_error_t *error)
{
    bson_t reply, old, session_opts = BSON_INITIALIZER;
    bson_t *filter = BCON_NEW("_id", BCON_OID(&product->id));
    bson_t *update = BCON_NEW("$set", "{", "reserved", BCON_INT64(product->held), "}", "$inc", "{", "version",
                              BCON_INT64(1), "}", "$currentDate", "{", "updatedAt", BCON_BOOL(true), "}");
    mongoc_collection_t *products = ctl_collection(conn, STORE_PRODUCTS);
    mongoc_find_and_modify_opts_t *opts = mongoc_find_and_modify_opts_new();
    mongoc_find_and_modify_opts_set_update(opts, update);
    bool done = mongoc_client_session_append(session, &session_opts, error) &&
                mongoc_find_and_modify_opts_append(opts, &session_opts);
    if (done) {
        done = mongoc_collection_find_and_modify_with_opts(products, filter, opts, &reply, error);
        *found = done && store_first_row(&reply, &old);
        *before = *found ? store_int(&old, "reserved", -1) : 0;
        bson_destroy(&reply);
    }
    mongoc_find_and_modify_opts_destroy(opts);
    mongoc_collection_destroy(products);
    bson_destroy(filter);
    bson_destroy(update);
    bson_destroy(&session_opts);
    return done;
}

/* Writes first and counts then: from the first write on no sale of this product can get in between, while counting first
 * would lose every race against a busy shop. */
static audit_outcome repair_product(store_conn *conn, mongoc_client_session_t *session, void *ctx, bson_error_t *error)
{
    repairing *repair = ctx;
    audit_product *product = repair->product;
    int64_t guess = product->held, ignored;
    bool found;
    repair->changed = false;
    if (!set_reserved(conn, session, product, &repair->was, &found, error))
        return AUDIT_FAILED;
    if (!found)
        return AUDIT_ABORT;
    if (!audit_recount_held(conn, session, &product, 1, error))
        return AUDIT_FAILED;
    if (product->held == repair->was)
        return AUDIT_ABORT;
    if (product->held != guess && !set_reserved(conn, session, product, &ignored, &found, error))
        return AUDIT_FAILED;
    repair->changed = true;
    return AUDIT_COMMIT;
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
    int failed = ctl_open_and_connect(ctl, &conn);
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
