/* Datagrams: what mod_orders writes is read as it was, anything else is dropped whole; the socket and its senders. */
#include "bridge_unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "core/event.h"
#include "core/store.h"
#include "datagram.h"

#define ID    "0123456789abcdef01234567"
#define USER  "fedcba9876543210fedcba98"
#define ORDER "{\"id\":\"" ID "\",\"userId\":\"" USER "\",\"version\":3}"
#define EVENT(type, version, at, data)                                                                                 \
    "{\"type\":\"" type "\",\"id\":\"" ID "\",\"version\":" version ",\"at\":\"" at "\",\"data\":" data "}"
#define AT   "2026-01-31T12:00:00.250Z"
#define GOOD EVENT("order:status", "3", AT, ORDER)

typedef struct taken {
    news_t *news[8];
    int count;
} taken_t;

static void take(void *ctx, news_t *news)
{
    taken_t *taken = ctx;
    assert_true(taken->count < 8);
    taken->news[taken->count++] = news;
}

static void drop(taken_t *taken)
{
    while (taken->count)
        news_unref(taken->news[--taken->count]);
}

static const char *parse(const char *text, taken_t *taken)
{
    *taken = (taken_t){0};
    /* On the heap and without a NUL, so that the sanitizer sees a step too far */
    size_t len = strlen(text);
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len); /* NOLINT(bugprone-not-null-terminated-result) */
    const char *wrong = datagram_parse(copy, len, take, taken);
    free(copy);
    return wrong;
}

static void test_an_order_event(void **state)
{
    (void)state;
    taken_t taken;
    bson_oid_t owner, id;
    bson_oid_init_from_string(&owner, USER);
    bson_oid_init_from_string(&id, ID);
    assert_null(parse("[" GOOD "]", &taken));
    assert_int_equal(taken.count, 1);
    const news_t *news = taken.news[0];
    assert_string_equal(news->text, GOOD);
    assert_int_equal(news->len, strlen(GOOD));
    assert_int_equal(news->facts.type, NEWS_ORDER_STATUS);
    assert_int_equal(news->facts.audience, NEWS_TO_OWNER);
    assert_true(bson_oid_equal(&news->facts.owner, &owner));
    assert_true(bson_oid_equal(&news->facts.id, &id));
    assert_int_equal(news->facts.version, 3);
    assert_int_equal(news->facts.at, INT64_C(1769860800250));
    drop(&taken);
}

static void test_several_and_products(void **state)
{
    (void)state;
    taken_t taken;
    assert_null(parse(
        "[" GOOD "," EVENT(
            "product:stock", "1", AT,
            "{\"id\":\"" ID
            "\",\"version\":1,\"active\":true,\"price\":0.10}") "," EVENT("product:stock", "1", AT,
                                                                          "{\"id\":\"" ID
                                                                          "\",\"version\":1,\"active\":false}") "]",
        &taken));
    assert_int_equal(taken.count, 3);
    assert_int_equal(taken.news[1]->facts.audience, NEWS_TO_EVERYONE);
    assert_non_null(strstr(taken.news[1]->text, "\"price\":0.10}"));
    assert_int_equal(taken.news[2]->facts.audience, NEWS_TO_ADMINS);
    drop(&taken);
}

