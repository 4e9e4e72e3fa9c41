#include "oid_map.h"

#include <stdlib.h>
#include <string.h>
#include "protocol/mem.h"

#define FIRST_BUCKETS 64

/* An ObjectId is a time, a random part and a counter: all of it is mixed, since any part may be what differs. */
static size_t hash_of(const bson_oid_t *id)
{
    uint64_t head;
    uint32_t tail;
    memcpy(&head, id->bytes, sizeof head);
    memcpy(&tail, id->bytes + sizeof head, sizeof tail);
    uint64_t mixed = (head ^ ((uint64_t)tail << 32 | tail)) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    return (size_t)(mixed ^ mixed >> 32);
}

static oid_node **place_of(const oid_map *map, const bson_oid_t *id)
{
    oid_node **place = &map->buckets[hash_of(id) & map->mask];
    while (*place && !bson_oid_equal(&(*place)->id, id))
        place = &(*place)->next;
    return place;
}

oid_node *oid_map_find(const oid_map *map, const bson_oid_t *id)
{
    return map->buckets ? *place_of(map, id) : NULL;
}

static void grow(oid_map *map)
{
    oid_map wider = {.mask = map->buckets ? map->mask * 2 + 1 : FIRST_BUCKETS - 1, .count = map->count};
    wider.buckets = mem_zero((wider.mask + 1) * sizeof *wider.buckets);
    for (size_t i = 0; map->buckets && i <= map->mask; i++) {
        for (oid_node *node = map->buckets[i], *next; node; node = next) {
            next = node->next;
            oid_node **head = &wider.buckets[hash_of(&node->id) & wider.mask];
            node->next = *head;
            *head = node;
        }
    }
    free(map->buckets);
    *map = wider;
}

void oid_map_add(oid_map *map, oid_node *node)
{
    if (!map->buckets || map->count > map->mask)
        grow(map);
    oid_node **head = &map->buckets[hash_of(&node->id) & map->mask];
    node->next = *head;
    *head = node;
    map->count++;
}

void oid_map_remove(oid_map *map, const oid_node *node)
{
    oid_node **place = place_of(map, &node->id);
    *place = node->next;
    map->count--;
}

oid_node *oid_map_any(const oid_map *map)
{
    for (size_t i = 0; map->count && i <= map->mask; i++)
        if (map->buckets[i])
            return map->buckets[i];
    return NULL;
}

void oid_map_free(oid_map *map)
{
    free(map->buckets);
    *map = (oid_map){0};
}
