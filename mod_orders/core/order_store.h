/* The orders collection: reading. Everything that changes an order goes through the ledger. */
#ifndef CORE_ORDER_STORE_H
#define CORE_ORDER_STORE_H

#include "cursor.h"
#include "order.h"
#include "store.h"

typedef enum {
    ORDER_SORT_NEWEST, /* -createdAt */
    ORDER_SORT_OLDEST,
    ORDER_SORT_UPDATED, /* -updatedAt */
    ORDER_SORT_TOTAL_DESC,
    ORDER_SORT_TOTAL_ASC
} order_sort;

typedef struct order_filter {
    const bson_oid_t *user;     /* NULL: anyone's. The owner's own list */
    const bson_oid_t *customer; /* NULL: anyone's. The admin's filter */
    unsigned statuses;          /* bit per order_status; 0: all */
    int payment_received;       /* -1: either */
    bool has_from, has_to, has_min_total;
    int64_t from, to;  /* ms: from <= createdAt < to */
    int64_t min_total; /* minor units */
    const char *q;     /* number, id or e-mail prefix; text, never a pattern; NULL: none */
    order_sort sort;
    int limit;
    const cursor_t *after;
    bool history; /* bring the history too */
} order_filter;

extern const char *const order_sort_words[]; /* "-createdAt", … NULL; indexed by order_sort */

/* *doc is NULL when there is none, or when it is not `owner`'s (NULL: anyone's). */
problem_t *order_store_find(store_conn *conn, const bson_oid_t *id, const bson_oid_t *owner, const bson_t **doc);
problem_t *order_store_list(store_conn *conn, const order_filter *wanted, store_page *page);
/* The cursor after a row in this sort. */
void order_store_cursor(const bson_t *row, order_sort sort, cursor_t *cursor);

typedef struct order_stats_range {
    bool has_to;
    int64_t from, to; /* ms */
    const char *tz;   /* IANA name or +hh:mm */
} order_stats_range;

/* Writes the stats object of DESIGN 12. 400 `invalid-parameter` for a tz the database does not know. */
problem_t *order_store_stats(store_conn *conn, const order_stats_range *range, const char *currency, int exponent,
                             out_t *out);

#endif
