/* What the lists of users and products have in common: limit, after and q in, {data, next} out. */
#ifndef ORDERS_LIST_QUERY_H
#define ORDERS_LIST_QUERY_H

#include <apr_tables.h>
#include "core/cursor.h"
#include "core/store.h"
#include "request.h"

typedef struct list_query {
    const char *scope; /* of the cursors */
    const char *q;     /* NULL: not given, or empty */
    int limit;
    const cursor_t *after; /* its text is the sort value; NULL: the first page */
    apr_table_t *params;   /* all of them, for what else the list takes */
} list_query;

problem_t *list_query_read(orders_request *request, const char *scope, const char *const *allowed, list_query *query);

typedef void (*list_row_writer)(orders_request *request, const bson_t *row);
/* Writes the page; `sort`: the field of the last row that the next page starts after. */
void list_answer(orders_request *request, const list_query *query, const store_page *page, const char *sort,
                 list_row_writer write_row);

#endif
