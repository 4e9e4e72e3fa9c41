#include "list_query.h"

#include <string.h>

#include "core/query.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     100
#define SEARCH_MAX    254 /* bytes: the longest e-mail address */

static void read_search(orders_request *request, list_query *query, problem_t **problem)
{
    query->q = apr_table_get(query->params, "q");
    if (query->q && strlen(query->q) > SEARCH_MAX)
        query_bad(problem, request->pool, "q", "'q' may have at most %d bytes.", SEARCH_MAX);
}

problem_t *list_query_read(orders_request *request, const char *scope, const char *const *allowed, list_query *query)
{
    *query = (list_query){.scope = scope, .limit = LIMIT_DEFAULT};
    problem_t *problem = query_parse(request->pool, request->r->args, allowed, &query->params);
    if (problem)
        return problem;
    read_search(request, query, &problem);
    query_int(request->pool, query->params, "limit", 1, LIMIT_MAX, &query->limit, &problem);
    const char *after = apr_table_get(query->params, "after");
    if (problem || !after)
        return problem;
    cursor_t *cursor = apr_pcalloc(request->pool, sizeof *cursor);
    if (cursor_open(request->pool, &request->config->keys, scope, after, cursor) < 0 || !cursor->text)
        return problem_make(request->pool, "invalid-cursor",
                            "after must be the `next` of an earlier page of this list.");
    query->after = cursor;
    return NULL;
}

static void write_next(orders_request *request, const list_query *query, const bson_t *last, const char *sort)
{
    cursor_t cursor = {.text = store_text(last, sort)};
    bson_oid_copy(store_oid(last, "_id"), &cursor.id);
    out_json_str(&request->out, cursor_seal(request->pool, &request->config->keys, query->scope, &cursor));
}

void list_answer(orders_request *request, const list_query *query, const store_page *page, const char *sort,
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
        write_next(request, query, &page->row[page->count - 1], sort);
    else
        out_lit(&request->out, "null");
    out_char(&request->out, '}');
}
