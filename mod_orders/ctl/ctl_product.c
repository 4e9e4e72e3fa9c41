#include "ctl.h"

#include <stdlib.h>
#include <string.h>
#include "core/bson_json.h"
#include "core/money.h"
#include "core/product_store.h"
#include "core/terms.h"

#define SKU_MAX_BYTES 200

static int read_price(const ctl_t *ctl, int64_t *price)
{
    const char *text = ctl_option_value(ctl, "price");
    if (money_from_text(text, ctl->exponent, price) == 0 && *price <= MONEY_PRICE_MAX)
        return CTL_OK;
    out_t most;
    out_init(&most, ctl->pool);
    out_money(&most, MONEY_PRICE_MAX, ctl->exponent);
    return ctl_fail(ctl, CTL_USAGE, "usage",
                    "--price: '%s' is no price in %s; allowed are 0 to %s with at most %d decimals.", text,
                    ctl->currency, out_text(&most, NULL), ctl->exponent);
}

static int read_stock(const ctl_t *ctl, int64_t *stock)
{
    const char *text = ctl_option_value(ctl, "stock");
    size_t len = strlen(text);
    *stock = len > 0 && len <= 10 && strspn(text, "0123456789") == len ? strtoll(text, NULL, 10) : -1;
    if (*stock >= 0 && *stock <= PRODUCT_STOCK_MAX)
        return CTL_OK;
    return ctl_fail(ctl, CTL_USAGE, "usage", "--stock: '%s' is no stock; allowed are whole numbers from 0 to %d.", text,
                    PRODUCT_STOCK_MAX);
}

static int read_sku(const ctl_t *ctl, const char **sku)
{
    const char *text = ctl_option_value(ctl, "sku");
    if (!text)
        return CTL_OK;
    *sku = terms_trim(ctl->pool, text);
    if (**sku && strlen(*sku) <= SKU_MAX_BYTES && bson_utf8_validate(*sku, strlen(*sku), false))
        return CTL_OK;
    return ctl_fail(ctl, CTL_USAGE, "usage", "--sku: '%s' is no article number; allowed are 1 to %d bytes of UTF-8.",
                    text, SKU_MAX_BYTES);
}

int ctl_product_add(ctl_t *ctl)
{
    product_new product = {.active = !ctl_option_value(ctl, "inactive")};
    store_conn *conn;
    const bson_t *doc;
    int failed;
    if ((failed = ctl_find_currency(ctl)) || (failed = ctl_input_name(ctl, &product.name)) ||
        (failed = read_price(ctl, &product.price)) || (failed = read_stock(ctl, &product.stock)) ||
        (failed = read_sku(ctl, &product.sku)) || (failed = ctl_open_and_connect(ctl, &conn)))
        return failed;
    problem_t *problem = product_store_add(conn, &product, &doc);
    if (problem)
        return ctl_fail_problem(ctl, problem);
    out_t out;
    char id[25];
    out_init(&out, ctl->pool);
    bson_oid_to_string(store_oid(doc, "_id"), id);
    if (ctl->json)
        bson_json_write_product(&out, doc, ROLE_ADMIN, ctl->currency, ctl->exponent);
    else
        out_fmt(&out, "Added product %s (%s).", id, product.name);
    ctl_print(&out);
    return CTL_OK;
}
