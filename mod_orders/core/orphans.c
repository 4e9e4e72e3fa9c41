#include "orphans.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static apr_status_t free_slot(void *data)
{
    atomic_store(&((orphan_slot *)data)->pid, 0);
    return APR_SUCCESS;
}

orphan_slot *orphan_slot_take(orphan_table *table, apr_pool_t *pool)
{
    for (int i = 0; table && i < ORPHAN_SLOTS; i++) {
        int nobody = 0;

        if (!atomic_compare_exchange_strong(&table->slot[i].pid, &nobody, (int)getpid()))
            continue;
        apr_pool_cleanup_register(pool, &table->slot[i], free_slot, apr_pool_cleanup_null);
        return &table->slot[i];
    }
    return NULL;
}

void orphan_note(orphan_slot *slot, const mongoc_client_session_t *session)
{
    const uint8_t *data;
    bson_subtype_t subtype;
    bson_iter_t iter;
    uint32_t len;

    if (!slot || !bson_iter_init_find(&iter, mongoc_client_session_get_lsid(session), "id") ||
        !BSON_ITER_HOLDS_BINARY(&iter))
        return;
    bson_iter_binary(&iter, &subtype, &len, &data);
    if (len == ORPHAN_SESSION_SIZE)
        memcpy(slot->session, data, len);
}

/* In the upper half of the table, so that processes find a slot however many were given up. */
void orphan_give_up(orphan_table *table, const orphan_slot *slot)
{
    for (int i = ORPHAN_SLOTS / 2; table && slot && i < ORPHAN_SLOTS; i++) {
        int nobody = 0;

        if (!atomic_compare_exchange_strong(&table->slot[i].pid, &nobody, (int)getpid()))
            continue;
        memcpy(table->slot[i].session, slot->session, sizeof(slot->session));
        atomic_store(&table->slot[i].pid, ORPHAN_GIVEN_UP);
        return;
    }
}

/* Another slot with our own pid was left by a process that had it before us. */
static bool is_orphan(const orphan_slot *slot, const orphan_slot *own, int pid)
{
    return pid && slot != own &&
           (pid == ORPHAN_GIVEN_UP || pid == (int)getpid() || (kill(pid, 0) < 0 && errno == ESRCH));
}

static bool end_session(const orphan_slot *slot, store_conn *conn)
{
    bson_t *command = store_bson(conn->pool), sessions, session;
    const bson_t *reply;
    store_error error;

    BSON_APPEND_ARRAY_BEGIN(command, "killSessions", &sessions);
    BSON_APPEND_DOCUMENT_BEGIN(&sessions, "0", &session);
    BSON_APPEND_BINARY(&session, "id", BSON_SUBTYPE_UUID, slot->session, ORPHAN_SESSION_SIZE);
    bson_append_document_end(&sessions, &session);
    bson_append_array_end(command, &sessions);
    return store_command(conn, NULL, command, &reply, &error);
}

void orphans_end(orphan_table *table, const orphan_slot *own, store_conn *conn)
{
    for (int i = 0; table && i < ORPHAN_SLOTS; i++) {
        orphan_slot *slot = &table->slot[i];
        int pid = atomic_load(&slot->pid);

        /* Ours while we end it: should we die in this, the next one finds it again. */
        if (!is_orphan(slot, own, pid) || !atomic_compare_exchange_strong(&slot->pid, &pid, (int)getpid()))
            continue;
        if (end_session(slot, conn)) {
            atomic_store(&slot->pid, 0);
            if (pid == ORPHAN_GIVEN_UP)
                store_log(conn->store, STORE_LOG_INFO, "database: ended a session that was given up");
            else
                store_log(conn->store, STORE_LOG_INFO, "database: ended the session of process %d, which is no more",
                          pid);
        } else
            atomic_store(&slot->pid, pid);
    }
}
