/* The bridge's main program: everything is made here, in order, and undone in the reverse order. */
#include <apr_general.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "feed.h"
#include "log.h"
#include "process.h"
#include "protocol/server.h"
#include "state.h"
#include "viewer_plain.h"
#include "viewer_sio.h"

/* For the last frames and closing handshakes; and where nobody watches any more, for connections that Apache keeps. */
#define FAREWELL_MS      3000
#define FAREWELL_MIN_MS  500
#define FAREWELL_STEP_MS 20
#define BRIDGE_ROUTES    3
#define SPARE_FILES      64u /* database, logs, sockets to listen on */

typedef struct bridge {
    config_t config;
    apr_pool_t *pool;
    struct event_base *base;
    loop_t *loop;
    feed_t *feed;
    door_t door;
    plain_server_t plain;
    sio_viewers_t sio;
    state_t state;
    server_t *server;
    http_route_t routes[BRIDGE_ROUTES];
    struct event *farewell;
    int64_t stopping;             /* since then, by the loop's clock */
    int listener_fd, datagram_fd; /* systemd's, or -1 */
    uid_t uid;                    /* whom to become */
    gid_t gid;
} bridge_t;

/* --- Beginning ------------------------------------------------------------------------------------------------------- */

static void log_store(void *ctx, store_log_level level, const char *message)
{
    (void)ctx;
    if (level == STORE_LOG_DEBUG)
        return;
    log_line(level == STORE_LOG_ERROR ? LOG_ERROR : level == STORE_LOG_WARNING ? LOG_WARNING : LOG_INFO, "%s", message);
}

static bool failed(const char *what, const char *why)
{
    log_line(LOG_ERROR, "%s%s%s", what, why ? ": " : "", why ? why : "");
    return false;
}

static bool make_loop(bridge_t *bridge)
{
    struct event_config *config = event_config_new();
    if (config && !event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER))
        bridge->base = event_base_new_with_config(config);
    if (config)
        event_config_free(config);
    if (!bridge->base)
        return failed("the event loop can't be made", NULL);
    bridge->loop = loop_new(bridge->base);
    return true;
}

/* Whom to become, if anybody. */
static bool find_users(bridge_t *bridge)
{
    const char *user = bridge->config.user;
    if (!user)
        return true;
    if (!process_find_user(user, &bridge->uid, &bridge->gid))
        return failed("--user: there is no such user", user);
    return getuid() == 0 || getuid() == bridge->uid || failed("--user: only root can become another user", user);
}

static bool start_feed(bridge_t *bridge)
{
    const config_t *config = &bridge->config;
    const char *why = NULL, *sender = config->web_user ? config->web_user : config->user;
    gid_t group;
    feed_config feed = {
        .mongodb_uri = config->mongo_uri,
        .currency = config->currency,
        .exponent = config->exponent,
        .datagram = {.path = bridge->datagram_fd < 0 ? config->datagrams : NULL, .fd = bridge->datagram_fd},
        .hub = {.ring_events = (size_t)config->ring_events,
                .ring_bytes = (size_t)config->ring_bytes,
                .replay_events = (size_t)config->queue_events / 10 * 9,
                .replay_bytes = (size_t)config->queue_bytes / 10 * 9},
        .identity = {.keys = config->keys},
        .log = log_store,
    };
    feed.datagram.has_web_user = sender;
    if (sender && !process_find_user(sender, &feed.datagram.web_user, &group))
        return failed("--web-user: there is no such user", sender);
    bridge->feed = feed_start(bridge->loop, bridge->pool, &feed, &why);
    return bridge->feed || failed("the data side can't be started", why);
}

static bool make_viewers(bridge_t *bridge)
{
    door_init(&bridge->door, bridge->loop, &bridge->config, feed_hub(bridge->feed), feed_identity(bridge->feed));
    plain_server_init(&bridge->plain, &bridge->door);
    if (!sio_viewers_init(&bridge->sio, &bridge->door))
        return failed("the system gives no random bytes", NULL);
    bridge->state = (state_t){.door = &bridge->door, .feed = bridge->feed};
    bridge->routes[0] = (http_route_t){.path = "/ws", .handler = plain_serve, .arg = &bridge->plain};
    bridge->routes[1] = (http_route_t){.path = "/socket.io/",
                                       .handler = sio_serve,
                                       .arg = bridge->sio.server,
                                       .max_body = (size_t)bridge->config.message_bytes};
    bridge->routes[2] = (http_route_t){.path = "/healthz", .handler = state_serve, .arg = &bridge->state};
    return true;
}

