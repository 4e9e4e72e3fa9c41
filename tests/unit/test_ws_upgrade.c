/* The upgrade from polling to WebSocket in any order of events: what the client does or leaves, what the application does,
 * and time. A walk at random, the same each time; sanitizers and the count of sessions say whether it went well.
 */
#include "ws_unit.h"

#include <stdio.h>
#include "protocol/sio.h"

#define WALKS 150
#define STEPS 14

static bench_t bench;
static sio_options_t options;
static sio_server_t *server;
static sio_client_t *client; /* the newest */
static sio_socket_t *socket_in;
static int opened, closed;
static char sid[21];
static unsigned draw;

static void on_opened(sio_client_t *new_client, const http_request_t *request, void *arg)
{
    (void)request, (void)arg;
    client = new_client;
    opened++;
}

static void on_connect(sio_socket_t *socket, const sio_connect_t *connect, void *arg)
{
    (void)connect, (void)arg;
    socket_in = socket;
    sio_accept(socket, NULL, NULL);
}

static void on_event(sio_socket_t *socket, const sio_event_t *event, void *arg)
{
    (void)socket, (void)event, (void)arg;
}

static void on_disconnected(sio_socket_t *socket, const char *reason, void *arg)
{
    (void)reason, (void)arg;
    if (socket == socket_in)
        socket_in = NULL;
}

static void on_closed(sio_client_t *gone, const char *reason, void *arg)
{
    (void)reason, (void)arg;
    if (gone == client)
        client = NULL;
    closed++;
}

static const sio_handlers_t handlers = {.opened = on_opened,
                                        .connect = on_connect,
                                        .event = on_event,
                                        .disconnected = on_disconnected,
                                        .closed = on_closed};

static void handle(http_request_t *request, void *arg)
{
    (void)arg;
    sio_serve(request, server);
}

/* --- Steps ----------------------------------------------------------------------------------------------------------- */

static unsigned any(unsigned count)
{
    draw = draw * 1103515245 + 12345;
    return (draw >> 16) % count;
}

/* The server may have closed its end: no matter. */
static void say(int *fd, const void *data, size_t len)
{
    if (*fd < 0)
        *fd = bench_connect(&bench);
    (void)!send(*fd, data, len, MSG_NOSIGNAL);
}

static void hang_up(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void request(int *fd, const char *method, const char *transport, const char *fields, const char *body)
{
    char text[400];
    int len = snprintf(text, sizeof text,
                       "%s /t?EIO=4&transport=%s%s%s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n%s\r\n%s", method,
                       transport, *sid ? "&sid=" : "", sid, strlen(body), fields, body);
    say(fd, text, (size_t)len);
}

static void frame(int *fd, const void *payload, size_t len)
{
    uint8_t bytes[6 + 125] = {0x81, (uint8_t)(0x80 | len)};
    memcpy(bytes + 6, payload, len);
    if (*fd >= 0)
        say(fd, bytes, 6 + len);
}

static void message(int *fd, const char *text)
{
    frame(fd, text, strlen(text));
}

/* What came on the polling connection; the session's name, if it tells one. */
static void take(int fd)
{
    char text[4096], *name;
    ssize_t len;
    while (fd >= 0 && (len = recv(fd, text, sizeof text - 1, MSG_DONTWAIT)) > 0) {
        text[len] = '\0';
        if ((name = strstr(text, "0{\"sid\":\"")))
            snprintf(sid, sizeof sid, "%.20s", name + 9);
    }
}

static void wait_ms(int ms)
{
    struct timeval wait = {.tv_usec = ms * 1000L};
    event_base_loopexit(bench.base, &wait);
    event_base_loop(bench.base, 0);
}

static void step(int *polling, int *ws)
{
    static const char upgrade[] = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    switch (any(14)) {
    case 0: request(polling, "GET", "polling", "", ""); break;
    case 1: request(polling, "POST", "polling", "", "40"); break;
    case 2: request(polling, "POST", "polling", "", any(4) ? "3" : "1"); break;
    case 3:
    case 4:
        hang_up(ws);
        request(ws, "GET", "websocket", upgrade, "");
        break;
    case 5:
    case 6: message(ws, "2probe"); break;
    case 7: message(ws, "5"); break;
    case 8: message(ws, any(2) ? "3" : "x"); break;
    case 9: hang_up(any(2) ? ws : polling); break;
    case 10:
        if (client)
            sio_client_close(client, 4503, "later");
        break;
    case 11:
        if (client && any(2))
            sio_client_cut(client, 4410, "now");
        break;
    case 12:
        if (socket_in)
            sio_emit(socket_in, "news", NULL);
        break;
    default: wait_ms(4); break;
    }
    for (int i = 0; i < 5; i++)
        event_base_loop(bench.base, EVLOOP_NONBLOCK);
    take(*polling);
}

static void walk(unsigned seed)
{
    int polling = -1, ws = -1;
    draw = seed;
    sid[0] = '\0';
    client = NULL;
    socket_in = NULL;
    request(&polling, "GET", "polling", "", "");
    for (int i = 0; i < STEPS; i++)
        step(&polling, &ws);
    wait_ms(12); /* past all that was to be waited for */
    hang_up(&polling);
    hang_up(&ws);
}

static void any_order(void **state)
{
    (void)state;
    options = sio_defaults;
    options.namespaces = (const char *const[]){"/", NULL};
    options.connect_timeout_ms = 20;
    options.eio.upgrade_timeout_ms = 5;
    options.eio.ping_interval_ms = 7;
    options.eio.ping_timeout_ms = 7;
    bench_open(&bench, handle, NULL);
    server = sio_server_new(bench.loop, &options, &handlers, NULL);
    for (unsigned seed = 1; seed <= WALKS; seed++)
        walk(seed);
    assert_true(opened >= WALKS);
    wait_ms(40);
    sio_server_free(server);
    bench_close(&bench);
    assert_int_equal(opened, closed);
}

WS_MAIN(cmocka_unit_test(any_order))
