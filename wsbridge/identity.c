/* One entry a user: what is known of the version, and who waits for it to be read. */
#include "identity.h"

#include <apr_pools.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/token.h"
#include "list.h"
#include "oid_map.h"
#include "protocol/mem.h"

#define FRESH_MS  30000
#define MAX_USERS 20000
#define ASKS_MAX  3 /* for one answer, while the user keeps changing */

typedef struct known {
    oid_node node;
    list_link by_age;  /* the oldest last */
    list_link queries; /* that wait for an answer */
    int64_t version;   /* the newest heard of; 0: none */
    int64_t asked_at;  /* loop_now when version and role were asked for; 0: not known */
    int64_t asking_at; /* the question under way; 0: none */
    user_role role;
    bool changed; /* since the question under way was asked */
    int asks;
} known_t;

struct identity_query {
    list_link link; /* among the entry's, or those to be answered at the end of the turn */
    identity_t *identity;
    identity_fn fn; /* NULL: cancelled */
    void *ctx;
    identity_result result;
    identity_who who;
    user_role claimed; /* the token's role */
};

struct identity_table {
    loop_t *loop;
    identity_config config;
    identity_ask ask;
    void *asked;
    apr_pool_t *pool; /* for one token */
    oid_map map;
    list_link ages, answering;
};

/* --- What is known --- */

static known_t *find(const identity_t *identity, const bson_oid_t *user)
{
    oid_node *node = oid_map_find(&identity->map, user);
    return node ? container_of(node, known_t, node) : NULL;
}

static void drop(identity_t *identity, known_t *known)
{
    list_take(&known->by_age);
    oid_map_remove(&identity->map, &known->node);
    free(known);
}

static void make_room(identity_t *identity)
{
    for (list_link *link = identity->ages.prev, *before;
         link != &identity->ages && identity->map.count >= identity->config.max_users; link = before) {
        known_t *known = container_of(link, known_t, by_age);
        before = link->prev;
        if (!known->asking_at)
            drop(identity, known);
    }
}

static known_t *need(identity_t *identity, const bson_oid_t *user)
{
    known_t *known = find(identity, user);
    if (known)
        return known;
    make_room(identity);
    known = mem_zero(sizeof *known);
    known->node.id = *user;
    list_init(&known->queries);
    oid_map_add(&identity->map, &known->node);
    list_add(&identity->ages, &known->by_age);
    return known;
}

static bool is_fresh(const identity_t *identity, const known_t *known)
{
    return known->asked_at && loop_now(identity->loop) - known->asked_at <= identity->config.fresh_ms;
}

/* --- Answers --- */

static identity_result decide(const known_t *known, const identity_query *query)
{
    bool holds = known->version == query->who.version && known->role == query->claimed;
    return holds ? IDENTITY_GOOD : IDENTITY_REFUSED;
}

/* What the stream told since the answer was known counts too. */
static identity_result look_again(const identity_t *identity, const identity_query *query)
{
    const known_t *known = find(identity, &query->who.user);
    if (!known)
        return IDENTITY_UNAVAILABLE;
    return known->changed ? IDENTITY_REFUSED : decide(known, query);
}

static void answer(void *arg)
{
    identity_query *query = arg;
    identity_fn fn = query->fn;
    if (query->identity)
        list_take(&query->link);
    if (fn && query->result == IDENTITY_GOOD)
        query->result = look_again(query->identity, query);
    if (fn)
        fn(query->ctx, query->result, query->result == IDENTITY_GOOD ? &query->who : NULL);
    free(query);
}

/* The query is in no list. */
static void answer_later(identity_t *identity, identity_query *query, identity_result result)
{
    query->result = result;
    list_add(&identity->answering, &query->link);
    loop_defer(identity->loop, answer, query);
}

static void answer_all(identity_t *identity, known_t *known, const identity_result *result)
{
    while (!list_is_empty(&known->queries)) {
        identity_query *query = container_of(known->queries.prev, identity_query, link);
        list_take(&query->link);
        answer_later(identity, query, result ? *result : decide(known, query));
    }
}

static void on_user(void *ctx, const bson_oid_t *id, const lookup_user_answer *read);

static void ask(identity_t *identity, known_t *known)
{
    known->asking_at = loop_now(identity->loop);
    known->changed = false;
    known->asks++;
    identity->ask(identity->asked, &known->node.id, on_user, identity);
}

