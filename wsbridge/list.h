/* A list as a circle through its head. The links are members of what is listed (container_of). */
#ifndef WSBRIDGE_LIST_H
#define WSBRIDGE_LIST_H

#include <stdbool.h>

typedef struct list_link {
    struct list_link *next, *prev;
} list_link;

static inline void list_init(list_link *head)
{
    head->next = head->prev = head;
}

static inline bool list_is_empty(const list_link *head)
{
    return head->next == head;
}

/* As the first. */
static inline void list_add(list_link *head, list_link *link)
{
    link->next = head->next;
    link->prev = head;
    head->next->prev = link;
    head->next = link;
}

static inline void list_take(list_link *link)
{
    link->next->prev = link->prev;
    link->prev->next = link->next;
}

#endif
