/* The text of a datagram, strictly: a JSON array of the objects that core/event writes. Each object's own text is what
 * viewers get, so that amounts stay as they were written. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "core/query.h"
#include "datagram.h"
#include "protocol/mem.h"

#define EVENTS_MAX 4096
#define FLAGS      (JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK)

static const char no_array[] = "not an array of events";
static const char no_object[] = "no well-formed JSON object where an event is expected";
static const char bad_member[] = "an event lacks a member, or has one of the wrong kind";
static const char other_member[] = "an event has a member that events don't have";
static const char other_type[] = "an event of an unknown type";
static const char too_many[] = "too many events";

static bool read_id(const json_t *value, bson_oid_t *id)
{
    const char *text = json_string_value(value);
    if (!text || json_string_length(value) != 24 || !bson_oid_is_valid(text, 24))
        return false;
    bson_oid_init_from_string(id, text);
    return true;
}

static bool read_version(const json_t *value, int64_t *version)
{
    *version = json_integer_value(value);
    return json_is_integer(value) && *version >= 1;
}

/* 2026-01-31T12:00:00.000Z: this form alone. */
static bool read_time(const json_t *value, int64_t *ms)
{
    return json_is_string(value) && json_string_length(value) == 24 && !iso_time_parse(json_string_value(value), ms);
}

static bool only_known_members(const json_t *event)
{
    static const char *const names[] = {"type", "id", "version", "at", "data", "from", "to"};
    size_t known = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        known += json_object_get(event, names[i]) != NULL;
    return known == json_object_size(event);
}

/* from and to are texts where they are. */
static bool optional_text(const json_t *event, const char *name)
{
    const json_t *value = json_object_get(event, name);
    return !value || json_is_string(value);
}

/* The data is the order or product of this id, in this version or a later one; it says who may see it. */
static bool read_data(const json_t *data, news_facts *facts)
{
    bson_oid_t id;
    int64_t version;
    if (!read_id(json_object_get(data, "id"), &id) || !bson_oid_equal(&id, &facts->id) ||
        !read_version(json_object_get(data, "version"), &version) || version < facts->version)
        return false;
    if (facts->type != NEWS_PRODUCT_STOCK) {
        facts->audience = NEWS_TO_OWNER;
        return read_id(json_object_get(data, "userId"), &facts->owner);
    }
    const json_t *active = json_object_get(data, "active");
    facts->audience = json_is_true(active) ? NEWS_TO_EVERYONE : NEWS_TO_ADMINS;
    return json_is_boolean(active);
}

static const char *read_event(const json_t *event, news_facts *facts)
{
    const char *type = json_string_value(json_object_get(event, "type"));
    if (!json_is_object(event))
        return no_object;
    if (!type || !read_id(json_object_get(event, "id"), &facts->id) ||
        !read_version(json_object_get(event, "version"), &facts->version) ||
        !read_time(json_object_get(event, "at"), &facts->at) || !optional_text(event, "from") ||
        !optional_text(event, "to"))
        return bad_member;
    if (!news_type_parse(type, &facts->type))
        return other_type;
    if (!only_known_members(event))
        return other_member;
    return read_data(json_object_get(event, "data"), facts) ? NULL : bad_member;
}

/* One event from the head of the text: *used says how long it is. */
static const char *parse_event(const char *text, size_t len, size_t *used, news_t **news)
{
    json_error_t error;
    news_facts facts = {0};
    if (!len || *text != '{') /* jansson would take blanks, and other values */
        return no_object;
    json_t *event = json_loadb(text, len, FLAGS, &error);
    if (!event)
        return no_object;
    *used = (size_t)error.position;
    const char *wrong = read_event(event, &facts);
    json_decref(event);
    if (!wrong)
        *news = news_new(&facts, text, *used);
    return wrong;
}

static const char *parse_array(const char *text, size_t len, news_t **list, size_t *count)
{
    size_t at = 1, used = 0;
    if (len < 2 || text[0] != '[' || text[len - 1] != ']')
        return no_array;
    for (;; at++) {
        if (*count == EVENTS_MAX)
            return too_many;
        const char *wrong = parse_event(text + at, len - at, &used, &list[*count]);
        if (wrong)
            return wrong;
        ++*count;
        at += used;
        if (at == len - 1)
            return NULL;
        if (at > len - 1 || text[at] != ',')
            return no_array;
    }
}

const char *datagram_parse(const char *text, size_t len, datagram_fn fn, void *ctx)
{
    news_t **list = mem_alloc(EVENTS_MAX * sizeof *list);
    size_t count = 0;
    const char *wrong = parse_array(text, len, list, &count);
    for (size_t i = 0; i < count; i++) {
        if (wrong)
            news_unref(list[i]);
        else
            fn(ctx, list[i]);
    }
    free(list);
    return wrong;
}
