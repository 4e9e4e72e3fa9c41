#include "csv.h"

#include <string.h>

void csv_next(out_t *out, bool first)
{
    if (!first)
        out_char(out, ',');
}

/* Spreadsheets take text that starts like this for a formula and run it; a leading apostrophe makes it text. */
static bool is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text);
}

void csv_text(out_t *out, const char *text, bool first)
{
    csv_next(out, first);
    if (!text)
        return;
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted)
        out_char(out, '"');
    if (is_formula(text))
        out_char(out, '\'');
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        out_mem(out, text, (size_t)(quote - text));
        out_lit(out, "\"\"");
    }
    out_str(out, text);
    if (quoted)
        out_char(out, '"');
}

void csv_end(out_t *out)
{
    out_lit(out, "\r\n");
}
