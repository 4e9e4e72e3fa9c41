/* What both protocols share: who may come in, how long they stay, and how they leave.
 *
 * Life: door_check the request; viewer_open; viewer_identify with its token; then the protocol's `admit` or `refuse` is
 * called, at once or later. An admitted viewer is in the hub and gets events until `end` is called or the client goes.
 * However it ends, the protocol calls viewer_close once when its connection is gone; the pointer is invalid then.
 * All of it on the loop's thread.
 */
#ifndef WSBRIDGE_VIEWER_H
#define WSBRIDGE_VIEWER_H

#include "config.h"
#include "credentials.h"
#include "hub.h"
#include "identity.h"
#include "protocol/http.h"

/* Close codes of /ws. */
enum viewer_code {
    VIEWER_SIGN_IN = 4401,   /* the token is bad, over, or its user changed: sign in again */
    VIEWER_TOO_SLOW = 4408,  /* too much was waiting: reconnect and resume */
    VIEWER_RECONNECT = 4410, /* nothing is wrong: reconnect and resume now */
    VIEWER_LATER = 4503,     /* the bridge or the database is not ready: come again in a while */
};

/* Why one is not let in. `name` is an error code of the API. */
typedef struct viewer_refusal {
    enum viewer_code code;
    int status; /* the API's for the same matter */
    const char *name, *message;
} viewer_refusal_t;

typedef struct viewer viewer_t;
typedef struct door door_t;

typedef struct viewer_protocol {
    const char *name; /* in the log and in the state */
    int index;        /* 0 or 1, to count by */
    /* Its token is good and the change stream stands: greet, replay what was missed, hub_add. */
    void (*admit)(viewer_t *viewer);
    void (*refuse)(viewer_t *viewer, const viewer_refusal_t *refusal);
    /* An admitted one must go: its time is over, or the bridge ends. */
    void (*end)(viewer_t *viewer, enum viewer_code code, const char *reason);
    hub_viewer_ops hub;
} viewer_protocol_t;

enum viewer_stage { VIEWER_NEW, VIEWER_VERIFYING, VIEWER_WAITING, VIEWER_IN, VIEWER_GONE };

struct viewer {
    hub_viewer in_hub; /* first, so that the hub's viewer is this one */
    door_t *door;
    const viewer_protocol_t *protocol;
    viewer_t *next, **at; /* among the door's viewers that wait, or are in */
    struct event *timer;
    int64_t opened, expires; /* loop_now's milliseconds; the token's end in seconds since the epoch */
    uint64_t sent;           /* events */
    char client[48];         /* address, for the log */
    uint8_t stage;
};

struct door {
    loop_t *loop;
    const config_t *config;
    hub_t *hub;
    identity_t *identity;
    viewer_t *waiting, *in; /* for the stream; with it */
    size_t count[2];        /* open viewers by protocol */
    uint64_t refused, shed; /* for the state: bad tokens; past max_viewers */
    bool closing;
};

void door_init(door_t *door, loop_t *loop, const config_t *config, hub_t *hub, identity_t *identity);
/* The bridge ends: nobody comes in any more, and all are told to come later. */
void door_close(door_t *door);
size_t door_viewers(const door_t *door);

/* 0, or the status to answer: 403 for a page of another origin, 503 when there are enough viewers. */
int door_check(door_t *door, const http_request_t *request);
/* Which token the request carries; into its headers. */
credentials_t door_credentials(const door_t *door, const http_request_t *request);

/* Starts a viewer's life: `size` zeroed bytes that begin with it. */
viewer_t *viewer_open(door_t *door, const viewer_protocol_t *protocol, const http_request_t *request, size_t size);
void viewer_identify(viewer_t *viewer, credentials_t credentials);
/* The connection is gone, and the viewer when this returns: out of the hub, too, also from within deliver. */
void viewer_close(viewer_t *viewer, const char *reason);

#endif
