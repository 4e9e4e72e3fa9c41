#include "ctl.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_blocks(const out_t *out, FILE *file)
{
    for (const out_block *block = out->first; block; block = block->next)
        fwrite(block->data, 1, block->len, file);
    fputc('\n', file);
}

void ctl_print(const out_t *out)
{
    write_blocks(out, stdout);
}

static int report(const ctl_t *ctl, int exit_code, const char *code, const char *detail)
{
    out_t out;
    fflush(stdout); /* so that a list on standard output stands before the sentence that ends it */
    if (!ctl->json) {
        fprintf(stderr, "ordersctl: %s\n", detail);
        return exit_code;
    }
    out_init(&out, ctl->pool);
    out_lit(&out, "{\"error\":{\"code\":");
    out_json_str(&out, code);
    out_lit(&out, ",\"detail\":");
    out_json_str(&out, detail);
    out_lit(&out, "}}");
    write_blocks(&out, stderr);
    return exit_code;
}

int ctl_fail(const ctl_t *ctl, int exit_code, const char *code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *detail = apr_pvsprintf(ctl->pool, fmt, args);
    va_end(args);
    return report(ctl, exit_code, code, detail);
}

int ctl_fail_problem(const ctl_t *ctl, const problem_t *problem)
{
    const char *detail = problem->detail ? problem->detail : problem->title;
    for (const problem_field *field = problem->fields; field; field = field->next)
        detail = apr_pstrcat(ctl->pool, detail, "\n  ", field->pointer, ": ", field->detail, NULL);
    if (problem->status < 500)
        return report(ctl, CTL_FINDING, problem->code, detail);
    return report(ctl, CTL_UNREACHABLE, problem->code, apr_pstrcat(ctl->pool, detail, ctl_complaint(ctl->pool), NULL));
}

int ctl_fail_driver(const ctl_t *ctl, const char *doing, const bson_error_t *error)
{
    return ctl_fail(ctl, CTL_UNREACHABLE, "database-failed", "the database failed while %s: %s", doing, error->message);
}
