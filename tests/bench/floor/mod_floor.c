/* The floor under every answer: a handler that says one fixed text, in the same httpd, past the same logs and filters. Like the API it goes around
 * the walk through directories. It asks nobody who they are. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <string.h>

/* As long as the API's shortest list. */
static const char text[] = "{\"data\":[],\"next\":null}";

static int is_ours(const request_rec *r)
{
    return r->uri && strcmp(r->uri, "/floor") == 0;
}

static int floor_place(request_rec *r)
{
    return is_ours(r) ? OK : DECLINED;
}

static int floor_handler(request_rec *r)
{
    if (!is_ours(r))
        return DECLINED;
    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, sizeof text - 1);
    ap_rwrite(text, sizeof text - 1, r);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_translate_name(floor_place, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(floor_place, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(floor_handler, NULL, NULL, APR_HOOK_FIRST);
}

AP_DECLARE_MODULE(floor) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks, 0};
