/* Socket.IO as an application sees it: namespaces accepted now, later or not, events, answers both ways, recovery, and
 * how sockets end. Engine.IO's limits that wsecho is too generous for are here too.
 */
#include "ws_unit.h"

#include <stdio.h>
#include "protocol/sio.h"
#include "protocol/ws.h"

typedef struct seen {
    sio_options_t options;
    sio_server_t *server;
    sio_client_t *client;
    sio_socket_t *socket;
    bool later, refuse_http;
    int opened, events, disconnected, closed, acks;
    char log[500];
} seen_t;

static bench_t bench;
static seen_t seen;

static void note(const char *format, ...)
{
    size_t used = strlen(seen.log);
    va_list args;
    va_start(args, format);
    vsnprintf(seen.log + used, sizeof seen.log - used, format, args);
    va_end(args);
}

static bool on_accept(const http_request_t *request, http_answer_t *refusal, void *arg)
{
    (void)request;
    (void)arg;
    if (seen.refuse_http)
        *refusal = (http_answer_t){.status = 503, .fields = "Retry-After: 7\r\n"};
    return !seen.refuse_http;
}

static void on_opened(sio_client_t *client, const http_request_t *request, void *arg)
{
    assert_ptr_equal(arg, &seen);
    seen.client = client;
    seen.opened++;
    const char *cookie = http_header(request, "Cookie", NULL);
    note("opened %s;", cookie ? cookie : "-");
    sio_client_set_user(client, &seen);
}

static void on_connect(sio_socket_t *socket, const sio_connect_t *connect, void *arg)
{
    (void)arg;
    const char *token = json_string_value(json_object_get(connect->auth, "token"));
    note("connect %s %s %s %s;", connect->nsp, token ? token : "-", connect->pid ? connect->pid : "-",
         connect->offset ? connect->offset : "-");
    seen.socket = socket;
    if (token && !strcmp(token, "bad"))
        sio_refuse(socket, "sign in", NULL);
    else if (!seen.later)
        sio_accept(socket, connect->pid ? "old-sid" : NULL, connect->pid);
}

static void on_event(sio_socket_t *socket, const sio_event_t *event, void *arg)
{
    (void)arg;
    seen.events++;
    char *args = json_dumps(event->args, JSON_COMPACT);
    note("event %s %s %lld %u;", event->name, args, (long long)event->id, event->attachment_count);
    free(args);
    if (!strcmp(event->name, "leave"))
        sio_disconnect(socket, "as asked");
    else if (!strcmp(event->name, "close"))
        sio_client_close(sio_socket_client(socket), 4410, "reconnect now");
}

static void on_disconnected(sio_socket_t *socket, const char *reason, void *arg)
{
    (void)arg;
    seen.disconnected++;
    note("disconnected %s %s;", sio_socket_namespace(socket), reason);
    if (socket == seen.socket)
        seen.socket = NULL;
}

static void on_closed(sio_client_t *client, const char *reason, void *arg)
{
    (void)arg;
    assert_ptr_equal(sio_client_user(client), &seen);
    seen.closed++;
    note("closed %s;", reason);
}

static const sio_handlers_t handlers = {
    .accept = on_accept,
    .opened = on_opened,
    .connect = on_connect,
    .event = on_event,
    .disconnected = on_disconnected,
    .closed = on_closed,
};

static void handle(http_request_t *request, void *arg)
{
    (void)arg;
    sio_serve(request, seen.server);
}

static int setup(void **state)
{
    (void)state;
    static const char *const namespaces[] = {"/", "/two", NULL};
    seen = (seen_t){.options = sio_defaults};
    seen.options.namespaces = namespaces;
    bench_open(&bench, handle, NULL);
    seen.server = sio_server_new(bench.loop, &seen.options, &handlers, &seen);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (bench.fd >= 0)
        close(bench.fd);
    bench.fd = -1;
    stream_set_close(&bench.site.streams);
    sio_server_free(seen.server);
    bench_close(&bench);
    assert_int_equal(seen.opened, seen.closed);
    return 0;
}

