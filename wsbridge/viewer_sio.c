#include "viewer_sio.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "protocol/mem.h"

#define LATER_MS 2000 /* up to twice as long */

typedef struct sio_viewer {
    viewer_t viewer;
    sio_viewers_t *all;
    sio_client_t *client;
    sio_socket_t *socket; /* once it has asked for the namespace */
    char *pid, *offset;   /* of an earlier session, if it had one */
} sio_viewer_t;

static sio_viewer_t *sio_of(viewer_t *viewer)
{
    return (sio_viewer_t *)viewer;
}

/* --- Being let in ---------------------------------------------------------------------------------------------------- */

/* The place where an earlier session of this very user broke off, if what came since can be replayed. */
static bool find_place(const sio_viewer_t *sio, pid_note_t *note, int64_t *since)
{
    const hub_t *hub = sio->viewer.door->hub;
    char epoch[RANDOM_NAME_SIZE];
    if (!sio->pid || !pid_read(sio->pid, sio->all->key, hub_epoch(hub), note) ||
        !bson_oid_equal(&note->user, &sio->viewer.in_hub.user))
        return false;
    *since = note->seq; /* it had no event yet: all since it came */
    if (sio->offset && (!hub_offset_parse(sio->offset, epoch, since) || strcmp(epoch, hub_epoch(hub)) != 0))
        return false;
    return hub_can_replay(hub, &sio->viewer.in_hub, hub_epoch(hub), *since);
}

static void accept_new(sio_viewer_t *sio)
{
    hub_t *hub = sio->viewer.door->hub;
    pid_note_t note = {.user = sio->viewer.in_hub.user, .seq = hub_seq(hub)};
    char text[PID_TEXT];
    random_name(note.sid);
    pid_write(text, sio->all->key, hub_epoch(hub), &note);
    hub_add(hub, &sio->viewer.in_hub);
    sio_accept(sio->socket, note.sid, text);
}

/* With the same ids, which is how the client knows that nothing is missing. */
static void accept_again(sio_viewer_t *sio, const pid_note_t *note, int64_t since)
{
    hub_t *hub = sio->viewer.door->hub;
    sio->viewer.resumed = true;
    hub_add(hub, &sio->viewer.in_hub);
    sio_accept(sio->socket, note->sid, sio->pid);
    if (sio->socket) /* it can break by a mere word */
        hub_replay(hub, &sio->viewer.in_hub, hub_epoch(hub), since);
}

static void forget_place(sio_viewer_t *sio)
{
    free(sio->pid);
    free(sio->offset);
    sio->pid = sio->offset = NULL;
}

static void admit(viewer_t *viewer)
{
    sio_viewer_t *sio = sio_of(viewer);
    pid_note_t note;
    int64_t since;
    if (find_place(sio, &note, &since))
        accept_again(sio, &note, since);
    else
        accept_new(sio);
    forget_place(sio);
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    sio_viewer_t *sio = arg;
    sio_client_close(sio->client, VIEWER_LATER, "not available at the moment");
}

/* A client doesn't come back by itself from connect_error: where it should, the transport closes instead. That it could
 * connect has it come back at once, each time: a while of waiting here keeps thousands of them from doing so. */
static void send_off(sio_viewer_t *sio)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = 0;
    loop_timer_set(sio->viewer.door->loop, &sio->viewer.timer, LATER_MS + random % LATER_MS, on_later, sio);
}

static void refuse(viewer_t *viewer, const viewer_refusal_t *refusal)
{
    sio_viewer_t *sio = sio_of(viewer);
    if (refusal->code == VIEWER_LATER) {
        send_off(sio);
        return;
    }
    json_t *data = json_pack("{s:s, s:i}", "code", refusal->name, "status", refusal->status);
    sio_socket_t *socket = sio->socket;
    sio->socket = NULL;
    forget_place(sio);
    sio_refuse(socket, refusal->message, data);
    json_decref(data);
}

/* --- Being in -------------------------------------------------------------------------------------------------------- */

/* The news' own reference is the caller's for the whole call; the viewer may be gone after sio_send. */
static void deliver(hub_viewer *in_hub, news_t *news)
{
    viewer_t *viewer = (viewer_t *)in_hub;
    viewer_count(viewer);
    sio_send(sio_of(viewer)->socket, news_sio_frame(news, hub_epoch(viewer->door->hub)));
}

/* It comes back by itself, finds that it was not recovered, and fetches by REST. */
static void reset(hub_viewer *in_hub, const char *epoch, int64_t seq)
{
    (void)epoch;
    (void)seq;
    sio_client_cut(sio_of((viewer_t *)in_hub)->client, VIEWER_RECONNECT, "events were missed");
}

/* What waits is dropped; the recovery brings it. A polling client that got events together with the close would count
 * them as not received, and yet show them: once from its own buffer, once from the recovery. */
static void end(viewer_t *viewer, enum viewer_code code, const char *reason)
{
    sio_client_cut(sio_of(viewer)->client, code, reason);
}

