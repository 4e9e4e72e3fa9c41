#include "origin.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* What follows the scheme, and its default port; NULL for no origin that can be trusted. */
static const char *authority_of(const char *origin, size_t len, const char **default_port)
{
    bool tls = len > 8 && !strncasecmp(origin, "https://", 8);
    bool plain = len > 7 && !strncasecmp(origin, "http://", 7);
    *default_port = tls ? ":443" : ":80";
    return tls ? origin + 8 : plain ? origin + 7 : NULL;
}

/* The length of an authority without the scheme's default port. */
static size_t without_port(const char *authority, size_t len, const char *port)
{
    size_t port_len = strlen(port);
    return len > port_len && !memcmp(authority + len - port_len, port, port_len) ? len - port_len : len;
}

static bool authority_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] == 0x7f || strchr("/?#@\"\\<>,;*", text[i]))
            return false;
    return len > 0;
}

bool origin_list_valid(const char *list)
{
    size_t count = 0;
    for (list += strspn(list, " \t"); *list; list += strspn(list, " \t")) {
        size_t len = strcspn(list, " \t");
        const char *port, *authority = authority_of(list, len, &port);
        if (!authority || !authority_valid(authority, len - (size_t)(authority - list)))
            return false;
        list += len;
        count++;
    }
    return count > 0;
}

static bool same_origin(const char *a, size_t a_len, const char *b, size_t b_len)
{
    const char *a_port, *b_port, *a_host = authority_of(a, a_len, &a_port), *b_host = authority_of(b, b_len, &b_port);
    if (!a_host || !b_host || strcmp(a_port, b_port) != 0)
        return false;
    size_t a_host_len = without_port(a_host, a_len - (size_t)(a_host - a), a_port);
    size_t b_host_len = without_port(b_host, b_len - (size_t)(b_host - b), b_port);
    return a_host_len == b_host_len && !strncasecmp(a_host, b_host, a_host_len);
}

static bool is_listed(const char *origin, const char *list)
{
    for (list += strspn(list, " \t"); *list; list += strspn(list, " \t")) {
        size_t len = strcspn(list, " \t");
        if (same_origin(origin, strlen(origin), list, len))
            return true;
        list += len;
    }
    return false;
}

static bool is_host(const char *origin, const char *host)
{
    const char *port, *authority = authority_of(origin, strlen(origin), &port);
    if (!authority || !host)
        return false;
    size_t len = without_port(authority, strlen(authority), port);
    size_t host_len = without_port(host, strlen(host), port);
    return len > 0 && len == host_len && !strncasecmp(authority, host, len);
}

bool origin_allowed(const char *origin, const char *host, const char *list)
{
    if (!origin)
        return true;
    return list ? is_listed(origin, list) : is_host(origin, host);
}
