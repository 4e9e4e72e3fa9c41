/* Indexes and validators as data, and the few commands that bring a database to them.
 *
 * A process that finds everything in place makes five reads and no write. Several processes may come here at once: every
 * step may find its work already done.
 */
#include "schema.h"

#include <string.h>

#define NAMESPACE_EXISTS 48

/* clang-format off */
#define JSON(...) #__VA_ARGS__

static const char users_validator[] = JSON({"$jsonSchema": {
    "bsonType": "object",
    "required": ["name", "email", "password", "role", "tokenVersion", "createdAt"],
    "properties": {
        "name": {"bsonType": "string"},
        "email": {"bsonType": "string"},
        "password": {"bsonType": "string"},
        "role": {"enum": ["customer", "admin"]},
        "tokenVersion": {"bsonType": ["int", "long"], "minimum": 1},
        "createdAt": {"bsonType": "date"}}}});

static const char products_validator[] = JSON({"$jsonSchema": {
    "bsonType": "object",
    "required": ["name", "terms", "price", "stock", "reserved", "active", "version", "createdAt", "updatedAt"],
    "properties": {
        "name": {"bsonType": "string"},
        "sku": {"bsonType": "string"},
        "terms": {"bsonType": "array", "items": {"bsonType": "string"}},
        "price": {"bsonType": ["int", "long"], "minimum": 0},
        "stock": {"bsonType": ["int", "long"], "minimum": 0},
        "reserved": {"bsonType": ["int", "long"], "minimum": 0},
        "active": {"bsonType": "bool"},
        "version": {"bsonType": ["int", "long"], "minimum": 1},
        "createdAt": {"bsonType": "date"},
        "updatedAt": {"bsonType": "date"}}}});

static const char orders_validator[] = JSON({"$jsonSchema": {
    "bsonType": "object",
    "required": ["number", "userId", "customer", "items", "total", "currency", "status", "paymentReceived", "version",
                 "createdAt", "updatedAt", "history"],
    "properties": {
        "number": {"bsonType": "string"},
        "userId": {"bsonType": "objectId"},
        "customer": {"bsonType": "object"},
        "shipTo": {"bsonType": "object"},
        "items": {"bsonType": "array", "minItems": 1, "items": {
            "bsonType": "object",
            "required": ["productId", "name", "quantity", "price", "total"],
            "properties": {
                "quantity": {"bsonType": ["int", "long"], "minimum": 1},
                "price": {"bsonType": ["int", "long"], "minimum": 0},
                "total": {"bsonType": ["int", "long"], "minimum": 0}}}},
        "total": {"bsonType": ["int", "long"], "minimum": 0},
        "currency": {"bsonType": "string"},
        "status": {"enum": ["pending", "processing", "shipped", "delivered", "cancelled", "returned"]},
        "paymentReceived": {"bsonType": "bool"},
        "idempotency": {"bsonType": "object", "required": ["key", "fingerprint"]},
        "version": {"bsonType": ["int", "long"], "minimum": 1},
        "createdAt": {"bsonType": "date"},
        "updatedAt": {"bsonType": "date"},
        "history": {"bsonType": "array", "minItems": 1}}}});

static const char counters_validator[] = JSON({"$jsonSchema": {
    "bsonType": "object",
    "required": ["value"],
    "properties": {"_id": {"bsonType": "string"}, "value": {"bsonType": ["int", "long"], "minimum": 0}}}});

typedef struct index_spec {
    const char *name; /* the name MongoDB itself would give: one made by hand is the same index */
    const char *spec; /* without the name */
} index_spec;

static const index_spec users_indexes[] = {
    {"email_1", JSON({"key": {"email": 1}, "unique": true})},
    {NULL, NULL}};

static const index_spec products_indexes[] = {
    {"terms_1", JSON({"key": {"terms": 1}})},
    {"name_1__id_1", JSON({"key": {"name": 1, "_id": 1}})},
    {NULL, NULL}};

static const index_spec orders_indexes[] = {
    {"createdAt_1__id_1", JSON({"key": {"createdAt": 1, "_id": 1}})},
    {"updatedAt_1__id_1", JSON({"key": {"updatedAt": 1, "_id": 1}})},
    {"total_1__id_1", JSON({"key": {"total": 1, "_id": 1}})},
    {"status_1_createdAt_1__id_1", JSON({"key": {"status": 1, "createdAt": 1, "_id": 1}})},
    {"userId_1_createdAt_1__id_1", JSON({"key": {"userId": 1, "createdAt": 1, "_id": 1}})},
    {"customer.email_1_createdAt_1__id_1", JSON({"key": {"customer.email": 1, "createdAt": 1, "_id": 1}})},
    {"number_1", JSON({"key": {"number": 1}, "unique": true})},
    {"userId_1_idempotency.key_1", JSON({"key": {"userId": 1, "idempotency.key": 1}, "unique": true,
                                         "partialFilterExpression": {"idempotency.key": {"$exists": true}}})},
    {NULL, NULL}};

static const index_spec no_indexes[] = {{NULL, NULL}};
/* clang-format on */

typedef struct collection_spec {
    const char *name;
    const char *validator;
    const index_spec *indexes;
} collection_spec;

static const collection_spec collections[] = {
    {STORE_USERS, users_validator, users_indexes},
    {STORE_PRODUCTS, products_validator, products_indexes},
    {STORE_ORDERS, orders_validator, orders_indexes},
    {STORE_COUNTERS, counters_validator, no_indexes},
};

enum { COLLECTIONS = sizeof collections / sizeof collections[0] };

