/* Where passwords are hashed: on a few threads of a child's own, which the system lets run after all others. Each hash takes
 * tens of milliseconds of a core, and signing in must not hold up the rest of the API. Who asks waits, but never in a queue
 * that is too long to be answered soon: then it is 503 `busy` at once.
 */
#ifndef ORDERS_HASHING_H
#define ORDERS_HASHING_H

#include <apr_pools.h>
#include <apr_time.h>
#include "core/problem.h"

typedef void (*hashing_work)(void *data);

/* Once in a child, before the first request. `slots`: how many at once. Threads are started when they are needed, and ended by the
 * pool's cleanup. */
apr_status_t hashing_child_init(apr_pool_t *pchild, int slots);
/* Calls work(data) on one of the threads, and waits until it is done, or for its turn until `deadline`. A problem: it was
 * not done. Not to be called with a database connection in hand. */
problem_t *hashing_run(apr_pool_t *pool, apr_time_t deadline, hashing_work work, void *data);
/* 503 `busy` when hashing_run would give it at once: to be asked before anything else is done for the request. */
problem_t *hashing_look(apr_pool_t *pool);

#endif
