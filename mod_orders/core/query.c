#include "query.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "money.h"

void query_bad(problem_t **problem, apr_pool_t *pool, const char *name, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *detail = apr_pvsprintf(pool, fmt, args);
    va_end(args);
    if (!*problem)
        *problem = problem_make(pool, "invalid-parameter", "%s", detail);
    problem_field_add(problem, pool, name, "invalid-parameter", "%s", detail);
}

static const char *join(apr_pool_t *pool, const char *const *words)
{
    const char *list = NULL;
    for (; *words; words++)
        list = list ? apr_pstrcat(pool, list, ", ", *words, NULL) : *words;
    return list ? list : "none";
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(word, *words) == 0)
            return true;
    }
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place. False for a bad escape, NUL or invalid UTF-8. */
static bool decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from != '%') {
            *to = *from;
            if (*to == '+')
                *to = ' ';
            to++;
            continue;
        }
        int high = hex_digit(from[1]), low = high < 0 ? -1 : hex_digit(from[2]);
        if (low < 0)
            return false;
        *to++ = (char)(high * 16 + low);
        from += 2;
    }
    *to = '\0';
    return bson_utf8_validate(text, (size_t)(to - text), false);
}

static void take_pair(apr_pool_t *pool, char *pair, const char *const *allowed, apr_table_t *params,
                      problem_t **problem)
{
    char *value = strchr(pair, '=');
    if (value)
        *value++ = '\0';
    else
        value = pair + strlen(pair);
    if (!decode(pair))
        query_bad(problem, pool, "", "A parameter's name is not valid percent-encoded UTF-8; allowed are: %s.",
                  join(pool, allowed));
    else if (!is_one_of(pair, allowed))
        query_bad(problem, pool, pair, "There is no parameter '%s' here; allowed are: %s.", pair, join(pool, allowed));
    else if (apr_table_get(params, pair))
        query_bad(problem, pool, pair, "The parameter '%s' is given more than once; it is allowed once.", pair);
    else if (!decode(value))
        query_bad(problem, pool, pair,
                  "The value of '%s' is not valid percent-encoded UTF-8 (every %% takes two hex digits, no NUL).",
                  pair);
    else
        apr_table_set(params, pair, value);
}

problem_t *query_parse(apr_pool_t *pool, const char *args, const char *const *allowed, apr_table_t **params)
{
    problem_t *problem = NULL;
    char *state = NULL;
    *params = apr_table_make(pool, 8);
    if (!args)
        return NULL;
    char *copy = apr_pstrdup(pool, args);
    for (char *pair = apr_strtok(copy, "&", &state); pair; pair = apr_strtok(NULL, "&", &state))
        take_pair(pool, pair, allowed, *params, &problem);
    return problem;
}

/* The whole text as an integer of at most 18 digits. */
static bool parse_int(const char *text, int64_t *value)
{
    const char *digits = text + (*text == '-');
    size_t len = strlen(digits);
    if (len == 0 || len > 18 || strspn(digits, "0123456789") != len)
        return false;
    *value = strtoll(text, NULL, 10);
    return true;
}

void query_int(apr_pool_t *pool, const apr_table_t *params, const char *name, int64_t min, int64_t max, int *value,
               problem_t **problem)
{
    int64_t number;
    const char *text = apr_table_get(params, name);
    if (!text)
        return;
    if (!parse_int(text, &number) || number < min || number > max)
        query_bad(problem, pool, name, "'%s' must be a whole number from %" PRId64 " to %" PRId64 ".", name, min, max);
    else
        *value = (int)number;
}

void query_bool(apr_pool_t *pool, const apr_table_t *params, const char *name, int *value, problem_t **problem)
{
    const char *text = apr_table_get(params, name);
    if (!text)
        return;
    if (strcmp(text, "true") == 0)
        *value = 1;
    else if (strcmp(text, "false") == 0)
        *value = 0;
    else
        query_bad(problem, pool, name, "'%s' must be true or false.", name);
}

