#include "problem.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#define TYPE_PREFIX "urn:mod-orders:problem:"

typedef struct problem_kind {
    const char *code, *title;
    int status;
    int retry_after; /* seconds after which trying again makes sense, where nothing can have happened yet */
} problem_kind;

/* Every problem a client can meet. The first row stands in for codes that are none; of several rows with one status the
 * first stands for the bare status. */
static const problem_kind kinds[] = {
    {"internal-error", "Internal error", 500, 0},
    {"malformed-request", "Malformed request", 400, 0},
    {"malformed-json", "Malformed JSON", 400, 0},
    {"invalid-parameter", "Invalid query parameter", 400, 0},
    {"invalid-cursor", "Invalid cursor", 400, 0},
    {"idempotency-key-required", "Idempotency-Key required", 400, 0},
    {"idempotency-key-invalid", "Invalid Idempotency-Key", 400, 0},
    {"sign-in-required", "Sign-in required", 401, 0},
    {"session-invalid", "Session invalid or expired", 401, 0},
    {"wrong-credentials", "Wrong e-mail or password", 401, 0},
    {"forbidden", "Forbidden", 403, 0},
    {"csrf-token-invalid", "CSRF token missing or invalid", 403, 0},
    {"not-found", "Not found", 404, 0},
    {"method-not-allowed", "Method not allowed", 405, 0},
    {"request-timeout", "Request timeout", 408, 0},
    {"email-taken", "E-mail address taken", 409, 0},
    {"own-role", "Own role cannot be changed", 409, 0},
    {"insufficient-stock", "Insufficient stock", 409, 0},
    {"product-unavailable", "Product unavailable", 409, 0},
    {"invalid-transition", "Invalid transition", 409, 0},
    {"payment-required", "Payment required", 409, 0},
    {"payment-final", "Payment is final", 409, 0},
    {"price-changed", "Price changed", 409, 0},
    {"stock-out-of-range", "Stock out of range", 409, 0},
    {"length-required", "Content-Length required", 411, 0},
    {"version-mismatch", "Version mismatch", 412, 0},
    {"body-too-large", "Body too large", 413, 0},
    {"uri-too-long", "URI too long", 414, 0},
    {"unsupported-media-type", "Unsupported media type", 415, 0},
    {"expectation-failed", "Expectation failed", 417, 0},
    {"validation-failed", "Validation failed", 422, 0},
    {"wrong-password", "Wrong password", 422, 0},
    {"idempotency-key-reused", "Idempotency-Key reused with another body", 422, 0},
    {"total-too-large", "Total too large", 422, 0},
    {"too-many-requests", "Too many requests", 429, 1},
    {"headers-too-large", "Header fields too large", 431, 0},
    {"not-implemented", "Not implemented", 501, 0},
    {"bad-gateway", "Bad gateway", 502, 0},
    {"busy", "Busy", 503, 1},
    {"database-unavailable", "Database unavailable", 503, 2},
    {"replica-set-required", "Database is no replica set", 503, 2},
    {"outcome-unknown", "Outcome unknown", 503, 0},
    {"not-attempted", "Not attempted", 503, 0},
    {"gateway-timeout", "Gateway timeout", 504, 0},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static const problem_kind *kind_of_code(const char *code)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].code, code) == 0)
            return &kinds[i];
    return &kinds[0];
}

static const problem_kind *kind_of_status(int status)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].status == status)
            return &kinds[i];
    return kind_of_code(status >= 400 && status < 500 ? "malformed-request" : "internal-error");
}

static problem_t *problem_of_kind(apr_pool_t *pool, const problem_kind *kind)
{
    problem_t *problem = apr_pcalloc(pool, sizeof *problem);
    problem->pool = pool;
    problem->code = kind->code;
    problem->status = kind->status;
    problem->title = kind->title;
    problem->retry_after = kind->retry_after;
    out_init(&problem->members, pool);
    return problem;
}

problem_t *problem_make(apr_pool_t *pool, const char *code, const char *fmt, ...)
{
    problem_t *problem = problem_of_kind(pool, kind_of_code(code));
    if (fmt) {
        va_list args;
        va_start(args, fmt);
        problem->detail = apr_pvsprintf(pool, fmt, args);
        va_end(args);
    }
    return problem;
}

problem_t *problem_of_status(apr_pool_t *pool, int status, const char *detail)
{
    problem_t *problem = problem_of_kind(pool, kind_of_status(status));
    if (status >= 400 && status <= 599)
        problem->status = status;
    problem->detail = detail;
    return problem;
}

void problem_field_add(problem_t **where, apr_pool_t *pool, const char *pointer, const char *code, const char *fmt, ...)
{
    if (!*where)
        *where = problem_of_kind(pool, kind_of_code("validation-failed"));
    problem_t *problem = *where;
    problem_field *field = apr_pcalloc(problem->pool, sizeof *field);
    va_list args;
    va_start(args, fmt);
    field->pointer = apr_pstrdup(problem->pool, pointer);
    field->code = code;
    field->detail = apr_pvsprintf(problem->pool, fmt, args);
    va_end(args);
    if (problem->last_field)
        problem->last_field->next = field;
    else
        problem->fields = field;
    problem->last_field = field;
}

out_t *problem_member(problem_t *problem, const char *name)
{
    out_char(&problem->members, ',');
    out_json_str(&problem->members, name);
    out_char(&problem->members, ':');
    return &problem->members;
}

/* The sentence for people: the maker's own, else one about the bad fields. NULL when there is nothing to say. */
static const char *detail_of(const problem_t *problem)
{
    const problem_field *field = problem->fields;
    if (problem->detail || !field)
        return problem->detail;
    bool in_body = *field->pointer == '/' || *field->pointer == '\0';
    if (!field->next) {
        const char *name = field->pointer + (*field->pointer == '/');
        return *name ? apr_psprintf(problem->pool, "%s: %s", name, field->detail) : field->detail;
    }
    int count = 0;
    for (; field; field = field->next)
        count++;
    return apr_psprintf(problem->pool, "%d %s are invalid; errors names each.", count,
                        in_body ? "fields" : "parameters");
}

static void write_fields(out_t *out, const problem_field *field)
{
    out_lit(out, ",\"errors\":[");
    for (const char *separator = ""; field; field = field->next, separator = ",") {
        out_str(out, separator);
        out_lit(out, "{\"pointer\":");
        out_json_str(out, field->pointer);
        out_lit(out, ",\"code\":");
        out_json_str(out, field->code);
        out_lit(out, ",\"detail\":");
        out_json_str(out, field->detail);
        out_char(out, '}');
    }
    out_char(out, ']');
}

void problem_write(out_t *out, const problem_t *problem, const char *instance)
{
    const char *detail = detail_of(problem);
    out_lit(out, "{\"type\":\"" TYPE_PREFIX);
    out_str(out, problem->code);
    out_lit(out, "\",\"title\":");
    out_json_str(out, problem->title);
    out_lit(out, ",\"status\":");
    out_int(out, problem->status);
    if (detail) {
        out_lit(out, ",\"detail\":");
        out_json_str(out, detail);
    }
    out_lit(out, ",\"code\":");
    out_json_str(out, problem->code);
    if (instance) {
        out_lit(out, ",\"instance\":");
        out_json_str(out, instance);
    }
    for (const out_block *block = problem->members.first; block; block = block->next)
        out_mem(out, block->data, block->len);
    if (problem->fields)
        write_fields(out, problem->fields);
    out_char(out, '}');
}
