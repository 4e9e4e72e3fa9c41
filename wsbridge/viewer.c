#include "viewer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "core/token.h"
#include "log.h"
#include "origin.h"
#include "protocol/mem.h"

static const viewer_refusal_t sign_in_required = {VIEWER_SIGN_IN, 401, "sign-in-required",
                                                  "This needs a session: sign in first"};
static const viewer_refusal_t session_invalid = {VIEWER_SIGN_IN, 401, "session-invalid",
                                                 "The session is not valid, or no longer: sign in again"};
static const viewer_refusal_t database_unavailable = {VIEWER_LATER, 503, "database-unavailable",
                                                      "Live status is not available at the moment: come again later"};

/* --- The door -------------------------------------------------------------------------------------------------------- */

void door_init(door_t *door, loop_t *loop, const config_t *config, hub_t *hub, identity_t *identity)
{
    *door = (door_t){.loop = loop, .config = config, .hub = hub, .identity = identity};
}

size_t door_viewers(const door_t *door)
{
    size_t count = 0;
    for (int i = 0; i < VIEWER_PROTOCOLS; i++)
        count += door->count[i];
    return count;
}

static void unlink_viewer(viewer_t *viewer)
{
    if (!viewer->at)
        return;
    *viewer->at = viewer->next;
    if (viewer->next)
        viewer->next->at = viewer->at;
    viewer->at = NULL;
}

static void link_viewer(viewer_t *viewer)
{
    door_t *door = viewer->door;
    viewer->next = door->viewers;
    viewer->at = &door->viewers;
    if (viewer->next)
        viewer->next->at = &viewer->next;
    door->viewers = viewer;
}

void door_close(door_t *door)
{
    viewer_t *viewer;
    door->closing = true;
    while ((viewer = door->viewers)) {
        unlink_viewer(viewer); /* some are gone when `end` returns, others later */
        viewer->protocol->end(viewer, VIEWER_LATER, "the bridge stops");
    }
}

/* The last member of a comma-separated field: the one that our own Apache added. */
static const char *last_member(const char *field)
{
    const char *comma = field ? strrchr(field, ',') : NULL;
    if (!comma)
        return field;
    return comma + 1 + strspn(comma + 1, " \t");
}

static bool origin_fits(const door_t *door, const http_request_t *request)
{
    size_t origins;
    const char *origin = http_header(request, "Origin", &origins);
    const char *host = last_member(http_header(request, "X-Forwarded-Host", NULL));
    if (!host)
        host = http_header(request, "Host", NULL);
    return origins <= 1 && origin_allowed(origin, host, door->config->allowed_origins);
}

int door_check(door_t *door, const http_request_t *request)
{
    if (!origin_fits(door, request))
        return 403;
    if (door->closing)
        return 503;
    if (door_viewers(door) < (size_t)door->config->max_viewers)
        return 0;
    door->shed++;
    return 503;
}

/* --- Coming in ------------------------------------------------------------------------------------------------------- */

static void keep_token(viewer_t *viewer, credentials_t credentials)
{
    free(viewer->token);
    viewer->token = NULL;
    viewer->kind = credentials.len > TOKEN_MAX_LENGTH ? CREDENTIALS_BAD : credentials.kind;
    if (viewer->kind != CREDENTIALS_TOKEN)
        return;
    viewer->token = mem_copy(credentials.token, credentials.len);
    viewer->token_len = credentials.len;
}

static credentials_t credentials_of(const door_t *door, const http_request_t *request)
{
    size_t authorizations, cookies;
    const char *authorization = http_header(request, "Authorization", &authorizations);
    const char *cookie = http_header(request, "Cookie", &cookies);
    return credentials_choose(authorization, authorizations, cookie, cookies, door->config->cookie_name);
}

static void keep_client(viewer_t *viewer, const http_request_t *request)
{
    const char *forwarded = last_member(http_header(request, "X-Forwarded-For", NULL));
    if (forwarded)
        log_clean(viewer->client, sizeof viewer->client, forwarded);
    else
        http_peer(request, viewer->client, sizeof viewer->client);
}

viewer_t *viewer_open(door_t *door, const viewer_protocol_t *protocol, const http_request_t *request, size_t size)
{
    viewer_t *viewer = mem_zero(size);
    viewer->door = door;
    viewer->protocol = protocol;
    viewer->in_hub.ops = &protocol->hub;
    viewer->opened = loop_now(door->loop);
    keep_token(viewer, credentials_of(door, request));
    keep_client(viewer, request);
    link_viewer(viewer);
    door->count[protocol->index]++;
    return viewer;
}

void viewer_set_token(viewer_t *viewer, const char *token, size_t len)
{
    keep_token(viewer, (credentials_t){.kind = len ? CREDENTIALS_TOKEN : CREDENTIALS_BAD, .token = token, .len = len});
}

static void refuse(viewer_t *viewer, const viewer_refusal_t *refusal)
{
    viewer->door->refused++;
    log_line(LOG_INFO, "refuse %s client=%s code=%s", viewer->protocol->name, viewer->client, refusal->name);
    viewer->protocol->refuse(viewer, refusal);
}

