#include "hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "oid_map.h"
#include "protocol/mem.h"

#define REPLAY_EVENTS 900
#define REPLAY_BYTES  ((size_t)900 * 1024)

/* A user with viewers. */
struct hub_user {
    oid_node node;
    list_link viewers; /* by_user */
};

struct hub_wait {
    hub_wait *next;
    void (*fn)(void *arg);
    void *arg;
};

struct hub {
    hub_config config;
    ring_t *ring;
    oid_map users;
    list_link admins, customers;  /* by_role */
    hub_wait *waits, **last_wait; /* first come, first served */
    list_link *cursor;            /* the link that the walk under way visits next: removal moves it on */
    bool ready;
    hub_stats stats;
};

/* --- Life --- */

static hub_wait *take_wait(hub_t *hub, hub_wait **at)
{
    hub_wait *wait = *at;
    if (!wait)
        return NULL;
    *at = wait->next;
    if (!*at)
        hub->last_wait = at;
    return wait;
}

hub_t *hub_new(const hub_config *config)
{
    hub_t *hub = mem_zero(sizeof *hub);
    hub->config = *config;
    if (!hub->config.replay_events)
        hub->config.replay_events = REPLAY_EVENTS;
    if (!hub->config.replay_bytes)
        hub->config.replay_bytes = REPLAY_BYTES;
    hub->ring = ring_new(config->ring_events, config->ring_bytes);
    list_init(&hub->admins);
    list_init(&hub->customers);
    hub->last_wait = &hub->waits;
    return hub;
}

void hub_free(hub_t *hub)
{
    if (!hub)
        return;
    for (hub_wait *wait; (wait = take_wait(hub, &hub->waits));)
        free(wait);
    ring_free(hub->ring);
    oid_map_free(&hub->users);
    free(hub);
}

/* --- Viewers --- */

static struct hub_user *find_user(const hub_t *hub, const bson_oid_t *id)
{
    oid_node *node = oid_map_find(&hub->users, id);
    return node ? container_of(node, struct hub_user, node) : NULL;
}

static struct hub_user *need_user(hub_t *hub, const bson_oid_t *id)
{
    struct hub_user *user = find_user(hub, id);
    if (user)
        return user;
    user = mem_zero(sizeof *user);
    user->node.id = *id;
    list_init(&user->viewers);
    oid_map_add(&hub->users, &user->node);
    return user;
}

void hub_add(hub_t *hub, hub_viewer *viewer)
{
    viewer->of = need_user(hub, &viewer->user);
    viewer->joined = ring_seq(hub->ring);
    list_add(&viewer->of->viewers, &viewer->by_user);
    list_add(viewer->role == ROLE_ADMIN ? &hub->admins : &hub->customers, &viewer->by_role);
    hub->stats.viewers++;
}

static void take_link(hub_t *hub, list_link *link)
{
    if (hub->cursor == link)
        hub->cursor = link->next;
    list_take(link);
}

void hub_remove(hub_t *hub, hub_viewer *viewer)
{
    struct hub_user *user = viewer->of;
    if (!user)
        return;
    take_link(hub, &viewer->by_user);
    take_link(hub, &viewer->by_role);
    viewer->of = NULL;
    hub->stats.viewers--;
    /* A walk along this user's viewers may stand at the head: then walk_user frees it. */
    if (list_is_empty(&user->viewers) && hub->cursor != &user->viewers) {
        oid_map_remove(&hub->users, &user->node);
        free(user);
    }
}

size_t hub_viewers(const hub_t *hub)
{
    return hub->stats.viewers;
}

/* --- What is given to whom --- */

bool hub_may_see(const hub_viewer *viewer, const news_t *news)
{
    if (viewer->revoked)
        return false;
    if (viewer->role == ROLE_ADMIN)
        return news->facts.audience != NEWS_TO_CUSTOMERS;
    if (viewer->role != ROLE_CUSTOMER)
        return false;
    switch (news->facts.audience) {
    case NEWS_TO_EVERYONE:
    case NEWS_TO_CUSTOMERS: return true;
    case NEWS_TO_OWNER: return bson_oid_equal(&viewer->user, &news->facts.owner);
    case NEWS_TO_ADMINS: return false;
    }
    return false;
}

