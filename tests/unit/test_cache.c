/* The bounded cache: what was put is found until it expires, whole and unmixed, whatever else is put. */
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "core/cache.h"

#define FAR (APR_TIME_C(1) << 60)

static cache_t *make(void **state, int entries)
{
    cache_t *cache = cache_create(*state, entries, 16, sizeof(int));
    assert_non_null(cache);
    return cache;
}

static void finds_what_was_put(void **state)
{
    cache_t *cache = make(state, 64);
    int value = 7, found = 0;

    assert_false(cache_get(cache, "a", 1, 1, &found));
    cache_put(cache, "a", 1, &value, 100);
    assert_true(cache_get(cache, "a", 1, 99, &found));
    assert_int_equal(found, 7);
    value = 8;
    cache_put(cache, "a", 1, &value, 200);
    assert_true(cache_get(cache, "a", 1, 150, &found));
    assert_int_equal(found, 8);
}

static void expires(void **state)
{
    cache_t *cache = make(state, 64);
    int value = 7;

    cache_put(cache, "a", 1, &value, 100);
    assert_false(cache_get(cache, "a", 1, 100, &value));
}

static void tells_keys_apart(void **state)
{
    cache_t *cache = make(state, 8); /* one set: all keys meet */
    int one = 1, two = 2, found;

    cache_put(cache, "ab", 2, &one, FAR);
    cache_put(cache, "abc", 3, &two, FAR);
    assert_true(cache_get(cache, "ab", 2, 1, &found));
    assert_int_equal(found, 1);
    assert_true(cache_get(cache, "abc", 3, 1, &found));
    assert_int_equal(found, 2);
    assert_false(cache_get(cache, "a", 1, 1, &found));
}

static void what_expires_soonest_makes_room(void **state)
{
    cache_t *cache = make(state, 8);
    char key[2] = "a";
    int found;

    for (int i = 0; i < 9; i++, key[0]++)
        cache_put(cache, key, 1, &i, 100 + i);
    assert_false(cache_get(cache, "a", 1, 1, &found));
    for (int i = 1; i < 9; i++) {
        key[0] = (char)('a' + i);
        assert_true(cache_get(cache, key, 1, 1, &found));
        assert_int_equal(found, i);
    }
}

static void keeps_no_long_keys(void **state)
{
    cache_t *cache = make(state, 8);
    int value = 1;

    cache_put(cache, "12345678901234567", 17, &value, FAR);
    assert_false(cache_get(cache, "12345678901234567", 17, 1, &value));
    cache_put(cache, "1234567890123456", 16, &value, FAR);
    assert_true(cache_get(cache, "1234567890123456", 16, 1, &value));
}

static void does_without_memory(void **state)
{
    int value = 1;
    (void)state;

    cache_put(NULL, "a", 1, &value, FAR);
    assert_false(cache_get(NULL, "a", 1, 1, &value));
}

/* Many threads on few sets: a value found is always one that was put under that key. */
static void *hammer(void *data)
{
    cache_t *cache = data;
    char key[16];
    int found;

    for (int i = 0; i < 20000; i++) {
        int number = i % 24, len = snprintf(key, sizeof key, "key%d", number);

        if (cache_get(cache, key, (size_t)len, 1, &found) && found % 24 != number)
            return "mixed up";
        cache_put(cache, key, (size_t)len, &i, FAR);
    }
    return NULL;
}

static void threads_mix_nothing_up(void **state)
{
    cache_t *cache = make(state, 16);
    pthread_t thread[4];

    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, hammer, cache), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(thread[i], &wrong);
        assert_null(wrong);
    }
}

UNIT_MAIN(pooled(finds_what_was_put), pooled(expires), pooled(tells_keys_apart),
          pooled(what_expires_soonest_makes_room), pooled(keeps_no_long_keys), pooled(does_without_memory),
          pooled(threads_mix_nothing_up))