/* DISCONNECT, so that the client doesn't come back with the same token. It closes the transport itself; if it doesn't, the
 * wait for another CONNECT ends it. (A close packet in the same polling answer would overtake DISCONNECT in the client.) */
static void on_revoke(viewer_t *viewer)
{
    sio_viewer_t *sio = sio_of(viewer);
    if (sio->socket)
        sio_disconnect(sio->socket, "the session has ended");
}

static const viewer_protocol_t protocol = {
    .name = "socket.io",
    .index = 1,
    .admit = admit,
    .refuse = refuse,
    .end = end,
    .revoke = on_revoke,
    .hub = {.deliver = deliver, .reset = reset, .revoke = viewer_revoked},
};

/* --- What the client does -------------------------------------------------------------------------------------------- */

static bool on_accept(const http_request_t *request, http_answer_t *refusal, void *arg)
{
    static const char forbidden[] = "{\"code\":4,\"message\":\"Forbidden\"}";
    static const char busy[] = "{\"code\":4,\"message\":\"Too many viewers\"}";
    sio_viewers_t *all = arg;
    int status = door_check(all->door, request);
    *refusal = (http_answer_t){.status = status, .type = "application/json"};
    refusal->body = status == 503 ? busy : forbidden;
    refusal->len = status == 503 ? sizeof busy - 1 : sizeof forbidden - 1;
    if (status == 503)
        refusal->fields = "Retry-After: 5\r\n";
    return !status;
}

static void on_opened(sio_client_t *client, const http_request_t *request, void *arg)
{
    sio_viewers_t *all = arg;
    sio_viewer_t *sio = (sio_viewer_t *)viewer_open(all->door, &protocol, request, sizeof(sio_viewer_t));
    sio->all = all;
    sio->client = client;
    sio_client_set_user(client, sio);
}

static char *copy(const char *text)
{
    return text ? mem_copy(text, strlen(text)) : NULL;
}

static void on_connect(sio_socket_t *socket, const sio_connect_t *connect, void *arg)
{
    (void)arg;
    sio_viewer_t *sio = sio_client_user(sio_socket_client(socket));
    const json_t *token = json_object_get(connect->auth, "token");
    forget_place(sio);
    sio->socket = socket;
    sio->pid = copy(connect->pid);
    sio->offset = copy(connect->offset);
    if (token && !json_is_null(token)) /* what is no text has length 0: no token */
        viewer_set_token(&sio->viewer, json_string_value(token), json_string_length(token));
    viewer_identify(&sio->viewer);
}

static void on_event(sio_socket_t *socket, const sio_event_t *event, void *arg)
{
    (void)arg;
    if (event->id == SIO_NO_ID)
        return;
    json_t *args = json_pack("[{s:{s:s, s:s}}]", "error", "code", "unknown-event", "detail",
                             "there is nothing to send here: orders are changed by the API");
    sio_ack(socket, event->id, args, NULL, 0);
    json_decref(args);
}

static void on_disconnected(sio_socket_t *socket, const char *reason, void *arg)
{
    (void)arg;
    sio_viewer_t *sio = sio_client_user(sio_socket_client(socket));
    sio->socket = NULL;
    viewer_leave(&sio->viewer, reason);
}

static void on_closed(sio_client_t *client, const char *reason, void *arg)
{
    (void)arg;
    sio_viewer_t *sio = sio_client_user(client);
    forget_place(sio);
    viewer_close(&sio->viewer, reason);
}

/* --- The server ------------------------------------------------------------------------------------------------------ */

bool sio_viewers_init(sio_viewers_t *viewers, door_t *door)
{
    static const sio_handlers_t handlers = {
        .accept = on_accept,
        .opened = on_opened,
        .connect = on_connect,
        .event = on_event,
        .disconnected = on_disconnected,
        .closed = on_closed,
    };
    const config_t *config = door->config;
    *viewers = (sio_viewers_t){.door = door, .options = sio_defaults};
    if (getrandom(viewers->key, sizeof viewers->key, 0) != sizeof viewers->key)
        return false;
    eio_options_t *eio = &viewers->options.eio;
    eio->ping_interval_ms = config->heartbeat_ms;
    eio->ping_timeout_ms = config->ping_timeout_ms;
    eio->upgrade_timeout_ms = config->handshake_ms;
    eio->max_payload = (size_t)config->message_bytes;
    eio->max_queue_bytes = (size_t)config->queue_bytes;
    eio->max_queue_frames = (size_t)config->queue_events;
    eio->slow_code = VIEWER_TOO_SLOW;
    eio->max_per_minute = (uint32_t)config->messages_per_minute;
    eio->max_sessions = (size_t)config->max_viewers;
    viewers->options.connect_timeout_ms = config->handshake_ms + config->ready_wait_ms;
    viewers->server = sio_server_new(door->loop, &viewers->options, &handlers, viewers);
    return true;
}

void sio_viewers_free(sio_viewers_t *viewers)
{
    sio_server_free(viewers->server);
}
