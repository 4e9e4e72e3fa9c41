/* After a commit whose answer did not tell: did it land?
 *
 * The look is a new transaction in the same session. Starting it makes the server end an older one that is still open there,
 * so what it does not find will never come, and no product stays locked until the server's own time limit. What it does
 * find is read once more as the majority has it: only that survives a change of primary.
 * All of a batch lands or nothing does: any one document tells. */
#include "ledger_batch.h"

#include <apr_strings.h>
#include <string.h>

/* A document that the batch changed. */
typedef struct landed_mark {
    const char *collection;
    const bson_oid_t *id;
    const batch_order *order;     /* this one, or */
    const batch_product *product; /* this one */
} landed_mark;

/* An order tells best: the entry of its history names the request. */
static bool choose_mark(const batch_t *batch, landed_mark *mark)
{
    apr_hash_index_t *index;

    if (batch->changed) {
        *mark = (landed_mark){STORE_ORDERS, store_oid(batch->changed->doc, "_id"), batch->changed, NULL};
        return true;
    }
    for (index = apr_hash_first(batch->pool, batch->products); index; index = apr_hash_next(index)) {
        const batch_product *product = apr_hash_this_val(index);

        if (product->version == product->base_version)
            continue;
        *mark = (landed_mark){STORE_PRODUCTS, &product->id, NULL, product};
        return true;
    }
    return false;
}

/* Reads the marked document: in the session's transaction, or without one, as the majority has it. */
static bool read_mark(batch_t *batch, const landed_mark *mark, mongoc_client_session_t *session, bson_t *row,
                      bool *found)
{
    bson_t *command = store_bson(batch->pool), part;
    const bson_t *reply;
    store_error error;

    BSON_APPEND_UTF8(command, "find", mark->collection);
    BSON_APPEND_DOCUMENT_BEGIN(command, "filter", &part);
    BSON_APPEND_OID(&part, "_id", mark->id);
    bson_append_document_end(command, &part);
    BSON_APPEND_INT32(command, "limit", 1);
    BSON_APPEND_BOOL(command, "singleBatch", true);
    if (!session) {
        BSON_APPEND_DOCUMENT_BEGIN(command, "readConcern", &part);
        BSON_APPEND_UTF8(&part, "level", MONGOC_READ_CONCERN_LEVEL_MAJORITY);
        bson_append_document_end(command, &part);
    }
    if (!store_command(batch->conn, session, command, &reply, &error))
        return false;
    *found = store_first_row(reply, row);
    return true;
}

static landed_result order_landed(const batch_order *order, const bson_t *row)
{
    const char *request;
    char path[64];

    apr_snprintf(path, sizeof(path), "history.%" APR_INT64_T_FMT ".requestId", order->version - 1);
    request = store_text(row, path);
    return request && !strcmp(request, order->request_id) ? LANDED_YES : LANDED_NO;
}

/* A product keeps no history: once others have changed it, it can't be told. */
static landed_result product_landed(const batch_t *batch, const batch_product *product, const bson_t *row)
{
    int64_t version = store_int(row, "version", 0);

    if (version == product->base_version)
        return LANDED_NO;
    return version == product->version && store_time(row, "updatedAt") == batch->now ? LANDED_YES : LANDED_UNKNOWN;
}

static landed_result look(batch_t *batch, const landed_mark *mark, mongoc_client_session_t *session)
{
    bson_t row;
    bool found;

    if (!read_mark(batch, mark, session, &row, &found))
        return LANDED_UNKNOWN;
    if (!found)
        return LANDED_NO;
    return mark->order ? order_landed(mark->order, &row) : product_landed(batch, mark->product, &row);
}

landed_result ledger_look_whether_landed(batch_t *batch)
{
    bson_error_t problem;
    landed_mark mark;
    landed_result landed;

    if (!choose_mark(batch, &mark) || !ledger_start_transaction(batch, &problem))
        return LANDED_UNKNOWN;
    landed = look(batch, &mark, batch->session);
    if (landed != LANDED_YES)
        return landed;
    return look(batch, &mark, NULL) == LANDED_YES ? LANDED_YES : LANDED_UNKNOWN;
}
