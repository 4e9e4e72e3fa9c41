#include "out.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void out_init(out_t *out, apr_pool_t *pool)
{
    out->pool = pool;
    out->first = out->last = NULL;
    out->total = 0;
}

/* The first block comes with the first byte: many a buffer (a problem's members) stays empty. */
static out_block *add_block(out_t *out)
{
    out_block *block = apr_palloc(out->pool, sizeof *block);
    block->data = apr_palloc(out->pool, OUT_BLOCK_SIZE);
    block->size = OUT_BLOCK_SIZE;
    block->len = 0;
    block->next = NULL;
    if (out->last)
        out->last->next = block;
    else
        out->first = block;
    out->last = block;
    return block;
}

void out_mem_spill(out_t *out, const void *data, size_t len)
{
    const char *rest = data;
    out->total += len;
    while (len) {
        out_block *block = out->last;
        if (!block || block->len == block->size)
            block = add_block(out);
        size_t part = block->size - block->len;
        if (part > len)
            part = len;
        memcpy(block->data + block->len, rest, part);
        block->len += part;
        rest += part;
        len -= part;
    }
}

void out_str(out_t *out, const char *text)
{
    out_mem(out, text, strlen(text));
}

/* The digits of `value`, at least `width` of them, ending just before `end`; returns where they start. */
static char *digits_before(char *end, uint64_t value, int width)
{
    char *start = end;
    do {
        *--start = (char)('0' + value % 10);
        value /= 10;
        width--;
    } while (value || width > 0);
    return start;
}

/* INT64_MIN has no positive counterpart in int64_t, but one in uint64_t. */
static uint64_t magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

void out_int(out_t *out, int64_t value)
{
    char text[24], *end = text + sizeof text;
    char *start = digits_before(end, magnitude(value), 1);
    if (value < 0)
        *--start = '-';
    out_mem(out, start, (size_t)(end - start));
}

void out_money(out_t *out, int64_t minor, int exponent)
{
    char text[32], *end = text + sizeof text;
    char *start = digits_before(end, magnitude(minor), exponent + 1);
    if (exponent > 0) {
        size_t whole = (size_t)(end - start) - (size_t)exponent;
        memmove(start - 1, start, whole);
        start--;
        start[whole] = '.';
    }
    if (minor < 0)
        *--start = '-';
    out_mem(out, start, (size_t)(end - start));
}

void out_fmt(out_t *out, const char *fmt, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, fmt, args);
    if (len >= 0 && (size_t)len < sizeof small) {
        out_mem(out, small, (size_t)len);
    } else if (len >= 0) {
        char *large = apr_palloc(out->pool, (size_t)len + 1);
        (void)vsnprintf(large, (size_t)len + 1, fmt, again);
        out_mem(out, large, (size_t)len);
    }
    va_end(again);
    va_end(args);
}

static bool continues(const unsigned char *p, const unsigned char *end, size_t count)
{
    if ((size_t)(end - p) < count)
        return false;
    for (size_t i = 0; i < count; i++)
        if ((p[i] & 0xC0) != 0x80)
            return false;
    return true;
}

/* The length of the well-formed UTF-8 sequence at `p` (RFC 3629: no overlong forms, surrogates, or values past
 * U+10FFFF), or 0 when there is none. */
