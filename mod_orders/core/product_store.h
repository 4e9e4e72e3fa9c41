/* The products collection: reading and creating. Everything that changes a product goes through the ledger. */
#ifndef CORE_PRODUCT_STORE_H
#define CORE_PRODUCT_STORE_H

#include "cursor.h"
#include "store.h"

#define PRODUCT_STOCK_MAX 1000000000

typedef struct product_new {
    const char *name, *sku; /* sku may be NULL */
    int64_t price, stock;   /* minor units; units */
    bool active;
} product_new;

typedef struct product_filter {
    const char *q; /* NULL: no search; every word a prefix of one of the product's words */
    int active;    /* -1: all, 0, 1 */
    int limit;
    const cursor_t *after; /* its text is the name */
} product_filter;

problem_t *product_store_add(store_conn *conn, const product_new *product, const bson_t **doc);
/* *doc is NULL when there is none, or it is inactive and `inactive_too` is false. */
problem_t *product_store_find(store_conn *conn, const bson_oid_t *id, bool inactive_too, const bson_t **doc);
/* By name, then _id. */
problem_t *product_store_list(store_conn *conn, const product_filter *wanted, store_page *page);
/* The words array of a name and a sku, appended to `doc` as "terms". Also for the ledger. */
void product_terms_append(apr_pool_t *pool, bson_t *doc, const char *name, const char *sku);

#endif
