/* What everything on one event loop shares: libevent's base, a reading buffer, and work for the end of the turn.
 *
 * Threading: one thread runs the base, and nothing in this library may be called from another.
 * Ownership: the base is the caller's; loop_free comes after everything on the loop has been freed.
 */
#ifndef PROTOCOL_LOOP_H
#define PROTOCOL_LOOP_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_READ_SIZE 65536

typedef struct loop loop_t;
typedef void (*loop_fn)(void *arg);

loop_t *loop_new(struct event_base *base);
/* Runs what was deferred, then what loop_at_end asked for. */
void loop_free(loop_t *loop);

struct event_base *loop_base(loop_t *loop);
/* A buffer of LOOP_READ_SIZE bytes that is free between two callbacks: an idle connection needs none of its own. */
uint8_t *loop_read_buffer(loop_t *loop);
/* Milliseconds of a clock that never goes back. */
int64_t loop_now(loop_t *loop);

/* Calls fn(arg) later in this turn of the loop, in the order of the calls. So a callback may close anything, what
 * called it included: memory goes at the end of the turn. */
void loop_defer(loop_t *loop, loop_fn fn, void *arg);
/* Calls fn(arg) in loop_free: for what is kept from one use to the next. */
void loop_at_end(loop_t *loop, loop_fn fn, void *arg);

/* A timer: set (again) to fire once after so many milliseconds; *timer is made on the first use. */
void loop_timer_set(loop_t *loop, struct event **timer, int64_t ms, event_callback_fn fn, void *arg);
void loop_timer_free(struct event **timer);

/* A slot for what one module keeps per loop (see loop_at_end). */
void **loop_ws_slot(loop_t *loop);

#endif
