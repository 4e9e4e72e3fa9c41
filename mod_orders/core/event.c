#include "event.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bson_json.h"
#include "store.h"

struct event_sender {
    int fd; /* -1: nobody to tell */
    struct sockaddr_un to;
    int exponent;
    const char *currency;
};

struct event_batch {
    event_sender_t *sender;
    apr_pool_t *pool;
    out_t text;  /* "[event,event" of the datagram under construction */
    out_t event; /* one event */
};

static apr_status_t close_socket(void *data)
{
    close(((event_sender_t *)data)->fd);
    return APR_SUCCESS;
}

int event_sender_create(event_sender_t **sender, apr_pool_t *pool, const char *path, int exponent, const char *currency)
{
    event_sender_t *s = apr_pcalloc(pool, sizeof(*s));

    *sender = s;
    s->fd = -1;
    s->exponent = exponent;
    s->currency = currency;
    if (!path)
        return 0;
    if (strlen(path) >= sizeof(s->to.sun_path))
        return -1;
    s->to.sun_family = AF_UNIX;
    memcpy(s->to.sun_path, path, strlen(path));
    s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0)
        return -1;
    apr_pool_cleanup_register(pool, s, close_socket, apr_pool_cleanup_null);
    return 0;
}

event_batch *event_batch_begin(event_sender_t *sender, apr_pool_t *pool)
{
    event_batch *batch = apr_pcalloc(pool, sizeof(*batch));

    batch->sender = sender;
    batch->pool = pool;
    out_init(&batch->text, pool);
    out_init(&batch->event, pool);
    return batch;
}

/* The receiver may be gone or its queue full: both are harmless, the change stream carries the same news. */
static void flush(event_batch *batch)
{
    size_t len;
    char *text;

    if (!batch->text.total)
        return;
    out_char(&batch->text, ']');
    text = out_text(&batch->text, &len);
    while (sendto(batch->sender->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&batch->sender->to,
                  sizeof(batch->sender->to)) < 0 &&
           errno == EINTR)
        ;
    out_init(&batch->text, batch->pool);
}

/* Moves the finished event into the datagram, starting a new datagram where it would not fit. */
static void add_event(event_batch *batch)
{
    size_t len;
    const char *text = out_text(&batch->event, &len);

    if (batch->text.total + len + 2 > EVENT_DATAGRAM_MAX)
        flush(batch);
    out_char(&batch->text, batch->text.total ? ',' : '[');
    out_mem(&batch->text, text, len);
    out_init(&batch->event, batch->pool);
}

static void begin_event(out_t *out, const char *type, const bson_oid_t *id, int64_t version, int64_t at)
{
    char hex[25];

    bson_oid_to_string(id, hex);
    out_lit(out, "{\"type\":");
    out_json_str(out, type);
    out_fmt(out, ",\"id\":\"%s\",\"version\":", hex);
    out_int(out, version);
    out_lit(out, ",\"at\":\"");
    out_time(out, at);
    out_char(out, '"');
}

static void optional_text(out_t *out, const char *name, const char *value)
{
    if (!value)
        return;
    out_fmt(out, ",\"%s\":", name);
    out_json_str(out, value);
}

void event_batch_order(event_batch *batch, const bson_t *order)
{
    char entry[64];
    int64_t version = store_int(order, "version", 0);
    const char *type;

    if (batch->sender->fd < 0)
        return;
    apr_snprintf(entry, sizeof(entry), "history.%" APR_INT64_T_FMT ".type", version - 1);
    type = store_text(order, entry);
    if (!type)
        return;
    apr_snprintf(entry, sizeof(entry), "history.%" APR_INT64_T_FMT ".at", version - 1);
    begin_event(&batch->event, type, store_oid(order, "_id"), version, store_time(order, entry));
    apr_snprintf(entry, sizeof(entry), "history.%" APR_INT64_T_FMT ".from", version - 1);
    optional_text(&batch->event, "from", store_text(order, entry));
    apr_snprintf(entry, sizeof(entry), "history.%" APR_INT64_T_FMT ".to", version - 1);
    optional_text(&batch->event, "to", store_text(order, entry));
    out_lit(&batch->event, ",\"data\":{");
    bson_json_members(&batch->event, order, bson_json_order, BJ_PUBLIC, batch->sender->exponent);
    out_lit(&batch->event, "}}");
    add_event(batch);
}

void event_batch_product(event_batch *batch, const bson_t *product)
{
    if (batch->sender->fd < 0)
        return;
    begin_event(&batch->event, "product:stock", store_oid(product, "_id"), store_int(product, "version", 0),
                store_time(product, "updatedAt"));
    out_lit(&batch->event, ",\"data\":");
    bson_json_write_product(&batch->event, product, ROLE_CUSTOMER, batch->sender->currency, batch->sender->exponent);
    out_lit(&batch->event, "}");
    add_event(batch);
}

void event_batch_send(event_batch *batch)
{
    flush(batch);
}
