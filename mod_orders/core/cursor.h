/* List cursors: where the next page of a keyset-paged list starts. Opaque to clients: signed, and bound to its list and sort. */
#ifndef CORE_CURSOR_H
#define CORE_CURSOR_H

#include <apr_pools.h>
#include <bson/bson.h>
#include "keys.h"

typedef struct cursor {
    const char *text; /* the sort value of the last row when it is a string, else NULL */
    int64_t number;   /* the same when it is a number or a time in ms */
    bson_oid_t id;    /* the last row's _id, which breaks ties */
} cursor_t;

/* `scope`: the list and its sort, e.g. "orders:-createdAt"; a cursor only opens in its own scope. */
const char *cursor_seal(apr_pool_t *pool, const keys_t *keys, const char *scope, const cursor_t *cursor);
/* 0, or -1 when the text is not one of ours or of another scope. */
int cursor_open(apr_pool_t *pool, const keys_t *keys, const char *scope, const char *text, cursor_t *cursor);

#endif
