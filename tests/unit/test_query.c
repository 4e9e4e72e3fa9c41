/* Query strings, the values of their parameters, and times. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>
#include "core/query.h"

static const char *const allowed[] = {"q", "limit", "status", "from", "on", "id", "min", NULL};

static apr_table_t *good(apr_pool_t *pool, const char *args)
{
    apr_table_t *params;
    problem_t *problem = query_parse(pool, args, allowed, &params);
    if (problem)
        fail_msg("%s: %s", args, problem->detail);
    return params;
}

static void assert_bad(apr_pool_t *pool, const char *args, const char *name)
{
    apr_table_t *params;
    problem_t *problem = query_parse(pool, args, allowed, &params);
    if (!problem || problem->status != 400 || strcmp(problem->code, "invalid-parameter") != 0 || !problem->fields ||
        strcmp(problem->fields->pointer, name) != 0 || !strstr(problem->fields->detail, name))
        fail_msg("%s: %s", args, problem ? problem->code : "accepted");
}

static void decoding(void **state)
{
    static const struct {
        const char *args, *q;
    } rows[] = {
        {NULL, NULL},       {"", NULL},         {"&&", NULL},       {"q=", ""},       {"q", ""},
        {"q=a+b", "a b"},   {"q=a%2Bb", "a+b"}, {"q=%c3%A9", "é"},  {"q=a=b", "a=b"}, {"limit=5&q=x", "x"},
        {"&q=x&", "x"},     {"%71=x", "x"},     {"q=%26%3d", "&="}, {"q=é", "é"},     {"q=%F0%9F%98%80", "😀"},
        {"q=%2525", "%25"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *q = apr_table_get(good(*state, rows[i].args), "q");
        assert_true((q == NULL) == (rows[i].q == NULL));
        if (q)
            assert_string_equal(q, rows[i].q);
    }
}

static void bad_strings(void **state)
{
    assert_bad(*state, "nope=1", "nope");
    assert_bad(*state, "Q=1", "Q");
    assert_bad(*state, "q%20=1", "q ");
    assert_bad(*state, "q=1&q=1", "q");
    assert_bad(*state, "q=1&%71=1", "q");
    assert_bad(*state, "q=%", "q");
    assert_bad(*state, "q=%4", "q");
    assert_bad(*state, "q=%zz", "q");
    assert_bad(*state, "q=a%00b", "q");
    assert_bad(*state, "q=%ff", "q");
    assert_bad(*state, "q=%c0%80", "q");
    assert_bad(*state, "q=%ed%a0%80", "q");
    assert_bad(*state, "q=\xff", "q");
    assert_bad(*state, "%=1", "");
    assert_bad(*state, "%ff=1", "");
    assert_bad(*state, "=1", "");
}

static void all_bad_ones_at_once(void **state)
{
    apr_table_t *params;
    problem_t *problem = query_parse(*state, "a=1&q=%&limit=1&limit=2", allowed, &params);
    assert_string_equal(problem->fields->pointer, "a");
    assert_string_equal(problem->fields->next->pointer, "q");
    assert_string_equal(problem->fields->next->next->pointer, "limit");
    assert_null(problem->fields->next->next->next);
}

/* A wrong value: one more field that names the parameter, and the target left alone. */
static void assert_refused(problem_t *problem, const char *name)
{
    assert_non_null(problem);
    assert_int_equal(problem->status, 400);
    assert_string_equal(problem->code, "invalid-parameter");
    assert_string_equal(problem->fields->pointer, name);
    assert_non_null(strstr(problem->fields->detail, name));
}

static void integers(void **state)
{
    static const char *const bad[] = {"",   "0",    "101", "-1", "1.0", "1e1",
                                      " 1", "%2B1", "0x1", "1a", "a",   "99999999999999999999"};
    problem_t *problem = NULL;
    int value = 20;
    query_int(*state, good(*state, "q=1"), "limit", 1, 100, &value, &problem);
    assert_int_equal(value, 20);
    query_int(*state, good(*state, "limit=1"), "limit", 1, 100, &value, &problem);
    assert_int_equal(value, 1);
    query_int(*state, good(*state, "limit=100"), "limit", 1, 100, &value, &problem);
    assert_int_equal(value, 100);
    query_int(*state, good(*state, "limit=-7"), "limit", -10, 100, &value, &problem);
    assert_int_equal(value, -7);
    assert_null(problem);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        problem = NULL;
        query_int(*state, good(*state, apr_pstrcat(*state, "limit=", bad[i], NULL)), "limit", 1, 100, &value, &problem);
        assert_refused(problem, "limit");
        assert_int_equal(value, -7);
    }
}

static void booleans(void **state)
{
    static const char *const bad[] = {"", "1", "0", "TRUE", "yes", "true%20"};
    problem_t *problem = NULL;
    int value = -1;
    query_bool(*state, good(*state, "q="), "on", &value, &problem);
    assert_int_equal(value, -1);
    query_bool(*state, good(*state, "on=true"), "on", &value, &problem);
    assert_int_equal(value, 1);
    query_bool(*state, good(*state, "on=false"), "on", &value, &problem);
    assert_int_equal(value, 0);
    assert_null(problem);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        problem = NULL;
        query_bool(*state, good(*state, apr_pstrcat(*state, "on=", bad[i], NULL)), "on", &value, &problem);
        assert_refused(problem, "on");
    }
}

