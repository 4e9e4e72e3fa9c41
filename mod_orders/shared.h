/* What all child processes share, in anonymous shared memory: token versions and rate counters behind one global mutex, and
 * the notes that each process leaves of its transactions.
 * Made in post_config, empty after each start and reload. */
#ifndef ORDERS_SHARED_H
#define ORDERS_SHARED_H

#include <apr_time.h>
#include <bson/bson.h>
#include <httpd.h>
#include "core/orphans.h"
#include "core/turn.h"

int shared_pre_config(apr_pool_t *pconf);                 /* registers the mutex with Apache's Mutex directive */
int shared_create(apr_pool_t *pconf, server_rec *server); /* post_config; OK or HTTP_INTERNAL_SERVER_ERROR */
void shared_child_init(apr_pool_t *pchild, server_rec *server);

orphan_table *shared_orphans(void); /* NULL before shared_create */
turn_t *shared_stock_turn(void);    /* the same */
turn_t *shared_hashing_turns(void); /* the same; HASHING_SLOTS_MAX of them */

/* The user's tokenVersion as read from the database at most 30 s ago. False: a miss, or the lock failed; ask the database. */
int token_version_get(const bson_oid_t *user, int64_t *version);
/* Records a version read from the database by a query that began at `asked`. Never lowers an entry; only entries past
 * their 30 s give way; a full table records nothing. */
void token_version_put(const bson_oid_t *user, int64_t version, apr_time_t asked);

/* Counts one event of `kind` for `key` in a token bucket of `burst`, refilled over `seconds`. Returns 0 when it is within
 * the limit, else the seconds to wait. Fails open. */
int rate_take(const char *kind, const char *key, int burst, int seconds);

#endif
