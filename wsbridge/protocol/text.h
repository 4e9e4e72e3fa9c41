/* Small codecs: UTF-8, base64, random names. Pure functions. */
#ifndef PROTOCOL_TEXT_H
#define PROTOCOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bytes.h"

/* RFC 3629: shortest forms only, no surrogates, nothing past U+10FFFF. */
bool utf8_valid(const void *data, size_t len);

/* RFC 4648 with padding. Decoding is strict: no blanks, no missing padding, no stray bits; false leaves `out` as it was. */
void base64_encode(bytes_t *out, const uint8_t *data, size_t len);
bool base64_decode(bytes_t *out, const char *text, size_t len);

/* An unguessable name: 120 random bits as 20 characters of base64url, and a NUL. */
#define RANDOM_NAME_SIZE 21
void random_name(char name[RANDOM_NAME_SIZE]);

#endif