static void ids(void **state)
{
    static const char *const bad[] = {"", "65f0", "65f0c0ffee00ff7f8081828g", "65f0c0ffee00ff7f808182830",
                                      "65f0c0ffee00ff7f8081828%20"};
    problem_t *problem = NULL;
    bson_oid_t id;
    char text[25];
    bool seen = false;
    query_id(*state, good(*state, "q="), "id", &id, &seen, &problem);
    assert_false(seen);
    query_id(*state, good(*state, "id=65F0c0ffee00ff7f80818283"), "id", &id, &seen, &problem);
    assert_true(seen);
    assert_null(problem);
    bson_oid_to_string(&id, text);
    assert_string_equal(text, "65f0c0ffee00ff7f80818283");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        problem = NULL;
        seen = false;
        query_id(*state, good(*state, apr_pstrcat(*state, "id=", bad[i], NULL)), "id", &id, &seen, &problem);
        assert_refused(problem, "id");
        assert_false(seen);
    }
}

static void amounts(void **state)
{
    static const char *const bad[] = {"", "-1", "1.999", "a", "1,5", "%201", "99999999999999999999"};
    problem_t *problem = NULL;
    int64_t minor = -1;
    bool seen = false;
    query_money(*state, good(*state, "q="), "min", 2, &minor, &seen, &problem);
    assert_false(seen);
    query_money(*state, good(*state, "min=19.98"), "min", 2, &minor, &seen, &problem);
    assert_true(seen);
    assert_int_equal(minor, 1998);
    assert_null(problem);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        problem = NULL;
        seen = false;
        query_money(*state, good(*state, apr_pstrcat(*state, "min=", bad[i], NULL)), "min", 2, &minor, &seen, &problem);
        assert_refused(problem, "min");
        assert_false(seen);
    }
}

static void choices(void **state)
{
    static const char *const words[] = {"one", "two", NULL};
    problem_t *problem = NULL;
    int index = -1;
    query_choice(*state, good(*state, "q="), "status", words, &index, &problem);
    assert_int_equal(index, -1);
    query_choice(*state, good(*state, "status=two"), "status", words, &index, &problem);
    assert_int_equal(index, 1);
    assert_null(problem);
    query_choice(*state, good(*state, "status=Two"), "status", words, &index, &problem);
    assert_refused(problem, "status");
    assert_non_null(strstr(problem->fields->detail, "one, two"));
    /* A second bad parameter joins the first. */
    query_choice(*state, good(*state, "q=three"), "q", words, &index, &problem);
    assert_string_equal(problem->fields->next->pointer, "q");
    assert_int_equal(index, 1);
}

static void times(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2026-01-31", INT64_C(1769817600000)},
        {"2026-01-31T12:00:00Z", INT64_C(1769860800000)},
        {"2026-01-31T12:00Z", INT64_C(1769860800000)},
        {"2026-01-31T12:00:00.5+01:00", INT64_C(1769857200500)},
        {"2026-01-31T12:00:00.123456789Z", INT64_C(1769860800123)},
        {"2026-01-31T00:30:00-05:30", INT64_C(1769839200000)},
        {"2024-02-29", INT64_C(1709164800000)},
        {"2000-02-29", INT64_C(951782400000)},
        {"1900-03-01", INT64_C(-2203891200000)},
        {"0001-01-01", INT64_C(-62135596800000)},
        {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -77;
        if (iso_time_parse(rows[i].text, &ms) != 0 || ms != rows[i].ms)
            fail_msg("%s: %lld", rows[i].text, (long long)ms);
    }
}

static void no_times(void **state)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "2026",
                                      "2026-1-31",
                                      "2026-01",
                                      "20260131",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-01-00",
                                      "2026-01-32",
                                      "2026-04-31",
                                      "2026-02-29",
                                      "1900-02-29",
                                      "2026-01-31T",
                                      "2026-01-31Z",
                                      "2026-01-31T12",
                                      "2026-01-31T12:00",
                                      "2026-01-31T12:00:00",
                                      "2026-01-31T24:00:00Z",
                                      "2026-01-31T12:60:00Z",
                                      "2026-01-31T12:00:60Z",
                                      "2026-01-31T12:00:00.Z",
                                      "2026-01-31T12:00:00,5Z",
                                      "2026-01-31T12:00:00+1",
                                      "2026-01-31T12:00:00+0100",
                                      "2026-01-31T12:00:00+24:00",
                                      "2026-01-31T12:00:00 01:00",
                                      "2026-01-31 12:00:00Z",
                                      "2026-01-31T12:00:00Zx",
                                      "2026-01-31 ",
                                      " 2026-01-31",
                                      "-2026-01-31",
                                      "1769860800"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms = -77;
        if (iso_time_parse(bad[i], &ms) != -1 || ms != -77)
            fail_msg("accepted '%s'", bad[i]);
    }
}

static void time_parameters(void **state)
{
    problem_t *problem = NULL;
    int64_t ms = -77;
    query_time(*state, good(*state, "q="), "from", &ms, &problem);
    assert_int_equal(ms, -77);
    query_time(*state, good(*state, "from=1970-01-02"), "from", &ms, &problem);
    assert_int_equal(ms, 86400000);
    query_time(*state, good(*state, "from=1970-01-02T00:00:00%2B00:00"), "from", &ms, &problem);
    assert_null(problem);
    query_time(*state, good(*state, "from=1970-01-02T00:00:00+00:00"), "from", &ms, &problem);
    assert_refused(problem, "from");
}

UNIT_MAIN(pooled(decoding), pooled(bad_strings), pooled(all_bad_ones_at_once), pooled(integers), pooled(booleans),
          pooled(ids), pooled(amounts), pooled(choices), pooled(times), pooled(no_times), pooled(time_parameters))
