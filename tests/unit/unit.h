/* What every unit test needs: cmocka, and a pool of its own for each test. */
#ifndef UNIT_H
#define UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_pools.h>

/* The pool is the test's state. */
static int unit_setup(void **state)
{
    apr_pool_t *pool;
    if (apr_pool_create(&pool, NULL))
        return -1;
    *state = pool;
    return 0;
}

static int unit_teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

/* A test with a pool. */
#define pooled(name) cmocka_unit_test_setup_teardown(name, unit_setup, unit_teardown)

/* The whole of a test program's main. */
#define UNIT_MAIN(...)                                                                                                 \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                                               \
        apr_initialize();                                                                                              \
        int failed = cmocka_run_group_tests(tests, NULL, NULL);                                                        \
        apr_terminate();                                                                                               \
        return failed != 0;                                                                                            \
    }

#endif
