/* Users that change, and what becomes of their viewers and tokens. */
#include "check_feed.h"

#include <string.h>

static void test_users_that_change_are_revoked(void **state)
{
    (void)state;
    new_user(&it.owner.in_hub.user, "customer");
    new_user(&it.other.in_hub.user, "customer");
    set_fields("users", &it.owner.in_hub.user, BCON_NEW("name", BCON_UTF8("Other")));
    set_fields("users", &it.owner.in_hub.user, BCON_NEW("tokenVersion", BCON_INT64(2)));
    assert_true(until(was_revoked, &it.owner));
    new_order(&it.owner);
    expect_count(&it.admin, 1);
    assert_int_equal(it.owner.count, 0);
    assert_int_equal(it.owner.revoked, 1);
    assert_int_equal(it.other.revoked, 0);
    delete_one("users", &it.other.in_hub.user);
    assert_true(until(was_revoked, &it.other));
}

typedef struct verdict {
    bool given;
    identity_result result;
    identity_who who;
} verdict_t;

static void on_verdict(void *ctx, identity_result result, const identity_who *who)
{
    verdict_t *verdict = ctx;
    verdict->given = true;
    verdict->result = result;
    if (who)
        verdict->who = *who;
}

static bool is_given(void *verdict)
{
    return ((verdict_t *)verdict)->given;
}

static verdict_t verify(const bson_oid_t *user, int64_t version, user_role role)
{
    token_t token = {.role = role, .ver = version, .iat = time(NULL), .auth_time = time(NULL), .exp = time(NULL) + 60};
    verdict_t verdict = {0};
    bson_oid_to_string(user, token.sub);
    const char *text = token_issue(it.pool, &it.keys, &token);
    identity_check(feed_identity(it.feed), text, strlen(text), on_verdict, &verdict);
    assert_false(verdict.given);
    assert_true(until(is_given, &verdict));
    return verdict;
}

static void test_identities_follow_the_database(void **state)
{
    (void)state;
    const bson_oid_t *user = &it.owner.in_hub.user;
    new_user(user, "customer");
    verdict_t verdict = verify(user, 1, ROLE_CUSTOMER);
    assert_int_equal(verdict.result, IDENTITY_GOOD);
    assert_true(bson_oid_equal(&verdict.who.user, user));
    assert_int_equal(verdict.who.role, ROLE_CUSTOMER);
    assert_int_equal(verify(user, 1, ROLE_ADMIN).result, IDENTITY_REFUSED);
    set_fields("users", user, BCON_NEW("tokenVersion", BCON_INT64(2)));
    assert_true(until(was_revoked, &it.owner));
    assert_int_equal(verify(user, 1, ROLE_CUSTOMER).result, IDENTITY_REFUSED);
    assert_int_equal(verify(user, 2, ROLE_CUSTOMER).result, IDENTITY_GOOD);
    assert_int_equal(verify(&it.other.in_hub.user, 1, ROLE_CUSTOMER).result, IDENTITY_REFUSED); /* no such user */
}

FEED_MAIN(with_viewers(test_users_that_change_are_revoked), with_viewers(test_identities_follow_the_database))
