/* Socket.IO's private session id, by which a client that comes back asks for what it missed. It is a signed note to
 * ourselves (whose session, its public id, and where the stream of events was when it began), so that no table of past
 * sessions is needed. The key is made at each start, as a new bridge has a new epoch and can replay nothing older.
 * Pure functions.
 */
#ifndef WSBRIDGE_PID_H
#define WSBRIDGE_PID_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/keys.h"

#define PID_SID_LEN 20
#define PID_TEXT    (((PID_SID_LEN + 12 + 8 + 16) * 4 + 2) / 3 + 1)

typedef struct pid_note {
    char sid[PID_SID_LEN + 1];
    bson_oid_t user;
    int64_t seq; /* the newest event when the session began */
} pid_note_t;

void pid_write(char text[PID_TEXT], const unsigned char key[KEY_SIZE], const char *epoch, const pid_note_t *note);
/* false for what this key did not sign, and for a note of another epoch. */
bool pid_read(const char *text, const unsigned char key[KEY_SIZE], const char *epoch, pid_note_t *note);

#endif
