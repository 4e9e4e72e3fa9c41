#include "order_store.h"

#include <apr_strings.h>
#include <string.h>

#include "terms.h"

const char *const order_sort_words[] = {"-createdAt", "createdAt", "-updatedAt", "-total", "total", NULL};

static const struct {
    const char *field;
    int direction;
    bool is_time;
} sort_keys[] = {
    [ORDER_SORT_NEWEST] = {"createdAt", -1, true},  [ORDER_SORT_OLDEST] = {"createdAt", 1, true},
    [ORDER_SORT_UPDATED] = {"updatedAt", -1, true}, [ORDER_SORT_TOTAL_DESC] = {"total", -1, false},
    [ORDER_SORT_TOTAL_ASC] = {"total", 1, false},
};

static bool owned_by(const bson_t *doc, const bson_oid_t *owner)
{
    const bson_oid_t *user = store_oid(doc, "userId");

    return user && bson_oid_equal(user, owner);
}

/* Whose it is, is compared here, not by the database: so that it is found by the _id alone. */
problem_t *order_store_find(store_conn *conn, const bson_oid_t *id, const bson_oid_t *owner, const bson_t **doc)
{
    problem_t *problem = store_find(conn, STORE_ORDERS, id, doc);

    if (*doc && owner && !owned_by(*doc, owner))
        *doc = NULL;
    return problem;
}

static void append_value(bson_t *doc, const char *key, int64_t value, bool is_time)
{
    if (is_time)
        BSON_APPEND_DATE_TIME(doc, key, value);
    else
        BSON_APPEND_INT64(doc, key, value);
}

static void append_statuses(bson_t *filter, unsigned statuses)
{
    bson_t in, words;
    char key[8];
    int count = 0;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "status", &in);
    BSON_APPEND_ARRAY_BEGIN(&in, "$in", &words);
    for (int status = 0; status < ORDER_STATUS_COUNT; status++) {
        if (!(statuses & 1u << status))
            continue;
        apr_snprintf(key, sizeof(key), "%d", count++);
        BSON_APPEND_UTF8(&words, key, order_status_name(status));
    }
    bson_append_array_end(&in, &words);
    bson_append_document_end(filter, &in);
}

static void append_created(bson_t *filter, const order_filter *wanted)
{
    bson_t range;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "createdAt", &range);
    if (wanted->has_from)
        BSON_APPEND_DATE_TIME(&range, "$gte", wanted->from);
    if (wanted->has_to)
        BSON_APPEND_DATE_TIME(&range, "$lt", wanted->to);
    bson_append_document_end(filter, &range);
}

/* q is text: a number, an id or the start of an e-mail address, whichever it can be. */
static void append_search(apr_pool_t *pool, bson_t *clause, const char *q)
{
    const char *email = terms_lower(pool, q), *end = terms_prefix_end(pool, email);
    bson_t any, one, range;

    BSON_APPEND_ARRAY_BEGIN(clause, "$or", &any);
    BSON_APPEND_DOCUMENT_BEGIN(&any, "0", &one);
    BSON_APPEND_DOCUMENT_BEGIN(&one, "customer.email", &range);
    BSON_APPEND_UTF8(&range, "$gte", email);
    if (end)
        BSON_APPEND_UTF8(&range, "$lt", end);
    bson_append_document_end(&one, &range);
    bson_append_document_end(&any, &one);
    if ((q[0] == 'A' || q[0] == 'a') && q[1] == '-') {
        BSON_APPEND_DOCUMENT_BEGIN(&any, "1", &one);
        BSON_APPEND_UTF8(&one, "number", apr_pstrcat(pool, "A", q + 1, NULL));
        bson_append_document_end(&any, &one);
    }
    if (bson_oid_is_valid(q, strlen(q)) && strlen(q) == 24) {
        bson_oid_t id;

        bson_oid_init_from_string(&id, q);
        BSON_APPEND_DOCUMENT_BEGIN(&any, "2", &one);
        BSON_APPEND_OID(&one, "_id", &id);
        bson_append_document_end(&any, &one);
    }
    bson_append_array_end(clause, &any);
}

