/* Where passwords are hashed: on a few threads of a child's own, of which so many work at once, in all children together, as there are
 * slots, and with pauses. Each hash takes tens of milliseconds of a core, and signing in must not hold up the rest of the API. Who asks
 * waits, but never in a queue that is too long to be answered soon: then it is 503 `busy` at once.
 */
#ifndef CORE_HASHING_H
#define CORE_HASHING_H

#include <apr_pools.h>
#include <apr_time.h>
#include "problem.h"
#include "turn.h"

typedef void (*hashing_work)(void *data);

#define HASHING_SLOTS_MAX 64

/* How many passwords are hashed at once on this host: what was configured, or for 0 half of the cores this process may use. */
int hashing_slots(int configured);
/* Once in a child, before the first request. `turns`: one for each slot, in memory that all children share; they outlive the child. Threads
 * are started when they are needed, and ended by the pool's cleanup. */
apr_status_t hashing_child_init(apr_pool_t *pchild, int slots, turn_t *turns);
/* Calls work(data) on one of the threads, and waits until it is done, or for its turn until `deadline`. A problem: it was
 * not done. Not to be called with a database connection in hand. */
problem_t *hashing_run(apr_pool_t *pool, apr_time_t deadline, hashing_work work, void *data);
/* 503 `busy` when hashing_run would give it at once: to be asked before anything else is done for the request. */
problem_t *hashing_look(apr_pool_t *pool);

#endif
