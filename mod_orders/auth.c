/* Who a request comes from: tokens, cookies, sessions. auth_hooks.c lets Apache act on it. */
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <string.h>
#include "auth.h"
#include "child.h"
#include "cookies.h"
#include "core/token.h"
#include "core/user_store.h"
#include "directives.h"
#include "request.h"
#include "request_state.h"
#include "shared.h"

/* What is known of a request's credentials, kept with the request that the client sent. */
typedef struct auth_state {
    int resolved;
    auth_result result;
    identity_t who;
    problem_t *problem; /* AUTH_UNAVAILABLE */
    int cleared;        /* both cookies are being cleared already */
} auth_state;

/* --- Whose request it is ------------------------------------------------------------------------------------------ */

/* The request that the client sent: credentials are its, whatever sub-requests and internal redirects came of it. */
static request_rec *origin_of(request_rec *r)
{
    while (r->main || r->prev)
        r = r->main ? r->main : r->prev;
    return r;
}

/* What follows "Bearer", or NULL where another scheme or none was sent. */
static const char *bearer_token(request_rec *r)
{
    const char *header = apr_table_get(r->headers_in, "Authorization");
    if (!header)
        return NULL;
    const char *rest = ap_scan_http_token(header);
    if (rest - header != 6 || ap_cstr_casecmpn(header, "Bearer", 6) != 0)
        return NULL;
    while (*rest == ' ')
        rest++;
    return rest;
}

/* Compares the token's version with the user's: first with what this host read of late, then with the database. A token
 * newer than the table says is no forgery, but the table's lag. */
static auth_result check_version(request_rec *r, const bson_oid_t *user, int64_t version, problem_t **problem)
{
    const orders_config *config = orders_config_get();
    int64_t present;
    store_conn *conn;
    const bson_t *doc = NULL;

    if (token_version_get(user, &present) && present >= version)
        return present == version ? AUTH_GOOD : AUTH_NOBODY;

    apr_time_t asked = apr_time_now();
    conn = store_conn_make(orders_child_get()->store, r->pool,
                           r->request_time + (apr_time_t)config->request_timeout_ms * 1000);
    *problem = user_store_find(conn, user, &doc);
    if (*problem)
        return AUTH_UNAVAILABLE;
    if (!doc)
        return AUTH_NOBODY;
    present = store_int(doc, "tokenVersion", -1);
    token_version_put(user, present, asked);
    return present == version ? AUTH_GOOD : AUTH_NOBODY;
}

/* `bad` is what a token that does not hold comes to. */
static auth_result check_token(request_rec *r, const char *text, auth_result bad, auth_state *state)
{
    token_t token;
    identity_t *who = &state->who;

    if (people_verify(orders_child_get()->people, r->pool, &orders_config_get()->keys, text, apr_time_now(), &token) !=
        TOKEN_OK)
        return bad;
    bson_oid_init_from_string(&who->id, token.sub);
    auth_result result = check_version(r, &who->id, token.ver, &state->problem);
    if (result == AUTH_NOBODY)
        return bad;
    bson_oid_to_string(&who->id, who->id_text);
    who->role = token.role;
    who->version = token.ver;
    who->issued = token.iat;
    who->expires = token.exp;
    who->auth_time = token.auth_time;
    who->from_cookie = bad == AUTH_BAD_COOKIE;
    who->token = text;
    return result;
}

static auth_result resolve(request_rec *r, auth_state *state)
{
    const char *cookie, *bearer = bearer_token(r);
    if (bearer)
        return check_token(r, bearer, AUTH_BAD_BEARER, state);
    int cookies = cookie_find(r, orders_config_get()->cookie_name, &cookie);
    if (cookies == 0)
        return AUTH_NOBODY;
    if (cookies > 1) /* one of them is not ours, and nothing tells which */
        return AUTH_BAD_COOKIE;
    return check_token(r, cookie, AUTH_BAD_COOKIE, state);
}

static auth_state *auth_state_of(request_rec *r)
{
    request_rec *origin = origin_of(r);
    request_state *kept = request_state_get(origin);
    if (!kept->auth)
        kept->auth = apr_pcalloc(origin->pool, sizeof(auth_state));
    return kept->auth;
}

