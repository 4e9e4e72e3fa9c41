/* The ledger's queue without a database: who comes together in a batch, in which order, and that nobody is lost. The queue is
 * the real one; running a batch is a double's, which writes down what it was given, and waits where a test says so. */
#include "unit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/ledger.c" /* to see who waits */

#define SOON     (apr_time_now() + apr_time_from_sec(30))
#define BATCHES  4000
#define CALLERS  80
#define LINES_OF 100 /* a job's, at most */

/* ---- the double ---- */

typedef struct seen_batch {
    int count, first, last; /* entries: how many, and the marks of the first and the last */
    bool in_order;          /* marks only go up */
} seen_batch;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    seen_batch batches[BATCHES];
    int count;
    bool hold;   /* batches wait while this is set, */
    int let_go;  /* but for the first so many */
    int running; /* batches under way */
    int met;     /* how often there were two */
    apr_interval_time_t takes;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* A test marks its operations by a number, and counts how often each was run. */
static int mark_of(const ledger_op *op)
{
    return (int)op->stock;
}

static void run_op(ledger_op *op)
{
    op->stock_delta++;
}

void ledger_batch_run(batch_t *batch)
{
    seen_batch *row;
    int number;

    pthread_mutex_lock(&seen.lock);
    seen.met += seen.running++ > 0;
    number = seen.count++;
    row = &seen.batches[number < BATCHES ? number : BATCHES - 1];
    *row = (seen_batch){
        .count = batch->count, .first = batch->count ? mark_of(batch->entries[0].op) : 0, .in_order = true};
    for (int i = 0; i < batch->count; i++) {
        int mark = mark_of(batch->entries[i].op);

        row->in_order = row->in_order && (!i || mark > row->last);
        row->last = mark;
        run_op(batch->entries[i].op);
    }
    pthread_cond_broadcast(&seen.changed);
    while (seen.hold && number >= seen.let_go)
        pthread_cond_wait(&seen.changed, &seen.lock);
    pthread_mutex_unlock(&seen.lock);
    if (seen.takes)
        apr_sleep(seen.takes);
    pthread_mutex_lock(&seen.lock);
    seen.running--;
    pthread_mutex_unlock(&seen.lock);
}

static void set_hold(bool hold)
{
    pthread_mutex_lock(&seen.lock);
    seen.hold = hold;
    pthread_cond_broadcast(&seen.changed);
    pthread_mutex_unlock(&seen.lock);
}

static void wait_for_batches(int count)
{
    pthread_mutex_lock(&seen.lock);
    while (seen.count < count)
        pthread_cond_wait(&seen.changed, &seen.lock);
    pthread_mutex_unlock(&seen.lock);
}

static void assert_batch(int i, int count, int first, int last)
{
    assert_true(i < seen.count);
    assert_int_equal(seen.batches[i].count, count);
    assert_int_equal(seen.batches[i].first, first);
    assert_int_equal(seen.batches[i].last, last);
    assert_true(seen.batches[i].in_order);
}

/* ---- callers ---- */

typedef struct caller {
    pthread_t thread;
    ledger_t *ledger;
    ledger_job *job;
    apr_time_t deadline;
    problem_t *problem;
    atomic_bool back;
} caller;

static struct {
    caller callers[CALLERS];
    int count;
    int marks;
} crowd;

static ledger_t *begin_with(apr_pool_t *pool, const ledger_config *config)
{
    ledger_t *ledger = NULL;

    memset(&crowd, 0, sizeof(crowd));
    seen.count = seen.met = seen.running = seen.let_go = 0;
    seen.takes = 0;
    seen.hold = false;
    assert_int_equal(ledger_create(&ledger, pool, config), 0);
    return ledger;
}

static ledger_t *begin(apr_pool_t *pool, int batch_max)
{
    const ledger_config config = {.request_timeout_ms = 60000, .batch_max = batch_max};

    return begin_with(pool, &config);
}

