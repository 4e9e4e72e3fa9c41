/* Money: what the wire says and what is counted must be the same, or refused. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/money.h"
#include "core/out.h"

#define UNTOUCHED INT64_C(-77)

static int64_t of_double(double value, int exponent)
{
    int64_t minor = UNTOUCHED;
    int result = money_from_double(value, exponent, &minor);
    assert_true(result == 0 ? minor >= 0 : result == -1 && minor == UNTOUCHED);
    return minor;
}

static int64_t of_int(int64_t value, int exponent)
{
    int64_t minor = UNTOUCHED;
    int result = money_from_int(value, exponent, &minor);
    assert_true(result == 0 ? minor >= 0 : result == -1 && minor == UNTOUCHED);
    return minor;
}

static int64_t of_text(const char *text, int exponent)
{
    int64_t minor = UNTOUCHED;
    int result = money_from_text(text, exponent, &minor);
    assert_true(result == 0 ? minor >= 0 : result == -1 && minor == UNTOUCHED);
    return minor;
}

static void exponents(void **state)
{
    (void)state;
    static const char *const two[] = {"USD", "EUR", "GBP", "AED", "ZMW", "ZWG", "CHF", "INR", "HUF"};
    static const char *const none[] = {"JPY", "KRW", "CLP", "BIF", "XPF", "VND", "ISK", "UGX"};
    static const char *const three[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
    static const char *const unknown[] = {"", "US", "USDX", "usd", "XXX", "ABC", "SD ", "D A", " US", "D AF"};
    for (size_t i = 0; i < sizeof two / sizeof two[0]; i++)
        assert_int_equal(money_exponent(two[i]), 2);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(money_exponent(none[i]), 0);
    for (size_t i = 0; i < sizeof three / sizeof three[0]; i++)
        assert_int_equal(money_exponent(three[i]), 3);
    assert_int_equal(money_exponent("CLF"), 4);
    assert_int_equal(money_exponent("UYW"), 4);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_int_equal(money_exponent(unknown[i]), -1);
    assert_int_equal(money_exponent(NULL), -1);
}

static void prices_survive(void **state)
{
    (void)state;
    assert_int_equal(of_double(0.29, 2), 29);
    assert_int_equal(of_double(1.15, 2), 115);
    assert_int_equal(of_double(4.35, 2), 435);
    assert_int_equal(of_double(8.2, 2), 820);
    assert_int_equal(of_double(19.99, 2), 1999);
    assert_int_equal(of_double(4503599.63, 2), 450359963);
    assert_int_equal(of_double(90071992.55, 2), 9007199255);
    assert_int_equal(of_double(9999999999.99, 2), 999999999999);
    assert_int_equal(of_double(10.0, 2), 1000);
    assert_int_equal(of_double(0.0, 2), 0);
    assert_int_equal(of_double(-0.0, 2), 0);
    assert_int_equal(of_double(1.5, 3), 1500);
    assert_int_equal(of_double(0.001, 3), 1);
    assert_int_equal(of_double(1500.0, 0), 1500);
    assert_int_equal(of_double(0.0001, 4), 1);
}

static void doubles_refused(void **state)
{
    (void)state;
    static const double bad[] = {1.999, 0.001, -1, -0.01, 1e300, 0x1p63, 1e-9, 0.1 + 0.2, 1e17 * 10, 5e-324};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(of_double(bad[i], 2), UNTOUCHED);
    assert_int_equal(of_double((double)NAN, 2), UNTOUCHED);
    assert_int_equal(of_double((double)INFINITY, 2), UNTOUCHED);
    assert_int_equal(of_double(-(double)INFINITY, 2), UNTOUCHED);
    assert_int_equal(of_double(0.5, 0), UNTOUCHED);
    assert_int_equal(of_double(1.0005, 3), UNTOUCHED);
}

/* Past 10^15 a double cannot tell neighbouring amounts apart: whole numbers only. */
static void large_doubles(void **state)
{
    (void)state;
    assert_int_equal(of_double(9999999999999.99, 2), 999999999999999);
    assert_int_equal(of_double(10000000000000.01, 2), UNTOUCHED);
    assert_int_equal(of_double(10000000000001.0, 2), 1000000000000100);
    assert_int_equal(of_double(0x1p62, 0), INT64_C(1) << 62);
    assert_int_equal(of_double(0x1p62, 1), UNTOUCHED);
}