static void test_anything_else_is_refused_whole(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[",
        "]",
        "[]",
        "{}",
        "null",
        "[null]",
        "[[" GOOD "]]",
        GOOD,
        "[" GOOD,
        GOOD "]",
        "[" GOOD ",]",
        "[" GOOD "," GOOD,
        "[" GOOD GOOD "]",
        "[" GOOD "]x",
        "[" GOOD "] ",
        " [" GOOD "]",
        "[ " GOOD "]",
        "[" GOOD ", " GOOD "]",
        "[" GOOD "}]",
        "[" GOOD ",{}]",
        "[{\"type\":\"order:status\"}]",
        "[" EVENT("order:gone", "3", AT, ORDER) "]",
        "[" EVENT("", "3", AT, ORDER) "]",
        "[" EVENT("order:status", "0", AT, ORDER) "]",
        "[" EVENT("order:status", "-1", AT, ORDER) "]",
        "[" EVENT("order:status", "3.0", AT, ORDER) "]",
        "[" EVENT("order:status", "\"3\"", AT, ORDER) "]",
        "[" EVENT("order:status", "99999999999999999999", AT, ORDER) "]",
        "[" EVENT("order:status", "4", AT, ORDER) "]", /* data is older than the event */
        "[" EVENT("order:status", "3", "2026-01-31T12:00:00Z", ORDER) "]",
        "[" EVENT("order:status", "3", "2026-13-31T12:00:00.250Z", ORDER) "]",
        "[" EVENT("order:status", "3", "yesterday, at a good time", ORDER) "]",
        "[" EVENT("order:status", "3", AT, "null") "]",
        "[" EVENT("order:status", "3", AT, "[]") "]",
        "[" EVENT("order:status", "3", AT, "{}") "]",
        "[" EVENT("order:status", "3", AT, "{\"id\":\"" ID "\",\"version\":3}") "]", /* nobody's */
        "[" EVENT("order:status", "3", AT, "{\"id\":\"" ID "\",\"userId\":\"x\",\"version\":3}") "]",
        "[" EVENT("order:status", "3", AT, "{\"id\":\"" USER "\",\"userId\":\"" USER "\",\"version\":3}") "]",
        "[" EVENT("product:stock", "3", AT, ORDER) "]", /* active isn't told */
        "[{\"type\":\"order:status\",\"id\":\"" ID "\",\"version\":3,\"at\":\"" AT "\",\"data\":" ORDER ",\"more\":1}]",
        "[{\"type\":\"order:status\",\"id\":\"" ID "\",\"version\":3,\"at\":\"" AT "\",\"data\":" ORDER ",\"from\":1}]",
        "[{\"type\":\"order:status\",\"type\":\"order:new\",\"id\":\"" ID "\",\"version\":3,\"at\":\"" AT
        "\",\"data\":" ORDER "}]",
        "[{\"type\":\"order:status\",\"id\":\"" ID "\",\"version\":3,\"at\":\"" AT "\",\"data\":{\"id\":\"" ID
        "\",\"userId\":\"" USER "\",\"version\":3,\"n\":\"\xff\"}}]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        taken_t taken;
        if (!parse(bad[i], &taken))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(taken.count, 0);
    }
}

static void test_every_cut_is_refused(void **state)
{
    (void)state;
    static const char whole[] = "[" GOOD "," GOOD "]";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        taken_t taken = {0};
        char *copy = malloc(len ? len : 1);
        memcpy(copy, whole, len);
        assert_non_null(datagram_parse(copy, len, take, &taken));
        assert_int_equal(taken.count, 0);
        free(copy);
    }
}

/* --- What the module writes --------------------------------------------------------------------------------------- */

static bson_t *order_doc(void)
{
    bson_oid_t id, user;
    bson_oid_init_from_string(&id, ID);
    bson_oid_init_from_string(&user, USER);
    return BCON_NEW("_id", BCON_OID(&id), "number", BCON_UTF8("A-000001 \"\\ ü\n"), "userId", BCON_OID(&user), "total",
                    BCON_INT64(INT64_MAX), "status", BCON_UTF8("processing"), "version", BCON_INT64(2), "history", "[",
                    "{", "version", BCON_INT64(1), "at", BCON_DATE_TIME(1000), "type", BCON_UTF8("order:new"), "to",
                    BCON_UTF8("pending"), "}", "{", "version", BCON_INT64(2), "at", BCON_DATE_TIME(2000), "type",
                    BCON_UTF8("order:status"), "from", BCON_UTF8("pending"), "to", BCON_UTF8("processing"), "}", "]");
}

static void test_one_function_writes_any_version(void **state)
{
    (void)state;
    apr_pool_t *pool;
    out_t out;
    taken_t taken;
    bson_t *doc = order_doc();
    apr_pool_create(&pool, NULL);
    for (int64_t version = 1; version <= 2; version++) {
        out_init(&out, pool);
        out_char(&out, '[');
        assert_true(event_write_order(&out, doc, version, 2));
        out_char(&out, ']');
        assert_null(parse(out_text(&out, NULL), &taken));
        assert_int_equal(taken.news[0]->facts.version, version);
        assert_int_equal(taken.news[0]->facts.at, 1000 * version);
        assert_non_null(strstr(taken.news[0]->text, "\"total\":92233720368547758.07"));
        assert_null(strstr(taken.news[0]->text, "history"));
        drop(&taken);
    }
    out_init(&out, pool);
    assert_false(event_write_order(&out, doc, 0, 2));
    assert_false(event_write_order(&out, doc, 3, 2));
    assert_int_equal(out.total, 0);
    bson_destroy(doc);
    apr_pool_destroy(pool);
}