/* Rows after the cursor: at or past its sort value, and past it or past its _id. The first half bounds the index walk. */
static void append_after(bson_t *both, int *count, const order_filter *wanted)
{
    const char *field = sort_keys[wanted->sort].field;
    bool down = sort_keys[wanted->sort].direction < 0, is_time = sort_keys[wanted->sort].is_time;
    bson_t clause, range, any, one;
    char key[8];

    apr_snprintf(key, sizeof(key), "%d", (*count)++);
    BSON_APPEND_DOCUMENT_BEGIN(both, key, &clause);
    BSON_APPEND_DOCUMENT_BEGIN(&clause, field, &range);
    append_value(&range, down ? "$lte" : "$gte", wanted->after->number, is_time);
    bson_append_document_end(&clause, &range);
    BSON_APPEND_ARRAY_BEGIN(&clause, "$or", &any);
    BSON_APPEND_DOCUMENT_BEGIN(&any, "0", &one);
    BSON_APPEND_DOCUMENT_BEGIN(&one, field, &range);
    append_value(&range, down ? "$lt" : "$gt", wanted->after->number, is_time);
    bson_append_document_end(&one, &range);
    bson_append_document_end(&any, &one);
    BSON_APPEND_DOCUMENT_BEGIN(&any, "1", &one);
    BSON_APPEND_DOCUMENT_BEGIN(&one, "_id", &range);
    BSON_APPEND_OID(&range, down ? "$lt" : "$gt", &wanted->after->id);
    bson_append_document_end(&one, &range);
    bson_append_document_end(&any, &one);
    bson_append_array_end(&clause, &any);
    bson_append_document_end(both, &clause);
}

static void append_filter(apr_pool_t *pool, bson_t *command, const order_filter *wanted)
{
    bson_t filter, clause;

    BSON_APPEND_DOCUMENT_BEGIN(command, "filter", &filter);
    if (wanted->user || wanted->customer)
        BSON_APPEND_OID(&filter, "userId", wanted->user ? wanted->user : wanted->customer);
    if (wanted->statuses)
        append_statuses(&filter, wanted->statuses);
    if (wanted->payment_received >= 0)
        BSON_APPEND_BOOL(&filter, "paymentReceived", wanted->payment_received);
    if (wanted->has_from || wanted->has_to)
        append_created(&filter, wanted);
    if (wanted->has_min_total) {
        BSON_APPEND_DOCUMENT_BEGIN(&filter, "total", &clause);
        BSON_APPEND_INT64(&clause, "$gte", wanted->min_total);
        bson_append_document_end(&filter, &clause);
    }
    if (wanted->q || wanted->after) {
        bson_t both;
        int count = 0;

        BSON_APPEND_ARRAY_BEGIN(&filter, "$and", &both);
        if (wanted->q) {
            BSON_APPEND_DOCUMENT_BEGIN(&both, "0", &clause);
            append_search(pool, &clause, wanted->q);
            bson_append_document_end(&both, &clause);
            count++;
        }
        if (wanted->after)
            append_after(&both, &count, wanted);
        bson_append_array_end(&filter, &both);
    }
    bson_append_document_end(command, &filter);
}

problem_t *order_store_list(store_conn *conn, const order_filter *wanted, store_page *page)
{
    bson_t *command = store_bson(conn->pool), part;

    BSON_APPEND_UTF8(command, "find", STORE_ORDERS);
    append_filter(conn->pool, command, wanted);
    BSON_APPEND_DOCUMENT_BEGIN(command, "sort", &part);
    BSON_APPEND_INT32(&part, sort_keys[wanted->sort].field, sort_keys[wanted->sort].direction);
    BSON_APPEND_INT32(&part, "_id", sort_keys[wanted->sort].direction);
    bson_append_document_end(command, &part);
    BSON_APPEND_DOCUMENT_BEGIN(command, "projection", &part);
    BSON_APPEND_INT32(&part, "idempotency", 0);
    if (!wanted->history)
        BSON_APPEND_INT32(&part, "history", 0);
    bson_append_document_end(command, &part);
    BSON_APPEND_INT32(command, "limit", wanted->limit + 1);
    BSON_APPEND_INT32(command, "batchSize", wanted->limit + 1);
    BSON_APPEND_BOOL(command, "singleBatch", true);
    return store_run_page(conn, command, wanted->limit, page);
}

void order_store_cursor(const bson_t *row, order_sort sort, cursor_t *cursor)
{
    const char *field = sort_keys[sort].field;

    memset(cursor, 0, sizeof(*cursor));
    cursor->number = sort_keys[sort].is_time ? store_time(row, field) : store_int(row, field, 0);
    bson_oid_copy(store_oid(row, "_id"), &cursor->id);
}
