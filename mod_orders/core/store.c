/* The pool of connections: opening, taking, giving back. */
#include "store_private.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "schema.h"

#define DEFAULT_DATABASE  "orders"
#define APPLICATION       "mod_orders"
#define SELECTION_MS      1500 /* with what follows it, an answer within 2 s while the database is away */
#define CONNECT_MS        1500
#define QUEUE_MS          1000
#define HEARTBEAT_MS      500 /* the driver's minimum: how soon a returned database is seen */
#define WAITED_USEC       apr_time_from_msec(300)
#define SCHEMA_WAIT_USEC  apr_time_from_sec(2)
#define SCHEMA_RETRY_USEC apr_time_from_msec(500)
#define CLOSE_WAIT_USEC   apr_time_from_sec(2)
#define CLOSE_STEP_USEC   apr_time_from_msec(5)

static atomic_int open_stores;

void store_log(store_t *store, store_log_level level, const char *fmt, ...)
{
    char message[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    if (store->log)
        store->log(store->log_ctx, level, message);
}

/* One level lower than the driver has it: what it could not make good is logged by the command that failed. */
static void on_driver_log(mongoc_log_level_t level, const char *domain, const char *message, void *ctx)
{
    store_log_level as = level <= MONGOC_LOG_LEVEL_CRITICAL  ? STORE_LOG_WARNING
                         : level <= MONGOC_LOG_LEVEL_WARNING ? STORE_LOG_INFO
                                                             : STORE_LOG_DEBUG;
    store_log(ctx, as, "%s: %s", domain, message);
}

static void no_driver_log(mongoc_log_level_t level, const char *domain, const char *message, void *ctx)
{
    (void)level, (void)domain, (void)message, (void)ctx;
}

/* The driver's words may quote the string's end, which holds the password when an @ is misplaced. */
static const char *without_quotes(apr_pool_t *pool, const char *message)
{
    return apr_pstrmemdup(pool, message, strcspn(message, "\"'"));
}

const char *store_check_uri(apr_pool_t *pool, const char *uri)
{
    bson_error_t error = {0};
    mongoc_log_set_handler(no_driver_log, NULL); /* it would write to stderr */
    mongoc_uri_t *parsed = mongoc_uri_new_with_error(uri, &error);
    if (!parsed)
        return apr_psprintf(pool,
                            "the MongoDB connection string is no good: %s; expected mongodb://host:port/database or "
                            "mongodb+srv://host/database, with options after a ?",
                            strchr(uri, '@') ? without_quotes(pool, error.message) : error.message);
    mongoc_uri_destroy(parsed);
    return NULL;
}

/* How long one answer may take: after a hung database's silence the driver looks for another primary, and both together
 * stay within the request's time. */
static int answer_timeout_ms(const store_config *config)
{
    int timeout = config->request_timeout_ms - SELECTION_MS, half = config->request_timeout_ms / 2;
    return timeout > half ? timeout : half;
}

/* What the system relies on, whatever the connection string says. */
static void force_options(mongoc_uri_t *uri, const store_config *config)
{
    mongoc_read_prefs_t *primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    mongoc_uri_set_read_prefs_t(uri, primary);
    mongoc_read_prefs_destroy(primary);
    mongoc_write_concern_t *majority = mongoc_write_concern_new();
    mongoc_write_concern_set_w(majority, MONGOC_WRITE_CONCERN_W_MAJORITY);
    mongoc_write_concern_set_journal(majority, true);
    mongoc_uri_set_write_concern(uri, majority);
    mongoc_write_concern_destroy(majority);

    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, true);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, true);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SELECTION_MS);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, CONNECT_MS);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, answer_timeout_ms(config));
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_WAITQUEUETIMEOUTMS, QUEUE_MS);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, HEARTBEAT_MS);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_MAXPOOLSIZE, config->pool_size);
    if (mongoc_uri_has_option(uri, MONGOC_URI_MINPOOLSIZE)) /* makes the driver destroy clients on push */
        mongoc_uri_set_option_as_int32(uri, MONGOC_URI_MINPOOLSIZE, 0);
    mongoc_uri_set_appname(uri, APPLICATION);
}

