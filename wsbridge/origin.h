/* Which pages may connect: the Origin header (RFC 6454) against the setting. Pure functions. */
#ifndef WSBRIDGE_ORIGIN_H
#define WSBRIDGE_ORIGIN_H

#include <stdbool.h>

/* Whether the text is one or more origins `scheme://host[:port]`, http or https, with blanks between them. */
bool origin_list_valid(const char *list);
/* Whether a page of `origin` may connect. NULL, which no browser sends, is allowed; `null` is not. `list` NULL: the host
 * that was asked, `host` (a Host header), whatever its scheme is: a proxy before us may have ended TLS. */
bool origin_allowed(const char *origin, const char *host, const char *list);

#endif
