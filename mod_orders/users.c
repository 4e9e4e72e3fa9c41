/* Accounts as admins see them, and one's own. Sign-in and passwords are in sessions.c. */
#include "handlers.h"

#include "core/body.h"
#include "core/bson_json.h"
#include "core/terms.h"
#include "core/user_store.h"
#include "list_query.h"

#define ROLE_MAX_CHARS 20

static problem_t *account_gone(orders_request *request)
{
    return auth_unauthorized(request->r, request->who->from_cookie ? AUTH_BAD_COOKIE : AUTH_BAD_BEARER);
}

/* A cookie past half its life gives way to a fresh one; how long that can go on is counted from the sign-in. */
static problem_t *renew_session(orders_request *request, const bson_t *user)
{
    const identity_t *who = request->who;
    int64_t now = apr_time_sec(apr_time_now()), expires;
    const char *token;
    if (!who->from_cookie || now < who->issued + (who->expires - who->issued) / 2 ||
        who->expires >= who->auth_time + request->config->session_max)
        return NULL;
    return auth_start_session(request->r, who->id_text, user_role_parse(store_text(user, "role")), who->version,
                              who->auth_time, &token, &expires);
}

problem_t *users_me(orders_request *request)
{
    store_conn *conn;
    const bson_t *user;
    problem_t *problem;
    if ((problem = orders_request_reader(request, &conn)) ||
        (problem = user_store_find(conn, &request->who->id, &user)))
        return problem;
    /* Read just now, this is newer than what let the request in. */
    if (!user || store_int(user, "tokenVersion", -1) != request->who->version)
        return account_gone(request);
    if ((problem = renew_session(request, user)))
        return problem;
    bson_json_write_user(&request->out, user);
    return NULL;
}

static void write_user(orders_request *request, const bson_t *row)
{
    bson_json_write_user(&request->out, row);
}

problem_t *users_list(orders_request *request)
{
    static const char *const allowed[] = {"q", "limit", "after", NULL};
    list_query query;
    store_page page;
    store_conn *conn;
    problem_t *problem;
    cursor_t last;
    if ((problem = list_query_read(request, allowed, &query)) ||
        (problem = list_query_after(request, "users", true, &query)) ||
        (problem = orders_request_reader(request, &conn)))
        return problem;
    const char *prefix = query.q && *query.q ? terms_lower(request->pool, query.q) : NULL;
    if ((problem = user_store_list(conn, prefix, query.limit, query.after, &page)))
        return problem;
    list_text_cursor(&page, "email", &last);
    list_answer(request, &query, &page, &last, write_user);
    return NULL;
}

typedef struct role_body {
    const char *role;
} role_body;

static const field role_fields[] = {
    {"role", FIELD_TEXT, true, 1, ROLE_MAX_CHARS, offsetof(role_body, role)},
    {NULL, 0, 0, 0, 0, 0},
};

static problem_t *read_role(orders_request *request, user_role *role)
{
    role_body body = {NULL};
    problem_t *problem = NULL;
    body_fields(request->pool, request->body, "", role_fields, 0, &body, &problem);
    if (problem)
        return problem;
    *role = user_role_parse(body.role);
    if (*role == ROLE_NONE)
        problem_field_add(&problem, request->pool, "/role", "unknown-value", "Must be customer or admin.");
    return problem;
}

problem_t *users_set_role(orders_request *request)
{
    user_role role;
    store_conn *conn;
    const bson_t *user;
    problem_t *problem = read_role(request, &role);
    if (problem)
        return problem;
    if (bson_oid_equal(&request->id, &request->who->id))
        return problem_make(request->pool, "own-role", "Nobody can change their own role; ask another admin.");
    if ((problem = orders_request_conn(request, &conn)) ||
        (problem = user_store_set_role(conn, &request->id, role, &user)))
        return problem;
    if (!user)
        return problem_make(request->pool, "not-found", "There is no such user.");
    auth_publish_version(request->r, &request->id, store_int(user, "tokenVersion", 0));
    bson_json_write_user(&request->out, user);
    return NULL;
}
