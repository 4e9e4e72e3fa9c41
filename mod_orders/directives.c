/* The Orders* directives: what each takes, and what is refused. docs/directives.md is held against the table below by a test. */
#include <httpd.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <errno.h>
#include <http_core.h>
#include <http_log.h>
#include <string.h>
#include <sys/un.h>
#include "core/money.h"
#include "core/ledger.h"
#include "core/password.h"
#include "core/store.h"
#include "directives.h"

APLOG_USE_MODULE(orders);

#define SECRET_FILE_MAX 4096
#define COOKIE_NAME_MAX 64
#define HOUR            3600
#define DAY             (24 * HOUR)

typedef struct server_config {
    int engine; /* -1: not said here */
} server_config;

static orders_config settings;
static const char *secret_from; /* the directive that set the secret, or NULL */

void orders_config_reset(apr_pool_t *pconf)
{
    (void)pconf;
    secret_from = NULL;
    settings = (orders_config){
        .currency = "USD",
        .token_lifetime = HOUR,
        .session_max = 12 * HOUR,
        .cookie_name = "__Host-session",
        .csrf_cookie_name = "__Host-csrf",
        .bcrypt_cost = 10,
        .request_timeout_ms = 5000,
        .batch_max = LEDGER_BATCH_OPS,
        .require_payment = 1,
        .rate_limit = 1,
    };
}

void *orders_create_server_config(apr_pool_t *pool, server_rec *server)
{
    (void)server;
    server_config *config = apr_palloc(pool, sizeof(*config));
    config->engine = -1;
    return config;
}

void *orders_merge_server_config(apr_pool_t *pool, void *base, void *add)
{
    const server_config *outer = base, *inner = add;
    server_config *config = apr_palloc(pool, sizeof(*config));
    config->engine = inner->engine >= 0 ? inner->engine : outer->engine;
    return config;
}

orders_config *orders_config_get(void)
{
    return &settings;
}

int orders_engine_on(const server_rec *server)
{
    const server_config *config = ap_get_module_config(server->module_config, &orders_module);
    return config->engine == 1;
}

int orders_engine_anywhere(server_rec *main_server)
{
    for (server_rec *server = main_server; server; server = server->next)
        if (orders_engine_on(server))
            return 1;
    return 0;
}

void orders_config_finish(apr_pool_t *pconf)
{
    (void)pconf;
    settings.exponent = money_exponent(settings.currency);
    keys_derive(&settings.keys, settings.secret, strlen(settings.secret));
}

/* --- What the directives take ------------------------------------------------------------------------------------- */

typedef enum { UNIT_NONE, UNIT_SECONDS, UNIT_MILLISECONDS } number_unit;

/* A whole number within bounds, kept in an int of orders_config. */
typedef struct number_setting {
    size_t offset;
    int min, max; /* in the unit it is kept in */
    number_unit unit;
    const char *allowed; /* for the message */
} number_setting;

static const number_setting mongo_pool_size = {offsetof(orders_config, mongo_pool_size), 1, 1000, UNIT_NONE,
                                               "a whole number from 1 to 1000"};
static const number_setting token_lifetime = {offsetof(orders_config, token_lifetime), 60, 7 * DAY, UNIT_SECONDS,
                                              "60 seconds to 7 days (604800), such as 3600 or 1h"};
static const number_setting session_max = {offsetof(orders_config, session_max), 60, 30 * DAY, UNIT_SECONDS,
                                           "60 seconds to 30 days (2592000), such as 43200 or 12h"};
static const number_setting bcrypt_cost = {offsetof(orders_config, bcrypt_cost), PASSWORD_COST_MIN, PASSWORD_COST_MAX,
                                           UNIT_NONE, "a whole number from 4 to 15"};
static const number_setting hash_slots = {offsetof(orders_config, hash_slots), 1, 64, UNIT_NONE,
                                          "a whole number from 1 to 64"};
/* httpd kills a child about 10 seconds after it was told to stop: a request must be over by then. */
static const number_setting request_timeout = {offsetof(orders_config, request_timeout_ms), 1000, 8000,
                                               UNIT_MILLISECONDS, "1 to 8 seconds, such as 5 or 2500ms"};

static const number_setting batch_max = {offsetof(orders_config, batch_max), 1, LEDGER_BATCH_OPS, UNIT_NONE,
                                         "a whole number from 1 to 64"};

