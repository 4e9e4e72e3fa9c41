/* The thread: connect, read until it breaks, wait a little, again. What it has for the loop goes through an inbox, which
 * stops it while the loop is behind. */
#include "stream.h"

#include <apr_pools.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "inbox.h"
#include "protocol/mem.h"
#include "stream_change.h"

#define AWAIT_MS     500
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 1000
#define OPEN_MS      5000
#define INBOX_MAX    4096
#define RESUMES_MAX  5 /* refusals by the database before the resume token is given up */

/* What the thread tells the loop. */
typedef enum { TELL_NEWS, TELL_HINT, TELL_USER, TELL_FRESH, TELL_RESUMED, TELL_AWAY } tell_kind;

typedef struct told {
    inbox_item item; /* first: the inbox's item is this */
    tell_kind kind;
    news_t *news;
    bson_oid_t id;
    int64_t number; /* version, or time */
} told_t;

struct stream_reader {
    stream_config config;
    inbox_t *inbox;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping; /* under the lock */
    atomic_bool ending;
    stream_stats stats; /* the loop's */
    atomic_llong changes;

    /* The thread's */
    bson_t *token; /* where to go on; NULL: afresh */
    int refusals;  /* of the token, one after the other */
    int pause_ms;
    bool told_away;
};

typedef enum { READ_BROKEN, READ_LOST, READ_STOPPED } read_end;

/* --- Telling the loop --- */

static void tell(stream_reader *stream, tell_kind kind, news_t *news, const bson_oid_t *id, int64_t number)
{
    told_t *told = mem_zero(sizeof *told);
    told->kind = kind;
    told->news = news;
    told->number = number;
    if (id)
        told->id = *id;
    if (inbox_post(stream->inbox, &told->item))
        return;
    news_unref(news);
    free(told);
}

static void tell_away(stream_reader *stream)
{
    if (!stream->told_away)
        tell(stream, TELL_AWAY, NULL, NULL, 0);
    stream->told_away = true;
}

/* --- Reading --- */

static void forget_token(stream_reader *stream)
{
    if (stream->token)
        bson_destroy(stream->token);
    stream->token = NULL;
    stream->refusals = 0;
}

static void keep_token(stream_reader *stream, mongoc_change_stream_t *changes)
{
    const bson_t *token = mongoc_change_stream_get_resume_token(changes);
    if (!token || (stream->token && bson_equal(token, stream->token)))
        return;
    bson_t *copy = bson_copy(token);
    forget_token(stream);
    stream->token = copy;
}

/* False: what was known counts no more. */
static bool pass_on(stream_reader *stream, apr_pool_t *pool, const bson_t *event)
{
    change_t change = change_read(pool, event, stream->config.currency, stream->config.exponent);
    atomic_fetch_add(&stream->changes, 1);
    if (change.withdrawal)
        tell(stream, TELL_NEWS, change.withdrawal, NULL, 0);
    switch (change.kind) {
    case CHANGE_NONE: break;
    case CHANGE_NEWS: tell(stream, TELL_NEWS, change.news, NULL, 0); break;
    case CHANGE_HINT: tell(stream, TELL_HINT, NULL, &change.id, change.version); break;
    case CHANGE_USER: tell(stream, TELL_USER, NULL, &change.id, change.version); break;
    case CHANGE_END: return false;
    }
    return true;
}

static bool is_one_of(int64_t code, const int *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code == codes[i])
            return true;
    return false;
}

/* The database says that it can't go on from the token. */
static bool is_lost(const bson_t *reply)
{
    static const int codes[] = {
        136, /* CappedPositionLost */
        222, /* CloseChangeStream */
        260, /* InvalidResumeToken */
        280, /* ChangeStreamFatalError */
        286, /* ChangeStreamHistoryLost */
    };
    return is_one_of(store_int(reply, "code", 0), codes, sizeof codes / sizeof *codes) ||
           mongoc_error_has_label(reply, "NonResumableChangeStreamError");
}

/* It is busy with itself (an election, a stop), and says nothing of the token. */
static bool will_pass(const bson_t *reply)
{
    static const int codes[] = {
        6,  7, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436, /* the drivers' */
        43,                                                                                     /* CursorNotFound */
    };
    return is_one_of(store_int(reply, "code", 0), codes, sizeof codes / sizeof *codes) ||
           mongoc_error_has_label(reply, "ResumableChangeStreamError");
}