/* A polling viewer has two connections, and Apache keeps some that nobody uses at the moment. */
static server_options_t server_limits(const config_t *config)
{
    server_options_t options = server_defaults;
    options.max_connections = (size_t)config->max_viewers * 2 + 64;
    options.head_timeout_ms = config->handshake_ms;
    unsigned long files = process_allow_files(options.max_connections + SPARE_FILES);
    if (files < options.max_connections + SPARE_FILES) {
        log_line(LOG_WARNING, "only %lu files may be open, too few for %d viewers: raise the limit (ulimit -n)", files,
                 config->max_viewers);
        options.max_connections = files > (unsigned long)2 * SPARE_FILES ? files - SPARE_FILES : SPARE_FILES;
    }
    return options;
}

static bool listen_here(bridge_t *bridge)
{
    const config_t *config = &bridge->config;
    server_options_t options = server_limits(config);
    bridge->server = server_new(bridge->loop, &options, bridge->routes, BRIDGE_ROUTES);
    bridge->state.server = bridge->server;
    const char *why = NULL;
    if (bridge->listener_fd >= 0)
        why = server_listen_fd(bridge->server, bridge->listener_fd);
    else if (config->listen)
        why = server_listen_unix(bridge->server, config->listen, 0600);
    else
        why = "no socket to listen on: use --listen, BRIDGE_LISTEN, or systemd's socket activation";
    if (!why && bridge->listener_fd < 0 && config->user && getuid() == 0 &&
        chown(config->listen, bridge->uid, bridge->gid))
        why = "the socket can't be given to the user";
    return !why || failed("can't listen", why);
}

static bool drop_rights(const bridge_t *bridge)
{
    if (!bridge->config.user || getuid() != 0 || bridge->uid == 0)
        return true;
    return process_become(bridge->uid, bridge->gid) || failed("can't become the user", bridge->config.user);
}

/* The sockets need the first user's rights; threads that were started lose them with the process (glibc sees to it). */
static bool begin(bridge_t *bridge)
{
    process_activated(&bridge->listener_fd, &bridge->datagram_fd);
    return make_loop(bridge) && find_users(bridge) && start_feed(bridge) && make_viewers(bridge) &&
           listen_here(bridge) && drop_rights(bridge);
}

/* --- Ending ---------------------------------------------------------------------------------------------------------- */

static void on_farewell(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    bridge_t *bridge = arg;
    int64_t passed = loop_now(bridge->loop) - bridge->stopping;
    bool patient = door_viewers(&bridge->door) > 0 ? passed < FAREWELL_MS : passed < FAREWELL_MIN_MS;
    if (server_connections(bridge->server) == 0 || !patient)
        event_base_loopbreak(bridge->base);
    else
        loop_timer_set(bridge->loop, &bridge->farewell, FAREWELL_STEP_MS, on_farewell, bridge);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    (void)what;
    bridge_t *bridge = arg;
    if (bridge->door.closing)
        return;
    log_line(LOG_INFO, "stopping on signal %d with %zu viewers", number, door_viewers(&bridge->door));
    bridge->stopping = loop_now(bridge->loop);
    server_stop_listening(bridge->server);
    door_close(&bridge->door);
    on_farewell(-1, 0, bridge);
}

static void run(bridge_t *bridge)
{
    struct event *term = evsignal_new(bridge->base, SIGTERM, on_signal, bridge);
    struct event *interrupt = evsignal_new(bridge->base, SIGINT, on_signal, bridge);
    evsignal_add(term, NULL);
    evsignal_add(interrupt, NULL);
    log_line(LOG_INFO, "listening on %s for %d viewers at most",
             bridge->listener_fd >= 0 ? "the socket of systemd" : bridge->config.listen, bridge->config.max_viewers);
    event_base_dispatch(bridge->base);
    event_free(term);
    event_free(interrupt);
}

static void undo(bridge_t *bridge)
{
    loop_timer_free(&bridge->farewell);
    plain_server_stop(&bridge->plain);
    server_free(bridge->server);
    sio_viewers_free(&bridge->sio);
    feed_stop(bridge->feed);
    if (bridge->loop)
        loop_free(bridge->loop);
    if (bridge->base)
        event_base_free(bridge->base);
    libevent_global_shutdown();
}

static int serve(bridge_t *bridge)
{
    bool begun = begin(bridge);
    if (begun)
        run(bridge);
    undo(bridge);
    if (begun)
        log_line(LOG_INFO, "stopped");
    return begun ? 0 : 1;
}

int main(int argc, char **argv)
{
    static bridge_t bridge;
    int status;
    apr_initialize();
    apr_pool_create(&bridge.pool, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (config_load(&bridge.config, bridge.pool, argc, argv, &status)) {
        if (bridge.config.check_only)
            puts("the settings are good");
        else
            status = serve(&bridge);
    }
    apr_pool_destroy(bridge.pool);
    apr_terminate();
    return status;
}
