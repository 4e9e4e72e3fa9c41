/* Entity tags: lists, suffixes of compression, weak tags, the star, and garbage. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>
#include "core/etag.h"

static bool matches(const char *header, int64_t version)
{
    etag_list list;
    etag_parse(header, &list);
    assert_true(list.present);
    return etag_matches(&list, version);
}

static void not_sent(void **state)
{
    (void)state;
    etag_list list;
    etag_parse(NULL, &list);
    assert_false(list.present);
    assert_false(list.any);
    assert_int_equal(list.count, 0);
    assert_false(etag_matches(&list, 0));
}

static void one_tag(void **state)
{
    (void)state;
    static const char *const third[] = {"\"3\"",   "W/\"3\"",      "\"3-gzip\"",       "\"3-br\"",
                                        " \"3\" ", "W/\"3-gzip\"", "\t\"3\"\t",        "\"3\",",
                                        ",\"3\"",  ", ,\"3\"",     "W/\"3-br\" ,\"9\""};
    for (size_t i = 0; i < sizeof third / sizeof third[0]; i++) {
        assert_true(matches(third[i], 3));
        assert_false(matches(third[i], 4));
        assert_false(matches(third[i], 0));
    }
    assert_true(matches("\"0\"", 0));
    assert_true(matches("\"9223372036854775807\"", INT64_MAX));
}

static void lists(void **state)
{
    (void)state;
    static const char header[] = "\"1\", W/\"2-gzip\" ,\"x,y\",\"\",\"-gzip\",\"7-br\",\t\"10\"";
    for (int64_t version = 0; version < 12; version++)
        assert_int_equal(matches(header, version), version == 1 || version == 2 || version == 7 || version == 10);
}

static void star(void **state)
{
    (void)state;
    assert_true(matches("*", 1));
    assert_true(matches(" * ", INT64_MAX));
    assert_false(matches("\"*\"", 1));
    assert_false(matches("*x", 1));
    assert_false(matches("\"2\", *", 1));
}

static void foreign_tags_match_nothing(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "",           "3",      "\"3",      "\"03\"",        "\"+3\"",   "\"-3\"",  "\"3 \"",
        "\" 3\"",     "\"3-\"", "\"3-gz\"", "\"3-gzipx\"",   "\"3x\"",   "w/\"3\"", "W\"3\"",
        "W/3",        "'3'",    "\"3.0\"",  "\"3-gzip-br\"", "x, \"3\"", "\"abc\"", "\"18446744073709551619\"",
        "\"1\" \"3\""};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_false(matches(foreign[i], 3));
}

static void long_lists_stay_inside(void **state)
{
    (void)state;
    char header[64 * 5 + 1] = "";
    for (int i = 10; i < 70; i++) {
        char tag[6] = {'"', (char)('0' + i / 10), (char)('0' + i % 10), '"', ',', '\0'};
        strcat(header, tag);
    }
    etag_list list;
    etag_parse(header, &list);
    assert_int_equal(list.count, ETAG_LIST_MAX);
    assert_true(etag_matches(&list, 10));
    assert_true(etag_matches(&list, 10 + ETAG_LIST_MAX - 1));
    assert_false(etag_matches(&list, 10 + ETAG_LIST_MAX));
}

UNIT_MAIN(pooled(not_sent), pooled(one_tag), pooled(lists), pooled(star), pooled(foreign_tags_match_nothing),
          pooled(long_lists_stay_inside))
