#include "turn.h"

#include <errno.h>

static int init_robust(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t how;
    int failed = pthread_mutexattr_init(&how);

    if (failed)
        return failed;
    if (!(failed = pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED)) &&
        !(failed = pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST)))
        failed = pthread_mutex_init(mutex, &how);
    pthread_mutexattr_destroy(&how);
    return failed;
}

int turn_init(turn_t *turn)
{
    int failed = init_robust(&turn->next);

    return failed ? failed : init_robust(&turn->mine);
}

static bool lock_until(pthread_mutex_t *mutex, apr_time_t until)
{
    struct timespec at = {.tv_sec = apr_time_sec(until), .tv_nsec = apr_time_usec(until) * 1000};
    int failed = pthread_mutex_timedlock(mutex, &at);

    if (failed == EOWNERDEAD) /* it guards no data: nothing is to be mended */
        failed = pthread_mutex_consistent(mutex);
    return !failed;
}

/* Who waits for the turn holds `next`, and who comes back queues behind it. */
bool turn_take(turn_t *turn, apr_time_t until)
{
    bool had;

    if (!turn || !lock_until(&turn->next, until))
        return false;
    had = lock_until(&turn->mine, until);
    pthread_mutex_unlock(&turn->next);
    return had;
}

void turn_leave(turn_t *turn)
{
    pthread_mutex_unlock(&turn->mine);
}
