/* Problem documents: read back by a JSON parser, member by member. */
#include "unit.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include "core/problem.h"

static json_t *parsed(const problem_t *problem)
{
    out_t out;
    out_init(&out, problem->pool);
    problem_write(&out, problem, "req-1");
    json_error_t error;
    json_t *json = json_loads(out_text(&out, NULL), JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s in %s", error.text, out_text(&out, NULL));
    return json;
}

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

/* The contract's registry, in a form of its own. */
static const struct {
    int status, retry_after;
    const char *codes;
} registry[] = {
    {400, 0,
     "malformed-request malformed-json invalid-parameter invalid-cursor idempotency-key-required "
     "idempotency-key-invalid"},
    {401, 0, "sign-in-required session-invalid wrong-credentials"},
    {403, 0, "forbidden csrf-token-invalid"},
    {404, 0, "not-found"},
    {405, 0, "method-not-allowed"},
    {408, 0, "request-timeout"},
    {409, 0,
     "email-taken own-role insufficient-stock product-unavailable invalid-transition payment-required payment-final "
     "price-changed stock-out-of-range"},
    {411, 0, "length-required"},
    {412, 0, "version-mismatch"},
    {413, 0, "body-too-large"},
    {414, 0, "uri-too-long"},
    {415, 0, "unsupported-media-type"},
    {417, 0, "expectation-failed"},
    {422, 0, "validation-failed wrong-password idempotency-key-reused total-too-large"},
    {429, 1, "too-many-requests"},
    {431, 0, "headers-too-large"},
    {500, 0, "internal-error"},
    {501, 0, "not-implemented"},
    {502, 0, "bad-gateway"},
    {503, 1, "busy"},
    {503, 2, "database-unavailable replica-set-required"},
    {503, 0, "outcome-unknown not-attempted"},
    {504, 0, "gateway-timeout"},
};

#define REGISTRY_ROWS (sizeof registry / sizeof registry[0])

static void check_code(apr_pool_t *pool, const char *code, int status, int retry_after)
{
    char type[100] = "urn:mod-orders:problem:";
    problem_t *problem = problem_make(pool, code, "It is %d.", 5);
    assert_string_equal(problem->code, code);
    assert_int_equal(problem->status, status);
    assert_int_equal(problem->retry_after, retry_after);
    json_t *json = parsed(problem);
    assert_string_equal(text_of(json, "type"), strcat(type, code));
    assert_string_equal(text_of(json, "code"), code);
    assert_int_equal(json_integer_value(json_object_get(json, "status")), status);
    assert_string_equal(text_of(json, "title"), problem->title);
    assert_true(strlen(problem->title) > 3);
    assert_string_equal(text_of(json, "detail"), "It is 5.");
    assert_string_equal(text_of(json, "instance"), "req-1");
    assert_null(json_object_get(json, "errors"));
    json_decref(json);
}

static void every_code(void **state)
{
    for (size_t i = 0; i < REGISTRY_ROWS; i++) {
        char codes[256], *rest = NULL;
        strcpy(codes, registry[i].codes);
        for (char *code = strtok_r(codes, " ", &rest); code; code = strtok_r(NULL, " ", &rest))
            check_code(*state, code, registry[i].status, registry[i].retry_after);
    }
}

static void unknown_code_is_an_internal_error(void **state)
{
    problem_t *problem = problem_make(*state, "no-such-code", "%s", "x");
    assert_string_equal(problem->code, "internal-error");
    assert_int_equal(problem->status, 500);
}

static void bare_statuses(void **state)
{
    static const struct {
        int status, as;
        const char *code;
    } rows[] = {
        {400, 400, "malformed-request"},
        {401, 401, "sign-in-required"},
        {403, 403, "forbidden"},
        {404, 404, "not-found"},
        {405, 405, "method-not-allowed"},
        {408, 408, "request-timeout"},
        {411, 411, "length-required"},
        {413, 413, "body-too-large"},
        {414, 414, "uri-too-long"},
        {415, 415, "unsupported-media-type"},
        {417, 417, "expectation-failed"},
        {429, 429, "too-many-requests"},
        {431, 431, "headers-too-large"},
        {500, 500, "internal-error"},
        {501, 501, "not-implemented"},
        {502, 502, "bad-gateway"},
        {503, 503, "busy"},
        {504, 504, "gateway-timeout"},
        {402, 402, "malformed-request"},
        {426, 426, "malformed-request"},
        {505, 505, "internal-error"},
        {599, 599, "internal-error"},
        {200, 500, "internal-error"},
        {0, 500, "internal-error"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        problem_t *problem = problem_of_status(*state, rows[i].status, i % 2 ? "Why." : NULL);
        assert_string_equal(problem->code, rows[i].code);
        json_t *json = parsed(problem);
        assert_int_equal(json_integer_value(json_object_get(json, "status")), rows[i].as);
        assert_true(i % 2 ? strcmp(text_of(json, "detail"), "Why.") == 0 : !json_object_get(json, "detail"));
        json_decref(json);
    }
}

static void one_bad_field(void **state)
{
    problem_t *problem = NULL;
    problem_field_add(&problem, *state, "/items/0/quantity", "out-of-range", "Must be %d to %d.", 1, 10000);
    assert_string_equal(problem->code, "validation-failed");
    json_t *json = parsed(problem), *errors = json_object_get(json, "errors");
    assert_string_equal(text_of(json, "detail"), "items/0/quantity: Must be 1 to 10000.");
    assert_int_equal(json_array_size(errors), 1);
    assert_string_equal(text_of(json_array_get(errors, 0), "pointer"), "/items/0/quantity");
    assert_string_equal(text_of(json_array_get(errors, 0), "code"), "out-of-range");
    assert_string_equal(text_of(json_array_get(errors, 0), "detail"), "Must be 1 to 10000.");
    json_decref(json);
}

static void many_bad_fields(void **state)
{
    problem_t *problem = NULL;
    problem_field_add(&problem, *state, "/name", "required", "Is missing.");
    problem_t *first = problem;
    problem_field_add(&problem, *state, "/a~1b \"q\"", "type", "Must be text, not \"%s\".", "\n");
    assert_ptr_equal(problem, first);
    json_t *json = parsed(problem), *errors = json_object_get(json, "errors");
    assert_memory_equal(text_of(json, "detail"), "2 fields are invalid", 20);
    assert_int_equal(json_array_size(errors), 2);
    assert_string_equal(text_of(json_array_get(errors, 0), "pointer"), "/name");
    assert_string_equal(text_of(json_array_get(errors, 1), "pointer"), "/a~1b \"q\"");
    assert_string_equal(text_of(json_array_get(errors, 1), "detail"), "Must be text, not \"\n\".");
    json_decref(json);
}

static void fields_of_another_problem(void **state)
{
    problem_t *problem = problem_make(*state, "invalid-parameter", NULL);
    problem_field_add(&problem, *state, "limit", "out-of-range", "Must be 1 to 100.");
    problem_field_add(&problem, *state, "after", "form", "Is no id.");
    json_t *json = parsed(problem);
    assert_string_equal(text_of(json, "code"), "invalid-parameter");
    assert_memory_equal(text_of(json, "detail"), "2 parameters are invalid", 24);
    json_decref(json);
    problem = problem_make(*state, "invalid-parameter", "Own words.");
    problem_field_add(&problem, *state, "limit", "out-of-range", "Must be 1 to 100.");
    json = parsed(problem);
    assert_string_equal(text_of(json, "detail"), "Own words.");
    json_decref(json);
}

/* The pointer's text may be the caller's scratch space. */
static void field_texts_are_copied(void **state)
{
    char pointer[] = "/items/0";
    problem_t *problem = NULL;
    problem_field_add(&problem, *state, pointer, "x", "%s", pointer);
    memset(pointer, 'z', sizeof pointer - 1);
    assert_string_equal(problem->fields->pointer, "/items/0");
    assert_string_equal(problem->fields->detail, "/items/0");
}

static void further_members(void **state)
{
    problem_t *problem = problem_make(*state, "invalid-transition", "No.");
    out_json_str(problem_member(problem, "from"), "pending");
    out_lit(problem_member(problem, "allowed"), "[\"a\",\"b\"]");
    out_t *large = problem_member(problem, "large");
    out_char(large, '"');
    for (int i = 0; i < 3 * OUT_BLOCK_SIZE; i++)
        out_char(large, 'x');
    out_char(large, '"');
    out_int(problem_member(problem, "currentVersion"), 7);
    json_t *json = parsed(problem);
    assert_string_equal(text_of(json, "from"), "pending");
    assert_int_equal(json_array_size(json_object_get(json, "allowed")), 2);
    assert_int_equal(json_string_length(json_object_get(json, "large")), 3 * OUT_BLOCK_SIZE);
    assert_int_equal(json_integer_value(json_object_get(json, "currentVersion")), 7);
    json_decref(json);
}

/* Details may quote what a client sent, whatever it was. */
static void any_text_stays_json(void **state)
{
    problem_t *problem = problem_make(*state, "not-found", "%s", "\"\\\x01\xFF\xC3</script>");
    json_t *json = parsed(problem);
    assert_non_null(strstr(text_of(json, "detail"), "</script>"));
    json_decref(json);
}

UNIT_MAIN(pooled(every_code), pooled(unknown_code_is_an_internal_error), pooled(bare_statuses), pooled(one_bad_field),
          pooled(many_bad_fields), pooled(fields_of_another_problem), pooled(field_texts_are_copied),
          pooled(further_members), pooled(any_text_stays_json))
