/* Request bodies: strict JSON, then fields by a table. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>
#include "core/body.h"

static problem_t *parse(apr_pool_t *pool, const char *text, size_t len, json_t **json)
{
    /* An exact copy on the heap: a read past the end is seen by the sanitizer. */
    char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, text, len);
    problem_t *problem = body_parse(pool, exact, len, json);
    free(exact);
    return problem;
}

static json_t *good(apr_pool_t *pool, const char *text)
{
    json_t *json = NULL;
    if (parse(pool, text, strlen(text), &json))
        fail_msg("refused: %s", text);
    return json;
}

static void assert_malformed(apr_pool_t *pool, const char *text, size_t len)
{
    json_t *json = NULL;
    problem_t *problem = parse(pool, text, len, &json);
    if (!problem || problem->status != 400 || strcmp(problem->code, "malformed-json") != 0 || !problem->detail || json)
        fail_msg("not malformed-json: %s", text);
}

static void malformed(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "}",
        "{]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":tru}",
        "{\"a\":1}x",
        "{\"a\":1}{}",
        "{} {}",
        "{\"a\" 1}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "\xEF\xBB\xBF{}",
        "{\"a\":1,\"a\":1}",
        "{\"o\":{\"a\":1,\"a\":2}}",
        "[{\"a\":1,\"a\":2}]",
        "{\"a\":\"\\u0000\"}",
        "{\"\\u0000\":1}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xc0\x80\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xe2\x82\"}",
        "{\"\xff\":1}",
        "{\"a\":9223372036854775808}",
        "{\"a\":-9223372036854775809}",
        "{\"a\":1e999}",
        "{\"a\":123456789012345678901234567890}",
        "/* c */{}",
        "{\"a\":1 // c\n}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_malformed(*state, bad[i], strlen(bad[i]));
}

static void nul_bytes(void **state)
{
    assert_malformed(*state, "{\"a\":1\0}", 8);
    assert_malformed(*state, "{\"a\":1}\0", 8);
    assert_malformed(*state, "\0{}", 3);
    assert_malformed(*state, "{\"a\":\"x\0y\"}", 11);
}

static const char *nested(apr_pool_t *pool, int depth, const char *open, const char *close)
{
    const char *text = apr_psprintf(pool, "{\"a\":");
    for (int i = 1; i < depth; i++)
        text = apr_pstrcat(pool, text, open, NULL);
    text = apr_pstrcat(pool, text, "1", NULL);
    for (int i = 1; i < depth; i++)
        text = apr_pstrcat(pool, text, close, NULL);
    return apr_pstrcat(pool, text, "}", NULL);
}

static void depth(void **state)
{
    static const struct {
        const char *open, *close;
    } kinds[] = {{"[", "]"}, {"{\"b\":", "}"}};
    for (int i = 0; i < 2; i++) {
        good(*state, nested(*state, BODY_MAX_DEPTH, kinds[i].open, kinds[i].close));
        const char *deep = nested(*state, BODY_MAX_DEPTH + 1, kinds[i].open, kinds[i].close);
        assert_malformed(*state, deep, strlen(deep));
    }
    /* Brackets in strings nest nothing, escaped quotes end no string. */
    good(*state, "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}");
    good(*state, "{\"a\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\\\"}");
    good(*state,
         "{\"a\":[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]}");
    char *huge = apr_palloc(*state, BODY_MAX_BYTES);
    memset(huge, '[', BODY_MAX_BYTES);
    assert_malformed(*state, huge, BODY_MAX_BYTES);
}

static void no_object(void **state)
{
    static const char *const bad[] = {"[]", "[{}]", "1", "\"a\"", "null", "true", " [ ] ", "-0.5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *json = NULL;
        problem_t *problem = parse(*state, bad[i], strlen(bad[i]), &json);
        assert_non_null(problem);
        assert_int_equal(problem->status, 422);
        assert_string_equal(problem->code, "validation-failed");
        assert_string_equal(problem->fields->pointer, "");
        assert_null(json);
    }
}

static void well_formed(void **state)
{
    good(*state, "{}");
    good(*state, " \t\r\n{ }\n");
    json_t *json = good(*state, "{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":\"\\ud83d\\ude00é\"}");
    assert_true(json_integer_value(json_object_get(json, "a")) == INT64_MAX);
    assert_true(json_integer_value(json_object_get(json, "b")) == INT64_MIN);
    assert_string_equal(json_string_value(json_object_get(json, "c")), "😀é");
}

/* The sentence says where, and never what: bodies hold passwords. */
static void details_quote_nothing(void **state)
{
    static const char *const bad[] = {"{\"password\": hunter2}", "{\"password\":\"hunter2\nx\"}",
                                      "{\"hunter2\":1,\"hunter2\":2}", "{\"a\":1} hunter2"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *json = NULL;
        problem_t *problem = parse(*state, bad[i], strlen(bad[i]), &json);
        assert_non_null(problem);
        assert_null(strstr(problem->detail, "hunter"));
        assert_non_null(strstr(problem->detail, "line "));
    }
}

