/* Cookies (RFC 6265). */
#include <apr_strings.h>
#include <http_protocol.h>
#include <inttypes.h>
#include <string.h>
#include "cookies.h"

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
        (*len)--;
}

/* Pairs are parted by semicolons alone. A comma, with which Apache joins two Cookie headers, parts nothing: else whoever
 * may set any cookie could smuggle in one of another name. */
int cookie_find(request_rec *r, const char *name, const char **value)
{
    const char *at = apr_table_get(r->headers_in, "Cookie");
    size_t name_len = strlen(name);
    int count = 0;

    *value = NULL;
    while (at) {
        const char *end = strchr(at, ';');
        size_t len = end ? (size_t)(end - at) : strlen(at);
        const char *equals = memchr(at, '=', len);
        if (equals) {
            const char *key = at, *text = equals + 1;
            size_t key_len = (size_t)(equals - at), text_len = len - key_len - 1;
            trim(&key, &key_len);
            trim(&text, &text_len);
            if (key_len == name_len && memcmp(key, name, name_len) == 0 && count++ == 0)
                *value = apr_pstrmemdup(r->pool, text, text_len);
        }
        at = end ? end + 1 : NULL;
    }
    return count;
}

void cookie_set(request_rec *r, const char *name, const char *value, int64_t max_age, int http_only)
{
    const char *cookie = apr_psprintf(r->pool, "%s=%s; Path=/; Max-Age=%" PRId64 "; Secure%s; SameSite=Strict", name,
                                      value, max_age, http_only ? "; HttpOnly" : "");
    apr_table_addn(r->err_headers_out, "Set-Cookie", cookie);
}
