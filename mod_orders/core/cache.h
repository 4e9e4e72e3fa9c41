/* A bounded cache of bytes by bytes, for all threads of a process. Set-associative: a key's hash names a set of a few entries, and
 * it lives in one of these or nowhere; so there is no upkeep, and each access takes bounded time. What does not fit is not kept.
 */
#ifndef CORE_CACHE_H
#define CORE_CACHE_H

#include <apr_pools.h>
#include <apr_time.h>
#include <stdbool.h>

typedef struct cache_t cache_t;

/* Room for about `entries` keys of at most `key_max` bytes with values of `value_size` bytes. Lives as long as `pool`. NULL when it
 * can't be had. Memory is only used as entries fill. */
cache_t *cache_create(apr_pool_t *pool, int entries, size_t key_max, size_t value_size);
/* Copies the value; false when the key is not there or has expired at `now`. */
bool cache_get(cache_t *cache, const void *key, size_t key_len, apr_time_t now, void *value);
/* Keeps a copy until `expires`, unless others need the room first: those that expire soonest go. */
void cache_put(cache_t *cache, const void *key, size_t key_len, const void *value, apr_time_t expires);

#endif