/* Why the stream ended. A server of another make may say so in its own words: a token that it refuses again and again is
 * given up. */
static read_end why_ended(stream_reader *stream, const mongoc_change_stream_t *changes)
{
    bson_error_t error = {0};
    const bson_t *reply = NULL;
    if (!mongoc_change_stream_error_document(changes, &error, &reply))
        return READ_BROKEN;
    store_log(stream->config.store, stream->told_away ? STORE_LOG_DEBUG : STORE_LOG_INFO, "change stream: %s",
              error.message);
    if (!stream->token || !reply || !store_int(reply, "code", 0) || will_pass(reply))
        return READ_BROKEN;
    if (is_lost(reply) || ++stream->refusals >= RESUMES_MAX)
        return READ_LOST;
    return READ_BROKEN;
}

static bool is_ending(const stream_reader *stream)
{
    return atomic_load(&stream->ending);
}

static void stands(stream_reader *stream, bool resumed, int64_t at)
{
    tell(stream, resumed ? TELL_RESUMED : TELL_FRESH, NULL, NULL, at);
    stream->told_away = false;
    stream->pause_ms = PAUSE_MIN_MS;
    stream->refusals = 0;
    store_log(stream->config.store, STORE_LOG_INFO, "change stream: it stands%s",
              resumed ? " again, nothing was missed" : "");
}

static bool has_failed(const mongoc_change_stream_t *changes)
{
    bson_error_t error;
    const bson_t *reply;
    return mongoc_change_stream_error_document(changes, &error, &reply);
}

/* A fresh stream stands once it is open; a resumed one when it has brought what was missed: an empty batch says so. */
static read_end read_changes(stream_reader *stream, mongoc_change_stream_t *changes, int64_t at)
{
    bool resumed = stream->token != NULL, standing = false;
    apr_pool_t *pool;
    read_end end = READ_STOPPED;
    if (!resumed && !has_failed(changes)) {
        stands(stream, false, at);
        standing = true;
    }
    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    while (!is_ending(stream)) {
        const bson_t *event;
        bool more = mongoc_change_stream_next(changes, &event);
        if (more && !pass_on(stream, pool, event)) {
            end = READ_LOST;
            break;
        }
        apr_pool_clear(pool);
        if (!more && has_failed(changes)) {
            end = why_ended(stream, changes);
            break;
        }
        keep_token(stream, changes);
        if (!more && !standing) {
            stands(stream, true, at);
            standing = true;
        }
    }
    apr_pool_destroy(pool);
    return end;
}

/* The database's clock; 0 when it doesn't tell. */
static int64_t server_time(mongoc_client_t *client)
{
    bson_t command = BSON_INITIALIZER, reply;
    BSON_APPEND_INT32(&command, "hello", 1);
    bool good = mongoc_client_command_simple(client, "admin", &command, NULL, &reply, NULL);
    int64_t at = good ? store_time(&reply, "localTime") : 0;
    bson_destroy(&command);
    bson_destroy(&reply);
    return at;
}

static mongoc_change_stream_t *watch(const stream_reader *stream, mongoc_client_t *client)
{
    bson_t *pipeline = change_pipeline(), options = BSON_INITIALIZER;
    mongoc_database_t *database = mongoc_client_get_database(client, store_database(stream->config.store));
    BSON_APPEND_UTF8(&options, "fullDocument", "updateLookup");
    BSON_APPEND_INT64(&options, "maxAwaitTimeMS", stream->config.await_ms);
    if (stream->token)
        BSON_APPEND_DOCUMENT(&options, "resumeAfter", stream->token);
    mongoc_change_stream_t *changes = mongoc_database_watch(database, pipeline, &options);
    mongoc_database_destroy(database);
    bson_destroy(&options);
    bson_destroy(pipeline);
    return changes;
}

/* --- The thread --- */

static void pause_a_little(stream_reader *stream)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t ms = until.tv_nsec / 1000000 + stream->pause_ms;
    until.tv_sec += ms / 1000;
    until.tv_nsec = ms % 1000 * 1000000;
    stream->pause_ms = stream->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : stream->pause_ms * 2;
    pthread_mutex_lock(&stream->lock);
    while (!stream->stopping && pthread_cond_timedwait(&stream->stop, &stream->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&stream->lock);
}

