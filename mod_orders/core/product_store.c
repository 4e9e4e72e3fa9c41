#include "product_store.h"

#include <apr_strings.h>

#include "terms.h"

void product_terms_append(apr_pool_t *pool, bson_t *doc, const char *name, const char *sku)
{
    apr_array_header_t *words = apr_array_make(pool, 8, sizeof(const char *));
    bson_t array;
    char key[12];
    /* One text, so that a word of both stands once. */
    terms_split(pool, sku ? apr_pstrcat(pool, name, " ", sku, NULL) : name, words);
    BSON_APPEND_ARRAY_BEGIN(doc, "terms", &array);
    for (int i = 0; i < words->nelts; i++) {
        apr_snprintf(key, sizeof key, "%d", i);
        BSON_APPEND_UTF8(&array, key, APR_ARRAY_IDX(words, i, const char *));
    }
    bson_append_array_end(doc, &array);
}

problem_t *product_store_add(store_conn *conn, const product_new *product, const bson_t **doc)
{
    bson_t *fields = store_bson(conn->pool);
    bson_oid_t id;
    store_error error;
    bson_oid_init(&id, NULL);
    BSON_APPEND_OID(fields, "_id", &id);
    BSON_APPEND_UTF8(fields, "name", product->name);
    if (product->sku)
        BSON_APPEND_UTF8(fields, "sku", product->sku);
    product_terms_append(conn->pool, fields, product->name, product->sku);
    BSON_APPEND_INT64(fields, "price", product->price);
    BSON_APPEND_INT64(fields, "stock", product->stock);
    BSON_APPEND_INT64(fields, "reserved", 0);
    BSON_APPEND_BOOL(fields, "active", product->active);
    BSON_APPEND_INT64(fields, "version", 1);
    bson_t *clock = store_keep(conn->pool, BCON_NEW("createdAt", BCON_UTF8("$$NOW"), "updatedAt", BCON_UTF8("$$NOW")));
    if (store_add(conn, STORE_PRODUCTS, fields, clock, doc, &error))
        return NULL;
    return store_error_problem(conn, &error, "adding a product");
}

problem_t *product_store_find(store_conn *conn, const bson_oid_t *id, bool inactive_too, const bson_t **doc)
{
    problem_t *problem = store_find(conn, STORE_PRODUCTS, id, doc);
    if (*doc && !inactive_too && !store_bool(*doc, "active"))
        *doc = NULL;
    return problem;
}

/* Every word is a prefix of one of the product's words: a half-open range of the (terms) index each. */
static void append_search(apr_pool_t *pool, bson_t *filter, const apr_array_header_t *words)
{
    bson_t all;
    char key[12];
    BSON_APPEND_ARRAY_BEGIN(filter, "$and", &all);
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *), *end = terms_prefix_end(pool, word);
        bson_t range = BSON_INITIALIZER, one;
        BSON_APPEND_UTF8(&range, "$gte", word);
        if (end)
            BSON_APPEND_UTF8(&range, "$lt", end);
        apr_snprintf(key, sizeof key, "%d", i);
        BSON_APPEND_DOCUMENT_BEGIN(&all, key, &one);
        BCON_APPEND(&one, "terms", "{", "$elemMatch", BCON_DOCUMENT(&range), "}");
        bson_append_document_end(&all, &one);
        bson_destroy(&range);
    }
    bson_append_array_end(filter, &all);
}

/* At or past the cursor's name, and past it or past its _id: the first half bounds the index walk. */
static void append_after(bson_t *filter, const cursor_t *after)
{
    BCON_APPEND(filter, "name", "{", "$gte", BCON_UTF8(after->text), "}", "$or", "[", "{", "name", "{", "$gt",
                BCON_UTF8(after->text), "}", "}", "{", "_id", "{", "$gt", BCON_OID(&after->id), "}", "}", "]");
}

problem_t *product_store_list(store_conn *conn, const product_filter *wanted, store_page *page)
{
    bson_t *filter = store_bson(conn->pool);
    apr_array_header_t *words = apr_array_make(conn->pool, 4, sizeof(const char *));
    *page = (store_page){0};
    if (wanted->q) {
        terms_split(conn->pool, wanted->q, words);
        if (!words->nelts)
            return NULL; /* nothing to search for finds nothing */
        append_search(conn->pool, filter, words);
    }
    if (wanted->active >= 0)
        BSON_APPEND_BOOL(filter, "active", wanted->active);
    if (wanted->after)
        append_after(filter, wanted->after);
    bson_t *command = store_keep(
        conn->pool, BCON_NEW("find", BCON_UTF8(STORE_PRODUCTS), "filter", BCON_DOCUMENT(filter), "sort", "{", "name",
                             BCON_INT32(1), "_id", BCON_INT32(1), "}", "limit", BCON_INT32(wanted->limit + 1),
                             "batchSize", BCON_INT32(wanted->limit + 1), "singleBatch", BCON_BOOL(true)));
    return store_run_page(conn, command, wanted->limit, page);
}
