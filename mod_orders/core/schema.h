/* Indexes and validators of DESIGN's collections, made at first use; safe to repeat and to race. */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include "store.h"

/* NULL when every collection, validator and index is there. */
problem_t *schema_ensure(store_conn *conn);

#endif
