/* Who a request comes from: AuthType Orders, Require orders-route, Require orders-role, tokens and cookies. */
#ifndef ORDERS_AUTH_H
#define ORDERS_AUTH_H

#include <bson/bson.h>
#include <httpd.h>
#include "core/order.h"
#include "core/problem.h"

typedef struct identity {
    bson_oid_t id;
    char id_text[25];
    user_role role;
    int64_t version;                    /* the token's */
    int64_t issued, expires, auth_time; /* seconds since the epoch */
    int from_cookie;                    /* CSRF is demanded on unsafe methods */
    const char *token;                  /* the JWT as it came */
} identity_t;

typedef enum {
    AUTH_NOBODY, /* no credentials */
    AUTH_GOOD,
    AUTH_BAD_COOKIE, /* a session cookie that is bad, expired, revoked or doubled: nobody on a public route */
    AUTH_BAD_BEARER, /* a Bearer token that is: 401 everywhere, but where sessions are ignored */
    AUTH_UNAVAILABLE /* the database could not be asked: *problem says 503 */
} auth_result;

/* Resolved once a request and kept. *who is set for AUTH_GOOD alone. */
auth_result auth_identity(request_rec *r, const identity_t **who, problem_t **problem);
/* What a 401 carries besides its body: WWW-Authenticate (RFC 6750, section 3), and cleared cookies where one came along. */
void auth_challenge(request_rec *r, auth_result result);
/* The 401 problem for a result; adds WWW-Authenticate, and clears both cookies where a session cookie came along. */
problem_t *auth_unauthorized(request_rec *r, auth_result result);
/* CSRF, RFC: NULL, or 403 `csrf-token-invalid`. Only for unsafe methods by cookie. */
problem_t *auth_check_csrf(request_rec *r, const identity_t *who);
/* Starts a session: token, both cookies; *token and *expires (seconds) for the body. auth_time 0: now. */
problem_t *auth_start_session(request_rec *r, const char *user_id, user_role role, int64_t version, int64_t auth_time,
                              const char **token, int64_t *expires);
void auth_clear_cookies(request_rec *r);
/* Tells this host's processes the user's new tokenVersion at once. */
void auth_publish_version(request_rec *r, const bson_oid_t *user, int64_t version);

/* auth_hooks.c: the authn hook, note_auth_failure, both providers. */
void auth_register_hooks(apr_pool_t *pool);

#endif
