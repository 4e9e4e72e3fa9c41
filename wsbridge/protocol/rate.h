/* How many messages a peer may send a minute: counted in windows of a minute that start with their first message. */
#ifndef PROTOCOL_RATE_H
#define PROTOCOL_RATE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rate {
    int64_t since;
    uint32_t count;
} rate_t;

/* Counts one; false where that is more than `limit` (0: no limit). */
static inline bool rate_allows(rate_t *rate, int64_t now_ms, uint32_t limit)
{
    if (!limit)
        return true;
    if (now_ms - rate->since >= 60000)
        *rate = (rate_t){.since = now_ms};
    return ++rate->count <= limit;
}

#endif
