#include "ctl.h"

#include <apr_strings.h>
#include <inttypes.h>
#include <stdio.h>
#include "audit.h"

typedef struct checking {
    ctl_t *ctl;
    int64_t findings;
} checking;

/* One finding, printed as it is found: there may be any number of them. */
static void print_finding(checking *check, const char *what, const char *kind, const bson_oid_t *id, const char *number,
                          const char *detail)
{
    out_t out;
    char hex[25];
    apr_pool_t *pool;
    apr_pool_create(&pool, check->ctl->pool);
    out_init(&out, pool);
    bson_oid_to_string(id, hex);
    if (check->ctl->json) {
        out_fmt(&out, "%s{\"%s\":\"%s\",\"kind\":\"%s\",\"detail\":", check->findings ? "," : "", what, hex, kind);
        out_json_str(&out, detail);
        out_char(&out, '}');
    } else {
        out_fmt(&out, "%s %s%s%s: %s.", what, hex, number ? " " : "", number ? number : "", detail);
    }
    ctl_print(&out);
    check->findings++;
    apr_pool_destroy(pool);
}

static void on_order(void *ctx, const bson_t *order, const char *kind, const char *detail)
{
    print_finding(ctx, "order", kind, store_oid(order, "_id"), store_text(order, "number"), detail);
}

static void print_product(checking *check, const audit_product *product)
{
    apr_pool_t *pool;
    apr_pool_create(&pool, check->ctl->pool);
    if (!product->found && product->held > 0)
        print_finding(check, "product", "missing", &product->id, NULL,
                      apr_psprintf(pool, "it does not exist, but open orders hold %" PRId64 " of it", product->held));
    else if (product->found && product->reserved != product->held)
        print_finding(check, "product", "reserved", &product->id, NULL,
                      apr_psprintf(pool, "reserved is %" PRId64 ", but open orders hold %" PRId64, product->reserved,
                                   product->held));
    if (product->found && product->stock < 0)
        print_finding(check, "product", "stock", &product->id, NULL,
                      apr_psprintf(pool, "stock is %" PRId64, product->stock));
    apr_pool_destroy(pool);
}

typedef struct chunk {
    audit_product *products[AUDIT_CHUNK];
    int count;
} chunk;

static audit_outcome recount_chunk(store_conn *conn, mongoc_client_session_t *session, void *ctx, bson_error_t *error)
{
    chunk *suspects = ctx;
    return audit_recount(conn, session, suspects->products, suspects->count, error) ? AUDIT_ABORT : AUDIT_FAILED;
}

/* Counts the suspects again in one snapshot and prints those that are wrong there too. */
static int confirm(checking *check, store_conn *conn, chunk *suspects)
{
    bson_error_t error;
    if (suspects->count == 0)
        return CTL_OK;
    if (!audit_transaction(conn, recount_chunk, suspects, &error))
        return ctl_fail_driver(check->ctl, "counting again", &error);
    for (int i = 0; i < suspects->count; i++) {
        if (!audit_agrees(suspects->products[i]))
            print_product(check, suspects->products[i]);
    }
    suspects->count = 0;
    return CTL_OK;
}

static int confirm_all(checking *check, store_conn *conn, const audit_t *audit)
{
    chunk suspects = {.count = 0};
    int failed = CTL_OK;
    apr_hash_index_t *at = apr_hash_first(audit->pool, audit->products);
    for (; at && !failed; at = apr_hash_next(at)) {
        audit_product *product = apr_hash_this_val(at);
        if (audit_agrees(product))
            continue;
        suspects.products[suspects.count++] = product;
        if (suspects.count == AUDIT_CHUNK)
            failed = confirm(check, conn, &suspects);
    }
    return failed ? failed : confirm(check, conn, &suspects);
}

static void print_summary(const checking *check, const audit_t *audit)
{
    if (check->ctl->json)
        printf("],\"ok\":%s,\"products\":%" PRId64 ",\"orders\":%" PRId64 ",\"openOrders\":%" PRId64 "}\n",
               check->findings ? "false" : "true", audit->product_count, audit->order_count, audit->open_count);
    else
        printf("%s: %" PRId64 " products, %" PRId64 " orders, %" PRId64 " of them open; %" PRId64 " findings.\n",
               check->findings ? "Not in order" : "All in order", audit->product_count, audit->order_count,
               audit->open_count, check->findings);
}

int ctl_check(ctl_t *ctl)
{
    checking check = {.ctl = ctl};
    audit_t audit = {.ctl = ctl, .pool = ctl->pool, .on_order = on_order, .ctx = &check};
    store_conn *conn;
    int failed = ctl_open_and_connect(ctl, &conn);
    if (failed)
        return failed;
    if (ctl->json)
        puts("{\"findings\":[");
    failed = audit_scan(&audit, conn);
    if (!failed)
        failed = confirm_all(&check, conn, &audit);
    if (failed)
        return failed;
    print_summary(&check, &audit);
    return check.findings ? CTL_FINDING : CTL_OK;
}
