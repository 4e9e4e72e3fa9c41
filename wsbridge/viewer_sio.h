/* Viewers by Socket.IO at /socket.io/, for unmodified clients of version 4: `emit(type, {type, id, version, at, data})`,
 * and connection state recovery. Who is not let in gets connect_error with `data: {code, status}`. Clients have nothing
 * to say: an event with an acknowledgement is answered `{error: {code, detail}}`.
 */
#ifndef WSBRIDGE_VIEWER_SIO_H
#define WSBRIDGE_VIEWER_SIO_H

#include "pid.h"
#include "protocol/sio.h"
#include "viewer.h"

typedef struct sio_viewers {
    door_t *door;
    sio_options_t options;
    sio_server_t *server;
    unsigned char key[KEY_SIZE]; /* signs pids; of this process */
} sio_viewers_t;

/* false when the system gives no random bytes. */
bool sio_viewers_init(sio_viewers_t *viewers, door_t *door);
/* After server_free. */
void sio_viewers_free(sio_viewers_t *viewers);

#endif
