/* The settings' table, and how their values come to be. */
#include "config.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "core/money.h"
#include "core/store.h"
#include "origin.h"

#define FILE_MAX (1 << 20)

typedef struct setting setting_t;

/* A sentence that says what is allowed, or NULL: the value was fine and is in *config. */
typedef const char *(*take_fn)(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value);

struct setting {
    const char *flag; /* NULL: not on the command line */
    const char *env;
    const char *directive; /* NULL: Apache has none */
    take_fn take;
    size_t offset;
    int64_t min, max;
    const char *value; /* in --help */
    const char *help;
};

static void *member(config_t *config, const setting_t *setting)
{
    return (char *)config + setting->offset;
}

/* --- What a setting takes -------------------------------------------------------------------------------------------- */

static const char *take_text(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    (void)pool;
    *(const char **)member(config, setting) = value;
    return *value ? NULL : "it must not be empty";
}

static const char *take_socket(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    if (strlen(value) >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return "it must be the path of a unix socket, of at most 107 bytes";
    return take_text(config, setting, pool, value);
}

/* At most *len bytes, and a NUL behind them. NULL, and *why says why. */
static char *read_text(apr_pool_t *pool, const char *path, apr_size_t *len, const char **why)
{
    apr_file_t *file;
    char *text = apr_pcalloc(pool, *len + 1), error[120];
    apr_status_t rv = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT, pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(file, text, *len, len);
        apr_file_close(file);
    }
    if (rv == APR_SUCCESS || rv == APR_EOF)
        return text;
    *why = apr_pstrdup(pool, apr_strerror(rv, error, sizeof error));
    return NULL;
}

static const char *take_file(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    apr_size_t len = 4097;
    const char *why;
    char *text = read_text(pool, value, &len, &why);
    if (!text)
        return apr_psprintf(pool, "the file cannot be read: %s", why);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = '\0';
    *(const char **)member(config, setting) = text;
    return len == 0 || len > 4096 || strlen(text) != len ? "the file must hold 1 to 4096 bytes of text" : NULL;
}

static const char *take_currency(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    config->exponent = money_exponent(value);
    return config->exponent < 0 ? "it must be a currency code of ISO 4217 in capitals, such as USD, EUR or JPY"
                                : take_text(config, setting, pool, value);
}

static const char *take_cookie_name(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    size_t len = strlen(value);
    for (size_t i = 0; i < len; i++)
        if (!apr_isalnum(value[i]) && !strchr("!#$%&'*+-.^_`|~", value[i]))
            len = 0;
    return len == 0 || len > 64 ? "it must be 1 to 64 characters out of letters, digits and !#$%&'*+-.^_`|~"
                                : take_text(config, setting, pool, value);
}

static const char *take_origins(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    return origin_list_valid(value) ? take_text(config, setting, pool, value)
                                    : "it must be one or more origins, such as https://shop.example.com, with blanks "
                                      "between them";
}

static const char *take_count(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    char *end = NULL;
    errno = 0;
    int64_t number = apr_isdigit(*value) ? apr_strtoi64(value, &end, 10) : -1;
    if (number < setting->min || number > setting->max || errno || !end || *end)
        return apr_psprintf(pool, "it must be a whole number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT,
                            setting->min, setting->max);
    *(int *)member(config, setting) = (int)number;
    return NULL;
}

/* Apache's notation: seconds unless a unit follows. Bounds and result are in milliseconds. */
static const char *take_time(config_t *config, const setting_t *setting, apr_pool_t *pool, const char *value)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"mi", 60000}, {"min", 60000}, {"h", 3600000}};
    char *end = NULL;
    int64_t ms = -1, number = apr_isdigit(*value) ? apr_strtoi64(value, &end, 10) : -1;
    for (size_t i = 0; end && i < sizeof units / sizeof units[0]; i++)
        if (strcmp(end, units[i].unit) == 0 && number <= setting->max)
            ms = number * units[i].ms;
    if (ms < setting->min || ms > setting->max)
        return apr_psprintf(
            pool, "it must be a time from %" APR_INT64_T_FMT "ms to %" APR_INT64_T_FMT "s, such as 25, 500ms or 10mi",
            setting->min, setting->max / 1000);
    *(int *)member(config, setting) = (int)ms;
    return NULL;
}

#define AT(name) offsetof(config_t, name)

