#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"

uint8_t *bytes_room(bytes_t *bytes, size_t len)
{
    size_t needed = bytes->len + len;
    if (needed > bytes->cap || !bytes->data) {
        size_t cap = bytes->cap ? bytes->cap * 2 : 128;
        if (cap < needed)
            cap = needed;
        bytes->data = mem_grow(bytes->data, cap);
        bytes->cap = cap;
    }
    return bytes->data + bytes->len;
}

void bytes_add(bytes_t *bytes, const void *data, size_t len)
{
    if (!len)
        return;
    memcpy(bytes_room(bytes, len), data, len);
    bytes->len += len;
}

void bytes_text(bytes_t *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

void bytes_format(bytes_t *bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len <= 0)
        return;
    va_start(args, format);
    vsnprintf((char *)bytes_room(bytes, (size_t)len + 1), (size_t)len + 1, format, args);
    va_end(args);
    bytes->len += (size_t)len;
}

void bytes_free(bytes_t *bytes)
{
    free(bytes->data);
    *bytes = (bytes_t){0};
}
