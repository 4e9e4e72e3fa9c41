/* One event, as it is told to viewers: immutable but for its place in line, shared by counting references.
 *
 * Its text is the JSON object of DESIGN 8, `{"type":…,"id":…,"version":…,"at":…[,"from":…,"to":…],"data":{…}}`, made by
 * core/event from a document or taken from a datagram that it made. Frames are made from it when first asked for, once a
 * protocol, and shared by all viewers.
 *
 * Threading: news_new runs on any thread; the maker then hands the one reference to the loop's thread, where everything
 * else happens (the count isn't atomic, frames aren't either).
 */
#ifndef WSBRIDGE_NEWS_H
#define WSBRIDGE_NEWS_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "protocol/frame.h"

typedef enum { NEWS_ORDER_NEW, NEWS_ORDER_STATUS, NEWS_ORDER_PAYMENT, NEWS_PRODUCT_STOCK } news_type;

typedef enum {
    NEWS_TO_OWNER,    /* an order: its customer, and admins */
    NEWS_TO_EVERYONE, /* an active product */
    NEWS_TO_ADMINS,   /* an inactive product */
    NEWS_TO_CUSTOMERS /* that a product was taken off sale; admins get the product itself */
} news_audience;

typedef struct news_facts {
    news_type type;
    news_audience audience;
    bson_oid_t id;
    bson_oid_t owner; /* NEWS_TO_OWNER: the customer's user id */
    int64_t version;  /* 1 and up */
    int64_t at;       /* ms since the epoch, the database's clock */
} news_facts;

typedef struct news {
    news_facts facts;
    int64_t seq;   /* its place among all released events; 0 until then */
    bool outdated; /* a product's newer state has been released: nobody needs this one any more */
    size_t len;
    const char *text; /* the JSON object; NUL behind it */
    /* Private */
    uint32_t refs;
    frame_t *plain, *sio;
} news_t;

const char *news_type_name(news_type type);
/* False when there is no such type. */
bool news_type_parse(const char *name, news_type *type);
static inline bool news_is_order(const news_t *news)
{
    return news->facts.type != NEWS_PRODUCT_STOCK;
}

/* One reference, the caller's. Copies the text, an object that ends with `}`. */
news_t *news_new(const news_facts *facts, const char *text, size_t len);
news_t *news_ref(news_t *news);
void news_unref(news_t *news); /* NULL is allowed */

/* Frames of released news (seq is set). They stay the news'; whoever queues one takes a reference of its own, as
 * ws_send_frame and sio_send do. */
frame_t *news_plain_frame(news_t *news);                  /* a text frame: the object with `,"seq":N` */
frame_t *news_sio_frame(news_t *news, const char *epoch); /* an EVENT for "/": [type, {…}, "<epoch>.<seq>"] */
/* Lets go of the frames: what is old is seldom sent again, and they can be made again. */
void news_cool(news_t *news);

#endif
