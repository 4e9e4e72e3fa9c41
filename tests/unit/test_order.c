/* The life of an order: every combination of from, to, role, payment, setting and restock against a table of its own,
 * written down from the contract in another form than the code's. */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "core/order.h"

/* Rows are from, columns are to, in the order of order_status: pending processing shipped delivered cancelled returned.
 *   a  admin                     b  owner or admin
 *   p  admin, once it is paid    r  admin, restock must be said
 *   =  the same, for anyone      .  nobody */
static const char *const expected_moves[ORDER_STATUS_COUNT] = {
    "=a..b.", /* pending */
    ".=p.a.", /* processing */
    "..=a.r", /* shipped */
    "...=.r", /* delivered */
    "....=.", /* cancelled */
    ".....=", /* returned */
};

static order_move_result expected_result(const order_move *move)
{
    char cell = expected_moves[move->from][move->to];
    if (cell == '=')
        return ORDER_MOVE_SAME;
    if (cell == '.' || move->role == ROLE_NONE || (move->role == ROLE_CUSTOMER && cell != 'b'))
        return ORDER_MOVE_INVALID;
    if (cell == 'p' && move->require_payment && !move->payment_received)
        return ORDER_MOVE_PAYMENT_REQUIRED;
    if (cell == 'r' && move->restock == -1)
        return ORDER_MOVE_RESTOCK_MISSING;
    return ORDER_MOVE_OK;
}

static order_effect expected_effect(const order_move *move)
{
    order_effect none = {0, 0}, released = {+1, -1}, left = {0, -1}, back = {+1, 0};
    if (move->to == ORDER_CANCELLED)
        return released;
    if (move->to == ORDER_SHIPPED)
        return left;
    return move->to == ORDER_RETURNED && move->restock == 1 ? back : none;
}

static void check_move(const order_move *move)
{
    order_effect effect = {9, 9}, expected = {0, 0};
    bool refund_due = true, refund_expected = false;
    order_move_result result = order_transition(move, &effect, &refund_due);
    if (result != expected_result(move))
        fail_msg("%d -> %d role %d paid %d required %d restock %d: %d", move->from, move->to, move->role,
                 move->payment_received, move->require_payment, move->restock, result);
    if (result == ORDER_MOVE_OK) {
        expected = expected_effect(move);
        refund_expected = move->payment_received && move->to >= ORDER_CANCELLED;
    }
    assert_int_equal(effect.stock, expected.stock);
    assert_int_equal(effect.reserved, expected.reserved);
    assert_int_equal(refund_due, refund_expected);
}

static void every_move(void **state)
{
    (void)state;
    int count = 0;
    for (int from = 0; from < ORDER_STATUS_COUNT; from++)
        for (int to = 0; to < ORDER_STATUS_COUNT; to++)
            for (int role = ROLE_NONE; role <= ROLE_ADMIN; role++)
                for (int flags = 0; flags < 4; flags++)
                    for (int restock = -1; restock <= 1; restock++, count++)
                        check_move(&(order_move){.from = (order_status)from,
                                                 .to = (order_status)to,
                                                 .role = (user_role)role,
                                                 .payment_received = flags & 1,
                                                 .require_payment = flags & 2,
                                                 .restock = restock});
    assert_int_equal(count, 6 * 6 * 3 * 4 * 3);
}

static void statuses_that_are_none(void **state)
{
    (void)state;
    static const order_status odd[] = {ORDER_STATUS_NONE, ORDER_STATUS_COUNT};
    for (size_t i = 0; i < 2; i++) {
        order_effect effect;
        bool refund_due;
        order_status allowed[ORDER_STATUS_COUNT];
        order_move to_odd = {.from = ORDER_PENDING, .to = odd[i], .role = ROLE_ADMIN};
        order_move from_odd = {.from = odd[i], .to = ORDER_CANCELLED, .role = ROLE_ADMIN};
        order_move both = {.from = odd[i], .to = odd[i], .role = ROLE_ADMIN};
        assert_int_equal(order_transition(&to_odd, &effect, &refund_due), ORDER_MOVE_INVALID);
        assert_int_equal(order_transition(&from_odd, &effect, &refund_due), ORDER_MOVE_INVALID);
        assert_int_equal(order_transition(&both, &effect, &refund_due), ORDER_MOVE_INVALID);
        assert_int_equal(order_allowed(odd[i], ROLE_ADMIN, allowed), 0);
    }
}

/* What the caller is told is allowed is what order_transition then lets pass, guards aside. */
static void allowed_agrees_with_transitions(void **state)
{
    (void)state;
    for (int from = 0; from < ORDER_STATUS_COUNT; from++)
        for (int role = ROLE_NONE; role <= ROLE_ADMIN; role++) {
            order_status allowed[ORDER_STATUS_COUNT];
            bool listed[ORDER_STATUS_COUNT] = {false};
            int count = order_allowed((order_status)from, (user_role)role, allowed);
            for (int i = 0; i < count; i++) {
                assert_false(listed[allowed[i]]);
                listed[allowed[i]] = true;
            }
            for (int to = 0; to < ORDER_STATUS_COUNT; to++) {
                order_move move = {(order_status)from, (order_status)to, (user_role)role, true, true, 1};
                assert_int_equal(listed[to], expected_result(&move) == ORDER_MOVE_OK);
            }
        }
}

