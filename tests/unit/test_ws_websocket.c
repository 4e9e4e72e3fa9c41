/* WebSocket connections: the handshake, messages however they are cut, what breaks the rules, limits and time. The
 * conformance suites run against wsecho; here is what they don't reach: limits, clocks, the owner's calls.
 */
#include "ws_unit.h"

#include <stdio.h>
#include "protocol/ws.h"
#include "protocol/ws_handshake.h"

typedef struct seen {
    ws_options_t options;
    bool later; /* the handshake is answered by the test */
    http_request_t *kept;
    ws_t *ws;
    int messages, closed;
    char last[200];
    uint16_t code;
    bool by_peer;
    char reason[130];
} seen_t;

static void on_message(ws_t *ws, bool text, const uint8_t *data, size_t len, void *user)
{
    seen_t *seen = user;
    seen->messages++;
    snprintf(seen->last, sizeof seen->last, "%.*s", (int)len, len ? (const char *)data : "");
    if (!strncmp(seen->last, "echo", 4))
        ws_send(ws, text, data, len);
    else if (!strcmp(seen->last, "close"))
        ws_close(ws, 4000, "as asked");
}

static void on_closed(ws_t *ws, const ws_end_t *end, void *user)
{
    seen_t *seen = user;
    assert_ptr_equal(ws, seen->ws);
    seen->ws = NULL;
    seen->closed++;
    seen->code = end->code;
    seen->by_peer = end->by_peer;
    snprintf(seen->reason, sizeof seen->reason, "%s", end->reason);
}

static const ws_handlers_t handlers = {.message = on_message, .closed = on_closed};

static void handle(http_request_t *request, void *arg)
{
    seen_t *seen = arg;
    if (seen->later)
        seen->kept = request;
    else
        seen->ws = ws_upgrade(request, &seen->options, &handlers, seen);
}

#define KEY   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ASK   "Host: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
#define OPEN  "GET /t HTTP/1.1\r\n" ASK KEY "Sec-WebSocket-Version: 13\r\n\r\n"
#define CLOSE "\x88\x02\x03\xe8"

static bench_t bench;
static seen_t seen;

static int setup(void **state)
{
    (void)state;
    seen = (seen_t){.options = ws_defaults};
    bench_open(&bench, handle, &seen);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bench_close(&bench);
    assert_null(seen.ws);
    return 0;
}

static void open_ws(void)
{
    bench_text(&bench, OPEN);
    assert_non_null(strstr(bench_got(&bench), "101 Switching Protocols"));
    assert_non_null(seen.ws);
}

static void expect_bytes(const char *bytes, size_t len)
{
    bench_turn(&bench);
    assert_int_equal(bench.got.len, len);
    assert_memory_equal(bench.got.data, bytes, len);
    bench.got.len = 0;
}

/* The close frame's code; fails where the last frame is no close frame. */
static int close_code(void)
{
    bench_turn(&bench);
    const uint8_t *got = bench.got.data;
    for (size_t i = 0; i + 1 < bench.got.len; i += 2u + got[i + 1])
        if (got[i] == 0x88)
            return got[i + 1] ? got[i + 2] << 8 | got[i + 3] : 0;
    return -1;
}

/* --- The handshake --------------------------------------------------------------------------------------------------- */

static void accept_key(void **state)
{
    (void)state;
    bytes_t out = {0};
    ws_handshake_accept(&out, "dGhlIHNhbXBsZSBub25jZQ=="); /* RFC 6455 section 1.3 */
    assert_int_equal(out.len, 28);
    assert_memory_equal(out.data, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28);
    bytes_free(&out);
}

static void check_handshake(const char *request, const char *status)
{
    bench_t one;
    seen_t what = {.options = ws_defaults};
    bench_open(&one, handle, &what);
    bench_text(&one, request);
    const char *got = bench_got(&one);
    if (!strstr(got, status))
        print_error("%s=> %s\n", request, got);
    assert_non_null(strstr(got, status));
    bench_close(&one);
}

