/* The change stream's events, as MongoDB sends them, understood. */
#include "bridge_unit.h"
#include "core/store.h"
#include "stream_change.h"

static apr_pool_t *pool;

static change_t read_json(const char *json)
{
    bson_error_t error;
    bson_t *event = bson_new_from_json((const uint8_t *)json, -1, &error);
    if (!event)
        fail_msg("%s: %s", error.message, json);
    change_t change = change_read(pool, event, "USD", 2);
    bson_destroy(event);
    return change;
}

#define ID        "{\"$oid\":\"0123456789abcdef01234567\"}"
#define KEY(c)    "\"ns\":{\"db\":\"d\",\"coll\":\"" c "\"},\"documentKey\":{\"_id\":" ID "}"
#define NUMBER(n) "{\"$numberLong\":\"" n "\"}"
#define TIME(n)   "{\"$date\":" NUMBER(n) "}"
#define ORDER                                                                                                          \
    "{\"_id\":" ID ",\"userId\":" ID ",\"status\":\"shipped\",\"version\":" NUMBER(                                    \
        "3") ",\"history\":["                                                                                          \
             "{\"version\":" NUMBER("1") ",\"at\":" TIME(                                                              \
                 "1000") ",\"type\":\"order:new\"},"                                                                   \
                         "{\"version\":" NUMBER("2") ",\"at\":" TIME(                                                  \
                             "2000") ",\"type\":\"order:payment\"},"                                                   \
                                     "{\"version\":" NUMBER("3") ",\"at\":" TIME(                                      \
                                         "3000") ",\"type\":\"order:status\",\"to\":\"shipped\"}]}"
#define PRODUCT(active)                                                                                                \
    "{\"_id\":" ID ",\"name\":\"P\",\"price\":" NUMBER("5") ",\"stock\":" NUMBER(                                      \
        "5") ",\"active\":" active ",\"version\":" NUMBER("4") ",\"updatedAt\":" TIME("4000") "}"
#define UPDATED(fields) "\"updateDescription\":{\"updatedFields\":{" fields "},\"removedFields\":[]}"

static void expect_news(change_t change, news_type type, int64_t version, int64_t at)
{
    assert_int_equal(change.kind, CHANGE_NEWS);
    assert_int_equal(change.news->facts.type, type);
    assert_int_equal(change.news->facts.version, version);
    assert_int_equal(change.news->facts.at, at);
    news_unref(change.news);
}

static void test_the_version_is_the_changes_own(void **state)
{
    (void)state;
    /* The looked-up document is at version 3 already. */
    expect_news(read_json("{\"operationType\":\"update\"," KEY("orders") ",\"fullDocument\":" ORDER
                                                                         "," UPDATED("\"version\":" NUMBER("2")) "}"),
                NEWS_ORDER_PAYMENT, 2, 2000);
    expect_news(read_json("{\"operationType\":\"replace\"," KEY("orders") ",\"fullDocument\":" ORDER "}"),
                NEWS_ORDER_STATUS, 3, 3000);
    expect_news(read_json("{\"operationType\":\"insert\"," KEY("orders") ",\"fullDocument\":" ORDER "}"),
                NEWS_ORDER_STATUS, 3, 3000);
}

static void test_without_a_document_it_is_a_hint(void **state)
{
    (void)state;
    change_t change = read_json("{\"operationType\":\"update\"," KEY("orders") ",\"fullDocument\":null," UPDATED(
        "\"version\":" NUMBER("9")) "}");
    assert_int_equal(change.kind, CHANGE_HINT);
    assert_int_equal(change.version, 9);
    change = read_json("{\"operationType\":\"update\"," KEY("orders") "," UPDATED("\"version\":" NUMBER("9")) "}");
    assert_int_equal(change.kind, CHANGE_HINT);
    /* An older document than the change: the database is asked again. */
    change = read_json("{\"operationType\":\"update\"," KEY("orders") ",\"fullDocument\":" ORDER
                                                                      "," UPDATED("\"version\":" NUMBER("4")) "}");
    assert_int_equal(change.kind, CHANGE_HINT);
    /* A change that makes no version is nobody's business. */
    change = read_json("{\"operationType\":\"update\"," KEY("orders") ",\"fullDocument\":" ORDER
                                                                      "," UPDATED("\"note\":1") "}");
    assert_int_equal(change.kind, CHANGE_NONE);
}

static void test_products(void **state)
{
    (void)state;
    change_t change = read_json("{\"operationType\":\"update\"," KEY("products") ",\"fullDocument\":" PRODUCT(
        "true") "," UPDATED("\"version\":" NUMBER("3")) "}");
    assert_int_equal(change.news->facts.audience, NEWS_TO_EVERYONE);
    expect_news(change, NEWS_PRODUCT_STOCK, 4, 4000);
    change = read_json("{\"operationType\":\"insert\"," KEY("products") ",\"fullDocument\":" PRODUCT("false") "}");
    assert_int_equal(change.news->facts.audience, NEWS_TO_ADMINS);
    expect_news(change, NEWS_PRODUCT_STOCK, 4, 4000);
    change = read_json("{\"operationType\":\"update\"," KEY("products") ",\"fullDocument\":null," UPDATED(
        "\"version\":" NUMBER("3")) "}");
    assert_int_equal(change.kind, CHANGE_NONE);
}