static void deliver(hub_t *hub, hub_viewer *viewer, news_t *news)
{
    if (!hub_may_see(viewer, news))
        return;
    hub->stats.deliveries++;
    viewer->ops->deliver(viewer, news);
}

static void deliver_live(hub_t *hub, hub_viewer *viewer, news_t *news)
{
    if (news->seq > viewer->joined)
        deliver(hub, viewer, news);
}

/* The next link of the walk, or NULL at its end. */
static list_link *step(hub_t *hub, const list_link *head)
{
    list_link *link = hub->cursor;
    if (link == head) {
        hub->cursor = NULL;
        return NULL;
    }
    hub->cursor = link->next;
    return link;
}

static void give_role(hub_t *hub, const list_link *head, news_t *news)
{
    hub->cursor = head->next;
    for (list_link *link; (link = step(hub, head));)
        deliver_live(hub, container_of(link, hub_viewer, by_role), news);
}

typedef void (*user_visit)(hub_t *hub, hub_viewer *viewer, void *arg);

static void walk_user(hub_t *hub, struct hub_user *user, user_visit visit, void *arg)
{
    hub->cursor = user->viewers.next;
    for (list_link *link; (link = step(hub, &user->viewers));)
        visit(hub, container_of(link, hub_viewer, by_user), arg);
    if (list_is_empty(&user->viewers)) {
        oid_map_remove(&hub->users, &user->node);
        free(user);
    }
}

static void give_owner(hub_t *hub, hub_viewer *viewer, void *arg)
{
    if (viewer->role != ROLE_ADMIN) /* they had it as admins */
        deliver_live(hub, viewer, arg);
}

static int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void hub_release(hub_t *hub, news_t *news)
{
    ring_add(hub->ring, news);
    hub->stats.released++;
    hub->stats.last_at = news->facts.at;
    hub->stats.last_released = wall_ms();
    give_role(hub, &hub->admins, news);
    if (news->facts.audience == NEWS_TO_EVERYONE || news->facts.audience == NEWS_TO_CUSTOMERS)
        give_role(hub, &hub->customers, news);
    struct hub_user *owner = news->facts.audience == NEWS_TO_OWNER ? find_user(hub, &news->facts.owner) : NULL;
    if (owner)
        walk_user(hub, owner, give_owner, news);
    news_unref(news);
}

static void reset_role(hub_t *hub, const list_link *head)
{
    hub->cursor = head->next;
    for (list_link *link; (link = step(hub, head));) {
        hub_viewer *viewer = container_of(link, hub_viewer, by_role);
        viewer->joined = 0;
        if (!viewer->revoked)
            viewer->ops->reset(viewer, ring_epoch(hub->ring), ring_seq(hub->ring));
    }
}

void hub_reset(hub_t *hub)
{
    ring_restart(hub->ring);
    hub->stats.resets++;
    reset_role(hub, &hub->admins);
    reset_role(hub, &hub->customers);
}

static void revoke_older(hub_t *hub, hub_viewer *viewer, void *arg)
{
    (void)hub;
    if (viewer->revoked || viewer->version >= *(const int64_t *)arg)
        return;
    viewer->revoked = true;
    viewer->ops->revoke(viewer);
}

void hub_revoke(hub_t *hub, const bson_oid_t *user, int64_t version)
{
    struct hub_user *found = find_user(hub, user);
    if (found)
        walk_user(hub, found, revoke_older, &version);
}

void hub_each_user(hub_t *hub, void (*fn)(void *arg, const bson_oid_t *user), void *arg)
{
    for (size_t i = 0; hub->users.buckets && i <= hub->users.mask; i++)
        for (const oid_node *node = hub->users.buckets[i]; node; node = node->next)
            fn(arg, &node->id);
}

/* --- Coming back --- */

const char *hub_epoch(const hub_t *hub)
{
    return ring_epoch(hub->ring);
}

int64_t hub_seq(const hub_t *hub)
{
    return ring_seq(hub->ring);
}