static const setting_t settings[] = {
    {"listen", "BRIDGE_LISTEN", NULL, take_socket, AT(listen), 0, 0, "PATH",
     "unix socket where Apache reaches the bridge (not needed where systemd passes one)"},
    {"datagrams", "BRIDGE_SOCKET", "OrdersBridgeSocket", take_socket, AT(datagrams), 0, 0, "PATH",
     "unix socket where mod_orders tells what changed; without one the change stream alone does"},
    {"mongodb-uri-file", "MONGODB_URI_FILE", NULL, take_file, AT(mongo_uri), 0, 0, "PATH",
     "a file with the connection string of the database"},
    {NULL, "MONGODB_URI", "OrdersMongoUri", take_text, AT(mongo_uri), 0, 0, NULL, NULL},
    {"jwt-secret-file", "JWT_SECRET_FILE", "OrdersJwtSecretFile", take_file, AT(secret), 0, 0, "PATH",
     "a file with the secret that signs session tokens"},
    {NULL, "JWT_SECRET", "OrdersJwtSecret", take_text, AT(secret), 0, 0, NULL, NULL},
    {"currency", "CURRENCY", "OrdersCurrency", take_currency, AT(currency), 0, 0, "CODE", "the shop's currency [USD]"},
    {"cookie-name", "COOKIE_NAME", "OrdersCookieName", take_cookie_name, AT(cookie_name), 0, 0, "NAME",
     "the session cookie [__Host-session]"},
    {"allowed-origin", "ALLOWED_ORIGIN", "OrdersAllowedOrigin", take_origins, AT(allowed_origins), 0, 0, "ORIGIN ...",
     "pages of which origins may connect [those of the host they ask]"},
    {"user", "BRIDGE_USER", NULL, take_text, AT(user), 0, 0, "NAME",
     "started as root: become this user once the sockets stand"},
    {"web-user", "BRIDGE_WEB_USER", NULL, take_text, AT(web_user), 0, 0, "NAME",
     "whose datagrams are taken besides root's and this process' own: the user of Apache's children"},
    {"max-viewers", "MAX_VIEWERS", NULL, take_count, AT(max_viewers), 1, 1000000, "N",
     "viewers at once; keep it below Apache's MaxRequestWorkers [256]"},
    {"ring-events", "BRIDGE_RING_EVENTS", NULL, take_count, AT(ring_events), 1, 1000000, "N",
     "events kept for viewers that come back [10000]"},
    {"ring-bytes", "BRIDGE_RING_BYTES", NULL, take_count, AT(ring_bytes), 65536, 1 << 30, "N",
     "memory for them at most [33554432]"},
    {"heartbeat", "BRIDGE_HEARTBEAT", NULL, take_time, AT(heartbeat_ms), 100, 3600000, "TIME",
     "between heartbeats and pings; below Apache's ProxyTimeout [25]"},
    {"ping-timeout", "BRIDGE_PING_TIMEOUT", NULL, take_time, AT(ping_timeout_ms), 100, 3600000, "TIME",
     "for the answer to a ping [20]"},
    {"rotate", "BRIDGE_ROTATE", NULL, take_time, AT(rotate_ms), 100, 86400000, "TIME",
     "after this long, give or take 20 %, a viewer is asked to reconnect [600]"},
    {"handshake-timeout", "BRIDGE_HANDSHAKE_TIMEOUT", NULL, take_time, AT(handshake_ms), 100, 600000, "TIME",
     "for a request's head, and until a Socket.IO client says who it is [10]"},
    {"ready-wait", "BRIDGE_READY_WAIT", NULL, take_time, AT(ready_wait_ms), 100, 600000, "TIME",
     "how long a viewer waits for the change stream before it is told to come later [10]"},
    {"max-queue-bytes", "BRIDGE_MAX_QUEUE_BYTES", NULL, take_count, AT(queue_bytes), 65536, 1 << 30, "N",
     "a viewer with more waiting for it is too slow and is cut [1048576]"},
    {"max-queue-events", "BRIDGE_MAX_QUEUE_EVENTS", NULL, take_count, AT(queue_events), 10, 1000000, "N",
     "the same, in events [1000]"},
    {"max-message-bytes", "BRIDGE_MAX_MESSAGE_BYTES", NULL, take_count, AT(message_bytes), 1024, 1 << 24, "N",
     "of a message from a viewer [16384]"},
    {"messages-per-minute", "BRIDGE_MESSAGES_PER_MINUTE", NULL, take_count, AT(messages_per_minute), 1, 1000000, "N",
     "from a viewer [120]"},
};

#define SETTING_COUNT (sizeof settings / sizeof settings[0])

