/* What the unit tests of the bridge's data side share: ids, events, and a loop that runs for a while. */
#ifndef BRIDGE_UNIT_H
#define BRIDGE_UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <stdio.h>
#include <string.h>
#include "news.h"
#include "protocol/loop.h"

static inline bson_oid_t oid(uint32_t number)
{
    bson_oid_t id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static inline news_t *news_with(news_type type, news_audience audience, bson_oid_t id, bson_oid_t owner,
                                int64_t version, int64_t at)
{
    char text[100];
    news_facts facts = {.type = type, .audience = audience, .id = id, .owner = owner, .version = version, .at = at};
    int len = snprintf(text, sizeof text, "{\"type\":\"%s\",\"version\":%d}", news_type_name(type), (int)version);
    return news_new(&facts, text, (size_t)len);
}

/* An order's event; version v was made at 1000 + v. */
static inline news_t *order_news(bson_oid_t id, int64_t version)
{
    return news_with(version == 1 ? NEWS_ORDER_NEW : NEWS_ORDER_STATUS, NEWS_TO_OWNER, id, oid(7), version,
                     1000 + version);
}

static inline news_t *product_news_to(news_audience audience, bson_oid_t id, int64_t version)
{
    return news_with(NEWS_PRODUCT_STOCK, audience, id, oid(0), version, 1000 + version);
}

static inline news_t *product_news(bson_oid_t id, int64_t version)
{
    return product_news_to(NEWS_TO_EVERYONE, id, version);
}

/* One loop for a test program's tests. */
static struct event_base *unit_base;
static loop_t *unit_loop;

static inline int loop_setup(void **state)
{
    (void)state;
    unit_base = event_base_new();
    unit_loop = loop_new(unit_base);
    return unit_loop ? 0 : -1;
}

static inline int loop_teardown(void **state)
{
    (void)state;
    loop_free(unit_loop);
    event_base_free(unit_base);
    return 0;
}

static inline void run_for(int ms)
{
    struct timeval while_ = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    event_base_loopexit(unit_base, &while_);
    event_base_dispatch(unit_base);
}

#define LOOP_MAIN(...)                                                                                                 \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                                               \
        apr_initialize();                                                                                              \
        int failed = cmocka_run_group_tests(tests, loop_setup, loop_teardown);                                         \
        apr_terminate();                                                                                               \
        return failed != 0;                                                                                            \
    }

#endif
