#include "ctl.h"

#include <apr_env.h>
#include <apr_strings.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/money.h"
#include "core/password.h"
#include "dotenv.h"

const char *ctl_option_value(const ctl_t *ctl, const char *name)
{
    return apr_table_get(ctl->options, name);
}

/* The directory above the one this program is in: the checkout, when it is build/ordersctl. */
static const char *checkout(apr_pool_t *pool)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0)
        return NULL;
    path[len] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (!slash)
            return NULL;
        *slash = '\0';
    }
    return apr_pstrdup(pool, path);
}

/* Where `.env` and `.run` may be: the working directory, then the checkout. NULL ends the list. */
static void homes(apr_pool_t *pool, const char *home[3])
{
    home[0] = ".";
    home[1] = checkout(pool);
    home[2] = NULL;
}

/* As ctl_setting; *home is the directory whose `.env` it was, or "." for the environment. */
static const char *find_setting(const ctl_t *ctl, const char *name, const char **home, const char **source)
{
    const char *dirs[3];
    char *value = NULL;
    *home = ".";
    *source = apr_psprintf(ctl->pool, "%s in the environment", name);
    if (apr_env_get(&value, name, ctl->pool) == APR_SUCCESS && *value)
        return value;
    homes(ctl->pool, dirs);
    for (int i = 0; dirs[i]; i++) {
        const char *path = apr_pstrcat(ctl->pool, dirs[i], "/.env", NULL);
        const char *text = dotenv_read_file(ctl->pool, path);
        const char *found = text ? dotenv_value(ctl->pool, text, name) : NULL;
        if (found) {
            *home = dirs[i];
            *source = apr_psprintf(ctl->pool, "%s in %s", name, path);
            return found;
        }
    }
    return NULL;
}

const char *ctl_setting(const ctl_t *ctl, const char *name, const char **source)
{
    const char *home;
    return find_setting(ctl, name, &home, source);
}

/* The content of `dir`/mongodb.uri, without its line end; NULL when there is no such file. */
static const char *uri_file(ctl_t *ctl, const char *dir)
{
    const char *path = apr_pstrcat(ctl->pool, dir, "/mongodb.uri", NULL);
    const char *text = dotenv_read_file(ctl->pool, path);
    if (!text)
        return NULL;
    ctl->uri_source = path;
    return apr_pstrmemdup(ctl->pool, text, strcspn(text, "\r\n"));
}

static const char *running_database(ctl_t *ctl)
{
    const char *home, *source, *dirs[3], *uri = NULL;
    const char *run_dir = find_setting(ctl, "RUN_DIR", &home, &source);
    if (run_dir)
        return uri_file(ctl, *run_dir == '/' ? run_dir : apr_pstrcat(ctl->pool, home, "/", run_dir, NULL));
    homes(ctl->pool, dirs);
    for (int i = 0; dirs[i] && !uri; i++)
        uri = uri_file(ctl, apr_pstrcat(ctl->pool, dirs[i], "/.run", NULL));
    return uri;
}

int ctl_find_database(ctl_t *ctl)
{
    ctl->uri = ctl_option_value(ctl, "uri");
    ctl->uri_source = "--uri";
    if (!ctl->uri)
        ctl->uri = ctl_setting(ctl, "MONGODB_URI", &ctl->uri_source);
    if (!ctl->uri)
        ctl->uri = running_database(ctl);
    if (!ctl->uri)
        return ctl_fail(ctl, CTL_UNREACHABLE, "no-database",
                        "no database is known: give --uri, set MONGODB_URI (environment or .env), or run `make start`, "
                        "which leaves its address in RUN_DIR/mongodb.uri.");
    const char *wrong = store_check_uri(ctl->pool, ctl->uri);
    if (wrong)
        return ctl_fail(ctl, CTL_USAGE, "usage", "%s: %s", ctl->uri_source, wrong);
    return CTL_OK;
}

int ctl_find_currency(ctl_t *ctl)
{
    const char *source = "--currency";
    ctl->currency = ctl_option_value(ctl, "currency");
    if (!ctl->currency)
        ctl->currency = ctl_setting(ctl, "CURRENCY", &source);
    if (!ctl->currency)
        ctl->currency = "USD";
    ctl->exponent = money_exponent(ctl->currency);
    if (ctl->exponent < 0)
        return ctl_fail(ctl, CTL_USAGE, "usage",
                        "%s: '%s' is no currency; allowed are ISO 4217 codes in capitals such as USD, EUR or JPY.",
                        source, ctl->currency);
    return CTL_OK;
}

int ctl_find_cost(const ctl_t *ctl, int *cost)
{
    const char *source;
    char *end;
    const char *text = ctl_setting(ctl, "BCRYPT_COST", &source);
    *cost = 10;
    if (!text)
        return CTL_OK;
    long value = strtol(text, &end, 10);
    if (*end || value < PASSWORD_COST_MIN || value > PASSWORD_COST_MAX)
        return ctl_fail(ctl, CTL_USAGE, "usage", "%s: '%s' is no bcrypt cost; allowed are %d to %d.", source, text,
                        PASSWORD_COST_MIN, PASSWORD_COST_MAX);
    *cost = (int)value;
    return CTL_OK;
}
