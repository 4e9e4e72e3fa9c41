/* What went wrong, as the client will be told: RFC 9457 problem details.
 *
 * Every function of the core that can fail for a reason a client may hear of
 * returns `problem_t *`: NULL is success. A problem lives in the pool it was
 * made from and belongs to the thread that works with that pool.
 */
#ifndef CORE_PROBLEM_H
#define CORE_PROBLEM_H

#include <apr_pools.h>
#include "out.h"

typedef struct problem_field {
    struct problem_field *next;
    const char *pointer; /* JSON Pointer (RFC 6901) into the body, or the query parameter's name */
    const char *code;    /* kebab-case, stable */
    const char *detail;  /* a sentence: what is wrong and what is allowed */
} problem_field;

typedef struct problem {
    apr_pool_t *pool;
    const char *code;   /* kebab-case, stable; a row of the registry in problem.c */
    int status;         /* HTTP status, from the registry */
    const char *title;  /* from the registry */
    const char *detail; /* a sentence for people, or NULL */
    int retry_after;    /* seconds for Retry-After; 0: none */
    out_t members;      /* further members, as JSON text: `,"name":value` repeated */
    problem_field *fields, *last_field;
} problem_t;

/* A new problem of a registered code. An unknown code becomes `internal-error`. */
problem_t *problem_make(apr_pool_t *pool, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The problem that stands for a bare HTTP status (Apache's own errors). `detail` may be NULL. */
problem_t *problem_of_status(apr_pool_t *pool, int status, const char *detail);

/* Adds one bad field; makes a 422 `validation-failed` problem in *where when there is none yet. */
void problem_field_add(problem_t **where, apr_pool_t *pool, const char *pointer, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Start a further member: writes `,"name":` and returns the buffer to write its JSON value to. */
out_t *problem_member(problem_t *problem, const char *name);

/* The whole problem document. `instance`: the request id. */
void problem_write(out_t *out, const problem_t *problem, const char *instance);

#endif
