/* The route table and its matching. dispatch.c walks a matched request through the checks. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <apr_strings.h>

#include "handlers.h"
#include "request_state.h"
#include "routes.h"

/* Health and the API's description ignore sessions: neither may depend on the database. */
const route_t routes[] = {
    {M_POST, "/api/users/register", ACCESS_ANONYMOUS, users_register, RATE_REGISTER, ROUTE_BODY},
    {M_POST, "/api/users/login", ACCESS_ANONYMOUS, users_login, RATE_LOGIN, ROUTE_BODY},
    {M_POST, "/api/users/logout", ACCESS_SIGNED_IN, users_logout, RATE_WRITE, ROUTE_BODY_IGNORED},
    {M_GET, "/api/users/me", ACCESS_SIGNED_IN, users_me, RATE_NONE, 0},
    {M_POST, "/api/users/password", ACCESS_SIGNED_IN, users_password, RATE_WRITE, ROUTE_BODY},
    {M_GET, "/api/users", ACCESS_ADMIN, users_list, RATE_NONE, 0},
    {M_PATCH, "/api/users/:id", ACCESS_ADMIN, users_set_role, RATE_WRITE, ROUTE_BODY},

    {M_GET, "/api/products", ACCESS_PUBLIC, products_list, RATE_NONE, 0},
    {M_POST, "/api/products", ACCESS_ADMIN, products_create, RATE_WRITE, ROUTE_BODY},
    {M_GET, "/api/products/:id", ACCESS_PUBLIC, products_get, RATE_NONE, 0},
    {M_PATCH, "/api/products/:id", ACCESS_ADMIN, products_change, RATE_WRITE, ROUTE_BODY},

    {M_POST, "/api/orders", ACCESS_CUSTOMER, orders_place, RATE_WRITE, ROUTE_BODY},
    {M_GET, "/api/orders", ACCESS_CUSTOMER, orders_own_list, RATE_NONE, 0},
    {M_GET, "/api/orders/:id", ACCESS_SIGNED_IN, orders_get, RATE_NONE, 0},
    {M_POST, "/api/orders/:id/cancel", ACCESS_CUSTOMER, orders_cancel, RATE_WRITE, ROUTE_BODY_IGNORED},
    {M_PATCH, "/api/orders/:id/status", ACCESS_ADMIN, orders_set_status, RATE_WRITE, ROUTE_BODY},
    {M_PATCH, "/api/orders/:id/payment", ACCESS_ADMIN, orders_set_payment, RATE_WRITE, ROUTE_BODY},

    {M_GET, "/api/orders/admin", ACCESS_ADMIN, orders_admin_list, RATE_NONE, 0},
    {M_POST, "/api/orders/admin/status", ACCESS_ADMIN, orders_bulk_status, RATE_WRITE, ROUTE_BODY},
    {M_GET, "/api/orders/admin/stats", ACCESS_ADMIN, orders_stats, RATE_NONE, 0},
    {M_GET, "/api/orders/admin/export.csv", ACCESS_ADMIN, orders_export, RATE_NONE, 0},

    {M_GET, "/healthz", ACCESS_ANONYMOUS, health_get, RATE_NONE, 0},
    {M_GET, "/api/openapi.json", ACCESS_ANONYMOUS, openapi_get, RATE_NONE, 0},
    {0, NULL, ACCESS_PUBLIC, NULL, RATE_NONE, 0},
};

#define ID_SEGMENT ":id"

static int is_at_or_below(const char *uri, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(uri, prefix, len) == 0 && (uri[len] == '\0' || uri[len] == '/');
}

int route_is_ours(const char *uri)
{
    return uri != NULL &&
           (is_at_or_below(uri, "/api") || strcmp(uri, "/healthz") == 0 || strcmp(uri, "/healthz/") == 0);
}

typedef enum { MATCH_NONE, MATCH_WITH_ID, MATCH_EXACT } match_quality;

