/* Pauses of a thread that computes: it sleeps between pauses_begin and pauses_end, and only then. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "core/pauses.h"

#define WORK_MS 60 /* of CPU time: some ten pauses, or four where the clock ticks at 100 Hz */

static int64_t cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How often the thread went to sleep while it computed, whatever the system gave to others meanwhile. */
static long sleeps(void)
{
    struct rusage before, after;
    int64_t end = cpu_ms() + WORK_MS;

    getrusage(RUSAGE_THREAD, &before);
    while (cpu_ms() < end)
        continue;
    getrusage(RUSAGE_THREAD, &after);
    return after.ru_nvcsw - before.ru_nvcsw;
}

static void a_thread_that_computes_makes_pauses(void **state)
{
    pauses pauses;

    (void)state;
    assert_true(pauses_init());
    assert_true(pauses_init());
    assert_int_equal(sleeps(), 0);
    pauses_begin(&pauses);
    assert_true(pauses.made);
    errno = ERANGE;
    assert_true(sleeps() >= 3);
    assert_int_equal(errno, ERANGE);
    pauses_end(&pauses);
    assert_int_equal(sleeps(), 0);
}

static void *begin_with_all_signals_blocked(void *data)
{
    sigset_t all;
    pauses pauses;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pauses_begin(&pauses);
    *(long *)data = sleeps();
    pauses_end(&pauses);
    return NULL;
}

static void a_thread_of_apaches_has_its_signals_blocked(void **state)
{
    pthread_t thread;
    long slept = 0;

    (void)state;
    assert_true(pauses_init());
    assert_int_equal(pthread_create(&thread, NULL, begin_with_all_signals_blocked, &slept), 0);
    pthread_join(thread, NULL);
    assert_true(slept >= 3);
}

static void somebody_elses(int signal)
{
    (void)signal;
}

/* Runs last: pauses are gone after it. */
static void a_signal_in_other_hands_is_left_there(void **state)
{
    struct sigaction now;
    pauses pauses;

    (void)state;
    signal(SIGVTALRM, somebody_elses);
    assert_false(pauses_init());
    pauses_begin(&pauses);
    assert_false(pauses.made);
    pauses_end(&pauses);
    sigaction(SIGVTALRM, NULL, &now);
    assert_ptr_equal(now.sa_handler, somebody_elses);
}

UNIT_MAIN(pooled(a_thread_that_computes_makes_pauses), pooled(a_thread_of_apaches_has_its_signals_blocked),
          pooled(a_signal_in_other_hands_is_left_there))
