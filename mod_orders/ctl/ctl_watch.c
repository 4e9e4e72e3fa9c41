/* ordersctl watch: live events in a terminal, as a viewer of /ws. */
#include "ctl.h"

#include <apr_strings.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/money.h"
#include "ws_client.h"

#define SILENCE_MS   70000 /* until hello says how often there is a heartbeat */
#define PAUSE_MIN_MS 200
#define PAUSE_MAX_MS 5000

enum close_code { SIGN_IN = 4401, TOO_SLOW = 4408, RECONNECT = 4410 };

typedef struct watch {
    ctl_t *ctl;
    net_url url;
    char *token;    /* from the heap */
    char *password; /* from the heap; NULL: the token was given */
    size_t password_size;
    const char *email;
    char epoch[64];
    apr_int64_t seq;
    int silence_ms;
    int pause_ms;
    long left;       /* events to print; -1: no end */
    bool greeted;    /* by the present connection */
    bool been_there; /* once, by any */
} watch_t;

static volatile sig_atomic_t stopping;

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
}

/* A signal has to end a wait: no SA_RESTART. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* --- Printing -------------------------------------------------------------------------------------------------------- */

/* What comes over the net must not move the cursor or colour the terminal. */
static const char *shown(apr_pool_t *pool, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    char *clean = apr_pstrdup(pool, text ? text : "");
    for (char *c = clean; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = '?';
        else if ((unsigned char)c[0] == 0xC2 && (unsigned char)c[1] >= 0x80 && (unsigned char)c[1] <= 0x9F)
            *c = c[1] = '?'; /* C1 controls */
    return clean;
}

static const char *money_of(apr_pool_t *pool, const json_t *data, const char *name)
{
    const char *currency = shown(pool, data, "currency");
    int exponent = money_exponent(currency);
    return apr_psprintf(pool, "%.*f %s", exponent < 0 ? 2 : exponent, json_number_value(json_object_get(data, name)),
                        currency);
}

static void print_event(apr_pool_t *pool, const json_t *event)
{
    const json_t *data = json_object_get(event, "data");
    const char *type = shown(pool, event, "type"), *at = shown(pool, event, "at"), *what;
    if (!strcmp(type, "product:stock") && !json_object_get(data, "name"))
        what = apr_psprintf(pool, "%s  is off sale", shown(pool, data, "id"));
    else if (!strcmp(type, "product:stock"))
        what = apr_psprintf(pool, "%s  stock %" APR_INT64_T_FMT, shown(pool, data, "name"),
                            (apr_int64_t)json_integer_value(json_object_get(data, "stock")));
    else if (!strcmp(type, "order:status"))
        what = apr_psprintf(pool, "%s  %s → %s", shown(pool, data, "number"), shown(pool, event, "from"),
                            shown(pool, event, "to"));
    else if (!strcmp(type, "order:payment"))
        what = apr_psprintf(pool, "%s  payment received", shown(pool, data, "number"));
    else
        what = shown(pool, data, "number");
    printf("%s  %-13s  %s", at, type, what);
    if (strncmp(type, "order:", 6) == 0)
        printf("  %s  %s", money_of(pool, data, "total"), shown(pool, json_object_get(data, "customer"), "email"));
    putchar('\n');
}

/* What is no event: for people, and not in the way of a program that reads the events. */
static void note(const watch_t *watch, const char *text)
{
    if (!watch->ctl->json)
        fprintf(stderr, "ordersctl: %s\n", text);
}

/* --- Messages -------------------------------------------------------------------------------------------------------- */

static void take_place(watch_t *watch, const json_t *message)
{
    const char *epoch = json_string_value(json_object_get(message, "epoch"));
    if (epoch && strlen(epoch) < sizeof watch->epoch &&
        strspn(epoch, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                      "0123456789-_") == strlen(epoch))
        strcpy(watch->epoch, epoch);
    watch->seq = json_integer_value(json_object_get(message, "seq"));
}

/* A client that comes back keeps its place: hello's is where the events after it go on. */
static void take_hello(watch_t *watch, const json_t *message)
{
    double heartbeat = json_number_value(json_object_get(message, "heartbeat"));
    if (heartbeat > 0 && heartbeat < 3600)
        watch->silence_ms = (int)(heartbeat * 2500) + 2000;
    if (!watch->been_there)
        take_place(watch, message);
    note(watch, watch->been_there ? "connected again" : "connected: Ctrl-C ends it");
    watch->been_there = watch->greeted = true;
    watch->pause_ms = PAUSE_MIN_MS;
}

static void take_event(watch_t *watch, apr_pool_t *pool, const json_t *message, const char *text, size_t len)
{
    watch->seq = json_integer_value(json_object_get(message, "seq"));
    if (watch->left == 0)
        return;
    if (watch->ctl->json)
        printf("%.*s\n", (int)len, text);
    else
        print_event(pool, message);
    watch->left -= watch->left > 0;
    if (fflush(stdout) != 0 || watch->left == 0)
        stopping = 1;
}

static void on_text(void *arg, const char *text, size_t len)
{
    watch_t *watch = arg;
    json_t *message = json_loadb(text, len, 0, NULL);
    const char *type = json_string_value(json_object_get(message, "type"));
    apr_pool_t *pool;
    apr_pool_create(&pool, watch->ctl->pool);
    if (type && !strcmp(type, "hello")) {
        take_hello(watch, message);
    } else if (type && !strcmp(type, "reset")) {
        take_place(watch, message);
        note(watch, "some events were missed");
        if (watch->ctl->json)
            printf("%.*s\n", (int)len, text);
        fflush(stdout);
    } else if (type && strchr(type, ':')) {
        take_event(watch, pool, message, text, len);
    }
    apr_pool_destroy(pool);
    json_decref(message);
}

/* --- Signing in ------------------------------------------------------------------------------------------------------ */

static void keep_token(watch_t *watch, const char *token)
{
    if (watch->token)
        OPENSSL_cleanse(watch->token, strlen(watch->token));
    free(watch->token);
    watch->token = token ? strdup(token) : NULL;
}

static int sign_in(watch_t *watch, apr_pool_t *pool)
{
    const ctl_t *ctl = watch->ctl;
    json_t *credentials = json_pack("{s:s, s:s}", "email", watch->email, "password", watch->password);
    char *body = json_dumps(credentials, 0);
    json_decref(credentials);
    http_reply reply = {.why = "the password is no UTF-8"};
    if (body) {
        reply = http_post_json(pool, &watch->url, "/api/users/login", body, &stopping);
        OPENSSL_cleanse(body, strlen(body));
    }
    free(body);
    json_t *answer = reply.status ? json_loadb(reply.body, reply.len, 0, NULL) : NULL;
    const char *token = json_string_value(json_object_get(answer, "token"));
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    int failed = CTL_OK;
    if (reply.status == 200 && token)
        keep_token(watch, token);
    else if (!reply.status)
        failed = ctl_fail(ctl, CTL_UNREACHABLE, "unreachable", "signing in failed: %s.", reply.why);
    else
        failed =
            ctl_fail(ctl, reply.status < 500 ? CTL_FINDING : CTL_UNREACHABLE, "sign-in-failed",
                     "signing in failed with status %d%s%s", reply.status, detail ? ": " : ".", detail ? detail : "");
    json_decref(answer);
    return failed;
}

/* --- One connection after the other ---------------------------------------------------------------------------------- */

static ws_client *connect_once(watch_t *watch, apr_pool_t *pool, http_reply *reply)
{
    const char *path = !watch->been_there
                           ? "/ws"
                           : apr_psprintf(pool, "/ws?epoch=%s&since=%" APR_INT64_T_FMT, watch->epoch, watch->seq);
    const char *fields =
        apr_psprintf(pool, "Sec-WebSocket-Protocol: orders.v1\r\nAuthorization: Bearer %s\r\n", watch->token);
    return ws_client_open(pool, &watch->url, path, fields, &stopping, reply);
}

static int refused(const watch_t *watch, const http_reply *reply)
{
    const ctl_t *ctl = watch->ctl;
    if (!reply->status)
        return ctl_fail(ctl, CTL_UNREACHABLE, "unreachable", "no connection: %s.", reply->why);
    return ctl_fail(ctl, reply->status < 500 ? CTL_FINDING : CTL_UNREACHABLE, "refused",
                    "the server answered %d instead of opening a WebSocket%s.", reply->status,
                    reply->status == 503   ? ": live status is away, or has enough viewers"
                    : reply->status == 404 ? ": there is no live status at this address"
                                           : "");
}

/* Not all at once where many come back. */
static void pause_a_little(watch_t *watch, int code)
{
    unsigned char random = 128;
    if (code == RECONNECT || code == TOO_SLOW || stopping)
        return;
    (void)!RAND_bytes(&random, 1);
    int ms = watch->pause_ms / 2 + watch->pause_ms * random / 256;
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL); /* a signal ends it */
    watch->pause_ms = watch->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : watch->pause_ms * 2;
}

