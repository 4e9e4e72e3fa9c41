/* Text under construction: a chain of blocks, each the size of an Apache bucket,
 * so that an answer is written once and handed to the output filters as it is.
 * All memory comes from the pool and lives as long as the pool. One thread at a time.
 */
#ifndef CORE_OUT_H
#define CORE_OUT_H

#include <apr_pools.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OUT_BLOCK_SIZE 8000 /* httpd's APR_BUCKET_BUFF_SIZE */

typedef struct out_block {
    struct out_block *next;
    size_t len, size;
    char *data;
} out_block;

typedef struct out {
    apr_pool_t *pool;
    out_block *first, *last;
    size_t total; /* bytes written so far */
} out_t;

void out_init(out_t *out, apr_pool_t *pool);
/* out_mem for what doesn't fit into the present block. */
void out_mem_spill(out_t *out, const void *data, size_t len);

/* Inline: an answer is some hundred short pieces, and nearly all of them fit. */
static inline void out_mem(out_t *out, const void *data, size_t len)
{
    out_block *block = out->last;
    if (!block || len > block->size - block->len) {
        out_mem_spill(out, data, len);
        return;
    }
    memcpy(block->data + block->len, data, len);
    block->len += len;
    out->total += len;
}

void out_str(out_t *out, const char *text);
#define out_lit(out, literal) out_mem((out), "" literal, sizeof(literal) - 1)

static inline void out_char(out_t *out, char c)
{
    out_mem(out, &c, 1);
}

void out_int(out_t *out, int64_t value);
void out_fmt(out_t *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string, quotes included, escaped per RFC 8259; the input is UTF-8. */
void out_json_mem(out_t *out, const char *text, size_t len);
void out_json_str(out_t *out, const char *text); /* NULL is written as null */
/* Minor units as a decimal number in major units, exactly `exponent` (0-4) decimals: 999, 2 → 9.99 */
void out_money(out_t *out, int64_t minor, int exponent);
/* Milliseconds since the epoch as ISO 8601 in UTC, without quotes: 2026-01-31T12:00:00.000Z */
void out_time(out_t *out, int64_t ms);
/* One string of all that was written, NUL-terminated, from the pool. */
char *out_text(const out_t *out, size_t *len);

#endif
