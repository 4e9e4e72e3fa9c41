/* An order's life: the state machine as one table. Pure: no input or output, no memory. */
#ifndef CORE_ORDER_H
#define CORE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    ORDER_PENDING,
    ORDER_PROCESSING,
    ORDER_SHIPPED,
    ORDER_DELIVERED,
    ORDER_CANCELLED,
    ORDER_RETURNED,
    ORDER_STATUS_COUNT,
    ORDER_STATUS_NONE = -1
} order_status;

typedef enum { ROLE_NONE, ROLE_CUSTOMER, ROLE_ADMIN } user_role;

/* What a move does to a product's numbers, each times the line's quantity. */
typedef struct order_effect {
    int stock, reserved; /* -1, 0 or +1 */
} order_effect;

typedef enum {
    ORDER_MOVE_OK,
    ORDER_MOVE_SAME,             /* X → X: nothing to do */
    ORDER_MOVE_INVALID,          /* no such row for this caller: 409 invalid-transition */
    ORDER_MOVE_PAYMENT_REQUIRED, /* 409 payment-required */
    ORDER_MOVE_RESTOCK_MISSING   /* 422: the body must say restock true or false */
} order_move_result;

typedef struct order_move {
    order_status from, to;
    user_role role; /* of the caller; a customer here is the owner */
    bool payment_received;
    bool require_payment; /* OrdersRequirePayment */
    int restock;          /* -1: not said, 0, 1 */
} order_move;

const char *order_status_name(order_status status);
order_status order_status_parse(const char *name); /* ORDER_STATUS_NONE when unknown */
const char *user_role_name(user_role role);
user_role user_role_parse(const char *name); /* ROLE_NONE when unknown */

/* Decides one move. On ORDER_MOVE_OK *effect says what happens to stock and *refund_due whether a refund is now due. */
order_move_result order_transition(const order_move *move, order_effect *effect, bool *refund_due);
/* The effect of placing: stock -q, reserved +q. */
order_effect order_placing_effect(void);
/* Statuses the role may move `from` to, in table order; returns how many. Room for ORDER_STATUS_COUNT. */
int order_allowed(order_status from, user_role role, order_status allowed[ORDER_STATUS_COUNT]);
/* Whether paymentReceived may be unset in this status. */
bool order_payment_unsettable(order_status status);

#endif