/* What out_money prints reads as the same count, by each of the ways in. */
static void round_trip(apr_pool_t *pool, int64_t minor, int exponent)
{
    out_t out;
    out_init(&out, pool);
    out_money(&out, minor, exponent);
    const char *text = out_text(&out, NULL);
    assert_int_equal(of_text(text, exponent), minor);
    if (minor <= INT64_C(1000000000000000))
        assert_int_equal(of_double(strtod(text, NULL), exponent), minor);
}

static void many_round_trips(void **state)
{
    apr_pool_t *pool;
    uint64_t random = 88172645463325252ULL;
    apr_pool_create(&pool, *state);
    for (int64_t minor = 0; minor < 20000; minor++) {
        round_trip(pool, minor, (int)(minor % 5));
        round_trip(pool, minor, 2);
        apr_pool_clear(pool);
    }
    for (int i = 0; i < 200000; i++) {
        random ^= random << 13; /* xorshift64: the same values in every run */
        random ^= random >> 7;
        random ^= random << 17;
        round_trip(pool, (int64_t)(random >> (1 + random % 63)), i % 5);
        apr_pool_clear(pool);
    }
}

/* One more decimal than the currency has is refused, unless it is a zero. */
static void finer_than_the_currency(void **state)
{
    (void)state;
    for (int64_t tenth = 0; tenth < 100000; tenth++) {
        int64_t expected = tenth % 10 ? UNTOUCHED : tenth / 10;
        assert_int_equal(of_double((double)tenth / 1000, 2), expected);
    }
}

static void integers(void **state)
{
    (void)state;
    assert_int_equal(of_int(19, 2), 1900);
    assert_int_equal(of_int(19, 0), 19);
    assert_int_equal(of_int(19, 3), 19000);
    assert_int_equal(of_int(0, 2), 0);
    assert_int_equal(of_int(-1, 2), UNTOUCHED);
    assert_int_equal(of_int(INT64_MIN, 0), UNTOUCHED);
    assert_int_equal(of_int(INT64_MAX, 0), INT64_MAX);
    assert_int_equal(of_int(INT64_MAX / 100, 2), INT64_MAX / 100 * 100);
    assert_int_equal(of_int(INT64_MAX / 100 + 1, 2), UNTOUCHED);
}

static void texts(void **state)
{
    (void)state;
    assert_int_equal(of_text("19.98", 2), 1998);
    assert_int_equal(of_text("19.9", 2), 1990);
    assert_int_equal(of_text("19", 2), 1900);
    assert_int_equal(of_text("19.980", 2), 1998);
    assert_int_equal(of_text("0.005", 3), 5);
    assert_int_equal(of_text("100.00", 0), 100);
    assert_int_equal(of_text("92233720368547758.07", 2), INT64_MAX);
    static const char *const bad[] = {"",
                                      ".",
                                      ".5",
                                      "5.",
                                      "-1",
                                      "+1",
                                      "1e2",
                                      "1,5",
                                      " 1",
                                      "1 ",
                                      "0x10",
                                      "nan",
                                      "1.2.3",
                                      "1.234",
                                      "1.0x",
                                      "19.9801",
                                      "92233720368547758.08",
                                      "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(of_text(bad[i], 2), UNTOUCHED);
    assert_int_equal(of_text("1.5", 0), UNTOUCHED);
}

static void overflow(void **state)
{
    (void)state;
    int64_t result = UNTOUCHED;
    assert_int_equal(money_add(INT64_MAX, 1, &result), -1);
    assert_int_equal(money_add(INT64_MIN, -1, &result), -1);
    assert_int_equal(money_multiply(INT64_MAX / 2 + 1, 2, &result), -1);
    assert_int_equal(money_multiply(INT64_MIN, -1, &result), -1);
    assert_int_equal(result, UNTOUCHED);
    assert_int_equal(money_add(INT64_MAX - 1, 1, &result), 0);
    assert_int_equal(result, INT64_MAX);
    assert_int_equal(money_multiply(MONEY_PRICE_MAX, 10000, &result), 0);
    assert_int_equal(result, INT64_C(10000000000000000));
}

UNIT_MAIN(pooled(exponents), pooled(prices_survive), pooled(doubles_refused), pooled(large_doubles),
          pooled(many_round_trips), pooled(finer_than_the_currency), pooled(integers), pooled(texts), pooled(overflow))
