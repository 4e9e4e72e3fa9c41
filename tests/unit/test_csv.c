/* CSV cells: quoting by RFC 4180, and text that a spreadsheet would run as a formula. */
#include "unit.h"

#include <string.h>
#include "core/csv.h"

static const char *cell(apr_pool_t *pool, const char *text)
{
    out_t out;
    out_init(&out, pool);
    csv_text(&out, text, true);
    return out_text(&out, NULL);
}

static void plain_cells(void **state)
{
    assert_string_equal(cell(*state, "abc"), "abc");
    assert_string_equal(cell(*state, ""), "");
    assert_string_equal(cell(*state, NULL), "");
    assert_string_equal(cell(*state, "a b;c'd"), "a b;c'd");
    assert_string_equal(cell(*state, "Zoë 😀"), "Zoë 😀");
    assert_string_equal(cell(*state, "a=b+c-d@e"), "a=b+c-d@e");
}

static void quoted_cells(void **state)
{
    assert_string_equal(cell(*state, "a,b"), "\"a,b\"");
    assert_string_equal(cell(*state, "say \"hi\""), "\"say \"\"hi\"\"\"");
    assert_string_equal(cell(*state, "\""), "\"\"\"\"");
    assert_string_equal(cell(*state, "\"\""), "\"\"\"\"\"\"");
    assert_string_equal(cell(*state, "a\nb"), "\"a\nb\"");
    assert_string_equal(cell(*state, "a\rb"), "\"a\rb\"");
}

static void formulas_are_defused(void **state)
{
    assert_string_equal(cell(*state, "=1+1"), "'=1+1");
    assert_string_equal(cell(*state, "+1"), "'+1");
    assert_string_equal(cell(*state, "-1"), "'-1");
    assert_string_equal(cell(*state, "@SUM(A1)"), "'@SUM(A1)");
    assert_string_equal(cell(*state, "\t=1"), "'\t=1");
    assert_string_equal(cell(*state, "\r=1"), "\"'\r=1\"");
    assert_string_equal(cell(*state, "=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
}

static void a_line(void **state)
{
    out_t out;
    out_init(&out, *state);
    csv_text(&out, "first", true);
    csv_text(&out, NULL, false);
    csv_text(&out, "x,y", false);
    csv_next(&out, false);
    out_int(&out, 12);
    csv_end(&out);
    csv_next(&out, true);
    out_int(&out, 13);
    csv_end(&out);
    assert_string_equal(out_text(&out, NULL), "first,,\"x,y\",12\r\n13\r\n");
}

UNIT_MAIN(pooled(plain_cells), pooled(quoted_cells), pooled(formulas_are_defused), pooled(a_line))
