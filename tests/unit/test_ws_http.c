/* HTTP on a socket: requests whole and in pieces, what is refused, answers later, clients that go, time limits. */
#include "ws_unit.h"

#include <stdio.h>
#include "protocol/http.h"

typedef struct seen {
    int requests;
    http_request_t *kept; /* not answered yet */
    int aborted;
} seen_t;

static void note_abort(void *arg)
{
    seen_t *seen = arg;
    seen->aborted++;
    seen->kept = NULL;
}

/* Answers with what it saw, or keeps the request if its query says so. */
static void handle(http_request_t *request, void *arg)
{
    seen_t *seen = arg;
    seen->requests++;
    if (!strcmp(http_query(request), "keep")) {
        seen->kept = request;
        http_on_abort(request, note_abort, seen);
        return;
    }
    size_t len;
    char text[300], *name = http_parameter(request, "name");
    const uint8_t *body = http_body(request, &len);
    const char *field = http_header(request, "x-field", NULL);
    snprintf(text, sizeof text, "[%s %s|%s|%s|%.*s]", http_method(request), http_path(request), name ? name : "-",
             field ? field : "-", (int)len, len ? (const char *)body : "");
    free(name);
    http_reply(request, &(http_answer_t){.status = 200, .type = "text/plain", .body = text, .len = strlen(text)});
}

#define HOST "Host: x\r\n"

static int setup(void **state)
{
    static bench_t bench;
    static seen_t seen;
    seen = (seen_t){0};
    bench_open(&bench, handle, &seen);
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    bench_close(*state);
    return 0;
}

static seen_t *seen_of(bench_t *bench)
{
    return bench->route.arg;
}

static void whole_and_in_pieces(void **state)
{
    bench_t *bench = *state;
    static const char request[] =
        "POST /t?name=a%20b+c&name=d HTTP/1.1\r\n" HOST "X-Field:  value \r\nContent-Length: 3\r\n\r\nabc";
    bench_text(bench, request);
    const char *got = bench_got(bench);
    assert_non_null(strstr(got, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(got, "[POST /t|a b c|value|abc]"));
    assert_null(strstr(got, "Connection: close"));
    for (size_t i = 0; i < sizeof request - 1; i++)
        bench_send(bench, request + i, 1);
    assert_non_null(strstr(bench_got(bench), "[POST /t|a b c|value|abc]"));
    bench_text(bench, "POST /t HTTP/1.1\r\n" HOST
                      "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nx-field: late\r\n\r\n");
    assert_non_null(strstr(bench_got(bench), "[POST /t|-|-|abc]"));
    assert_false(bench_closed(bench));
}

static void pipelined(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "GET /t?name=1 HTTP/1.1\r\n" HOST "\r\nGET /t?name=2 HTTP/1.1\r\n" HOST
                      "\r\nGET /t?name=3 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    const char *got = bench_got(bench);
    const char *one = strstr(got, "[GET /t|1|-|]"), *two = strstr(got, "[GET /t|2|-|]"),
               *three = strstr(got, "[GET /t|3|-|]");
    assert_true(one && two && three && one < two && two < three);
    assert_non_null(strstr(two, "Connection: close"));
    assert_true(bench_closed(bench));
}

static void old_http(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "GET /t HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_non_null(strstr(bench_got(bench), "Connection: keep-alive\r\n"));
    bench_text(bench, "GET /t HTTP/1.0\r\n\r\n");
    assert_non_null(strstr(bench_got(bench), "Connection: close\r\n"));
    assert_true(bench_closed(bench));
}

static void head_has_no_body(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "HEAD /t HTTP/1.1\r\n" HOST "\r\n");
    const char *got = bench_got(bench);
    assert_non_null(strstr(got, "Content-Length: 14\r\n"));
    assert_string_equal(got + strlen(got) - 4, "\r\n\r\n");
}

static void continues(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "POST /t HTTP/1.1\r\n" HOST "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_string_equal(bench_got(bench), "HTTP/1.1 100 Continue\r\n\r\n");
    bench_text(bench, "abc");
    assert_non_null(strstr(bench_got(bench), "|abc]"));
}

static void answered_later(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "GET /t?keep HTTP/1.1\r\n" HOST "\r\n");
    bench_text(bench, "GET /t?name=next HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(bench_got(bench), "");
    assert_int_equal(seen_of(bench)->requests, 1);
    http_problem(seen_of(bench)->kept, 503, 5);
    const char *got = bench_got(bench);
    assert_non_null(strstr(got, "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_non_null(strstr(got, "Retry-After: 5\r\n"));
    assert_non_null(strstr(got, "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503}"));
    assert_non_null(strstr(got, "[GET /t|next|-|]"));
}

static void client_goes_first(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "GET /t?keep HTTP/1.1\r\n" HOST "\r\n");
    assert_non_null(seen_of(bench)->kept);
    bench_hang_up(bench);
    assert_int_equal(seen_of(bench)->aborted, 1);
    assert_int_equal(bench->site.streams.count, 0);
}

static void too_much_behind_a_request(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "GET /t?keep HTTP/1.1\r\n" HOST "\r\n");
    char junk[40000];
    memset(junk, 'x', sizeof junk);
    bench_send(bench, junk, sizeof junk);
    assert_int_equal(seen_of(bench)->aborted, 0);
    bench_send(bench, junk, sizeof junk);
    assert_int_equal(seen_of(bench)->aborted, 1);
}