/* Threads that still hold a connection at this point (an ungraceful stop) get a moment; after that the pool is left to
 * the end of the process rather than pulled from under them. */
static apr_status_t store_close(void *data)
{
    store_t *store = data;
    apr_time_t give_up = apr_time_now() + CLOSE_WAIT_USEC;
    while (atomic_load(&store->in_use) > 0 && apr_time_now() < give_up)
        apr_sleep(CLOSE_STEP_USEC);
    mongoc_log_set_handler(no_driver_log, NULL);
    if (atomic_load(&store->in_use) > 0)
        return APR_SUCCESS;
    mongoc_client_pool_destroy(store->clients);
    if (atomic_fetch_sub(&open_stores, 1) == 1)
        mongoc_cleanup();
    return APR_SUCCESS;
}

static store_t *store_make(apr_pool_t *pool, const store_config *config)
{
    store_t *store = apr_pcalloc(pool, sizeof *store);
    store->pool = pool;
    store->answer_timeout_ms = answer_timeout_ms(config);
    store->log = config->log;
    store->log_ctx = config->log_ctx;
    if (pthread_mutex_init(&store->share_lock, NULL) ||
        apr_thread_mutex_create(&store->schema_lock, APR_THREAD_MUTEX_DEFAULT, pool) != APR_SUCCESS ||
        apr_thread_cond_create(&store->schema_moved, pool) != APR_SUCCESS)
        return NULL;
    return store;
}

int store_open(store_t **opened, apr_pool_t *pool, const store_config *config, const char **why)
{
    store_t *store = store_make(pool, config);
    *why = store ? store_check_uri(pool, config->uri) : "no locks are to be had";
    if (*why)
        return -1;
    mongoc_init();
    mongoc_log_set_handler(on_driver_log, store);
    mongoc_uri_t *uri = mongoc_uri_new(config->uri);
    force_options(uri, config);
    store->database = apr_pstrdup(pool, mongoc_uri_get_database(uri) ? mongoc_uri_get_database(uri) : DEFAULT_DATABASE);
    store->set_name = apr_pstrdup(pool, mongoc_uri_get_replica_set(uri));
    store->clients = mongoc_client_pool_new(uri);
    mongoc_uri_destroy(uri);
    if (!store->clients) {
        *why = "the MongoDB driver made no pool of this connection string (its messages say why)";
        return -1;
    }
    mongoc_client_pool_set_error_api(store->clients, MONGOC_ERROR_API_VERSION_2);
    store_state_watch(store);
    atomic_fetch_add(&open_stores, 1);
    apr_pool_cleanup_register(pool, store, store_close, apr_pool_cleanup_null);
    *opened = store;
    return 0;
}

const char *store_database(const store_t *store)
{
    return store->database;
}

bool store_schema_ready(const store_t *store)
{
    return atomic_load(&store->schema) == SCHEMA_READY;
}

/* Waits while another thread makes the schema. True: it is this thread's turn, or there is nothing left to do. */
static bool wait_for_schema(store_conn *conn)
{
    store_t *store = conn->store;
    apr_time_t end = apr_time_now() + SCHEMA_WAIT_USEC;
    if (conn->deadline && conn->deadline < end)
        end = conn->deadline;
    while (atomic_load(&store->schema) == SCHEMA_RUNNING) {
        apr_time_t left = end - apr_time_now();
        if (left <= 0)
            return false;
        apr_thread_cond_timedwait(store->schema_moved, store->schema_lock, left);
    }
    return true;
}

static problem_t *make_schema(store_conn *conn)
{
    store_t *store = conn->store;
    problem_t *problem = schema_ensure(conn);
    apr_thread_mutex_lock(store->schema_lock);
    atomic_store(&store->schema, problem ? SCHEMA_MISSING : SCHEMA_READY);
    store->schema_retry_at = apr_time_now() + SCHEMA_RETRY_USEC;
    apr_thread_cond_broadcast(store->schema_moved);
    apr_thread_mutex_unlock(store->schema_lock);
    if (problem)
        store_log(store, STORE_LOG_WARNING, "database: indexes and validators are not ready; they are tried again");
    return problem;
}