static void allowed_in_table_order(void **state)
{
    (void)state;
    order_status allowed[ORDER_STATUS_COUNT];
    assert_int_equal(order_allowed(ORDER_PENDING, ROLE_CUSTOMER, allowed), 1);
    assert_int_equal(allowed[0], ORDER_CANCELLED);
    assert_int_equal(order_allowed(ORDER_PENDING, ROLE_ADMIN, allowed), 2);
    assert_int_equal(allowed[0], ORDER_PROCESSING);
    assert_int_equal(allowed[1], ORDER_CANCELLED);
    assert_int_equal(order_allowed(ORDER_SHIPPED, ROLE_ADMIN, allowed), 2);
    assert_int_equal(allowed[0], ORDER_DELIVERED);
    assert_int_equal(allowed[1], ORDER_RETURNED);
}

/* Whatever road an order takes, units neither vanish nor appear: after a final move what placing took is back or gone
 * for good, and nothing stays reserved. */
static void stock_balances_on_every_road(void **state)
{
    (void)state;
    static const order_status roads[][5] = {
        {ORDER_PENDING, ORDER_CANCELLED, ORDER_STATUS_NONE},
        {ORDER_PENDING, ORDER_PROCESSING, ORDER_CANCELLED, ORDER_STATUS_NONE},
        {ORDER_PENDING, ORDER_PROCESSING, ORDER_SHIPPED, ORDER_RETURNED, ORDER_STATUS_NONE},
        {ORDER_PENDING, ORDER_PROCESSING, ORDER_SHIPPED, ORDER_DELIVERED, ORDER_RETURNED},
    };
    for (size_t i = 0; i < sizeof roads / sizeof roads[0]; i++)
        for (int restock = 0; restock <= 1; restock++) {
            order_effect sum = order_placing_effect();
            assert_int_equal(sum.stock, -1);
            assert_int_equal(sum.reserved, 1);
            order_status last = ORDER_PENDING;
            for (int step = 1; step < 5 && roads[i][step] != ORDER_STATUS_NONE; step++) {
                order_effect effect;
                bool refund_due;
                order_move move = {last, roads[i][step], ROLE_ADMIN, true, true, restock};
                assert_int_equal(order_transition(&move, &effect, &refund_due), ORDER_MOVE_OK);
                sum.stock += effect.stock;
                sum.reserved += effect.reserved;
                last = roads[i][step];
            }
            assert_int_equal(sum.reserved, 0);
            assert_int_equal(sum.stock, last == ORDER_RETURNED && !restock ? -1 : 0);
        }
}

static void names(void **state)
{
    (void)state;
    static const char *const words[] = {"pending", "processing", "shipped", "delivered", "cancelled", "returned"};
    for (int i = 0; i < ORDER_STATUS_COUNT; i++) {
        assert_string_equal(order_status_name((order_status)i), words[i]);
        assert_int_equal(order_status_parse(words[i]), i);
    }
    static const char *const none[] = {"", "Pending", "pendin", "pending ", "none", "canceled"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(order_status_parse(none[i]), ORDER_STATUS_NONE);
    assert_int_equal(order_status_parse(NULL), ORDER_STATUS_NONE);
    assert_non_null(order_status_name(ORDER_STATUS_NONE));
    assert_string_equal(user_role_name(ROLE_CUSTOMER), "customer");
    assert_string_equal(user_role_name(ROLE_ADMIN), "admin");
    assert_int_equal(user_role_parse("customer"), ROLE_CUSTOMER);
    assert_int_equal(user_role_parse("admin"), ROLE_ADMIN);
    assert_int_equal(user_role_parse("Admin"), ROLE_NONE);
    assert_int_equal(user_role_parse("none"), ROLE_NONE);
    assert_int_equal(user_role_parse(NULL), ROLE_NONE);
}

static void payment_is_final_once_shipped(void **state)
{
    (void)state;
    for (int status = 0; status < ORDER_STATUS_COUNT; status++)
        assert_int_equal(order_payment_unsettable((order_status)status),
                         status == ORDER_PENDING || status == ORDER_PROCESSING);
    assert_false(order_payment_unsettable(ORDER_STATUS_NONE));
}

UNIT_MAIN(pooled(every_move), pooled(statuses_that_are_none), pooled(allowed_agrees_with_transitions),
          pooled(allowed_in_table_order), pooled(stock_balances_on_every_road), pooled(names),
          pooled(payment_is_final_once_shipped))
