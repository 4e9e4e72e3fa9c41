/* The turn between processes: one has it at a time, who waits is next, and a dead one leaves it to the living. */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "core/turn.h"

#define SOON (apr_time_now() + apr_time_from_sec(20))

typedef struct scene {
    turn_t turn;
    volatile int inside, met, taken[2];
} scene;

static scene *make(void)
{
    scene *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(s, MAP_FAILED);
    assert_int_equal(turn_init(&s->turn), 0);
    return s;
}

static void end(scene *s)
{
    munmap(s, sizeof *s);
}

static void wait_for_children(int count)
{
    while (count--) {
        int status;
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static void none_is_no_turn(void **state)
{
    (void)state;
    assert_false(turn_take(NULL, SOON));
}

static void take_turns(scene *s, int who)
{
    for (int i = 0; i < 300; i++) {
        if (!turn_take(&s->turn, SOON))
            _exit(1);
        s->met += s->inside;
        s->inside = 1;
        s->taken[who]++;
        usleep(50);
        s->inside = 0;
        turn_leave(&s->turn);
    }
    _exit(0);
}

static void one_at_a_time(void **state)
{
    scene *s = make();
    (void)state;

    for (int who = 0; who < 2; who++)
        if (fork() == 0)
            take_turns(s, who);
    wait_for_children(2);
    assert_int_equal(s->met, 0);
    assert_int_equal(s->taken[0] + s->taken[1], 600);
    end(s);
}

static void time_ends_the_wait(void **state)
{
    scene *s = make();
    (void)state;

    assert_true(turn_take(&s->turn, SOON));
    if (fork() == 0) {
        bool had = turn_take(&s->turn, apr_time_now() + apr_time_from_msec(30));
        _exit(had ? 1 : 0);
    }
    wait_for_children(1);
    turn_leave(&s->turn);
    assert_true(turn_take(&s->turn, SOON));
    turn_leave(&s->turn);
    end(s);
}

/* Whoever gives the turn away while another waits gets it back only after that one. */
static void who_waits_is_next(void **state)
{
    scene *s = make();
    (void)state;

    assert_true(turn_take(&s->turn, SOON));
    if (fork() == 0) {
        s->taken[1] = turn_take(&s->turn, SOON) ? 1 : 2;
        turn_leave(&s->turn);
        _exit(0);
    }
    while (pthread_mutex_trylock(&s->turn.next) == 0) { /* until the child waits */
        pthread_mutex_unlock(&s->turn.next);
        usleep(100);
    }
    turn_leave(&s->turn);
    assert_true(turn_take(&s->turn, SOON));
    assert_int_equal(s->taken[1], 1);
    turn_leave(&s->turn);
    wait_for_children(1);
    end(s);
}

static void the_dead_leave_it(void **state)
{
    scene *s = make();
    int status;
    (void)state;

    pid_t child = fork();
    if (child == 0) {
        s->taken[1] = turn_take(&s->turn, SOON);
        for (;;)
            pause();
    }
    while (!s->taken[1])
        usleep(100);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    for (int i = 0; i < 2; i++) {
        assert_true(turn_take(&s->turn, SOON));
        turn_leave(&s->turn);
    }
    end(s);
}

UNIT_MAIN(pooled(none_is_no_turn), pooled(one_at_a_time), pooled(time_ends_the_wait), pooled(who_waits_is_next),
          pooled(the_dead_leave_it))
