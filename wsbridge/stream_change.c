#include "stream_change.h"

#include <string.h>
#include "core/store.h"
#include "news_doc.h"

/* Passwords never come here, and histories come once. */
static const char pipeline[] =
    "{\"pipeline\":["
    "{\"$match\":{\"$or\":["
    "{\"ns.coll\":{\"$in\":[\"orders\",\"products\"]},\"operationType\":{\"$in\":[\"insert\",\"update\",\"replace\"]}},"
    "{\"ns.coll\":\"users\",\"operationType\":{\"$in\":[\"update\",\"replace\",\"delete\"]}},"
    "{\"ns.coll\":{\"$in\":[\"orders\",\"products\",\"users\"]},\"operationType\":{\"$in\":[\"drop\",\"rename\"]}},"
    "{\"to.coll\":{\"$in\":[\"orders\",\"products\",\"users\"]},\"operationType\":\"rename\"},"
    "{\"operationType\":{\"$in\":[\"dropDatabase\",\"invalidate\"]}}]}},"
    "{\"$project\":{\"fullDocument.password\":0,\"fullDocument.email\":0,\"updateDescription.updatedFields.password\":"
    "0}}"
    "]}";

bson_t *change_pipeline(void)
{
    bson_error_t error;
    return bson_new_from_json((const uint8_t *)pipeline, -1, &error);
}

/* A sub-document as a view; false where there is none (null, or the field is missing). */
static bool document(const bson_t *event, const char *name, bson_t *view)
{
    bson_iter_t iter;
    const uint8_t *data;
    uint32_t len;
    if (!bson_iter_init_find(&iter, event, name) || !BSON_ITER_HOLDS_DOCUMENT(&iter))
        return false;
    bson_iter_document(&iter, &len, &data);
    return bson_init_static(view, data, len);
}

/* The version that this change made: never the looked-up document's, which may be later. 0: it changed no version. */
static int64_t version_of(const bson_t *event, const char *operation, const bson_t *full)
{
    if (!strcmp(operation, "update"))
        return store_int(event, "updateDescription.updatedFields.version", 0);
    return full ? store_int(full, "version", 0) : 0;
}

static change_t order_change(apr_pool_t *pool, const bson_t *event, const char *operation, const bson_t *full,
                             const bson_oid_t *id, int exponent)
{
    int64_t version = version_of(event, operation, full);
    if (version < 1)
        return (change_t){.kind = CHANGE_NONE};
    news_t *news = full ? news_of_order(pool, full, version, exponent) : NULL;
    if (news)
        return (change_t){.kind = CHANGE_NEWS, .news = news};
    return (change_t){.kind = CHANGE_HINT, .id = *id, .version = version};
}

/* Only the change tells that the product was on sale until then: documents and datagrams tell what is now. */
static news_t *withdrawal(apr_pool_t *pool, const bson_t *event, const bson_t *full, const bson_oid_t *id)
{
    bson_iter_t iter, active;
    int64_t version = store_int(event, "updateDescription.updatedFields.version", 0);
    int64_t at = store_time(event, "updateDescription.updatedFields.updatedAt");
    if (version < 1 || !bson_iter_init(&iter, event) ||
        !bson_iter_find_descendant(&iter, "updateDescription.updatedFields.active", &active) ||
        !BSON_ITER_HOLDS_BOOL(&active) || bson_iter_bool(&active))
        return NULL;
    if (!at && full) /* the same millisecond as the version before: not updated */
        at = store_time(full, "updatedAt");
    return news_of_withdrawal(pool, id, version, at);
}

/* Products carry their newest state; one that is gone has none. */
static change_t product_change(apr_pool_t *pool, const bson_t *event, const bson_t *full, const bson_oid_t *id,
                               const char *currency, int exponent)
{
    news_t *news = full ? news_of_product(pool, full, currency, exponent) : NULL;
    return (change_t){
        .kind = news ? CHANGE_NEWS : CHANGE_NONE, .news = news, .withdrawal = withdrawal(pool, event, full, id)};
}

/* Of users the version and the role matter alone. */
static change_t user_change(const bson_t *event, const char *operation, const bson_oid_t *id)
{
    bson_iter_t iter, found;
    change_t change = {.kind = CHANGE_USER, .id = *id, .version = INT64_MAX};
    if (strcmp(operation, "update") != 0)
        return change;
    change.version = store_int(event, "updateDescription.updatedFields.tokenVersion", 0);
    if (change.version > 0)
        return change;
    if (bson_iter_init(&iter, event) &&
        bson_iter_find_descendant(&iter, "updateDescription.updatedFields.role", &found))
        change.version = INT64_MAX;
    else
        change.kind = CHANGE_NONE;
    return change;
}

change_t change_read(apr_pool_t *pool, const bson_t *event, const char *currency, int exponent)
{
    const char *operation = store_text(event, "operationType"), *collection = store_text(event, "ns.coll");
    const bson_oid_t *id = store_oid(event, "documentKey._id");
    bson_t view;
    if (!operation)
        return (change_t){.kind = CHANGE_NONE};
    if (!strcmp(operation, "drop") || !strcmp(operation, "rename") || !strcmp(operation, "dropDatabase") ||
        !strcmp(operation, "invalidate"))
        return (change_t){.kind = CHANGE_END};
    if (!collection || !id)
        return (change_t){.kind = CHANGE_NONE};
    const bson_t *full = document(event, "fullDocument", &view) ? &view : NULL;
    if (!strcmp(collection, STORE_ORDERS))
        return order_change(pool, event, operation, full, id, exponent);
    if (!strcmp(collection, STORE_PRODUCTS))
        return product_change(pool, event, full, id, currency, exponent);
    return user_change(event, operation, id);
}
