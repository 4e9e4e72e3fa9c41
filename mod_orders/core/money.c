#include "money.h"

#include <stdbool.h>
#include <string.h>

/* ISO 4217's currencies by the number of their decimals. Codes of three letters and a space each. */
static const char two_decimals[] =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
    "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ";
static const char no_decimals[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
static const char three_decimals[] = "BHD IQD JOD KWD LYD OMR TND ";
static const char four_decimals[] = "CLF UYW ";

static bool has_code(const char *codes, const char *currency)
{
    for (; *codes; codes += 4)
        if (memcmp(codes, currency, 3) == 0)
            return true;
    return false;
}

int money_exponent(const char *currency)
{
    if (!currency || strlen(currency) != 3)
        return -1;
    if (has_code(two_decimals, currency))
        return 2;
    if (has_code(no_decimals, currency))
        return 0;
    if (has_code(three_decimals, currency))
        return 3;
    return has_code(four_decimals, currency) ? 4 : -1;
}

static int64_t scale_of(int exponent)
{
    static const int64_t scales[] = {1, 10, 100, 1000, 10000};
    return scales[exponent];
}

/* A double tells all decimal numbers of up to 15 digits apart (DBL_DIG), so up to 10^15 minor units the nearest count is
 * the only one that can have been meant, and dividing it by the scale (both exact, one rounding) must give the very
 * number that reading its text gives. Beyond, only whole numbers are exact, and others are refused. */
#define EXACT_MAX 1e15

int money_from_double(double value, int exponent, int64_t *minor)
{
    if (!(value >= 0 && value < 0x1p63)) /* NaN fails every comparison */
        return -1;
    if ((double)(int64_t)value == value)
        return money_from_int((int64_t)value, exponent, minor);
    double scale = (double)scale_of(exponent);
    if (value * scale > EXACT_MAX)
        return -1;
    int64_t nearest = (int64_t)(value * scale + 0.5);
    if ((double)nearest / scale != value)
        return -1;
    *minor = nearest;
    return 0;
}

int money_from_int(int64_t value, int exponent, int64_t *minor)
{
    if (value < 0)
        return -1;
    return money_multiply(value, scale_of(exponent), minor);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int add_digit(int64_t *value, int digit)
{
    return money_multiply(*value, 10, value) || money_add(*value, digit, value) ? -1 : 0;
}

/* Digits, and optionally a point and more digits. Zeros past the currency's decimals change nothing and are accepted, as
 * they are in JSON. */
int money_from_text(const char *text, int exponent, int64_t *minor)
{
    int64_t value = 0;
    int decimals = 0;
    if (!is_digit(*text))
        return -1;
    for (; is_digit(*text); text++)
        if (add_digit(&value, *text - '0'))
            return -1;
    if (*text == '.') {
        if (!is_digit(*++text))
            return -1;
        for (; is_digit(*text); text++) {
            if (decimals == exponent && *text == '0')
                continue;
            if (decimals++ == exponent || add_digit(&value, *text - '0'))
                return -1;
        }
    }
    if (*text || money_multiply(value, scale_of(exponent - decimals), &value))
        return -1;
    *minor = value;
    return 0;
}

int money_add(int64_t a, int64_t b, int64_t *result)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return -1;
    *result = sum;
    return 0;
}

int money_multiply(int64_t a, int64_t b, int64_t *result)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return -1;
    *result = product;
    return 0;
}
