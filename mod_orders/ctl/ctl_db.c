#include "ctl.h"

#include <apr_strings.h>
#include <pthread.h>
#include <string.h>

#define CONNECT_WAIT  apr_time_from_sec(3)
#define COMMAND_WAIT  apr_time_from_sec(30)
#define RETRY_EVERY   apr_time_from_msec(100)
#define POOL_SIZE     2
#define CTL_TIMEOUT_S 30

/* The store's last complaint, which a failing command adds to its sentence: a client of the API must not read it, who runs
 * this must. The driver's threads write it too. */
static struct {
    pthread_mutex_t lock;
    char text[512];
} complaint = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void note_message(void *ctx, store_log_level level, const char *message)
{
    (void)ctx;
    if (level != STORE_LOG_ERROR && level != STORE_LOG_WARNING)
        return;
    pthread_mutex_lock(&complaint.lock);
    apr_cpystrn(complaint.text, message, sizeof complaint.text);
    pthread_mutex_unlock(&complaint.lock);
}

const char *ctl_complaint(apr_pool_t *pool)
{
    pthread_mutex_lock(&complaint.lock);
    const char *text = *complaint.text ? apr_psprintf(pool, " (%s)", complaint.text) : "";
    pthread_mutex_unlock(&complaint.lock);
    return text;
}

/* The servers of the connection string, never its user and password. */
static const char *hosts(const ctl_t *ctl)
{
    const char *list = "";
    mongoc_uri_t *uri = mongoc_uri_new(ctl->uri);
    if (!uri)
        return list;
    for (const mongoc_host_list_t *host = mongoc_uri_get_hosts(uri); host; host = host->next)
        list = apr_pstrcat(ctl->pool, list, *list ? ", " : "", host->host_and_port, NULL);
    mongoc_uri_destroy(uri);
    return list;
}

static int fail_unreachable(const ctl_t *ctl, const problem_t *problem)
{
    return ctl_fail(ctl, CTL_UNREACHABLE, problem->code, "the database at %s (from %s) cannot be used: %s%s",
                    hosts(ctl), ctl->uri_source, problem->detail ? problem->detail : problem->title,
                    ctl_complaint(ctl->pool));
}

/* A fresh store knows no primary for its first moments, and a database that is starting may take a few seconds. */
static int wait_until_up(ctl_t *ctl)
{
    apr_time_t give_up = apr_time_now() + CONNECT_WAIT;
    for (;;) {
        store_conn *conn = NULL;
        apr_pool_t *pool;
        apr_pool_create(&pool, ctl->pool);
        problem_t *problem = store_acquire(ctl->store, pool, apr_time_now() + COMMAND_WAIT, &conn);
        store_release(conn);
        if (!problem) {
            apr_pool_destroy(pool);
            return CTL_OK;
        }
        if (strcmp(problem->code, "database-unavailable") != 0 || apr_time_now() > give_up)
            return fail_unreachable(ctl, problem);
        apr_pool_destroy(pool);
        apr_sleep(RETRY_EVERY);
    }
}

int ctl_open(ctl_t *ctl)
{
    const char *why = NULL;
    int failed = ctl_find_currency(ctl);
    if (!failed)
        failed = ctl_find_database(ctl);
    if (failed)
        return failed;
    store_config config = {
        .uri = ctl->uri, .pool_size = POOL_SIZE, .request_timeout_ms = CTL_TIMEOUT_S * 1000, .log = note_message};
    if (store_open(&ctl->store, ctl->pool, &config, &why) != 0)
        return ctl_fail(ctl, CTL_USAGE, "usage", "%s: %s", ctl->uri_source, why);
    return wait_until_up(ctl);
}

int ctl_connect(ctl_t *ctl, apr_pool_t *pool, store_conn **conn)
{
    problem_t *problem = store_acquire(ctl->store, pool, apr_time_now() + COMMAND_WAIT, conn);
    if (problem)
        return fail_unreachable(ctl, problem);
    return CTL_OK;
}

int ctl_open_and_connect(ctl_t *ctl, store_conn **conn)
{
    int failed = ctl_open(ctl);
    return failed ? failed : ctl_connect(ctl, ctl->pool, conn);
}

mongoc_collection_t *ctl_collection(store_conn *conn, const char *name)
{
    const char *database = mongoc_uri_get_database(mongoc_client_get_uri(conn->client));
    return mongoc_client_get_collection(conn->client, database && *database ? database : "orders", name);
}