static const config_t defaults = {
    .currency = "USD",
    .exponent = 2,
    .cookie_name = "__Host-session",
    .max_viewers = 256,
    .ring_events = 10000,
    .ring_bytes = 32 << 20,
    .heartbeat_ms = 25000,
    .ping_timeout_ms = 20000,
    .rotate_ms = 600000,
    .handshake_ms = 10000,
    .ready_wait_ms = 10000,
    .queue_bytes = 1 << 20,
    .queue_events = 1000,
    .message_bytes = 16384,
    .messages_per_minute = 120,
};

/* --- Where values come from ------------------------------------------------------------------------------------------ */

enum rank { FROM_NOWHERE, FROM_FILE, FROM_ENVIRONMENT, FROM_COMMAND_LINE };

typedef struct given {
    enum rank rank;
    const char *name; /* as the giver calls it */
    const char *value;
} given_t;

typedef struct reading {
    apr_pool_t *pool;
    given_t given[SETTING_COUNT];
    const char *fault;
} reading_t;

static void fault(reading_t *reading, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fault(reading_t *reading, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!reading->fault)
        reading->fault = apr_pvsprintf(reading->pool, format, args);
    va_end(args);
}

static void give(reading_t *reading, size_t i, enum rank rank, const char *name, const char *value)
{
    reading->given[i] = (given_t){.rank = rank, .name = name, .value = value};
}

/* The directive's argument: bare up to a blank, or in quotes. */
static const char *argument_of(apr_pool_t *pool, const char *text)
{
    text += strspn(text, " \t");
    const char *end = *text == '"' || *text == '\'' ? strchr(text + 1, *text) : NULL;
    if (end)
        return apr_pstrmemdup(pool, text + 1, (size_t)(end - text - 1));
    return apr_pstrmemdup(pool, text, strcspn(text, "\r"));
}

static void take_line(reading_t *reading, const char *path, const char *line)
{
    line += strspn(line, " \t");
    size_t len = strcspn(line, " \t\r");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *name = settings[i].directive;
        if (!name || strlen(name) != len || strncasecmp(line, name, len) != 0)
            continue;
        const char *value = argument_of(reading->pool, line + len);
        if (strstr(value, "${"))
            fault(reading, "%s: %s: variables of Apache's configuration are not known here: %s", path, name, value);
        if ((settings[i].take == take_socket || settings[i].take == take_file) && *value != '/')
            fault(reading, "%s: %s: '%s' is not absolute: only Apache knows its ServerRoot", path, name, value);
        give(reading, i, FROM_FILE, name, value);
    }
}

static void read_file(reading_t *reading, const char *path)
{
    apr_size_t len = FILE_MAX;
    const char *why;
    char *state, *text = read_text(reading->pool, path, &len, &why);
    if (!text) {
        fault(reading, "--config: %s cannot be read: %s", path, why);
        return;
    }
    for (char *line = apr_strtok(text, "\n", &state); line; line = apr_strtok(NULL, "\n", &state))
        take_line(reading, path, line);
}

static void read_environment(reading_t *reading)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *value = getenv(settings[i].env); /* NOLINT(concurrency-mt-unsafe): there are no threads yet */
        if (value && *value)
            give(reading, i, FROM_ENVIRONMENT, settings[i].env, value);
    }
}

static const char *const file_flag = "--config";

/* The value of argv[*at], which is --name VALUE or --name=VALUE; NULL where it is not that flag. */
static const char *flag_value(reading_t *reading, char **argv, int *at, const char *name)
{
    const char *text = argv[*at];
    size_t len = strlen(name);
    if (strncmp(text, name, len) != 0 || (text[len] && text[len] != '='))
        return NULL;
    if (text[len])
        return text + len + 1;
    if (!argv[*at + 1]) {
        fault(reading, "%s needs a value", name);
        return "";
    }
    return argv[++*at];
}

static bool take_flag(reading_t *reading, char **argv, int *at)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *name = settings[i].flag ? apr_pstrcat(reading->pool, "--", settings[i].flag, NULL) : NULL;
        const char *value = name ? flag_value(reading, argv, at, name) : NULL;
        if (!value)
            continue;
        give(reading, i, FROM_COMMAND_LINE, name, value);
        return true;
    }
    return false;
}

static void read_arguments(reading_t *reading, config_t *config, char **argv)
{
    for (int at = 1; argv[at]; at++) {
        if (!strcmp(argv[at], "--check"))
            config->check_only = true;
        else if (!take_flag(reading, argv, &at) && !flag_value(reading, argv, &at, file_flag))
            fault(reading, "%s is not an option: wsbridge --help lists them", argv[at]);
    }
}

