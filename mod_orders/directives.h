/* The Orders* directives. Server-wide ones are refused inside <VirtualHost>; OrdersEngine is a server's or virtual host's. */
#ifndef ORDERS_DIRECTIVES_H
#define ORDERS_DIRECTIVES_H

#include <httpd.h>
#include <http_config.h>
#include "core/keys.h"

/* One a process: the main server's. Read-only after post_config. */
typedef struct orders_config {
    const char *mongo_uri; /* OrdersMongoUri */
    int mongo_pool_size;   /* OrdersMongoPoolSize; 0: ThreadsPerChild */
    const char *secret;    /* OrdersJwtSecret, or the content of OrdersJwtSecretFile */
    keys_t keys;           /* derived in post_config */
    const char *currency;  /* OrdersCurrency */
    int exponent;
    int token_lifetime;           /* seconds, OrdersTokenLifetime */
    int session_max;              /* seconds, OrdersSessionMax */
    const char *cookie_name;      /* OrdersCookieName; default __Host-session */
    const char *csrf_cookie_name; /* __Host-csrf, or derived from the name above when that is changed */
    int bcrypt_cost;              /* OrdersBcryptCost */
    int hash_slots;               /* OrdersHashSlots: bcrypt runs at once, in all children; 0: hashing_slots() tells */
    int request_timeout_ms;       /* OrdersRequestTimeout */
    int batch_max;                /* OrdersBatchMax */
    int require_payment;          /* OrdersRequirePayment */
    int require_idempotency_key;  /* OrdersRequireIdempotencyKey */
    int rate_limit;               /* OrdersRateLimit On|Off */
    const char *bridge_socket;    /* OrdersBridgeSocket: the datagram socket's path, or NULL */
    const char *bridge_status;    /* OrdersBridgeStatus: the path of the socket where the bridge serves HTTP, or NULL */
} orders_config;

extern module AP_MODULE_DECLARE_DATA orders_module;
extern const command_rec orders_directives[];

/* pre_config: back to the defaults, before each reading of the configuration. */
void orders_config_reset(apr_pool_t *pconf);
void *orders_create_server_config(apr_pool_t *pool, server_rec *server);
void *orders_merge_server_config(apr_pool_t *pool, void *base, void *add);
/* The check_config hook: everything that can be seen offline. */
int orders_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server);
/* post_config: what is computed from the settings (exponent, keys). */
void orders_config_finish(apr_pool_t *pconf);

/* OrdersEngine of this server or virtual host. */
int orders_engine_on(const server_rec *server);
/* True when the engine is on in any server of the configuration. */
int orders_engine_anywhere(server_rec *main_server);
/* The process-wide settings; defaults filled in after check_config. */
orders_config *orders_config_get(void);

#endif
