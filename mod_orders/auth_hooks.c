/* AuthType Orders and the providers behind Require orders-route and Require orders-role: how Apache asks who may do what. */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <apr_strings.h>
#include <mod_auth.h>
#include "auth.h"
#include "directives.h"
#include "respond.h"
#include "routes.h"

APLOG_USE_MODULE(orders);

#define AUTH_TYPE "Orders"

static int required_server_wide; /* Require orders-route stands outside all virtual hosts */

/* --- Authentication ----------------------------------------------------------------------------------------------- */

static void set_user(request_rec *r, const identity_t *who)
{
    r->user = apr_pstrdup(r->pool, who->id_text);
    r->ap_auth_type = apr_pstrdup(r->pool, AUTH_TYPE);
}

static int is_auth_type_orders(const char *type)
{
    return type && ap_cstr_casecmp(type, AUTH_TYPE) == 0;
}

/* With a problem document on our own paths; elsewhere with the page that Apache has for the status. */
static int refuse(request_rec *r, problem_t *problem)
{
    if (route_is_ours(r->uri))
        return respond_problem(r, problem);
    if (problem->retry_after > 0)
        apr_table_setn(r->err_headers_out, "Retry-After", apr_itoa(r->pool, problem->retry_after));
    return problem->status;
}

static int check_authn(request_rec *r)
{
    const identity_t *who;
    problem_t *problem;

    if (!orders_engine_on(r->server) || !is_auth_type_orders(ap_auth_type(r)))
        return DECLINED;
    auth_result result = auth_identity(r, &who, &problem);
    if (result == AUTH_GOOD) {
        set_user(r, who);
        return OK;
    }
    return refuse(r, result == AUTH_UNAVAILABLE ? problem : auth_unauthorized(r, result));
}

static int note_auth_failure(request_rec *r, const char *type)
{
    if (!orders_engine_on(r->server) || !is_auth_type_orders(type))
        return DECLINED;
    if (!respond_is_forbidden(r)) /* answered 403: signing in again would not help */
        auth_challenge(r, auth_identity(r, NULL, NULL));
    return OK;
}

/* --- Require orders-route ----------------------------------------------------------------------------------------- */

/* Public routes get here without a user: a good session is recognised, a bad Bearer or an unknown state of things is left to
 * check_authn to answer, and else everybody may. */
static authz_status check_public_route(request_rec *r)
{
    const identity_t *who;
    switch (auth_identity(r, &who, NULL)) {
    case AUTH_GOOD: set_user(r, who); return AUTHZ_GRANTED;
    case AUTH_NOBODY:
    case AUTH_BAD_COOKIE: return AUTHZ_GRANTED;
    default: return AUTHZ_DENIED_NO_USER;
    }
}

/* As the route table says. What the table does not know is the handler's to answer (404, 405). */
static authz_status check_route(request_rec *r, const char *line, const void *parsed)
{
    (void)line;
    (void)parsed;
    const identity_t *who;
    if (!orders_engine_on(r->server) || !route_is_ours(r->uri)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "Require orders-route holds for a path or virtual host where the order system does not answer: "
                      "nobody is let in");
        return AUTHZ_DENIED;
    }
    const route_match *match = route_match_request(r);
    if (match->result != ROUTE_FOUND || match->route->access == ACCESS_ANONYMOUS)
        return AUTHZ_GRANTED;
    if (match->route->access == ACCESS_PUBLIC)
        return r->user ? AUTHZ_GRANTED : check_public_route(r);
    if (!r->user)
        return AUTHZ_DENIED_NO_USER;
    if (auth_identity(r, &who, NULL) != AUTH_GOOD)
        return AUTHZ_DENIED;
    if (route_permits(match->route, who->role))
        return AUTHZ_GRANTED;
    respond_problem(r, route_forbidden(r->pool, match->route));
    return AUTHZ_DENIED;
}

static const char *parse_route(cmd_parms *cmd, const char *line, const void **parsed)
{
    (void)parsed;
    if (!cmd->server->is_virtual)
        required_server_wide = 1;
    return *line ? "Require orders-route takes nothing after it" : NULL;
}

/* A virtual host inherits the server configuration's <Location>: where the engine is Off, that would shut its own /api. */
static int warn_of_inheritance(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (!required_server_wide || !orders_engine_anywhere(server))
        return OK;
    for (server_rec *host = server->next; host; host = host->next)
        if (!orders_engine_on(host))
            ap_log_error(
                APLOG_MARK, APLOG_WARNING, 0, server,
                "Require orders-route stands in the server configuration, so that it also holds in the virtual "
                "host of %s:%u, where OrdersEngine is Off: nobody is let in at these paths there. Move it into "
                "the virtual hosts where the engine is On",
                host->defn_name, host->defn_line_number);
    return OK;
}

static int forget_required(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    required_server_wide = 0;
    return OK;
}

/* --- Require orders-role ------------------------------------------------------------------------------------------ */

/* Any of the roles named; for pages that are not the order system's own. */
static const char *parse_roles(cmd_parms *cmd, const char *line, const void **parsed)
{
    unsigned *roles = apr_pcalloc(cmd->pool, sizeof(*roles));
    const char *word;
    while (*(word = ap_getword_conf(cmd->temp_pool, &line))) {
        user_role role = user_role_parse(word);
        if (role == ROLE_NONE)
            return apr_psprintf(cmd->pool, "Require orders-role: '%s' is no role: it must be admin or customer", word);
        *roles |= 1u << role;
    }
    if (!*roles)
        return "Require orders-role: name one or more roles: admin, customer";
    *parsed = roles;
    return NULL;
}

static authz_status check_role(request_rec *r, const char *line, const void *parsed)
{
    (void)line;
    const unsigned *roles = parsed;
    const identity_t *who;
    if (!orders_engine_on(r->server)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "Require orders-role needs OrdersEngine On here: nobody is let in");
        return AUTHZ_DENIED;
    }
    if (!r->user)
        return AUTHZ_DENIED_NO_USER;
    if (auth_identity(r, &who, NULL) == AUTH_GOOD && (*roles & (1u << who->role)))
        return AUTHZ_GRANTED;
    return AUTHZ_DENIED;
}

/* --- Registering -------------------------------------------------------------------------------------------------- */

static const authz_provider route_provider = {check_route, parse_route};
static const authz_provider role_provider = {check_role, parse_roles};

void auth_register_hooks(apr_pool_t *pool)
{
    ap_hook_pre_config(forget_required, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(warn_of_inheritance, NULL, NULL, APR_HOOK_LAST);
    ap_hook_check_authn(check_authn, NULL, NULL, APR_HOOK_MIDDLE, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_note_auth_failure(note_auth_failure, NULL, NULL, APR_HOOK_MIDDLE);
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "orders-route", AUTHZ_PROVIDER_VERSION, &route_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "orders-role", AUTHZ_PROVIDER_VERSION, &role_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
}
