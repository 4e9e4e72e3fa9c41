/* GET /api/orders/admin/stats: figures, kept for two seconds a child so that many open dashboards cost one reading. */
#include "handlers.h"

#include <apr_strings.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/order_store.h"
#include "core/query.h"

#define KEEP            apr_time_from_sec(2)
#define KEPT            8
#define DEFAULT_DAYS_MS (INT64_C(30) * 24 * 3600 * 1000)
#define TZ_MAX          64

/* Answers by their query string. Replaced oldest first. */
static struct {
    char *query, *text;
    size_t len;
    apr_time_t until;
} kept[KEPT];
static unsigned next_kept;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool recall(const char *query, out_t *out)
{
    apr_time_t now = apr_time_now();
    bool found = false;

    pthread_mutex_lock(&lock);
    for (int i = 0; i < KEPT && !found; i++)
        if (kept[i].query && kept[i].until > now && !strcmp(kept[i].query, query)) {
            out_mem(out, kept[i].text, kept[i].len);
            found = true;
        }
    pthread_mutex_unlock(&lock);
    return found;
}

static void keep(const char *query, const out_t *out)
{
    size_t len;
    const char *text = out_text(out, &len);
    char *own_query = strdup(query), *own_text = malloc(len + 1);

    if (!own_query || !own_text) {
        free(own_query);
        free(own_text);
        return;
    }
    memcpy(own_text, text, len + 1);
    pthread_mutex_lock(&lock);
    free(kept[next_kept].query);
    free(kept[next_kept].text);
    kept[next_kept].query = own_query;
    kept[next_kept].text = own_text;
    kept[next_kept].len = len;
    kept[next_kept].until = apr_time_now() + KEEP;
    next_kept = (next_kept + 1) % KEPT;
    pthread_mutex_unlock(&lock);
}

static problem_t *read_range(orders_request *request, order_stats_range *range)
{
    static const char *const allowed[] = {"from", "to", "tz", NULL};
    apr_table_t *params;
    problem_t *problem = query_parse(request->pool, request->r->args, allowed, &params);
    const char *tz;

    if (problem)
        return problem;
    range->from = apr_time_as_msec(request->r->request_time) - DEFAULT_DAYS_MS;
    range->has_to = apr_table_get(params, "to") != NULL;
    query_time(request->pool, params, "from", &range->from, &problem);
    query_time(request->pool, params, "to", &range->to, &problem);
    tz = apr_table_get(params, "tz");
    range->tz = tz ? tz : "UTC";
    if (tz && (!*tz || strlen(tz) > TZ_MAX ||
               tz[strspn(tz, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-:/")]))
        query_bad(&problem, request->pool, "tz",
                  "tz must be an IANA time zone such as Europe/Amsterdam, or an offset such as +02:00.");
    return problem;
}

problem_t *orders_stats(orders_request *request)
{
    const char *query = request->r->args ? request->r->args : "";
    order_stats_range range = {.has_to = false};
    store_conn *conn;
    problem_t *problem = read_range(request, &range);

    if (problem || recall(query, &request->out))
        return problem;
    if ((problem = orders_request_conn(request, &conn)) ||
        (problem =
             order_store_stats(conn, &range, request->config->currency, request->config->exponent, &request->out)))
        return problem;
    keep(query, &request->out);
    return NULL;
}
