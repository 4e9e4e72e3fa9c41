#include "plain.h"

#include <string.h>
#include "bytes.h"

static int add_chunk(const char *chunk, size_t len, void *text)
{
    bytes_add(text, chunk, len);
    return 0;
}

frame_t *plain_frame(const json_t *json)
{
    bytes_t text = {0};
    json_dump_callback(json, add_chunk, &text, JSON_COMPACT);
    frame_t *frame = frame_new(FRAME_TEXT, text.data, text.len);
    bytes_free(&text);
    return frame;
}

frame_t *plain_frame_text(const char *type, const char *members, size_t len)
{
    frame_part_t parts[] = {
        {"{\"type\":\"", 9}, {type, strlen(type)}, {len ? "\"," : "\"", len ? 2 : 1}, {members, len}, {"}", 1}};
    return frame_join(FRAME_TEXT, parts, sizeof parts / sizeof parts[0]);
}

json_t *plain_parse(bool text, const uint8_t *data, size_t len, const char **error)
{
    if (!text) {
        *error = "messages are text";
        return NULL;
    }
    json_error_t details;
    json_t *message = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, &details);
    *error = !message                                            ? "messages are JSON objects"
             : !json_is_object(message)                          ? "messages are JSON objects"
             : !json_is_string(json_object_get(message, "type")) ? "a message has a text `type`"
                                                                 : NULL;
    if (!*error)
        return message;
    json_decref(message);
    return NULL;
}
