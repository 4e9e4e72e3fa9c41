/* Reads shared by threads. Who wants to know something that nobody is asking the database for, asks at once. While it is being asked for,
 * others wait, and the next question answers all of them: so nobody is told what was true before they asked. Single documents of one
 * collection are one question, whichever they are; of other reads those are, whose commands are the same to the byte. */
#include "store_private.h"

#include <stdlib.h>
#include <string.h>

#define QUESTIONS_MAX 2              /* the same one, under way at a time */
#define IDS_MAX       64             /* in one question */
#define REPLY_LARGE   (1024 * 1024u) /* from here on a database may have left out what no longer fitted */

typedef struct store_question {
    const void *text; /* what makes two the same: a command, or a collection's name */
    size_t len;
    const bson_t *command;  /* or, with a NULL here, */
    const char *collection; /* the document of this collection */
    const bson_oid_t *id;   /* with this _id */
} store_question;

/* What the database said to one question, kept until the last of those it answers has done with it. */
typedef struct shared_reply {
    bson_t doc;
    atomic_int users;
    bool ok, unreachable;
} shared_reply;

typedef struct share_waiter {
    lead_waiter lead;
    const bson_oid_t *id;
    shared_reply *reply;
} share_waiter;

/* All that want to know the same, now. */
struct share_group {
    share_group *next;
    lead_queue queue;
    int users;
    size_t len;
    char text[];
};

static bool asks_for(const share_group *group, const store_question *question)
{
    return group->len == question->len && !memcmp(group->text, question->text, question->len);
}

/* NULL: out of memory. Under the lock. */
static share_group *join(store_t *store, const store_question *question)
{
    share_group *group = store->shares;

    while (group && !asks_for(group, question))
        group = group->next;
    if (!group && (group = malloc(sizeof(*group) + question->len))) {
        *group = (share_group){.next = store->shares, .len = question->len};
        memcpy(group->text, question->text, question->len);
        lead_queue_init(&group->queue, &store->share_lock, QUESTIONS_MAX);
        store->shares = group;
    }
    if (group)
        group->users++;
    return group;
}

/* Under the lock. */
static void leave(store_t *store, share_group *group)
{
    share_group **link = &store->shares;

    if (--group->users)
        return;
    while (*link != group)
        link = &(*link)->next;
    *link = group->next;
    free(group);
}

static apr_status_t reply_done(void *data)
{
    shared_reply *reply = data;

    if (atomic_fetch_sub(&reply->users, 1) == 1) {
        bson_destroy(&reply->doc);
        free(reply);
    }
    return APR_SUCCESS;
}

static void append_ids(bson_t *filter, const share_waiter *leader)
{
    bson_t in, list;
    int count = 0;
    char key[16];
    const char *name;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &in);
    BSON_APPEND_ARRAY_BEGIN(&in, "$in", &list);
    for (const lead_waiter *w = &leader->lead; w; w = w->next) {
        size_t len = bson_uint32_to_string((uint32_t)count++, &name, key, sizeof(key));

        bson_append_oid(&list, name, (int)len, ((const share_waiter *)w)->id);
    }
    bson_append_array_end(&in, &list);
    bson_append_document_end(filter, &in);
}

/* For a single one by the _id alone, for which a database has its shortest way. */
static const bson_t *command_for_ids(apr_pool_t *pool, const char *collection, const share_waiter *leader)
{
    bson_t *command = store_bson(pool), filter;

    BSON_APPEND_UTF8(command, "find", collection);
    BSON_APPEND_DOCUMENT_BEGIN(command, "filter", &filter);
    if (leader->lead.next)
        append_ids(&filter, leader);
    else
        BSON_APPEND_OID(&filter, "_id", leader->id);
    bson_append_document_end(command, &filter);
    BSON_APPEND_INT32(command, "batchSize", IDS_MAX + 1);
    BSON_APPEND_BOOL(command, "singleBatch", true);
    return command;
}

/* Asks for the leader and its mates. NULL: out of memory. */
static shared_reply *ask(store_conn *conn, const store_question *question, const share_waiter *leader)
{
    const bson_t *command = question->command;
    shared_reply *reply = aligned_alloc(_Alignof(shared_reply), sizeof(*reply));
    store_error error;

    if (!reply)
        return NULL;
    if (!command)
        command = command_for_ids(conn->pool, question->collection, leader);
    reply->ok = store_read(conn, command, &reply->doc, &error);
    reply->unreachable = !reply->ok && error.unreachable;
    if (!reply->ok)
        store_log_failure(conn->store, &error, store_describe(conn->pool, command));
    return reply;
}

