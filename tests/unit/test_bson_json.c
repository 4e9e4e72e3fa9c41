/* BSON to JSON: what is written is read back by a JSON parser and compared with what was put in. */
#include "unit.h"

#include <apr_strings.h>
#include <jansson.h>
#include <string.h>
#include "core/bson_json.h"

#define ID      "65f0c0ffee00ff7f80818283"
#define USER_ID "65f0c0ffee00ff7f80818284"
#define AT      INT64_C(1769860800123)
#define AT_TEXT "2026-01-31T12:00:00.123Z"
#define NASTY   "q\" b\\ /\n\t\x01\x1f é € 😀 \xE2\x80\xA8\xE2\x80\xA9 </script>"

static void append_id(bson_t *doc, const char *name, const char *hex)
{
    bson_oid_t id;
    bson_oid_init_from_string(&id, hex);
    BSON_APPEND_OID(doc, name, &id);
}

static void append_item(bson_t *items, const char *key, const char *name, int64_t quantity, int64_t price)
{
    bson_t item;
    BSON_APPEND_DOCUMENT_BEGIN(items, key, &item);
    append_id(&item, "productId", ID);
    BSON_APPEND_UTF8(&item, "name", name);
    BSON_APPEND_INT64(&item, "quantity", quantity);
    BSON_APPEND_INT64(&item, "price", price);
    BSON_APPEND_INT64(&item, "total", price * quantity);
    bson_append_document_end(items, &item);
}

static void append_ship_to(bson_t *doc)
{
    bson_t ship_to, lines;
    BSON_APPEND_DOCUMENT_BEGIN(doc, "shipTo", &ship_to);
    BSON_APPEND_UTF8(&ship_to, "name", "Ann");
    BSON_APPEND_ARRAY_BEGIN(&ship_to, "lines", &lines);
    BSON_APPEND_UTF8(&lines, "0", "1, High \"St\"");
    BSON_APPEND_UTF8(&lines, "1", NASTY);
    bson_append_array_end(&ship_to, &lines);
    BSON_APPEND_UTF8(&ship_to, "city", "Köln");
    BSON_APPEND_UTF8(&ship_to, "postcode", "50667");
    BSON_APPEND_UTF8(&ship_to, "country", "DE");
    bson_append_document_end(doc, &ship_to);
}

static void append_history(bson_t *doc)
{
    bson_t history, entry, actor;
    BSON_APPEND_ARRAY_BEGIN(doc, "history", &history);
    BSON_APPEND_DOCUMENT_BEGIN(&history, "0", &entry);
    BSON_APPEND_INT64(&entry, "version", 1);
    BSON_APPEND_DATE_TIME(&entry, "at", AT);
    BSON_APPEND_UTF8(&entry, "type", "order:new");
    BSON_APPEND_UTF8(&entry, "to", "pending");
    BSON_APPEND_DOCUMENT_BEGIN(&entry, "actor", &actor);
    append_id(&actor, "id", USER_ID);
    BSON_APPEND_UTF8(&actor, "role", "customer");
    BSON_APPEND_UTF8(&actor, "name", NASTY);
    BSON_APPEND_UTF8(&actor, "email", "secret@x.io");
    bson_append_document_end(&entry, &actor);
    BSON_APPEND_UTF8(&entry, "note", "n");
    BSON_APPEND_UTF8(&entry, "requestId", "r-1");
    bson_append_document_end(&history, &entry);
    bson_append_array_end(doc, &history);
}

static void append_order(bson_t *doc, const char *status, int items)
{
    bson_t child;
    append_id(doc, "_id", ID);
    BSON_APPEND_UTF8(doc, "number", "A-000123");
    append_id(doc, "userId", USER_ID);
    BSON_APPEND_DOCUMENT_BEGIN(doc, "customer", &child);
    BSON_APPEND_UTF8(&child, "name", NASTY);
    BSON_APPEND_UTF8(&child, "email", "ann@example.com");
    bson_append_document_end(doc, &child);
    append_ship_to(doc);
    BSON_APPEND_ARRAY_BEGIN(doc, "items", &child);
    for (int i = 0; i < items; i++) {
        char buffer[16];
        const char *key;
        bson_uint32_to_string((uint32_t)i, &key, buffer, sizeof buffer);
        append_item(&child, key, NASTY, i + 1, 999);
    }
    bson_append_array_end(doc, &child);
    BSON_APPEND_INT64(doc, "total", 123456789012345);
    BSON_APPEND_UTF8(doc, "currency", "USD");
    BSON_APPEND_UTF8(doc, "status", status);
    BSON_APPEND_BOOL(doc, "paymentReceived", false);
    BSON_APPEND_BOOL(doc, "refundDue", true);
    BSON_APPEND_DOCUMENT_BEGIN(doc, "idempotency", &child);
    BSON_APPEND_UTF8(&child, "key", "hidden");
    bson_append_document_end(doc, &child);
    BSON_APPEND_INT64(doc, "version", 3);
    BSON_APPEND_DATE_TIME(doc, "createdAt", AT);
    BSON_APPEND_DATE_TIME(doc, "updatedAt", AT + 1);
    append_history(doc);
}

