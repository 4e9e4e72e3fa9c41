#include "state.h"

#include <string.h>
#include <time.h>

static void add_time(bytes_t *out, int64_t ms)
{
    char text[32];
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    if (!ms) {
        bytes_text(out, "null");
        return;
    }
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    bytes_format(out, "\"%s.%03dZ\"", text, (int)(ms % 1000));
}

static const char *database_name(store_state state)
{
    switch (state) {
    case STORE_UP: return "up";
    case STORE_DOWN: return "down";
    case STORE_STANDALONE: return "standalone";
    case STORE_UNKNOWN: break;
    }
    return "unknown";
}

static void add_viewers(bytes_t *out, const state_t *state)
{
    const door_t *door = state->door;
    bytes_format(out,
                 "\"connections\":%zu,\"viewers\":{\"ws\":%zu,\"socketIo\":%zu,\"max\":%d,\"admitted\":%lld,"
                 "\"refused\":%lld,\"shed\":%lld},",
                 server_connections(state->server), door->count[0], door->count[1], door->config->max_viewers,
                 (long long)door->admitted, (long long)door->refused, (long long)door->shed);
}

/* The lag of the last event: from its time by the database's clock to when it went out by ours. */
static void add_events(bytes_t *out, const state_t *state, const feed_stats *stats)
{
    const hub_t *hub = state->door->hub;
    const hub_stats *hub_is = &stats->hub;
    bytes_format(out, "\"queue\":{\"held\":%zu,\"lookups\":%zu},\"lagMs\":", stats->gate.held, stats->lookups_waiting);
    if (hub_is->last_at)
        bytes_format(out, "%lld", (long long)(hub_is->last_released - hub_is->last_at));
    else
        bytes_text(out, "null");
    bytes_format(out, ",\"lastEvent\":{\"epoch\":\"%s\",\"seq\":%lld,\"at\":", hub_epoch(hub), (long long)hub_seq(hub));
    add_time(out, hub_is->last_at);
    bytes_format(out,
                 "},\"events\":{\"released\":%lld,\"deliveries\":%lld,\"duplicates\":%lld,\"filled\":%lld,"
                 "\"kept\":%zu,\"resets\":%lld},",
                 (long long)stats->gate.released, (long long)hub_is->deliveries, (long long)stats->gate.duplicates,
                 (long long)stats->gate.filled, hub_is->ring_events, (long long)hub_is->resets);
}

static void add_sources(bytes_t *out, const feed_stats *stats)
{
    const stream_stats *stream = &stats->stream;
    const datagram_stats *datagrams = &stats->datagram;
    bytes_format(out,
                 "\"stream\":{\"state\":\"%s\",\"changes\":%lld,\"resumes\":%lld,\"restarts\":%lld},"
                 "\"datagrams\":{\"accepted\":%lld,\"malformed\":%lld,\"foreign\":%lld},\"database\":\"%s\"}",
                 stream_state_name(stream->state), (long long)stream->changes, (long long)stream->resumes,
                 (long long)stream->restarts, (long long)datagrams->accepted, (long long)datagrams->malformed,
                 (long long)datagrams->foreign, database_name(stats->database));
}

void state_serve(http_request_t *request, void *arg)
{
    const state_t *state = arg;
    const char *method = http_method(request);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        http_reply(request, &(http_answer_t){.status = 405, .fields = "Allow: GET, HEAD\r\n"});
        return;
    }
    bool ready = hub_ready(state->door->hub);
    feed_stats stats;
    bytes_t body = {0};
    feed_stats_get(state->feed, &stats);
    bytes_format(&body, "{\"status\":\"%s\",\"ready\":%s,", ready ? "ok" : "starting", ready ? "true" : "false");
    add_viewers(&body, state);
    add_events(&body, state, &stats);
    add_sources(&body, &stats);
    http_reply(request,
               &(http_answer_t){.status = 200, .type = "application/json", .body = body.data, .len = body.len});
    bytes_free(&body);
}
