/* How the live status bridge fares, for readiness: asked at its own socket, within a short time. */
#ifndef ORDERS_BRIDGE_STATUS_H
#define ORDERS_BRIDGE_STATUS_H

#include <apr_pools.h>
#include "core/out.h"

/* Writes `{"state":…}`: off (no path is configured), down, up or starting, the latter with figures of the bridge's where
 * `status`, its HTTP socket, is known. `datagrams` alone only tells whether somebody receives there. Both may be NULL. */
void bridge_status_write(out_t *out, apr_pool_t *pool, const char *datagrams, const char *status);

#endif