/* Compares the pattern with the path path[0..len). On MATCH_WITH_ID, *id and *id_len say what :id stood for. */
static match_quality match_path(const char *pattern, const char *path, size_t len, const char **id, size_t *id_len)
{
    const char *colon = strstr(pattern, ID_SEGMENT);
    size_t before, after, pattern_len = strlen(pattern);

    if (colon == NULL)
        return pattern_len == len && memcmp(pattern, path, len) == 0 ? MATCH_EXACT : MATCH_NONE;
    before = (size_t)(colon - pattern);
    after = pattern_len - before - strlen(ID_SEGMENT);
    if (len <= before + after || memcmp(pattern, path, before) != 0 ||
        memcmp(colon + strlen(ID_SEGMENT), path + len - after, after) != 0)
        return MATCH_NONE;
    *id = path + before;
    *id_len = len - before - after;
    return memchr(*id, '/', *id_len) == NULL ? MATCH_WITH_ID : MATCH_NONE;
}

/* The Allow header's value for the path of the given row: every method that the table has for it. */
static const char *allowed_methods(apr_pool_t *pool, const char *pattern)
{
    int get = 0, post = 0, patch = 0;
    const route_t *row;

    for (row = routes; row->path != NULL; row++) {
        if (strcmp(row->path, pattern) != 0)
            continue;
        get |= row->method == M_GET;
        post |= row->method == M_POST;
        patch |= row->method == M_PATCH;
    }
    return apr_pstrcat(pool, get ? "GET, HEAD, " : "", post ? "POST, " : "", patch ? "PATCH, " : "", "OPTIONS", NULL);
}

/* The first row whose path fits best: a path spelled out beats one with :id, whatever its methods. */
static const route_t *best_row(apr_pool_t *pool, const char *path, size_t len, const char **id)
{
    const route_t *row, *best = NULL;
    const char *segment = NULL;
    size_t segment_len = 0;
    match_quality quality;

    *id = NULL;
    for (row = routes; row->path != NULL; row++) {
        quality = match_path(row->path, path, len, &segment, &segment_len);
        if (quality == MATCH_EXACT) {
            *id = NULL;
            return row;
        }
        if (quality == MATCH_WITH_ID && best == NULL) {
            *id = apr_pstrmemdup(pool, segment, segment_len);
            best = row;
        }
    }
    return best;
}

static void match_request(request_rec *r, route_match *match)
{
    const char *path = r->uri != NULL ? r->uri : "";
    size_t len = strlen(path);
    const route_t *best, *row;

    match->result = ROUTE_NO_PATH;
    if (len > 1 && path[len - 1] == '/')
        len--;
    best = best_row(r->pool, path, len, &match->id);
    if (best == NULL)
        return;
    match->result = ROUTE_NO_METHOD;
    match->allow = allowed_methods(r->pool, best->path);
    for (row = best; row->path != NULL; row++) {
        if (row->method == r->method_number && strcmp(row->path, best->path) == 0) {
            match->result = ROUTE_FOUND;
            match->route = row;
            return;
        }
    }
}

const route_match *route_match_request(request_rec *r)
{
    request_state *state = request_state_get(r);
    route_match *match;

    if (state->match == NULL) {
        match = apr_pcalloc(r->pool, sizeof(*match));
        match_request(r, match);
        state->match = match;
    }
    return state->match;
}

int route_permits(const route_t *route, user_role role)
{
    switch (route->access) {
    case ACCESS_PUBLIC:
    case ACCESS_ANONYMOUS: return 1;
    case ACCESS_SIGNED_IN: return role != ROLE_NONE;
    case ACCESS_CUSTOMER: return role == ROLE_CUSTOMER;
    case ACCESS_ADMIN: return role == ROLE_ADMIN;
    }
    return 0;
}

problem_t *route_forbidden(apr_pool_t *pool, const route_t *route)
{
    return problem_make(pool, "forbidden",
                        route->access == ACCESS_ADMIN ? "This is for admins only." : "This is for customers only.");
}
