/* Query strings and the checked values of their parameters. */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>
#include "problem.h"

/* Decodes `args` (may be NULL; application/x-www-form-urlencoded, as browsers' URLSearchParams writes it). 400 `invalid-parameter`
 * naming it for: a parameter not in `allowed` (NULL-terminated), one given twice, a bad %-escape, NUL, invalid UTF-8. */
problem_t *query_parse(apr_pool_t *pool, const char *args, const char *const *allowed, apr_table_t **params);

/* Each reads one parameter if it is there; an absent one leaves *value untouched. Errors: 400 `invalid-parameter`,
 * gathered in *problem's errors[] so that all bad ones are named at once. */
void query_int(apr_pool_t *pool, const apr_table_t *params, const char *name, int64_t min, int64_t max, int *value,
               problem_t **problem);
void query_bool(apr_pool_t *pool, const apr_table_t *params, const char *name, int *value, problem_t **problem);
void query_time(apr_pool_t *pool, const apr_table_t *params, const char *name, int64_t *ms,
                problem_t **problem); /* ISO 8601: date, or date and time with zone; → ms */
void query_id(apr_pool_t *pool, const apr_table_t *params, const char *name, bson_oid_t *id, bool *seen,
              problem_t **problem);
void query_money(apr_pool_t *pool, const apr_table_t *params, const char *name, int exponent, int64_t *minor,
                 bool *seen, problem_t **problem);
/* One of a NULL-terminated list of words → its index. */
void query_choice(apr_pool_t *pool, const apr_table_t *params, const char *name, const char *const *words, int *index,
                  problem_t **problem);
/* Adds one bad parameter to *problem (400 invalid-parameter). */
void query_bad(problem_t **problem, apr_pool_t *pool, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ISO 8601 → ms since the epoch; -1 when it is none. "2026-01-31", "2026-01-31T12:00:00Z", "…T12:00:00.5+01:00" */
int iso_time_parse(const char *text, int64_t *ms);

#endif