/* What to do after this end: CTL_OK is to go on. *signed_in: the last sign-in has not led anywhere yet. */
static int after_end(watch_t *watch, apr_pool_t *pool, int code, bool *signed_in)
{
    if (stopping)
        return CTL_OK;
    if (code == SIGN_IN) {
        if (!watch->password || *signed_in)
            return ctl_fail(watch->ctl, CTL_FINDING, "session-invalid",
                            "the session has ended, or the token is not valid.");
        *signed_in = true;
        return sign_in(watch, pool);
    }
    if (!watch->been_there)
        return ctl_fail(watch->ctl, CTL_UNREACHABLE, "unavailable", "live status is not available (close code %d).",
                        code);
    if (code != RECONNECT)
        note(watch, "connection lost; trying again");
    pause_a_little(watch, code);
    return CTL_OK;
}

static int watch_events(watch_t *watch)
{
    bool signed_in = watch->password != NULL;
    int failed = CTL_OK;
    while (!failed && !stopping) {
        apr_pool_t *pool;
        http_reply reply;
        int code = 0;
        apr_pool_create(&pool, watch->ctl->pool);
        watch->silence_ms = SILENCE_MS;
        watch->greeted = false;
        ws_client *client = connect_once(watch, pool, &reply);
        if (client) {
            code = ws_client_run(client, on_text, watch, &watch->silence_ms);
            signed_in = signed_in && !watch->greeted;
            ws_client_close(client);
        }
        if (!client && !watch->been_there && !stopping)
            failed = refused(watch, &reply);
        else
            failed = after_end(watch, pool, code, &signed_in);
        apr_pool_destroy(pool);
    }
    return failed;
}

