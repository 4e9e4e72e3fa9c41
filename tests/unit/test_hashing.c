/* Hashing: so many at once as there are turns, any that is free, in time or not at all, and no queue that is too long. */
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "core/hashing.h"

#define SLOTS 2
#define SOON  (apr_time_now() + apr_time_from_sec(20))
#define CROWD 64 /* more than may wait */

static turn_t turns[SLOTS];

/* What is hashed here: it waits until it is let go. */
static atomic_bool go;
static atomic_int at_work;

static void work(void *data)
{
    at_work++;
    while (!go)
        usleep(500);
    at_work--;
    ++*(atomic_int *)data;
}

static void start(apr_pool_t *pool)
{
    for (int i = 0; i < SLOTS; i++)
        assert_int_equal(turn_init(&turns[i]), 0);
    assert_int_equal(hashing_child_init(pool, SLOTS, turns), APR_SUCCESS);
    go = true;
}

static void slots_are_half_of_the_cores(void **state)
{
    cpu_set_t all, one;
    int cpu = 0;

    (void)state;
    assert_int_equal(hashing_slots(7), 7);
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    if (CPU_COUNT(&all) >= 2 && CPU_COUNT(&all) <= 2 * HASHING_SLOTS_MAX)
        assert_int_equal(hashing_slots(0), CPU_COUNT(&all) / 2);
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(hashing_slots(0), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void any_free_turn_will_do(void **state)
{
    atomic_int done = 0;

    start(*state);
    for (int i = 0; i < SLOTS; i++) {
        assert_true(turn_take(&turns[i], SOON));
        assert_null(hashing_run(*state, SOON, work, &done));
        turn_leave(&turns[i]);
    }
    assert_int_equal(done, SLOTS);
}

static void without_a_turn_in_time_nothing_is_done(void **state)
{
    atomic_int done = 0;
    problem_t *problem;

    start(*state);
    for (int i = 0; i < SLOTS; i++)
        assert_true(turn_take(&turns[i], SOON));
    problem = hashing_run(*state, apr_time_now() + apr_time_from_msec(50), work, &done);
    assert_non_null(problem);
    assert_string_equal(problem->code, "busy");
    for (int i = 0; i < SLOTS; i++)
        turn_leave(&turns[i]);
    assert_int_equal(done, 0);
    assert_null(hashing_run(*state, SOON, work, &done));
    assert_int_equal(done, 1);
}

typedef struct person {
    pthread_t thread;
    apr_pool_t *pool;
    atomic_int done;
    problem_t *problem;
    atomic_bool told;
} person;

static void *ask(void *data)
{
    person *p = data;

    p->problem = hashing_run(p->pool, SOON, work, &p->done);
    p->told = true;
    return NULL;
}

static bool somebody_was_told(const person *people)
{
    for (int i = 0; i < CROWD; i++)
        if (people[i].told)
            return true;
    return false;
}

static void a_crowd_is_partly_refused_at_once(void **state)
{
    static person people[CROWD];
    apr_time_t end = apr_time_now() + apr_time_from_sec(10); /* well before those who wait are late */
    int refused = 0, working;
    bool full;

    start(*state);
    go = false;
    memset(people, 0, sizeof(people));
    assert_null(hashing_look(*state));
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(apr_pool_create_unmanaged_ex(&people[i].pool, NULL, NULL), APR_SUCCESS);
        assert_int_equal(pthread_create(&people[i].thread, NULL, ask, &people[i]), 0);
    }
    while ((at_work < SLOTS || !somebody_was_told(people)) && apr_time_now() < end)
        usleep(500);
    working = at_work;
    full = hashing_look(*state) != NULL;
    go = true;
    for (int i = 0; i < CROWD; i++) {
        pthread_join(people[i].thread, NULL);
        assert_int_equal(people[i].done, people[i].problem ? 0 : 1);
        refused += people[i].problem != NULL;
        apr_pool_destroy(people[i].pool);
    }
    assert_int_equal(working, SLOTS);
    assert_true(full);
    assert_true(refused > 0 && refused < CROWD - SLOTS);
    assert_null(hashing_look(*state));
}

UNIT_MAIN(pooled(slots_are_half_of_the_cores), pooled(any_free_turn_will_do),
          pooled(without_a_turn_in_time_nothing_is_done), pooled(a_crowd_is_partly_refused_at_once))