static ledger_job *make_job(int ops, ledger_kind kind, int lines)
{
    ledger_job *job = ledger_job_create(ops);

    assert_non_null(job);
    for (int i = 0; i < ops; i++) {
        job->ops[i].kind = kind;
        job->ops[i].line_count = lines;
        job->ops[i].stock = crowd.marks++;
    }
    return job;
}

static void *call(void *data)
{
    caller *c = data;

    c->problem = ledger_run(c->ledger, c->job, c->deadline);
    c->back = true;
    return NULL;
}

/* How many wait in the queue. */
static int waiting(ledger_t *ledger)
{
    int count = 0;

    pthread_mutex_lock(&ledger->lock);
    for (const lead_waiter *w = ledger->queue.first; w; w = w->next)
        count++;
    pthread_mutex_unlock(&ledger->lock);
    return count;
}

static caller *go(ledger_t *ledger, ledger_job *job, apr_time_t deadline)
{
    caller *c = &crowd.callers[crowd.count++];

    c->ledger = ledger;
    c->job = job;
    c->deadline = deadline;
    assert_int_equal(pthread_create(&c->thread, NULL, call, c), 0);
    return c;
}

/* The first one works, until set_hold(false). */
static caller *lead_and_hold(ledger_t *ledger, ledger_job *job)
{
    caller *c;

    set_hold(true);
    c = go(ledger, job, SOON + ledger->budget);
    wait_for_batches(1);
    return c;
}

/* Queues a job; returns when it waits behind all before it. */
static caller *queue_up(ledger_t *ledger, ledger_job *job)
{
    int before = waiting(ledger);
    caller *c = go(ledger, job, SOON + ledger->budget);

    while (waiting(ledger) == before)
        usleep(200);
    return c;
}

static void all_back(void)
{
    set_hold(false);
    for (int i = 0; i < crowd.count; i++)
        if (crowd.callers[i].thread)
            pthread_join(crowd.callers[i].thread, NULL);
}

static void end(void)
{
    for (int i = 0; i < crowd.count; i++)
        ledger_job_destroy(crowd.callers[i].job);
}

static void assert_all_ran_once(void)
{
    for (int i = 0; i < crowd.count; i++) {
        const caller *c = &crowd.callers[i];

        assert_null(c->problem);
        for (int op = 0; op < c->job->op_count; op++)
            assert_int_equal(c->job->ops[op].stock_delta, 1);
    }
    assert_int_equal(seen.met, 0);
}

/* ---- the tests ---- */

static void alone(void **state)
{
    ledger_t *ledger = begin(*state, 64);

    for (int i = 0; i < 3; i++) {
        go(ledger, make_job(1, LEDGER_PLACE, 2), SOON + ledger->budget);
        pthread_join(crowd.callers[i].thread, NULL);
        assert_batch(i, 1, i, i);
    }
    assert_all_ran_once();
    assert_true(lead_idle(&ledger->queue));
    end();
}

static void who_waits_comes_along(void **state)
{
    static const ledger_kind kinds[] = {LEDGER_PLACE, LEDGER_MOVE, LEDGER_PAYMENT, LEDGER_PRODUCT};
    ledger_t *ledger = begin(*state, 64);

    lead_and_hold(ledger, make_job(1, LEDGER_PLACE, 1));
    for (int i = 0; i < 20; i++)
        queue_up(ledger, make_job(1, kinds[i % 4], i % 4 ? 0 : 3));
    all_back();
    assert_int_equal(seen.count, 2);
    assert_batch(0, 1, 0, 0);
    assert_batch(1, 20, 1, 20);
    assert_all_ran_once();
    assert_true(lead_idle(&ledger->queue));
    assert_ptr_equal(ledger->queue.end, &ledger->queue.first);
    end();
}

