/* One change of the stream, understood: pure but for memory. */
#ifndef WSBRIDGE_STREAM_CHANGE_H
#define WSBRIDGE_STREAM_CHANGE_H

#include <apr_pools.h>
#include "news.h"

typedef enum {
    CHANGE_NONE, /* nothing for anybody */
    CHANGE_NEWS, /* news */
    CHANGE_HINT, /* the order id is at this version now */
    CHANGE_USER, /* the user id is at this tokenVersion now, or INT64_MAX */
    CHANGE_END   /* collections were dropped or replaced: what was known counts no more */
} change_kind;

typedef struct change {
    change_kind kind;
    news_t *news;       /* the caller's */
    news_t *withdrawal; /* the same; of any kind of change, before its news; NULL: none */
    bson_oid_t id;
    int64_t version;
} change_t;

/* The pipeline of the stream: what is of interest, without what is none of the bridge's business. The caller destroys it. */
bson_t *change_pipeline(void);
change_t change_read(apr_pool_t *pool, const bson_t *event, const char *currency, int exponent);

#endif
