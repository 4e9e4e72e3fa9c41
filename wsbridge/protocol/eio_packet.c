#include "eio_packet.h"

#include <string.h>
#include "text.h"

#define SEPARATOR 0x1E

bool eio_packet_decode(const uint8_t *data, size_t len, eio_packet_t *packet)
{
    if (!len || data[0] < '0' || data[0] > '6')
        return false;
    *packet = (eio_packet_t){.type = (enum eio_type)(data[0] - '0'), .text = true, .data = data + 1, .len = len - 1};
    return true;
}

void eio_cursor_init(eio_cursor_t *cursor, const uint8_t *data, size_t len)
{
    *cursor = (eio_cursor_t){.at = data, .end = len ? data + len : data};
}

static bool decode_binary(eio_cursor_t *cursor, const uint8_t *data, size_t len, eio_packet_t *packet)
{
    cursor->scratch.len = 0;
    if (!base64_decode(&cursor->scratch, (const char *)data, len))
        return false;
    *packet = (eio_packet_t){.type = EIO_MESSAGE, .data = cursor->scratch.data, .len = cursor->scratch.len};
    return true;
}

int eio_cursor_next(eio_cursor_t *cursor, eio_packet_t *packet)
{
    if (cursor->done)
        return 0;
    size_t left = (size_t)(cursor->end - cursor->at);
    const uint8_t *start = cursor->at, *separator = left ? memchr(start, SEPARATOR, left) : NULL;
    size_t len = separator ? (size_t)(separator - start) : left;
    if (separator)
        cursor->at = separator + 1;
    else
        cursor->done = true;
    bool valid = len && start[0] == 'b' ? decode_binary(cursor, start + 1, len - 1, packet)
                                        : eio_packet_decode(start, len, packet);
    return valid ? 1 : -1;
}

frame_t *eio_frame(enum eio_type type, const void *data, size_t len)
{
    char digit = (char)('0' + type);
    frame_part_t parts[] = {{&digit, 1}, {data, len}};
    return frame_join(FRAME_TEXT, parts, 2);
}

frame_t *eio_frame_binary(const void *data, size_t len)
{
    return frame_new(FRAME_BINARY, data, len);
}

void eio_payload_add(bytes_t *body, const frame_t *frame)
{
    size_t len;
    const uint8_t *payload = frame_payload(frame, &len);
    if (body->len)
        bytes_add(body, &(uint8_t){SEPARATOR}, 1);
    if (frame_kind(frame) == FRAME_TEXT) {
        bytes_add(body, payload, len);
        return;
    }
    bytes_add(body, "b", 1);
    base64_encode(body, payload, len);
}
