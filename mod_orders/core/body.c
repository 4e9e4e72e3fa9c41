#include "body.h"

#include <apr_strings.h>
#include <inttypes.h>
#include <string.h>
#include "money.h"
#include "terms.h"

/* Why jansson refused the text, in our words: its own would quote the input. */
static const char *parse_failure(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_invalid_utf8: return "The text is not valid UTF-8";
    case json_error_premature_end_of_input: return "The text ends too early";
    case json_error_end_of_input_expected: return "There is more text after the value";
    case json_error_null_character:
    case json_error_null_byte_in_key: return "The character U+0000 is not allowed";
    case json_error_duplicate_key: return "An object names the same member twice";
    case json_error_numeric_overflow: return "A number is out of range (integers are 64 bits wide)";
    case json_error_stack_overflow: return "Objects and arrays are nested too deeply";
    default: return "The text is not valid JSON";
    }
}

/* What must be found before the parser runs: NUL bytes, which jansson takes after a number, and deep nesting.
 * NULL when neither is there. */
static const char *scan(const char *text, size_t len)
{
    int depth = 0;
    bool in_string = false;
    if (memchr(text, '\0', len))
        return "A NUL byte is not allowed";
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '"')
            in_string = !in_string;
        else if (in_string)
            i += c == '\\';
        else if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        if (depth > BODY_MAX_DEPTH)
            return "Objects and arrays may be nested " APR_STRINGIFY(BODY_MAX_DEPTH) " deep at most";
    }
    return NULL;
}

static apr_status_t release_json(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

problem_t *body_parse(apr_pool_t *pool, const char *text, size_t len, json_t **json)
{
    json_error_t error;
    const char *refused = scan(text, len);
    if (refused)
        return problem_make(pool, "malformed-json", "%s.", refused);
    json_t *parsed = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!parsed)
        return problem_make(pool, "malformed-json", "%s (line %d, column %d).", parse_failure(&error), error.line,
                            error.column);
    apr_pool_cleanup_register(pool, parsed, release_json, apr_pool_cleanup_null);
    if (!json_is_object(parsed)) {
        problem_t *problem = NULL;
        problem_field_add(&problem, pool, "", "wrong-type", "The body must be a JSON object.");
        return problem;
    }
    *json = parsed;
    return NULL;
}

/* One member under inspection. */
typedef struct reading {
    apr_pool_t *pool;
    const field *row;
    const char *pointer;
    int exponent;
    char *target; /* the member's place */
    problem_t **problem;
} reading;

static void bad(const reading *in, const char *code, const char *detail)
{
    problem_field_add(in->problem, in->pool, in->pointer, code, "%s", detail);
}

/* C0, DEL and C1: they break logs, tables and e-mails. `text` is valid UTF-8. */
static bool has_controls(const char *text, bool lines_too)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (lines_too && (*p == '\n' || *p == '\r' || *p == '\t'))
            continue;
        if (*p < 0x20 || *p == 0x7F || (*p == 0xC2 && p[1] < 0xA0))
            return true;
    }
    return false;
}