static size_t utf8_length(const unsigned char *p, const unsigned char *end)
{
    unsigned char lead = p[0];
    if (lead >= 0xC2 && lead <= 0xDF)
        return continues(p + 1, end, 1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (!continues(p + 1, end, 2) || (lead == 0xE0 && p[1] < 0xA0) || (lead == 0xED && p[1] > 0x9F))
            return 0;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (!continues(p + 1, end, 3) || (lead == 0xF0 && p[1] < 0x90) || (lead == 0xF4 && p[1] > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

static void escape_ascii(out_t *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    switch (c) {
    case '"': out_lit(out, "\\\""); break;
    case '\\': out_lit(out, "\\\\"); break;
    case '\b': out_lit(out, "\\b"); break;
    case '\f': out_lit(out, "\\f"); break;
    case '\n': out_lit(out, "\\n"); break;
    case '\r': out_lit(out, "\\r"); break;
    case '\t': out_lit(out, "\\t"); break;
    default: out_mem(out, text, sizeof text);
    }
}

/* Printable ASCII but for the two that JSON escapes. A table, for this is asked of every byte. */
static const bool is_plain[256] = {
    [' '] = true,
    ['!'] = true,
    ['#' ... '['] = true,
    [']' ... '~'] = true,
};

/* Runs of harmless bytes are copied whole. Bytes that are no UTF-8 become U+FFFD: whatever the input, the document stays JSON. */
void out_json_mem(out_t *out, const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + len, *run = p;
    while (p < end && is_plain[*p])
        p++;
    out_char(out, '"');
    while (p < end) {
        if (is_plain[*p]) {
            p++;
            continue;
        }
        size_t sequence = *p >= 0x80 ? utf8_length(p, end) : 0;
        if (sequence) {
            p += sequence;
            continue;
        }
        out_mem(out, run, (size_t)(p - run));
        if (*p >= 0x80)
            out_lit(out, "\xEF\xBF\xBD");
        else
            escape_ascii(out, *p);
        run = ++p;
    }
    out_mem(out, run, (size_t)(end - run));
    out_char(out, '"');
}

void out_json_str(out_t *out, const char *text)
{
    if (text)
        out_json_mem(out, text, strlen(text));
    else
        out_lit(out, "null");
}

#define MS_PER_DAY INT64_C(86400000)

typedef struct civil_date {
    int64_t year;
    unsigned month, day;
} civil_date;

/* Days since 1970-01-01 to a date of the proleptic Gregorian calendar. The year is taken to begin in March, so that the
 * leap day is its last one; an era is 400 years, which always have 146097 days. */
static civil_date civil_from_days(int64_t days)
{
    days += 719468; /* 0000-03-01 to 1970-01-01 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned march_month = (5 * day_of_year + 2) / 153;
    civil_date date = {
        .year = (int64_t)year_of_era + era * 400 + (march_month >= 10),
        .month = march_month < 10 ? march_month + 3 : march_month - 9,
        .day = day_of_year - (153 * march_month + 2) / 5 + 1,
    };
    return date;
}

static void put_two(char *at, unsigned value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
}

/* Years outside 0000 to 9999 get a sign and six digits, as ECMAScript writes and reads them. */
static void put_year(out_t *out, int64_t year)
{
    char text[24], *end = text + sizeof text;
    bool expanded = year < 0 || year > 9999;
    char *start = digits_before(end, magnitude(year), expanded ? 6 : 4);
    if (expanded)
        *--start = year < 0 ? '-' : '+';
    out_mem(out, start, (size_t)(end - start));
}

void out_time(out_t *out, int64_t ms)
{
    int64_t days = ms / MS_PER_DAY - (ms % MS_PER_DAY < 0);
    unsigned rest = (unsigned)((ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY);
    civil_date date = civil_from_days(days);
    char text[] = "-mm-ddThh:mm:ss.000Z";
    put_two(text + 1, date.month);
    put_two(text + 4, date.day);
    put_two(text + 7, rest / 3600000);
    put_two(text + 10, rest / 60000 % 60);
    put_two(text + 13, rest / 1000 % 60);
    digits_before(text + 19, rest % 1000, 3);
    put_year(out, date.year);
    out_mem(out, text, sizeof text - 1);
}

char *out_text(const out_t *out, size_t *len)
{
    char *text = apr_palloc(out->pool, out->total + 1), *end = text;
    for (const out_block *block = out->first; block; block = block->next) {
        memcpy(end, block->data, block->len);
        end += block->len;
    }
    *end = '\0';
    if (len)
        *len = out->total;
    return text;
}
