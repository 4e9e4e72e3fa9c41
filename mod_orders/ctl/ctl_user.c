#include "ctl.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include "core/bson_json.h"
#include "core/terms.h"
#include "core/user_store.h"

#define PAGE 200

static void print_user(const ctl_t *ctl, const bson_t *doc, const char *done)
{
    out_t out;
    out_init(&out, ctl->pool);
    if (ctl->json)
        bson_json_write_user(&out, doc);
    else
        out_fmt(&out, "%s %s %s (%s).", done, store_text(doc, "role"), store_text(doc, "email"),
                store_text(doc, "name"));
    ctl_print(&out);
}

int ctl_user_add(ctl_t *ctl)
{
    user_new user = {0};
    store_conn *conn;
    const bson_t *doc;
    int failed;
    if ((failed = ctl_input_email(ctl, &user.email)) || (failed = ctl_input_name(ctl, &user.name)) ||
        (failed = ctl_input_role(ctl, &user.role)) || (failed = ctl_input_password(ctl, &user.password_hash)) ||
        (failed = ctl_open_and_connect(ctl, &conn)))
        return failed;
    problem_t *problem = user_store_add(conn, &user, &doc);
    if (problem)
        return ctl_fail_problem(ctl, problem);
    print_user(ctl, doc, "Added");
    return CTL_OK;
}

/* The user that --email names; connects first. */
static int find_user(ctl_t *ctl, store_conn **conn, bson_oid_t *id)
{
    const char *email;
    const bson_t *doc;
    int failed = ctl_input_email(ctl, &email);
    if (!failed)
        failed = ctl_open_and_connect(ctl, conn);
    if (failed)
        return failed;
    problem_t *problem = user_store_find_email(*conn, email, &doc);
    if (problem)
        return ctl_fail_problem(ctl, problem);
    if (!doc)
        return ctl_fail(ctl, CTL_FINDING, "not-found", "there is no user with the e-mail address %s.", email);
    bson_oid_copy(store_oid(doc, "_id"), id);
    return CTL_OK;
}

/* How a change ended: a problem, a user that went away meanwhile, or the user as it is now. */
static int finish_change(const ctl_t *ctl, const problem_t *problem, const bson_t *doc, const char *done)
{
    if (problem)
        return ctl_fail_problem(ctl, problem);
    if (!doc)
        return ctl_fail(ctl, CTL_FINDING, "not-found", "there is no such user any more.");
    print_user(ctl, doc, done);
    return CTL_OK;
}

int ctl_user_role(ctl_t *ctl)
{
    user_role role;
    store_conn *conn;
    bson_oid_t id;
    const bson_t *doc = NULL;
    int failed = ctl_input_role(ctl, &role);
    if (!failed)
        failed = find_user(ctl, &conn, &id);
    if (failed)
        return failed;
    problem_t *problem = user_store_set_role(conn, &id, role, &doc);
    return finish_change(ctl, problem, doc, "Now");
}

int ctl_user_password(ctl_t *ctl)
{
    const char *hash;
    store_conn *conn;
    bson_oid_t id;
    const bson_t *doc = NULL;
    int failed = ctl_input_password(ctl, &hash);
    if (!failed)
        failed = find_user(ctl, &conn, &id);
    if (failed)
        return failed;
    problem_t *problem = user_store_set_password(conn, &id, hash, &doc);
    return finish_change(ctl, problem, doc, "Set the password of");
}

static void print_row(const ctl_t *ctl, apr_pool_t *pool, const bson_t *row, bool first)
{
    out_t out;
    out_init(&out, pool);
    if (ctl->json) {
        out_str(&out, first ? "" : ",");
        bson_json_write_user(&out, row);
    } else {
        out_fmt(&out, "%-9s %-32s ", store_text(row, "role"), store_text(row, "email"));
        out_time(&out, store_time(row, "createdAt"));
        out_fmt(&out, "  %s", store_text(row, "name"));
    }
    ctl_print(&out);
}

/* Prints one page; *after, whose text lives in ctl->pool, moves to its last row. */
static int list_page(ctl_t *ctl, apr_pool_t *pool, const char *prefix, cursor_t *after, int *shown, bool *more)
{
    store_conn *conn;
    store_page page = {0};
    int failed = ctl_connect(ctl, pool, &conn);
    if (failed)
        return failed;
    problem_t *problem = user_store_list(conn, prefix, PAGE, after->text ? after : NULL, &page);
    if (problem)
        return ctl_fail_problem(ctl, problem);
    for (int i = 0; i < page.count; i++)
        print_row(ctl, pool, &page.row[i], (*shown)++ == 0);
    *more = page.more && page.count > 0;
    if (*more) {
        after->text = apr_pstrdup(ctl->pool, store_text(&page.row[page.count - 1], "email"));
        bson_oid_copy(store_oid(&page.row[page.count - 1], "_id"), &after->id);
    }
    return CTL_OK;
}

int ctl_user_list(ctl_t *ctl)
{
    const char *prefix = ctl_option_value(ctl, "email");
    cursor_t after = {0};
    bool more = true;
    int shown = 0, failed = ctl_open(ctl);
    if (failed)
        return failed;
    if (prefix)
        prefix = terms_lower(ctl->pool, terms_trim(ctl->pool, prefix));
    if (ctl->json)
        puts("[");
    while (more && !failed) {
        apr_pool_t *pool;
        apr_pool_create(&pool, ctl->pool);
        failed = list_page(ctl, pool, prefix, &after, &shown, &more);
        apr_pool_destroy(pool);
    }
    if (ctl->json)
        puts("]");
    return failed;
}