/* --- The command ----------------------------------------------------------------------------------------------------- */

static int find_url(watch_t *watch)
{
    const ctl_t *ctl = watch->ctl;
    const char *source, *port, *text = ctl_option_value(ctl, "url");
    if (!text) {
        port = ctl_setting(ctl, "PORT", &source);
        text = apr_pstrcat(ctl->pool, "http://127.0.0.1:", port ? port : "8080", NULL);
    }
    const char *wrong = net_url_parse(ctl->pool, text, &watch->url);
    return wrong ? ctl_fail(ctl, CTL_USAGE, "usage", "the address '%s': %s.", text, wrong) : CTL_OK;
}

static int find_count(watch_t *watch)
{
    const char *text = ctl_option_value(watch->ctl, "count");
    char *end = NULL;
    watch->left = text ? strtol(text, &end, 10) : -1;
    if (text && (*end || watch->left < 1 || watch->left > 1000000000))
        return ctl_fail(watch->ctl, CTL_USAGE, "usage", "--count: '%s' is no number from 1 to 1000000000.", text);
    return CTL_OK;
}

/* A token goes into a header field. */
static bool is_token(const char *text)
{
    return *text && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(text);
}

static int find_credentials(watch_t *watch)
{
    const ctl_t *ctl = watch->ctl;
    bool by_token = ctl_option_value(ctl, "token-stdin"), by_password = ctl_option_value(ctl, "password-stdin");
    size_t size = 0;
    if (by_token == by_password || by_password != (ctl_option_value(ctl, "email") != NULL))
        return ctl_fail(ctl, CTL_USAGE, "usage", "say who watches: --email E --password-stdin, or --token-stdin.");
    if (by_password && watch->url.socket)
        return ctl_fail(ctl, CTL_USAGE, "usage", "nobody can sign in at the bridge's own socket: use --token-stdin.");
    char *line = ctl_input_line(by_token ? "Token: " : "Password: ", &size);
    if (!line)
        return ctl_fail(ctl, CTL_USAGE, "usage", "standard input has no line with a %s.",
                        by_token ? "token" : "password");
    if (by_password) {
        watch->password = line;
        watch->password_size = size;
        return ctl_input_email(ctl, &watch->email);
    }
    watch->token = line;
    return is_token(line) ? CTL_OK : ctl_fail(ctl, CTL_USAGE, "usage", "the line on standard input is no token.");
}

int ctl_watch(ctl_t *ctl)
{
    watch_t watch = {.ctl = ctl, .pause_ms = PAUSE_MIN_MS};
    int failed = find_url(&watch);
    if (!failed)
        failed = find_count(&watch);
    if (!failed)
        failed = find_credentials(&watch);
    catch_signals();
    if (!failed && watch.password)
        failed = sign_in(&watch, ctl->pool);
    if (!failed)
        failed = watch_events(&watch);
    keep_token(&watch, NULL);
    if (watch.password)
        OPENSSL_cleanse(watch.password, watch.password_size);
    free(watch.password);
    return stopping ? CTL_OK : failed;
}
