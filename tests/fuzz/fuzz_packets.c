/* Fuzzing the decoders: Engine.IO payloads and Socket.IO packets. What is decoded must survive encoding. */
#include <stdlib.h>
#include <string.h>

#include "protocol/eio_packet.h"
#include "protocol/plain.h"
#include "protocol/sio_packet.h"
#include "protocol/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void walk_payload(const uint8_t *data, size_t size)
{
    eio_cursor_t cursor;
    eio_packet_t packet;
    bytes_t again = {0};
    int found;
    eio_cursor_init(&cursor, data, size);
    while ((found = eio_cursor_next(&cursor, &packet)) > 0) {
        frame_t *frame =
            packet.text ? eio_frame(packet.type, packet.data, packet.len) : eio_frame_binary(packet.data, packet.len);
        eio_payload_add(&again, frame);
        frame_unref(frame);
    }
    bytes_free(&cursor.scratch);
    if (!found)
        check(again.len == size && !memcmp(again.data, data, size));
    bytes_free(&again);
}

static void decode_packet(const uint8_t *data, size_t size)
{
    sio_packet_t packet, again;
    if (sio_packet_decode((const char *)data, size, &packet))
        return;
    frame_t *frame = sio_frame_json(packet.type, packet.attachments, packet.nsp, packet.id, packet.data);
    size_t len;
    const char *text = (const char *)frame_payload(frame, &len);
    /* A namespace without its comma could take in what follows; the encoder always writes one. */
    check(len && text[0] == '4' && !sio_packet_decode(text + 1, len - 1, &again));
    check(again.type == packet.type && again.id == packet.id && !strcmp(again.nsp, packet.nsp));
    sio_packet_clear(&again);
    sio_packet_clear(&packet);
    frame_unref(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *error;
    json_decref(plain_parse(true, data, size, &error));
    if (!utf8_valid(data, size))
        return 0;
    walk_payload(data, size);
    decode_packet(data, size);
    return 0;
}
