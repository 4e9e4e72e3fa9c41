#include "loop.h"

#include <stdlib.h>
#include <time.h>
#include "mem.h"

typedef struct job {
    loop_fn fn;
    void *arg;
} job_t;

typedef struct jobs {
    job_t *list;
    size_t count, cap;
} jobs_t;

struct loop {
    struct event_base *base;
    struct event *turn_end;
    jobs_t deferred, at_end;
    void *ws_slot;
    uint8_t read_buffer[LOOP_READ_SIZE];
};

static void jobs_add(jobs_t *jobs, loop_fn fn, void *arg)
{
    if (jobs->count == jobs->cap) {
        jobs->cap = jobs->cap ? jobs->cap * 2 : 64;
        jobs->list = mem_grow(jobs->list, jobs->cap * sizeof *jobs->list);
    }
    jobs->list[jobs->count++] = (job_t){fn, arg};
}

/* A job may add jobs: they run too. */
static void jobs_run(jobs_t *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        job_t job = jobs->list[i];
        job.fn(job.arg);
    }
    jobs->count = 0;
}

static void on_turn_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    loop_t *loop = arg;
    jobs_run(&loop->deferred);
}

loop_t *loop_new(struct event_base *base)
{
    loop_t *loop = mem_zero(sizeof *loop);
    loop->base = base;
    loop->turn_end = evtimer_new(base, on_turn_end, loop);
    if (!loop->turn_end) {
        free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(loop_t *loop)
{
    if (!loop)
        return;
    jobs_run(&loop->deferred);
    jobs_run(&loop->at_end);
    event_free(loop->turn_end);
    free(loop->deferred.list);
    free(loop->at_end.list);
    free(loop);
}

struct event_base *loop_base(loop_t *loop)
{
    return loop->base;
}

uint8_t *loop_read_buffer(loop_t *loop)
{
    return loop->read_buffer;
}

int64_t loop_now(loop_t *loop)
{
    (void)loop;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void loop_defer(loop_t *loop, loop_fn fn, void *arg)
{
    if (!loop->deferred.count)
        event_active(loop->turn_end, EV_TIMEOUT, 0);
    jobs_add(&loop->deferred, fn, arg);
}

void loop_at_end(loop_t *loop, loop_fn fn, void *arg)
{
    jobs_add(&loop->at_end, fn, arg);
}

void loop_timer_set(loop_t *loop, struct event **timer, int64_t ms, event_callback_fn fn, void *arg)
{
    if (!*timer) {
        *timer = evtimer_new(loop->base, fn, arg);
        if (!*timer)
            abort();
    }
    if (ms < 0)
        ms = 0;
    struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(*timer, &delay);
}

void loop_timer_free(struct event **timer)
{
    if (*timer)
        event_free(*timer);
    *timer = NULL;
}

void **loop_ws_slot(loop_t *loop)
{
    return &loop->ws_slot;
}
