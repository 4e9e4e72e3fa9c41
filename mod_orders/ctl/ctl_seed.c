/* A small demo shop. Orders come to be as customers' and admins' do, through the ledger: so history, stock and
 * reservations are what they would be in life. */
#include "ctl.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include "core/keys.h"
#include "core/ledger.h"
#include "core/password.h"
#include "core/product_store.h"
#include "core/user_store.h"

#define RANDOM_BYTES 9

static const struct demo_product {
    const char *name, *sku;
    int64_t cents; /* as for a currency with two decimals */
    int64_t stock;
    bool active;
} demo_products[] = {
    {"Enamel mug, forest green", "MUG-GRN", 1450, 80, true},
    {"Enamel mug, cream", "MUG-CRM", 1450, 64, true},
    {"Pour-over coffee dripper", "CFE-DRP", 2890, 25, true},
    {"Coffee beans, house blend, 1 kg", "CFE-HSE", 2400, 120, true},
    {"Linen tea towel, set of two", "LIN-TWL", 1990, 45, true},
    {"Beeswax candle, tall", "CND-TAL", 990, 150, true},
    {"Walnut serving board", "BRD-WAL", 5400, 12, true},
    {"Cast-iron skillet, 26 cm", "SKL-26", 6900, 9, true},
    {"Stoneware bowl, speckled", "BWL-SPK", 1850, 60, true},
    {"Wool blanket, grey", "BLK-GRY", 8900, 4, true},
    {"Reading lamp, brass", "LMP-BRS", 11900, 3, true},
    {"Picnic basket, last season", "BSK-OLD", 4500, 6, false},
};
#define PRODUCTS ((int)(sizeof demo_products / sizeof demo_products[0]))

static const struct demo_customer {
    const char *name, *email;
    ledger_ship_to home;
} demo_customers[] = {
    {"Maya Lind", "maya@example.com", {"Maya Lind", {"12 Harbour Street"}, "Bristol", "BS1 4QA", "GB"}},
    {"Jonas Weber", "jonas@example.com", {"Jonas Weber", {"Lindenweg 8", "Hinterhaus"}, "Freiburg", "79098", "DE"}},
};
#define CUSTOMERS ((int)(sizeof demo_customers / sizeof demo_customers[0]))

#define LINES_MAX 3
#define MOVES_MAX 3

static const struct demo_order {
    int customer;
    struct {
        int product, quantity;
    } line[LINES_MAX]; /* quantity 0 ends */
    bool paid;         /* once it is being processed, else at once */
    int move_count;
    order_status move[MOVES_MAX];
} demo_orders[] = {
    {0, {{3, 2}, {2, 1}}, true, 3, {ORDER_PROCESSING, ORDER_SHIPPED, ORDER_DELIVERED}},
    {1, {{7, 1}}, true, 2, {ORDER_PROCESSING, ORDER_SHIPPED}},
    {1, {{8, 4}, {4, 1}}, true, 1, {ORDER_PROCESSING}},
    {0, {{9, 1}}, false, 1, {ORDER_CANCELLED}},
    {0, {{10, 1}, {5, 6}}, true, 3, {ORDER_PROCESSING, ORDER_SHIPPED, ORDER_RETURNED}},
    {1, {{6, 1}, {0, 2}, {1, 2}}, false, 0, {0}},
    {0, {{5, 4}}, true, 0, {0}},
};
#define ORDERS ((int)(sizeof demo_orders / sizeof demo_orders[0]))

typedef struct seeding {
    ctl_t *ctl;
    store_conn *conn;
    ledger_t *ledger;
    const char *password; /* made up here, else NULL */
    const char *hash;
    bson_oid_t product[PRODUCTS];
    ledger_actor customer[CUSTOMERS];
    bool added[CUSTOMERS]; /* else the address was taken: that user buys, with their own password */
    ledger_actor clerk;
} seeding;

