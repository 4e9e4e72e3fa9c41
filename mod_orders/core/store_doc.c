/* Documents in the request's memory, and reading their fields. */
#include "store.h"

#include <string.h>

/* bson_t wants an alignment that apr_palloc does not give. */
bson_t *store_rows(apr_pool_t *pool, int count)
{
    size_t align = _Alignof(bson_t);
    char *raw = apr_palloc(pool, (size_t)count * sizeof(bson_t) + align);
    return (bson_t *)(void *)(raw + (align - (uintptr_t)raw % align));
}

static apr_status_t destroy_doc(void *data)
{
    bson_destroy(data);
    return APR_SUCCESS;
}

bson_t *store_keep(apr_pool_t *pool, bson_t *doc)
{
    apr_pool_cleanup_register(pool, doc, destroy_doc, apr_pool_cleanup_null);
    return doc;
}

bson_t *store_bson(apr_pool_t *pool)
{
    return store_keep(pool, bson_new());
}

static bool find(const bson_t *doc, const char *path, bson_iter_t *found)
{
    bson_iter_t iter;
    if (!strchr(path, '.'))
        return bson_iter_init_find(found, doc, path);
    return bson_iter_init(&iter, doc) && bson_iter_find_descendant(&iter, path, found);
}

bool store_first_batch(const bson_t *reply, bson_iter_t *rows)
{
    bson_iter_t batch;
    return find(reply, "cursor.firstBatch", &batch) && BSON_ITER_HOLDS_ARRAY(&batch) && bson_iter_recurse(&batch, rows);
}

static bool view(const bson_iter_t *iter, bson_t *row)
{
    const uint8_t *data;
    uint32_t len;
    if (!BSON_ITER_HOLDS_DOCUMENT(iter))
        return false;
    bson_iter_document(iter, &len, &data);
    return bson_init_static(row, data, len);
}

bool store_next_row(bson_iter_t *rows, bson_t *row)
{
    return bson_iter_next(rows) && view(rows, row);
}

bool store_first_row(const bson_t *reply, bson_t *row)
{
    bson_iter_t iter;
    return (find(reply, "cursor.firstBatch.0", &iter) || find(reply, "value", &iter)) && view(&iter, row);
}

int64_t store_int(const bson_t *doc, const char *path, int64_t otherwise)
{
    bson_iter_t iter;
    return find(doc, path, &iter) && BSON_ITER_HOLDS_NUMBER(&iter) ? bson_iter_as_int64(&iter) : otherwise;
}

const char *store_text(const bson_t *doc, const char *path)
{
    bson_iter_t iter;
    return find(doc, path, &iter) && BSON_ITER_HOLDS_UTF8(&iter) ? bson_iter_utf8(&iter, NULL) : NULL;
}

bool store_bool(const bson_t *doc, const char *path)
{
    bson_iter_t iter;
    return find(doc, path, &iter) && BSON_ITER_HOLDS_BOOL(&iter) && bson_iter_bool(&iter);
}

const bson_oid_t *store_oid(const bson_t *doc, const char *path)
{
    bson_iter_t iter;
    return find(doc, path, &iter) && BSON_ITER_HOLDS_OID(&iter) ? bson_iter_oid(&iter) : NULL;
}

int64_t store_time(const bson_t *doc, const char *path)
{
    bson_iter_t iter;
    return find(doc, path, &iter) && BSON_ITER_HOLDS_DATE_TIME(&iter) ? bson_iter_date_time(&iter) : 0;
}
