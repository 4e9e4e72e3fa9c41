#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* How many bytes the sequence at `s` has, or 0 where it isn't one. */
static size_t sequence_length(const uint8_t *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t len = s[0] >= 0xC2 && s[0] <= 0xDF ? 2 : (s[0] & 0xF0) == 0xE0 ? 3 : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4 : 0;
    if (!len || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    bool too_high = s[0] == 0xF4 && s[1] > 0x8F;
    return overlong || surrogate || too_high ? 0 : len;
}

bool utf8_valid(const void *data, size_t len)
{
    const uint8_t *s = data;
    for (size_t i = 0; i < len;) {
        size_t step = sequence_length(s + i, len - i);
        if (!step)
            return false;
        i += step;
    }
    return true;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(bytes_t *out, const uint8_t *data, size_t len)
{
    uint8_t *to = bytes_room(out, (len + 2) / 3 * 4);
    out->len += (len + 2) / 3 * 4;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group =
            (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) | (left > 2 ? data[i + 2] : 0);
        *to++ = (uint8_t)alphabet[group >> 18];
        *to++ = (uint8_t)alphabet[group >> 12 & 63];
        *to++ = left > 1 ? (uint8_t)alphabet[group >> 6 & 63] : '=';
        *to++ = left > 2 ? (uint8_t)alphabet[group & 63] : '=';
    }
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One group of four characters of which the last `pad` are padding. */
static bool decode_group(const char *text, size_t pad, uint8_t *to)
{
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - pad ? digit_value(text[i]) : 0;
        if (value < 0)
            return false;
        group = group << 6 | (uint32_t)value;
    }
    if ((pad == 1 && (group & 0xFF)) || (pad == 2 && (group & 0xFFFF)))
        return false; /* bits that no byte has */
    to[0] = (uint8_t)(group >> 16);
    if (pad < 2)
        to[1] = (uint8_t)(group >> 8);
    if (pad < 1)
        to[2] = (uint8_t)group;
    return true;
}

bool base64_decode(bytes_t *out, const char *text, size_t len)
{
    if (len % 4)
        return false;
    uint8_t *to = bytes_room(out, len / 4 * 3);
    size_t written = 0;
    for (size_t i = 0; i < len; i += 4) {
        size_t pad = 0;
        if (i + 4 == len)
            pad = text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
        if (!decode_group(text + i, pad, to + written))
            return false;
        written += 3 - pad;
    }
    out->len += written;
    return true;
}

/* base64url's two characters for base64's. */
static char url_safe(char c)
{
    switch (c) {
    case '+': return '-';
    case '/': return '_';
    default: return c;
    }
}

void random_name(char name[RANDOM_NAME_SIZE])
{
    uint8_t bits[15];
    /* Up to 256 bytes come whole once the kernel's pool is ready; no other failure is possible with a valid buffer. */
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        abort();
    bytes_t text = {0};
    base64_encode(&text, bits, sizeof bits);
    for (size_t i = 0; i < RANDOM_NAME_SIZE - 1; i++)
        name[i] = url_safe((char)text.data[i]);
    name[RANDOM_NAME_SIZE - 1] = '\0';
    bytes_free(&text);
}