/* Old tunnels must end so that old Apache children can; not all at once. */
static int64_t rotation_ms(const door_t *door)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = UINT32_MAX / 2;
    int64_t ms = door->config->rotate_ms, fifth = ms / 5;
    return ms - fifth + 2 * fifth * random / UINT32_MAX;
}

static void on_time_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    viewer_t *viewer = arg;
    if (time(NULL) >= viewer->expires)
        viewer->protocol->end(viewer, VIEWER_SIGN_IN, "the token has expired");
    else
        viewer->protocol->end(viewer, VIEWER_RECONNECT, "rotation");
}

static void admit(viewer_t *viewer)
{
    char user[25];
    int64_t left_ms = (viewer->expires - time(NULL)) * 1000, rotation = rotation_ms(viewer->door);
    viewer->in = true;
    viewer->door->admitted++;
    loop_timer_set(viewer->door->loop, &viewer->timer, left_ms < rotation ? left_ms : rotation, on_time_over, viewer);
    bson_oid_to_string(&viewer->in_hub.user, user);
    log_line(LOG_INFO, "connect %s user=%s role=%s client=%s", viewer->protocol->name, user,
             user_role_name(viewer->in_hub.role), viewer->client);
    viewer->protocol->admit(viewer);
}

static void on_waited_enough(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    viewer_t *viewer = arg;
    hub_wait_cancel(viewer->door->hub, viewer->wait);
    viewer->wait = NULL;
    loop_timer_free(&viewer->timer); /* a timer keeps its first function */
    refuse(viewer, &database_unavailable);
}

static void on_ready(void *arg)
{
    viewer_t *viewer = arg;
    viewer->wait = NULL;
    loop_timer_free(&viewer->timer);
    viewer_identify(viewer);
}

static void on_identified(void *ctx, identity_result result, const identity_who *who)
{
    viewer_t *viewer = ctx;
    viewer->query = NULL;
    if (result != IDENTITY_GOOD) {
        refuse(viewer, result == IDENTITY_REFUSED ? &session_invalid : &database_unavailable);
        return;
    }
    viewer->in_hub.user = who->user;
    viewer->in_hub.role = who->role;
    viewer->in_hub.version = who->version;
    viewer->expires = who->exp;
    admit(viewer);
}

/* The stream first: it tells of users that change, too, so that nothing is missed between the check and the hub. */
void viewer_identify(viewer_t *viewer)
{
    door_t *door = viewer->door;
    if (viewer->in || viewer->query || viewer->wait)
        return;
    if (viewer->kind != CREDENTIALS_TOKEN) {
        refuse(viewer, viewer->kind == CREDENTIALS_NONE ? &sign_in_required : &session_invalid);
    } else if (hub_ready(door->hub)) {
        viewer->query = identity_check(door->identity, viewer->token, viewer->token_len, on_identified, viewer);
    } else {
        loop_timer_set(door->loop, &viewer->timer, door->config->ready_wait_ms, on_waited_enough, viewer);
        viewer->wait = hub_when_ready(door->hub, on_ready, viewer);
    }
}

/* --- Going ----------------------------------------------------------------------------------------------------------- */

void viewer_revoked(hub_viewer *in_hub)
{
    viewer_t *viewer = (viewer_t *)in_hub;
    viewer->protocol->revoke(viewer);
}

static void on_rechecked(void *ctx, identity_result result, const identity_who *who)
{
    (void)who;
    viewer_t *viewer = ctx;
    viewer->query = NULL;
    if (result == IDENTITY_REFUSED)
        viewer->protocol->revoke(viewer);
    else if (result == IDENTITY_UNAVAILABLE)
        viewer->protocol->end(viewer, VIEWER_LATER, "the session could not be checked again");
}

void viewer_recheck(viewer_t *viewer)
{
    if (viewer->in && !viewer->query)
        viewer->query = identity_check(viewer->door->identity, viewer->token, viewer->token_len, on_rechecked, viewer);
}

static void log_end(const viewer_t *viewer, const char *reason)
{
    char user[25], clean[128];
    bson_oid_to_string(&viewer->in_hub.user, user);
    log_line(LOG_INFO, "disconnect %s user=%s client=%s seconds=%.1f events=%lld reason=\"%s\"", viewer->protocol->name,
             user, viewer->client, (double)(loop_now(viewer->door->loop) - viewer->opened) / 1000,
             (long long)viewer->sent, log_clean(clean, sizeof clean, reason));
}

static void release(void *arg)
{
    viewer_t *viewer = arg;
    free(viewer->token);
    free(viewer);
}

void viewer_leave(viewer_t *viewer, const char *reason)
{
    hub_t *hub = viewer->door->hub;
    hub_remove(hub, &viewer->in_hub);
    hub_wait_cancel(hub, viewer->wait);
    identity_cancel(viewer->query);
    loop_timer_free(&viewer->timer);
    if (viewer->in)
        log_end(viewer, reason);
    viewer->wait = NULL;
    viewer->query = NULL;
    viewer->in = viewer->in_hub.revoked = false;
}

void viewer_close(viewer_t *viewer, const char *reason)
{
    door_t *door = viewer->door;
    viewer_leave(viewer, reason);
    unlink_viewer(viewer);
    door->count[viewer->protocol->index]--;
    loop_defer(door->loop, release, viewer);
}
