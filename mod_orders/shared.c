/* Token versions and rate counters of all child processes, in anonymous shared memory behind one global mutex.
 *
 * Both tables are set-associative: a key's hash names a set of WAYS entries, and it lives in one of these or nowhere. So
 * the tables need no upkeep, and every access is bounded. What the mutex guards stays consistent even when a child is
 * killed while it holds it: an entry's time, which says that it counts at all, is written last.
 */
#include <httpd.h>
#include <apr_global_mutex.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_log.h>
#include <stdatomic.h>
#include <string.h>
#include <util_mutex.h>
#include "core/hashing.h"
#include "core/keys.h"
#include "directives.h"
#include "shared.h"

APLOG_USE_MODULE(orders);

#define MUTEX_TYPE      "orders-shared"
#define WAYS            8
#define VERSION_SETS    8192 /* 65,536 users seen within the last 30 s */
#define RATE_SETS       4096 /* 32,768 clients */
#define VERSION_TRUSTED apr_time_from_sec(30)

typedef struct version_entry {
    bson_oid_t user;
    int64_t version;
    apr_time_t asked; /* 0: free */
} version_entry;

typedef struct version_set {
    apr_time_t refused; /* when a version found no room here last: what was asked before that may be outdated */
    version_entry entry[WAYS];
} version_set;

/* A token bucket as one time ("GCRA"): each event moves `full` on by its share of the period; a `full` that would come to
 * lie more than the period ahead is over the limit. Past times are empty buckets. */
typedef struct rate_entry {
    uint64_t key[2];
    apr_time_t full;
} rate_entry;

typedef struct shared_memory {
    unsigned char hash_key[KEY_SIZE]; /* random, so that nobody can aim at a set */
    version_set versions[VERSION_SETS];
    rate_entry rates[RATE_SETS][WAYS];
    orphan_table orphans; /* needs no mutex: a slot has one writer */
    turn_t stock_turn;
    turn_t hashing_turns[HASHING_SLOTS_MAX];
} shared_memory;

static shared_memory *shared;
static apr_global_mutex_t *mutex;
static const char *mutex_file;
static server_rec *log_server;

/* --- Life --------------------------------------------------------------------------------------------------------- */

int shared_pre_config(apr_pool_t *pconf)
{
    shared = NULL;
    mutex = NULL;
    /* Robust: it is released when a process dies with it, and works on across reloads. */
#if APR_HAS_PROC_PTHREAD_SERIALIZE
    const apr_lockmech_e mechanism = APR_LOCK_PROC_PTHREAD;
#else
    const apr_lockmech_e mechanism = APR_LOCK_DEFAULT;
#endif
    return ap_mutex_register(pconf, MUTEX_TYPE, NULL, mechanism, 0) == APR_SUCCESS ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

int shared_create(apr_pool_t *pconf, server_rec *server)
{
    apr_shm_t *segment;
    apr_status_t rv = apr_shm_create(&segment, sizeof(shared_memory), NULL, pconf);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, rv, server, "no shared memory of %" APR_SIZE_T_FMT " bytes",
                     sizeof(shared_memory));
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    shared = apr_shm_baseaddr_get(segment); /* the system gives it filled with zeros */
    rv = apr_generate_random_bytes(shared->hash_key, sizeof(shared->hash_key));
    if (rv == APR_SUCCESS)
        rv = turn_init(&shared->stock_turn);
    for (int i = 0; rv == APR_SUCCESS && i < HASHING_SLOTS_MAX; i++)
        rv = turn_init(&shared->hashing_turns[i]);
    if (rv == APR_SUCCESS)
        rv = ap_global_mutex_create(&mutex, &mutex_file, MUTEX_TYPE, NULL, server, pconf, 0);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, rv, server, "no random numbers or no mutex " MUTEX_TYPE);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

orphan_table *shared_orphans(void)
{
    return shared ? &shared->orphans : NULL;
}

turn_t *shared_stock_turn(void)
{
    return shared ? &shared->stock_turn : NULL;
}

turn_t *shared_hashing_turns(void)
{
    return shared ? shared->hashing_turns : NULL;
}

void shared_child_init(apr_pool_t *pchild, server_rec *server)
{
    log_server = server;
    if (!mutex)
        return;
    apr_status_t rv = apr_global_mutex_child_init(&mutex, mutex_file, pchild);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, server, "mutex " MUTEX_TYPE " is not to be had in this child process");
        mutex = NULL;
    }
}

static void complain_once(apr_status_t rv)
{
    static atomic_flag said = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&said))
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, log_server,
                     "mutex " MUTEX_TYPE
                     " failed: requests are not limited in number, and each reads its user from the "
                     "database (said once a process)");
}

