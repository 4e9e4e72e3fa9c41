#include "ws_client.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>
#include <wslay/wslay.h>

#define OPEN_MS     10000
#define HEAD_MAX    16384
#define BODY_MAX    (1 << 20)
#define MESSAGE_MAX (1 << 20)
#define STEP_MS     200 /* how long a signal that comes between two looks may go unnoticed */
#define GOODBYE_MS  1000

struct ws_client {
    net_t net;
    wslay_event_context_ptr wslay;
    const volatile sig_atomic_t *stop;
    ws_client_text text;
    void *arg;
    char *early; /* what came right behind the head */
    size_t early_len;
    apr_time_t heard;
    bool ended;
};

/* --- HTTP ------------------------------------------------------------------------------------------------------------ */

typedef struct reading {
    char *data;
    size_t len, size;
} reading_t;

/* Reads on. False at the end, when it broke, when the buffer is full, the time over or *stop set. */
static bool read_more(net_t *net, reading_t *reading, apr_time_t end, const volatile sig_atomic_t *stop)
{
    while (reading->len < reading->size - 1 && !*stop && apr_time_now() < end) {
        int got = net_read(net, reading->data + reading->len, reading->size - 1 - reading->len);
        if (got > 0) {
            reading->len += (size_t)got;
            reading->data[reading->len] = '\0';
            return true;
        }
        if (got != NET_AGAIN)
            return false;
        net_wait(net, false, STEP_MS);
    }
    return false;
}

/* Reads up to the end of the head; what follows it, or NULL. */
static char *read_head(net_t *net, reading_t *reading, apr_time_t end, const volatile sig_atomic_t *stop)
{
    char *at = NULL;
    while (!at && read_more(net, reading, end, stop))
        at = strstr(reading->data, "\r\n\r\n");
    return at ? at + 4 : NULL;
}

