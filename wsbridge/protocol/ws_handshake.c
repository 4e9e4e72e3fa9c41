#include "ws_handshake.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"

#define KEY_LENGTH 24 /* base64 of 16 bytes */

static bool key_valid(const char *key)
{
    if (strlen(key) != KEY_LENGTH)
        return false;
    bytes_t nonce = {0};
    bool valid = base64_decode(&nonce, key, KEY_LENGTH) && nonce.len == 16;
    bytes_free(&nonce);
    return valid;
}

/* The best of ours that the client names too. */
static int choose_subprotocol(const http_request_t *request, const char *const *offered)
{
    for (int i = 0; offered && offered[i]; i++)
        if (http_header_has(request, "Sec-WebSocket-Protocol", offered[i]))
            return i;
    return -1;
}

int ws_handshake_check(const http_request_t *request, const ws_options_t *options, int *subprotocol)
{
    size_t keys, versions, body_len;
    const char *key = http_header(request, "Sec-WebSocket-Key", &keys);
    const char *version = http_header(request, "Sec-WebSocket-Version", &versions);
    http_body(request, &body_len);
    if (strcmp(http_method(request), "GET") != 0)
        return 405;
    if (!http_wants_upgrade(request) || versions == 0)
        return 426;
    if (!http_is_1_1(request) || body_len || keys != 1 || versions != 1 || !key_valid(key))
        return 400;
    if (strcmp(version, "13") != 0)
        return 426;
    *subprotocol = choose_subprotocol(request, options->subprotocols);
    return *subprotocol < 0 && options->subprotocol_required ? 400 : 0;
}

void ws_handshake_accept(bytes_t *out, const char *key)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[KEY_LENGTH + sizeof guid];
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    memcpy(text, key, KEY_LENGTH);
    memcpy(text + KEY_LENGTH, guid, sizeof guid);
    if (!EVP_Digest(text, KEY_LENGTH + sizeof guid - 1, digest, &len, EVP_sha1(), NULL))
        abort(); /* SHA-1 of a few bytes fails for want of memory only */
    base64_encode(out, digest, len);
}

frame_t *ws_handshake_answer(const http_request_t *request, const char *subprotocol)
{
    bytes_t head = {0};
    bytes_text(&head, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: ");
    ws_handshake_accept(&head, http_header(request, "Sec-WebSocket-Key", NULL));
    bytes_text(&head, "\r\n");
    if (subprotocol)
        bytes_format(&head, "Sec-WebSocket-Protocol: %s\r\n", subprotocol);
    bytes_text(&head, "\r\n");
    frame_t *frame = frame_new(FRAME_RAW, head.data, head.len);
    bytes_free(&head);
    return frame;
}
