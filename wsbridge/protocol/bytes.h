/* A byte string that grows. Zero-initialised is empty; bytes_free makes it so again. */
#ifndef PROTOCOL_BYTES_H
#define PROTOCOL_BYTES_H

#include <stddef.h>
#include <stdint.h>

typedef struct bytes {
    uint8_t *data;
    size_t len, cap;
} bytes_t;

void bytes_add(bytes_t *bytes, const void *data, size_t len);
void bytes_text(bytes_t *bytes, const char *text);
void bytes_format(bytes_t *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `len` more bytes behind the present end; the caller writes them and raises `len`. */
uint8_t *bytes_room(bytes_t *bytes, size_t len);
void bytes_free(bytes_t *bytes);

#endif