/* --- The socket --------------------------------------------------------------------------------------------------- */

static char path[64];
static int lines;

static void on_log(void *ctx, store_log_level level, const char *message)
{
    (void)ctx, (void)level, (void)message;
    lines++;
}

static datagram_t *open_socket(apr_pool_t *pool, taken_t *taken, const char **why)
{
    snprintf(path, sizeof path, "/tmp/test_bridge_datagram.%d", (int)getpid());
    *taken = (taken_t){0};
    lines = 0;
    datagram_config config = {.path = path, .fd = -1, .log = on_log};
    return datagram_open(unit_loop, pool, &config, take, taken, why);
}

static int new_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        abort();
    return fd;
}

static void test_from_the_sender_to_the_socket(void **state)
{
    (void)state;
    apr_pool_t *pool;
    const char *why;
    taken_t taken;
    struct stat info;
    event_sender_t *sender;
    datagram_stats stats;
    apr_pool_create(&pool, NULL);
    datagram_t *datagram = open_socket(pool, &taken, &why);
    assert_non_null(datagram);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(event_sender_create(&sender, pool, path, 2, "USD"), 0);
    bson_t *doc = order_doc();
    event_batch *batch = event_batch_begin(sender, pool);
    event_batch_order(batch, doc);
    event_batch_order(batch, doc);
    event_batch_send(batch);
    run_for(20);
    assert_int_equal(taken.count, 2);
    drop(&taken);
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memcpy(to.sun_path, path, strlen(path));
    int fd = new_socket();
    for (int i = 0; i < 5; i++) {
        sendto(fd, "rubbish", 7, 0, (struct sockaddr *)&to, sizeof to);
        sendto(fd, "", 0, 0, (struct sockaddr *)&to, sizeof to);
        run_for(5);
    }
    char *long_one = calloc(1, EVENT_DATAGRAM_MAX + 10);
    memset(long_one, ' ', EVENT_DATAGRAM_MAX + 10);
    sendto(fd, long_one, EVENT_DATAGRAM_MAX + 10, 0, (struct sockaddr *)&to, sizeof to);
    run_for(20);
    datagram_stats_get(datagram, &stats);
    assert_int_equal(stats.accepted, 1);
    assert_int_equal(stats.events, 2);
    assert_int_equal(stats.malformed, 11);
    assert_int_equal(stats.foreign, 0);
    assert_int_equal(lines, 1);
    close(fd);
    free(long_one);
    bson_destroy(doc);
    datagram_close(datagram);
    assert_int_equal(stat(path, &info), -1);
    apr_pool_destroy(pool);
}

static void test_the_path_is_taken_from_the_dead_only(void **state)
{
    (void)state;
    apr_pool_t *pool;
    const char *why = NULL;
    taken_t taken;
    apr_pool_create(&pool, NULL);
    datagram_t *datagram = open_socket(pool, &taken, &why);
    assert_non_null(datagram);
    assert_null(open_socket(pool, &taken, &why));
    assert_non_null(strstr(why, "another process reads"));
    assert_int_equal(access(path, F_OK), 0); /* still the first one's */
    datagram_close(datagram);
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memcpy(to.sun_path, path, strlen(path));
    int fd = new_socket();
    assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
    close(fd); /* died without removing it */
    datagram = open_socket(pool, &taken, &why);
    assert_non_null(datagram);
    datagram_close(datagram);
    assert_int_equal(close(creat(path, 0600)), 0);
    assert_null(open_socket(pool, &taken, &why));
    assert_non_null(strstr(why, "no socket"));
    unlink(path);
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[199] = '\0';
    assert_null(datagram_open(unit_loop, pool, &(datagram_config){.path = longest, .fd = -1}, take, &taken, &why));
    assert_non_null(strstr(why, "longer than 107 bytes"));
    assert_null(
        datagram_open(unit_loop, pool, &(datagram_config){.path = "/nowhere/at/all", .fd = -1}, take, &taken, &why));
    apr_pool_destroy(pool);
}

LOOP_MAIN(cmocka_unit_test(test_an_order_event), cmocka_unit_test(test_several_and_products),
          cmocka_unit_test(test_anything_else_is_refused_whole), cmocka_unit_test(test_every_cut_is_refused),
          cmocka_unit_test(test_one_function_writes_any_version), cmocka_unit_test(test_from_the_sender_to_the_socket),
          cmocka_unit_test(test_the_path_is_taken_from_the_dead_only))
