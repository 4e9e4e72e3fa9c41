/* Which token a request carries. The rule is mod_orders' own (mod_orders/auth.c): a Bearer header alone decides, another
 * scheme is ignored, then the session cookie counts, and two of that name are none. Pure functions.
 */
#ifndef WSBRIDGE_CREDENTIALS_H
#define WSBRIDGE_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CREDENTIALS_NONE, /* nobody: sign in */
    CREDENTIALS_TOKEN,
    CREDENTIALS_BAD /* more than one, or none that can be read: session invalid */
} credentials_kind;

typedef struct credentials {
    credentials_kind kind;
    const char *token; /* into the header's text; not ended by a NUL */
    size_t len;
} credentials_t;

/* `authorization` and `cookie` are the headers' values, or NULL, and how many of each were sent. */
credentials_t credentials_choose(const char *authorization, size_t authorization_count, const char *cookie,
                                 size_t cookie_count, const char *cookie_name);

#endif
