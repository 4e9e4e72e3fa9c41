/* Questions about a request. */
#include "http_private.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"

const char *http_method(const http_request_t *request)
{
    return http_method_str((enum http_method)request->parser.method);
}

const char *http_path(const http_request_t *request)
{
    return request->path;
}

const char *http_query(const http_request_t *request)
{
    return request->query;
}

const char *http_header(const http_request_t *request, const char *name, size_t *count)
{
    const char *text = (const char *)request->text.data, *first = NULL;
    size_t found = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        if (strcasecmp(text + request->fields[i].name, name) != 0)
            continue;
        if (!found++)
            first = text + request->fields[i].value;
    }
    if (count)
        *count = found;
    return first;
}

static bool list_has(const char *list, const char *token)
{
    size_t len = strlen(token);
    while (*list) {
        list += strspn(list, ", \t");
        size_t item = strcspn(list, ", \t");
        if (item == len && !strncasecmp(list, token, len))
            return true;
        list += item;
    }
    return false;
}

bool http_header_has(const http_request_t *request, const char *name, const char *token)
{
    const char *text = (const char *)request->text.data;
    for (size_t i = 0; i < request->field_count; i++)
        if (!strcasecmp(text + request->fields[i].name, name) && list_has(text + request->fields[i].value, token))
            return true;
    return false;
}

const uint8_t *http_body(const http_request_t *request, size_t *len)
{
    *len = request->body.len;
    return request->body.data;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* application/x-www-form-urlencoded; a percent sign that starts nothing stands for itself. */
static char *decode(const char *text, size_t len)
{
    char *out = mem_alloc(len + 1), *to = out;
    for (size_t i = 0; i < len; i++) {
        int high = text[i] == '%' && i + 2 < len ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low >= 0 && (high || low)) {
            *to++ = (char)(high << 4 | low);
            i += 2;
        } else {
            *to = text[i];
            if (*to == '+')
                *to = ' ';
            to++;
        }
    }
    *to = '\0';
    return out;
}

char *http_parameter(const http_request_t *request, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *at = request->query; *at;) {
        size_t len = strcspn(at, "&");
        if (len > name_len && at[name_len] == '=' && !strncmp(at, name, name_len))
            return decode(at + name_len + 1, len - name_len - 1);
        at += len + (at[len] == '&');
    }
    return NULL;
}

bool http_wants_upgrade(const http_request_t *request)
{
    return http_header_has(request, "Connection", "upgrade") && http_header_has(request, "Upgrade", "websocket");
}

bool http_is_1_1(const http_request_t *request)
{
    return request->parser.http_major == 1 && request->parser.http_minor >= 1;
}

void http_peer(const http_request_t *request, char *text, size_t size)
{
    stream_peer(request->stream, text, size);
}

loop_t *http_loop(const http_request_t *request)
{
    return request->site->loop;
}