static void no_more_than_may_be(void **state)
{
    static const int limits[] = {1, 5, 64, 0, 65};

    for (int i = 0; i < 5; i++) {
        ledger_t *ledger = begin(*state, limits[i]);
        int limit = limits[i] >= 1 && limits[i] <= 64 ? limits[i] : 64;

        lead_and_hold(ledger, make_job(1, LEDGER_PAYMENT, 0));
        for (int waiter = 0; waiter < 70; waiter++)
            queue_up(ledger, make_job(1, LEDGER_PAYMENT, 0));
        all_back();
        assert_int_equal(seen.count, 1 + (70 + limit - 1) / limit);
        for (int batch = 1, mark = 1; batch < seen.count; batch++) {
            int count = 71 - mark < limit ? 71 - mark : limit;

            assert_batch(batch, count, mark, mark + count - 1);
            mark += count;
        }
        assert_all_ran_once();
        end();
    }
}

static void no_more_than_a_thousand_lines(void **state)
{
    ledger_t *ledger = begin(*state, 64);

    lead_and_hold(ledger, make_job(1, LEDGER_PLACE, 1));
    for (int i = 0; i < 25; i++)
        queue_up(ledger, make_job(1, LEDGER_PLACE, LINES_OF));
    all_back();
    assert_int_equal(seen.count, 4);
    assert_batch(1, 10, 1, 10);
    assert_batch(2, 10, 11, 20);
    assert_batch(3, 5, 21, 25);
    assert_all_ran_once();
    end();
}

/* The first that does not fit ends the batch: nobody overtakes it, however small. */
static void nobody_overtakes(void **state)
{
    ledger_t *ledger = begin(*state, 64);

    lead_and_hold(ledger, make_job(1, LEDGER_PLACE, 1));
    for (int i = 0; i < 9; i++)
        queue_up(ledger, make_job(1, LEDGER_PLACE, LINES_OF));
    for (int i = 0; i < 5; i++)
        queue_up(ledger, make_job(1, LEDGER_PRODUCT, 0));
    queue_up(ledger, make_job(1, LEDGER_PLACE, 96)); /* 905 are there */
    queue_up(ledger, make_job(1, LEDGER_PRODUCT, 0));
    all_back();
    assert_int_equal(seen.count, 3);
    assert_batch(1, 14, 1, 14);
    assert_batch(2, 2, 15, 16);
    assert_all_ran_once();
    end();
}

/* A job of many goes along whole, or leads itself, batch after batch. */
static void jobs_of_many(void **state)
{
    ledger_t *ledger = begin(*state, 64);
    caller *first;

    first = lead_and_hold(ledger, make_job(100, LEDGER_MOVE, 0));
    queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
    queue_up(ledger, make_job(20, LEDGER_MOVE, 0));
    queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
    queue_up(ledger, make_job(60, LEDGER_MOVE, 0));
    queue_up(ledger, make_job(4, LEDGER_MOVE, 0));
    queue_up(ledger, make_job(100, LEDGER_MOVE, 0));
    queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
    all_back();
    assert_batch(0, 64, 0, 63); /* nobody's but its own */
    assert_batch(1, 36, 64, 99);
    assert_batch(2, 22, 100, 121);
    assert_batch(3, 64, 122, 185);
    assert_batch(4, 64, 186, 249);
    assert_batch(5, 36, 250, 285);
    assert_batch(6, 1, 286, 286);
    assert_int_equal(seen.count, 7);
    assert_true(first->back);
    assert_all_ran_once();
    end();
}

static void assert_busy(const caller *c)
{
    assert_non_null(c->problem);
    assert_string_equal(c->problem->code, "busy");
    for (int op = 0; op < c->job->op_count; op++)
        assert_int_equal(c->job->ops[op].stock_delta, 0);
}