static void check_refused(const char *request, int status)
{
    bench_t bench;
    seen_t seen = {0};
    char line[40];
    bench_open(&bench, handle, &seen);
    bench_text(&bench, request);
    snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
    const char *got = bench_got(&bench);
    if (!strstr(got, line))
        print_error("%s\n=> %s\n", request, got);
    assert_non_null(strstr(got, line));
    assert_non_null(strstr(got, "Connection: close"));
    assert_true(bench_closed(&bench));
    assert_int_equal(seen.requests, 0);
    bench_close(&bench);
}

static void refused(void **state)
{
    (void)state;
    check_refused("GET /other HTTP/1.1\r\n" HOST "\r\n", 404);
    check_refused("GET /t/ HTTP/1.1\r\n" HOST "\r\n", 404);
    check_refused("GET /t HTTP/1.1\r\n\r\n", 400);
    check_refused("GET /t HTTP/1.1\r\n" HOST HOST "\r\n", 400);
    check_refused("GET http://x/t HTTP/1.1\r\n" HOST "\r\n", 400);
    check_refused("CONNECT x:1 HTTP/1.1\r\n" HOST "\r\n", 400);
    check_refused("BREW /t HTTP/1.1\r\n" HOST "\r\n", 400);
    check_refused("GET /t HTTP/x\r\n" HOST "\r\n", 400);
    check_refused("\x16\x03\x01\x02\x00 hello\r\n\r\n", 400);
    check_refused("GET /t HTTP/1.1\r\n" HOST "bad field: x\r\n\r\n", 400);
    check_refused("GET /t HTTP/1.1\r\n" HOST "field : x\r\n\r\n", 400);
    check_refused("GET /t HTTP/1.1\r\n" HOST "field: a\x01b\r\n\r\n", 400);
    check_refused("POST /t HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400);
    check_refused("POST /t HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    check_refused("POST /t HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\nabc", 400);
    check_refused("POST /t HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400);
    check_refused("POST /t HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n", 413);
    check_refused("POST /t HTTP/1.1\r\n" HOST "Content-Length: 3\r\nExpect: tea\r\n\r\nabc", 417);
}

static void too_large(void **state)
{
    (void)state;
    bytes_t request = {0};
    bytes_text(&request, "GET /t?");
    for (int i = 0; i < 500; i++)
        bytes_text(&request, "0123456789");
    bytes_add(&request, " HTTP/1.1\r\n" HOST "\r\n", sizeof " HTTP/1.1\r\n" HOST "\r\n");
    check_refused((char *)request.data, 414);
    bytes_free(&request);
    bytes_text(&request, "GET /t HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 101; i++)
        bytes_text(&request, "a: b\r\n");
    bytes_add(&request, "\r\n", 3);
    check_refused((char *)request.data, 431);
    bytes_free(&request);
    bytes_text(&request, "GET /t HTTP/1.1\r\n" HOST "a: ");
    for (int i = 0; i < 500; i++)
        bytes_text(&request, "0123456789");
    bytes_add(&request, "\r\n\r\n", 5);
    check_refused((char *)request.data, 431);
    bytes_free(&request);
    bytes_text(&request, "POST /t HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n");
    for (int i = 0; i < 1001; i++)
        bytes_text(&request, "x");
    bytes_add(&request, "\r\n0\r\n\r\n", 8);
    check_refused((char *)request.data, 413);
    bytes_free(&request);
}

static void slow_heads_and_bodies(void **state)
{
    bench_t *bench = *state;
    bench_text(bench, "GET /t HTTP/1.1\r\nHo");
    bench_until(bench, bench->got.len > 0);
    assert_non_null(strstr(bench_got(bench), "HTTP/1.1 408 Request Timeout\r\n"));
    assert_true(bench_closed(bench));

    bench_t second;
    bench_open(&second, handle, bench->route.arg);
    bench_text(&second, "POST /t HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\na");
    bench_until(&second, second.got.len > 0);
    assert_non_null(strstr(bench_got(&second), "HTTP/1.1 408 Request Timeout\r\n"));
    bench_close(&second);
}

static void silent_and_idle(void **state)
{
    bench_t *bench = *state;
    bench_until(bench, bench_closed(bench));
    assert_string_equal(bench_got(bench), "");

    bench_t second;
    bench_open(&second, handle, bench->route.arg);
    bench_text(&second, "GET /t HTTP/1.1\r\n" HOST "\r\n");
    assert_non_null(strstr(bench_got(&second), "200 OK"));
    bench_until(&second, bench_closed(&second));
    bench_close(&second);
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

WS_MAIN(with_bench(whole_and_in_pieces), with_bench(pipelined), with_bench(old_http), with_bench(head_has_no_body),
        with_bench(continues), with_bench(answered_later), with_bench(client_goes_first),
        with_bench(too_much_behind_a_request), cmocka_unit_test(refused), cmocka_unit_test(too_large),
        with_bench(slow_heads_and_bodies), with_bench(silent_and_idle))
