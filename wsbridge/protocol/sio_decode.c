/* From Engine.IO messages to packets with their attachments. */
#include "sio_private.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"

void sio_decode_drop(sio_client_t *client)
{
    for (unsigned i = 0; i < client->attachment_count; i++)
        free((void *)client->attachments[i].data);
    free(client->attachments);
    client->attachments = NULL;
    client->attachment_count = 0;
    if (client->partial)
        sio_packet_clear(client->partial);
    free(client->partial);
    client->partial = NULL;
}

/* The parts leave the client first: what the packet causes may free it. */
static void complete(sio_client_t *client)
{
    sio_client_t parts = {
        .partial = client->partial,
        .attachments = client->attachments,
        .attachment_count = client->attachment_count,
    };
    client->partial = NULL;
    client->attachments = NULL;
    client->attachment_count = 0;
    sio_client_packet(client, parts.partial, parts.attachments);
    sio_decode_drop(&parts);
}

static bool take_attachment(sio_client_t *client, const uint8_t *data, size_t len)
{
    if (!client->partial)
        return false;
    if (!client->attachments)
        client->attachments = mem_zero(client->partial->attachments * sizeof *client->attachments);
    client->attachments[client->attachment_count++] =
        (sio_data_t){.data = (const uint8_t *)mem_copy((const char *)data, len), .len = len};
    if (client->attachment_count == client->partial->attachments)
        complete(client);
    return true;
}

bool sio_decode(sio_client_t *client, bool text, const uint8_t *data, size_t len)
{
    if (!text)
        return take_attachment(client, data, len);
    if (client->partial)
        return false; /* attachments were announced */
    sio_packet_t packet;
    if (sio_packet_decode((const char *)data, len, &packet))
        return false;
    if (packet.attachments && client->server->options->binary) {
        client->partial = mem_alloc(sizeof packet);
        *client->partial = packet;
        return true;
    }
    sio_client_packet(client, &packet, NULL);
    sio_packet_clear(&packet);
    return true;
}
