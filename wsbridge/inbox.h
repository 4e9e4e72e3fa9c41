/* From any thread to the loop: a bounded queue and an eventfd. Items come out on the loop's thread, each sender's in
 * order.
 */
#ifndef WSBRIDGE_INBOX_H
#define WSBRIDGE_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include "protocol/loop.h"

typedef struct inbox inbox_t;

typedef struct inbox_item {
    struct inbox_item *next;
} inbox_item;

typedef struct inbox_ops {
    void (*take)(void *ctx, inbox_item *item); /* on the loop; owns the item */
    void (*drop)(void *ctx, inbox_item *item); /* frees one that was left at the end */
} inbox_ops;

/* NULL: no descriptor to be had. */
inbox_t *inbox_new(loop_t *loop, size_t max, const inbox_ops *ops, void *ctx);
/* Any thread but the loop's: waits while the queue is full. False once the inbox is closed: the item stays the caller's. */
bool inbox_post(inbox_t *inbox, inbox_item *item);
/* Any thread: the same without waiting, for items whose number is bounded elsewhere. */
bool inbox_put(inbox_t *inbox, inbox_item *item);
/* The loop's thread: from now on inbox_post returns false, also to who waits in it. */
void inbox_close(inbox_t *inbox);
/* The loop's thread, after the threads that post have been joined. */
void inbox_free(inbox_t *inbox);

#endif
