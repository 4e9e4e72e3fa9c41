/* Cookies (RFC 6265): reading one by name, setting and clearing. */
#ifndef ORDERS_COOKIES_H
#define ORDERS_COOKIES_H

#include <httpd.h>
#include <stdint.h>

/* How many cookies of that name the request carries; *value is the first one's, from r->pool. */
int cookie_find(request_rec *r, const char *name, const char **value);
/* Secure; SameSite=Strict; Path=/ always. max_age 0 makes the browser forget it. Goes with errors, too. */
void cookie_set(request_rec *r, const char *name, const char *value, int64_t max_age, int http_only);

#endif
