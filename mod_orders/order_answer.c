#include "order_answer.h"

#include "core/bson_json.h"
#include "order_query.h"

problem_t *order_answer_list(orders_request *request, const order_filter *filter)
{
    store_conn *conn;
    store_page page;
    problem_t *problem;
    cursor_t last;

    if ((problem = orders_request_conn(request, &conn)) || (problem = order_store_list(conn, filter, &page)))
        return problem;
    out_lit(&request->out, "{\"data\":[");
    for (int i = 0; i < page.count; i++) {
        if (i)
            out_char(&request->out, ',');
        bson_json_write_order(&request->out, &page.row[i], request->who->role, false, request->config->exponent);
    }
    out_lit(&request->out, "],\"next\":");
    if (page.more) {
        order_store_cursor(&page.row[page.count - 1], filter->sort, &last);
        out_json_str(&request->out,
                     cursor_seal(request->pool, &request->config->keys, order_query_scope(request, filter), &last));
    } else
        out_lit(&request->out, "null");
    out_char(&request->out, '}');
    return NULL;
}
