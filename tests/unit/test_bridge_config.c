/* The bridge's settings: where they come from, and what is refused. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "config.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define URI    "mongodb://127.0.0.1:27017/?replicaSet=rs0"

static void forget_environment(void)
{
    static const char *const names[] = {"MONGODB_URI",   "JWT_SECRET",      "CURRENCY",
                                        "COOKIE_NAME",   "MAX_VIEWERS",     "BRIDGE_LISTEN",
                                        "BRIDGE_ROTATE", "JWT_SECRET_FILE", "ALLOWED_ORIGIN"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

/* What the settings of these arguments come to: 0 for good ones, else the exit status. */
static int load(apr_pool_t *pool, config_t *config, const char *first, const char *second)
{
    char *argv[] = {(char *)"wsbridge", (char *)first, (char *)second, NULL};
    int argc = first ? second ? 3 : 2 : 1, status;
    return config_load(config, pool, argc, argv, &status) ? 0 : status ? status : -1;
}

static const char *file_with(const char *text)
{
    static char path[] = "/tmp/test_bridge_config.XXXXXX", made[sizeof path];
    strcpy(made, path);
    int fd = mkstemp(made);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return made;
}

static void good_environment(void)
{
    forget_environment();
    setenv("MONGODB_URI", URI, 1);
    setenv("JWT_SECRET", SECRET, 1);
}

static void database_and_secret_are_demanded(void **state)
{
    config_t config;
    good_environment();
    assert_int_equal(load(*state, &config, NULL, NULL), 0);
    unsetenv("MONGODB_URI");
    assert_int_equal(load(*state, &config, NULL, NULL), 2);
    setenv("MONGODB_URI", "http://example", 1);
    assert_int_equal(load(*state, &config, NULL, NULL), 2);
    good_environment();
    unsetenv("JWT_SECRET");
    assert_int_equal(load(*state, &config, NULL, NULL), 2);
    setenv("JWT_SECRET", "short", 1);
    assert_int_equal(load(*state, &config, NULL, NULL), 2);
}

static void the_nearer_source_wins(void **state)
{
    config_t config;
    good_environment();
    const char *path = file_with("# a comment\nLoadModule x y\n  orderscookiename fromfile\nOrdersCurrency \"EUR\"\n");
    assert_int_equal(load(*state, &config, "--config", path), 0);
    assert_string_equal(config.cookie_name, "fromfile");
    assert_string_equal(config.currency, "EUR");
    setenv("COOKIE_NAME", "fromenv", 1);
    assert_int_equal(load(*state, &config, "--config", path), 0);
    assert_string_equal(config.cookie_name, "fromenv");
    unlink(path);
    assert_int_equal(load(*state, &config, "--cookie-name", "fromflag"), 0);
    assert_string_equal(config.cookie_name, "fromflag");
    assert_int_equal(load(*state, &config, "--cookie-name=equals", NULL), 0);
    assert_string_equal(config.cookie_name, "equals");
}

static void a_file_of_a_secret_ends_without_its_newline(void **state)
{
    config_t config;
    good_environment();
    const char *path = file_with(SECRET "-other\n");
    assert_int_equal(load(*state, &config, "--jwt-secret-file", path), 0);
    assert_string_equal(config.secret, SECRET "-other");
    setenv("JWT_SECRET_FILE", path, 1); /* as near as JWT_SECRET */
    assert_int_equal(load(*state, &config, NULL, NULL), 2);
    unlink(path);
    assert_int_equal(load(*state, &config, "--jwt-secret-file", "/nowhere/at/all"), 2);
}

static void what_apache_alone_understands_is_refused(void **state)
{
    config_t config;
    good_environment();
    const char *path = file_with("OrdersCookieName ${NAME}\n");
    assert_int_equal(load(*state, &config, "--config", path), 2);
    unlink(path);
    path = file_with("OrdersBridgeSocket run/bridge.dgram\n");
    assert_int_equal(load(*state, &config, "--config", path), 2);
    unlink(path);
    assert_int_equal(load(*state, &config, "--config", "/nowhere/at/all"), 2);
}

static void times_and_counts_have_bounds(void **state)
{
    config_t config;
    good_environment();
    assert_int_equal(load(*state, &config, "--rotate", "90"), 0);
    assert_int_equal(config.rotate_ms, 90000);
    assert_int_equal(load(*state, &config, "--rotate", "250ms"), 0);
    assert_int_equal(config.rotate_ms, 250);
    assert_int_equal(load(*state, &config, "--rotate", "10mi"), 0);
    assert_int_equal(config.rotate_ms, 600000);
    static const char *const bad[] = {"", "-1", "1x", "1 s", "99999999999999999999", "25h", "10ms", "s"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(load(*state, &config, "--rotate", bad[i]), 2);
    assert_int_equal(load(*state, &config, "--max-viewers", "1000000"), 0);
    assert_int_equal(load(*state, &config, "--max-viewers", "0"), 2);
    assert_int_equal(load(*state, &config, "--max-viewers", "12a"), 2);
}

static void values_that_cannot_be_are_refused(void **state)
{
    config_t config;
    good_environment();
    assert_int_equal(load(*state, &config, "--currency", "usd"), 2);
    assert_int_equal(load(*state, &config, "--cookie-name", "a=b"), 2);
    assert_int_equal(load(*state, &config, "--allowed-origin", "*"), 2);
    assert_int_equal(load(*state, &config, "--no-such-option", "1"), 2);
    assert_int_equal(load(*state, &config, "--currency", NULL), 2);
    char long_path[200];
    memset(long_path, 'x', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(load(*state, &config, "--listen", long_path), 2);
}

UNIT_MAIN(pooled(database_and_secret_are_demanded), pooled(the_nearer_source_wins),
          pooled(a_file_of_a_secret_ends_without_its_newline), pooled(what_apache_alone_understands_is_refused),
          pooled(times_and_counts_have_bounds), pooled(values_that_cannot_be_are_refused))
