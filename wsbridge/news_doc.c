#include "news_doc.h"

#include <stdio.h>
#include "core/event.h"
#include "core/store.h"

static news_t *make(const news_facts *facts, const out_t *out)
{
    size_t len;
    const char *text = out_text(out, &len);
    return news_new(facts, text, len);
}

news_t *news_of_order(apr_pool_t *pool, const bson_t *order, int64_t version, int exponent)
{
    char path[48];
    news_facts facts = {.audience = NEWS_TO_OWNER, .version = version};
    const bson_oid_t *id = store_oid(order, "_id"), *owner = store_oid(order, "userId");
    out_t out;
    out_init(&out, pool);
    if (!id || !owner || !event_write_order(&out, order, version, exponent))
        return NULL;
    snprintf(path, sizeof path, "history.%lld.type", (long long)version - 1);
    if (!news_type_parse(store_text(order, path), &facts.type))
        return NULL;
    snprintf(path, sizeof path, "history.%lld.at", (long long)version - 1);
    facts.at = store_time(order, path);
    facts.id = *id;
    facts.owner = *owner;
    return make(&facts, &out);
}

news_t *news_of_product(apr_pool_t *pool, const bson_t *product, const char *currency, int exponent)
{
    news_facts facts = {.type = NEWS_PRODUCT_STOCK,
                        .audience = store_bool(product, "active") ? NEWS_TO_EVERYONE : NEWS_TO_ADMINS,
                        .version = store_int(product, "version", 0),
                        .at = store_time(product, "updatedAt")};
    const bson_oid_t *id = store_oid(product, "_id");
    out_t out;
    if (!id || facts.version < 1)
        return NULL;
    facts.id = *id;
    out_init(&out, pool);
    event_write_product(&out, product, currency, exponent);
    return make(&facts, &out);
}

news_t *news_of_withdrawal(apr_pool_t *pool, const bson_oid_t *product, int64_t version, int64_t at)
{
    news_facts facts = {
        .type = NEWS_PRODUCT_STOCK, .audience = NEWS_TO_CUSTOMERS, .id = *product, .version = version, .at = at};
    out_t out;
    out_init(&out, pool);
    event_write_withdrawal(&out, product, version, at);
    return make(&facts, &out);
}