static int lock(void)
{
    apr_status_t rv = mutex ? apr_global_mutex_lock(mutex) : APR_ENOLOCK;
    if (rv != APR_SUCCESS)
        complain_once(rv);
    return rv == APR_SUCCESS;
}

static void unlock(void)
{
    apr_status_t rv = apr_global_mutex_unlock(mutex);
    if (rv != APR_SUCCESS)
        complain_once(rv);
}

/* --- Token versions ----------------------------------------------------------------------------------------------- */

/* FNV-1a: user ids are the database's, nobody chooses them. */
static version_set *version_set_of(const bson_oid_t *user)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof(user->bytes); i++)
        hash = (hash ^ user->bytes[i]) * UINT64_C(0x100000001b3);
    return &shared->versions[(hash ^ (hash >> 32)) % VERSION_SETS];
}

static int is_trusted(const version_entry *entry, apr_time_t now)
{
    return entry->asked != 0 && now - entry->asked <= VERSION_TRUSTED;
}

static version_entry *version_find(version_set *set, const bson_oid_t *user)
{
    for (int i = 0; i < WAYS; i++)
        if (set->entry[i].asked != 0 && bson_oid_equal(&set->entry[i].user, user))
            return &set->entry[i];
    return NULL;
}

static version_entry *version_make_room(version_set *set, apr_time_t now)
{
    for (int i = 0; i < WAYS; i++)
        if (!is_trusted(&set->entry[i], now))
            return &set->entry[i];
    return NULL;
}

static void version_write(version_entry *entry, const bson_oid_t *user, int64_t version, apr_time_t asked)
{
    entry->asked = 0;
    atomic_signal_fence(memory_order_seq_cst);
    entry->user = *user;
    entry->version = version;
    atomic_signal_fence(memory_order_seq_cst);
    entry->asked = asked;
}

int token_version_get(const bson_oid_t *user, int64_t *version)
{
    if (!shared || !lock())
        return 0;
    version_entry *entry = version_find(version_set_of(user), user);
    int hit = entry && is_trusted(entry, apr_time_now());
    if (hit)
        *version = entry->version;
    unlock();
    return hit;
}

/* The caller holds the mutex. */
static void version_record(const bson_oid_t *user, int64_t version, apr_time_t asked, apr_time_t now)
{
    version_set *set = version_set_of(user);
    version_entry *entry = version_find(set, user);

    if (now - asked > VERSION_TRUSTED || asked <= set->refused)
        return;
    if (entry && is_trusted(entry, now)) {
        if (version < entry->version)
            return;
        version_write(entry, user, version, asked > entry->asked || version > entry->version ? asked : entry->asked);
        return;
    }
    if (!entry)
        entry = version_make_room(set, now);
    if (entry)
        version_write(entry, user, version, asked);
    else
        set->refused = now;
}

void token_version_put(const bson_oid_t *user, int64_t version, apr_time_t asked)
{
    if (!shared || !lock())
        return;
    version_record(user, version, asked, apr_time_now());
    unlock();
}

/* --- Rates -------------------------------------------------------------------------------------------------------- */

/* The set of a kind and key, and the rest of their hash, which tells them from others in the set. */
static rate_entry *rate_set_of(const char *kind, const char *key, uint64_t id[2])
{
    char text[320];
    unsigned char mac[32];
    uint64_t set;
    apr_snprintf(text, sizeof(text), "%s %s", kind, key);
    keys_hmac(shared->hash_key, text, strlen(text), mac);
    memcpy(&set, mac, sizeof(set));
    memcpy(id, mac + sizeof(set), 2 * sizeof(id[0]));
    return shared->rates[set % RATE_SETS];
}

/* The key's entry; else the one to give way: empty, or the furthest from its limit. */
static rate_entry *rate_find(rate_entry *set, const uint64_t id[2])
{
    rate_entry *emptiest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key[0] == id[0] && set[i].key[1] == id[1])
            return &set[i];
        if (set[i].full < emptiest->full)
            emptiest = &set[i];
    }
    emptiest->full = 0;
    emptiest->key[0] = id[0];
    emptiest->key[1] = id[1];
    return emptiest;
}

int rate_take(const char *kind, const char *key, int burst, int seconds)
{
    uint64_t id[2];
    if (!shared || burst < 1)
        return 0;
    rate_entry *set = rate_set_of(kind, key, id);
    if (!lock())
        return 0;
    apr_time_t now = apr_time_now(), period = apr_time_from_sec(seconds);
    rate_entry *entry = rate_find(set, id);
    apr_time_t full = (entry->full > now ? entry->full : now) + period / burst;
    apr_time_t excess = full - now - period;
    if (excess <= 0)
        entry->full = full;
    unlock();
    return excess <= 0 ? 0 : (int)((excess + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC);
}
