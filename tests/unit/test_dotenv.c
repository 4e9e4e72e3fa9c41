/* `.env` files as ordersctl reads them. */
#include "unit.h"

#include <string.h>
#include "ctl/dotenv.c"

static const char text[] = "# settings\n"
                           "PORT=8080\n"
                           "  SPACED =  a b  \n"
                           "export EXPORTED=yes\n"
                           "DOUBLE=\"a # b\" # comment\n"
                           "SINGLE='  kept  '\n"
                           "COMMENTED=value # comment\n"
                           "HASH=a#b\n"
                           "EMPTY=\n"
                           "BLANK=   # comment\n"
                           "QUOTED_EMPTY=\"\"\n"
                           "OPEN=\"never closed\n"
                           "TWICE=first\n"
                           "TWICE=second\n"
                           "#OFF=1\n"
                           "URI=mongodb://u:p@h:1/?replicaSet=a&x=b\r\n"
                           "LAST=end";

static void assert_value(apr_pool_t *pool, const char *name, const char *expected)
{
    const char *value = dotenv_value(pool, text, name);
    if (!value || !expected ? value != expected : strcmp(value, expected) != 0)
        fail_msg("%s is '%s'", name, value ? value : "(none)");
}

static void values(void **state)
{
    assert_value(*state, "PORT", "8080");
    assert_value(*state, "SPACED", "a b");
    assert_value(*state, "EXPORTED", "yes");
    assert_value(*state, "DOUBLE", "a # b");
    assert_value(*state, "SINGLE", "  kept  ");
    assert_value(*state, "COMMENTED", "value");
    assert_value(*state, "HASH", "a#b");
    assert_value(*state, "OPEN", "\"never closed");
    assert_value(*state, "TWICE", "second");
    assert_value(*state, "URI", "mongodb://u:p@h:1/?replicaSet=a&x=b");
    assert_value(*state, "LAST", "end");
}

static void no_values(void **state)
{
    assert_value(*state, "EMPTY", NULL);
    assert_value(*state, "BLANK", NULL);
    assert_value(*state, "QUOTED_EMPTY", NULL);
    assert_value(*state, "OFF", NULL);
    assert_value(*state, "ORT", NULL);
    assert_value(*state, "POR", NULL);
    assert_value(*state, "export", NULL);
    assert_null(dotenv_value(*state, "", "PORT"));
}

static void files(void **state)
{
    assert_null(dotenv_read_file(*state, "/nonexistent/.env"));
    assert_null(dotenv_read_file(*state, "/"));
    assert_non_null(dotenv_read_file(*state, "/proc/self/status"));
}

UNIT_MAIN(pooled(values), pooled(no_values), pooled(files))
