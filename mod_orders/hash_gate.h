/* How many passwords a child hashes at once: each takes tens of milliseconds of a core, and sign-ins must not starve the
 * rest of the API. */
#ifndef ORDERS_HASH_GATE_H
#define ORDERS_HASH_GATE_H

#include <apr_pools.h>
#include <apr_time.h>
#include "core/problem.h"

/* Takes one of `slots`, waiting for it until `deadline`. 503 `busy` at once when too many wait already. Not to be called
 * with a database connection in hand. */
problem_t *hash_gate_enter(apr_pool_t *pool, int slots, apr_time_t deadline);
void hash_gate_leave(void);

/* 503 `busy` when hash_gate_enter would give it at once: to be asked before anything else is done for the request. */
problem_t *hash_gate_look(apr_pool_t *pool, int slots);

#endif
