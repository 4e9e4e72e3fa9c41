/* A hash table of sessions. Keys are our own random names, so nobody can choose them to collide. */
#include "eio_private.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"

#define FIRST_SIZE 64

static size_t bucket_of(const eio_server_t *server, const char *sid)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *c = sid; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 1099511628211u;
    return (size_t)(hash & (server->bucket_count - 1));
}

void eio_table_init(eio_server_t *server)
{
    server->bucket_count = FIRST_SIZE;
    server->buckets = mem_zero(FIRST_SIZE * sizeof(eio_session_t *));
}

static void insert(eio_server_t *server, eio_session_t *session)
{
    eio_session_t **bucket = &server->buckets[bucket_of(server, session->sid)];
    session->next = *bucket;
    *bucket = session;
}

static void grow(eio_server_t *server)
{
    eio_session_t **old = server->buckets;
    size_t old_count = server->bucket_count;
    server->bucket_count *= 2;
    server->buckets = mem_zero(server->bucket_count * sizeof(eio_session_t *));
    for (size_t i = 0; i < old_count; i++)
        for (eio_session_t *session = old[i], *next; session; session = next) {
            next = session->next;
            insert(server, session);
        }
    free(old);
}

void eio_table_add(eio_server_t *server, eio_session_t *session)
{
    if (++server->count > server->bucket_count)
        grow(server);
    insert(server, session);
}

void eio_table_remove(eio_server_t *server, eio_session_t *session)
{
    eio_session_t **at = &server->buckets[bucket_of(server, session->sid)];
    while (*at && *at != session)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = session->next;
    server->count--;
}

eio_session_t *eio_table_find(const eio_server_t *server, const char *sid)
{
    eio_session_t *session = server->buckets[bucket_of(server, sid)];
    while (session && strcmp(session->sid, sid) != 0)
        session = session->next;
    return session;
}
