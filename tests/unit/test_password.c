/* Passwords. The lowest cost, so that the tests take no time. */
#include "unit.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <string.h>
#include "core/password.h"

#define COST PASSWORD_COST_MIN

static void lengths(void **state)
{
    char long_one[80];
    (void)state;
    memset(long_one, 'x', sizeof long_one);
    assert_int_equal(password_check_length(""), PASSWORD_TOO_SHORT);
    assert_int_equal(password_check_length("1234567"), PASSWORD_TOO_SHORT);
    assert_int_equal(password_check_length("12345678"), PASSWORD_OK);
    long_one[72] = '\0';
    assert_int_equal(password_check_length(long_one), PASSWORD_OK);
    long_one[72] = 'x', long_one[73] = '\0';
    assert_int_equal(password_check_length(long_one), PASSWORD_TOO_LONG);
}

/* At least 8 characters, at most 72 bytes: seven é are 14 bytes, 24 € are 72. */
static void lengths_beyond_ascii(void **state)
{
    (void)state;
    assert_int_equal(password_check_length("ééééééé"), PASSWORD_TOO_SHORT);
    assert_int_equal(password_check_length("éééééééé"), PASSWORD_OK);
    assert_int_equal(password_check_length("😀😀😀😀😀😀😀"), PASSWORD_TOO_SHORT);
    assert_int_equal(password_check_length("€€€€€€€€€€€€€€€€€€€€€€€€"), PASSWORD_OK);
    assert_int_equal(password_check_length("€€€€€€€€€€€€€€€€€€€€€€€€x"), PASSWORD_TOO_LONG);
}

static void round_trip(void **state)
{
    const char *hash = password_hash(*state, "correct horse", COST);
    assert_int_equal(strlen(hash), 60);
    assert_memory_equal(hash, "$2y$04$", 7);
    assert_true(password_verify("correct horse", hash));
    assert_false(password_verify("correct horsf", hash));
    assert_false(password_verify("correct hors", hash));
    assert_false(password_verify("Correct horse", hash));
    assert_false(password_verify("", hash));
    assert_string_not_equal(hash, password_hash(*state, "correct horse", COST));
    assert_memory_equal(password_hash(*state, "correct horse", 5), "$2y$05$", 7);
}

/* A published vector, of bcrypt's older name. */
static void hashes_from_elsewhere(void **state)
{
    (void)state;
    assert_true(password_verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    assert_false(password_verify("U*V", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    /* as Node's bcrypt libraries write it */
    assert_true(password_verify("correct horse 9", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.P9zENoAfwGubFOqDWRRknqa9ixTfv3a"));
    assert_false(password_verify("correct horse 8", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.P9zENoAfwGubFOqDWRRknqa9ixTfv3a"));
}

/* bcrypt reads 72 bytes: what comes after them must not be ignored. */
static void past_what_bcrypt_reads(void **state)
{
    char password[74];
    memset(password, 'x', 73);
    password[72] = '\0';
    const char *hash = password_hash(*state, password, COST);
    assert_true(password_verify(password, hash));
    password[72] = 'y', password[73] = '\0';
    assert_false(password_verify(password, hash));
}

/* APR would take each of these for "password" or "". */
static void weak_schemes(void **state)
{
    static const char *const weak[] = {"password",
                                       "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
                                       "$apr1$x$VbZoTwYUO0Q6vHy4ZkMDX.",
                                       "rqXexS6ZhobKA",
                                       "$1$x$",
                                       "$5$x$",
                                       "",
                                       "*"};
    (void)state;
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        assert_false(password_verify("password", weak[i]));
        assert_false(password_verify(weak[i], weak[i]));
        assert_false(password_verify("", weak[i]));
    }
    assert_false(password_verify("password", NULL));
}

static void damaged_hashes(void **state)
{
    const char *hash = password_hash(*state, "password", COST);
    for (size_t len = 0; len < strlen(hash); len++)
        assert_false(password_verify("password", apr_pstrmemdup(*state, hash, len)));
    assert_false(password_verify("password", apr_pstrcat(*state, hash, "x", NULL)));
    for (size_t i = 7; i < strlen(hash); i++) {
        char *changed = apr_pstrdup(*state, hash);
        changed[i] = '!';
        assert_false(password_verify("password", changed));
    }
    assert_false(password_verify("$2y$", "$2y$"));
    assert_false(password_verify("password", "$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

static apr_time_t fastest(apr_pool_t *pool, const char *hash, int cost)
{
    apr_time_t best = apr_time_from_sec(60);
    for (int i = 0; i < 5; i++) {
        apr_time_t start = apr_time_now();
        if (hash)
            password_verify("some password", hash);
        else
            password_verify_nobody(pool, "some password", cost);
        best = apr_time_now() - start < best ? apr_time_now() - start : best;
    }
    return best;
}

/* An unknown e-mail must take as long as a wrong password. A factor of two is wide for a busy machine, and narrow
 * against the factor of a thousand that a check without the work would show. */
static void nobody_costs_the_same(void **state)
{
    for (int cost = 6; cost <= 8; cost++) {
        apr_time_t somebody = fastest(*state, password_hash(*state, "another one", cost), cost);
        apr_time_t nobody = fastest(*state, NULL, cost);
        assert_true(nobody * 2 > somebody && somebody * 2 > nobody);
    }
}

UNIT_MAIN(pooled(lengths), pooled(lengths_beyond_ascii), pooled(round_trip), pooled(hashes_from_elsewhere),
          pooled(past_what_bcrypt_reads), pooled(weak_schemes), pooled(damaged_hashes), pooled(nobody_costs_the_same))
