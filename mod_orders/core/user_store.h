/* The users collection. E-mail addresses are stored trimmed and lower-cased; callers pass them that way. */
#ifndef CORE_USER_STORE_H
#define CORE_USER_STORE_H

#include "cursor.h"
#include "order.h"
#include "store.h"

typedef struct user_new {
    const char *name, *email;
    const char *password_hash;
    user_role role;
} user_new;

/* 409 `email-taken`. *doc is the stored user. createdAt is the database's clock. */
problem_t *user_store_add(store_conn *conn, const user_new *user, const bson_t **doc);
/* *doc is NULL when there is no such user: that is no problem here. */
problem_t *user_store_find(store_conn *conn, const bson_oid_t *id, const bson_t **doc);
/* What sessions are measured by, of many users at once: rows of _id, tokenVersion and role, in any order. */
problem_t *user_store_find_sessions(store_conn *conn, const bson_oid_t *ids, int count, store_page *page);
problem_t *user_store_find_email(store_conn *conn, const char *email, const bson_t **doc);
/* tokenVersion + 1: all older tokens end. *version is the new one; 404 when the user is gone. */
problem_t *user_store_end_tokens(store_conn *conn, const bson_oid_t *id, int64_t *version);
/* The new hash, and tokenVersion + 1. *doc is the user afterwards, NULL when gone. */
problem_t *user_store_set_password(store_conn *conn, const bson_oid_t *id, const char *hash, const bson_t **doc);
/* The new role, and tokenVersion + 1 unless it is the present one. */
problem_t *user_store_set_role(store_conn *conn, const bson_oid_t *id, user_role role, const bson_t **doc);
/* By e-mail, ascending; `prefix` of the e-mail or NULL; `after` (its text is the e-mail) or NULL. */
problem_t *user_store_list(store_conn *conn, const char *prefix, int limit, const cursor_t *after, store_page *page);

#endif
