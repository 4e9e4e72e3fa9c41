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

/* Entry v - 1 of the history tells how version v came to be. */
static bool find_entry(const bson_t *order, int64_t version, bson_t *entry)
{
    char path[40];
    bson_iter_t iter, found;
    const uint8_t *data;
    uint32_t len;

    apr_snprintf(path, sizeof(path), "history.%" APR_INT64_T_FMT, version - 1);
    if (version < 1 || !bson_iter_init(&iter, order) || !bson_iter_find_descendant(&iter, path, &found) ||
        !BSON_ITER_HOLDS_DOCUMENT(&found))
        return false;
    bson_iter_document(&found, &len, &data);
    return bson_init_static(entry, data, len) && store_int(entry, "version", 0) == version;
}

bool event_write_order(out_t *out, const bson_t *order, int64_t version, int exponent)
{
    const bson_oid_t *id = store_oid(order, "_id");
    const char *type;
    bson_t entry;

    if (!id || !find_entry(order, version, &entry) || !(type = store_text(&entry, "type")))
        return false;
    begin_event(out, type, id, version, store_time(&entry, "at"));
    optional_text(out, "from", store_text(&entry, "from"));
    optional_text(out, "to", store_text(&entry, "to"));
    out_lit(out, ",\"data\":{");
    bson_json_members(out, order, bson_json_order, BJ_PUBLIC, exponent);
    out_lit(out, "}}");
    return true;
}

void event_write_product(out_t *out, const bson_t *product, const char *currency, int exponent)
{
    begin_event(out, "product:stock", store_oid(product, "_id"), store_int(product, "version", 0),
                store_time(product, "updatedAt"));
    out_lit(out, ",\"data\":");
    bson_json_write_product(out, product, ROLE_CUSTOMER, currency, exponent);
    out_lit(out, "}");
}

void event_write_withdrawal(out_t *out, const bson_oid_t *product, int64_t version, int64_t at)
{
    char hex[25];

    bson_oid_to_string(product, hex);
    begin_event(out, "product:stock", product, version, at);
    out_fmt(out, ",\"data\":{\"id\":\"%s\",\"version\":", hex);
    out_int(out, version);
    out_lit(out, ",\"active\":false}}");
}

void event_batch_order(event_batch *batch, const bson_t *order)
{
    if (batch->sender->fd >= 0 &&
        event_write_order(&batch->event, order, store_int(order, "version", 0), batch->sender->exponent))
        add_event(batch);
}

void event_batch_product(event_batch *batch, const bson_t *product)
{
    if (batch->sender->fd < 0)
        return;
    event_write_product(&batch->event, product, batch->sender->currency, batch->sender->exponent);
    add_event(batch);
}

void event_batch_send(event_batch *batch)
{
    flush(batch);
}