static change_t switched(const char *active, const char *now)
{
    char json[1000];
    snprintf(json, sizeof json,
             "{\"operationType\":\"update\"," KEY("products") ",\"fullDocument\":%s," UPDATED(
                 "%s\"version\":" NUMBER("3") ",\"updatedAt\":" TIME("3000")) "}",
             now, active);
    return read_json(json);
}

static void expect_withdrawal(change_t change, bool expected)
{
    assert_int_equal(change.withdrawal != NULL, expected);
    if (change.withdrawal) {
        assert_int_equal(change.withdrawal->facts.audience, NEWS_TO_CUSTOMERS);
        assert_string_equal(change.withdrawal->text,
                            "{\"type\":\"product:stock\",\"id\":\"0123456789abcdef01234567\",\"version\":3,"
                            "\"at\":\"1970-01-01T00:00:03.000Z\","
                            "\"data\":{\"id\":\"0123456789abcdef01234567\",\"version\":3,\"active\":false}}");
    }
    news_unref(change.withdrawal);
    news_unref(change.news);
}

static void test_a_product_taken_off_sale(void **state)
{
    (void)state;
    expect_withdrawal(switched("\"active\":false,", PRODUCT("false")), true);
    expect_withdrawal(switched("\"active\":false,", PRODUCT("true")), true); /* it is back by now, in a later version */
    expect_withdrawal(switched("\"active\":false,", "null"), true);
    expect_withdrawal(switched("\"active\":true,", PRODUCT("true")), false);
    expect_withdrawal(switched("\"active\":0,", PRODUCT("false")), false);
    /* It was off sale before, or never on. */
    expect_withdrawal(switched("", PRODUCT("false")), false);
    expect_withdrawal(
        read_json("{\"operationType\":\"insert\"," KEY("products") ",\"fullDocument\":" PRODUCT("false") "}"), false);
    expect_withdrawal(
        read_json("{\"operationType\":\"replace\"," KEY("products") ",\"fullDocument\":" PRODUCT("false") "}"), false);
}

static void expect_user(const char *json, change_kind kind, int64_t version)
{
    change_t change = read_json(json);
    assert_int_equal(change.kind, kind);
    if (kind == CHANGE_USER)
        assert_int_equal(change.version, version);
}

static void test_users(void **state)
{
    (void)state;
    expect_user("{\"operationType\":\"update\"," KEY("users") "," UPDATED("\"tokenVersion\":" NUMBER("4")) "}",
                CHANGE_USER, 4);
    expect_user("{\"operationType\":\"update\"," KEY("users") "," UPDATED(
                    "\"role\":\"admin\",\"tokenVersion\":" NUMBER("4")) "}",
                CHANGE_USER, 4);
    expect_user("{\"operationType\":\"update\"," KEY("users") "," UPDATED("\"role\":\"admin\"") "}", CHANGE_USER,
                INT64_MAX);
    expect_user("{\"operationType\":\"update\"," KEY("users") "," UPDATED("\"name\":\"N\"") "}", CHANGE_NONE, 0);
    expect_user("{\"operationType\":\"delete\"," KEY("users") "}", CHANGE_USER, INT64_MAX);
    expect_user("{\"operationType\":\"replace\"," KEY("users") ",\"fullDocument\":{}}", CHANGE_USER, INT64_MAX);
}

static void test_the_end_and_nonsense(void **state)
{
    (void)state;
    static const char *const ends[] = {"drop", "rename", "dropDatabase", "invalidate"};
    char json[100];
    for (size_t i = 0; i < 4; i++) {
        snprintf(json, sizeof json, "{\"operationType\":\"%s\",\"ns\":{\"db\":\"d\",\"coll\":\"orders\"}}", ends[i]);
        assert_int_equal(read_json(json).kind, CHANGE_END);
    }
    assert_int_equal(read_json("{}").kind, CHANGE_NONE);
    assert_int_equal(read_json("{\"operationType\":\"insert\"}").kind, CHANGE_NONE);
    assert_int_equal(read_json("{\"operationType\":\"insert\"," KEY("orders") ",\"fullDocument\":{}}").kind,
                     CHANGE_NONE);
    assert_int_equal(read_json("{\"operationType\":\"insert\"," KEY("products") ",\"fullDocument\":{}}").kind,
                     CHANGE_NONE);
    bson_t *pipeline = change_pipeline();
    assert_non_null(pipeline);
    bson_destroy(pipeline);
}

static int setup(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL);
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_version_is_the_changes_own),
        cmocka_unit_test(test_without_a_document_it_is_a_hint),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_a_product_taken_off_sale),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_the_end_and_nonsense),
    };
    apr_initialize();
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    apr_terminate();
    return failed != 0;
}
