/* A turn between the processes of one host, for what goes better one after the other. It is a matter of speed alone: what must hold is held
 * by the database, and between hosts nothing but the database decides.
 *
 * Two transactions that write one product can't both commit: the loser starts anew, and under a rush on one product most of the work is
 * thrown away. So they take turns at the stock, and whoever can't have the turn in time goes without it. And so many passwords are hashed
 * at once as there are turns for it.
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
#define TURN_NOW 0 /* until: don't wait */
/* True: the turn is had, until turn_leave by the same thread. `turn` may be NULL: then false at once. */
bool turn_take(turn_t *turn, apr_time_t until);
void turn_leave(turn_t *turn);

#endif
