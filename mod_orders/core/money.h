/* Money: int64 counts of a currency's minor unit (ISO 4217), never floating point inside. */
#ifndef CORE_MONEY_H
#define CORE_MONEY_H

#include <stdint.h>

#define MONEY_PRICE_MAX INT64_C(1000000000000) /* 10^12 minor units */

/* The number of decimals of an ISO 4217 code (USD 2, JPY 0, KWD 3); -1 for an unknown code. */
int money_exponent(const char *currency);
/* A JSON number in major units → minor units. 0 when it is finite, not negative and has no more
 * than `exponent` decimals; -1 otherwise. The test is exact: the result printed again reads as `value`. */
int money_from_double(double value, int exponent, int64_t *minor);
/* The same for a JSON integer. */
int money_from_int(int64_t value, int exponent, int64_t *minor);
/* The same for text in a query string ("19.98"). */
int money_from_text(const char *text, int exponent, int64_t *minor);
/* a + b and a * b; -1 on overflow, and *result is left alone. */
int money_add(int64_t a, int64_t b, int64_t *result);
int money_multiply(int64_t a, int64_t b, int64_t *result);

#endif