static const char *config_file(reading_t *reading, char **argv)
{
    const char *found = NULL;
    for (int at = 1; argv[at]; at++) {
        const char *value = flag_value(reading, argv, &at, file_flag);
        found = value ? value : found;
    }
    return found;
}

/* --- The whole ------------------------------------------------------------------------------------------------------- */

/* A setting with two rows (a text, and a file with it) goes by the row that was given closer by. */
static const given_t *rival(const reading_t *reading, size_t i)
{
    for (size_t j = 0; j < SETTING_COUNT; j++)
        if (j != i && settings[j].offset == settings[i].offset && reading->given[j].rank >= reading->given[i].rank)
            return &reading->given[j];
    return NULL;
}

static void take_values(reading_t *reading, config_t *config)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const given_t *given = &reading->given[i], *other;
        if (given->rank == FROM_NOWHERE)
            continue;
        if ((other = rival(reading, i))) {
            if (other->rank == given->rank)
                fault(reading, "%s and %s are two ways to say one thing: use one of them", given->name, other->name);
            continue;
        }
        const char *why = settings[i].take(config, &settings[i], reading->pool, given->value);
        if (why && (settings[i].offset == AT(mongo_uri) || settings[i].offset == AT(secret)))
            fault(reading, "%s: %s", given->name, why); /* the value is, or is near, a secret */
        else if (why)
            fault(reading, "%s: '%s' is not allowed: %s", given->name, given->value, why);
    }
}

static void check_whole(reading_t *reading, config_t *config)
{
    const char *why = config->mongo_uri ? store_check_uri(reading->pool, config->mongo_uri) : NULL;
    if (!config->mongo_uri)
        fault(reading, "no database is named: use --mongodb-uri-file, MONGODB_URI or OrdersMongoUri in the file of "
                       "--config");
    else if (why)
        fault(reading, "the database's connection string: %s", why);
    if (!config->secret)
        fault(reading, "there is no secret: use --jwt-secret-file, JWT_SECRET or OrdersJwtSecretFile in the file of "
                       "--config");
    else if (strlen(config->secret) < SECRET_MIN_BYTES)
        fault(reading, "the secret is %zu bytes long: it must be the one of mod_orders, of at least %d bytes",
              strlen(config->secret), SECRET_MIN_BYTES);
}

static void print_help(apr_pool_t *pool)
{
    puts(
        "usage: wsbridge [OPTION ...]\n"
        "\n"
        "The live status bridge of mod_orders: it tells viewers, by WebSocket at /ws and by Socket.IO at /socket.io/,\n"
        "what changes in orders and stock. Apache proxies to it (conf/mod_orders_live.conf shows how); GET /healthz on "
        "its\n"
        "socket tells its state. It ends on SIGTERM and SIGINT.\n"
        "\n"
        "A setting is the option's, else the environment variable's, else that of the directive in the file of\n"
        "--config, else the default [in brackets]. Times are in seconds unless ms, s, mi or h follows.\n");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const setting_t *setting = &settings[i];
        if (!setting->flag) {
            printf("  (no option; %s%s%s)\n      the same as a text: not for a command line, which others can see\n",
                   setting->env, setting->directive ? ", " : "", setting->directive ? setting->directive : "");
            continue;
        }
        const char *option = apr_psprintf(pool, "--%s %s", setting->flag, setting->value);
        printf("  %-32s (%s%s%s)\n      %s\n", option, setting->env, setting->directive ? ", " : "",
               setting->directive ? setting->directive : "", setting->help);
    }
    puts("  --config PATH\n      an Apache configuration file: its Orders* directives count here too\n"
         "  --check\n      say whether the settings are good, and end\n"
         "  --help\n      this text");
}

bool config_load(config_t *config, apr_pool_t *pool, int argc, char **argv, int *exit_status)
{
    reading_t reading = {.pool = pool};
    *config = defaults;
    *exit_status = 0;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            print_help(pool);
            return false;
        }
    const char *file = config_file(&reading, argv);
    if (file)
        read_file(&reading, file);
    read_environment(&reading);
    read_arguments(&reading, config, argv);
    take_values(&reading, config);
    check_whole(&reading, config);
    if (reading.fault) {
        fprintf(stderr, "wsbridge: %s\n", reading.fault);
        *exit_status = 2;
        return false;
    }
    keys_derive(&config->keys, config->secret, strlen(config->secret));
    return true;
}
