#include "viewer_plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/mem.h"
#include "protocol/plain.h"

typedef struct plain_viewer {
    viewer_t viewer;
    plain_server_t *server;
    ws_t *ws;
    char *epoch; /* where it was, if it has been here before */
    int64_t since;
} plain_viewer_t;

static const char *const subprotocols[] = {"orders.v1", NULL};

static plain_viewer_t *plain_of(viewer_t *viewer)
{
    return (plain_viewer_t *)viewer;
}

static void send_own(plain_viewer_t *plain, frame_t *frame)
{
    ws_send_frame(plain->ws, frame);
    frame_unref(frame);
}

/* --- What it is told ------------------------------------------------------------------------------------------------- */

static frame_t *heartbeat_frame(const hub_t *hub)
{
    bytes_t members = {0};
    bytes_format(&members, "\"seq\":%lld", (long long)hub_seq(hub));
    frame_t *frame = plain_frame_text("heartbeat", (const char *)members.data, members.len);
    bytes_free(&members);
    return frame;
}

static frame_t *reset_frame(const char *epoch, int64_t seq)
{
    bytes_t members = {0};
    bytes_format(&members, "\"epoch\":\"%s\",\"seq\":%lld", epoch, (long long)seq);
    frame_t *frame = plain_frame_text("reset", (const char *)members.data, members.len);
    bytes_free(&members);
    return frame;
}

/* `seq` is where the events that follow go on. */
static frame_t *hello_frame(const plain_viewer_t *plain, int64_t seq)
{
    const door_t *door = plain->viewer.door;
    bytes_t members = {0};
    bytes_format(&members, "\"epoch\":\"%s\",\"seq\":%lld,\"heartbeat\":%g,\"resumed\":%s", hub_epoch(door->hub),
                 (long long)seq, door->config->heartbeat_ms / 1000.0, plain->viewer.resumed ? "true" : "false");
    frame_t *frame = plain_frame_text("hello", (const char *)members.data, members.len);
    bytes_free(&members);
    return frame;
}

/* A client that was here before is told of the gap by `reset` if it can't be closed. */
static void admit(viewer_t *viewer)
{
    plain_viewer_t *plain = plain_of(viewer);
    hub_t *hub = viewer->door->hub;
    bool was_here = plain->epoch;
    viewer->resumed = was_here && hub_can_replay(hub, &viewer->in_hub, plain->epoch, plain->since);
    send_own(plain, hello_frame(plain, viewer->resumed ? plain->since : hub_seq(hub)));
    hub_add(hub, &viewer->in_hub);
    if (viewer->resumed)
        hub_replay(hub, &viewer->in_hub, plain->epoch, plain->since);
    else if (was_here)
        send_own(plain, reset_frame(hub_epoch(hub), hub_seq(hub)));
    free(plain->epoch);
    plain->epoch = NULL;
}

static void deliver(hub_viewer *in_hub, news_t *news)
{
    viewer_t *viewer = (viewer_t *)in_hub;
    if (ws_send_frame(plain_of(viewer)->ws, news_plain_frame(news)))
        viewer_count(viewer);
}

static void reset(hub_viewer *in_hub, const char *epoch, int64_t seq)
{
    viewer_t *viewer = (viewer_t *)in_hub;
    send_own(plain_of(viewer), reset_frame(epoch, seq));
    viewer_recheck(viewer);
}

static void end(viewer_t *viewer, enum viewer_code code, const char *reason)
{
    ws_close(plain_of(viewer)->ws, code, reason);
}

static void on_revoke(viewer_t *viewer)
{
    ws_cut(plain_of(viewer)->ws, VIEWER_SIGN_IN, "the session has ended");
}

static void refuse(viewer_t *viewer, const viewer_refusal_t *refusal)
{
    ws_close(plain_of(viewer)->ws, refusal->code, refusal->message);
}

static const viewer_protocol_t protocol = {
    .name = "ws",
    .index = 0,
    .admit = admit,
    .refuse = refuse,
    .end = end,
    .revoke = on_revoke,
    .hub = {.deliver = deliver, .reset = reset, .revoke = viewer_revoked},
};

