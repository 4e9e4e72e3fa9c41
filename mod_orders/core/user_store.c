#include "user_store.h"

#include "terms.h"

#include <apr_strings.h>
#include <string.h>

/* Runs a command whose answer is one document or none. */
static problem_t *run_one(store_conn *conn, bson_t *command, const bson_t **doc)
{
    const bson_t *reply;
    bson_t *row = store_rows(conn->pool, 1);
    *doc = NULL;
    problem_t *problem = store_run(conn, store_keep(conn->pool, command), &reply);
    if (!problem && store_first_row(reply, row))
        *doc = row;
    return problem;
}

problem_t *user_store_add(store_conn *conn, const user_new *user, const bson_t **doc)
{
    bson_oid_t id;
    store_error error;
    bson_oid_init(&id, NULL);
    bson_t *fields =
        store_keep(conn->pool, BCON_NEW("_id", BCON_OID(&id), "name", BCON_UTF8(user->name), "email",
                                        BCON_UTF8(user->email), "password", BCON_UTF8(user->password_hash), "role",
                                        BCON_UTF8(user_role_name(user->role)), "tokenVersion", BCON_INT64(1)));
    bson_t *clock = store_keep(conn->pool, BCON_NEW("createdAt", BCON_UTF8("$$NOW")));
    if (store_add(conn, STORE_USERS, fields, clock, doc, &error))
        return NULL;
    if (error.duplicate && !strcmp(error.key, "email"))
        return problem_make(conn->pool, "email-taken", "There is already an account with this e-mail address.");
    return store_error_problem(conn, &error, "adding a user");
}

problem_t *user_store_find(store_conn *conn, const bson_oid_t *id, const bson_t **doc)
{
    return store_find(conn, STORE_USERS, id, doc);
}

problem_t *user_store_find_sessions(store_conn *conn, const bson_oid_t *ids, int count, store_page *page)
{
    bson_t *command = store_bson(conn->pool), *in = store_bson(conn->pool);
    for (int i = 0; i < count; i++)
        BSON_APPEND_OID(in, apr_itoa(conn->pool, i), &ids[i]);
    BCON_APPEND(command, "find", BCON_UTF8(STORE_USERS), "filter", "{", "_id", "{", "$in", BCON_ARRAY(in), "}", "}",
                "projection", "{", "tokenVersion", BCON_INT32(1), "role", BCON_INT32(1), "}", "batchSize",
                BCON_INT32(count + 1), "singleBatch", BCON_BOOL(true));
    return store_run_page(conn, command, count, page);
}

problem_t *user_store_find_email(store_conn *conn, const char *email, const bson_t **doc)
{
    return run_one(conn,
                   BCON_NEW("find", BCON_UTF8(STORE_USERS), "filter", "{", "email", BCON_UTF8(email), "}", "limit",
                            BCON_INT32(1), "singleBatch", BCON_BOOL(true)),
                   doc);
}

problem_t *user_store_end_tokens(store_conn *conn, const bson_oid_t *id, int64_t *version)
{
    const bson_t *doc;
    problem_t *problem =
        run_one(conn,
                BCON_NEW("findAndModify", BCON_UTF8(STORE_USERS), "query", "{", "_id", BCON_OID(id), "}", "update", "{",
                         "$inc", "{", "tokenVersion", BCON_INT64(1), "}", "}", "new", BCON_BOOL(true)),
                &doc);
    if (!problem && !doc)
        problem = problem_make(conn->pool, "not-found", "There is no such user.");
    if (!problem)
        *version = store_int(doc, "tokenVersion", 0);
    return problem;
}

problem_t *user_store_set_password(store_conn *conn, const bson_oid_t *id, const char *hash, const bson_t **doc)
{
    return run_one(conn,
                   BCON_NEW("findAndModify", BCON_UTF8(STORE_USERS), "query", "{", "_id", BCON_OID(id), "}", "update",
                            "{", "$set", "{", "password", BCON_UTF8(hash), "}", "$inc", "{", "tokenVersion",
                            BCON_INT64(1), "}", "}", "new", BCON_BOOL(true)),
                   doc);
}

problem_t *user_store_set_role(store_conn *conn, const bson_oid_t *id, user_role role, const bson_t **doc)
{
    const char *name = user_role_name(role);
    problem_t *problem =
        run_one(conn,
                BCON_NEW("findAndModify", BCON_UTF8(STORE_USERS), "query", "{", "_id", BCON_OID(id), "role", "{", "$ne",
                         BCON_UTF8(name), "}", "}", "update", "{", "$set", "{", "role", BCON_UTF8(name), "}", "$inc",
                         "{", "tokenVersion", BCON_INT64(1), "}", "}", "new", BCON_BOOL(true)),
                doc);
    if (problem || *doc)
        return problem;
    return user_store_find(conn, id, doc); /* has the role already, or is gone */
}

problem_t *user_store_list(store_conn *conn, const char *prefix, int limit, const cursor_t *after, store_page *page)
{
    bson_t *command = store_bson(conn->pool), *range = store_bson(conn->pool);
    const char *end = prefix ? terms_prefix_end(conn->pool, prefix) : NULL;
    if (prefix)
        BSON_APPEND_UTF8(range, "$gte", prefix);
    if (end)
        BSON_APPEND_UTF8(range, "$lt", end);
    if (after)
        BSON_APPEND_UTF8(range, "$gt", after->text);
    BCON_APPEND(command, "find", BCON_UTF8(STORE_USERS));
    if (!bson_empty(range))
        BCON_APPEND(command, "filter", "{", "email", BCON_DOCUMENT(range), "}");
    BCON_APPEND(command, "sort", "{", "email", BCON_INT32(1), "}", "limit", BCON_INT32(limit + 1), "batchSize",
                BCON_INT32(limit + 1), "singleBatch", BCON_BOOL(true));
    return store_run_page(conn, command, limit, page);
}