static int64_t price_of(int64_t cents, int exponent)
{
    for (; exponent > 2; exponent--)
        cents *= 10;
    return cents; /* 14.50 dollars, 1450 yen */
}

static problem_t *add_products(seeding *seed)
{
    for (int i = 0; i < PRODUCTS; i++) {
        const struct demo_product *row = &demo_products[i];
        const bson_t *doc;
        product_new product = {row->name, row->sku, price_of(row->cents, seed->ctl->exponent), row->stock, row->active};
        problem_t *problem = product_store_add(seed->conn, &product, &doc);
        if (problem)
            return problem;
        bson_oid_copy(store_oid(doc, "_id"), &seed->product[i]);
    }
    return NULL;
}

static problem_t *add_customers(seeding *seed)
{
    for (int i = 0; i < CUSTOMERS; i++) {
        const struct demo_customer *row = &demo_customers[i];
        user_new user = {row->name, row->email, seed->hash, ROLE_CUSTOMER};
        const bson_t *doc = NULL;
        problem_t *problem = user_store_find_email(seed->conn, row->email, &doc);
        if (!problem && !doc) {
            seed->added[i] = true;
            problem = user_store_add(seed->conn, &user, &doc);
        }
        if (problem)
            return problem;
        seed->customer[i] = (ledger_actor){.role = ROLE_CUSTOMER, .name = row->name, .email = row->email};
        bson_oid_copy(store_oid(doc, "_id"), &seed->customer[i].id);
    }
    return NULL;
}

/* Runs a job of one operation; the problem, if any, is copied out of the job's pool by its sentence. */
static problem_t *run_job(seeding *seed, ledger_job *job, const ledger_actor *actor, bson_oid_t *order)
{
    job->actor = *actor;
    job->request_id = "seed-demo";
    problem_t *problem = ledger_run(seed->ledger, job, apr_time_now() + apr_time_from_sec(30));
    if (!problem)
        problem = job->ops[0].problem;
    bson_oid_copy(&job->ops[0].id, order);
    if (problem)
        problem =
            problem_make(seed->ctl->pool, problem->code, "%s", problem->detail ? problem->detail : problem->title);
    ledger_job_destroy(job);
    return problem;
}

static problem_t *place(seeding *seed, const struct demo_order *row, bson_oid_t *order)
{
    ledger_job *job = ledger_job_create(1);
    ledger_op *op = &job->ops[0];
    op->kind = LEDGER_PLACE;
    op->ship_to = &demo_customers[row->customer].home;
    op->lines = apr_pcalloc(job->pool, LINES_MAX * sizeof *op->lines);
    for (int i = 0; i < LINES_MAX && row->line[i].quantity; i++) {
        op->lines[i].product = seed->product[row->line[i].product];
        op->lines[i].quantity = row->line[i].quantity;
        op->line_count++;
    }
    return run_job(seed, job, &seed->customer[row->customer], order);
}

static problem_t *pay(seeding *seed, bson_oid_t *order)
{
    ledger_job *job = ledger_job_create(1);
    job->ops[0].kind = LEDGER_PAYMENT;
    job->ops[0].id = *order;
    job->ops[0].payment_received = true;
    return run_job(seed, job, &seed->clerk, order);
}

static problem_t *move(seeding *seed, bson_oid_t *order, order_status to)
{
    ledger_job *job = ledger_job_create(1);
    ledger_op *op = &job->ops[0];
    op->kind = LEDGER_MOVE;
    op->id = *order;
    op->to = to;
    if (to == ORDER_RETURNED) {
        op->restock = 1;
        op->reason = "Changed their mind";
    } else if (to == ORDER_CANCELLED) {
        op->reason = "Ordered twice";
    }
    return run_job(seed, job, &seed->clerk, order);
}

