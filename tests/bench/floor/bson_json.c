/* BSON to JSON, both ways: core/bson_json, and the same answer built of jansson's values and dumped. One order of three lines, with its history.
 *   bson_json [ROUNDS]
 * Sees to it first that both say the same, and prints one JSON object: nanoseconds an order, the better of the rounds. */
#include "core/bson_json.h"

#include <apr_general.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMES    20000
#define EXPONENT 2
#define VIEWS    (BJ_PUBLIC | BJ_HISTORY)

static void append_item(bson_t *items, const char *key, const char *name, int64_t quantity, int64_t price)
{
    bson_oid_t id;
    bson_oid_init(&id, NULL);
    BCON_APPEND(items, key, "{", "productId", BCON_OID(&id), "name", BCON_UTF8(name), "quantity", BCON_INT64(quantity),
                "price", BCON_INT64(price), "total", BCON_INT64(quantity * price), "}");
}

static void append_entry(bson_t *history, const char *key, const bson_oid_t *who, const char *role, const char *name,
                         int64_t version, const char *type, const char *to)
{
    BCON_APPEND(history, key, "{", "version", BCON_INT64(version), "at",
                BCON_DATE_TIME(1790000000123 + version * 60000), "type", BCON_UTF8(type), "to", BCON_UTF8(to), "actor",
                "{", "id", BCON_OID(who), "role", BCON_UTF8(role), "name", BCON_UTF8(name), "}", "requestId",
                BCON_UTF8("b53f7a52c1d94e0f8a6b"), "}");
}

static bson_t *make_order(void)
{
    bson_t *doc = bson_new(), part;
    bson_oid_t id, user;
    bson_oid_init(&id, NULL);
    bson_oid_init(&user, NULL);
    BCON_APPEND(doc, "_id", BCON_OID(&id), "number", BCON_UTF8("A-000123"), "userId", BCON_OID(&user), "customer", "{",
                "name", BCON_UTF8("Maya Lind"), "email", BCON_UTF8("maya@example.com"), "}", "shipTo", "{", "name",
                BCON_UTF8("Maya Lind"), "lines", "[", BCON_UTF8("12 Harbour Street"), "]", "city", BCON_UTF8("Bristol"),
                "postcode", BCON_UTF8("BS1 4QA"), "country", BCON_UTF8("GB"), "}");
    BSON_APPEND_ARRAY_BEGIN(doc, "items", &part);
    append_item(&part, "0", "Enamel mug, forest green", 2, 1450);
    append_item(&part, "1", "Coffee beans, house blend, 1 kg", 1, 2400);
    append_item(&part, "2", "Linen tea towel, set of two", 3, 1990);
    bson_append_array_end(doc, &part);
    BCON_APPEND(doc, "total", BCON_INT64(11270), "currency", BCON_UTF8("USD"), "status", BCON_UTF8("processing"),
                "paymentReceived", BCON_BOOL(true), "version", BCON_INT64(2), "createdAt",
                BCON_DATE_TIME(1790000000123), "updatedAt", BCON_DATE_TIME(1790000120123));
    BSON_APPEND_ARRAY_BEGIN(doc, "history", &part);
    append_entry(&part, "0", &user, "customer", "Maya Lind", 1, "order:new", "pending");
    append_entry(&part, "1", &id, "admin", "First admin", 2, "order:status", "processing");
    bson_append_array_end(doc, &part);
    return doc;
}

/* --- The jansson way: a value for each field, the same table of fields, then dumped. */

static json_t *value_of(const bson_iter_t *iter, const bson_json_field *field);

static json_t *object_of(bson_iter_t *iter, const bson_json_field *fields)
{
    json_t *object = json_object();
    while (bson_iter_next(iter))
        for (const bson_json_field *field = fields; field->bson; field++)
            if (strcmp(field->bson, bson_iter_key(iter)) == 0) {
                json_object_set_new_nocheck(object, field->json, value_of(iter, field));
                break;
            }
    return object;
}

static json_t *array_of(const bson_iter_t *iter, const bson_json_field *field)
{
    json_t *array = json_array();
    bson_iter_t child, inner;
    bson_iter_recurse(iter, &child);
    while (bson_iter_next(&child)) {
        if (field->kind == BJ_STRINGS)
            json_array_append_new(array, json_string_nocheck(bson_iter_utf8(&child, NULL)));
        else if (bson_iter_recurse(&child, &inner))
            json_array_append_new(array, object_of(&inner, field->sub));
    }
    return array;
}