typedef struct thing {
    const char *name, *secret;
    int64_t count, price;
    int active;
    const json_t *lines;
} thing;

static const field table[] = {{"name", FIELD_TEXT, true, 1, 5, offsetof(thing, name)},
                              {"secret", FIELD_SECRET, false, 0, 0, offsetof(thing, secret)},
                              {"count", FIELD_INT, false, -3, 100, offsetof(thing, count)},
                              {"price", FIELD_MONEY, false, 1, 100000, offsetof(thing, price)},
                              {"active", FIELD_BOOL, false, 0, 0, offsetof(thing, active)},
                              {"lines", FIELD_JSON, false, 0, 0, offsetof(thing, lines)},
                              {NULL, FIELD_TEXT, false, 0, 0, 0}};

static const thing untouched = {"-", "-", -77, -77, -77, NULL};

static thing read_fields(apr_pool_t *pool, const char *text, uint64_t *seen, problem_t **problem)
{
    thing target = untouched;
    *problem = NULL;
    *seen = body_fields(pool, good(pool, text), "", table, 2, &target, problem);
    return target;
}

static thing read_good(apr_pool_t *pool, const char *text, uint64_t expected)
{
    uint64_t seen;
    problem_t *problem;
    thing target = read_fields(pool, text, &seen, &problem);
    if (problem)
        fail_msg("%s: %s %s", text, problem->fields->pointer, problem->fields->detail);
    assert_int_equal(seen, expected);
    return target;
}

static void all_fields(void **state)
{
    thing target =
        read_good(*state,
                  "{\"name\":\"  Mug \\t\",\"secret\":\" p\\tw \",\"count\":7,\"price\":9.99,\"active\":true,"
                  "\"lines\":[1],\"other\":{}}",
                  63);
    assert_string_equal(target.name, "Mug");
    assert_string_equal(target.secret, " p\tw ");
    assert_int_equal(target.count, 7);
    assert_int_equal(target.price, 999);
    assert_int_equal(target.active, 1);
    assert_int_equal(json_array_size(target.lines), 1);
}

static void absent_fields(void **state)
{
    thing target = read_good(*state, "{\"name\":\"éééé€\"}", 1);
    assert_string_equal(target.name, "éééé€");
    assert_string_equal(target.secret, "-");
    assert_int_equal(target.count, -77);
    assert_int_equal(target.price, -77);
    assert_int_equal(target.active, -77);
    assert_null(target.lines);
    target = read_good(
        *state, "{\"name\":\"x\",\"secret\":null,\"count\":null,\"price\":null,\"active\":null,\"lines\":null}", 1);
    assert_int_equal(target.count, -77);
    target = read_good(*state, "{\"name\":\"x\",\"active\":false,\"count\":-3,\"price\":1000}", 1 + 4 + 8 + 16);
    assert_int_equal(target.active, 0);
    assert_int_equal(target.count, -3);
    assert_int_equal(target.price, 100000);
}

/* Remarks may have lines; nothing else of the control characters. */
static void remarks_of_several_lines(void **state)
{
    static const field rows[] = {{"note", FIELD_LINES, false, 1, 20, 0}, {NULL, 0, 0, 0, 0, 0}};
    const char *note = NULL;
    problem_t *problem = NULL;
    json_t *good = json_pack("{s:s}", "note", " a\r\n\tb\n"), *bad = json_pack("{s:s}", "note", "a\033b");
    body_fields(*state, good, "", rows, 2, &note, &problem);
    assert_null(problem);
    assert_string_equal(note, "a\r\n\tb");
    body_fields(*state, bad, "", rows, 2, &note, &problem);
    assert_non_null(problem);
    assert_string_equal(problem->fields->code, "invalid-characters");
    json_decref(good);
    json_decref(bad);
}

