/* Transactions that nobody will end: of a killed process, or of one that lost the database in the middle. The database ends
 * them only after its own time limit (60 s), and until then every other writer of the same products meets a conflict. So each
 * process notes its ledger's session in memory that all share, and whoever meets a conflict looks for notes of processes that
 * are no more, and for sessions that were given up, and ends them.
 */
#ifndef CORE_ORPHANS_H
#define CORE_ORPHANS_H

#include <stdatomic.h>
#include "store.h"

#define ORPHAN_SLOTS        256 /* processes with a note at a time; further ones do without */
#define ORPHAN_SESSION_SIZE 16
#define ORPHAN_GIVEN_UP     (-1)

typedef struct orphan_slot {
    atomic_int pid; /* 0: free; ORPHAN_GIVEN_UP: no process's any more */
    unsigned char session[ORPHAN_SESSION_SIZE];
} orphan_slot;

/* In shared memory, filled with zeros at first. */
typedef struct orphan_table {
    orphan_slot slot[ORPHAN_SLOTS];
} orphan_table;

/* A slot for this process until `pool` ends; NULL when there is none. `table` may be NULL. */
orphan_slot *orphan_slot_take(orphan_table *table, apr_pool_t *pool);
/* Notes the session in which the process is about to write. `slot` may be NULL. */
void orphan_note(orphan_slot *slot, const mongoc_client_session_t *session);
/* The noted session may still have its transaction open, and its process is done with it: anybody may end it. Both may be NULL. */
void orphan_give_up(orphan_table *table, const orphan_slot *slot);
/* Ends the sessions of processes that are no more, and those given up. `table` may be NULL. */
void orphans_end(orphan_table *table, const orphan_slot *own, store_conn *conn);

#endif