static const char *server_wide_only(cmd_parms *cmd)
{
    if (!ap_check_cmd_context(cmd, GLOBAL_ONLY))
        return NULL;
    return apr_psprintf(cmd->pool,
                        "%s is one setting for the whole httpd: move it out of <VirtualHost> and all other "
                        "sections, into the server configuration (OrdersEngine alone may differ between virtual hosts)",
                        cmd->cmd->name);
}

static const char *refuse(cmd_parms *cmd, const char *value, const char *allowed)
{
    return apr_psprintf(cmd->pool, "%s: '%s' is not allowed: it must be %s", cmd->cmd->name, value, allowed);
}

/* Apache's own function takes anything after a unit's first letter. */
static int is_time_unit(const char *text)
{
    static const char *const units[] = {"", "ms", "s", "mi", "min", "h"};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(text, units[i]) == 0)
            return 1;
    return 0;
}

/* A plain count, or a time in Apache's notation (ms, s, mi, h) in the setting's unit; false when it is neither. */
static int parse_number(const char *text, number_unit unit, apr_int64_t *value)
{
    char *end;
    apr_interval_time_t time, step = unit == UNIT_SECONDS ? APR_USEC_PER_SEC : 1000;

    if (!apr_isdigit(*text))
        return 0;
    errno = 0;
    *value = apr_strtoi64(text, &end, 10);
    if (unit == UNIT_NONE)
        return *end == '\0' && errno == 0;
    if (errno != 0 || !is_time_unit(end) || ap_timeout_parameter_parse(text, &time, "s") != APR_SUCCESS)
        return 0;
    *value = time / step;
    return time % step == 0;
}

/* As Apache's own flags, whose message would not name the value. */
static int parse_flag(const char *text)
{
    return ap_cstr_casecmp(text, "on") == 0 ? 1 : ap_cstr_casecmp(text, "off") == 0 ? 0 : -1;
}

static const char *set_number(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const number_setting *setting = cmd->info;
    const char *error = server_wide_only(cmd);
    if (error)
        return error;
    apr_int64_t number;
    if (!parse_number(value, setting->unit, &number) || number < setting->min || number > setting->max)
        return refuse(cmd, value, setting->allowed);
    *(int *)((char *)&settings + setting->offset) = (int)number;
    return NULL;
}

static const char *set_flag(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    int on = parse_flag(value);
    const char *error = server_wide_only(cmd);
    if (error || on < 0)
        return error ? error : refuse(cmd, value, "On or Off");
    *(int *)((char *)&settings + (size_t)(apr_uintptr_t)cmd->info) = on;
    return NULL;
}

static const char *set_engine(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    int on = parse_flag(value);
    const char *error = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);
    if (error || on < 0)
        return error ? error : refuse(cmd, value, "On or Off");
    server_config *config = ap_get_module_config(cmd->server->module_config, &orders_module);
    config->engine = on;
    return NULL;
}

/* The value stays out of the message: it may hold a password. */
static const char *set_mongo_uri(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const char *error = server_wide_only(cmd);
    if (error)
        return error;
    const char *why = store_check_uri(cmd->pool, value);
    if (why)
        return apr_psprintf(cmd->pool, "OrdersMongoUri: %s", why);
    settings.mongo_uri = value;
    return NULL;
}

static const char *set_secret(cmd_parms *cmd, const char *secret, const char *where)
{
    if (secret_from && strcmp(secret_from, cmd->cmd->name) != 0)
        return apr_psprintf(cmd->pool, "%s: the secret was already set by %s: use one of the two", cmd->cmd->name,
                            secret_from);
    if (strlen(secret) < SECRET_MIN_BYTES)
        return apr_psprintf(cmd->pool,
                            "%s: %s is %" APR_SIZE_T_FMT
                            " bytes long: it must be at least %d random bytes, such as the "
                            "output of: openssl rand -hex 32",
                            cmd->cmd->name, where, strlen(secret), SECRET_MIN_BYTES);
    secret_from = cmd->cmd->name;
    settings.secret = secret;
    return NULL;
}

static const char *set_secret_text(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const char *error = server_wide_only(cmd);
    return error ? error : set_secret(cmd, value, "the secret");
}