static json_t *time_of(int64_t ms)
{
    char text[48];
    time_t seconds = ms / 1000;
    struct tm tm;
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
    snprintf(text + len, sizeof text - len, ".%03dZ", (int)(ms % 1000));
    return json_string_nocheck(text);
}

static json_t *value_of(const bson_iter_t *iter, const bson_json_field *field)
{
    char hex[25];
    bson_iter_t child;
    switch (field->kind) {
    case BJ_ID: bson_oid_to_string(bson_iter_oid(iter), hex); return json_string_nocheck(hex);
    case BJ_STRING: return json_string_nocheck(bson_iter_utf8(iter, NULL));
    case BJ_INT: return json_integer(bson_iter_as_int64(iter));
    case BJ_MONEY: return json_real((double)bson_iter_as_int64(iter) / 100);
    case BJ_TIME: return time_of(bson_iter_date_time(iter));
    case BJ_BOOL: return json_boolean(bson_iter_bool(iter));
    case BJ_OBJECT: bson_iter_recurse(iter, &child); return object_of(&child, field->sub);
    case BJ_OBJECTS:
    case BJ_STRINGS: return array_of(iter, field);
    }
    return json_null();
}

static char *by_jansson(const bson_t *doc)
{
    bson_iter_t iter;
    bson_iter_init(&iter, doc);
    json_t *order = object_of(&iter, bson_json_order);
    json_object_set_new_nocheck(order, "allowedTransitions", json_array());
    char *text = json_dumps(order, JSON_COMPACT);
    json_decref(order);
    return text;
}

/* --- Both, compared and timed */

static void by_core(out_t *out, apr_pool_t *pool, const bson_t *doc)
{
    out_init(out, pool);
    bson_json_write_order(out, doc, ROLE_CUSTOMER, true, EXPONENT);
}

/* Numbers as they are: 14.5 and 14.50 are equal to json_equal once both are read as reals. */
static bool same_answer(apr_pool_t *pool, const bson_t *doc)
{
    out_t out;
    by_core(&out, pool, doc);
    char *text = by_jansson(doc);
    json_t *a = json_loads(out_text(&out, NULL), JSON_DECODE_INT_AS_REAL, NULL),
           *b = json_loads(text, JSON_DECODE_INT_AS_REAL, NULL);
    bool same = a && b && json_equal(a, b);
    if (!same)
        fprintf(stderr, "they differ:\n%s\n%s\n", out_text(&out, NULL), text);
    json_decref(a);
    json_decref(b);
    free(text);
    return same;
}

static double nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double time_core(apr_pool_t *pool, const bson_t *doc, size_t *bytes)
{
    double began = nanoseconds();
    for (int i = 0; i < TIMES; i++) {
        out_t out;
        by_core(&out, pool, doc);
        *bytes += out.total;
        apr_pool_clear(pool);
    }
    return (nanoseconds() - began) / TIMES;
}

static double time_jansson(const bson_t *doc, size_t *bytes)
{
    double began = nanoseconds();
    for (int i = 0; i < TIMES; i++) {
        char *text = by_jansson(doc);
        *bytes += strlen(text);
        free(text);
    }
    return (nanoseconds() - began) / TIMES;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 5;
    apr_initialize();
    apr_pool_t *pool;
    apr_pool_create(&pool, NULL);
    bson_t *doc = make_order();
    if (!same_answer(pool, doc))
        return 1;
    double core = 0, jansson = 0;
    size_t bytes = 0;
    for (int i = 0; i < rounds; i++) {
        double a = time_core(pool, doc, &bytes), b = time_jansson(doc, &bytes);
        core = i && core < a ? core : a;
        jansson = i && jansson < b ? jansson : b;
    }
    printf("{\"core_ns\":%.0f,\"jansson_ns\":%.0f,\"bytes\":%zu}\n", core, jansson,
           bytes / (2 * (size_t)TIMES * (size_t)rounds));
    bson_destroy(doc);
    apr_terminate();
    return 0;
}
