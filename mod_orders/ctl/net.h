/* A connection to a web server, by TCP, TLS or a unix socket. Nothing waits longer than it is told to, and every wait ends
 * early on a signal. Errors are sentences; their text lives in the pool or for ever.
 */
#ifndef CTL_NET_H
#define CTL_NET_H

#include <apr_pools.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct net_url {
    const char *socket; /* the path of a unix socket; NULL: host and port */
    const char *host, *port;
    const char *authority; /* as the Host field has it */
    const char *path;      /* "" or "/prefix", without a slash at its end */
    bool tls;
} net_url;

typedef struct net {
    int fd;
    SSL *ssl;
    SSL_CTX *tls;
} net_t;

/* http://host[:port][/path], https://…, or unix:/path/of/socket. NULL, or what is wrong with it. */
const char *net_url_parse(apr_pool_t *pool, const char *text, net_url *url);

/* NULL, or why not. Close it in either case. */
const char *net_open(net_t *net, apr_pool_t *pool, const net_url *url, int timeout_ms);
void net_close(net_t *net);

#define NET_AGAIN  (-1) /* nothing now: net_wait */
#define NET_BROKEN (-2)
/* The count, 0 at the end of what the peer sends, NET_AGAIN or NET_BROKEN. */
int net_read(net_t *net, void *data, size_t len);
int net_write(net_t *net, const void *data, size_t len);
/* Until it may go on (or may be written to as well), a signal comes, or the time is over. */
void net_wait(const net_t *net, bool writing, int timeout_ms);
/* False when it broke, a signal came or the time is over first. */
bool net_write_all(net_t *net, const void *data, size_t len, int timeout_ms);

#endif