/* One wrong member: its code, a sentence, and its target left alone. */
static void wrong_values(void **state)
{
    static const struct {
        const char *member, *pointer, *code;
    } rows[] = {
        {"\"name\":\"\"", "/name", "too-short"},
        {"\"name\":\" \\n \"", "/name", "too-short"},
        {"\"name\":\"123456\"", "/name", "too-long"},
        {"\"name\":\"éééééé\"", "/name", "too-long"},
        {"\"name\":\"a\\nb\"", "/name", "invalid-characters"},
        {"\"name\":\"a\\u007f\"", "/name", "invalid-characters"},
        {"\"name\":\"a\\u0080b\"", "/name", "invalid-characters"},
        {"\"name\":\"a\\u001bb\"", "/name", "invalid-characters"},
        {"\"name\":null", "/name", "required"},
        {"\"name\":7", "/name", "wrong-type"},
        {"\"name\":[\"x\"]", "/name", "wrong-type"},
        {"\"x\":1", "/name", "required"},
        {"\"name\":\"x\",\"secret\":7", "/secret", "wrong-type"},
        {"\"name\":\"x\",\"secret\":{}", "/secret", "wrong-type"},
        {"\"name\":\"x\",\"count\":1.0", "/count", "wrong-type"},
        {"\"name\":\"x\",\"count\":1e0", "/count", "wrong-type"},
        {"\"name\":\"x\",\"count\":\"1\"", "/count", "wrong-type"},
        {"\"name\":\"x\",\"count\":true", "/count", "wrong-type"},
        {"\"name\":\"x\",\"count\":-4", "/count", "too-small"},
        {"\"name\":\"x\",\"count\":101", "/count", "too-large"},
        {"\"name\":\"x\",\"price\":\"9.99\"", "/price", "wrong-type"},
        {"\"name\":\"x\",\"price\":false", "/price", "wrong-type"},
        {"\"name\":\"x\",\"price\":9.999", "/price", "invalid-amount"},
        {"\"name\":\"x\",\"price\":-1", "/price", "invalid-amount"},
        {"\"name\":\"x\",\"price\":-0.01", "/price", "invalid-amount"},
        {"\"name\":\"x\",\"price\":9223372036854775807", "/price", "invalid-amount"},
        {"\"name\":\"x\",\"price\":1e300", "/price", "invalid-amount"},
        {"\"name\":\"x\",\"price\":0", "/price", "too-small"},
        {"\"name\":\"x\",\"price\":1000.01", "/price", "too-large"},
        {"\"name\":\"x\",\"active\":1", "/active", "wrong-type"},
        {"\"name\":\"x\",\"active\":\"true\"", "/active", "wrong-type"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t seen;
        problem_t *problem;
        thing target = read_fields(*state, apr_pstrcat(*state, "{", rows[i].member, "}", NULL), &seen, &problem);
        if (!problem || problem->status != 422 || strcmp(problem->fields->pointer, rows[i].pointer) != 0 ||
            strcmp(problem->fields->code, rows[i].code) != 0 || problem->fields->next || !*problem->fields->detail)
            fail_msg("%s: %s", rows[i].member, problem ? problem->fields->code : "accepted");
        assert_string_equal(target.secret, untouched.secret);
        assert_int_equal(target.count, untouched.count);
        assert_int_equal(target.price, untouched.price);
        assert_int_equal(target.active, untouched.active);
    }
}

static void all_wrong_at_once(void **state)
{
    uint64_t seen;
    problem_t *problem;
    read_fields(*state, "{\"name\":1,\"secret\":2,\"count\":\"\",\"price\":\"\",\"active\":\"\"}", &seen, &problem);
    static const char *const pointers[] = {"/name", "/secret", "/count", "/price", "/active"};
    const problem_field *at = problem->fields;
    for (int i = 0; i < 5; i++, at = at->next) {
        assert_non_null(at);
        assert_string_equal(at->pointer, pointers[i]);
    }
    assert_null(at);
    assert_int_equal(seen, 31);
}

static void prefix_and_currency(void **state)
{
    thing target = untouched;
    problem_t *problem = NULL;
    body_fields(*state, good(*state, "{\"count\":1,\"price\":5}"), "/items/3", table, 0, &target, &problem);
    assert_string_equal(problem->fields->pointer, "/items/3/name");
    assert_null(problem->fields->next);
    assert_int_equal(target.price, 5);
    body_fields(*state, good(*state, "{\"name\":\"x\",\"price\":5.5}"), "", table, 0, &target, &problem);
    assert_string_equal(problem->last_field->code, "invalid-amount");
}

static void canonical(void **state)
{
    size_t len = 0;
    json_t *one = good(*state, "{ \"b\":[1, 2.50,null], \"a\":{\"d\":true,\"c\":\"é\\u00e9\"} }");
    json_t *two = good(*state, "{\"a\":{\"c\":\"\\u00e9é\",\"d\":true},\"b\":[1,2.5,null]}");
    assert_string_equal(body_canonical(*state, one, &len), "{\"a\":{\"c\":\"éé\",\"d\":true},\"b\":[1,2.5,null]}");
    assert_int_equal(len, strlen(body_canonical(*state, two, &len)));
    assert_string_equal(body_canonical(*state, one, &len), body_canonical(*state, two, &len));
    json_t *other = good(*state, "{\"a\":{\"c\":\"éé\",\"d\":true},\"b\":[2.5,1,null]}");
    assert_string_not_equal(body_canonical(*state, one, &len), body_canonical(*state, other, &len));
}

UNIT_MAIN(pooled(malformed), pooled(nul_bytes), pooled(depth), pooled(no_object), pooled(well_formed),
          pooled(details_quote_nothing), pooled(all_fields), pooled(absent_fields), pooled(remarks_of_several_lines),
          pooled(wrong_values), pooled(all_wrong_at_once), pooled(prefix_and_currency), pooled(canonical))