auth_result auth_identity(request_rec *r, const identity_t **who, problem_t **problem)
{
    auth_state *state = auth_state_of(r);
    if (!state->resolved) {
        state->result = resolve(origin_of(r), state);
        state->resolved = 1;
    }
    if (who)
        *who = state->result == AUTH_GOOD ? &state->who : NULL;
    if (problem)
        *problem = state->result == AUTH_UNAVAILABLE ? state->problem : NULL;
    return state->result;
}

/* --- Refusing ----------------------------------------------------------------------------------------------------- */

void auth_challenge(request_rec *r, auth_result result)
{
    const char *cookie;
    int bad = result == AUTH_BAD_BEARER || result == AUTH_BAD_COOKIE;
    apr_table_setn(r->err_headers_out, "WWW-Authenticate",
                   bad ? "Bearer realm=\"orders\", error=\"invalid_token\"" : "Bearer realm=\"orders\"");
    if (cookie_find(r, orders_config_get()->cookie_name, &cookie) > 0)
        auth_clear_cookies(r);
}

problem_t *auth_unauthorized(request_rec *r, auth_result result)
{
    auth_challenge(r, result);
    if (result == AUTH_BAD_BEARER || result == AUTH_BAD_COOKIE)
        return problem_make(
            r->pool, "session-invalid",
            "The session token is not valid, or no longer: it is malformed, expired or was ended. Sign in again.");
    return problem_make(r->pool, "sign-in-required",
                        "This needs a session: sign in, and send its token as `Authorization: Bearer` or its cookie.");
}

static int is_safe_method(const request_rec *r)
{
    return r->method_number == M_GET || r->method_number == M_OPTIONS || r->method_number == M_TRACE;
}

problem_t *auth_check_csrf(request_rec *r, const identity_t *who)
{
    const orders_config *config = orders_config_get();
    if (!who || !who->from_cookie || is_safe_method(r))
        return NULL;

    const char *cookie, *header = apr_table_get(r->headers_in, "X-CSRF-Token");
    const char *expected = keys_csrf_token(r->pool, &config->keys, who->token);
    size_t len = strlen(expected);
    if (header && cookie_find(r, config->csrf_cookie_name, &cookie) == 1 &&
        keys_equal(header, strlen(header), expected, len) && keys_equal(cookie, strlen(cookie), expected, len))
        return NULL;
    return problem_make(r->pool, "csrf-token-invalid",
                        "Requests by cookie that change something need the header X-CSRF-Token with the value of the "
                        "cookie %s of the same session.",
                        config->csrf_cookie_name);
}

/* --- Sessions ----------------------------------------------------------------------------------------------------- */

problem_t *auth_start_session(request_rec *r, const char *user_id, user_role role, int64_t version, int64_t auth_time,
                              const char **token, int64_t *expires)
{
    const orders_config *config = orders_config_get();
    token_t claims = {.role = role, .ver = version, .iat = apr_time_sec(apr_time_now())};
    claims.auth_time = auth_time ? auth_time : claims.iat;
    claims.exp = claims.iat + config->token_lifetime;
    if (claims.exp > claims.auth_time + config->session_max)
        claims.exp = claims.auth_time + config->session_max;
    apr_cpystrn(claims.sub, user_id, sizeof(claims.sub));

    *token = token_issue(r->pool, &config->keys, &claims);
    if (!*token)
        return problem_make(r->pool, "internal-error", NULL);
    *expires = claims.exp;
    if (!r->user) /* so that the access log says who signed in */
        r->user = apr_pstrdup(r->pool, user_id);
    int64_t life = claims.exp - claims.iat;
    cookie_set(r, config->cookie_name, *token, life, 1);
    cookie_set(r, config->csrf_cookie_name, keys_csrf_token(r->pool, &config->keys, *token), life, 0);
    return NULL;
}

void auth_clear_cookies(request_rec *r)
{
    const orders_config *config = orders_config_get();
    auth_state *state = auth_state_of(r);
    if (state->cleared)
        return;
    state->cleared = 1;
    cookie_set(r, config->cookie_name, "", 0, 1);
    cookie_set(r, config->csrf_cookie_name, "", 0, 0);
}

void auth_publish_version(request_rec *r, const bson_oid_t *user, int64_t version)
{
    (void)r;
    token_version_put(user, version, apr_time_now());
}