/* The file's text in *content, without the newline that editors end it with. */
static const char *read_secret(cmd_parms *cmd, const char *path, const char **content)
{
    apr_file_t *file;
    apr_finfo_t info;
    char why[120];
    apr_size_t len = SECRET_FILE_MAX + 1;
    char *text = apr_palloc(cmd->pool, len + 1);

    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT, cmd->temp_pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(file, text, len, &len);
        if (rv == APR_EOF)
            rv = APR_SUCCESS;
        if (rv == APR_SUCCESS && apr_file_info_get(&info, APR_FINFO_PROT, file) == APR_SUCCESS &&
            (info.protection & APR_FPROT_WREAD))
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, cmd->server,
                         "OrdersJwtSecretFile: every user of this host can read %s: take that away (chmod o-rwx)",
                         path);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS)
        return apr_psprintf(cmd->pool, "OrdersJwtSecretFile: %s cannot be read: %s", path,
                            apr_strerror(rv, why, sizeof(why)));
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    text[len] = '\0';
    if (len > SECRET_FILE_MAX || memchr(text, '\0', len))
        return apr_psprintf(cmd->pool, "OrdersJwtSecretFile: %s must hold text of %d to %d bytes, without NUL bytes",
                            path, SECRET_MIN_BYTES, SECRET_FILE_MAX);
    *content = text;
    return NULL;
}

static const char *set_secret_file(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const char *error = server_wide_only(cmd);
    if (error)
        return error;
    const char *path = ap_server_root_relative(cmd->pool, value);
    if (!path)
        return refuse(cmd, value, "the path of a file, absolute or relative to ServerRoot");
    const char *secret = "";
    error = read_secret(cmd, path, &secret);
    return error ? error : set_secret(cmd, secret, apr_pstrcat(cmd->temp_pool, "the secret in ", path, NULL));
}

static const char *set_currency(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const char *error = server_wide_only(cmd);
    if (error)
        return error;
    if (money_exponent(value) < 0)
        return refuse(cmd, value, "a currency code of ISO 4217 in capitals, such as USD, EUR or JPY");
    settings.currency = value;
    return NULL;
}

static const char *set_cookie_name(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const char *error = server_wide_only(cmd);
    if (error)
        return error;
    size_t len = strlen(value);
    if (len == 0 || len > COOKIE_NAME_MAX || ap_scan_http_token(value)[0] != '\0')
        return refuse(cmd, value, "1 to 64 characters out of letters, digits and !#$%&'*+-.^_`|~");
    settings.cookie_name = value;
    settings.csrf_cookie_name =
        strcmp(value, "__Host-session") == 0 ? "__Host-csrf" : apr_pstrcat(cmd->pool, value, "-csrf", NULL);
    return NULL;
}