void query_time(apr_pool_t *pool, const apr_table_t *params, const char *name, int64_t *ms, problem_t **problem)
{
    const char *text = apr_table_get(params, name);
    if (text && iso_time_parse(text, ms) != 0)
        query_bad(problem, pool, name,
                  "'%s' must be a date (2026-01-31, which is midnight UTC) or a time with its zone "
                  "(2026-01-31T12:00:00Z or …+01:00, the + written %%2B).",
                  name);
}

void query_id(apr_pool_t *pool, const apr_table_t *params, const char *name, bson_oid_t *id, bool *seen,
              problem_t **problem)
{
    const char *text = apr_table_get(params, name);
    if (!text)
        return;
    if (strlen(text) != 24 || !bson_oid_is_valid(text, 24)) {
        query_bad(problem, pool, name, "'%s' must be an id of 24 hexadecimal digits.", name);
        return;
    }
    bson_oid_init_from_string(id, text);
    *seen = true;
}

void query_money(apr_pool_t *pool, const apr_table_t *params, const char *name, int exponent, int64_t *minor,
                 bool *seen, problem_t **problem)
{
    const char *text = apr_table_get(params, name);
    if (!text)
        return;
    if (money_from_text(text, exponent, minor) != 0)
        query_bad(problem, pool, name, "'%s' must be an amount of 0 or more with at most %d decimals.", name, exponent);
    else
        *seen = true;
}

void query_choice(apr_pool_t *pool, const apr_table_t *params, const char *name, const char *const *words, int *index,
                  problem_t **problem)
{
    const char *text = apr_table_get(params, name);
    if (!text)
        return;
    for (int i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *index = i;
            return;
        }
    }
    query_bad(problem, pool, name, "'%s' must be one of: %s.", name, join(pool, words));
}

/* Exactly `digits` decimal digits at *text, which moves past them. */
static bool take_number(const char **text, int digits, int max, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (!apr_isdigit(**text))
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return *value <= max;
}

static bool take_char(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years begin in March so that the leap day is last. */
static int64_t days_from_date(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * m + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **text, int64_t *days)
{
    int year, month, day;
    if (!take_number(text, 4, 9999, &year) || !take_char(text, '-') || !take_number(text, 2, 12, &month) ||
        !take_char(text, '-') || !take_number(text, 2, 31, &day))
        return false;
    if (month < 1 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

/* Seconds and their fraction, which may be left out; digits past milliseconds are dropped. */
static bool take_seconds(const char **text, int *ms)
{
    int seconds, scale = 100;
    *ms = 0;
    if (!take_char(text, ':'))
        return true;
    if (!take_number(text, 2, 59, &seconds))
        return false;
    *ms = seconds * 1000;
    if (!take_char(text, '.'))
        return true;
    if (!apr_isdigit(**text))
        return false;
    for (; apr_isdigit(**text); (*text)++, scale /= 10)
        *ms += (**text - '0') * scale;
    return true;
}

static bool take_zone(const char **text, int *minutes)
{
    int hour, minute, sign = **text == '-' ? -1 : 1;
    *minutes = 0;
    if (take_char(text, 'Z'))
        return true;
    if (!take_char(text, '+') && !take_char(text, '-'))
        return false;
    if (!take_number(text, 2, 23, &hour) || !take_char(text, ':') || !take_number(text, 2, 59, &minute))
        return false;
    *minutes = sign * (hour * 60 + minute);
    return true;
}

int iso_time_parse(const char *text, int64_t *ms)
{
    int64_t days;
    int hour = 0, minute = 0, second_ms = 0, zone = 0;
    if (!take_date(&text, &days))
        return -1;
    if (*text && (!take_char(&text, 'T') || !take_number(&text, 2, 23, &hour) || !take_char(&text, ':') ||
                  !take_number(&text, 2, 59, &minute) || !take_seconds(&text, &second_ms) || !take_zone(&text, &zone)))
        return -1;
    if (*text)
        return -1;
    *ms = days * 86400000 + (hour * 60 + minute - zone) * INT64_C(60000) + second_ms;
    return 0;
}
