/* Frames as RFC 6455 section 5.2 draws them, shared among queues; queues over a socket that is full. */
#include "ws_unit.h"

#include "protocol/frame.h"
#include "protocol/mem.h"
#include "protocol/outq.h"

static void check_header(size_t payload, const uint8_t *header, size_t header_len)
{
    char *data = mem_zero(payload + 1);
    frame_t *frame = frame_new(FRAME_BINARY, data, payload);
    size_t len;
    const uint8_t *bytes = frame_bytes(frame, &len);
    assert_int_equal(len, header_len + payload);
    assert_memory_equal(bytes, header, header_len);
    assert_ptr_equal(frame_payload(frame, &len), bytes + header_len);
    assert_int_equal(len, payload);
    frame_unref(frame);
    free(data);
}

static void headers(void **state)
{
    (void)state;
    check_header(0, (const uint8_t[]){0x82, 0}, 2);
    check_header(125, (const uint8_t[]){0x82, 125}, 2);
    check_header(126, (const uint8_t[]){0x82, 126, 0, 126}, 4);
    check_header(65535, (const uint8_t[]){0x82, 126, 0xff, 0xff}, 4);
    check_header(65536, (const uint8_t[]){0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}, 10);
}

static void parts_are_joined(void **state)
{
    (void)state;
    frame_part_t parts[] = {{"a", 1}, {NULL, 0}, {"bc", 2}};
    frame_t *frame = frame_join(FRAME_TEXT, parts, 3);
    size_t len;
    assert_memory_equal(frame_bytes(frame, &len),
                        "\x81\x03"
                        "abc",
                        5);
    assert_int_equal(len, 5);
    assert_int_equal(frame_kind(frame), FRAME_TEXT);
    frame_unref(frame);
    frame = frame_new(FRAME_RAW, "HTTP", 4);
    assert_memory_equal(frame_bytes(frame, &len), "HTTP", 4);
    assert_int_equal(len, 4);
    frame_unref(frame);
    frame_unref(NULL);
}

static void closes(void **state)
{
    (void)state;
    size_t len;
    frame_t *frame = frame_close(0, "ignored");
    assert_memory_equal(frame_bytes(frame, &len), "\x88\x00", 2);
    assert_int_equal(len, 2);
    frame_unref(frame);
    frame = frame_close(4401, "sign in");
    assert_memory_equal(frame_bytes(frame, &len), "\x88\x09\x11\x31sign in", 11);
    frame_unref(frame);
    char reason[130];
    memset(reason, 'x', sizeof reason);
    memcpy(reason + 121, "\xe2\x82\xac", 4); /* three bytes, of which two fit */
    frame = frame_close(1000, reason);
    frame_bytes(frame, &len);
    assert_int_equal(len, 2 + 2 + 121);
    frame_unref(frame);
}

static void queue_shares_frames(void **state)
{
    (void)state;
    outq_t one = {0}, two = {0};
    frame_t *frame = frame_new(FRAME_TEXT, "shared", 6);
    for (int i = 0; i < 10; i++) {
        outq_add(&one, frame);
        outq_add(&two, frame);
    }
    frame_unref(frame);
    assert_int_equal(one.count, 10);
    assert_int_equal(one.bytes, 80);
    frame = outq_take(&one);
    size_t len;
    assert_memory_equal(frame_payload(frame, &len), "shared", 6);
    frame_unref(frame);
    assert_int_equal(one.bytes, 72);
    outq_free(&one);
    outq_drop_unsent(&two);
    assert_null(two.ring);
    assert_null(outq_take(&two));
}

/* Small socket buffers, frames of odd sizes: what arrives is what was queued, in order. */
static void queue_writes_piecemeal(void **state)
{
    (void)state;
    int ends[2], small = 4608;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    outq_t queue = {0};
    bytes_t expected = {0}, got = {0};
    for (size_t i = 0; i < 300; i++) {
        char data[1000];
        memset(data, (int)('a' + i % 26), sizeof data);
        frame_t *frame = frame_new(FRAME_RAW, data, i * 3 % 1000);
        bytes_add(&expected, data, i * 3 % 1000);
        outq_add(&queue, frame);
        frame_unref(frame);
    }
    int done = 0, full = 0;
    while (!done || got.len < expected.len) {
        done = outq_write(&queue, ends[0]);
        assert_true(done >= 0);
        full += !done;
        ssize_t len = recv(ends[1], bytes_room(&got, 3000), 3000, 0);
        if (len > 0)
            got.len += (size_t)len;
    }
    assert_true(full > 3);
    assert_int_equal(got.len, expected.len);
    assert_memory_equal(got.data, expected.data, got.len);
    assert_null(queue.ring);
    close(ends[1]);
    frame_t *late = frame_new(FRAME_TEXT, "late", 4);
    outq_add(&queue, late);
    frame_unref(late);
    assert_int_equal(outq_write(&queue, ends[0]), -1);
    outq_free(&queue);
    close(ends[0]);
    bytes_free(&expected);
    bytes_free(&got);
}

/* Dropping keeps what has begun, and the answer to the handshake. */
static void drop_keeps_what_has_begun(void **state)
{
    (void)state;
    outq_t queue = {0};
    frame_t *answer = frame_new(FRAME_RAW, "101", 3), *text = frame_new(FRAME_TEXT, "text", 4);
    outq_add(&queue, answer);
    outq_add(&queue, text);
    outq_add(&queue, text);
    outq_drop_unsent(&queue);
    assert_int_equal(queue.count, 1);
    assert_int_equal(queue.bytes, 3);
    outq_free(&queue);
    outq_add(&queue, text);
    outq_add(&queue, text);
    queue.offset = 2;
    queue.bytes -= 2;
    outq_drop_unsent(&queue);
    assert_int_equal(queue.count, 1);
    assert_int_equal(queue.bytes, 4);
    outq_free(&queue);
    frame_unref(answer);
    frame_unref(text);
}

WS_MAIN(cmocka_unit_test(headers), cmocka_unit_test(parts_are_joined), cmocka_unit_test(closes),
        cmocka_unit_test(queue_shares_frames), cmocka_unit_test(queue_writes_piecemeal),
        cmocka_unit_test(drop_keeps_what_has_begun))
