#include "datagram.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "core/event.h"
#include "protocol/mem.h"

#define A_TURN      64    /* datagrams read before the loop sees to others */
#define LOG_EVERY   10000 /* ms between two lines about what is dropped */
#define RECEIVE_MAX (4 * 1024 * 1024)

struct datagram {
    loop_t *loop;
    datagram_config config;
    datagram_fn fn;
    void *ctx;
    int fd;
    char *path; /* to be removed; NULL: not ours */
    struct event *event;
    datagram_stats stats;
    int64_t logged_at, dropped; /* dropped: since the last line */
    char buffer[EVENT_DATAGRAM_MAX + 1];
};

/* --- Reading --- */

static bool may_send(const datagram_t *datagram, struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        struct ucred sender;
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS)
            continue;
        memcpy(&sender, CMSG_DATA(part), sizeof sender);
        return sender.uid == 0 || sender.uid == geteuid() ||
               (datagram->config.has_web_user && sender.uid == datagram->config.web_user);
    }
    return false;
}

/* One line now and then, whatever is thrown at the socket. */
static void dropped(datagram_t *datagram, const char *why)
{
    char line[256];
    int64_t now = loop_now(datagram->loop);
    datagram->dropped++;
    if (datagram->logged_at && now - datagram->logged_at < LOG_EVERY)
        return;
    snprintf(line, sizeof line, "datagrams: %lld dropped; the last: %s", (long long)datagram->dropped, why);
    datagram->logged_at = now;
    datagram->dropped = 0;
    if (datagram->config.log)
        datagram->config.log(datagram->config.log_ctx, STORE_LOG_WARNING, line);
}

static void count_event(void *ctx, news_t *news)
{
    datagram_t *datagram = ctx;
    datagram->stats.events++;
    datagram->fn(datagram->ctx, news);
}

static void take(datagram_t *datagram, struct msghdr *message, size_t len)
{
    if (!may_send(datagram, message)) {
        datagram->stats.foreign++;
        dropped(datagram, "its sender is another user");
        return;
    }
    const char *wrong = message->msg_flags & MSG_TRUNC ? "it is longer than any that mod_orders sends"
                                                       : datagram_parse(datagram->buffer, len, count_event, datagram);
    if (wrong) {
        datagram->stats.malformed++;
        dropped(datagram, wrong);
        return;
    }
    datagram->stats.accepted++;
}

/* Descriptors that somebody sends along are not wanted; the kernel closes what finds no room. */
static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    datagram_t *datagram = arg;
    for (int i = 0; i < A_TURN; i++) {
        union {
            char bytes[CMSG_SPACE(sizeof(struct ucred))];
            struct cmsghdr align;
        } control;
        struct iovec part = {datagram->buffer, sizeof datagram->buffer};
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
        ssize_t len = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (len < 0)
            return;
        take(datagram, &message, (size_t)len);
    }
}

/* --- The socket --- */

static const char *sentence(apr_pool_t *pool, const char *doing, const char *path)
{
    char why[128];
    apr_strerror(errno, why, sizeof why);
    return apr_psprintf(pool, "the datagram socket %s can't be %s: %s", path, doing, why);
}

/* A socket that a dead process left is removed; one that somebody reads, or anything that is no socket, stays. */
static const char *clear_path(apr_pool_t *pool, const struct sockaddr_un *address)
{
    struct stat info;
    if (lstat(address->sun_path, &info))
        return errno == ENOENT ? NULL : sentence(pool, "looked at", address->sun_path);
    if (!S_ISSOCK(info.st_mode))
        return apr_psprintf(pool, "%s is in the way of the datagram socket: it is no socket", address->sun_path);
    int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool living = probe >= 0 && !connect(probe, (const struct sockaddr *)address, sizeof *address);
    if (probe >= 0)
        close(probe);
    if (living)
        return apr_psprintf(pool, "another process reads the datagram socket %s", address->sun_path);
    return unlink(address->sun_path) ? sentence(pool, "removed", address->sun_path) : NULL;
}

static const char *bind_path(datagram_t *datagram, apr_pool_t *pool)
{
    const char *path = datagram->config.path;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return apr_psprintf(pool, "the datagram socket's path is longer than %d bytes: %s",
                            (int)sizeof address.sun_path - 1, path);
    memcpy(address.sun_path, path, strlen(path));
    const char *why = clear_path(pool, &address);
    if (why)
        return why;
    mode_t before = umask(0177);
    int failed = bind(datagram->fd, (struct sockaddr *)&address, sizeof address);
    umask(before);
    if (failed)
        return sentence(pool, "made", path);
    datagram->path = mem_copy(path, strlen(path));
    if (datagram->config.has_web_user && datagram->config.web_user != geteuid() &&
        chown(path, datagram->config.web_user, (gid_t)-1))
        return sentence(pool, "given to the web user", path);
    return NULL;
}

/* The kernel says who sent what only from this option on: it is set before anybody can find the socket. */
static const char *prepare(datagram_t *datagram, apr_pool_t *pool)
{
    int yes = 1, room = RECEIVE_MAX;
    datagram->fd = datagram->config.fd;
    if (datagram->fd < 0)
        datagram->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (datagram->fd < 0 || setsockopt(datagram->fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes))
        return sentence(pool, "prepared", datagram->config.path ? datagram->config.path : "that was handed over");
    setsockopt(datagram->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    const char *why = datagram->config.fd < 0 ? bind_path(datagram, pool) : NULL;
    if (why)
        return why;
    datagram->event = event_new(loop_base(datagram->loop), datagram->fd, EV_READ | EV_PERSIST, on_readable, datagram);
    return datagram->event && !event_add(datagram->event, NULL) ? NULL : "the event loop takes no more";
}

datagram_t *datagram_open(loop_t *loop, apr_pool_t *pool, const datagram_config *config, datagram_fn fn, void *ctx,
                          const char **why)
{
    datagram_t *datagram = mem_zero(sizeof *datagram);
    datagram->loop = loop;
    datagram->config = *config;
    datagram->fn = fn;
    datagram->ctx = ctx;
    *why = prepare(datagram, pool);
    if (!*why)
        return datagram;
    datagram_close(datagram);
    return NULL;
}

void datagram_close(datagram_t *datagram)
{
    if (!datagram)
        return;
    if (datagram->event)
        event_free(datagram->event);
    if (datagram->path)
        unlink(datagram->path);
    if (datagram->fd >= 0)
        close(datagram->fd);
    free(datagram->path);
    free(datagram);
}

void datagram_stats_get(const datagram_t *datagram, datagram_stats *stats)
{
    *stats = datagram->stats;
}
