/* What libmongoc and the database give when nothing else is in the way: threads that read in a loop, each with a client of the pool.
 *   raw_find URI DATABASE SECONDS THREADS order|list|products
 * Prints one JSON object. */
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IDS_MAX     20000
#define THREADS_MAX 512

typedef struct bench {
    mongoc_client_pool_t *pool;
    const char *database;
    bson_t *command; /* NULL: an order by its id */
    bson_oid_t *ids;
    int id_count;
    atomic_bool end;
    atomic_llong reads, failures;
} bench;

/* The lists as the API asks for them: a row more than the page. */
static bson_t *list_command(const char *what)
{
    if (strcmp(what, "list") == 0)
        return BCON_NEW("find", "orders", "filter", "{", "status", "{", "$in", "[", "pending", "processing", "]", "}",
                        "}", "projection", "{", "history", BCON_INT32(0), "}", "sort", "{", "createdAt", BCON_INT32(-1),
                        "_id", BCON_INT32(-1), "}", "limit", BCON_INT32(51), "batchSize", BCON_INT32(51), "singleBatch",
                        BCON_BOOL(true));
    if (strcmp(what, "products") == 0)
        return BCON_NEW("find", "products", "filter", "{", "active", BCON_BOOL(true), "}", "sort", "{", "name",
                        BCON_INT32(1), "_id", BCON_INT32(1), "}", "limit", BCON_INT32(21), "batchSize", BCON_INT32(21),
                        "singleBatch", BCON_BOOL(true));
    return NULL;
}

static bson_t *order_command(const bson_oid_t *id)
{
    return BCON_NEW("find", "orders", "filter", "{", "_id", BCON_OID(id), "}", "limit", BCON_INT32(1), "singleBatch",
                    BCON_BOOL(true));
}

/* Looks at the first row as a reader would: it has to be there. */
static bool read_once(const bench *b, mongoc_client_t *client, const bson_t *command)
{
    bson_t reply;
    bson_error_t error;
    bson_iter_t iter, row;
    bool found = mongoc_client_command_simple(client, b->database, command, NULL, &reply, &error) &&
                 bson_iter_init(&iter, &reply) && bson_iter_find_descendant(&iter, "cursor.firstBatch.0._id", &row);

    bson_destroy(&reply);
    return found;
}

static void *run(void *argument)
{
    bench *b = argument;
    mongoc_client_t *client = mongoc_client_pool_pop(b->pool);
    unsigned seed = (unsigned)(uintptr_t)&client;
    long long reads = 0, failures = 0;

    while (!atomic_load_explicit(&b->end, memory_order_relaxed)) {
        bson_t *command = b->command ? b->command : order_command(&b->ids[rand_r(&seed) % b->id_count]);

        if (read_once(b, client, command))
            reads++;
        else
            failures++;
        if (!b->command)
            bson_destroy(command);
    }
    atomic_fetch_add(&b->reads, reads);
    atomic_fetch_add(&b->failures, failures);
    mongoc_client_pool_push(b->pool, client);
    return NULL;
}

static int read_ids(bench *b)
{
    mongoc_client_t *client = mongoc_client_pool_pop(b->pool);
    mongoc_collection_t *orders = mongoc_client_get_collection(client, b->database, "orders");
    bson_t *options = BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}", "limit", BCON_INT64(IDS_MAX)),
           all = BSON_INITIALIZER;
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(orders, &all, options, NULL);
    const bson_t *doc;
    bson_iter_t iter;

    while (mongoc_cursor_next(cursor, &doc))
        if (b->id_count < IDS_MAX && bson_iter_init_find(&iter, doc, "_id") && BSON_ITER_HOLDS_OID(&iter))
            bson_oid_copy(bson_iter_oid(&iter), &b->ids[b->id_count++]);
    mongoc_cursor_destroy(cursor);
    bson_destroy(options);
    mongoc_collection_destroy(orders);
    mongoc_client_pool_push(b->pool, client);
    return b->id_count;
}

static double seconds_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int measure(bench *b, double seconds, int thread_count)
{
    static pthread_t threads[THREADS_MAX];
    double began = seconds_now(CLOCK_MONOTONIC), cpu = seconds_now(CLOCK_PROCESS_CPUTIME_ID);

    for (int i = 0; i < thread_count; i++)
        if (pthread_create(&threads[i], NULL, run, b) != 0)
            return 1;
    usleep((useconds_t)(seconds * 1e6));
    atomic_store(&b->end, true);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    double took = seconds_now(CLOCK_MONOTONIC) - began;
    long long reads = atomic_load(&b->reads);
    cpu = seconds_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"rate\":%.1f,\"cpu_us\":%.1f,\"failed\":%lld}\n", (double)reads / took,
           reads ? cpu / (double)reads * 1e6 : 0.0, (long long)atomic_load(&b->failures));
    return 0;
}

int main(int argc, char **argv)
{
    static bson_oid_t ids[IDS_MAX];
    bench b = {.ids = ids};

    if (argc != 6 || atoi(argv[4]) < 1 || atoi(argv[4]) > THREADS_MAX) {
        fprintf(stderr, "usage: %s URI DATABASE SECONDS THREADS(1-%d) order|list|products\n", argv[0], THREADS_MAX);
        return 2;
    }
    mongoc_init();
    mongoc_uri_t *uri = mongoc_uri_new(argv[1]);
    if (!uri) {
        fprintf(stderr, "%s: not a connection string: %s\n", argv[0], argv[1]);
        return 2;
    }
    b.pool = mongoc_client_pool_new(uri);
    mongoc_client_pool_max_size(b.pool, (uint32_t)atoi(argv[4]));
    b.database = argv[2];
    b.command = list_command(argv[5]);
    int failed = 1;
    if (b.command || read_ids(&b))
        failed = measure(&b, atof(argv[3]), atoi(argv[4]));
    else
        fprintf(stderr, "%s: there are no orders in %s\n", argv[0], b.database);
    bson_destroy(b.command);
    mongoc_client_pool_destroy(b.pool);
    mongoc_uri_destroy(uri);
    mongoc_cleanup();
    return failed;
}