static void hand_out(shared_reply *reply, share_waiter *leader)
{
    int users = 0;

    for (lead_waiter *w = &leader->lead; w; w = w->next, users++)
        ((share_waiter *)w)->reply = reply;
    if (reply)
        atomic_init(&reply->users, users);
}

/* The connection is held for the question only. Under the lock, but not while it connects or asks. */
static problem_t *lead(store_conn *conn, share_group *group, share_waiter *self, const store_question *question)
{
    pthread_mutex_t *lock = &conn->store->share_lock;
    bool connected = conn->client != NULL;
    shared_reply *reply;
    problem_t *problem;

    pthread_mutex_unlock(lock);
    problem = store_connect(conn);
    pthread_mutex_lock(lock);
    if (!problem) {
        for (int count = 1; group->queue.first && count < IDS_MAX; count++)
            lead_take(&group->queue, &self->lead);
        pthread_mutex_unlock(lock);
        reply = ask(conn, question, self);
        if (!connected)
            store_release(conn);
        pthread_mutex_lock(lock);
        hand_out(reply, self);
    }
    lead_end(&group->queue, &self->lead);
    return problem;
}

/* So long one may wait for others' questions that one's own is still answered in time. */
static apr_time_t wait_until(const store_conn *conn)
{
    return conn->deadline - apr_time_from_msec(conn->store->answer_timeout_ms);
}

/* NULL: nothing was learned, and *problem says why. */
static shared_reply *take_part(store_conn *conn, const store_question *question, problem_t **problem)
{
    store_t *store = conn->store;
    share_waiter self = {.id = question->id};
    share_group *group;

    pthread_mutex_lock(&store->share_lock);
    if ((group = join(store, question))) {
        if (lead_wait(&group->queue, &self.lead, wait_until(conn)) == LEAD_LATE)
            lead_anyway(&group->queue, &self.lead);
        if (self.lead.state == LEAD_LEADS)
            *problem = lead(conn, group, &self, question);
        leave(store, group);
    }
    pthread_mutex_unlock(&store->share_lock);
    if (!self.reply && !*problem)
        *problem = problem_make(conn->pool, "internal-error", NULL);
    return self.reply;
}

/* The same. The reply lives as long as conn->pool. */
static const shared_reply *share(store_conn *conn, const store_question *question, problem_t **problem)
{
    shared_reply *reply;

    if ((*problem = store_state_check(conn->store, conn->pool)) || !(reply = take_part(conn, question, problem)))
        return NULL;
    apr_pool_cleanup_register(conn->pool, reply, reply_done, apr_pool_cleanup_null);
    if (reply->ok)
        return reply;
    *problem = store_failure_problem(conn->pool, reply->unreachable);
    return NULL;
}

static problem_t *find_alone(store_conn *conn, const char *collection, const bson_oid_t *id, bson_t *row, bool *found)
{
    const share_waiter self = {.id = id};
    const bson_t *reply;
    problem_t *problem = store_connect(conn);

    if (!problem)
        problem = store_run(conn, command_for_ids(conn->pool, collection, &self), &reply);
    *found = !problem && store_first_row(reply, row);
    return problem;
}

problem_t *store_find(store_conn *conn, const char *collection, const bson_oid_t *id, const bson_t **doc)
{
    const store_question question = {.text = collection, .len = strlen(collection), .collection = collection, .id = id};
    bson_t *row = store_rows(conn->pool, 1);
    bson_iter_t rows;
    bool found = false;
    problem_t *problem = NULL;
    const shared_reply *reply = share(conn, &question, &problem);

    *doc = NULL;
    if (!reply)
        return problem;
    if (store_first_batch(&reply->doc, &rows))
        while (!found && store_next_row(&rows, row))
            found = bson_oid_equal(store_oid(row, "_id"), id);
    if (!found && reply->doc.len > REPLY_LARGE)
        problem = find_alone(conn, collection, id, row, &found);
    if (found)
        *doc = row;
    return problem;
}

problem_t *store_run_page(store_conn *conn, const bson_t *command, int limit, store_page *page)
{
    const store_question question = {.text = bson_get_data(command), .len = command->len, .command = command};
    bson_iter_t rows;
    problem_t *problem = NULL;
    const shared_reply *reply = share(conn, &question, &problem);

    *page = (store_page){0};
    if (!reply)
        return problem;
    page->row = store_rows(conn->pool, limit + 1);
    if (store_first_batch(&reply->doc, &rows))
        while (page->count <= limit && store_next_row(&rows, &page->row[page->count]))
            page->count++;
    page->more = page->count > limit;
    page->count -= page->more;
    return NULL;
}