/* Whether it is of those that a replay leaves out where all would be too much: a product's state that a newer one
 * follows. */
static bool is_left_out(const news_t *news, bool newest_alone)
{
    return newest_alone && news->outdated;
}

static bool fits(const hub_t *hub, const hub_viewer *viewer, int64_t since, bool newest_alone)
{
    size_t events = 0, bytes = 0;
    for (int64_t seq = since + 1; seq <= ring_seq(hub->ring); seq++) {
        const news_t *news = ring_at(hub->ring, seq);
        if (is_left_out(news, newest_alone) || !hub_may_see(viewer, news))
            continue;
        events++;
        bytes += news->len;
        if (events > hub->config.replay_events || bytes > hub->config.replay_bytes)
            return false;
    }
    return true;
}

typedef enum { REPLAY_NOTHING, REPLAY_ALL, REPLAY_NEWEST } replay_mode;

static replay_mode how_to_replay(const hub_t *hub, const hub_viewer *viewer, const char *epoch, int64_t since)
{
    if (strcmp(epoch, ring_epoch(hub->ring)) != 0 || !ring_reaches(hub->ring, since))
        return REPLAY_NOTHING;
    if (fits(hub, viewer, since, false))
        return REPLAY_ALL;
    return fits(hub, viewer, since, true) ? REPLAY_NEWEST : REPLAY_NOTHING;
}

bool hub_can_replay(const hub_t *hub, const hub_viewer *viewer, const char *epoch, int64_t since)
{
    return how_to_replay(hub, viewer, epoch, since) != REPLAY_NOTHING;
}

bool hub_replay(hub_t *hub, hub_viewer *viewer, const char *epoch, int64_t since)
{
    replay_mode mode = how_to_replay(hub, viewer, epoch, since);
    if (mode == REPLAY_NOTHING)
        return false;
    for (int64_t seq = since + 1, last = ring_seq(hub->ring); seq <= last && viewer->of; seq++) {
        news_t *news = ring_at(hub->ring, seq);
        if (is_left_out(news, mode == REPLAY_NEWEST))
            continue;
        deliver(hub, viewer, news);
        if (!ring_is_recent(hub->ring, seq))
            news_cool(news);
    }
    return true;
}

bool hub_offset_parse(const char *offset, char epoch[RANDOM_NAME_SIZE], int64_t *seq)
{
    const char *dot = strchr(offset, '.');
    if (!dot || dot == offset || dot - offset >= RANDOM_NAME_SIZE || strlen(dot + 1) > 18 || !dot[1] ||
        strspn(dot + 1, "0123456789") != strlen(dot + 1))
        return false;
    memcpy(epoch, offset, (size_t)(dot - offset));
    epoch[dot - offset] = '\0';
    *seq = strtoll(dot + 1, NULL, 10);
    return true;
}

/* --- Readiness --- */

bool hub_ready(const hub_t *hub)
{
    return hub->ready;
}

hub_wait *hub_when_ready(hub_t *hub, void (*fn)(void *arg), void *arg)
{
    if (hub->ready) {
        fn(arg);
        return NULL;
    }
    hub_wait *wait = mem_zero(sizeof *wait);
    wait->fn = fn;
    wait->arg = arg;
    *hub->last_wait = wait;
    hub->last_wait = &wait->next;
    return wait;
}

void hub_wait_cancel(hub_t *hub, hub_wait *wait)
{
    hub_wait **at = &hub->waits;
    while (*at && *at != wait)
        at = &(*at)->next;
    free(take_wait(hub, at));
}

void hub_set_ready(hub_t *hub)
{
    hub->ready = true;
    for (hub_wait *wait; (wait = take_wait(hub, &hub->waits));) {
        void (*fn)(void *arg) = wait->fn;
        void *arg = wait->arg;
        free(wait);
        fn(arg);
    }
}

void hub_stats_get(const hub_t *hub, hub_stats *stats)
{
    *stats = hub->stats;
    stats->users = hub->users.count;
    stats->ring_events = ring_count(hub->ring);
    stats->ring_bytes = ring_bytes(hub->ring);
}