static void on_user(void *ctx, const bson_oid_t *id, const lookup_user_answer *read)
{
    static const identity_result refused = IDENTITY_REFUSED, unavailable = IDENTITY_UNAVAILABLE;
    identity_t *identity = ctx;
    known_t *known = find(identity, id);
    if (!known || !known->asking_at)
        return;
    int64_t asked_at = known->asking_at;
    known->asking_at = 0;
    if (read->result == LOOKUP_FOUND && (known->changed || read->version < known->version) && known->asks < ASKS_MAX) {
        ask(identity, known); /* it was read before the change that the stream has told of */
        return;
    }
    known->asks = 0;
    if (read->result == LOOKUP_NONE) {
        answer_all(identity, known, &refused);
        drop(identity, known);
    } else if (read->result == LOOKUP_FAILED || known->changed || read->version < known->version) {
        answer_all(identity, known, &unavailable);
    } else {
        known->version = read->version;
        known->role = read->role;
        known->asked_at = asked_at;
        answer_all(identity, known, NULL);
    }
}

/* --- Questions --- */

static bool read_token(identity_t *identity, const char *token, size_t len, identity_query *query)
{
    token_t claims;
    if (len > TOKEN_MAX_LENGTH || memchr(token, '\0', len))
        return false;
    const char *text = apr_pstrmemdup(identity->pool, token, len);
    bool good = token_verify(identity->pool, &identity->config.keys, text, time(NULL), &claims) == TOKEN_OK &&
                bson_oid_is_valid(claims.sub, strlen(claims.sub));
    apr_pool_clear(identity->pool);
    if (!good)
        return false;
    bson_oid_init_from_string(&query->who.user, claims.sub);
    query->who.role = query->claimed = claims.role;
    query->who.version = claims.ver;
    query->who.exp = claims.exp;
    return true;
}

identity_query *identity_check(identity_t *identity, const char *token, size_t len, identity_fn fn, void *ctx)
{
    identity_query *query = mem_zero(sizeof *query);
    query->identity = identity;
    query->fn = fn;
    query->ctx = ctx;
    if (!read_token(identity, token, len, query)) {
        answer_later(identity, query, IDENTITY_REFUSED);
        return query;
    }
    known_t *known = need(identity, &query->who.user);
    if (query->who.version < known->version) {
        answer_later(identity, query, IDENTITY_REFUSED);
    } else if (is_fresh(identity, known) && query->who.version == known->version) {
        answer_later(identity, query, decide(known, query));
    } else {
        list_add(&known->queries, &query->link);
        if (!known->asking_at)
            ask(identity, known);
    }
    return query;
}

void identity_cancel(identity_query *query)
{
    if (query)
        query->fn = NULL;
}

/* --- What the stream tells --- */

void identity_learn(identity_t *identity, const bson_oid_t *user, int64_t version)
{
    known_t *known = find(identity, user);
    if (!known)
        return;
    if (version == INT64_MAX)
        known->changed = true;
    else if (version > known->version)
        known->version = version;
    else
        return; /* it was read already */
    known->asked_at = 0;
}

void identity_forget_all(identity_t *identity)
{
    for (list_link *link = identity->ages.next; link != &identity->ages; link = link->next) {
        known_t *known = container_of(link, known_t, by_age);
        known->asked_at = 0;
        known->changed = true;
    }
}

/* --- Life --- */

identity_t *identity_new(loop_t *loop, const identity_config *config, identity_ask ask_fn, void *asked)
{
    identity_t *identity = mem_zero(sizeof *identity);
    identity->loop = loop;
    identity->config = *config;
    if (!identity->config.fresh_ms)
        identity->config.fresh_ms = FRESH_MS;
    if (!identity->config.max_users)
        identity->config.max_users = MAX_USERS;
    identity->ask = ask_fn;
    identity->asked = asked;
    list_init(&identity->ages);
    list_init(&identity->answering);
    if (apr_pool_create(&identity->pool, NULL)) {
        free(identity);
        return NULL;
    }
    return identity;
}

static void drop_queries(known_t *known)
{
    for (list_link *link = known->queries.next, *after; link != &known->queries; link = after) {
        after = link->next;
        free(container_of(link, identity_query, link));
    }
}

/* Those to be answered at the turn's end free themselves; the others have nobody left. */
void identity_free(identity_t *identity)
{
    if (!identity)
        return;
    for (list_link *link = identity->answering.next; link != &identity->answering; link = link->next) {
        identity_query *query = container_of(link, identity_query, link);
        query->fn = NULL;
        query->identity = NULL;
    }
    for (list_link *link = identity->ages.next, *after; link != &identity->ages; link = after) {
        known_t *known = container_of(link, known_t, by_age);
        after = link->next;
        drop_queries(known);
        free(known);
    }
    oid_map_free(&identity->map);
    apr_pool_destroy(identity->pool);
    free(identity);
}