static const char *order_text(apr_pool_t *pool, const bson_t *doc, user_role role, bool history)
{
    out_t out;
    out_init(&out, pool);
    bson_json_write_order(&out, doc, role, history, 2);
    return out_text(&out, NULL);
}

static json_t *parsed(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s in %.200s", error.text, text);
    return json;
}

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

/* The names of an object's members in order, joined by spaces. */
static const char *names_of(apr_pool_t *pool, json_t *json)
{
    const char *key, *names = "";
    json_t *value;
    json_object_foreach(json, key, value) names = apr_pstrcat(pool, names, *names ? " " : "", key, NULL);
    return names;
}

static void whole_order(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    append_order(&doc, "pending", 2);
    json_t *json = parsed(order_text(*state, &doc, ROLE_CUSTOMER, false));
    assert_string_equal(
        names_of(*state, json),
        "id number userId customer shipTo items total currency status paymentReceived refundDue version "
        "createdAt updatedAt allowedTransitions");
    assert_string_equal(text_of(json, "id"), ID);
    assert_string_equal(text_of(json, "number"), "A-000123");
    assert_string_equal(text_of(json, "userId"), USER_ID);
    assert_string_equal(text_of(json, "status"), "pending");
    assert_string_equal(text_of(json, "createdAt"), AT_TEXT);
    assert_string_equal(text_of(json, "currency"), "USD");
    assert_true(json_is_false(json_object_get(json, "paymentReceived")));
    assert_true(json_is_true(json_object_get(json, "refundDue")));
    assert_int_equal(json_integer_value(json_object_get(json, "version")), 3);
    assert_true(json_real_value(json_object_get(json, "total")) == 1234567890123.45);
    json_t *customer = json_object_get(json, "customer");
    assert_string_equal(names_of(*state, customer), "name email");
    assert_string_equal(text_of(customer, "name"), NASTY);
    json_decref(json);
    bson_destroy(&doc);
}

static void parts_of_an_order(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    append_order(&doc, "pending", 2);
    json_t *json = parsed(order_text(*state, &doc, ROLE_CUSTOMER, false));
    json_t *ship_to = json_object_get(json, "shipTo"), *lines = json_object_get(ship_to, "lines");
    assert_string_equal(names_of(*state, ship_to), "name lines city postcode country");
    assert_int_equal(json_array_size(lines), 2);
    assert_string_equal(json_string_value(json_array_get(lines, 0)), "1, High \"St\"");
    assert_string_equal(json_string_value(json_array_get(lines, 1)), NASTY);
    assert_string_equal(text_of(ship_to, "city"), "Köln");
    json_t *items = json_object_get(json, "items"), *item = json_array_get(items, 1);
    assert_int_equal(json_array_size(items), 2);
    assert_string_equal(names_of(*state, item), "productId name quantity price total");
    assert_string_equal(text_of(item, "productId"), ID);
    assert_string_equal(text_of(item, "name"), NASTY);
    assert_int_equal(json_integer_value(json_object_get(item, "quantity")), 2);
    assert_true(json_real_value(json_object_get(item, "price")) == 9.99);
    assert_true(json_real_value(json_object_get(item, "total")) == 19.98);
    json_decref(json);
    bson_destroy(&doc);
}

static void history_when_asked(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    append_order(&doc, "pending", 1);
    const char *text = order_text(*state, &doc, ROLE_ADMIN, true);
    assert_null(strstr(text, "hidden"));
    assert_null(strstr(text, "secret@x.io"));
    json_t *json = parsed(text), *history = json_object_get(json, "history"), *entry = json_array_get(history, 0);
    assert_int_equal(json_array_size(history), 1);
    assert_string_equal(names_of(*state, entry), "version at type to actor note requestId");
    assert_string_equal(text_of(entry, "at"), AT_TEXT);
    assert_string_equal(text_of(entry, "to"), "pending");
    json_t *actor = json_object_get(entry, "actor");
    assert_string_equal(names_of(*state, actor), "id role name");
    assert_string_equal(text_of(actor, "name"), NASTY);
    json_decref(json);
    bson_destroy(&doc);
}