/* All in one go: they share the frame. */
static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    plain_server_t *server = arg;
    door_t *door = server->door;
    frame_t *frame = heartbeat_frame(door->hub);
    for (viewer_t *viewer = door->viewers, *next; viewer; viewer = next) {
        next = viewer->next;
        if (viewer->protocol == &protocol && viewer->in)
            ws_send_frame(plain_of(viewer)->ws, frame);
    }
    frame_unref(frame);
    loop_timer_set(door->loop, &server->heartbeat, door->config->heartbeat_ms, on_heartbeat, server);
}

/* --- What it says ---------------------------------------------------------------------------------------------------- */

static void send_error(plain_viewer_t *plain, const char *code, const char *detail)
{
    json_t *message = json_pack("{s:s, s:s, s:s}", "type", "error", "code", code, "detail", detail);
    send_own(plain, plain_frame(message));
    json_decref(message);
}

static void on_message(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    plain_viewer_t *plain = user;
    const char *error = NULL;
    if (!text) {
        ws_close(ws, WS_UNSUPPORTED, "messages are text");
        return;
    }
    json_t *message = plain_parse(text, data, len, &error);
    if (!message)
        send_error(plain, "malformed-message", error);
    else if (strcmp(json_string_value(json_object_get(message, "type")), "ping") != 0)
        send_error(plain, "unknown-message", "the only message to send is {\"type\":\"ping\"}");
    else if (plain->viewer.in)
        send_own(plain, heartbeat_frame(plain->viewer.door->hub));
    json_decref(message);
}

static void on_closed(ws_t *ws, const ws_end_t *ending, void *user)
{
    (void)ws;
    plain_viewer_t *plain = user;
    bytes_t reason = {0};
    bytes_format(&reason, "%s %d%s%s", ending->by_peer ? "client" : "bridge", ending->code, *ending->reason ? " " : "",
                 ending->reason);
    bytes_add(&reason, "", 1);
    free(plain->epoch);
    viewer_close(&plain->viewer, (const char *)reason.data);
    bytes_free(&reason);
}

static const ws_handlers_t handlers = {.message = on_message, .closed = on_closed};

/* --- Coming in ------------------------------------------------------------------------------------------------------- */

/* ?epoch=&since=: what is no number is a place that can't be reached, and leads to `reset`. */
static void read_place(plain_viewer_t *plain, const http_request_t *request)
{
    char *since = http_parameter(request, "since"), *end_of_number = NULL;
    plain->epoch = http_parameter(request, "epoch");
    if (since && !plain->epoch)
        plain->epoch = mem_copy("", 0);
    errno = 0;
    plain->since = since && *since >= '0' && *since <= '9' ? strtoll(since, &end_of_number, 10) : -1;
    if (errno || (end_of_number && *end_of_number))
        plain->since = -1;
    free(since);
}

void plain_serve(http_request_t *request, void *arg)
{
    plain_server_t *server = arg;
    int status = door_check(server->door, request);
    if (status) {
        http_problem(request, status, status == 503 ? DOOR_RETRY_AFTER : 0);
        return;
    }
    plain_viewer_t *plain = (plain_viewer_t *)viewer_open(server->door, &protocol, request, sizeof(plain_viewer_t));
    read_place(plain, request);
    plain->ws = ws_upgrade(request, &server->options, &handlers, plain);
    if (plain->ws) {
        viewer_identify(&plain->viewer);
    } else {
        free(plain->epoch);
        viewer_close(&plain->viewer, "");
    }
}

void plain_server_init(plain_server_t *server, door_t *door)
{
    const config_t *config = door->config;
    *server = (plain_server_t){.door = door, .options = ws_defaults};
    server->options.subprotocols = subprotocols;
    server->options.max_message = (size_t)config->message_bytes;
    server->options.max_per_minute = (uint32_t)config->messages_per_minute;
    server->options.max_queue_bytes = (size_t)config->queue_bytes;
    server->options.max_queue_frames = (size_t)config->queue_events;
    server->options.slow_code = VIEWER_TOO_SLOW;
    server->options.ping_interval_ms = config->heartbeat_ms;
    server->options.ping_timeout_ms = config->ping_timeout_ms;
    loop_timer_set(door->loop, &server->heartbeat, config->heartbeat_ms, on_heartbeat, server);
}

void plain_server_stop(plain_server_t *server)
{
    loop_timer_free(&server->heartbeat);
}
