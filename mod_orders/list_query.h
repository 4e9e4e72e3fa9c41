/* What every list has in common: limit, after and q in, {data, next} out. */
#ifndef ORDERS_LIST_QUERY_H
#define ORDERS_LIST_QUERY_H

#include <apr_tables.h>
#include "core/cursor.h"
#include "core/store.h"
#include "request.h"

typedef struct list_query {
    const char *scope; /* of the cursors: the list and its sort */
    const char *q;     /* NULL: not given */
    int limit;
    const cursor_t *after; /* NULL: the first page */
    apr_table_t *params;   /* all of them, for what else the list takes; NULL: the query string could not be read */
} list_query;

/* Everything but `after`, which only opens once the list's sort is known. 400 `invalid-parameter`. */
problem_t *list_query_read(orders_request *request, const char *const *allowed, list_query *query);
/* `after`, a cursor of this scope; `by_text`: it holds a string, not a number. 400 `invalid-cursor`. */
problem_t *list_query_after(orders_request *request, const char *scope, bool by_text, list_query *query);

typedef void (*list_row_writer)(orders_request *request, const bson_t *row);
/* Writes the page. `last`: the cursor after its last row; looked at only when there is more. */
void list_answer(orders_request *request, const list_query *query, const store_page *page, const cursor_t *last,
                 list_row_writer write_row);
/* The cursor after the page's last row in a list sorted by a text field and _id. */
void list_text_cursor(const store_page *page, const char *sort, cursor_t *last);

#endif