/* Indexes and validators once a process: one thread makes them, the others wait a little. */
static problem_t *need_schema(store_conn *conn)
{
    store_t *store = conn->store;
    if (store_schema_ready(store))
        return NULL;
    apr_thread_mutex_lock(store->schema_lock);
    bool waited = wait_for_schema(conn);
    bool hold = waited && apr_time_now() < store->schema_retry_at;
    bool ready = store_schema_ready(store);
    if (waited && !hold && !ready)
        atomic_store(&store->schema, SCHEMA_RUNNING);
    apr_thread_mutex_unlock(store->schema_lock);
    if (ready)
        return NULL;
    if (!waited || hold)
        return problem_make(conn->pool, "busy", "The database is being prepared; try again in a moment.");
    return make_schema(conn);
}

/* Until a primary has been seen, wait for one (bounded), so that a standalone server is told from a replica set. Who
 * waited for a connection already while it was lost (since `start`) does not wait again. */
static problem_t *need_primary(store_conn *conn, apr_time_t start)
{
    store_state state = store_state_now(conn->store);
    if (state == STORE_UP)
        return NULL;
    if (state == STORE_DOWN && apr_time_now() - start > WAITED_USEC)
        return store_unreachable(conn->pool);
    bson_error_t failure = {0};
    mongoc_server_description_t *server = mongoc_client_select_server(conn->client, true, NULL, &failure);
    problem_t *problem = store_state_check(conn->store, conn->pool);
    if (!server && !problem) {
        store_error error = {.unreachable = true};
        apr_cpystrn(error.message, failure.message, sizeof error.message);
        problem = store_error_problem(conn, &error, "looking for the primary");
    }
    if (server)
        mongoc_server_description_destroy(server);
    return problem;
}

static apr_status_t conn_cleanup(void *data)
{
    store_conn *conn = data;
    if (conn->client) {
        mongoc_client_pool_push(conn->store->clients, conn->client);
        conn->client = NULL;
        atomic_fetch_sub(&conn->store->in_use, 1);
    }
    return APR_SUCCESS;
}

store_conn *store_conn_make(store_t *store, apr_pool_t *pool, apr_time_t deadline)
{
    store_conn *conn = apr_pcalloc(pool, sizeof *conn);
    *conn = (store_conn){.store = store, .pool = pool, .deadline = deadline};
    return conn;
}

problem_t *store_connect(store_conn *conn)
{
    store_t *store = conn->store;
    problem_t *problem = conn->client ? NULL : store_state_check(store, conn->pool);
    if (conn->client || problem)
        return problem;
    apr_time_t start = apr_time_now();
    atomic_fetch_add(&store->in_use, 1);
    conn->client = mongoc_client_pool_pop(store->clients);
    if (!conn->client) {
        atomic_fetch_sub(&store->in_use, 1);
        if (store_state_now(store) == STORE_DOWN)
            return store_unreachable(conn->pool);
        return problem_make(conn->pool, "busy", "All database connections are in use; try again in a moment.");
    }
    apr_pool_cleanup_register(conn->pool, conn, conn_cleanup, apr_pool_cleanup_null);
    problem = need_primary(conn, start);
    if (!problem)
        problem = need_schema(conn);
    if (problem)
        store_release(conn);
    return problem;
}

problem_t *store_acquire(store_t *store, apr_pool_t *pool, apr_time_t deadline, store_conn **acquired)
{
    store_conn *conn = store_conn_make(store, pool, deadline);
    problem_t *problem = store_connect(conn);
    *acquired = problem ? NULL : conn;
    return problem;
}

void store_release(store_conn *conn)
{
    if (conn && conn->client)
        apr_pool_cleanup_run(conn->pool, conn, conn_cleanup);
}
