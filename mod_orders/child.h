/* What a child process holds: made in child_init, ended by the child's pool. Shared by all its threads. */
#ifndef ORDERS_CHILD_H
#define ORDERS_CHILD_H

#include <httpd.h>
#include "core/event.h"
#include "core/ledger.h"
#include "core/store.h"
#include "people.h"

typedef struct orders_child {
    const char *name; /* no other process has it: what its request ids begin with */
    store_t *store;
    ledger_t *ledger;
    event_sender_t *events;
    people_t *people;
} orders_child;

/* The child_init hook. Does nothing where the engine is off everywhere. */
void orders_child_init(apr_pool_t *pchild, server_rec *server);
orders_child *orders_child_get(void);

#endif
