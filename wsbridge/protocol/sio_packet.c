#include "sio_packet.h"

#include <stdlib.h>
#include <string.h>
#include "eio_packet.h"

#define MAX_ID      9007199254740992 /* 2^53: past it JavaScript's numbers lose count */
#define MAX_NESTING 100

typedef struct cursor {
    const char *at, *end;
} cursor_t;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits up to something else; false where there are none or too many. */
static bool read_number(cursor_t *cursor, int64_t max, int64_t *number)
{
    if (cursor->at == cursor->end || !is_digit(*cursor->at))
        return false;
    for (*number = 0; cursor->at < cursor->end && is_digit(*cursor->at); cursor->at++) {
        *number = *number * 10 + (*cursor->at - '0');
        if (*number > max)
            return false;
    }
    return true;
}

static bool is_binary(enum sio_type type)
{
    return type == SIO_BINARY_EVENT || type == SIO_BINARY_ACK;
}

static const char *read_type(cursor_t *cursor, sio_packet_t *packet)
{
    if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '6')
        return "unknown packet type";
    packet->type = (enum sio_type)(*cursor->at++ - '0');
    if (!is_binary(packet->type))
        return NULL;
    int64_t count;
    if (!read_number(cursor, SIO_MAX_ATTACHMENTS, &count) || cursor->at == cursor->end || *cursor->at != '-')
        return "invalid number of attachments";
    cursor->at++;
    packet->attachments = (unsigned)count;
    return NULL;
}

static const char *read_namespace(cursor_t *cursor, sio_packet_t *packet)
{
    strcpy(packet->nsp, "/");
    if (cursor->at == cursor->end || *cursor->at != '/')
        return NULL;
    size_t left = (size_t)(cursor->end - cursor->at);
    const char *comma = memchr(cursor->at, ',', left);
    size_t len = comma ? (size_t)(comma - cursor->at) : left;
    if (len > SIO_MAX_NAMESPACE || memchr(cursor->at, '\0', len))
        return "invalid namespace";
    memcpy(packet->nsp, cursor->at, len);
    packet->nsp[len] = '\0';
    cursor->at += len + (comma != NULL);
    return NULL;
}

static const char *read_id(cursor_t *cursor, sio_packet_t *packet)
{
    packet->id = SIO_NO_ID;
    if (cursor->at == cursor->end || !is_digit(*cursor->at))
        return NULL;
    return read_number(cursor, MAX_ID, &packet->id) ? NULL : "invalid ack id";
}

/* JSON.parse takes numbers of any size; jansson's integers have 64 bits, so a larger one is read as a real. */
static json_t *parse_json(const char *text, size_t len)
{
    json_error_t error;
    json_t *value = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!value && json_error_code(&error) == json_error_numeric_overflow)
        value = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    return value;
}

/* Names that a client's events can't have: the API uses them itself. */
static bool is_reserved(const char *name)
{
    static const char *const reserved[] = {"connect",       "connect_error", "disconnect",
                                           "disconnecting", "newListener",   "removeListener"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (!strcmp(name, reserved[i]))
            return true;
    return false;
}

static bool is_event_data(const json_t *data)
{
    const json_t *name = json_array_get(data, 0);
    return json_is_number(name) || (json_is_string(name) && !is_reserved(json_string_value(name)));
}

static bool data_valid(const sio_packet_t *packet)
{
    const json_t *data = packet->data;
    bool has_id = packet->id != SIO_NO_ID;
    switch (packet->type) {
    case SIO_CONNECT: return !has_id && (!data || json_is_object(data));
    case SIO_DISCONNECT: return !has_id && !data;
    case SIO_EVENT:
    case SIO_BINARY_EVENT: return is_event_data(data);
    case SIO_ACK:
    case SIO_BINARY_ACK: return has_id && json_is_array(data);
    case SIO_CONNECT_ERROR: return !has_id && (json_is_object(data) || json_is_string(data));
    }
    return false;
}

static const char *read_data(cursor_t *cursor, sio_packet_t *packet)
{
    size_t left = (size_t)(cursor->end - cursor->at);
    if (left && !(packet->data = parse_json(cursor->at, left)))
        return "invalid JSON";
    if (!data_valid(packet))
        return "invalid payload";
    if (is_binary(packet->type) && !sio_placeholders_valid(packet->data, packet->attachments))
        return "invalid placeholder";
    return NULL;
}

const char *sio_packet_decode(const char *text, size_t len, sio_packet_t *packet)
{
    static const char *(*const steps[])(cursor_t *, sio_packet_t *) = {read_type, read_namespace, read_id, read_data};
    cursor_t cursor = {text, text + len};
    *packet = (sio_packet_t){0};
    const char *error = NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !error; i++)
        error = steps[i](&cursor, packet);
    if (error)
        sio_packet_clear(packet);
    return error;
}

