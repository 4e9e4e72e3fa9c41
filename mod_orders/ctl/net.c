#include "net.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- Addresses ------------------------------------------------------------------------------------------------------- */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* host, host:port or [v6]:port */
static bool parse_authority(apr_pool_t *pool, const char *text, net_url *url)
{
    const char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");
    if (!end)
        return false;
    url->host = *text == '[' ? apr_pstrmemdup(pool, text + 1, (size_t)(end - text) - 1)
                             : apr_pstrmemdup(pool, text, (size_t)(end - text));
    end += *text == '[';
    if (*end == ':')
        url->port = end + 1;
    else if (*end)
        return false;
    return *url->host && *url->port && strspn(url->port, "0123456789") == strlen(url->port) && strlen(url->port) <= 5;
}

const char *net_url_parse(apr_pool_t *pool, const char *text, net_url *url)
{
    static const char allowed[] =
        "it must read like http://shop.example, https://shop.example:8443 or unix:/path/of/socket";
    *url = (net_url){.path = "", .authority = "localhost"};
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7F || *c == '@' || *c == '?' || *c == '#')
            return allowed; /* no user names, no parameters, nothing that ends a line */
    if (starts_with(text, "unix:")) {
        url->socket = text + strlen("unix:");
        if (strlen(url->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
            return "the path of a unix socket has at most 107 bytes";
        return *url->socket == '/' ? NULL : allowed;
    }
    url->tls = starts_with(text, "https://");
    if (!url->tls && !starts_with(text, "http://"))
        return allowed;
    url->port = url->tls ? "443" : "80";
    text += url->tls ? strlen("https://") : strlen("http://");
    size_t len = strcspn(text, "/");
    url->authority = apr_pstrmemdup(pool, text, len);
    char *path = apr_pstrdup(pool, text + len);
    for (size_t end = strlen(path); end > 0 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
    url->path = path;
    return parse_authority(pool, url->authority, url) ? NULL : allowed;
}

/* --- Opening --------------------------------------------------------------------------------------------------------- */

static int left_ms(apr_time_t end)
{
    apr_time_t left = end - apr_time_now();
    return left > 0 ? (int)apr_time_as_msec(left) + 1 : 0;
}

/* 0, or an errno. */
static int connect_within(int fd, const struct sockaddr *address, socklen_t len, apr_time_t end)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;
    if (connect(fd, address, len) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (poll(&wait, 1, left_ms(end)) <= 0)
        return errno == EINTR ? EINTR : ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? errno : error;
}

static int open_one(net_t *net, int family, const struct sockaddr *address, socklen_t len, apr_time_t end)
{
    net->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (net->fd < 0)
        return errno;
    int error = connect_within(net->fd, address, len, end);
    if (error) {
        close(net->fd);
        net->fd = -1;
    }
    return error;
}

static const char *open_unix(net_t *net, apr_pool_t *pool, const net_url *url, apr_time_t end)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, url->socket); /* it fits: net_url_parse */
    int error = open_one(net, AF_UNIX, (const struct sockaddr *)&address, sizeof address, end);
    return error ? apr_psprintf(pool, "%s: %s", url->socket, strerror(error)) : NULL;
}

static const char *open_tcp(net_t *net, apr_pool_t *pool, const net_url *url, apr_time_t end)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int on = 1, error = getaddrinfo(url->host, url->port, &hints, &found);
    if (error)
        return apr_psprintf(pool, "%s: %s", url->host, gai_strerror(error));
    error = EADDRNOTAVAIL;
    for (const struct addrinfo *one = found; one && net->fd < 0; one = one->ai_next)
        error = open_one(net, one->ai_family, one->ai_addr, one->ai_addrlen, end);
    freeaddrinfo(found);
    if (net->fd < 0)
        return apr_psprintf(pool, "%s: %s", url->authority, strerror(error));
    setsockopt(net->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return NULL;
}

/* The server's certificate is verified, its name too. */
static const char *open_tls(net_t *net, apr_pool_t *pool, const net_url *url, apr_time_t end)
{
    net->tls = SSL_CTX_new(TLS_client_method());
    net->ssl = net->tls && SSL_CTX_set_default_verify_paths(net->tls) ? SSL_new(net->tls) : NULL;
    if (!net->ssl || !SSL_set_fd(net->ssl, net->fd) || !SSL_set1_host(net->ssl, url->host) ||
        !SSL_set_tlsext_host_name(net->ssl, url->host))
        return "TLS can't be begun";
    SSL_set_verify(net->ssl, SSL_VERIFY_PEER, NULL);
    SSL_set_mode(net->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    for (;;) {
        int done = SSL_connect(net->ssl);
        int error = SSL_get_error(net->ssl, done);
        if (done == 1)
            return NULL;
        if ((error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) || !left_ms(end))
            break;
        net_wait(net, error == SSL_ERROR_WANT_WRITE, left_ms(end));
    }
    long verdict = SSL_get_verify_result(net->ssl);
    const char *why = verdict == X509_V_OK ? "no TLS here" : X509_verify_cert_error_string(verdict);
    return apr_psprintf(pool, "%s: %s", url->authority, why);
}

const char *net_open(net_t *net, apr_pool_t *pool, const net_url *url, int timeout_ms)
{
    apr_time_t end = apr_time_now() + apr_time_from_msec(timeout_ms);
    *net = (net_t){.fd = -1};
    const char *why = url->socket ? open_unix(net, pool, url, end) : open_tcp(net, pool, url, end);
    return !why && url->tls ? open_tls(net, pool, url, end) : why;
}

void net_close(net_t *net)
{
    SSL_free(net->ssl);
    SSL_CTX_free(net->tls);
    if (net->fd >= 0)
        close(net->fd);
    *net = (net_t){.fd = -1};
}

/* --- Reading and writing --------------------------------------------------------------------------------------------- */

static int tls_result(net_t *net, int result)
{
    switch (SSL_get_error(net->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return NET_AGAIN;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: return NET_BROKEN;
    }
}

static int result_of(ssize_t result)
{
    if (result >= 0)
        return (int)result;
    return errno == EAGAIN || errno == EINTR ? NET_AGAIN : NET_BROKEN;
}

int net_read(net_t *net, void *data, size_t len)
{
    if (!net->ssl)
        return result_of(recv(net->fd, data, len, 0));
    int result = SSL_read(net->ssl, data, (int)len);
    return result > 0 ? result : tls_result(net, result);
}

int net_write(net_t *net, const void *data, size_t len)
{
    if (!net->ssl)
        return result_of(send(net->fd, data, len, MSG_NOSIGNAL));
    int result = SSL_write(net->ssl, data, (int)len);
    return result > 0 ? result : tls_result(net, result);
}

void net_wait(const net_t *net, bool writing, int timeout_ms)
{
    struct pollfd wait = {.fd = net->fd, .events = (short)(POLLIN | (writing ? POLLOUT : 0))};
    if (!net->ssl || !SSL_pending(net->ssl))
        poll(&wait, 1, timeout_ms);
}

bool net_write_all(net_t *net, const void *data, size_t len, int timeout_ms)
{
    apr_time_t end = apr_time_now() + apr_time_from_msec(timeout_ms);
    const char *at = data;
    while (len > 0) {
        int written = net_write(net, at, len);
        if (written == NET_BROKEN || !left_ms(end))
            return false;
        if (written == NET_AGAIN)
            net_wait(net, true, left_ms(end));
        at += written > 0 ? written : 0;
        len -= written > 0 ? (size_t)written : 0;
    }
    return true;
}
