/* The opening handshake (RFC 6455 section 4.2). */
#ifndef PROTOCOL_WS_HANDSHAKE_H
#define PROTOCOL_WS_HANDSHAKE_H

#include "bytes.h"
#include "ws.h"

/* 0 if the request may become a WebSocket connection, with the index of the subprotocol chosen (-1: none); else the
 * status to answer. */
int ws_handshake_check(const http_request_t *request, const ws_options_t *options, int *subprotocol);
/* The 101 answer. */
frame_t *ws_handshake_answer(const http_request_t *request, const char *subprotocol);
/* Sec-WebSocket-Accept for a key. */
void ws_handshake_accept(bytes_t *out, const char *key);

#endif
