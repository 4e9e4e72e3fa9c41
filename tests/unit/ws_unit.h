/* What the unit tests of wsbridge/protocol need: cmocka, and for those that want one a loop with HTTP on a socket pair,
 * of which the test holds the other end.
 */
#ifndef WS_UNIT_H
#define WS_UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/http.h"

#define WS_MAIN(...)                                                                                                   \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                                               \
        return cmocka_run_group_tests(tests, NULL, NULL) != 0;                                                         \
    }

typedef struct bench {
    struct event_base *base;
    loop_t *loop;
    http_site_t site;
    http_route_t route;
    int fd; /* the client's end */
    bytes_t got;
} bench_t;

/* A further connection to the same handler: the client's end. */
static inline int bench_connect(bench_t *bench)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    assert_true(http_serve(&bench->site, ends[1]));
    return ends[0];
}

/* A connection whose every request to /t goes to the handler. */
static inline void bench_open(bench_t *bench, http_handler handler, void *arg)
{
    *bench = (bench_t){.base = event_base_new()};
    assert_non_null(bench->base);
    bench->loop = loop_new(bench->base);
    bench->route = (http_route_t){.path = "/t", .handler = handler, .arg = arg, .max_body = 1000};
    bench->site = (http_site_t){
        .loop = bench->loop,
        .routes = &bench->route,
        .route_count = 1,
        .max_head = 4096,
        .head_timeout_ms = 200,
        .body_timeout_ms = 200,
        .idle_timeout_ms = 200,
    };
    bench->fd = bench_connect(bench);
}

/* Runs the loop until nothing is ready, and takes what came to the client. */
static inline void bench_turn(bench_t *bench)
{
    for (int i = 0; i < 20; i++)
        event_base_loop(bench->base, EVLOOP_NONBLOCK);
    uint8_t buffer[65536];
    ssize_t len;
    while (bench->fd >= 0 && (len = recv(bench->fd, buffer, sizeof buffer, 0)) > 0)
        bytes_add(&bench->got, buffer, (size_t)len);
}

static inline void bench_send(bench_t *bench, const void *data, size_t len)
{
    assert_int_equal(send(bench->fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
    bench_turn(bench);
}

static inline void bench_text(bench_t *bench, const char *text)
{
    bench_send(bench, text, strlen(text));
}

/* Whether the server has closed its end. */
static inline bool bench_closed(bench_t *bench)
{
    char byte;
    bench_turn(bench);
    return bench->fd >= 0 && recv(bench->fd, &byte, 1, MSG_PEEK) == 0;
}

/* What came so far, as text; and forgets it. */
static inline const char *bench_got(bench_t *bench)
{
    static char text[200000];
    bench_turn(bench);
    size_t len = bench->got.len < sizeof text ? bench->got.len : sizeof text - 1;
    if (len)
        memcpy(text, bench->got.data, len);
    text[len] = '\0';
    bench->got.len = 0;
    return text;
}

/* Runs the loop until the condition holds, for two seconds at most. */
#define bench_until(bench, condition)                                                                                  \
    do {                                                                                                               \
        int64_t bench_end = loop_now((bench)->loop) + 2000;                                                            \
        while (!(condition) && loop_now((bench)->loop) < bench_end) {                                                  \
            struct timeval bench_tick = {.tv_usec = 2000};                                                             \
            event_base_loopexit((bench)->base, &bench_tick);                                                           \
            event_base_loop((bench)->base, 0);                                                                         \
            bench_turn(bench);                                                                                         \
        }                                                                                                              \
        assert_true(condition);                                                                                        \
    } while (0)

/* A client's frame of at most 125 bytes, masked with zeros: FIN and opcode, payload. */
static inline void bench_frame(bench_t *bench, uint8_t first, const char *payload, size_t len)
{
    uint8_t frame[6 + 125] = {first, (uint8_t)(0x80 | len)};
    assert_in_range(len, 0, 125);
    memcpy(frame + 6, payload, len);
    bench_send(bench, frame, 6 + len);
}

static inline void bench_ws_text(bench_t *bench, const char *text)
{
    bench_frame(bench, 0x81, text, strlen(text));
}

static inline void bench_hang_up(bench_t *bench)
{
    close(bench->fd);
    bench->fd = -1;
    bench_turn(bench);
}

static inline void bench_close(bench_t *bench)
{
    if (bench->fd >= 0)
        close(bench->fd);
    stream_set_close(&bench->site.streams);
    loop_free(bench->loop);
    event_base_free(bench->base);
    bytes_free(&bench->got);
    assert_int_equal(bench->site.streams.count, 0);
}

#endif
