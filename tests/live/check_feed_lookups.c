/* Questions to the database: histories, users. */
#include "check_feed.h"

#include "lookup.h"

static void on_found(void *ctx, const bson_oid_t *id, const lookup_order_answer *answer)
{
    (void)id;
    int *result = ctx;
    *result = (int)answer->result;
    if (answer->result != LOOKUP_FOUND)
        return;
    assert_int_equal(answer->count, 2);
    assert_int_equal(answer->entries[0]->facts.version, 2);
    assert_int_equal(answer->entries[1]->facts.version, 3);
}

static bool has_result(void *result)
{
    return *(int *)result >= 0;
}

static void test_history_is_read_from_a_version_on(void **state)
{
    (void)state;
    bson_oid_t id = new_order(&it.owner), nobody;
    int result = -1;
    move_order(&id, 2);
    move_order(&id, 3);
    lookup_t *lookup = lookup_new(it.loop, &(lookup_config){.store = it.store, .exponent = 2});
    lookup_order(lookup, &id, 2, on_found, &result);
    assert_true(until(has_result, &result));
    assert_int_equal(result, LOOKUP_FOUND);
    bson_oid_init(&nobody, NULL);
    result = -1;
    lookup_order(lookup, &nobody, 1, on_found, &result);
    assert_true(until(has_result, &result));
    assert_int_equal(result, LOOKUP_NONE);
    lookup_order(lookup, &id, 2, on_found, &result); /* outstanding at the end: not called, not leaked */
    lookup_free(lookup);
}

typedef struct user_count {
    int found, none, failed;
} user_count;

static void on_user(void *ctx, const bson_oid_t *id, const lookup_user_answer *answer)
{
    user_count *count = ctx;
    bool is_owner = bson_oid_equal(id, &it.owner.in_hub.user);
    count->failed += answer->result == LOOKUP_FAILED;
    count->none += answer->result == LOOKUP_NONE;
    if (answer->result != LOOKUP_FOUND)
        return;
    count->found++;
    assert_int_equal(answer->version, is_owner ? 2 : 1);
    assert_int_equal(answer->role, is_owner ? ROLE_CUSTOMER : ROLE_ADMIN);
}

static bool has_all(void *ctx)
{
    const user_count *count = ctx;
    return count->found + count->none + count->failed == 300;
}

static void test_many_users_are_read_at_once(void **state)
{
    (void)state;
    user_count count = {0};
    bson_oid_t nobody;
    bson_oid_init(&nobody, NULL);
    new_user(&it.owner.in_hub.user, "customer");
    set_fields("users", &it.owner.in_hub.user, BCON_NEW("tokenVersion", BCON_INT64(2)));
    new_user(&it.admin.in_hub.user, "admin");
    lookup_t *lookup = lookup_new(it.loop, &(lookup_config){.store = it.store, .max_jobs = 290});
    const bson_oid_t *ids[] = {&it.owner.in_hub.user, &it.admin.in_hub.user, &nobody};
    for (int i = 0; i < 300; i++)
        lookup_user(lookup, ids[i % 3], on_user, &count);
    assert_int_equal(count.found + count.none + count.failed, 0); /* never at once */
    assert_true(until(has_all, &count));
    assert_int_equal(lookup_waiting(lookup), 0);
    assert_int_equal(count.failed, 10); /* past max_jobs */
    assert_true(count.found >= 190 && count.none >= 90);
    lookup_free(lookup);
}

FEED_MAIN(with_viewers(test_history_is_read_from_a_version_on), with_viewers(test_many_users_are_read_at_once))
