/* The circuit breaker: the driver's monitors tell when a primary comes and goes.
 *
 * The callbacks run inside the driver, some with its locks held: they only set a few atomics and log.
 */
#include "store_private.h"

#include <string.h>

/* A single broken connection makes the driver forget its server until the next look, up to a second later (measured). Only
 * a primary that is gone for longer than this is an outage; until then requests try, bounded by server selection. */
#define BLIP_USEC (apr_time_from_msec(1200))

static const char *const state_text[] = {
    [STORE_UNKNOWN] = "database: not asked yet",
    [STORE_UP] = "database: connected to a replica set's primary",
    [STORE_DOWN] = "database: no primary can be reached; requests are answered 503 until one is back",
    [STORE_STANDALONE] = "database: the server is no replica set member, so there are no transactions; start it as a "
                         "replica set (one member is enough); requests are answered 503 until then",
};

static void announce(store_t *store, store_state state)
{
    static const store_log_level level[] = {
        [STORE_UNKNOWN] = STORE_LOG_DEBUG,
        [STORE_UP] = STORE_LOG_INFO,
        [STORE_DOWN] = STORE_LOG_WARNING,
        [STORE_STANDALONE] = STORE_LOG_ERROR,
    };
    if (atomic_exchange(&store->announced, (int)state) != (int)state)
        store_log(store, level[state], "%s", state_text[state]);
}

/* What comes back after an outage may be a restored or an empty database: the next request looks again. */
static void forget_schema(store_t *store)
{
    int ready = SCHEMA_READY;
    atomic_compare_exchange_strong(&store->schema, &ready, SCHEMA_MISSING);
}

static void enter(store_t *store, store_state state)
{
    int before = atomic_exchange(&store->state, (int)state);
    if (before == (int)state)
        return;
    if (state == STORE_DOWN) {
        atomic_store(&store->down_since, apr_time_now());
        return;
    }
    if (state == STORE_UP && atomic_load(&store->announced) == STORE_DOWN)
        forget_schema(store);
    announce(store, state);
}

static bool down_for_real(store_t *store)
{
    return atomic_load(&store->state) == STORE_DOWN && apr_time_now() - atomic_load(&store->down_since) > BLIP_USEC;
}

/* What one server's type says by itself. */
static store_state state_of_type(const char *type)
{
    if (!strcmp(type, "RSPrimary") || !strcmp(type, "Mongos") || !strcmp(type, "LoadBalancer"))
        return STORE_UP;
    return !strcmp(type, "Standalone") ? STORE_STANDALONE : STORE_DOWN;
}

static void on_topology_changed(const mongoc_apm_topology_changed_t *event)
{
    store_t *store = mongoc_apm_topology_changed_get_context(event);
    size_t count = 0;
    mongoc_server_description_t **servers =
        mongoc_topology_description_get_servers(mongoc_apm_topology_changed_get_new_description(event), &count);
    store_state state = STORE_DOWN;
    for (size_t i = 0; i < count && state != STORE_UP; i++) {
        store_state one = state_of_type(mongoc_server_description_type(servers[i]));
        if (one != STORE_DOWN)
            state = one;
    }
    mongoc_server_descriptions_destroy_all(servers, count);
    /* The driver drops a standalone server from a topology that the connection string calls a set. */
    if (count == 0 && atomic_load(&store->state) == STORE_STANDALONE)
        return;
    enter(store, state);
}

/* The driver drops a server for good when it is not what the connection string says: say so while it is seen. */
static void on_server_changed(const mongoc_apm_server_changed_t *event)
{
    store_t *store = mongoc_apm_server_changed_get_context(event);
    const mongoc_server_description_t *server = mongoc_apm_server_changed_get_new_description(event);
    const char *type = mongoc_server_description_type(server);
    if (!store->set_name)
        return;
    if (!strcmp(type, "Standalone")) {
        enter(store, STORE_STANDALONE);
        return;
    }
    const char *name = store_text(mongoc_server_description_hello_response(server), "setName");
    if (name && strcmp(name, store->set_name) != 0)
        store_log(store, STORE_LOG_ERROR,
                  "database: the server %s belongs to the replica set \"%s\", but the connection string says "
                  "replicaSet=%s; correct it and reload",
                  mongoc_server_description_host(server)->host_and_port, name, store->set_name);
}

static void on_heartbeat_failed(const mongoc_apm_server_heartbeat_failed_t *event)
{
    store_t *store = mongoc_apm_server_heartbeat_failed_get_context(event);
    if (atomic_load(&store->state) == STORE_UNKNOWN)
        enter(store, STORE_DOWN);
    if (down_for_real(store))
        announce(store, STORE_DOWN);
}

void store_state_watch(store_t *store)
{
    mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
    mongoc_apm_set_topology_changed_cb(callbacks, on_topology_changed);
    mongoc_apm_set_server_changed_cb(callbacks, on_server_changed);
    mongoc_apm_set_server_heartbeat_failed_cb(callbacks, on_heartbeat_failed);
    mongoc_client_pool_set_apm_callbacks(store->clients, callbacks, store);
    mongoc_apm_callbacks_destroy(callbacks);
}

problem_t *store_unreachable(apr_pool_t *pool)
{
    return problem_make(pool, "database-unavailable", "The database can't be reached at the moment.");
}

problem_t *store_state_check(store_t *store, apr_pool_t *pool)
{
    if (atomic_load(&store->state) == STORE_STANDALONE)
        return problem_make(pool, "replica-set-required",
                            "The database is a standalone server; orders need a replica set (one member is enough).");
    if (!down_for_real(store))
        return NULL;
    announce(store, STORE_DOWN);
    return store_unreachable(pool);
}

store_state store_state_now(const store_t *store)
{
    return (store_state)atomic_load(&store->state);
}
