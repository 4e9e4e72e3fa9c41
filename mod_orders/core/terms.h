/* Words for search: runs of letters and digits (Unicode), lower-cased. */
#ifndef CORE_TERMS_H
#define CORE_TERMS_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <stdbool.h>

/* The distinct words of `text`, appended to `words` (const char *). Any byte ≥ 0x80 that starts a letter of a script counts as a letter;
 * case is folded for all of Unicode that towlower knows in C.UTF-8, without touching the process's locale. */
void terms_split(apr_pool_t *pool, const char *text, apr_array_header_t *words);
/* Lower-cased copy (for e-mail addresses: ASCII and Unicode alike). */
const char *terms_lower(apr_pool_t *pool, const char *text);
/* Trimmed of white space at both ends. */
const char *terms_trim(apr_pool_t *pool, const char *text);
/* The smallest string greater than every string that starts with `prefix`, for half-open index ranges; NULL when there is none. */
const char *terms_prefix_end(apr_pool_t *pool, const char *prefix);
/* True when `email` looks like one: one @, a local part, a domain with a dot, no white space or control characters, ≤ 254 bytes. */
bool terms_is_email(const char *email);

#endif
