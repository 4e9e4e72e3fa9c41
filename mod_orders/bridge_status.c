#include "bridge_status.h"

#include <apr_time.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS    250
#define ANSWER_MAX 8192

/* A socket connected to the path, or -1. It never waits: a full queue of a unix socket is EAGAIN. */
static int connect_to(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Reads to the end, or until the time is over or the buffer full. */
static size_t read_answer(int fd, char *answer, size_t size)
{
    apr_time_t end = apr_time_now() + apr_time_from_msec(WAIT_MS);
    size_t len = 0;
    while (len < size) {
        apr_time_t left = end - apr_time_now();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&wait, 1, (int)apr_time_as_msec(left) + 1) <= 0)
            break;
        ssize_t got = recv(fd, answer + len, size - len, 0);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    return len;
}

/* The body of the bridge's answer, or NULL. */
static json_t *ask(apr_pool_t *pool, const char *path)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char *answer = apr_palloc(pool, ANSWER_MAX + 1);
    int fd = connect_to(path, SOCK_STREAM);
    if (fd < 0)
        return NULL;
    size_t len = 0;
    if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(request) - 1)
        len = read_answer(fd, answer, ANSWER_MAX);
    close(fd);
    answer[len] = '\0';
    const char *body = strstr(answer, "\r\n\r\n");
    json_error_t error;
    return strncmp(answer, "HTTP/1.1 200 ", 13) == 0 && body ? json_loads(body + 4, 0, &error) : NULL;
}

static json_int_t number_at(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void write_figures(out_t *out, const json_t *state)
{
    const json_t *viewers = json_object_get(state, "viewers"), *last = json_object_get(state, "lastEvent");
    const json_t *lag = json_object_get(state, "lagMs");
    const char *stream = json_string_value(json_object_get(json_object_get(state, "stream"), "state"));
    const char *at = json_string_value(json_object_get(last, "at"));

    out_fmt(out, "{\"state\":\"%s\",\"viewers\":", json_is_true(json_object_get(state, "ready")) ? "up" : "starting");
    out_int(out, number_at(viewers, "ws") + number_at(viewers, "socketIo"));
    out_lit(out, ",\"viewersMax\":");
    out_int(out, number_at(viewers, "max"));
    out_lit(out, ",\"stream\":");
    out_json_str(out, stream ? stream : "unknown");
    out_lit(out, ",\"lagMs\":");
    if (json_is_integer(lag))
        out_int(out, json_integer_value(lag));
    else
        out_lit(out, "null");
    out_lit(out, ",\"lastEventAt\":");
    if (at)
        out_json_str(out, at);
    else
        out_lit(out, "null");
    out_lit(out, "}");
}

void bridge_status_write(out_t *out, apr_pool_t *pool, const char *datagrams, const char *status)
{
    if (!datagrams && !status) {
        out_lit(out, "{\"state\":\"off\"}");
        return;
    }
    if (status) {
        json_t *state = ask(pool, status);
        if (json_is_object(state))
            write_figures(out, state);
        else
            out_lit(out, "{\"state\":\"down\"}");
        json_decref(state);
        return;
    }
    int fd = connect_to(datagrams, SOCK_DGRAM); /* connecting sends nothing */
    if (fd >= 0)
        close(fd);
    out_fmt(out, "{\"state\":\"%s\"}", fd >= 0 ? "up" : "down");
}