static const char *set_socket(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const char *error = server_wide_only(cmd);
    if (error)
        return error;
    const char *path = *value ? ap_server_root_relative(cmd->pool, value) : NULL;
    if (!path || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return refuse(cmd, value,
                      "the path of a unix socket, absolute or relative to ServerRoot, of at most 107 bytes in all");
    *(const char **)((char *)&settings + (size_t)(apr_uintptr_t)cmd->info) = path;
    return NULL;
}

/* The bridge reads it from this file itself (wsbridge --config): here it is only held against its form. */
static const char *check_origin(cmd_parms *cmd, void *dummy, const char *value)
{
    (void)dummy;
    const char *error = server_wide_only(cmd);
    if (error)
        return error;
    const char *rest = ap_cstr_casecmpn(value, "https://", 8) == 0  ? value + 8
                       : ap_cstr_casecmpn(value, "http://", 7) == 0 ? value + 7
                                                                    : "";
    if (!*rest || strcspn(rest, "/?#@\"\\<>,;* \t") != strlen(rest))
        return refuse(cmd, value, "an origin: scheme, host and port, if any, such as https://shop.example.com");
    return NULL;
}

/* --- The table ---------------------------------------------------------------------------------------------------- */

/* Where a directive may stand; SERVER_WIDE ones are refused inside <VirtualHost> by their functions. */
#define SERVER_WIDE  RSRC_CONF
#define VIRTUAL_HOST RSRC_CONF
#define FLAG(member) ((void *)offsetof(orders_config, member))
#define PATH(member) ((void *)offsetof(orders_config, member))
#define NUMBER(name) ((void *)&(name))

/* The last column is "syntax: what it does". */
const command_rec orders_directives[] = {
    AP_INIT_TAKE1("OrdersEngine", set_engine, NULL, VIRTUAL_HOST,
                  "On|Off: whether the order system answers /api and /healthz here"),
    AP_INIT_TAKE1("OrdersMongoUri", set_mongo_uri, NULL, SERVER_WIDE, "uri: the MongoDB replica set to use"),
    AP_INIT_TAKE1("OrdersMongoPoolSize", set_number, NUMBER(mongo_pool_size), SERVER_WIDE,
                  "number: database connections of a child process at most"),
    AP_INIT_TAKE1("OrdersJwtSecret", set_secret_text, NULL, SERVER_WIDE, "text: the secret that signs session tokens"),
    AP_INIT_TAKE1("OrdersJwtSecretFile", set_secret_file, NULL, SERVER_WIDE,
                  "path: a file with the secret that signs session tokens"),
    AP_INIT_TAKE1("OrdersCurrency", set_currency, NULL, SERVER_WIDE, "code: the shop's currency"),
    AP_INIT_TAKE1("OrdersTokenLifetime", set_number, NUMBER(token_lifetime), SERVER_WIDE,
                  "seconds[s|mi|h]: how long a session token is good"),
    AP_INIT_TAKE1("OrdersSessionMax", set_number, NUMBER(session_max), SERVER_WIDE,
                  "seconds[s|mi|h]: how long a session can be renewed after signing in"),
    AP_INIT_TAKE1("OrdersCookieName", set_cookie_name, NULL, SERVER_WIDE, "name: the session cookie"),
    AP_INIT_TAKE1("OrdersBcryptCost", set_number, NUMBER(bcrypt_cost), SERVER_WIDE,
                  "number: the work of hashing a password, as a power of two"),
    AP_INIT_TAKE1("OrdersHashSlots", set_number, NUMBER(hash_slots), SERVER_WIDE,
                  "number: passwords that a child process hashes at once"),
    AP_INIT_TAKE1("OrdersRequestTimeout", set_number, NUMBER(request_timeout), SERVER_WIDE,
                  "seconds[ms|s]: how long a request may take in all"),
    AP_INIT_TAKE1("OrdersBatchMax", set_number, NUMBER(batch_max), SERVER_WIDE,
                  "number: changes that a child process puts into one transaction"),
    AP_INIT_TAKE1("OrdersRequirePayment", set_flag, FLAG(require_payment), SERVER_WIDE,
                  "On|Off: whether an order must be paid before it is shipped"),
    AP_INIT_TAKE1("OrdersRequireIdempotencyKey", set_flag, FLAG(require_idempotency_key), SERVER_WIDE,
                  "On|Off: whether placing an order needs an Idempotency-Key header"),
    AP_INIT_TAKE1("OrdersRateLimit", set_flag, FLAG(rate_limit), SERVER_WIDE,
                  "On|Off: whether sign-in and other requests are limited in number"),
    AP_INIT_TAKE1("OrdersBridgeSocket", set_socket, PATH(bridge_socket), SERVER_WIDE,
                  "path: the unix datagram socket of the live status bridge"),
    AP_INIT_TAKE1("OrdersBridgeStatus", set_socket, PATH(bridge_status), SERVER_WIDE,
                  "path: the unix socket where the live status bridge serves HTTP"),
    AP_INIT_ITERATE("OrdersAllowedOrigin", check_origin, NULL, SERVER_WIDE,
                    "origin [origin] ...: pages of which origins may watch live status"),
    {NULL}};

/* --- The whole ---------------------------------------------------------------------------------------------------- */

/* What no single directive can see, as a sentence; NULL when all is well. */
static const char *find_fault(apr_pool_t *pool)
{
    if (!settings.mongo_uri)
        return "OrdersEngine is On, but no database is named: set OrdersMongoUri";
    if (!settings.secret)
        return "OrdersEngine is On, but there is no secret: set OrdersJwtSecretFile (or OrdersJwtSecret) to at least "
               "32 "
               "random bytes, such as the output of: openssl rand -hex 32";
    if (settings.session_max < settings.token_lifetime)
        return apr_psprintf(
            pool,
            "OrdersSessionMax (%d seconds) is shorter than OrdersTokenLifetime (%d seconds): it must be at "
            "least as long",
            settings.session_max, settings.token_lifetime);
    return NULL;
}

int orders_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server)
{
    (void)pconf;
    (void)plog;
    if (!orders_engine_anywhere(server))
        return OK;
    const char *fault = find_fault(ptemp);
    if (!fault)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server, "%s", fault);
    return HTTP_INTERNAL_SERVER_ERROR;
}
