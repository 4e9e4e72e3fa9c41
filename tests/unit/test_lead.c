/* The lead of a queue where two may lead: who works, who comes along, who is late. */
#include "unit.h"

#include <stdatomic.h>
#include <unistd.h>

#include "core/lead.h"

#define SOON   (apr_time_now() + apr_time_from_sec(30))
#define PEOPLE 5

typedef struct person {
    lead_waiter waiter;
    pthread_t thread;
    apr_time_t until;
    lead_state became;
    atomic_bool told;
} person;

static pthread_mutex_t lock;
static lead_queue queue;

static void *wait_for_lead(void *data)
{
    person *p = data;

    pthread_mutex_lock(&lock);
    p->became = lead_wait(&queue, &p->waiter, p->until);
    pthread_mutex_unlock(&lock);
    p->told = true;
    return NULL;
}

static int queued(void)
{
    int count = 0;

    pthread_mutex_lock(&lock);
    for (const lead_waiter *w = queue.first; w; w = w->next)
        count++;
    pthread_mutex_unlock(&lock);
    return count;
}

/* Each is in the queue, or has the lead, before the next comes. */
static void come(person *people, int count, apr_time_t until)
{
    for (int i = 0; i < count; i++) {
        int before = queued();

        people[i] = (person){.until = until};
        assert_int_equal(pthread_create(&people[i].thread, NULL, wait_for_lead, &people[i]), 0);
        while (!people[i].told && queued() == before)
            usleep(200);
    }
}

static lead_state became(person *p)
{
    pthread_join(p->thread, NULL);
    return p->became;
}

static void begin(void)
{
    pthread_mutex_init(&lock, NULL);
    lead_queue_init(&queue, &lock, 2);
}

static void end_of(person *leader)
{
    pthread_mutex_lock(&lock);
    lead_end(&queue, &leader->waiter);
    pthread_mutex_unlock(&lock);
}

static void two_lead_and_the_rest_waits(void **state)
{
    person people[PEOPLE];
    (void)state;

    begin();
    come(people, PEOPLE, SOON);
    assert_int_equal(became(&people[0]), LEAD_LEADS);
    assert_int_equal(became(&people[1]), LEAD_LEADS);
    assert_int_equal(queued(), 3);
    end_of(&people[0]); /* the oldest leads now, and takes the others along */
    assert_int_equal(became(&people[2]), LEAD_LEADS);
    pthread_mutex_lock(&lock);
    assert_ptr_equal(lead_take(&queue, &people[2].waiter), &people[3].waiter);
    assert_ptr_equal(lead_take(&queue, &people[2].waiter), &people[4].waiter);
    assert_null(queue.first);
    pthread_mutex_unlock(&lock);
    assert_false(people[3].told || people[4].told);
    end_of(&people[2]);
    assert_int_equal(became(&people[3]), LEAD_DONE);
    assert_int_equal(became(&people[4]), LEAD_DONE);
    assert_false(lead_idle(&queue));
    end_of(&people[1]);
    assert_true(lead_idle(&queue));
}

/* Who leads though two do already, makes no place for a further one when done. */
static void the_late_lead_anyway(void **state)
{
    person people[4];
    (void)state;

    begin();
    come(people, 2, SOON);
    come(people + 2, 1, apr_time_now() + apr_time_from_msec(20));
    assert_int_equal(became(&people[2]), LEAD_LATE);
    assert_int_equal(queued(), 0);
    pthread_mutex_lock(&lock);
    lead_anyway(&queue, &people[2].waiter);
    pthread_mutex_unlock(&lock);
    come(people + 3, 1, SOON);
    end_of(&people[2]);
    assert_int_equal(queued(), 1);
    end_of(&people[0]);
    assert_int_equal(became(&people[3]), LEAD_LEADS);
    end_of(&people[1]);
    end_of(&people[3]);
    assert_true(lead_idle(&queue));
    for (int i = 0; i < 2; i++)
        (void)became(&people[i]);
}

UNIT_MAIN(pooled(two_lead_and_the_rest_waits), pooled(the_late_lead_anyway))
