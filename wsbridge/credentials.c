#include "credentials.h"

#include <string.h>
#include <strings.h>

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
        (*len)--;
}

static credentials_t token_of(const char *text, size_t len)
{
    trim(&text, &len);
    return (credentials_t){.kind = len ? CREDENTIALS_TOKEN : CREDENTIALS_BAD, .token = text, .len = len};
}

static bool is_bearer(const char *authorization)
{
    return !strncasecmp(authorization, "Bearer", 6) && strchr(" \t", authorization[6]); /* the NUL counts as found */
}

/* Pairs are parted by semicolons alone: see mod_orders/cookies.c. */
static credentials_t from_cookie(const char *cookie, const char *name)
{
    credentials_t found = {.kind = CREDENTIALS_NONE};
    size_t name_len = strlen(name);
    for (const char *at = cookie; at;) {
        size_t len = strcspn(at, ";");
        const char *equals = memchr(at, '=', len);
        size_t key_len = equals ? (size_t)(equals - at) : 0;
        const char *key = at;
        trim(&key, &key_len);
        if (equals && key_len == name_len && !memcmp(key, name, name_len))
            found = found.kind == CREDENTIALS_NONE ? token_of(equals + 1, len - (size_t)(equals + 1 - at))
                                                   : (credentials_t){.kind = CREDENTIALS_BAD};
        at = at[len] ? at + len + 1 : NULL;
    }
    return found;
}

credentials_t credentials_choose(const char *authorization, size_t authorization_count, const char *cookie,
                                 size_t cookie_count, const char *cookie_name)
{
    if (authorization_count > 1)
        return (credentials_t){.kind = CREDENTIALS_BAD};
    if (authorization && is_bearer(authorization))
        return token_of(authorization + 6, strlen(authorization + 6));
    if (cookie_count > 1)
        return (credentials_t){.kind = CREDENTIALS_BAD};
    return from_cookie(cookie, cookie_name);
}
