/* Words for search, lower case and trimming for all of Unicode, prefix ranges, e-mail addresses. */
#include "unit.h"

#include <apr_strings.h>
#include <locale.h>
#include <string.h>
#include "core/terms.h"

/* The words of a text, joined by bars. */
static const char *words(apr_pool_t *pool, const char *text)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(const char *));
    terms_split(pool, text, list);
    return apr_array_pstrcat(pool, list, '|');
}

static void splitting(void **state)
{
    assert_string_equal(words(*state, "KT-Zq12"), "kt|zq12");
    assert_string_equal(words(*state, "  Blue   Kettle, 1.5 l "), "blue|kettle|1|5|l");
    assert_string_equal(words(*state, "CAFÉ Äpfel ΣΊΣΥΦΟΣ Привет"), "café|äpfel|σίσυφοσ|привет");
    assert_string_equal(words(*state, "東京タワー 2024"), "東京タワー|2024");
    assert_string_equal(words(*state, "a–b—c“d”…e·f"), "a|b|c|d|e|f");
    assert_string_equal(words(*state, "one\xC2\xA0two"), "one|two");
    assert_string_equal(words(*state, "😀!? -- "), "");
    assert_string_equal(words(*state, ""), "");
    assert_string_equal(words(*state, "snake_case"), "snake|case");
}

static void words_are_distinct(void **state)
{
    assert_string_equal(words(*state, "tea TEA Tea pot"), "tea|pot");
    apr_array_header_t *list = apr_array_make(*state, 1, sizeof(const char *));
    terms_split(*state, "Tea pot", list);
    terms_split(*state, "POT-12", list);
    assert_string_equal(apr_array_pstrcat(*state, list, '|'), "tea|pot|12");
}

static void bad_utf8_separates(void **state)
{
    assert_string_equal(words(*state, "a\x80"
                                      "b"),
                        "a|b");
    assert_string_equal(words(*state, "a\xC3"), "a");
    assert_string_equal(words(*state, "a\xE2\x82"), "a");
    assert_string_equal(words(*state, "a\xF0\x9F\x98"), "a");
    assert_string_equal(words(*state, "\xE0\x81\xA1\xF0\x80\x81\xA1y"), "y"); /* overlong forms of a */
    assert_string_equal(words(*state, "\xC1\x81\xED\xA0\x80\xF5z"), "z");
}

static void lower_case(void **state)
{
    assert_string_equal(terms_lower(*state, "Ann.O'Neil+X@EXAMPLE.com"), "ann.o'neil+x@example.com");
    assert_string_equal(terms_lower(*state, "ÀÉÎÕÜ ẞ Ω Ж"), "àéîõü ß ω ж");
    assert_string_equal(terms_lower(*state, "ȺȺȺȺ"), "ⱥⱥⱥⱥ"); /* longer than it was */
    char many[2 * 20000 + 1] = ""; /* so many that the pool takes a block for them, whose end the sanitizer watches */
    for (size_t i = 0; i + 1 < sizeof many; i += 2)
        memcpy(many + i, "Ⱥ", 3);
    assert_int_equal(strlen(terms_lower(*state, many)), 3 * 20000);
    assert_string_equal(terms_lower(*state, "𐐀"), "𐐨");
    assert_string_equal(terms_lower(*state, ""), "");
    assert_string_equal(terms_lower(*state, "A\xFF\xC3"), "a\xFF\xC3");
}

static void trimming(void **state)
{
    assert_string_equal(terms_trim(*state, "  a b \t\r\n"), "a b");
    assert_string_equal(terms_trim(*state, "a"), "a");
    assert_string_equal(terms_trim(*state, ""), "");
    assert_string_equal(terms_trim(*state, " \t "), "");
    assert_string_equal(terms_trim(*state, "\xC2\xA0\xE2\x80\xAF\xE3\x80\x80\xEF\xBB\xBF"), "");
    assert_string_equal(terms_trim(*state, "\xC2\xA0é\xE3\x80\x80"), "é");
}

static void prefix_ends(void **state)
{
    assert_string_equal(terms_prefix_end(*state, "abc"), "abd");
    assert_string_equal(terms_prefix_end(*state, "a\x7F"), "a\xC2\x80");
    assert_string_equal(terms_prefix_end(*state, "\xDF\xBF"), "\xE0\xA0\x80");
    assert_string_equal(terms_prefix_end(*state, "\xED\x9F\xBF"), "\xEE\x80\x80"); /* over the surrogates */
    assert_string_equal(terms_prefix_end(*state, "\xEF\xBF\xBF"), "\xF0\x90\x80\x80");
    assert_string_equal(terms_prefix_end(*state, "a\xF4\x8F\xBF\xBF"), "b");
    assert_string_equal(terms_prefix_end(*state, "é"), "ê");
    assert_null(terms_prefix_end(*state, "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF"));
    assert_null(terms_prefix_end(*state, ""));
    assert_null(terms_prefix_end(*state, "a\xFF"));
}

static void email_addresses(void **state)
{
    static const char *const good[] = {"a@b.co", "first.last+tag@sub.example.com", "jörg@exämple.de", "o'x@a-b.io"};
    static const char *const bad[] = {"",
                                      "a",
                                      "a@",
                                      "@b.co",
                                      "a@b",
                                      "a@@b.co",
                                      "a@b@c.co",
                                      "a b@c.co",
                                      "a@b .co",
                                      "a@b.co\n",
                                      "\ta@b.co",
                                      "a@.co",
                                      "a@b.",
                                      "a@b..co",
                                      "a\x01@b.co",
                                      "a\x7F@b.co",
                                      "a\xC2\xA0@b.co",
                                      "a\xFF@b.co",
                                      "a\xC2\x85@b.co"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(terms_is_email(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (terms_is_email(bad[i]))
            fail_msg("taken for an address: row %zu", i);
    char *email = apr_palloc(*state, 300);
    memset(email, 'a', 299);
    memcpy(email + 254 - 5, "@b.co", 6);
    assert_int_equal(strlen(email), 254);
    assert_true(terms_is_email(email));
    memset(email, 'a', 299);
    memcpy(email + 255 - 5, "@b.co", 6);
    assert_false(terms_is_email(email));
}

static void process_locale_is_left_alone(void **state)
{
    assert_string_equal(setlocale(LC_ALL, NULL), "C");
    assert_string_equal(terms_lower(*state, "É"), "é");
    assert_string_equal(setlocale(LC_ALL, NULL), "C");
}

UNIT_MAIN(pooled(splitting), pooled(words_are_distinct), pooled(bad_utf8_separates), pooled(lower_case),
          pooled(trimming), pooled(prefix_ends), pooled(email_addresses), pooled(process_locale_is_left_alone))
