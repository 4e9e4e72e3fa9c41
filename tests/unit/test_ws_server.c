/* Listening: TCP, a unix socket, one passed in; the cap on connections; what is in the way. */
#include "ws_unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "protocol/server.h"

static void answer(http_request_t *request, void *arg)
{
    char peer[100];
    (void)arg;
    http_peer(request, peer, sizeof peer);
    http_reply(request, &(http_answer_t){.status = 200, .body = peer, .len = strlen(peer)});
}

typedef struct fixture {
    struct event_base *base;
    loop_t *loop;
    http_route_t route;
    server_t *server;
    char path[64];
} fixture_t;

static void start(fixture_t *fixture, size_t max_connections)
{
    server_options_t options = server_defaults;
    options.max_connections = max_connections;
    fixture->base = event_base_new();
    fixture->loop = loop_new(fixture->base);
    fixture->route = (http_route_t){.path = "/t", .handler = answer};
    fixture->server = server_new(fixture->loop, &options, &fixture->route, 1);
    snprintf(fixture->path, sizeof fixture->path, "/tmp/ws-server-%d.sock", (int)getpid());
}

static void stop(fixture_t *fixture)
{
    server_free(fixture->server);
    loop_free(fixture->loop);
    event_base_free(fixture->base);
}

static int new_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        abort();
    return fd;
}

static int dial_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = new_socket(AF_UNIX);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* The answer to a request on the socket. */
static const char *ask(fixture_t *fixture, int fd)
{
    static char text[1000];
    static const char request[] = "GET /t HTTP/1.1\r\nHost: x\r\n\r\n";
    ssize_t len = -1;
    assert_true(send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0);
    for (int i = 0; i < 1000 && len < 0; i++) {
        event_base_loop(fixture->base, EVLOOP_NONBLOCK);
        len = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    }
    text[len > 0 ? len : 0] = '\0';
    return text;
}

static void tcp(void **state)
{
    (void)state;
    fixture_t fixture;
    uint16_t port = 0;
    start(&fixture, 10);
    assert_null(server_listen_tcp(fixture.server, "127.0.0.1", 0, &port));
    assert_true(port > 0);
    assert_non_null(strstr(server_listen_tcp(fixture.server, "127.0.0.1", port, NULL), "Address already in use"));
    assert_non_null(strstr(server_listen_tcp(fixture.server, "localhost", 0, NULL), "numeric"));
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int fd = new_socket(AF_INET);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_non_null(strstr(ask(&fixture, fd), "\r\n\r\n127.0.0.1:"));
    assert_int_equal(server_connections(fixture.server), 1);
    close(fd);
    stop(&fixture);
}

static void unix_socket(void **state)
{
    (void)state;
    fixture_t fixture, second;
    struct stat found;
    start(&fixture, 10);
    start(&second, 10);
    assert_null(server_listen_unix(fixture.server, fixture.path, 0660));
    assert_int_equal(stat(fixture.path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0660);
    int fd = dial_unix(fixture.path);
    assert_non_null(strstr(ask(&fixture, fd), "\r\n\r\nunix"));
    assert_non_null(strstr(server_listen_unix(second.server, fixture.path, 0600), "Address already in use"));
    close(fd);
    stop(&fixture);
    assert_int_equal(stat(fixture.path, &found), -1);
    stop(&second);
}

/* A file that a process which was killed left behind is replaced; any other file is not touched. */
static void what_lies_there(void **state)
{
    (void)state;
    fixture_t fixture;
    start(&fixture, 10);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture.path);
    int left = new_socket(AF_UNIX);
    assert_int_equal(bind(left, (struct sockaddr *)&address, sizeof address), 0);
    close(left);
    assert_null(server_listen_unix(fixture.server, fixture.path, 0600));
    int fd = dial_unix(fixture.path);
    assert_non_null(strstr(ask(&fixture, fd), "200 OK"));
    close(fd);
    stop(&fixture);
    start(&fixture, 10);
    int file = open(fixture.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(file);
    assert_non_null(strstr(server_listen_unix(fixture.server, fixture.path, 0600), "File exists"));
    assert_int_equal(unlink(fixture.path), 0);
    char path[200];
    memset(path, 'x', sizeof path);
    path[199] = '\0';
    assert_non_null(strstr(server_listen_unix(fixture.server, path, 0600), "107 bytes"));
    stop(&fixture);
}

static void passed_in(void **state)
{
    (void)state;
    fixture_t fixture;
    start(&fixture, 10);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture.path);
    int fd = new_socket(AF_UNIX);
    assert_non_null(strstr(server_listen_fd(fixture.server, fd), "isn't a listening socket"));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_null(server_listen_fd(fixture.server, fd));
    int client = dial_unix(fixture.path);
    assert_non_null(strstr(ask(&fixture, client), "200 OK"));
    close(client);
    stop(&fixture);
    unlink(fixture.path);
}

static void activation(void **state)
{
    (void)state;
    char pid[20];
    unsetenv("LISTEN_PID");
    assert_int_equal(server_activated_fd(), -1);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    assert_int_equal(server_activated_fd(), 3);
    setenv("LISTEN_PID", "1", 1);
    assert_int_equal(server_activated_fd(), -1);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
}

static void full(void **state)
{
    (void)state;
    fixture_t fixture;
    start(&fixture, 2);
    assert_null(server_listen_unix(fixture.server, fixture.path, 0600));
    int one = dial_unix(fixture.path), two = dial_unix(fixture.path), three = dial_unix(fixture.path);
    assert_non_null(strstr(ask(&fixture, one), "200 OK"));
    assert_non_null(strstr(ask(&fixture, two), "200 OK"));
    char text[200] = "";
    assert_true(recv(three, text, sizeof text - 1, 0) > 0);
    assert_non_null(strstr(text, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"));
    close(one);
    int four = dial_unix(fixture.path);
    event_base_loop(fixture.base, EVLOOP_NONBLOCK);
    assert_non_null(strstr(ask(&fixture, four), "200 OK"));
    server_stop_listening(fixture.server);
    assert_non_null(strstr(ask(&fixture, two), "200 OK"));
    close(two);
    close(three);
    close(four);
    stop(&fixture);
}

WS_MAIN(cmocka_unit_test(tcp), cmocka_unit_test(unix_socket), cmocka_unit_test(what_lies_there),
        cmocka_unit_test(passed_in), cmocka_unit_test(activation), cmocka_unit_test(full))
