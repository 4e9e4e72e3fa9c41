/* The simplest protocol on WebSocket: each message is a JSON object in a text frame, with its `type`. What types there
 * are is the application's.
 */
#ifndef PROTOCOL_PLAIN_H
#define PROTOCOL_PLAIN_H

#include <jansson.h>
#include "ws.h"

/* A message ready to send, to one or to many. `json` stays the caller's. */
frame_t *plain_frame(const json_t *json);
/* `{"type":"<type>",<members>}`: members is JSON text without braces, "" for none. */
frame_t *plain_frame_text(const char *type, const char *members, size_t len);
/* A client's message: an object with a text `type`, or NULL with a static text that says what is wrong. The caller
 * releases it (json_decref). */
json_t *plain_parse(bool text, const uint8_t *data, size_t len, const char **error);

#endif