static void handshakes(void **state)
{
    (void)state;
#define V13 "Sec-WebSocket-Version: 13\r\n"
    check_handshake("GET /t HTTP/1.1\r\n" ASK KEY V13 "\r\n", "HTTP/1.1 101 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK KEY V13 "\r\n", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    check_handshake("POST /t HTTP/1.1\r\n" ASK KEY V13 "\r\n", "HTTP/1.1 405 ");
    check_handshake("GET /t HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 ");
    check_handshake("GET /t HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "HTTP/1.1 426 ");
    check_handshake("GET /t HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" KEY V13 "\r\n", "HTTP/1.1 426 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK KEY "\r\n", "HTTP/1.1 426 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK KEY "Sec-WebSocket-Version: 8\r\n\r\n", "Sec-WebSocket-Version: 13\r\n");
    check_handshake("GET /t HTTP/1.1\r\n" ASK KEY V13 V13 "\r\n", "HTTP/1.1 400 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK KEY KEY V13 "\r\n", "HTTP/1.1 400 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK V13 "\r\n", "HTTP/1.1 400 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK V13 "Sec-WebSocket-Key: short\r\n\r\n", "HTTP/1.1 400 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXM\r\n\r\n",
                    "HTTP/1.1 400 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXMh\r\n\r\n",
                    "HTTP/1.1 400 ");
    check_handshake("GET /t HTTP/1.1\r\n" ASK KEY V13 "Content-Length: 2\r\n\r\nab", "HTTP/1.1 400 ");
}

static void subprotocols(void **state)
{
    (void)state;
    static const char *const offered[] = {"orders.v2", "orders.v1", NULL};
    seen.options.subprotocols = offered;
    seen.options.subprotocol_required = true;
    bench_text(&bench, "GET /t HTTP/1.1\r\n" ASK KEY V13 "\r\n");
    assert_non_null(strstr(bench_got(&bench), "HTTP/1.1 400 "));
    bench_text(&bench, "GET /t HTTP/1.1\r\n" ASK KEY V13 "Sec-WebSocket-Protocol: chat\r\n"
                       "Sec-WebSocket-Protocol: other,orders.v1\r\n\r\n");
    assert_non_null(strstr(bench_got(&bench), "Sec-WebSocket-Protocol: orders.v1\r\n"));
    assert_string_equal(ws_subprotocol(seen.ws), "orders.v1");
}

/* The owner thinks about it for a while; the client speaks meanwhile. */
static void accepted_later_with_early_frames(void **state)
{
    (void)state;
    seen.later = true;
    bench_text(&bench, OPEN);
    bench_ws_text(&bench, "echo 1");
    bench_ws_text(&bench, "echo 2");
    assert_string_equal(bench_got(&bench), "");
    seen.ws = ws_upgrade(seen.kept, &seen.options, &handlers, &seen);
    assert_int_equal(seen.messages, 0);
    const char *got = bench_got(&bench);
    assert_non_null(strstr(got, "\r\n\r\n\x81\x06"
                                "echo 1\x81\x06"
                                "echo 2"));
}

static void early_frames_in_one_piece(void **state)
{
    (void)state;
    static const char both[] = OPEN "\x81\x86\0\0\0\0echo 1";
    bench_send(&bench, both, sizeof both - 1);
    assert_non_null(strstr(bench_got(&bench), "\x81\x06"
                                              "echo 1"));
}

/* A refusal that a browser can see: accept, then close. */
static void refused_in_band(void **state)
{
    (void)state;
    seen.later = true;
    bench_text(&bench, OPEN);
    seen.ws = ws_upgrade(seen.kept, &seen.options, &handlers, &seen);
    ws_cut(seen.ws, 4401, "sign in again");
    const char *got = bench_got(&bench);
    assert_non_null(strstr(got, "101 Switching Protocols"));
    assert_non_null(strstr(got, "\x88\x0f\x11\x31sign in again"));
    bench_frame(&bench, 0x88, "\x11\x31", 2);
    assert_int_equal(seen.closed, 1);
    assert_int_equal(seen.code, 4401);
    assert_false(seen.by_peer);
}

/* --- Messages -------------------------------------------------------------------------------------------------------- */

static void byte_by_byte(void **state)
{
    (void)state;
    open_ws();
    /* "ec" + a ping in between + "ho", a mask that isn't zero, then a close frame */
    static const char bytes[] = "\x01\x82\x01\x02\x03\x04"
                                "da"
                                "\x89\x81\0\0\0\0p"
                                "\x80\x82\0\0\0\0ho"
                                "\x88\x82\0\0\0\0\x03\xe8";
    for (size_t i = 0; i < sizeof bytes - 1; i++)
        bench_send(&bench, bytes + i, 1);
    expect_bytes("\x8a\x01p\x81\x04"
                 "echo" CLOSE,
                 3 + 6 + 4);
    assert_int_equal(seen.closed, 1);
    assert_int_equal(seen.code, 1000);
    assert_true(seen.by_peer);
    assert_true(bench_closed(&bench));
}

static void lengths(void **state)
{
    (void)state;
    open_ws();
    static const size_t sizes[] = {0, 1, 125, 126, 65535, 65536, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t size = sizes[i] < 4 ? 4 : sizes[i];
        bytes_t frame = {0};
        uint8_t head[14] = {0x82};
        size_t head_len = size < 126 ? 2 : size < 65536 ? 4 : 10;
        head[1] = (uint8_t)(0x80 | (size < 126 ? size : size < 65536 ? 126 : 127));
        for (size_t at = head_len - 1, rest = size; at > 1; at--, rest >>= 8)
            head[at] = (uint8_t)rest;
        bytes_add(&frame, head, head_len + 4);
        uint8_t *payload = bytes_room(&frame, size);
        memset(payload, 'x', size);
        memcpy(payload, (const char[]){'e', 'c', 'h', 'o'}, 4);
        frame.len += size;
        for (size_t sent = 0; sent < frame.len;) {
            ssize_t len = send(bench.fd, frame.data + sent, frame.len - sent, MSG_NOSIGNAL);
            sent += len > 0 ? (size_t)len : 0;
            bench_turn(&bench);
        }
        bench_until(&bench, bench.got.len >= head_len + size);
        assert_int_equal(bench.got.len, head_len + size);
        assert_memory_equal(bench.got.data + head_len, payload, size);
        bench.got.len = 0;
        bytes_free(&frame);
    }
}

static void check_violation(const char *bytes, size_t len, int code)
{
    bench_t one;
    seen_t what = {.options = ws_defaults};
    what.options.max_message = 1000;
    bench_open(&one, handle, &what);
    bench_text(&one, OPEN);
    one.got.len = 0;
    bench_send(&one, bytes, len);
    bench_turn(&one);
    assert_int_equal(one.got.len, 4);
    assert_int_equal(one.got.data[2] << 8 | one.got.data[3], code);
    assert_int_equal(what.closed, 1);
    assert_int_equal(what.code, code);
    assert_false(what.by_peer);
    assert_int_equal(what.messages, 0);
    assert_true(bench_closed(&one));
    bench_close(&one);
}

#define violation(bytes, code) check_violation(bytes, sizeof(bytes) - 1, code)

static void violations(void **state)
{
    (void)state;
    violation("\x81\x01x", 1002);                          /* no mask */
    violation("\xc1\x81\0\0\0\0x", 1002);                  /* a reserved bit */
    violation("\x83\x81\0\0\0\0x", 1002);                  /* a reserved opcode */
    violation("\x8b\x80\0\0\0\0", 1002);                   /* a reserved control opcode */
    violation("\x80\x81\0\0\0\0x", 1002);                  /* a continuation of nothing */
    violation("\x01\x81\0\0\0\0x\x81\x81\0\0\0\0x", 1002); /* a new message inside one */
    violation("\x09\x80\0\0\0\0", 1002);                   /* a control frame in pieces */
    violation("\x89\xfe\x00\x7e\0\0\0\0", 1002);           /* a long control frame */
    violation("\x81\xfe\x00\x05\0\0\0\0hello", 1002);      /* a length not in its shortest form */
    violation("\x88\x81\0\0\0\0\x03", 1002);               /* half a close code */
    violation("\x88\x82\0\0\0\0\x03\xed", 1002);           /* 1005 on the wire */
    violation("\x88\x82\0\0\0\0\x00\x00", 1002);           /* 0 */
    violation("\x81\x82\0\0\0\0\xc3\x28", 1007);           /* no UTF-8 */
    violation("\x81\x82\0\0\0\0\xe2\x82", 1007);           /* cut off */
    violation("\x88\x84\0\0\0\0\x03\xe8\xc3\x28", 1007);   /* in a close reason */
    violation("\x82\xfe\x03\xe9\0\0\0\0x", 1009);          /* 1001 bytes announced, one sent */
    violation("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0x", 1009);
}

static void too_big_in_pieces(void **state)
{
    (void)state;
    seen.options.max_message = 10;
    open_ws();
    bench_frame(&bench, 0x01, "123456", 6);
    bench_frame(&bench, 0x00, "1234", 4);
    assert_int_equal(seen.closed, 0);
    bench_frame(&bench, 0x80, "5", 1);
    assert_int_equal(close_code(), 1009);
    assert_int_equal(seen.closed, 1);
}

/* --- The owner's calls ----------------------------------------------------------------------------------------------- */

static void closing_handshake(void **state)
{
    (void)state;
    open_ws();
    bench_ws_text(&bench, "close");
    assert_int_equal(close_code(), 4000);
    assert_int_equal(seen.closed, 0);
    assert_false(ws_send(seen.ws, true, "late", 4));
    bench_ws_text(&bench, "crossing");
    bench_frame(&bench, 0x89, "", 0);
    assert_int_equal(seen.messages, 1);
    bench_frame(&bench, 0x88, "\x0f\xa0", 2);
    assert_int_equal(seen.closed, 1);
    assert_int_equal(seen.code, 4000);
    assert_string_equal(seen.reason, "as asked");
    assert_true(bench_closed(&bench));
}

static void closing_handshake_is_bounded(void **state)
{
    (void)state;
    seen.options.close_timeout_ms = 30;
    open_ws();
    ws_close(seen.ws, 1001, NULL);
    bench_until(&bench, seen.closed == 1);
    assert_int_equal(seen.code, 1001);
    assert_true(bench_closed(&bench));
}

static void connection_breaks(void **state)
{
    (void)state;
    open_ws();
    bench_hang_up(&bench);
    assert_int_equal(seen.closed, 1);
    assert_int_equal(seen.code, WS_ABNORMAL);
    assert_true(seen.by_peer);
}

static void close_without_code(void **state)
{
    (void)state;
    open_ws();
    bench_frame(&bench, 0x88, "", 0);
    expect_bytes("\x88\x00", 2);
    assert_int_equal(seen.code, WS_NO_CODE);
}

/* --- Limits ---------------------------------------------------------------------------------------------------------- */

static void too_many_messages(void **state)
{
    (void)state;
    seen.options.max_per_minute = 5;
    open_ws();
    for (int i = 0; i < 3; i++)
        bench_ws_text(&bench, "x");
    bench_frame(&bench, 0x89, "", 0);
    bench_frame(&bench, 0x89, "", 0);
    bench.got.len = 0;
    assert_non_null(seen.ws);
    bench_ws_text(&bench, "y");
    assert_int_equal(close_code(), 1008);
    assert_int_equal(seen.messages, 3);
    bench_ws_text(&bench, "z");
    assert_int_equal(seen.messages, 3);
}

/* A peer that reads nothing: the queue stops at its limit, the peer is closed with the code, memory is given back. */
static void too_slow(void **state)
{
    (void)state;
    char data[10000];
    memset(data, 'x', sizeof data);
    seen.options.max_queue_bytes = 1 << 20;
    seen.options.slow_code = 4408;
    seen.options.close_timeout_ms = 50;
    open_ws();
    int sent = 0;
    frame_t *frame = frame_new(FRAME_TEXT, data, sizeof data);
    while (ws_send_frame(seen.ws, frame) && sent < 10000) {
        sent++;
        event_base_loop(bench.base, EVLOOP_NONBLOCK); /* but nothing is read */
        assert_true(ws_queued_bytes(seen.ws) <= 1 << 20);
    }
    frame_unref(frame);
    assert_in_range(sent, 100, 9999);
    assert_true(ws_queued_bytes(seen.ws) < 20100); /* what had begun, and the close frame */
    int64_t end = loop_now(bench.loop) + 2000;
    while (!seen.closed && loop_now(bench.loop) < end)
        event_base_loop(bench.base, EVLOOP_NONBLOCK);
    assert_int_equal(seen.closed, 1);
    assert_int_equal(seen.code, 4408);
    assert_string_equal(seen.reason, "too slow");
}

static void too_many_frames_waiting(void **state)
{
    (void)state;
    seen.options.max_queue_frames = 10;
    seen.options.slow_code = 4408;
    open_ws();
    int sent = 0;
    while (ws_send(seen.ws, true, "x", 1))
        sent++;
    assert_int_equal(sent, 10);
    assert_int_equal(close_code(), 4408);
}

/* Somebody who sends and sends but never reads the answers is not read from any more. */
static void reading_rests(void **state)
{
    (void)state;
    seen.options.pause_queue_bytes = 20000;
    seen.options.max_queue_bytes = 1 << 20;
    open_ws();
    uint8_t frame[4 + 4 + 10000] = {0x82, 0xfe, 10000 >> 8, 10000 & 0xff};
    memcpy(frame + 8, (const char[]){'e', 'c', 'h', 'o'}, 4);
    size_t total = 0;
    for (int i = 0; i < 3000; i++) {
        ssize_t len = send(bench.fd, frame + total % sizeof frame, sizeof frame - total % sizeof frame, MSG_NOSIGNAL);
        total += len > 0 ? (size_t)len : 0;
        event_base_loop(bench.base, EVLOOP_NONBLOCK);
        if (ws_queued_bytes(seen.ws) > 20000 && len < 0)
            break;
    }
    assert_true(ws_queued_bytes(seen.ws) < 200000);
    assert_non_null(seen.ws);
    size_t whole = total / sizeof frame;
    bench_until(&bench, bench.got.len >= whole * 10004); /* all comes back once it is read */
    assert_non_null(seen.ws);
}

static void pings(void **state)
{
    (void)state;
    seen.options.ping_interval_ms = 40;
    seen.options.ping_timeout_ms = 40;
    open_ws();
    for (int i = 0; i < 3; i++) {
        bench_until(&bench, bench.got.len >= 2);
        assert_memory_equal(bench.got.data, "\x89\x00", 2);
        bench.got.len = 0;
        bench_frame(&bench, 0x8a, "", 0);
    }
    assert_int_equal(seen.closed, 0);
    bench_until(&bench, seen.closed == 1);
    assert_int_equal(seen.code, WS_ABNORMAL);
    assert_false(seen.by_peer);
    assert_string_equal(seen.reason, "ping timeout");
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

WS_MAIN(cmocka_unit_test(accept_key), cmocka_unit_test(handshakes), bench_test(subprotocols),
        bench_test(accepted_later_with_early_frames), bench_test(early_frames_in_one_piece),
        bench_test(refused_in_band), bench_test(byte_by_byte), bench_test(lengths), cmocka_unit_test(violations),
        bench_test(too_big_in_pieces), bench_test(closing_handshake), bench_test(closing_handshake_is_bounded),
        bench_test(connection_breaks), bench_test(close_without_code), bench_test(too_many_messages),
        bench_test(too_slow), bench_test(too_many_frames_waiting), bench_test(reading_rests), bench_test(pings))
