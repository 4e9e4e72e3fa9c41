/* How the listening sockets come to be. */
#include "server_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3 /* SD_LISTEN_FDS_START */

static const char *failed(server_t *server, const char *what, const char *name)
{
    char reason[64];
    snprintf(server->error, sizeof server->error, "%s %s: %s", what, name, strerror_r(errno, reason, sizeof reason));
    return server->error;
}

static const char *start_listening(server_t *server, int fd, const struct sockaddr *address, socklen_t len,
                                   const char *name)
{
    const char *error = NULL;
    if (bind(fd, address, len))
        error = failed(server, "bind", name);
    else if (listen(fd, server->options.backlog))
        error = failed(server, "listen on", name);
    if (error)
        close(fd);
    return error;
}

typedef union tcp_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} tcp_address;

static socklen_t parse_address(const char *host, uint16_t port, tcp_address *address)
{
    *address = (tcp_address){0};
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return sizeof address->v4;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        return sizeof address->v6;
    }
    return 0;
}

const char *server_listen_tcp(server_t *server, const char *host, uint16_t port, uint16_t *bound)
{
    tcp_address address;
    socklen_t len = parse_address(host, port, &address);
    if (!len)
        return "the host to listen on must be a numeric address";
    int one = 1, fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failed(server, "socket for", host);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (address.any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    const char *error = start_listening(server, fd, &address.any, len, host);
    if (error)
        return error;
    getsockname(fd, &address.any, &len);
    if (bound)
        *bound = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return server_add_listener(server, fd, NULL);
}

/* Whether somebody answers at the socket file; a left-over file answers ECONNREFUSED. */
static bool somebody_listens(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return true;
    bool answered = !connect(fd, (const struct sockaddr *)address, sizeof *address) || errno == EAGAIN;
    close(fd);
    errno = EADDRINUSE;
    return answered;
}

/* Makes way for a new socket file; else errno says what is there. */
static bool clear_path(const struct sockaddr_un *address)
{
    struct stat found;
    if (lstat(address->sun_path, &found))
        return errno == ENOENT;
    errno = S_ISSOCK(found.st_mode) ? EADDRINUSE : EEXIST;
    if (!S_ISSOCK(found.st_mode) || somebody_listens(address))
        return false;
    return unlink(address->sun_path) == 0;
}

const char *server_listen_unix(server_t *server, const char *path, unsigned mode)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return "the socket's path is too long: 107 bytes are allowed";
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (!clear_path(&address))
        return failed(server, "listen on", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failed(server, "socket for", path);
    /* The mask makes the file private from its first moment; chmod then opens it as far as asked. */
    mode_t mask = umask(0177);
    const char *error = start_listening(server, fd, (struct sockaddr *)&address, sizeof address, path);
    umask(mask);
    if (error)
        return error;
    if (chmod(path, mode)) {
        error = failed(server, "chmod", path);
        close(fd);
        return error;
    }
    return server_add_listener(server, fd, path);
}

const char *server_listen_fd(server_t *server, int fd)
{
    int listening = 0, flags = fcntl(fd, F_GETFL);
    socklen_t len = sizeof listening;
    if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) || !listening)
        return "the file descriptor passed isn't a listening socket";
    if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
        return failed(server, "prepare", "the socket passed");
    return server_add_listener(server, fd, NULL);
}

int server_activated_fd(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): read at the start, when there is one thread */
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (!pid || !count || strtol(pid, NULL, 10) != (long)getpid() || strtol(count, NULL, 10) < 1)
        return -1;
    return FIRST_PASSED_FD;
}
