/* mod_orders: the hooks by which Apache calls the order system, and the module record. Where OrdersEngine is Off, none acts. */
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include "auth.h"
#include "child.h"
#include "directives.h"
#include "request.h"
#include "respond.h"
#include "routes.h"
#include "shared.h"

#define HANDLER_NAME "orders"

/* --- Start and stop ----------------------------------------------------------------------------------------------- */

static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    orders_config_reset(pconf);
    return shared_pre_config(pconf);
}

/* After the configuration is read and was found good:
 * (1) httpd reads it twice at start: nothing on the first, dry reading.
 * (2) Nothing where the engine is off everywhere.
 * (3) Compute what depends on the settings: the currency's exponent, the keys.
 * (4) Make the shared memory and its mutex; children inherit both.
 * Database connections do not survive a fork: they are made in child_init. */
static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server)
{
    (void)plog;
    (void)ptemp;
    /* (1) */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    /* (2) */
    if (!orders_engine_anywhere(server))
        return OK;
    /* (3) */
    orders_config_finish(pconf);
    /* (4) */
    return shared_create(pconf, server);
}

static void child_init(apr_pool_t *pchild, server_rec *server)
{
    shared_child_init(pchild, server);
    orders_child_init(pchild, server);
}

/* --- A request ---------------------------------------------------------------------------------------------------- */

static int is_ours(request_rec *r)
{
    return orders_engine_on(r->server) && r->uri && route_is_ours(r->uri);
}

/* First of all, so that every answer and every log line has its request id, errors before the handler included. */
static int post_read_request(request_rec *r)
{
    if (!orders_engine_on(r->server))
        return DECLINED;
    request_id(r);
    if (is_ours(r))
        respond_common_headers(r);
    return DECLINED;
}

/* Our paths are no files: with these three hooks, httpd neither walks directories nor guesses types for them. The name is
 * for modules that look at it, and has no extension that would mean something to them. */
static int translate_name(request_rec *r)
{
    if (!is_ours(r))
        return DECLINED;
    r->filename = apr_pstrdup(r->pool, "orders:api");
    return OK;
}

/* Also keeps the core from answering TRACE here: the handler answers it as any method that a path does not know. */
static int map_to_storage(request_rec *r)
{
    return is_ours(r) && !r->proxyreq ? OK : DECLINED;
}

/* A handler's name keeps FallbackResource from taking the request. */
static int type_checker(request_rec *r)
{
    if (!is_ours(r) || r->proxyreq)
        return DECLINED;
    if (!r->handler)
        r->handler = HANDLER_NAME;
    return OK;
}

static int handler(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, HANDLER_NAME) != 0 || !is_ours(r))
        return DECLINED;
    return routes_handler(r);
}

static void insert_error_filter(request_rec *r)
{
    if (orders_engine_on(r->server))
        respond_insert_error_filter(r);
}

static void orders_register_hooks(apr_pool_t *pool)
{
    /* Redirects, rewrites and proxies that the configuration asks for go first. */
    static const char *const before_us[] = {"mod_alias.c", "mod_rewrite.c", "mod_proxy.c", NULL};

    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(orders_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);

    ap_hook_post_read_request(post_read_request, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_translate_name(translate_name, before_us, NULL, APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(map_to_storage, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_type_checker(type_checker, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_insert_error_filter(insert_error_filter, NULL, NULL, APR_HOOK_LAST);

    auth_register_hooks(pool);
    respond_register_filter();
}

AP_DECLARE_MODULE(orders) = {STANDARD20_MODULE_STUFF,
                             NULL,
                             NULL,
                             orders_create_server_config,
                             orders_merge_server_config,
                             orders_directives,
                             orders_register_hooks,
                             AP_MODULE_FLAG_NONE};
