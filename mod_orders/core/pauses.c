#include "pauses.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* glibc before 2.41; timer_create(2) has the name */
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define PAUSE_SIGNAL SIGVTALRM
#define WORK_NS      3000000
#define PAUSE_NS     2000000

static bool ready;

/* Where the thread is just then does not matter: nothing but a sleep happens (signal-safety(7) allows it). */
static void pause_here(int signal)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    int saved = errno;

    (void)signal;
    nanosleep(&pause, NULL);
    errno = saved;
}

bool pauses_init(void)
{
    struct sigaction now, action = {.sa_handler = pause_here, .sa_flags = SA_RESTART};

    ready = !sigaction(PAUSE_SIGNAL, NULL, &now) && (now.sa_handler == SIG_DFL || now.sa_handler == pause_here) &&
            !sigaction(PAUSE_SIGNAL, &action, NULL);
    return ready;
}

/* Apache's threads have all signals blocked, and so have those that they start. */
static bool unblock(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, PAUSE_SIGNAL);
    return !pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void pauses_begin(pauses *self)
{
    const struct itimerspec each = {.it_value.tv_nsec = WORK_NS, .it_interval.tv_nsec = WORK_NS};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = PAUSE_SIGNAL};

    event.sigev_notify_thread_id = gettid();
    self->made = ready && unblock() && !timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &self->timer);
    if (self->made)
        (void)timer_settime(self->timer, 0, &each, NULL);
}

void pauses_end(pauses *self)
{
    if (self->made)
        timer_delete(self->timer);
}
