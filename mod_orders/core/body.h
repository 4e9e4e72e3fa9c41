/* Request bodies: strict JSON, then fields by a table. */
#ifndef CORE_BODY_H
#define CORE_BODY_H

#include <apr_pools.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "problem.h"

#define BODY_MAX_BYTES 65536
#define BODY_MAX_DEPTH 32

/* Parses a body. Refused with 400 `malformed-json`: syntax, a NUL byte or \u0000 anywhere, invalid UTF-8, a duplicate key,
 * nesting past BODY_MAX_DEPTH, an integer past int64. Refused with 422: no object at top level.
 * *json lives as long as the pool (freed by its cleanup). */
problem_t *body_parse(apr_pool_t *pool, const char *text, size_t len, json_t **json);

typedef enum {
    FIELD_TEXT,   /* string of one line, trimmed of white space at both ends; min..max in code points */
    FIELD_LINES,  /* the same, line breaks and tabs allowed inside (remarks) */
    FIELD_SECRET, /* string, taken as it is (passwords); no length check here */
    FIELD_INT,    /* JSON integer; 1.0 is none; min..max */
    FIELD_MONEY,  /* JSON number in major units → int64 minor units, min..max in minor units */
    FIELD_BOOL,   /* → int: 0 or 1 */
    FIELD_JSON    /* any value, taken as it is: const json_t * */
} field_kind;

typedef struct field {
    const char *name; /* of the member; a table ends with a row whose name is NULL */
    field_kind kind;
    bool required;
    int64_t min, max;
    size_t offset; /* of the target: const char * (text), int64_t (int, money), int (bool), const json_t * */
} field;

/* Fills `target` from the object by the table. Members that are absent leave the target untouched; JSON null counts as
 * absent for optional fields. Every bad field is added to *problem (422), pointers prefixed with `at` ("" at top level).
 * Returns a bit mask of the rows seen (row 0 is bit 0). Unknown members are ignored. Texts live in the pool. */
uint64_t body_fields(apr_pool_t *pool, const json_t *object, const char *at, const field *table, int exponent,
                     void *target, problem_t **problem);

/* The same body always gives the same text: keys sorted, no white space. For fingerprints. */
const char *body_canonical(apr_pool_t *pool, const json_t *json, size_t *len);

#endif
