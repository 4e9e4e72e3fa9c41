/* Whose token it is: what is read, what is known, what is told meanwhile. */
#include "bridge_unit.h"
#include "core/token.h"
#include "identity.h"

typedef struct database {
    identity_t *identity;
    int asked;
    bson_oid_t id;
    lookup_user_fn fn;
    void *ctx;
} database_t;

typedef struct verdict {
    int given;
    identity_result result;
    identity_who who;
} verdict_t;

static keys_t keys;
static apr_pool_t *pool;

static void ask(void *asked, const bson_oid_t *id, lookup_user_fn fn, void *ctx)
{
    database_t *database = asked;
    database->asked++;
    database->id = *id;
    database->fn = fn;
    database->ctx = ctx;
}

static void reply(database_t *database, lookup_result result, int64_t version, user_role role)
{
    bson_oid_t id = database->id;
    database->fn(database->ctx, &id, &(lookup_user_answer){result, version, role});
}

static void on_verdict(void *ctx, identity_result result, const identity_who *who)
{
    verdict_t *verdict = ctx;
    verdict->given++;
    verdict->result = result;
    if (who)
        verdict->who = *who;
    assert_int_equal(who != NULL, result == IDENTITY_GOOD);
}

static const char *token_for(uint32_t user, int64_t version, user_role role, int seconds)
{
    bson_oid_t id = oid(user);
    int64_t now = time(NULL);
    token_t token = {.role = role, .ver = version, .iat = now - 100, .auth_time = now - 100, .exp = now + seconds};
    bson_oid_to_string(&id, token.sub);
    return token_issue(pool, &keys, &token);
}

static identity_query *check(database_t *database, const char *token, verdict_t *verdict)
{
    *verdict = (verdict_t){0};
    identity_query *query = identity_check(database->identity, token, strlen(token), on_verdict, verdict);
    assert_int_equal(verdict->given, 0); /* never at once */
    return query;
}

static void open_table(database_t *database, identity_config config)
{
    *database = (database_t){0};
    config.keys = keys;
    database->identity = identity_new(unit_loop, &config, ask, database);
    assert_non_null(database->identity);
}

static void expect(const verdict_t *verdict, identity_result result)
{
    run_for(1);
    assert_int_equal(verdict->given, 1);
    assert_int_equal(verdict->result, result);
}

static void test_a_good_token_and_one_reading(void **state)
{
    (void)state;
    database_t database;
    verdict_t first, second, third;
    bson_oid_t user = oid(1);
    open_table(&database, (identity_config){0});
    const char *token = token_for(1, 5, ROLE_ADMIN, 60);
    check(&database, token, &first);
    check(&database, token, &second); /* one question for both */
    assert_int_equal(database.asked, 1);
    assert_true(bson_oid_equal(&database.id, &user));
    reply(&database, LOOKUP_FOUND, 5, ROLE_ADMIN);
    expect(&first, IDENTITY_GOOD);
    expect(&second, IDENTITY_GOOD);
    assert_int_equal(first.who.role, ROLE_ADMIN);
    assert_int_equal(first.who.version, 5);
    assert_true(first.who.exp > time(NULL) + 50 && first.who.exp <= time(NULL) + 60);
    check(&database, token, &third); /* known by now */
    expect(&third, IDENTITY_GOOD);
    assert_int_equal(database.asked, 1);
    identity_free(database.identity);
}

static void test_bad_tokens_ask_nobody(void **state)
{
    (void)state;
    database_t database;
    verdict_t verdict;
    open_table(&database, (identity_config){0});
    char *forged = strdup(token_for(1, 1, ROLE_CUSTOMER, 60));
    forged[strlen(forged) / 2] ^= 1;
    static char longest[TOKEN_MAX_LENGTH + 10];
    memset(longest, 'a', sizeof longest - 1);
    const char *bad[] = {"", "a", "a.b.c", "....", forged, token_for(1, 1, ROLE_CUSTOMER, -1), longest};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check(&database, bad[i], &verdict);
        expect(&verdict, IDENTITY_REFUSED);
    }
    char *cut = strdup(token_for(1, 1, ROLE_CUSTOMER, 60));
    verdict = (verdict_t){0};
    identity_check(database.identity, cut, strlen(cut) + 1, on_verdict, &verdict); /* a NUL is part of it */
    expect(&verdict, IDENTITY_REFUSED);
    assert_int_equal(database.asked, 0);
    free(cut);
    free(forged);
    identity_free(database.identity);
}

