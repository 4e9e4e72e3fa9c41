/* Who gets which event. Admins get everything; a customer gets the orders of their own, what is public of products, and
 * that a product is no longer.
 * No viewer names what it wants: it is decided by the user and the role of its token, live and on replay alike.
 *
 * Threading: the loop's thread only.
 * Ownership: viewers are the caller's, with hub_viewer as a member; one must be removed before its memory goes. Any
 * callback may remove any viewer, its own included, and may add viewers (a viewer added while an event is given out
 * doesn't get that one: its seq is hub_seq already); none may call hub_release, hub_reset or hub_revoke.
 */
#ifndef WSBRIDGE_HUB_H
#define WSBRIDGE_HUB_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/order.h"
#include "list.h"
#include "news.h"
#include "ring.h"

typedef struct hub hub_t;
typedef struct hub_viewer hub_viewer;

typedef struct hub_viewer_ops {
    /* Send it. The frames are news_plain_frame(news) and news_sio_frame(news, hub_epoch(hub)). */
    void (*deliver)(hub_viewer *viewer, news_t *news);
    /* Events were missed and can't be had again: another epoch has begun, at seq. Tell the client to fetch by REST. */
    void (*reset)(hub_viewer *viewer, const char *epoch, int64_t seq);
    /* The user's session has ended (logout, password, role, deleted): the viewer must go. Nothing more is delivered to it
     * and it need not leave the hub at once. */
    void (*revoke)(hub_viewer *viewer);
} hub_viewer_ops;

struct hub_viewer {
    /* Set by the owner before hub_add or hub_replay; they don't change from then on */
    bson_oid_t user;
    user_role role;
    int64_t version; /* of the token: the user's tokenVersion */
    const hub_viewer_ops *ops;
    /* The hub's; zeroed by the owner */
    bool revoked;
    int64_t joined;      /* hub_seq at hub_add: live events are those after it */
    struct hub_user *of; /* NULL: not in the hub */
    list_link by_user, by_role;
};

typedef struct hub_config {
    size_t ring_events, ring_bytes; /* 0: the defaults of ring.h */
    /* A replay past either is refused, as too old: it would overflow the viewer's queue. 0: 900 events, 900 KB */
    size_t replay_events, replay_bytes;
} hub_config;

hub_t *hub_new(const hub_config *config);
void hub_free(hub_t *hub); /* no viewer may be in it */

/* Live events from now on. */
void hub_add(hub_t *hub, hub_viewer *viewer);
void hub_remove(hub_t *hub, hub_viewer *viewer); /* one that isn't in: nothing */
size_t hub_viewers(const hub_t *hub);

const char *hub_epoch(const hub_t *hub);
int64_t hub_seq(const hub_t *hub); /* of the newest event, whoever may see it */

/* Delivers, in order, what the viewer may see of the events after `since`; where that is too much, of each product the
 * newest state alone. Call it in the same callback as hub_add,
 * behind it, so that nothing falls between them. False, and nothing delivered: another epoch, ahead, too old or too much:
 * the client fetches by REST (reset). A viewer whose deliver removes it gets no more. */
bool hub_replay(hub_t *hub, hub_viewer *viewer, const char *epoch, int64_t since);
/* Whether hub_replay would do it, for a protocol that has to say so first. */
bool hub_can_replay(const hub_t *hub, const hub_viewer *viewer, const char *epoch, int64_t since);
/* "<epoch>.<seq>" taken apart, for Socket.IO; false when it is nothing like it. */
bool hub_offset_parse(const char *offset, char epoch[RANDOM_NAME_SIZE], int64_t *seq);
/* Whether this viewer may see this event. */
bool hub_may_see(const hub_viewer *viewer, const news_t *news);

/* Whether the change stream has stood, so that from hub_add on nothing is missed. Until then clients get no hello. Wait
 * for it before identity_check: a revocation from before then is not heard of. */
bool hub_ready(const hub_t *hub);
/* Calls fn once: at once when it is ready, else when it becomes so. The handle, NULL if called at once, is for
 * hub_wait_cancel and is gone when fn is called. */
typedef struct hub_wait hub_wait;
hub_wait *hub_when_ready(hub_t *hub, void (*fn)(void *arg), void *arg);
void hub_wait_cancel(hub_t *hub, hub_wait *wait); /* NULL: nothing */

/* For the data side. */
void hub_set_ready(hub_t *hub);
/* The next seq, into the ring, to all who may see it. Takes the caller's reference. */
void hub_release(hub_t *hub, news_t *news);
/* A new epoch; every viewer is told. */
void hub_reset(hub_t *hub);
/* The user's tokens older than `version` have ended (INT64_MAX: all of them). */
void hub_revoke(hub_t *hub, const bson_oid_t *user, int64_t version);
/* Each user with a viewer, once. fn must not change the hub. */
void hub_each_user(hub_t *hub, void (*fn)(void *arg, const bson_oid_t *user), void *arg);

typedef struct hub_stats {
    size_t viewers, users, ring_events, ring_bytes;
    int64_t released;   /* events since the start */
    int64_t deliveries; /* to viewers since the start, replays included */
    int64_t resets;
    int64_t last_at;       /* ms since the epoch: the newest event's time by the database; 0: none yet */
    int64_t last_released; /* ms since the epoch: when it was released, by this clock */
} hub_stats;
void hub_stats_get(const hub_t *hub, hub_stats *stats);

#endif