static int status_of(const char *head)
{
    if (strncmp(head, "HTTP/1.", 7) != 0 || strlen(head) < 12 || head[8] != ' ' || strspn(head + 9, "0123456789") != 3)
        return 0;
    return (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
}

/* A field's value, from the pool; NULL when there is no such field. */
static const char *field_of(apr_pool_t *pool, const char *head, const char *name)
{
    for (const char *line = strstr(head, "\r\n"); line && strncmp(line, "\r\n\r\n", 4) != 0;
         line = strstr(line, "\r\n")) {
        line += 2;
        size_t len = strlen(name);
        if (strncasecmp(line, name, len) != 0 || line[len] != ':')
            continue;
        line += len + 1;
        line += strspn(line, " \t");
        return apr_pstrmemdup(pool, line, strcspn(line, "\r"));
    }
    return NULL;
}

static http_reply no_reply(const char *why)
{
    return (http_reply){.why = why};
}

static http_reply converse(net_t *net, apr_pool_t *pool, const char *request, const volatile sig_atomic_t *stop)
{
    apr_time_t end = apr_time_now() + apr_time_from_msec(OPEN_MS);
    reading_t reading = {.data = apr_palloc(pool, BODY_MAX), .size = BODY_MAX};
    if (!net_write_all(net, request, strlen(request), OPEN_MS))
        return no_reply("the request could not be sent");
    char *body = read_head(net, &reading, end, stop);
    if (!body || !status_of(reading.data))
        return no_reply("there was no answer of HTTP");
    while (read_more(net, &reading, end, stop))
        ;
    size_t head_len = (size_t)(body - reading.data);
    return (http_reply){.status = status_of(reading.data), .body = body, .len = reading.len - head_len};
}

/* HTTP/1.0, so that the answer is in one piece and ends with the connection. */
http_reply http_post_json(apr_pool_t *pool, const net_url *url, const char *path, const char *body,
                          const volatile sig_atomic_t *stop)
{
    net_t net;
    const char *why = net_open(&net, pool, url, OPEN_MS);
    const char *request = apr_psprintf(pool,
                                       "POST %s%s HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\n"
                                       "Content-Length: %" APR_SIZE_T_FMT "\r\n\r\n%s",
                                       url->path, path, url->authority, strlen(body), body);
    http_reply reply = why ? no_reply(why) : converse(&net, pool, request, stop);
    net_close(&net);
    return reply;
}

/* --- The handshake --------------------------------------------------------------------------------------------------- */

static const char *base64(apr_pool_t *pool, const unsigned char *data, int len)
{
    unsigned char *text = apr_palloc(pool, (apr_size_t)len * 2 + 8);
    EVP_EncodeBlock(text, data, len);
    return (const char *)text;
}

static const char *new_key(apr_pool_t *pool)
{
    unsigned char random[16];
    return RAND_bytes(random, sizeof random) == 1 ? base64(pool, random, sizeof random) : NULL;
}

static bool accepts(apr_pool_t *pool, const char *head, const char *key)
{
    const char *both = apr_pstrcat(pool, key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", NULL);
    const char *given = field_of(pool, head, "Sec-WebSocket-Accept");
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    return given && EVP_Digest(both, strlen(both), digest, &len, EVP_sha1(), NULL) &&
           strcmp(given, base64(pool, digest, (int)len)) == 0;
}

static http_reply shake_hands(ws_client *client, apr_pool_t *pool, const net_url *url, const char *path,
                              const char *fields)
{
    apr_time_t end = apr_time_now() + apr_time_from_msec(OPEN_MS);
    reading_t reading = {.data = apr_pcalloc(pool, HEAD_MAX), .size = HEAD_MAX};
    const char *key = new_key(pool);
    if (!key)
        return no_reply("the system gives no random numbers");
    const char *request = apr_psprintf(pool,
                                       "GET %s%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n%s\r\n",
                                       url->path, path, url->authority, key, fields);
    if (!net_write_all(&client->net, request, strlen(request), OPEN_MS))
        return no_reply("the request could not be sent");
    client->early = read_head(&client->net, &reading, end, client->stop);
    if (!client->early)
        return no_reply("there was no answer of HTTP");
    client->early_len = reading.len - (size_t)(client->early - reading.data);
    http_reply reply = {.status = status_of(reading.data), .why = "there was no answer of HTTP"};
    if (reply.status == 101 && !accepts(pool, reading.data, key))
        return no_reply("the server does not speak WebSocket");
    return reply;
}

/* --- Frames: wslay's callbacks --------------------------------------------------------------------------------------- */

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *data, size_t len, int flags, void *user)
{
    (void)flags;
    ws_client *client = user;
    if (client->early_len > 0) {
        size_t taken = len < client->early_len ? len : client->early_len;
        memcpy(data, client->early, taken);
        client->early += taken;
        client->early_len -= taken;
        return (ssize_t)taken;
    }
    int got = net_read(&client->net, data, len);
    if (got > 0)
        return got;
    client->ended = client->ended || got != NET_AGAIN;
    wslay_event_set_error(ctx, got == NET_AGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user)
{
    (void)flags;
    ws_client *client = user;
    int put = net_write(&client->net, data, len);
    if (put > 0)
        return put;
    client->ended = client->ended || put != NET_AGAIN;
    wslay_event_set_error(ctx, put == NET_AGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static int on_mask(wslay_event_context_ptr ctx, uint8_t *buffer, size_t len, void *user)
{
    (void)ctx;
    (void)user;
    return RAND_bytes(buffer, (int)len) == 1 ? 0 : -1;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    (void)ctx;
    ws_client *client = user;
    client->heard = apr_time_now();
    if (message->opcode == WSLAY_TEXT_FRAME)
        client->text(client->arg, (const char *)message->msg, message->msg_length);
}

ws_client *ws_client_open(apr_pool_t *pool, const net_url *url, const char *path, const char *fields,
                          const volatile sig_atomic_t *stop, http_reply *reply)
{
    static const struct wslay_event_callbacks callbacks = {.recv_callback = on_recv,
                                                           .send_callback = on_send,
                                                           .genmask_callback = on_mask,
                                                           .on_msg_recv_callback = on_message};
    ws_client *client = apr_pcalloc(pool, sizeof *client);
    client->stop = stop;
    const char *why = net_open(&client->net, pool, url, OPEN_MS);
    *reply = why ? no_reply(why) : shake_hands(client, pool, url, path, fields);
    if (reply->status != 101 || wslay_event_context_client_init(&client->wslay, &callbacks, client)) {
        net_close(&client->net);
        return NULL;
    }
    wslay_event_config_set_max_recv_msg_length(client->wslay, MESSAGE_MAX);
    return client;
}

/* --- Life ------------------------------------------------------------------------------------------------------------ */

static bool step(ws_client *client)
{
    if (wslay_event_recv(client->wslay) || wslay_event_send(client->wslay) || client->ended)
        return false;
    bool reads = wslay_event_want_read(client->wslay), writes = wslay_event_want_write(client->wslay);
    if (reads || writes)
        net_wait(&client->net, writes, STEP_MS);
    return reads || writes;
}

static void say_goodbye(ws_client *client)
{
    apr_time_t end = apr_time_now() + apr_time_from_msec(GOODBYE_MS);
    wslay_event_queue_close(client->wslay, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
    while (apr_time_now() < end && step(client))
        ;
}

int ws_client_run(ws_client *client, ws_client_text text, void *arg, const int *silence_ms)
{
    client->text = text;
    client->arg = arg;
    client->heard = apr_time_now();
    while (!*client->stop && apr_time_now() - client->heard < apr_time_from_msec(*silence_ms) && step(client))
        ;
    if (*client->stop)
        say_goodbye(client);
    return wslay_event_get_close_received(client->wslay) ? wslay_event_get_status_code_received(client->wslay) : 0;
}

void ws_client_close(ws_client *client)
{
    wslay_event_context_free(client->wslay);
    net_close(&client->net);
}