static void test_what_the_database_says_counts(void **state)
{
    (void)state;
    static const struct {
        lookup_user_answer read;
        identity_result result;
    } cases[] = {
        {{LOOKUP_FOUND, 6, ROLE_CUSTOMER}, IDENTITY_REFUSED}, /* ended */
        {{LOOKUP_FOUND, 4, ROLE_CUSTOMER}, IDENTITY_REFUSED}, /* of the future */
        {{LOOKUP_FOUND, 5, ROLE_ADMIN}, IDENTITY_REFUSED},    /* the role was changed by hand */
        {{LOOKUP_NONE, 0, ROLE_NONE}, IDENTITY_REFUSED},      {{LOOKUP_FAILED, 0, ROLE_NONE}, IDENTITY_UNAVAILABLE},
        {{LOOKUP_FOUND, 5, ROLE_CUSTOMER}, IDENTITY_GOOD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        database_t database;
        verdict_t verdict;
        open_table(&database, (identity_config){0});
        check(&database, token_for(1, 5, ROLE_CUSTOMER, 60), &verdict);
        reply(&database, cases[i].read.result, cases[i].read.version, cases[i].read.role);
        expect(&verdict, cases[i].result);
        identity_free(database.identity);
    }
}

static void test_the_stream_ends_tokens(void **state)
{
    (void)state;
    database_t database;
    verdict_t verdict;
    bson_oid_t user = oid(1), other = oid(2);
    open_table(&database, (identity_config){0});
    check(&database, token_for(1, 5, ROLE_CUSTOMER, 60), &verdict);
    reply(&database, LOOKUP_FOUND, 5, ROLE_CUSTOMER);
    expect(&verdict, IDENTITY_GOOD);
    identity_learn(database.identity, &user, 5); /* nothing new */
    identity_learn(database.identity, &other, 9);
    check(&database, token_for(1, 5, ROLE_CUSTOMER, 60), &verdict);
    identity_learn(database.identity, &user, 6); /* before the answer is given */
    expect(&verdict, IDENTITY_REFUSED);
    check(&database, token_for(1, 5, ROLE_CUSTOMER, 60), &verdict);
    expect(&verdict, IDENTITY_REFUSED);
    assert_int_equal(database.asked, 1);
    check(&database, token_for(1, 6, ROLE_CUSTOMER, 60), &verdict); /* signed in again */
    assert_int_equal(database.asked, 2);
    reply(&database, LOOKUP_FOUND, 6, ROLE_CUSTOMER);
    expect(&verdict, IDENTITY_GOOD);
    identity_learn(database.identity, &user, INT64_MAX);
    check(&database, token_for(1, 6, ROLE_CUSTOMER, 60), &verdict);
    assert_int_equal(database.asked, 3);
    reply(&database, LOOKUP_NONE, 0, ROLE_NONE);
    expect(&verdict, IDENTITY_REFUSED);
    identity_free(database.identity);
}

/* The answer under way was read before what the stream tells: asked again. */
static void test_an_overtaken_answer_is_not_believed(void **state)
{
    (void)state;
    database_t database;
    verdict_t verdict;
    bson_oid_t user = oid(1);
    open_table(&database, (identity_config){0});
    check(&database, token_for(1, 5, ROLE_CUSTOMER, 60), &verdict);
    identity_learn(database.identity, &user, 6);
    reply(&database, LOOKUP_FOUND, 5, ROLE_CUSTOMER);
    assert_int_equal(database.asked, 2);
    reply(&database, LOOKUP_FOUND, 6, ROLE_CUSTOMER);
    expect(&verdict, IDENTITY_REFUSED);
    check(&database, token_for(1, 7, ROLE_CUSTOMER, 60), &verdict);
    for (int i = 0; i < 3; i++) { /* it keeps changing */
        identity_learn(database.identity, &user, INT64_MAX);
        reply(&database, LOOKUP_FOUND, 7, ROLE_CUSTOMER);
    }
    expect(&verdict, IDENTITY_UNAVAILABLE);
    assert_int_equal(database.asked, 5);
    identity_free(database.identity);
}

static void test_readings_grow_old(void **state)
{
    (void)state;
    database_t database;
    verdict_t verdict;
    open_table(&database, (identity_config){.fresh_ms = 30});
    const char *token = token_for(1, 5, ROLE_CUSTOMER, 60);
    for (int round = 1; round <= 2; round++) {
        check(&database, token, &verdict);
        reply(&database, LOOKUP_FOUND, 5, ROLE_CUSTOMER);
        expect(&verdict, IDENTITY_GOOD);
        assert_int_equal(database.asked, round);
        run_for(50);
    }
    check(&database, token, &verdict);
    reply(&database, LOOKUP_FOUND, 5, ROLE_CUSTOMER);
    expect(&verdict, IDENTITY_GOOD);
    identity_forget_all(database.identity);
    check(&database, token, &verdict);
    assert_int_equal(database.asked, 4);
    reply(&database, LOOKUP_FAILED, 0, ROLE_NONE);
    expect(&verdict, IDENTITY_UNAVAILABLE);
    identity_free(database.identity);
}

static void test_the_table_is_bounded(void **state)
{
    (void)state;
    database_t database;
    verdict_t verdict;
    open_table(&database, (identity_config){.max_users = 10});
    for (uint32_t user = 0; user < 50; user++) {
        check(&database, token_for(user, 1, ROLE_CUSTOMER, 60), &verdict);
        reply(&database, LOOKUP_FOUND, 1, ROLE_CUSTOMER);
        expect(&verdict, IDENTITY_GOOD);
    }
    assert_int_equal(database.asked, 50);
    check(&database, token_for(49, 1, ROLE_CUSTOMER, 60), &verdict);
    expect(&verdict, IDENTITY_GOOD);
    assert_int_equal(database.asked, 50);
    check(&database, token_for(1, 1, ROLE_CUSTOMER, 60), &verdict);
    assert_int_equal(database.asked, 51);
    identity_free(database.identity);
}

static void test_whoever_goes_is_not_called(void **state)
{
    (void)state;
    database_t database;
    verdict_t waiting, deferred, left;
    open_table(&database, (identity_config){0});
    identity_query *query = check(&database, token_for(1, 1, ROLE_CUSTOMER, 60), &waiting);
    identity_cancel(query);
    identity_cancel(NULL);
    reply(&database, LOOKUP_FOUND, 1, ROLE_CUSTOMER);
    query = check(&database, "bad", &deferred);
    identity_cancel(query);
    run_for(1);
    assert_int_equal(waiting.given + deferred.given, 0);
    check(&database, "bad", &deferred);
    check(&database, token_for(2, 1, ROLE_CUSTOMER, 60), &left);
    identity_free(database.identity);
    run_for(1);
    assert_int_equal(deferred.given + left.given, 0);
}

static int setup(void **state)
{
    keys_derive(&keys, "a secret of thirty-two bytes or more", 36);
    return apr_pool_create(&pool, NULL) || loop_setup(state);
}

static int teardown(void **state)
{
    apr_pool_destroy(pool);
    return loop_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_token_and_one_reading),
        cmocka_unit_test(test_bad_tokens_ask_nobody),
        cmocka_unit_test(test_what_the_database_says_counts),
        cmocka_unit_test(test_the_stream_ends_tokens),
        cmocka_unit_test(test_an_overtaken_answer_is_not_believed),
        cmocka_unit_test(test_readings_grow_old),
        cmocka_unit_test(test_the_table_is_bounded),
        cmocka_unit_test(test_whoever_goes_is_not_called),
    };
    apr_initialize();
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    apr_terminate();
    return failed != 0;
}