static void allowed_transitions(void **state)
{
    static const struct {
        const char *status;
        user_role role;
        const char *end;
    } rows[] = {
        {"pending", ROLE_CUSTOMER, ",\"allowedTransitions\":[\"cancelled\"]}"},
        {"pending", ROLE_ADMIN, ",\"allowedTransitions\":[\"processing\",\"cancelled\"]}"},
        {"shipped", ROLE_ADMIN, ",\"allowedTransitions\":[\"delivered\",\"returned\"]}"},
        {"delivered", ROLE_ADMIN, ",\"allowedTransitions\":[\"returned\"]}"},
        {"processing", ROLE_CUSTOMER, ",\"allowedTransitions\":[]}"},
        {"cancelled", ROLE_ADMIN, ",\"allowedTransitions\":[]}"},
        {"odd", ROLE_ADMIN, ",\"allowedTransitions\":[]}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bson_t doc = BSON_INITIALIZER;
        append_order(&doc, rows[i].status, 1);
        const char *text = order_text(*state, &doc, rows[i].role, false);
        size_t len = strlen(text), end = strlen(rows[i].end);
        assert_true(len > end);
        assert_string_equal(text + len - end, rows[i].end);
        bson_destroy(&doc);
    }
}

static void order_larger_than_a_block(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    append_order(&doc, "pending", 100);
    const char *text = order_text(*state, &doc, ROLE_ADMIN, true);
    assert_true(strlen(text) > OUT_BLOCK_SIZE + OUT_BLOCK_SIZE / 2);
    json_t *json = parsed(text), *items = json_object_get(json, "items");
    assert_int_equal(json_array_size(items), 100);
    for (size_t i = 0; i < 100; i++) {
        json_t *item = json_array_get(items, i);
        assert_string_equal(text_of(item, "name"), NASTY);
        assert_int_equal(json_integer_value(json_object_get(item, "quantity")), i + 1);
    }
    json_decref(json);
    bson_destroy(&doc);
}

static void append_product(bson_t *doc)
{
    bson_t terms;
    append_id(doc, "_id", ID);
    BSON_APPEND_UTF8(doc, "name", NASTY);
    BSON_APPEND_UTF8(doc, "sku", "KT-12");
    BSON_APPEND_ARRAY_BEGIN(doc, "terms", &terms);
    BSON_APPEND_UTF8(&terms, "0", "hidden");
    bson_append_array_end(doc, &terms);
    BSON_APPEND_INT64(doc, "price", 1005);
    BSON_APPEND_INT64(doc, "stock", 1000000000);
    BSON_APPEND_INT32(doc, "reserved", 7);
    BSON_APPEND_BOOL(doc, "active", true);
    BSON_APPEND_INT64(doc, "version", 4);
    BSON_APPEND_DATE_TIME(doc, "createdAt", AT);
    BSON_APPEND_DATE_TIME(doc, "updatedAt", AT);
}

static json_t *product_json(apr_pool_t *pool, const bson_t *doc, user_role role, const char *currency, int exponent)
{
    out_t out;
    out_init(&out, pool);
    bson_json_write_product(&out, doc, role, currency, exponent);
    return parsed(out_text(&out, NULL));
}

static void products(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    append_product(&doc);
    static const user_role roles[] = {ROLE_NONE, ROLE_CUSTOMER};
    for (size_t i = 0; i < 2; i++) {
        json_t *json = product_json(*state, &doc, roles[i], "USD", 2);
        assert_string_equal(names_of(*state, json),
                            "id name sku price stock active version createdAt updatedAt currency");
        assert_string_equal(text_of(json, "name"), NASTY);
        assert_true(json_real_value(json_object_get(json, "price")) == 10.05);
        json_decref(json);
    }
    json_t *json = product_json(*state, &doc, ROLE_ADMIN, "JPY", 0);
    assert_string_equal(names_of(*state, json),
                        "id name sku price stock reserved active version createdAt updatedAt currency");
    assert_int_equal(json_integer_value(json_object_get(json, "price")), 1005);
    assert_int_equal(json_integer_value(json_object_get(json, "reserved")), 7);
    assert_int_equal(json_integer_value(json_object_get(json, "stock")), 1000000000);
    assert_true(json_is_true(json_object_get(json, "active")));
    assert_string_equal(text_of(json, "currency"), "JPY");
    json_decref(json);
    bson_destroy(&doc);
}

static void users_without_secrets(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    append_id(&doc, "_id", ID);
    BSON_APPEND_UTF8(&doc, "name", NASTY);
    BSON_APPEND_UTF8(&doc, "email", "ann@example.com");
    BSON_APPEND_UTF8(&doc, "password", "$2y$10$hash");
    BSON_APPEND_UTF8(&doc, "role", "customer");
    BSON_APPEND_INT64(&doc, "tokenVersion", 5);
    BSON_APPEND_DATE_TIME(&doc, "createdAt", AT);
    out_t out;
    out_init(&out, *state);
    bson_json_write_user(&out, &doc);
    json_t *json = parsed(out_text(&out, NULL));
    assert_string_equal(names_of(*state, json), "id name email role createdAt");
    assert_string_equal(text_of(json, "name"), NASTY);
    assert_string_equal(text_of(json, "role"), "customer");
    json_decref(json);
    bson_destroy(&doc);
}

/* Any order of the document's fields finds its rows, and is the order of the answer. */
static void the_documents_own_order(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    BSON_APPEND_DATE_TIME(&doc, "createdAt", AT);
    BSON_APPEND_UTF8(&doc, "role", "admin");
    BSON_APPEND_INT32(&doc, "zzz", 1);
    BSON_APPEND_UTF8(&doc, "email", "e");
    BSON_APPEND_UTF8(&doc, "name", "n");
    append_id(&doc, "_id", ID);
    out_t out;
    out_init(&out, *state);
    assert_int_equal(bson_json_members(&out, &doc, bson_json_user, BJ_PUBLIC, 2), 5);
    assert_string_equal(out_text(&out, NULL), "\"createdAt\":\"" AT_TEXT
                                              "\",\"role\":\"admin\",\"email\":\"e\",\"name\":\"n\",\"id\":\"" ID "\"");
    bson_destroy(&doc);
}

static void fields_of_the_wrong_type_are_left_out(void **state)
{
    bson_t doc = BSON_INITIALIZER;
    BSON_APPEND_UTF8(&doc, "_id", ID);
    BSON_APPEND_INT32(&doc, "name", 1);
    BSON_APPEND_DOUBLE(&doc, "price", 9.99);
    BSON_APPEND_UTF8(&doc, "stock", "1");
    BSON_APPEND_INT32(&doc, "active", 1);
    BSON_APPEND_INT64(&doc, "createdAt", AT);
    BSON_APPEND_NULL(&doc, "updatedAt");
    json_t *json = product_json(*state, &doc, ROLE_ADMIN, "USD", 2);
    assert_string_equal(names_of(*state, json), "currency");
    json_decref(json);
    bson_destroy(&doc);
    bson_init(&doc);
    BSON_APPEND_UTF8(&doc, "items", "x");
    BSON_APPEND_UTF8(&doc, "customer", "x");
    assert_string_equal(order_text(*state, &doc, ROLE_ADMIN, true), "{\"allowedTransitions\":[]}");
    bson_destroy(&doc);
}

static void odd_array_elements_are_left_out(void **state)
{
    bson_t doc = BSON_INITIALIZER, items;
    BSON_APPEND_ARRAY_BEGIN(&doc, "items", &items);
    BSON_APPEND_NULL(&items, "0");
    append_item(&items, "1", "a", 1, 5);
    BSON_APPEND_INT32(&items, "2", 1);
    append_item(&items, "3", "b", 1, 5);
    bson_append_array_end(&doc, &items);
    json_t *json = parsed(order_text(*state, &doc, ROLE_ADMIN, true));
    assert_int_equal(json_array_size(json_object_get(json, "items")), 2);
    json_decref(json);
    bson_destroy(&doc);
}

UNIT_MAIN(pooled(whole_order), pooled(parts_of_an_order), pooled(history_when_asked), pooled(allowed_transitions),
          pooled(order_larger_than_a_block), pooled(products), pooled(users_without_secrets),
          pooled(the_documents_own_order), pooled(fields_of_the_wrong_type_are_left_out),
          pooled(odd_array_elements_are_left_out))
