/* The turn at the stock, between the processes of one host. Two transactions that write one product can't both commit: the
 * loser starts anew, and under a rush on one product most of the work is thrown away. So processes that share memory take
 * turns. It is a matter of speed alone: what must hold is held by the database, and whoever can't have the turn in time goes
 * without it. Between hosts nothing but the database decides.
 *
 * Whoever waits is next: who gives the turn away can't take it back before them. A process that dies with the turn leaves it
 * to the next.
 */
#ifndef CORE_TURN_H
#define CORE_TURN_H

#include <apr_time.h>
#include <pthread.h>
#include <stdbool.h>

/* In shared memory, set up by turn_init before any process uses it. */
typedef struct turn_t {
    pthread_mutex_t next, mine;
} turn_t;

/* 0, or an errno. Once, by the process that made the memory. */
int turn_init(turn_t *turn);
/* True: the turn is had, until turn_leave by the same thread. `turn` may be NULL: then false at once. */
bool turn_take(turn_t *turn, apr_time_t until);
void turn_leave(turn_t *turn);

#endif
