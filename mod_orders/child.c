/* What a child process holds, from child_init to the end of the child's pool. */
#include <ap_mpm.h>
#include <apr_strings.h>
#include <http_log.h>
#include <stdlib.h>
#include <unistd.h>
#include "child.h"
#include "core/hashing.h"
#include "core/keys.h"
#include "directives.h"
#include "shared.h"

APLOG_USE_MODULE(orders);

#define NAME_BYTES 12 /* random ones */

static orders_child child;

orders_child *orders_child_get(void)
{
    return &child;
}

/* Called from any thread, the driver's own included: writes a line and allocates nothing of ours. */
static void log_store(void *ctx, store_log_level level, const char *message)
{
    static const int levels[] = {[STORE_LOG_ERROR] = APLOG_ERR,
                                 [STORE_LOG_WARNING] = APLOG_WARNING,
                                 [STORE_LOG_INFO] = APLOG_INFO,
                                 [STORE_LOG_DEBUG] = APLOG_DEBUG};
    ap_log_error(APLOG_MARK, levels[level], 0, (server_rec *)ctx, "%s", message);
}

static int pool_size(const orders_config *config)
{
    int threads = 0;
    if (config->mongo_pool_size > 0)
        return config->mongo_pool_size;
    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) != APR_SUCCESS || threads < 1)
        threads = 1; /* an MPM without threads */
    return threads;
}

static void give_up(server_rec *server, const char *what, const char *why)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server, "this child process cannot work: %s: %s", what, why);
    exit(APEXIT_CHILDSICK); /* NOLINT(concurrency-mt-unsafe): child_init runs before the child's other threads */
}

/* A pool for one part: a later part's pool is destroyed before an earlier one's, whatever pools the parts make inside. */
static apr_pool_t *part_pool(apr_pool_t *pchild, const char *name)
{
    apr_pool_t *pool;
    apr_pool_create(&pool, pchild);
    apr_pool_tag(pool, name);
    return pool;
}

void orders_child_init(apr_pool_t *pchild, server_rec *server)
{
    const orders_config *config = orders_config_get();
    if (!orders_engine_anywhere(server))
        return;

    child.name = keys_random(pchild, NAME_BYTES);
    if (!child.name)
        child.name =
            apr_psprintf(pchild, "%" APR_UINT64_T_HEX_FMT ".%x", (apr_uint64_t)apr_time_now(), (unsigned)getpid());

    const char *why = "unknown";
    const store_config store = {.uri = config->mongo_uri,
                                .pool_size = pool_size(config),
                                .request_timeout_ms = config->request_timeout_ms,
                                .log = log_store,
                                .log_ctx = server};
    if (store_open(&child.store, part_pool(pchild, "orders store"), &store, &why) != 0)
        give_up(server, "database client", why);

    if (event_sender_create(&child.events, part_pool(pchild, "orders events"), config->bridge_socket, config->exponent,
                            config->currency) != 0) {
        child.events = NULL;
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, server, "no socket for live status: the bridge has to do without us");
    }

    child.people = people_create(part_pool(pchild, "orders people"));

    const ledger_config ledger = {.store = child.store,
                                  .events = child.events,
                                  .orphans = shared_orphans(),
                                  .turn = shared_stock_turn(),
                                  .request_timeout_ms = config->request_timeout_ms,
                                  .batch_max = config->batch_max,
                                  .require_payment = config->require_payment,
                                  .currency = config->currency,
                                  .exponent = config->exponent};
    if (ledger_create(&child.ledger, part_pool(pchild, "orders ledger"), &ledger) != 0)
        give_up(server, "ledger", "out of memory");
    if (hashing_child_init(part_pool(pchild, "orders hashing"), hashing_slots(config->hash_slots),
                           shared_hashing_turns()) != APR_SUCCESS)
        give_up(server, "hashing", "out of memory");
}
