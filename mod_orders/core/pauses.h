/* Pauses for a thread that computes for long. Linux shares out the cores between groups of processes, such as sessions
 * (autogroup, sched(7)) and control groups, before it looks at single threads and their niceness. A thread that never sleeps keeps its
 * whole group on a core: others, the database's among them, then wait for tens or hundreds of milliseconds, whatever the thread's
 * niceness is (measured: docs/performance.md). One that sleeps now and then lets them in.
 */
#ifndef CORE_PAUSES_H
#define CORE_PAUSES_H

#include <stdbool.h>
#include <time.h>

typedef struct pauses {
    timer_t timer;
    bool made;
} pauses;

/* Once in a process, before pauses_begin: takes SIGVTALRM for it. False: it is in other hands, and there will be no pauses. */
bool pauses_init(void);
/* From here to pauses_end, both called by the same thread, a sleep of 2 ms follows each 3 ms of its CPU time, or on a kernel with a
 * coarser clock each of its ticks. Where the system gives no timer there are no pauses. */
void pauses_begin(pauses *self);
void pauses_end(pauses *self);

#endif
