/* Socket.IO 5 packets as text ("Packet encoding" in the protocol's document), strictly: what a client may not send is no
 * packet. Pure functions.
 *
 *     <type>[<attachments>-][<namespace>,][<ack id>][<JSON>]
 */
#ifndef PROTOCOL_SIO_PACKET_H
#define PROTOCOL_SIO_PACKET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bytes.h"
#include "frame.h"

enum sio_type {
    SIO_CONNECT,
    SIO_DISCONNECT,
    SIO_EVENT,
    SIO_ACK,
    SIO_CONNECT_ERROR,
    SIO_BINARY_EVENT,
    SIO_BINARY_ACK,
};

#define SIO_NO_ID           (-1)
#define SIO_MAX_ATTACHMENTS 10 /* the reference's */
#define SIO_MAX_NAMESPACE   128

typedef struct sio_packet {
    enum sio_type type;
    unsigned attachments;            /* binary frames that follow */
    char nsp[SIO_MAX_NAMESPACE + 1]; /* "/..." */
    int64_t id;                      /* SIO_NO_ID for none; at most 2^53 */
    json_t *data;                    /* owned; NULL for none */
} sio_packet_t;

/* NULL on success, then the packet is freed by sio_packet_clear; else a static text that says what is wrong. The text
 * must be UTF-8. */
const char *sio_packet_decode(const char *text, size_t len, sio_packet_t *packet);
void sio_packet_clear(sio_packet_t *packet);

/* Whether each placeholder in the packet's data names one of its attachments. */
bool sio_placeholders_valid(const json_t *data, unsigned attachments);

/* A packet as an Engine.IO message. `json` is JSON text, or NULL. */
frame_t *sio_frame(enum sio_type type, unsigned attachments, const char *nsp, int64_t id, const char *json,
                   size_t json_len);
/* The same with a JSON value, which stays the caller's. */
frame_t *sio_frame_json(enum sio_type type, unsigned attachments, const char *nsp, int64_t id, const json_t *json);
/* An event for many: `["name",<argument>,"offset"]`. The argument is JSON text; the offset, which a client with
 * connection state recovery hands back, may be NULL. */
frame_t *sio_event_frame(const char *nsp, const char *name, const char *argument, size_t len, const char *offset);

#endif
