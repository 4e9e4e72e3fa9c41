#include "order.h"

#include <stddef.h>
#include <string.h>

enum { BY_OWNER = 1, BY_ADMIN = 2 };

typedef enum { NO_GUARD, PAID, RESTOCK_SAID } move_guard;

/* The life of an order, and the only place that knows it. With RESTOCK_SAID the effect holds if the goods go back on
 * the shelf. */
static const struct move_row {
    order_status from, to;
    unsigned by;
    move_guard guard;
    order_effect effect;
} moves[] = {
    {ORDER_PENDING, ORDER_PROCESSING, BY_ADMIN, NO_GUARD, {0, 0}},
    {ORDER_PENDING, ORDER_CANCELLED, BY_OWNER | BY_ADMIN, NO_GUARD, {+1, -1}},
    {ORDER_PROCESSING, ORDER_CANCELLED, BY_ADMIN, NO_GUARD, {+1, -1}},
    {ORDER_PROCESSING, ORDER_SHIPPED, BY_ADMIN, PAID, {0, -1}},
    {ORDER_SHIPPED, ORDER_DELIVERED, BY_ADMIN, NO_GUARD, {0, 0}},
    {ORDER_SHIPPED, ORDER_RETURNED, BY_ADMIN, RESTOCK_SAID, {+1, 0}},
    {ORDER_DELIVERED, ORDER_RETURNED, BY_ADMIN, RESTOCK_SAID, {+1, 0}},
};

#define MOVE_COUNT (sizeof moves / sizeof moves[0])

static const char *const status_names[ORDER_STATUS_COUNT] = {
    [ORDER_PENDING] = "pending",     [ORDER_PROCESSING] = "processing", [ORDER_SHIPPED] = "shipped",
    [ORDER_DELIVERED] = "delivered", [ORDER_CANCELLED] = "cancelled",   [ORDER_RETURNED] = "returned",
};

static bool is_status(order_status status)
{
    return status >= 0 && status < ORDER_STATUS_COUNT;
}

const char *order_status_name(order_status status)
{
    return is_status(status) ? status_names[status] : "none";
}

order_status order_status_parse(const char *name)
{
    for (int i = 0; name && i < ORDER_STATUS_COUNT; i++)
        if (strcmp(name, status_names[i]) == 0)
            return (order_status)i;
    return ORDER_STATUS_NONE;
}

const char *user_role_name(user_role role)
{
    switch (role) {
    case ROLE_CUSTOMER: return "customer";
    case ROLE_ADMIN: return "admin";
    default: return "none";
    }
}

user_role user_role_parse(const char *name)
{
    if (name && strcmp(name, "customer") == 0)
        return ROLE_CUSTOMER;
    if (name && strcmp(name, "admin") == 0)
        return ROLE_ADMIN;
    return ROLE_NONE;
}

static bool may(const struct move_row *row, user_role role)
{
    return (role == ROLE_CUSTOMER && (row->by & BY_OWNER)) || (role == ROLE_ADMIN && (row->by & BY_ADMIN));
}

static const struct move_row *find_row(const order_move *move)
{
    for (size_t i = 0; i < MOVE_COUNT; i++)
        if (moves[i].from == move->from && moves[i].to == move->to && may(&moves[i], move->role))
            return &moves[i];
    return NULL;
}

order_move_result order_transition(const order_move *move, order_effect *effect, bool *refund_due)
{
    *effect = (order_effect){0, 0};
    *refund_due = false;
    if (is_status(move->from) && move->from == move->to)
        return ORDER_MOVE_SAME;
    const struct move_row *row = find_row(move);
    if (!row)
        return ORDER_MOVE_INVALID;
    if (row->guard == PAID && move->require_payment && !move->payment_received)
        return ORDER_MOVE_PAYMENT_REQUIRED;
    if (row->guard == RESTOCK_SAID && move->restock < 0)
        return ORDER_MOVE_RESTOCK_MISSING;
    if (row->guard != RESTOCK_SAID || move->restock)
        *effect = row->effect;
    *refund_due = move->payment_received && (row->to == ORDER_CANCELLED || row->to == ORDER_RETURNED);
    return ORDER_MOVE_OK;
}

order_effect order_placing_effect(void)
{
    return (order_effect){.stock = -1, .reserved = +1};
}

int order_allowed(order_status from, user_role role, order_status allowed[ORDER_STATUS_COUNT])
{
    int count = 0;
    for (size_t i = 0; i < MOVE_COUNT; i++)
        if (moves[i].from == from && may(&moves[i], role))
            allowed[count++] = moves[i].to;
    return count;
}

bool order_payment_unsettable(order_status status)
{
    return status == ORDER_PENDING || status == ORDER_PROCESSING;
}