static int64_t count_code_points(const char *text)
{
    int64_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void read_text(const reading *in, const json_t *value)
{
    if (!json_is_string(value)) {
        bad(in, "wrong-type", "Must be a string.");
        return;
    }
    const char *text = terms_trim(in->pool, json_string_value(value));
    int64_t length = count_code_points(text);
    bool lines = in->row->kind == FIELD_LINES;
    if (has_controls(text, lines))
        bad(in, "invalid-characters",
            lines ? "Must not contain control characters other than line breaks and tabs."
                  : "Must not contain control characters, line breaks included.");
    else if (length == 0 && in->row->min > 0)
        problem_field_add(in->problem, in->pool, in->pointer, "too-short",
                          "Must not be blank; allowed are %" PRId64 " to %" PRId64 " characters.", in->row->min,
                          in->row->max);
    else if (length < in->row->min || length > in->row->max)
        problem_field_add(in->problem, in->pool, in->pointer, length < in->row->min ? "too-short" : "too-long",
                          "Must have %" PRId64 " to %" PRId64 " characters, not %" PRId64 ".", in->row->min,
                          in->row->max, length);
    else
        memcpy(in->target, &text, sizeof text);
}

static void read_secret(const reading *in, const json_t *value)
{
    if (!json_is_string(value)) {
        bad(in, "wrong-type", "Must be a string.");
        return;
    }
    const char *text = apr_pstrmemdup(in->pool, json_string_value(value), json_string_length(value));
    memcpy(in->target, &text, sizeof text);
}

static void read_int(const reading *in, const json_t *value)
{
    if (!json_is_integer(value)) {
        bad(in, "wrong-type", "Must be an integer, written without a decimal point.");
        return;
    }
    int64_t number = json_integer_value(value);
    if (number < in->row->min || number > in->row->max)
        problem_field_add(in->problem, in->pool, in->pointer, number < in->row->min ? "too-small" : "too-large",
                          "Must be from %" PRId64 " to %" PRId64 ".", in->row->min, in->row->max);
    else
        memcpy(in->target, &number, sizeof number);
}

static const char *money_text(const reading *in, int64_t minor)
{
    out_t out;
    out_init(&out, in->pool);
    out_money(&out, minor, in->exponent);
    return out_text(&out, NULL);
}

static void read_money(const reading *in, const json_t *value)
{
    int64_t minor = 0;
    if (!json_is_number(value)) {
        bad(in, "wrong-type", "Must be a number.");
        return;
    }
    int result = json_is_integer(value) ? money_from_int(json_integer_value(value), in->exponent, &minor)
                                        : money_from_double(json_real_value(value), in->exponent, &minor);
    if (result != 0)
        problem_field_add(in->problem, in->pool, in->pointer, "invalid-amount",
                          "Must be an amount from %s to %s with at most %d decimals.", money_text(in, in->row->min),
                          money_text(in, in->row->max), in->exponent);
    else if (minor < in->row->min || minor > in->row->max)
        problem_field_add(in->problem, in->pool, in->pointer, minor < in->row->min ? "too-small" : "too-large",
                          "Must be from %s to %s.", money_text(in, in->row->min), money_text(in, in->row->max));
    else
        memcpy(in->target, &minor, sizeof minor);
}

static void read_bool(const reading *in, const json_t *value)
{
    int truth = json_is_true(value);
    if (!json_is_boolean(value))
        bad(in, "wrong-type", "Must be true or false.");
    else
        memcpy(in->target, &truth, sizeof truth);
}

static void read_member(const reading *in, const json_t *value)
{
    switch (in->row->kind) {
    case FIELD_TEXT:
    case FIELD_LINES: read_text(in, value); break;
    case FIELD_SECRET: read_secret(in, value); break;
    case FIELD_INT: read_int(in, value); break;
    case FIELD_MONEY: read_money(in, value); break;
    case FIELD_BOOL: read_bool(in, value); break;
    case FIELD_JSON: *(const json_t **)(void *)in->target = value; break;
    }
}

uint64_t body_fields(apr_pool_t *pool, const json_t *object, const char *at, const field *table, int exponent,
                     void *target, problem_t **problem)
{
    uint64_t seen = 0;
    for (int i = 0; table[i].name; i++) {
        const field *row = &table[i];
        const json_t *value = json_object_get(object, row->name);
        reading in = {pool,   row, apr_pstrcat(pool, at, "/", row->name, NULL), exponent, (char *)target + row->offset,
                      problem};
        if (value && !json_is_null(value)) {
            seen |= UINT64_C(1) << i;
            read_member(&in, value);
        } else if (row->required) {
            bad(&in, "required", "This member is required.");
        }
    }
    return seen;
}

static int append_text(const char *text, size_t size, void *out)
{
    out_mem(out, text, size);
    return 0;
}

const char *body_canonical(apr_pool_t *pool, const json_t *json, size_t *len)
{
    out_t out;
    out_init(&out, pool);
    if (json_dump_callback(json, append_text, &out, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) != 0)
        return NULL;
    return out_text(&out, len);
}
