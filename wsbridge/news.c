#include "news.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "protocol/mem.h"
#include "protocol/sio_packet.h"
#include "protocol/text.h"

static const char *const type_names[] = {
    [NEWS_ORDER_NEW] = "order:new",
    [NEWS_ORDER_STATUS] = "order:status",
    [NEWS_ORDER_PAYMENT] = "order:payment",
    [NEWS_PRODUCT_STOCK] = "product:stock",
};

const char *news_type_name(news_type type)
{
    return type_names[type];
}

bool news_type_parse(const char *name, news_type *type)
{
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if (!strcmp(name, type_names[i])) {
            *type = (news_type)i;
            return true;
        }
    }
    return false;
}

news_t *news_new(const news_facts *facts, const char *text, size_t len)
{
    news_t *news = mem_alloc(sizeof *news + len + 1);
    char *copy = (char *)(news + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    *news = (news_t){.facts = *facts, .text = copy, .len = len, .refs = 1};
    return news;
}

news_t *news_ref(news_t *news)
{
    news->refs++;
    return news;
}

void news_unref(news_t *news)
{
    if (!news || --news->refs)
        return;
    news_cool(news);
    free(news);
}

frame_t *news_plain_frame(news_t *news)
{
    char end[32];
    if (news->plain)
        return news->plain;
    int len = snprintf(end, sizeof end, ",\"seq\":%" PRId64 "}", news->seq);
    frame_part_t parts[] = {{news->text, news->len - 1}, {end, (size_t)len}};
    return news->plain = frame_join(FRAME_TEXT, parts, 2);
}

frame_t *news_sio_frame(news_t *news, const char *epoch)
{
    char offset[RANDOM_NAME_SIZE + 24];
    if (news->sio)
        return news->sio;
    snprintf(offset, sizeof offset, "%s.%" PRId64, epoch, news->seq);
    return news->sio = sio_event_frame("/", news_type_name(news->facts.type), news->text, news->len, offset);
}

void news_cool(news_t *news)
{
    frame_unref(news->plain);
    frame_unref(news->sio);
    news->plain = news->sio = NULL;
}
