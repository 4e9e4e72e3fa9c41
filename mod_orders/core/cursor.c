#include "cursor.h"

#include <string.h>

/* A cursor in bytes: has-text flag, number (big-endian), id, text to the end; then the truncated MAC. */
#define NUMBER_AT 1
#define ID_AT     (NUMBER_AT + 8)
#define TEXT_AT   (ID_AT + 12)
#define MAC_SIZE  16

/* As long as a query string could carry one; nothing longer is even decoded. */
#define ENCODED_MAX 8192

static void put_number(unsigned char *at, int64_t number)
{
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
}

static int64_t get_number(const unsigned char *at)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | at[i];
    return (int64_t)number;
}

/* The scope's NUL is signed too: it keeps scope and payload apart. */
static void sign(apr_pool_t *pool, const keys_t *keys, const char *scope, const unsigned char *payload, size_t len,
                 unsigned char mac[32])
{
    size_t scope_size = strlen(scope) + 1;
    unsigned char *data = apr_palloc(pool, scope_size + len);
    memcpy(data, scope, scope_size);
    memcpy(data + scope_size, payload, len);
    keys_hmac(keys->cursor, data, scope_size + len, mac);
}

const char *cursor_seal(apr_pool_t *pool, const keys_t *keys, const char *scope, const cursor_t *cursor)
{
    size_t text_len = cursor->text ? strlen(cursor->text) : 0, len = TEXT_AT + text_len;
    unsigned char mac[32], *bytes = apr_palloc(pool, len + MAC_SIZE);
    bytes[0] = cursor->text != NULL;
    put_number(bytes + NUMBER_AT, cursor->number);
    memcpy(bytes + ID_AT, cursor->id.bytes, sizeof cursor->id.bytes);
    if (text_len)
        memcpy(bytes + TEXT_AT, cursor->text, text_len);
    sign(pool, keys, scope, bytes, len, mac);
    memcpy(bytes + len, mac, MAC_SIZE);
    return keys_base64url(pool, bytes, len + MAC_SIZE);
}

int cursor_open(apr_pool_t *pool, const keys_t *keys, const char *scope, const char *text, cursor_t *cursor)
{
    size_t size;
    unsigned char mac[32];
    if (strnlen(text, ENCODED_MAX + 1) > ENCODED_MAX)
        return -1;
    unsigned char *bytes = keys_base64url_decode(pool, text, &size);
    if (!bytes || size < TEXT_AT + MAC_SIZE)
        return -1;
    size_t len = size - MAC_SIZE;
    sign(pool, keys, scope, bytes, len, mac);
    if (!keys_equal(bytes + len, MAC_SIZE, mac, MAC_SIZE))
        return -1;
    cursor->number = get_number(bytes + NUMBER_AT);
    memcpy(cursor->id.bytes, bytes + ID_AT, sizeof cursor->id.bytes);
    cursor->text = NULL;
    if (bytes[0]) {
        bytes[len] = '\0'; /* over the MAC, which has done its duty */
        cursor->text = (const char *)bytes + TEXT_AT;
    }
    return 0;
}
