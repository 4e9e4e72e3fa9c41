/* Events from the database's documents. Any thread; `pool` is for working memory. */
#ifndef WSBRIDGE_NEWS_DOC_H
#define WSBRIDGE_NEWS_DOC_H

#include <apr_pools.h>
#include "news.h"

/* How the order came to this version; its data is the order as the document has it. NULL where the document has no such
 * history or lacks what an order has. */
news_t *news_of_order(apr_pool_t *pool, const bson_t *order, int64_t version, int exponent);
/* The product as it is. NULL where the document lacks what a product has. */
news_t *news_of_product(apr_pool_t *pool, const bson_t *product, const char *currency, int exponent);
/* That the product was taken off sale. */
news_t *news_of_withdrawal(apr_pool_t *pool, const bson_oid_t *product, int64_t version, int64_t at);

#endif
