#include "ws_reader.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>
#include "bytes.h"
#include "mem.h"
#include "text.h"
#include "ws.h"

#define POOL_SIZE 16 /* readers kept for the next message of whichever connection */

struct ws_reader {
    wslay_event_context_ptr context;
    ws_reader_t *next; /* in the pool */
    const ws_reader_events_t *events;
    void *owner;
    const uint8_t *input; /* not yet given to wslay */
    size_t input_len;
    size_t max_message;
    bytes_t message;    /* so far */
    uint64_t in_flight; /* bytes given to wslay that aren't part of a complete frame yet */
    uint64_t frame_len; /* of the present frame, with its header */
    bool data_frame, in_message;
    uint16_t error;
};

typedef struct pool {
    ws_reader_t *first;
    size_t count;
} pool_t;

static ssize_t on_want_input(wslay_event_context_ptr context, uint8_t *to, size_t len, int flags, void *user)
{
    (void)flags;
    ws_reader_t *reader = user;
    if (!reader->input_len || reader->error || !reader->events->wants_more(reader->owner)) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (len > reader->input_len)
        len = reader->input_len;
    memcpy(to, reader->input, len);
    reader->input += len;
    reader->input_len -= len;
    reader->in_flight += len;
    return (ssize_t)len;
}

static uint64_t frame_length(uint64_t payload)
{
    uint64_t length_field = payload < 126 ? 0 : payload <= UINT16_MAX ? 2 : 8;
    return 2 + length_field + 4 + payload; /* 4: the mask, which wslay demands of a client */
}

static void fail(ws_reader_t *reader, uint16_t code)
{
    reader->error = code;
    wslay_event_shutdown_read(reader->context);
}

static void on_frame_start(wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_start_arg *arg,
                           void *user)
{
    (void)context;
    ws_reader_t *reader = user;
    reader->frame_len = frame_length(arg->payload_length);
    reader->data_frame = !wslay_is_ctrl_frame(arg->opcode);
    /* wslay counts a whole message only where it buffers it. */
    if (reader->data_frame && arg->payload_length > reader->max_message - reader->message.len)
        fail(reader, WS_TOO_BIG);
}

static void on_frame_chunk(wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_chunk_arg *arg,
                           void *user)
{
    (void)context;
    ws_reader_t *reader = user;
    if (reader->data_frame && !reader->error)
        bytes_add(&reader->message, arg->data, arg->data_length);
}

static void on_frame_end(wslay_event_context_ptr context, void *user)
{
    (void)context;
    ws_reader_t *reader = user;
    reader->in_flight -= reader->frame_len;
    if (reader->data_frame)
        reader->in_message = true; /* until on_message says that this was its last frame */
}

static void on_close_frame(ws_reader_t *reader, const struct wslay_event_on_msg_recv_arg *arg)
{
    if (arg->msg_length == 1) {
        fail(reader, WS_PROTOCOL_ERROR); /* half a code: wslay lets it pass */
        return;
    }
    char reason[128] = "";
    size_t len = arg->msg_length > 2 ? arg->msg_length - 2 : 0;
    if (len && !utf8_valid(arg->msg + 2, len)) {
        fail(reader, WS_INVALID_TEXT);
        return;
    }
    if (len)
        memcpy(reason, arg->msg + 2, len);
    reader->events->close(reader->owner, arg->msg_length ? arg->status_code : WS_NO_CODE, reason);
}

static void on_message(wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *arg, void *user)
{
    (void)context;
    ws_reader_t *reader = user;
    if (reader->error || !reader->events->wants_more(reader->owner))
        return;
    if (arg->opcode == WSLAY_CONNECTION_CLOSE) {
        on_close_frame(reader, arg);
    } else if (arg->opcode == WSLAY_PING) {
        reader->events->ping(reader->owner, arg->msg, arg->msg_length);
    } else if (arg->opcode == WSLAY_PONG) {
        reader->events->pong(reader->owner);
    } else {
        bytes_t message = reader->message;
        reader->message = (bytes_t){0};
        reader->in_message = false;
        reader->events->message(reader->owner, arg->opcode == WSLAY_TEXT_FRAME, message.data, message.len);
        bytes_free(&message);
    }
}

