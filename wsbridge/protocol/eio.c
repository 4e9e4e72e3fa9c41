/* The server: which request belongs to which session, and what is refused. */
#include "eio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "eio_private.h"
#include "mem.h"

const eio_options_t eio_defaults = {
    .ping_interval_ms = 25000,
    .ping_timeout_ms = 20000,
    .upgrade_timeout_ms = 10000,
    .max_payload = 1000000,
    .max_queue_bytes = 1 << 20,
    .max_queue_frames = 1000,
    .max_sessions = 10000,
};

/* The reference's codes (its server's `errors`). */
enum refusal {
    ACCEPTED = -1,
    UNKNOWN_TRANSPORT,
    UNKNOWN_SID,
    BAD_HANDSHAKE_METHOD,
    BAD_REQUEST,
    FORBIDDEN,
    UNSUPPORTED_VERSION,
};

static void refuse(http_request_t *request, enum refusal refusal)
{
    static const char *const words[] = {"Transport unknown", "Session ID unknown", "Bad handshake method",
                                        "Bad request",       "Forbidden",          "Unsupported protocol version"};
    char body[80];
    int len = snprintf(body, sizeof body, "{\"code\":%d,\"message\":\"%s\"}", refusal, words[refusal]);
    http_reply(request, &(http_answer_t){.status = refusal == FORBIDDEN ? 403 : 400,
                                         .type = "application/json",
                                         .body = body,
                                         .len = (size_t)len});
}

eio_server_t *eio_server_new(loop_t *loop, const eio_options_t *options, const eio_handlers_t *handlers, void *arg)
{
    eio_server_t *server = mem_zero(sizeof *server);
    *server = (eio_server_t){.loop = loop, .options = options, .handlers = handlers, .arg = arg};
    server->ws_options = ws_defaults;
    server->ws_options.max_message = options->max_payload;
    server->ws_options.max_queue_bytes = options->max_queue_bytes;
    server->ws_options.max_queue_frames = options->max_queue_frames;
    server->ws_options.slow_code = options->slow_code;
    server->ws_options.ping_interval_ms = 0; /* the heartbeat is Engine.IO's */
    eio_table_init(server);
    return server;
}

static eio_session_t *any_session(const eio_server_t *server)
{
    for (size_t i = 0; i < server->bucket_count; i++)
        if (server->buckets[i])
            return server->buckets[i];
    return NULL;
}

static void release(void *arg)
{
    eio_server_t *server = arg;
    free(server->buckets);
    free(server);
}

void eio_server_free(eio_server_t *server)
{
    if (!server)
        return;
    eio_session_t *session;
    while ((session = any_session(server))) {
        if (session->state == EIO_STATE_LEAVING)
            eio_session_left(session);
        else
            eio_session_end(session, EIO_DROP_QUEUE, WS_GOING_AWAY, "server shutting down");
    }
    loop_defer(server->loop, release, server);
}

size_t eio_sessions(const eio_server_t *server)
{
    return server->count;
}

/* --- Requests -------------------------------------------------------------------------------------------------------- */

typedef struct query {
    char *transport, *version, *sid;
    bool is_ws, is_get, upgrade;
} query_t;

static query_t read_query(const http_request_t *request)
{
    query_t query = {
        .transport = http_parameter(request, "transport"),
        .version = http_parameter(request, "EIO"),
        .sid = http_parameter(request, "sid"),
        .is_get = !strcmp(http_method(request), "GET"),
        .upgrade = http_wants_upgrade(request),
    };
    query.is_ws = query.transport && !strcmp(query.transport, "websocket");
    return query;
}

static void free_query(query_t *query)
{
    free(query->transport);
    free(query->version);
    free(query->sid);
}

static enum refusal check_handshake(const query_t *query)
{
    if (!query->is_get)
        return BAD_HANDSHAKE_METHOD;
    if (query->is_ws != query->upgrade)
        return BAD_REQUEST;
    if (!query->version || strcmp(query->version, "4") != 0)
        return UNSUPPORTED_VERSION;
    return ACCEPTED;
}

static bool admit(eio_server_t *server, http_request_t *request)
{
    if (server->count >= server->options->max_sessions) {
        http_problem(request, 503, 5);
        return false;
    }
    http_answer_t refusal = {0};
    if (!server->handlers->accept || server->handlers->accept(request, &refusal, server->arg))
        return true;
    if (refusal.status)
        http_reply(request, &refusal);
    else
        refuse(request, FORBIDDEN);
    return false;
}

static void handshake(eio_server_t *server, http_request_t *request, bool is_ws)
{
    if (!admit(server, request))
        return;
    eio_session_t *session = eio_session_new(server, is_ws);
    server->handlers->opened(session, request, server->arg);
    if (!is_ws)
        eio_polling_get(session, request);
    else if (session->state == EIO_STATE_OPEN)
        eio_ws_open(session, request);
    else
        refuse(request, FORBIDDEN);
}

/* An upgrade; or a second socket, or a late one. */
static void continue_on_ws(eio_server_t *server, eio_session_t *session, http_request_t *request)
{
    if (session->on_ws || session->probe || session->state != EIO_STATE_OPEN)
        eio_ws_turn_away(server, request);
    else
        eio_ws_probe(session, request);
}

static void continue_session(eio_server_t *server, eio_session_t *session, http_request_t *request,
                             const query_t *query)
{
    bool polls = !query->upgrade && !query->is_ws && !session->on_ws;
    bool posts = !strcmp(http_method(request), "POST") && session->state == EIO_STATE_OPEN;
    if (query->upgrade && query->is_ws)
        continue_on_ws(server, session, request);
    else if (polls && query->is_get)
        eio_polling_get(session, request);
    else if (polls && posts)
        eio_polling_post(session, request);
    else
        refuse(request, BAD_REQUEST);
}

static eio_session_t *find_session(eio_server_t *server, const char *sid)
{
    eio_session_t *session = eio_table_find(server, sid);
    if (session)
        eio_session_check(session);
    return session && session->state != EIO_STATE_CLOSED ? session : NULL;
}

void eio_serve(http_request_t *request, void *arg)
{
    eio_server_t *server = arg;
    query_t query = read_query(request);
    bool known_transport = query.is_ws || (query.transport && !strcmp(query.transport, "polling"));
    eio_session_t *session = query.sid ? find_session(server, query.sid) : NULL;
    enum refusal refusal = query.sid ? (session ? ACCEPTED : UNKNOWN_SID) : check_handshake(&query);
    if (!known_transport)
        refuse(request, UNKNOWN_TRANSPORT);
    else if (refusal != ACCEPTED)
        refuse(request, refusal);
    else if (session)
        continue_session(server, session, request, &query);
    else
        handshake(server, request, query.is_ws);
    free_query(&query);
}
