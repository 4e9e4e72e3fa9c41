/* What both protocols share: who may come in, how long they stay, and how they leave.
 *
 * Life: door_check the request; viewer_open; viewer_identify; then the protocol's `admit` or `refuse` is called. An
 * admitted viewer is in the hub and gets events until `end` or `revoke` is called or the client goes. However it ends,
 * the protocol calls viewer_close once, when its connection is gone.
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

/* Why one is not let in. */
typedef struct viewer_refusal {
    enum viewer_code code;
    int status;       /* what the API answers for the same matter, */
    const char *name; /* and the error's code there */
    const char *message;
} viewer_refusal_t;

typedef struct viewer viewer_t;
typedef struct door door_t;

typedef struct viewer_protocol {
    const char *name; /* in the log and in the state */
    int index;        /* to count by */
    /* Its token is good and the change stream stands: greet, hub_add, replay what was missed. */
    void (*admit)(viewer_t *viewer);
    /* Not let in; it may try again with another token, if the protocol lets it. */
    void (*refuse)(viewer_t *viewer, const viewer_refusal_t *refusal);
    /* An admitted one must go: its time is over, or the bridge ends. */
    void (*end)(viewer_t *viewer, enum viewer_code code, const char *reason);
    /* An admitted one must go because its session has ended: nothing that waits for it may be sent any more. */
    void (*revoke)(viewer_t *viewer);
    hub_viewer_ops hub; /* its `revoke` is viewer_revoked */
} viewer_protocol_t;

#define VIEWER_PROTOCOLS 2

struct viewer {
    hub_viewer in_hub; /* first, so that the hub's viewer is this one */
    door_t *door;
    const viewer_protocol_t *protocol;
    viewer_t *next, **at; /* among the door's */
    credentials_kind kind;
    size_t token_len;
    char *token;
    identity_query *query; /* not NULL: the token is being checked */
    hub_wait *wait;        /* not NULL: the stream doesn't stand yet */
    struct event *timer;
    int64_t opened;  /* loop_now's milliseconds */
    int64_t expires; /* the token's end, seconds since the epoch */
    int64_t sent;    /* events */
    char client[46]; /* address, for the log */
    bool in;         /* admitted, until the end */
    bool resumed;
};

struct door {
    loop_t *loop;
    const config_t *config;
    hub_t *hub;
    identity_t *identity;
    viewer_t *viewers;
    size_t count[VIEWER_PROTOCOLS];
    int64_t admitted, refused, shed; /* since the start; shed: past max_viewers */
    bool closing;
};

void door_init(door_t *door, loop_t *loop, const config_t *config, hub_t *hub, identity_t *identity);
/* The bridge ends: nobody comes in any more, and who is in is told to come later. */
void door_close(door_t *door);
size_t door_viewers(const door_t *door);

/* 0, or the status to answer: 403 for a page of another origin, 503 when there are enough viewers. */
int door_check(door_t *door, const http_request_t *request);
/* Of that 503, and of others: whole seconds. */
#define DOOR_RETRY_AFTER 5

/* Starts a viewer's life: `size` zeroed bytes that begin with it. Its token is the request's. */
viewer_t *viewer_open(door_t *door, const viewer_protocol_t *protocol, const http_request_t *request, size_t size);
/* Another token decides, alone. */
void viewer_set_token(viewer_t *viewer, const char *token, size_t len);
/* Leads to `admit` or `refuse`, at once or later; once at a time. */
void viewer_identify(viewer_t *viewer);
/* An event was sent to it. */
static inline void viewer_count(viewer_t *viewer)
{
    viewer->sent++;
}
/* Events were missed, a change of its user perhaps among them: its token is looked at again. */
void viewer_recheck(viewer_t *viewer);
/* hub_viewer_ops' revoke. */
void viewer_revoked(hub_viewer *in_hub);
/* It is no longer let in, though its connection stands: as it was before viewer_identify. */
void viewer_leave(viewer_t *viewer, const char *reason);
/* The connection is gone, and the viewer when this returns. */
void viewer_close(viewer_t *viewer, const char *reason);

#endif