static read_end read_once(stream_reader *stream, apr_pool_t *pool)
{
    store_conn *conn;
    if (store_acquire(stream->config.store, pool, apr_time_now() + apr_time_from_msec(OPEN_MS), &conn))
        return READ_BROKEN;
    read_end end = READ_BROKEN;
    int64_t at = server_time(conn->client); /* before the stream's start */
    mongoc_change_stream_t *changes = at ? watch(stream, conn->client) : NULL;
    if (changes) {
        end = read_changes(stream, changes, at);
        mongoc_change_stream_destroy(changes);
    }
    store_release(conn);
    return end;
}

static void *run(void *arg)
{
    stream_reader *stream = arg;
    apr_pool_t *pool;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    while (!is_ending(stream)) {
        read_end end = read_once(stream, pool);
        apr_pool_clear(pool);
        if (end == READ_STOPPED)
            break;
        tell_away(stream);
        if (end == READ_LOST) {
            store_log(stream->config.store, STORE_LOG_WARNING,
                      "change stream: its history is lost; all viewers are told to fetch afresh");
            forget_token(stream);
        }
        pause_a_little(stream);
    }
    forget_token(stream);
    apr_pool_destroy(pool);
    return NULL;
}

/* --- The loop's side --- */

static void on_standing(stream_reader *stream, bool fresh, int64_t at)
{
    if (!fresh)
        stream->stats.resumes++;
    else if (stream->stats.state != STREAM_STARTING)
        stream->stats.restarts++;
    stream->stats.state = STREAM_STANDING;
    stream->config.handlers->standing(stream->config.ctx, fresh, at);
}

static void on_away(stream_reader *stream)
{
    if (stream->stats.state != STREAM_STANDING)
        return;
    stream->stats.state = STREAM_AWAY;
    stream->config.handlers->away(stream->config.ctx);
}

static void on_told(void *ctx, inbox_item *item)
{
    stream_reader *stream = ctx;
    const stream_handlers *to = stream->config.handlers;
    told_t *told = (told_t *)(void *)item;
    switch (told->kind) {
    case TELL_NEWS: to->news(stream->config.ctx, told->news); break;
    case TELL_HINT: to->hint(stream->config.ctx, &told->id, told->number); break;
    case TELL_USER: to->user(stream->config.ctx, &told->id, told->number); break;
    case TELL_FRESH: on_standing(stream, true, told->number); break;
    case TELL_RESUMED: on_standing(stream, false, told->number); break;
    case TELL_AWAY: on_away(stream); break;
    }
    free(told);
}

static void on_drop(void *ctx, inbox_item *item)
{
    (void)ctx;
    told_t *told = (told_t *)(void *)item;
    news_unref(told->news);
    free(told);
}

stream_reader *stream_start(loop_t *loop, const stream_config *config)
{
    static const inbox_ops ops = {on_told, on_drop};
    stream_reader *stream = mem_zero(sizeof *stream);
    stream->config = *config;
    if (!stream->config.await_ms)
        stream->config.await_ms = AWAIT_MS;
    stream->pause_ms = PAUSE_MIN_MS;
    pthread_mutex_init(&stream->lock, NULL);
    pthread_cond_init(&stream->stop, NULL);
    stream->inbox = inbox_new(loop, INBOX_MAX, &ops, stream);
    if (stream->inbox && !pthread_create(&stream->thread, NULL, run, stream))
        return stream;
    inbox_free(stream->inbox);
    free(stream);
    return NULL;
}

void stream_stop(stream_reader *stream)
{
    if (!stream)
        return;
    atomic_store(&stream->ending, true);
    pthread_mutex_lock(&stream->lock);
    stream->stopping = true;
    pthread_cond_signal(&stream->stop);
    pthread_mutex_unlock(&stream->lock);
    inbox_close(stream->inbox);
    pthread_join(stream->thread, NULL);
    inbox_free(stream->inbox);
    pthread_mutex_destroy(&stream->lock);
    pthread_cond_destroy(&stream->stop);
    free(stream);
}

void stream_stats_get(const stream_reader *stream, stream_stats *stats)
{
    *stats = stream->stats;
    stats->changes = atomic_load(&stream->changes);
}

const char *stream_state_name(stream_state state)
{
    static const char *const names[] = {
        [STREAM_STARTING] = "starting", [STREAM_STANDING] = "standing", [STREAM_AWAY] = "away"};
    return names[state];
}
