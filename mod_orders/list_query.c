#include "list_query.h"

#include <string.h>

#include "core/query.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     100
#define SEARCH_MAX    254 /* bytes: the longest e-mail address */

problem_t *list_query_read(orders_request *request, const char *const *allowed, list_query *query)
{
    *query = (list_query){.limit = LIMIT_DEFAULT};
    problem_t *problem = query_parse(request->pool, request->r->args, allowed, &query->params);
    if (problem) {
        query->params = NULL;
        return problem;
    }
    query->q = apr_table_get(query->params, "q");
    if (query->q && strlen(query->q) > SEARCH_MAX)
        query_bad(&problem, request->pool, "q", "'q' may have at most %d bytes.", SEARCH_MAX);
    query_int(request->pool, query->params, "limit", 1, LIMIT_MAX, &query->limit, &problem);
    return problem;
}

problem_t *list_query_after(orders_request *request, const char *scope, bool by_text, list_query *query)
{
    const char *after = apr_table_get(query->params, "after");
    query->scope = scope;
    if (!after)
        return NULL;
    cursor_t *cursor = apr_pcalloc(request->pool, sizeof *cursor);
    if (cursor_open(request->pool, &request->config->keys, scope, after, cursor) < 0 || !cursor->text == by_text)
        return problem_make(request->pool, "invalid-cursor",
                            "after must be the `next` of an earlier page of this list, with the same sort.");
    query->after = cursor;
    return NULL;
}

void list_text_cursor(const store_page *page, const char *sort, cursor_t *last)
{
    if (!page->more)
        return;
    const bson_t *row = &page->row[page->count - 1];
    *last = (cursor_t){.text = store_text(row, sort)};
    bson_oid_copy(store_oid(row, "_id"), &last->id);
}

void list_answer(orders_request *request, const list_query *query, const store_page *page, const cursor_t *last,
                 list_row_writer write_row)
{
    out_lit(&request->out, "{\"data\":[");
    for (int i = 0; i < page->count; i++) {
        if (i)
            out_char(&request->out, ',');
        write_row(request, &page->row[i]);
    }
    out_lit(&request->out, "],\"next\":");
    if (page->more)
        out_json_str(&request->out, cursor_seal(request->pool, &request->config->keys, query->scope, last));
    else
        out_lit(&request->out, "null");
    out_char(&request->out, '}');
}