/* wslay answers pings and closings itself. Ours are sent in their place among the other frames, so its own are taken
 * and dropped, but for the code with which it would close. */
static ssize_t on_output(wslay_event_context_ptr context, const uint8_t *data, size_t len, int flags, void *user)
{
    (void)context;
    (void)data;
    (void)flags;
    (void)user;
    return (ssize_t)len;
}

static ws_reader_t *reader_new(void)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_want_input,
        .send_callback = on_output,
        .on_frame_recv_start_callback = on_frame_start,
        .on_frame_recv_chunk_callback = on_frame_chunk,
        .on_frame_recv_end_callback = on_frame_end,
        .on_msg_recv_callback = on_message,
    };
    ws_reader_t *reader = mem_zero(sizeof *reader);
    if (wslay_event_context_server_init(&reader->context, &callbacks, reader))
        abort(); /* out of memory: see mem.h */
    wslay_event_config_set_no_buffering(reader->context, 1);
    return reader;
}

static void reader_destroy(ws_reader_t *reader)
{
    wslay_event_context_free(reader->context);
    bytes_free(&reader->message);
    free(reader);
}

static void pool_free(void *arg)
{
    pool_t *pool = arg;
    while (pool->first) {
        ws_reader_t *reader = pool->first;
        pool->first = reader->next;
        reader_destroy(reader);
    }
    free(pool);
}

static pool_t *pool_of(loop_t *loop)
{
    void **slot = loop_ws_slot(loop);
    if (!*slot) {
        *slot = mem_zero(sizeof(pool_t));
        loop_at_end(loop, pool_free, *slot);
    }
    return *slot;
}

static ws_reader_t *pool_take(pool_t *pool)
{
    ws_reader_t *reader = pool->first;
    if (!reader)
        return reader_new();
    pool->first = reader->next;
    pool->count--;
    return reader;
}

static void pool_give(pool_t *pool, ws_reader_t *reader)
{
    if (pool->count == POOL_SIZE) {
        reader_destroy(reader);
        return;
    }
    reader->next = pool->first;
    pool->first = reader;
    pool->count++;
}

/* The code with which wslay wants to close, 0 if it doesn't. */
static uint16_t wslay_verdict(ws_reader_t *reader, int result)
{
    if (reader->error)
        return reader->error;
    if (wslay_event_want_write(reader->context))
        wslay_event_send(reader->context); /* empties its queue */
    if (wslay_event_get_close_received(reader->context))
        return 0;
    if (wslay_event_get_close_sent(reader->context)) {
        uint16_t code = wslay_event_get_status_code_sent(reader->context);
        return code == WS_NO_CODE ? WS_PROTOCOL_ERROR : code;
    }
    return result ? WS_PROTOCOL_ERROR : 0;
}

uint16_t ws_read(ws_reader_t **slot, loop_t *loop, size_t max_message, const ws_reader_events_t *events, void *owner,
                 const uint8_t *data, size_t len)
{
    pool_t *pool = pool_of(loop);
    ws_reader_t *reader = *slot ? *slot : pool_take(pool);
    *slot = reader;
    reader->events = events;
    reader->owner = owner;
    reader->max_message = max_message;
    reader->input = data;
    reader->input_len = len;
    uint16_t verdict = wslay_verdict(reader, wslay_event_recv(reader->context));
    bool idle = !reader->in_flight && !reader->in_message && !verdict && wslay_event_want_read(reader->context);
    if (idle) {
        *slot = NULL;
        pool_give(pool, reader);
    }
    return verdict;
}

void ws_reader_free(ws_reader_t **slot)
{
    if (*slot)
        reader_destroy(*slot);
    *slot = NULL;
}