#define WS_HEAD                                                                                                        \
    " HTTP/1.1\r\nHost: x\r\nCookie: c=1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "      \
    "13\r\n"                                                                                                           \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static void open_ws(void)
{
    bench_text(&bench, "GET /t?EIO=4&transport=websocket" WS_HEAD);
    assert_non_null(strstr(bench_got(&bench), "0{\"sid\":\""));
}

static void open_and_connect(void)
{
    open_ws();
    bench_ws_text(&bench, "40");
    assert_non_null(strstr(bench_got(&bench), "40{\"sid\":\""));
    assert_non_null(seen.socket);
}

static bool logged(const char *text)
{
    return strstr(seen.log, text) != NULL;
}

static void events(void **state)
{
    (void)state;
    open_and_connect();
    bench_ws_text(&bench, "42[\"hello\",1,{\"a\":[null]}]");
    bench_ws_text(&bench, "427[\"ask\"]");
    assert_string_equal(seen.log, "opened c=1;connect / - - -;event hello [\"hello\",1,{\"a\":[null]}] -1 0;"
                                  "event ask [\"ask\"] 7 0;");
    assert_string_equal(sio_client_transport(seen.client), "websocket");
    json_t *args = json_pack("[s]", "yes");
    sio_ack(seen.socket, 7, args, NULL, 0);
    assert_non_null(strstr(bench_got(&bench), "437[\"yes\"]"));
    sio_emit(seen.socket, "news", args);
    assert_non_null(strstr(bench_got(&bench), "42[\"news\",\"yes\"]"));
    sio_ack(seen.socket, SIO_NO_ID, args, NULL, 0);
    assert_string_equal(bench_got(&bench), "");
    json_decref(args);
}

static void on_ack(sio_socket_t *socket, const json_t *args, void *arg)
{
    assert_ptr_equal(arg, &seen);
    assert_non_null(sio_socket_namespace(socket));
    seen.acks++;
    char *text = args ? json_dumps(args, JSON_COMPACT) : NULL;
    note("ack %s;", text ? text : "none");
    free(text);
}

static void answers_to_us(void **state)
{
    (void)state;
    seen.options.max_acks = 3;
    open_and_connect();
    assert_true(sio_emit_for_ack(seen.socket, "one", NULL, 5000, on_ack, &seen));
    assert_true(sio_emit_for_ack(seen.socket, "two", NULL, 20, on_ack, &seen));
    assert_true(sio_emit_for_ack(seen.socket, "three", NULL, 5000, on_ack, &seen));
    assert_false(sio_emit_for_ack(seen.socket, "four", NULL, 5000, on_ack, &seen));
    const char *got = bench_got(&bench);
    assert_non_null(strstr(got, "420[\"one\"]"));
    assert_non_null(strstr(got, "422[\"three\"]"));
    assert_null(strstr(got, "four"));
    bench_ws_text(&bench, "430[\"fine\",2]");
    bench_ws_text(&bench, "430[\"again\"]");
    bench_ws_text(&bench, "4399[\"unknown\"]");
    assert_true(logged("ack [\"fine\",2];"));
    bench_until(&bench, seen.acks == 2);
    assert_true(logged("ack none;"));
    bench_ws_text(&bench, "431[\"late\"]");
    assert_int_equal(seen.acks, 2);
    bench_hang_up(&bench);
    assert_int_equal(seen.acks, 3);
}

static void namespaces(void **state)
{
    (void)state;
    open_ws();
    bench_ws_text(&bench, "40/two,{\"token\":\"t\"}");
    assert_non_null(strstr(bench_got(&bench), "40/two,{\"sid\":\""));
    bench_ws_text(&bench, "40/three,");
    assert_non_null(strstr(bench_got(&bench), "44/three,{\"message\":\"Invalid namespace\"}"));
    bench_ws_text(&bench, "42/two,[\"leave\"]");
    assert_non_null(strstr(bench_got(&bench), "41/two,"));
    assert_true(logged("connect /two t - -;event leave [\"leave\"] -1 0;disconnected /two as asked;"));
    assert_int_equal(seen.closed, 0);
    bench_ws_text(&bench, "42/two,[\"gone\"]");
    assert_int_equal(seen.closed, 1);
    assert_int_equal(seen.events, 1);
}