/* Who waited long enough leaves, from the middle and from the end of the queue, and is not run. The others are. */
static void time_ends_the_wait(void **state)
{
    ledger_t *ledger = begin(*state, 64);
    caller *early[3];

    lead_and_hold(ledger, make_job(1, LEDGER_PLACE, 1));
    for (int i = 0; i < 3; i++) {
        queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
        early[i] = go(ledger, make_job(1, LEDGER_PLACE, 1), apr_time_now() + ledger->budget + apr_time_from_msec(60));
        while (!early[i]->back)
            usleep(200);
        assert_int_equal(waiting(ledger), i + 1);
    }
    queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
    all_back();
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.batches[1].count, 4);
    for (int i = 0; i < crowd.count; i++) {
        caller *c = &crowd.callers[i];

        if (c == early[0] || c == early[1] || c == early[2])
            assert_busy(c);
        else
            assert_int_equal(c->job->ops[0].stock_delta, 1);
    }
    end();
}

/* No time to wait left from the start: the one that needn't wait is served, the other leaves at once. */
static void no_time_to_wait(void **state)
{
    ledger_t *ledger = begin(*state, 64);
    caller *late;

    set_hold(true);
    go(ledger, make_job(1, LEDGER_PLACE, 1), apr_time_now());
    wait_for_batches(1);
    late = go(ledger, make_job(1, LEDGER_PLACE, 1), apr_time_now());
    while (!late->back)
        usleep(200);
    all_back();
    assert_busy(late);
    assert_null(crowd.callers[0].problem);
    assert_int_equal(seen.count, 1);
    end();
}

/* A leader works once, answers, and leaves the lead to the oldest. */
static void the_lead_goes_on(void **state)
{
    ledger_t *ledger = begin(*state, 2);
    caller *first = lead_and_hold(ledger, make_job(1, LEDGER_PLACE, 1)), *second;

    second = queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
    for (int i = 0; i < 4; i++)
        queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
    pthread_mutex_lock(&seen.lock);
    seen.let_go = 1;
    pthread_cond_broadcast(&seen.changed);
    pthread_mutex_unlock(&seen.lock);
    pthread_join(first->thread, NULL);
    first->thread = 0;
    wait_for_batches(2); /* and this one does not end */
    assert_false(second->back);
    all_back();
    assert_int_equal(seen.count, 4);
    assert_batch(1, 2, 1, 2);
    assert_batch(2, 2, 3, 4);
    assert_batch(3, 1, 5, 5);
    assert_all_ran_once();
    end();
}

/* What the budget of a long job did not reach says so, and was not run. */
static void time_ends_a_long_job(void **state)
{
    const ledger_config config = {.request_timeout_ms = 40, .batch_max = 30};
    ledger_t *ledger = begin_with(*state, &config);
    caller *c;

    seen.takes = apr_time_from_msec(30);
    c = go(ledger, make_job(100, LEDGER_MOVE, 0), SOON + ledger->budget);
    all_back();
    assert_null(c->problem);
    assert_int_equal(seen.count, 1);
    for (int op = 0; op < 100; op++) {
        assert_int_equal(c->job->ops[op].stock_delta, op < 30);
        if (op < 30)
            assert_null(c->job->ops[op].problem);
        else
            assert_string_equal(c->job->ops[op].problem->code, "not-attempted");
    }
    end();
}

/* Who comes while the leader waits for another process's turn is taken along. A turn that does not come is done without. */
static void waits_for_the_turn(void **state)
{
    turn_t turn;
    const ledger_config config = {.request_timeout_ms = 60000, .turn = &turn};
    ledger_t *ledger = begin_with(*state, &config);

    assert_int_equal(turn_init(&turn), 0);
    for (int round = 0; round < 2; round++) {
        assert_true(turn_take(&turn, SOON));
        go(ledger, make_job(1, LEDGER_PLACE, 1), SOON + ledger->budget);
        while (!ledger->queue.leaders)
            usleep(200);
        if (round == 0) {
            for (int i = 0; i < 3; i++)
                queue_up(ledger, make_job(1, LEDGER_PLACE, 1));
            assert_int_equal(seen.count, 0);
        } else
            wait_for_batches(2);
        turn_leave(&turn);
        for (int i = round ? 4 : 0; i < crowd.count; i++)
            pthread_join(crowd.callers[i].thread, NULL);
        /* It was given back, not left behind by a dead thread. */
        assert_int_equal(pthread_mutex_trylock(&turn.mine), 0);
        pthread_mutex_unlock(&turn.mine);
    }
    assert_int_equal(seen.count, 2);
    assert_batch(0, 4, 0, 3);
    assert_batch(1, 1, 4, 4);
    assert_all_ran_once();
    end();
}