static problem_t *add_orders(seeding *seed)
{
    problem_t *problem = NULL;
    for (int i = 0; i < ORDERS && !problem; i++) {
        const struct demo_order *row = &demo_orders[i];
        bson_oid_t order;
        problem = place(seed, row, &order);
        if (!problem && row->paid)
            problem = pay(seed, &order);
        for (int k = 0; k < row->move_count && !problem; k++)
            problem = move(seed, &order, row->move[k]);
    }
    return problem;
}

/* NULL in *problem and false: there are products, and nobody said --force. */
static bool may_seed(const seeding *seed, problem_t **problem)
{
    product_filter any = {.active = -1, .limit = 1};
    store_page page = {0};
    *problem = product_store_list(seed->conn, &any, &page);
    return !*problem && (page.count == 0 || ctl_option_value(seed->ctl, "force"));
}

static int find_password(seeding *seed)
{
    int cost, failed = ctl_find_cost(seed->ctl, &cost);
    if (failed || ctl_option_value(seed->ctl, "password-stdin"))
        return failed ? failed : ctl_input_password(seed->ctl, &seed->hash);
    seed->password = keys_random(seed->ctl->pool, RANDOM_BYTES);
    seed->hash = seed->password ? password_hash(seed->ctl->pool, seed->password, cost) : NULL;
    return seed->hash ? CTL_OK
                      : ctl_fail(seed->ctl, CTL_FINDING, "no-randomness", "the system gives no random numbers.");
}

/* The made-up password is shown once, to whoever ran the command, for the users who were given it. */
static void print_seed(const seeding *seed)
{
    out_t out;
    int shown = 0;
    out_init(&out, seed->ctl->pool);
    if (!seed->ctl->json)
        out_fmt(&out, "Added %d products and %d orders.", PRODUCTS, ORDERS);
    else
        out_fmt(&out, "{\"products\":%d,\"orders\":%d,\"customers\":[", PRODUCTS, ORDERS);
    for (int i = 0; i < CUSTOMERS; i++) {
        if (!seed->added[i])
            continue;
        const char *email = seed->customer[i].email, *password = seed->password;
        if (!seed->ctl->json)
            out_fmt(&out, "\nCustomer %s, password %s", email, password ? password : "as given");
        else
            out_fmt(&out, "%s{\"email\":\"%s\"%s%s%s}", shown++ ? "," : "", email, password ? ",\"password\":\"" : "",
                    password ? password : "", password ? "\"" : "");
    }
    if (seed->ctl->json)
        out_lit(&out, "]}");
    ctl_print(&out);
}

static int open_shop(seeding *seed)
{
    ctl_t *ctl = seed->ctl;
    int failed = ctl_open_and_connect(ctl, &seed->conn);
    if (failed)
        return failed;
    ledger_config config = {.store = ctl->store,
                            .request_timeout_ms = 30000,
                            .require_payment = true,
                            .currency = ctl->currency,
                            .exponent = ctl->exponent};
    if (ledger_create(&seed->ledger, ctl->pool, &config) != 0)
        return ctl_fail(ctl, CTL_FINDING, "out-of-memory", "there is not enough memory.");
    seed->clerk = (ledger_actor){.role = ROLE_ADMIN, .name = "Demo clerk"};
    bson_oid_init(&seed->clerk.id, NULL);
    return CTL_OK;
}

int ctl_seed_demo(ctl_t *ctl)
{
    seeding seed = {.ctl = ctl};
    problem_t *problem;
    int failed = find_password(&seed);
    if (!failed)
        failed = open_shop(&seed);
    if (failed)
        return failed;
    if (!may_seed(&seed, &problem))
        return problem ? ctl_fail_problem(ctl, problem)
                       : ctl_fail(ctl, CTL_FINDING, "not-empty",
                                  "there are products already; give --force to add the demo shop to them.");
    problem = add_products(&seed);
    if (!problem)
        problem = add_customers(&seed);
    if (!problem)
        problem = add_orders(&seed);
    if (problem)
        return ctl_fail_problem(ctl, problem);
    print_seed(&seed);
    return CTL_OK;
}