/* The constants above are well-formed: the first start in any test reads every one of them. */
static bson_t *parse(apr_pool_t *pool, const char *json)
{
    bson_error_t error;
    return store_keep(pool, bson_new_from_json((const uint8_t *)json, -1, &error));
}

static problem_t *make_collection(store_conn *conn, const collection_spec *spec)
{
    bson_t *command = store_bson(conn->pool);
    const bson_t *reply;
    store_error error;
    bson_append_utf8(command, "create", -1, spec->name, -1);
    bson_append_document(command, "validator", -1, parse(conn->pool, spec->validator));
    if (store_command(conn, NULL, command, &reply, &error)) {
        store_log(conn->store, STORE_LOG_INFO, "database: made the collection %s", spec->name);
        return NULL;
    }
    /* Another process was first; it runs the same program. */
    return error.code == NAMESPACE_EXISTS ? NULL : store_error_problem(conn, &error, "making a collection");
}

/* `present`: the collection's row of listCollections. */
static problem_t *keep_validator(store_conn *conn, const collection_spec *spec, const bson_t *present)
{
    bson_t *wanted = parse(conn->pool, spec->validator);
    bson_iter_t iter, found;
    if (bson_iter_init(&iter, present) && bson_iter_find_descendant(&iter, "options.validator", &found) &&
        BSON_ITER_HOLDS_DOCUMENT(&found)) {
        const uint8_t *data;
        uint32_t len;
        bson_iter_document(&found, &len, &data);
        if (len == wanted->len && !memcmp(data, bson_get_data(wanted), len))
            return NULL;
    }
    bson_t *command = store_bson(conn->pool);
    const bson_t *reply;
    bson_append_utf8(command, "collMod", -1, spec->name, -1);
    bson_append_document(command, "validator", -1, wanted);
    store_log(conn->store, STORE_LOG_INFO, "database: renewing the validator of %s", spec->name);
    return store_run(conn, command, &reply);
}

static problem_t *list_collections(store_conn *conn, store_page *page)
{
    bson_t *command = store_bson(conn->pool);
    bson_t filter, name, names, cursor = BSON_INITIALIZER;
    bson_append_int32(command, "listCollections", -1, 1);
    bson_append_document_begin(command, "filter", -1, &filter);
    bson_append_document_begin(&filter, "name", -1, &name);
    bson_append_array_begin(&name, "$in", -1, &names);
    for (int i = 0; i < COLLECTIONS; i++)
        bson_append_utf8(&names, (const char *[]){"0", "1", "2", "3"}[i], -1, collections[i].name, -1);
    bson_append_array_end(&name, &names);
    bson_append_document_end(&filter, &name);
    bson_append_document_end(command, &filter);
    bson_append_document(command, "cursor", -1, &cursor);
    bson_destroy(&cursor);
    return store_run_page(conn, command, COLLECTIONS, page);
}

static problem_t *ensure_collections(store_conn *conn)
{
    store_page page;
    problem_t *problem = list_collections(conn, &page);
    for (int i = 0; i < COLLECTIONS && !problem; i++) {
        const bson_t *present = NULL;
        for (int row = 0; row < page.count; row++) {
            const char *name = store_text(&page.row[row], "name");
            if (name && !strcmp(name, collections[i].name))
                present = &page.row[row];
        }
        problem = present ? keep_validator(conn, &collections[i], present) : make_collection(conn, &collections[i]);
    }
    return problem;
}

/* A bit for each index of the collection that is there. */
static problem_t *present_indexes(store_conn *conn, const collection_spec *spec, unsigned *present)
{
    bson_t *command = store_bson(conn->pool);
    store_page page;
    *present = 0;
    bson_append_utf8(command, "listIndexes", -1, spec->name, -1);
    problem_t *problem = store_run_page(conn, command, 64, &page); /* MongoDB's most indexes a collection */
    for (int row = 0; row < page.count && !problem; row++) {
        const char *name = store_text(&page.row[row], "name");
        for (int i = 0; spec->indexes[i].name; i++)
            if (name && !strcmp(name, spec->indexes[i].name))
                *present |= 1U << i;
    }
    return problem;
}

static void append_index(store_conn *conn, bson_t *array, int at, const index_spec *index)
{
    char key[12];
    bson_t doc;
    snprintf(key, sizeof key, "%d", at);
    bson_append_document_begin(array, key, -1, &doc);
    bson_append_utf8(&doc, "name", -1, index->name, -1);
    bson_concat(&doc, parse(conn->pool, index->spec));
    bson_append_document_end(array, &doc);
}

static problem_t *ensure_indexes(store_conn *conn, const collection_spec *spec)
{
    unsigned present;
    int missing = 0;
    problem_t *problem = present_indexes(conn, spec, &present);
    if (problem)
        return problem;
    bson_t *command = store_bson(conn->pool);
    bson_t array;
    bson_append_utf8(command, "createIndexes", -1, spec->name, -1);
    bson_append_array_begin(command, "indexes", -1, &array);
    for (int i = 0; spec->indexes[i].name; i++)
        if (!(present & 1U << i))
            append_index(conn, &array, missing++, &spec->indexes[i]);
    bson_append_array_end(command, &array);
    if (!missing)
        return NULL;
    const bson_t *reply;
    store_log(conn->store, STORE_LOG_INFO, "database: making %d index%s of %s", missing, missing == 1 ? "" : "es",
              spec->name);
    return store_run(conn, command, &reply);
}

problem_t *schema_ensure(store_conn *conn)
{
    problem_t *problem = ensure_collections(conn);
    for (int i = 0; i < COLLECTIONS && !problem; i++)
        if (collections[i].indexes[0].name)
            problem = ensure_indexes(conn, &collections[i]);
    return problem;
}