/* ---- many threads ---- */

#define STORM_THREADS 24
#define STORM_JOBS    120

typedef struct storm {
    pthread_t thread;
    ledger_t *ledger;
    unsigned int seed;
    int served, left, wrong;
} storm;

static int dice(storm *s, int sides)
{
    s->seed = s->seed * 1103515245 + 12345;
    return (int)(s->seed >> 16) % sides;
}

static void count_outcome(storm *s, const ledger_job *job, const problem_t *problem)
{
    for (int op = 0; op < job->op_count; op++) {
        bool attempted = !problem && !job->ops[op].problem;

        s->wrong += job->ops[op].stock_delta != attempted;
    }
    if (problem)
        s->left++;
    else
        s->served++;
}

static void *rage(void *data)
{
    storm *s = data;

    for (int i = 0; i < STORM_JOBS; i++) {
        int ops = dice(s, 12) ? 1 : 1 + dice(s, 99), patience = dice(s, 4) ? 30000 : dice(s, 4);
        ledger_job *job = ledger_job_create(ops);

        for (int op = 0; op < ops; op++) {
            job->ops[op].kind = (ledger_kind)dice(s, 4);
            job->ops[op].line_count = job->ops[op].kind == LEDGER_PLACE ? 1 + dice(s, LINES_OF) : 0;
        }
        count_outcome(s, job,
                      ledger_run(s->ledger, job, apr_time_now() + s->ledger->budget + apr_time_from_msec(patience)));
        ledger_job_destroy(job);
    }
    return NULL;
}

/* Each job is run once, whole, or it left and was not run at all; no two batches are under way at a time; nobody is left waiting. */
static void nobody_is_lost(void **state)
{
    static const int limits[] = {64, 1, 7};
    storm storms[STORM_THREADS];

    for (int i = 0; i < 3; i++) {
        ledger_t *ledger = begin(*state, limits[i]);
        int served = 0, left = 0;

        seen.takes = 100;
        for (int t = 0; t < STORM_THREADS; t++) {
            storms[t] = (storm){.ledger = ledger, .seed = (unsigned int)(100 * i + t)};
            assert_int_equal(pthread_create(&storms[t].thread, NULL, rage, &storms[t]), 0);
        }
        for (int t = 0; t < STORM_THREADS; t++) {
            pthread_join(storms[t].thread, NULL);
            assert_int_equal(storms[t].wrong, 0);
            served += storms[t].served;
            left += storms[t].left;
        }
        assert_int_equal(served + left, STORM_THREADS * STORM_JOBS);
        assert_true(served > 0);
        assert_int_equal(seen.met, 0);
        assert_true(lead_idle(&ledger->queue));
        assert_ptr_equal(ledger->queue.end, &ledger->queue.first);
        assert_true(lead_idle(&ledger->queue));
    }
}

UNIT_MAIN(pooled(alone), pooled(who_waits_comes_along), pooled(no_more_than_may_be),
          pooled(no_more_than_a_thousand_lines), pooled(nobody_overtakes), pooled(jobs_of_many),
          pooled(time_ends_the_wait), pooled(no_time_to_wait), pooled(the_lead_goes_on), pooled(time_ends_a_long_job),
          pooled(waits_for_the_turn), pooled(nobody_is_lost))
