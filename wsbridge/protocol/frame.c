#include "frame.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"

struct frame {
    uint32_t refs;
    uint8_t kind, header_len;
    size_t len; /* with the header */
    uint8_t bytes[];
};

static uint8_t header_length(enum frame_kind kind, size_t payload)
{
    if (kind == FRAME_RAW)
        return 0;
    return payload < 126 ? 2 : payload <= UINT16_MAX ? 4 : 10;
}

static void write_header(frame_t *frame, size_t payload)
{
    uint8_t *to = frame->bytes;
    to[0] = (uint8_t)(0x80 | frame->kind);
    if (frame->header_len == 2) {
        to[1] = (uint8_t)payload;
        return;
    }
    to[1] = frame->header_len == 4 ? 126 : 127;
    for (size_t i = frame->header_len - 1u; i > 1; i--) {
        to[i] = (uint8_t)payload;
        payload >>= 8;
    }
}

frame_t *frame_join(enum frame_kind kind, const frame_part_t *parts, size_t count)
{
    size_t payload = 0;
    for (size_t i = 0; i < count; i++)
        payload += parts[i].len;
    uint8_t header_len = header_length(kind, payload);
    frame_t *frame = mem_alloc(sizeof *frame + header_len + payload);
    *frame = (frame_t){.refs = 1, .kind = (uint8_t)kind, .header_len = header_len, .len = header_len + payload};
    if (header_len)
        write_header(frame, payload);
    uint8_t *to = frame->bytes + header_len;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len)
            memcpy(to, parts[i].data, parts[i].len);
        to += parts[i].len;
    }
    return frame;
}

frame_t *frame_new(enum frame_kind kind, const void *data, size_t len)
{
    return frame_join(kind, &(frame_part_t){data, len}, 1);
}

frame_t *frame_close(uint16_t code, const char *reason)
{
    if (!code)
        return frame_new(FRAME_CLOSE, NULL, 0);
    uint8_t big_endian[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    size_t len = reason ? strlen(reason) : 0;
    if (len > 123) {
        len = 123;
        while (len && ((uint8_t)reason[len] & 0xC0) == 0x80)
            len--;
    }
    frame_part_t parts[] = {{big_endian, 2}, {reason, len}};
    return frame_join(FRAME_CLOSE, parts, 2);
}

frame_t *frame_ref(frame_t *frame)
{
    frame->refs++;
    return frame;
}

void frame_unref(frame_t *frame)
{
    if (frame && !--frame->refs)
        free(frame);
}

enum frame_kind frame_kind(const frame_t *frame)
{
    return (enum frame_kind)frame->kind;
}

const uint8_t *frame_bytes(const frame_t *frame, size_t *len)
{
    *len = frame->len;
    return frame->bytes;
}

const uint8_t *frame_payload(const frame_t *frame, size_t *len)
{
    *len = frame->len - frame->header_len;
    return frame->bytes + frame->header_len;
}