void sio_packet_clear(sio_packet_t *packet)
{
    json_decref(packet->data);
    packet->data = NULL;
}

static bool placeholder_valid(const json_t *object, unsigned attachments)
{
    if (!json_is_true(json_object_get(object, "_placeholder")))
        return true;
    const json_t *number = json_object_get(object, "num");
    return json_is_integer(number) && json_integer_value(number) >= 0 && json_integer_value(number) < attachments;
}

static bool placeholders_valid(const json_t *data, unsigned attachments, int depth)
{
    if (depth > MAX_NESTING)
        return false;
    size_t index;
    const char *key;
    json_t *value;
    if (json_is_object(data) && !placeholder_valid(data, attachments))
        return false;
    json_array_foreach(data, index, value) if (!placeholders_valid(value, attachments, depth + 1)) return false;
    json_object_foreach((json_t *)data, key,
                        value) if (!placeholders_valid(value, attachments, depth + 1)) return false;
    return true;
}

bool sio_placeholders_valid(const json_t *data, unsigned attachments)
{
    return placeholders_valid(data, attachments, 0);
}

/* --- Encoding -------------------------------------------------------------------------------------------------------- */

static void add_head(bytes_t *text, enum sio_type type, unsigned attachments, const char *nsp, int64_t id)
{
    bytes_format(text, "%d", type);
    if (is_binary(type))
        bytes_format(text, "%u-", attachments);
    if (strcmp(nsp, "/") != 0)
        bytes_format(text, "%s,", nsp);
    if (id != SIO_NO_ID)
        bytes_format(text, "%lld", (long long)id);
}

static frame_t *to_frame(bytes_t *text)
{
    frame_t *frame = eio_frame(EIO_MESSAGE, text->data, text->len);
    bytes_free(text);
    return frame;
}

frame_t *sio_frame(enum sio_type type, unsigned attachments, const char *nsp, int64_t id, const char *json,
                   size_t json_len)
{
    bytes_t text = {0};
    add_head(&text, type, attachments, nsp, id);
    bytes_add(&text, json, json_len);
    return to_frame(&text);
}

static int add_chunk(const char *chunk, size_t len, void *text)
{
    bytes_add(text, chunk, len);
    return 0;
}

static void add_json(bytes_t *text, const json_t *json)
{
    json_dump_callback(json, add_chunk, text, JSON_COMPACT | JSON_ENCODE_ANY);
}

frame_t *sio_frame_json(enum sio_type type, unsigned attachments, const char *nsp, int64_t id, const json_t *json)
{
    bytes_t text = {0};
    add_head(&text, type, attachments, nsp, id);
    if (json)
        add_json(&text, json);
    return to_frame(&text);
}

static void add_string(bytes_t *text, const char *value)
{
    json_t *string = json_string(value);
    add_json(text, string);
    json_decref(string);
}

frame_t *sio_event_frame(const char *nsp, const char *name, const char *argument, size_t len, const char *offset)
{
    bytes_t text = {0};
    add_head(&text, SIO_EVENT, 0, nsp, SIO_NO_ID);
    bytes_text(&text, "[");
    add_string(&text, name);
    bytes_text(&text, ",");
    bytes_add(&text, argument, len);
    if (offset) {
        bytes_text(&text, ",");
        add_string(&text, offset);
    }
    bytes_text(&text, "]");
    return to_frame(&text);
}
