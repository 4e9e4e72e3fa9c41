#include "cache.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WAYS  8
#define LOCKS 64 /* each guards the sets with its number modulo LOCKS */

typedef struct entry {
    apr_time_t expires; /* 0: free */
    uint32_t key_len;
    unsigned char data[]; /* the value, then the key */
} entry;

struct cache_t {
    size_t sets, key_max, value_size, entry_size, size;
    char *memory;
    pthread_mutex_t lock[LOCKS];
};

static apr_status_t destroy(void *data)
{
    cache_t *cache = data;

    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&cache->lock[i]);
    munmap(cache->memory, cache->size);
    return APR_SUCCESS;
}

cache_t *cache_create(apr_pool_t *pool, int entries, size_t key_max, size_t value_size)
{
    cache_t *cache = apr_pcalloc(pool, sizeof(*cache));
    size_t align = sizeof(apr_time_t) - 1;

    cache->sets = ((size_t)entries + WAYS - 1) / WAYS;
    cache->key_max = key_max;
    cache->value_size = value_size;
    cache->entry_size = (sizeof(entry) + value_size + key_max + align) & ~align;
    cache->size = cache->sets * WAYS * cache->entry_size;
    /* Filled with zeros, page by page as it is used. */
    cache->memory = mmap(NULL, cache->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (cache->memory == MAP_FAILED)
        return NULL;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&cache->lock[i], NULL);
    apr_pool_cleanup_register(pool, cache, destroy, apr_pool_cleanup_null);
    return cache;
}

/* FNV-1a: keys are ones that this server made; nobody can choose them so that they meet in one set. */
static size_t set_of(const cache_t *cache, const unsigned char *key, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ key[i]) * UINT64_C(0x100000001b3);
    return hash % cache->sets;
}

static entry *way(const cache_t *cache, size_t set, int number)
{
    return (entry *)(cache->memory + (set * WAYS + (size_t)number) * cache->entry_size);
}

static bool holds(const cache_t *cache, const entry *e, const void *key, size_t len)
{
    return e->expires && e->key_len == len && memcmp(e->data + cache->value_size, key, len) == 0;
}

bool cache_get(cache_t *cache, const void *key, size_t key_len, apr_time_t now, void *value)
{
    size_t set;
    bool found = false;

    if (!cache || key_len > cache->key_max)
        return false;
    set = set_of(cache, key, key_len);
    pthread_mutex_lock(&cache->lock[set % LOCKS]);
    for (int i = 0; i < WAYS && !found; i++) {
        const entry *e = way(cache, set, i);

        found = e->expires > now && holds(cache, e, key, key_len);
        if (found)
            memcpy(value, e->data, cache->value_size);
    }
    pthread_mutex_unlock(&cache->lock[set % LOCKS]);
    return found;
}

void cache_put(cache_t *cache, const void *key, size_t key_len, const void *value, apr_time_t expires)
{
    entry *place = NULL;
    size_t set;

    if (!cache || key_len > cache->key_max)
        return;
    set = set_of(cache, key, key_len);
    pthread_mutex_lock(&cache->lock[set % LOCKS]);
    for (int i = 0; i < WAYS; i++) {
        entry *e = way(cache, set, i);

        if (holds(cache, e, key, key_len)) {
            place = e;
            break;
        }
        if (!place || e->expires < place->expires)
            place = e;
    }
    place->expires = expires;
    place->key_len = (uint32_t)key_len;
    memcpy(place->data, value, cache->value_size);
    memcpy(place->data + cache->value_size, key, key_len);
    pthread_mutex_unlock(&cache->lock[set % LOCKS]);
}
