/* A hash table by ObjectId. The entries are the caller's, with the node as a member; the table owns only its buckets.
 * Zero-initialised is empty. One thread at a time.
 */
#ifndef WSBRIDGE_OID_MAP_H
#define WSBRIDGE_OID_MAP_H

#include <bson/bson.h>
#include <stddef.h>
#include <stdint.h>

typedef struct oid_node {
    struct oid_node *next;
    bson_oid_t id;
} oid_node;

typedef struct oid_map {
    oid_node **buckets;
    size_t mask; /* buckets - 1 */
    size_t count;
} oid_map;

oid_node *oid_map_find(const oid_map *map, const bson_oid_t *id);
/* The node's id is set, and not in the table yet. */
void oid_map_add(oid_map *map, oid_node *node);
void oid_map_remove(oid_map *map, const oid_node *node);
/* Any node; NULL when empty: for taking all out at the end. */
oid_node *oid_map_any(const oid_map *map);
void oid_map_free(oid_map *map);

/* The struct that a node, or another member, is in. */
#define container_of(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