static void refused_and_again(void **state)
{
    (void)state;
    open_ws();
    bench_ws_text(&bench, "40{\"token\":\"bad\"}");
    assert_non_null(strstr(bench_got(&bench), "44{\"message\":\"sign in\"}"));
    bench_ws_text(&bench, "40{\"token\":\"good\"}");
    assert_non_null(strstr(bench_got(&bench), "40{\"sid\":\""));
    assert_int_equal(seen.disconnected, 0);
}

static void answered_later(void **state)
{
    (void)state;
    seen.later = true;
    open_ws();
    bench_ws_text(&bench, "40");
    assert_string_equal(bench_got(&bench), "");
    assert_string_equal(sio_socket_sid(seen.socket), "");
    sio_emit(seen.socket, "too early", NULL);
    sio_accept(seen.socket, NULL, "my-pid");
    const char *got = bench_got(&bench);
    assert_non_null(strstr(got, "\"pid\":\"my-pid\"}"));
    assert_null(strstr(got, "early"));
    json_t *why = json_pack("{s:i}", "code", 1);
    sio_refuse(seen.socket, "too late", why);
    json_decref(why);
    assert_string_equal(bench_got(&bench), "");
}

static void gone_before_the_answer(void **state)
{
    (void)state;
    seen.later = true;
    open_ws();
    bench_ws_text(&bench, "40");
    bench_hang_up(&bench);
    assert_true(logged("disconnected / transport close;closed transport close;"));
}

static void recovery(void **state)
{
    (void)state;
    open_ws();
    bench_ws_text(&bench, "40{\"token\":\"t\",\"pid\":\"p1\",\"offset\":\"e-7\"}");
    assert_true(logged("connect / t p1 e-7;"));
    assert_non_null(strstr(bench_got(&bench), "40{\"sid\":\"old-sid\",\"pid\":\"p1\"}"));
    frame_t *frame = sio_event_frame("/", "order:new", "{}", 2, "e-8");
    sio_send(seen.socket, frame);
    frame_unref(frame);
    assert_non_null(strstr(bench_got(&bench), "42[\"order:new\",{},\"e-8\"]"));
}

static void closed_without_a_word(void **state)
{
    (void)state;
    open_and_connect();
    bench_ws_text(&bench, "42[\"close\"]");
    const char *got = bench_got(&bench);
    assert_non_null(strstr(got, "\x88\x0f\x11\x3areconnect now"));
    assert_null(strstr(got, "41"));
    assert_true(logged("disconnected / reconnect now;closed reconnect now;"));
}

static void check_closes(const char *first, const char *bytes, const char *reason)
{
    open_ws();
    if (first) {
        bench_ws_text(&bench, first);
        bench_got(&bench);
    }
    if (!strcmp(bytes, "binary"))
        bench_frame(&bench, 0x82, "\1\2", 2);
    else
        bench_ws_text(&bench, bytes);
    char expected[100];
    snprintf(expected, sizeof expected, "closed %s;", reason);
    if (!logged(expected))
        print_error("%s: %s\n", bytes, seen.log);
    assert_true(logged(expected));
    assert_int_equal(seen.events, 0);
    close(bench.fd);
    bench.fd = bench_connect(&bench);
    seen.log[0] = '\0';
}

static void closes_on_nonsense(void **state)
{
    (void)state;
    check_closes(NULL, "42[\"before\"]", "parse error");
    check_closes(NULL, "41", "parse error");
    check_closes("40", "40", "parse error");
    check_closes("40", "44{}", "parse error");
    check_closes("40", "4", "parse error");
    check_closes("40", "42", "parse error");
    check_closes("40", "42{}", "parse error");
    check_closes("40", "42[\"connect\"]", "parse error");
    check_closes("40", "x", "parse error");
    check_closes("40", "2", "transport error");
    check_closes("40", "1", "transport close");
    check_closes("40", "binary", "binary not supported");
    check_closes("40", "450-[\"a\"]", "binary not supported");
    check_closes("40", "451-[\"a\",{\"_placeholder\":true,\"num\":0}]", "binary not supported");
}

static void binary_in_order(void **state)
{
    (void)state;
    seen.options.binary = true;
    check_closes("40", "binary", "parse error");
    open_and_connect();
    bench_ws_text(&bench, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
    assert_int_equal(seen.events, 0);
    bench_frame(&bench, 0x82, "\1\2", 2);
    assert_true(logged("event b [\"b\",{\"_placeholder\":true,\"num\":0}] -1 1;"));
    bench_ws_text(&bench, "452-[\"b\",{\"_placeholder\":true,\"num\":0}]");
    bench_ws_text(&bench, "42[\"instead\"]");
    assert_true(logged("closed parse error;"));
}

static void wait_ms(int ms)
{
    struct timeval wait = {.tv_usec = ms * 1000L};
    event_base_loopexit(bench.base, &wait);
    event_base_loop(bench.base, 0);
}

static void connect_timeout(void **state)
{
    (void)state;
    seen.options.connect_timeout_ms = 30;
    open_ws();
    bench_ws_text(&bench, "40");
    wait_ms(60);
    assert_int_equal(seen.closed, 0);
    bench_ws_text(&bench, "41");
    bench_until(&bench, seen.closed == 1);
    assert_true(logged("closed connect timeout;"));
}

static void refused_by_http(void **state)
{
    (void)state;
    seen.refuse_http = true;
    bench_text(&bench, "GET /t?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    const char *got = bench_got(&bench);
    assert_non_null(strstr(got, "HTTP/1.1 503 "));
    assert_non_null(strstr(got, "Retry-After: 7\r\n"));
    bench_text(&bench, "GET /t?EIO=4&transport=websocket" WS_HEAD);
    assert_non_null(strstr(bench_got(&bench), "HTTP/1.1 503 "));
    assert_int_equal(sio_clients(seen.server), 0);
}

static void sessions_are_capped(void **state)
{
    (void)state;
    seen.options.eio.max_sessions = 2;
    for (int i = 0; i < 3; i++) {
        bench_text(&bench, "GET /t?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_non_null(strstr(bench_got(&bench), i < 2 ? "0{\"sid\":" : "Retry-After: 5\r\n"));
    }
    assert_int_equal(sio_clients(seen.server), 2);
}

static void too_many_packets(void **state)
{
    (void)state;
    seen.options.eio.max_per_minute = 4;
    open_and_connect();
    for (int i = 0; i < 10; i++)
        bench_ws_text(&bench, "42[\"x\"]");
    assert_int_equal(seen.events, 3);
    assert_true(logged("closed too many messages;"));
}

/* --- Polling --------------------------------------------------------------------------------------------------------- */

static char sid[40];

static void open_polling(void)
{
    bench_text(&bench, "GET /t?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    const char *got = strstr(bench_got(&bench), "\"sid\":\"");
    assert_non_null(got);
    snprintf(sid, sizeof sid, "%.20s", got + 7);
}

static void poll_request(const char *method, const char *body)
{
    char text[400];
    snprintf(text, sizeof text,
             "%s /t?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s", method, sid,
             strlen(body), body);
    bench_text(&bench, text);
}

static void polling_answers_together(void **state)
{
    (void)state;
    open_polling();
    poll_request("POST", "40\x1e"
                         "427[\"ask\"]");
    assert_non_null(strstr(bench_got(&bench), "\r\n\r\nok"));
    json_t *args = json_array();
    sio_ack(seen.socket, 7, args, NULL, 0);
    json_decref(args);
    poll_request("GET", "");
    const char *got = bench_got(&bench);
    assert_non_null(strstr(got, "\x1e"
                                "437[]"));
    assert_non_null(strstr(got, "40{\"sid\":\""));
    poll_request("GET", "");
    assert_string_equal(bench_got(&bench), "");
    sio_emit(seen.socket, "a", NULL);
    sio_emit(seen.socket, "b", NULL);
    assert_non_null(strstr(bench_got(&bench), "\r\n\r\n42[\"a\"]\x1e"
                                              "42[\"b\"]"));
}

/* Nobody fetches: the queue stops at its limit and the session is over. */
static void polling_too_slow(void **state)
{
    (void)state;
    seen.options.eio.max_queue_frames = 10;
    open_polling();
    poll_request("POST", "40");
    for (int i = 0; i < 20 && seen.socket; i++)
        sio_emit(seen.socket, "x", NULL);
    assert_true(logged("disconnected / too slow;closed too slow;"));
    bench_got(&bench);
    poll_request("GET", "");
    assert_non_null(strstr(bench_got(&bench), "{\"code\":1,\"message\":\"Session ID unknown\"}"));
}

/* What was queued waits for the next GET, and the good-bye, which comes alone, for the one after. */
static void polling_is_told_the_end(void **state)
{
    (void)state;
    open_polling();
    poll_request("POST", "40");
    poll_request("GET", "");
    bench_got(&bench);
    sio_emit(seen.socket, "last", NULL);
    sio_client_close(seen.client, 4410, "reconnect now");
    assert_true(logged("closed reconnect now;"));
    poll_request("GET", "");
    assert_non_null(strstr(bench_got(&bench), "\r\n\r\n42[\"last\"]"));
    poll_request("GET", "");
    assert_non_null(strstr(bench_got(&bench), "\r\n\r\n1"));
    poll_request("GET", "");
    assert_non_null(strstr(bench_got(&bench), "{\"code\":1,"));
    assert_int_equal(sio_clients(seen.server), 0);
}

/* On a connection of its own; the polling one is returned. */
static int start_upgrade(bool probed)
{
    int polling = bench.fd;
    bench.fd = bench_connect(&bench);
    char text[400];
    snprintf(text, sizeof text, "GET /t?EIO=4&transport=websocket&sid=%s" WS_HEAD, sid);
    bench_text(&bench, text);
    if (probed)
        bench_ws_text(&bench, "2probe");
    assert_int_equal(strstr(bench_got(&bench), "3probe") != NULL, probed);
    return polling;
}

static void end_upgrade(int polling)
{
    close(bench.fd);
    bench.fd = polling;
}

static void upgrade_that_never_comes(void **state)
{
    (void)state;
    seen.options.eio.upgrade_timeout_ms = 30;
    open_polling();
    int polling = start_upgrade(true);
    bench_until(&bench, bench.got.len > 0);
    assert_non_null(strstr(bench_got(&bench), "upgrade timeout"));
    end_upgrade(polling);
    poll_request("POST", "40");
    assert_non_null(strstr(bench_got(&bench), "\r\n\r\nok"));
    assert_string_equal(sio_client_transport(seen.client), "polling");
}

/* The session leaves while the client changes over: the upgrade's time must not run on. */
static void check_close_amid_an_upgrade(bool probed)
{
    seen.options.eio.upgrade_timeout_ms = 30;
    open_polling();
    int polling = start_upgrade(probed);
    sio_client_close(seen.client, 4503, "come later");
    wait_ms(60);
    const char *told = probed ? ""
                              : "\x88\x0c\x11\x97"
                                "come later";
    assert_string_equal(bench_got(&bench), told);
    if (probed) {
        bench_ws_text(&bench, "5");
        assert_non_null(strstr(bench_got(&bench), "\x11\x97"));
    }
    end_upgrade(polling);
    poll_request("GET", "");
    assert_non_null(strstr(bench_got(&bench), "\r\n\r\n1"));
}

static void close_amid_an_upgrade(void **state)
{
    (void)state;
    check_close_amid_an_upgrade(true);
}

static void close_before_the_probe(void **state)
{
    (void)state;
    check_close_amid_an_upgrade(false);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

WS_MAIN(bench_test(events), bench_test(answers_to_us), bench_test(namespaces), bench_test(refused_and_again),
        bench_test(answered_later), bench_test(gone_before_the_answer), bench_test(recovery),
        bench_test(closed_without_a_word), bench_test(closes_on_nonsense), bench_test(binary_in_order),
        bench_test(connect_timeout), bench_test(refused_by_http), bench_test(sessions_are_capped),
        bench_test(too_many_packets), bench_test(polling_answers_together), bench_test(polling_too_slow),
        bench_test(polling_is_told_the_end), bench_test(upgrade_that_never_comes), bench_test(close_amid_an_upgrade),
        bench_test(close_before_the_probe))
