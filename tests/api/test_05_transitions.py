"""An order's life: every row of the table and every move that is none, for each role, with what it does to stock."""

import itertools

import pytest
from harness.client import ANY
from harness.shop import Shop

STATUSES = ["pending", "processing", "shipped", "delivered", "cancelled", "returned"]

# (from, to) → (stock, reserved) an admin's move adds, a line of one unit
ROWS = {
    ("pending", "processing"): (0, 0),
    ("pending", "cancelled"): (1, -1),
    ("processing", "cancelled"): (1, -1),
    ("processing", "shipped"): (0, -1),
    ("shipped", "delivered"): (0, 0),
    ("shipped", "returned"): (1, 0),
    ("delivered", "returned"): (1, 0),
}
ALLOWED = {
    status: [to for (start, to) in ROWS if start == status] for status in STATUSES
}


@pytest.mark.parametrize("start, to", [(a, b) for a, b in itertools.product(STATUSES, STATUSES) if a != b])
def test_every_move_by_an_admin(shop, customer, start, to):
    product = shop.product(10)
    order = shop.order_in(start, customer, product)
    if (start, to) == ("processing", "shipped"):
        order = shop.pay(order).json
    before = shop.held(product)
    assert sorted(order["allowedTransitions"]) == sorted(ALLOWED[start])
    if (start, to) not in ROWS:
        answer = shop.move(order, to, restock=True, want="409 invalid-transition")
        assert answer.json["from"] == start and answer.json["to"] == to
        assert sorted(answer.json["allowed"]) == sorted(ALLOWED[start])
        assert shop.held(product) == before
        assert shop.see(order).json == order
    else:
        moved = shop.move(order, to, restock=True) if to == "returned" else shop.move(order, to)
        stock, reserved = ROWS[start, to]
        assert shop.held(product) == (before[0] + stock, before[1] + reserved)
        assert moved.json["status"] == to and moved.json["version"] == order["version"] + 1
        assert moved.header("ETag") == f'"{moved.json["version"]}"'
        assert sorted(moved.json["allowedTransitions"]) == sorted(ALLOWED[to])
        entry = moved.json["history"][-1]
        assert (entry["from"], entry["to"], entry["version"]) == (start, to, moved.json["version"])
        assert entry["actor"]["role"] == "admin" and entry["requestId"] == moved.request_id
        assert entry["at"] == moved.json["updatedAt"]
    shop.check()


@pytest.mark.parametrize("status", STATUSES)
def test_same_to_same_does_nothing(shop, customer, status):
    product = shop.product(10)
    order = shop.order_in(status, customer, product)
    before = shop.held(product)
    answer = shop.move(order, status, want=200)
    assert answer.json == order
    assert shop.held(product) == before


@pytest.mark.parametrize("status", STATUSES)
def test_the_owner_cancels_while_pending_only(shop, customer, status):
    product = shop.product(10)
    order = shop.order_in(status, customer, product)
    before = shop.held(product)
    if status == "pending":
        answer = shop.cancel(customer, order)
        assert answer.json["status"] == "cancelled" and answer.json["allowedTransitions"] == []
        assert answer.json["history"][-1]["actor"]["id"] == customer.id
        assert shop.held(product) == (before[0] + 1, before[1] - 1)
    elif status == "cancelled":
        assert shop.cancel(customer, order, want=200).json["version"] == order["version"]
    else:
        answer = shop.cancel(customer, order, want="409 invalid-transition")
        assert answer.json["from"] == status and answer.json["to"] == "cancelled"
        assert answer.json["allowed"] == []
        assert shop.held(product) == before
    shop.check()


def test_what_the_owner_may_do_is_told(shop, customer):
    for status in STATUSES:
        order = shop.order_in(status, customer, shop.product())
        seen = shop.see(order, customer).json["allowedTransitions"]
        assert seen == (["cancelled"] if status == "pending" else [])


def test_cancel_is_the_customers(shop, customer, admin):
    order = shop.order(customer, (shop.product(), 1)).json
    shop.cancel(admin, order, want="403 forbidden")


def test_status_and_payment_are_the_admins(shop, customer, nobody):
    order = shop.order(customer, (shop.product(), 1)).json
    for by, want in ((customer, "403 forbidden"), (nobody, "401 sign-in-required")):
        shop.move(order, "processing", by=by, want=want)
        shop.pay(order, by=by, want=want)
        (by.post("/api/orders/admin/status", {"ids": [order["id"]], "status": "cancelled"}, want=want))


def test_shipping_needs_payment(shop, customer):
    product = shop.product(10)
    order = shop.order_in("processing", customer, product)
    shop.move(order, "shipped", want="409 payment-required")
    assert shop.held(product) == (9, 1)
    shop.pay(order)
    shop.move(order, "shipped")
    assert shop.held(product) == (9, 0)
    shop.check()


def test_payment_need_not_be_required(start):
    shop: Shop = start({"OrdersRequirePayment": "Off"})
    product = shop.product(10)
    order = shop.order_in("processing", shop.customer(), product)
    assert shop.move(order, "shipped").json["paymentReceived"] is False
    assert shop.held(product) == (9, 0)
    shop.check()


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_returning_must_say_whether_to_restock(shop, customer, status):
    product = shop.product(10)
    order = shop.order_in(status, customer, product, 3)
    assert shop.move(order, "returned", want="422 validation-failed").pointers == ["/restock"]
    for bad in ("true", 1, []):
        assert shop.move(order, "returned", restock=bad, want=422).pointers == ["/restock"]
    moved = shop.move(order, "returned", restock=False).json
    assert moved["refundDue"] is True
    assert shop.held(product) == (7, 0)
    shop.check()


def test_refund_is_due_when_paid(shop, customer):
    product = shop.product(10)
    paid = shop.pay(shop.order(customer, (product, 1)).json).json
    assert not paid.get("refundDue")
    assert shop.move(paid, "cancelled").json["refundDue"] is True
    unpaid = shop.order(customer, (product, 1)).json
    assert not shop.move(unpaid, "cancelled").json.get("refundDue")
    own = shop.pay(shop.order(customer, (product, 1)).json).json
    assert shop.cancel(customer, own).json["refundDue"] is True


def test_reason_and_note_are_kept(shop, customer):
    order = shop.order(customer, (shop.product(), 1)).json
    entry = shop.move(order, "cancelled", reason=" out of date ", note="called them").json["history"][-1]
    assert entry["reason"] == "out of date" and entry["note"] == "called them"


@pytest.mark.parametrize("body", [{}, {"status": "nonsense"}, {"status": ""}, {"status": None}, {"status": 5}, {"status": ["shipped"]}])
def test_unknown_status(shop, customer, admin, body):
    order = shop.order(customer, (shop.product(), 1)).json
    answer = admin.patch(f"/api/orders/{order['id']}/status", body, want="422 validation-failed")
    assert answer.pointers == ["/status"]


@pytest.mark.parametrize("more", [{"reason": 5}, {"note": []}, {"reason": "x" * 5000}])
def test_bad_reason_and_note(shop, customer, more):
    order = shop.order(customer, (shop.product(), 1)).json
    assert shop.move(order, "processing", want=422, **more).pointers == ["/" + next(iter(more))]


# Payment

def test_payment_switch(shop, customer):
    order = shop.order(customer, (shop.product(), 1)).json
    paid = shop.pay(order, note="bank transfer")
    assert paid.json["paymentReceived"] is True and paid.json["version"] == 2 and paid.header("ETag") == '"2"'
    entry = paid.json["history"][-1]
    assert entry["note"] == "bank transfer" and entry["version"] == 2 and entry["actor"]["role"] == "admin"
    assert entry["type"] != order["history"][0]["type"]
    assert shop.pay(order).json == paid.json, "set to its present value: nothing changes"
    unpaid = shop.pay(order, False)
    assert unpaid.json["paymentReceived"] is False and unpaid.json["version"] == 3


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_payment_cannot_be_unset_once_shipped(shop, customer, status):
    order = shop.order_in(status, customer, shop.product())
    shop.pay(order, False, want="409 payment-final")
    assert shop.pay(order, True).json["version"] == order["version"]


@pytest.mark.parametrize("value", ["true", 1, None, []])
def test_bad_payment(shop, customer, value):
    order = shop.order(customer, (shop.product(), 1)).json
    assert shop.pay(order, value, want="422 validation-failed").pointers == ["/paymentReceived"]


# Entity tags

def test_if_none_match(shop, customer):
    order = shop.order(customer, (shop.product(), 1)).json
    for tag in ('"1"', "*", '"7", "1"', '"1-gzip"', '"1-br"', 'W/"1"', '"x","1-gzip" , "9"'):
        answer = shop.see(order, customer, headers={"If-None-Match": tag}, want=304)
        assert answer.header("ETag") in ('"1"', '"1-gzip"', '"1-br"')
    for tag in ('"2"', "1", '"1-zip"', '"11"', "nonsense", '""'):
        shop.see(order, customer, headers={"If-None-Match": tag}, want=200)


def test_if_match(shop, customer):
    order = shop.order(customer, (shop.product(), 1)).json
    order = shop.move(order, "processing", headers={"If-Match": '"1"'}).json
    order = shop.pay(order, headers={"If-Match": '"9", "2-gzip"'}).json
    order = shop.move(order, "shipped", headers={"If-Match": "*"}).json
    assert order["version"] == 4


@pytest.mark.parametrize("tag", ['"1"', '"1", "3"', "nonsense", "2"])
def test_stale_if_match_is_412_and_tells(shop, customer, admin, tag):
    product = shop.product(10)
    order = shop.order_in("processing", customer, product)
    for call in (
        lambda h: shop.move(order, "cancelled", headers=h, want="412 version-mismatch"),
        lambda h: shop.move(order, "processing", headers=h, want="412 version-mismatch"),
        lambda h: shop.move(order, "delivered", headers=h, want="412 version-mismatch"),
        lambda h: shop.pay(order, headers=h, want="412 version-mismatch"),
        lambda h: shop.cancel(customer, order, headers=h, want="412 version-mismatch"),
    ):
        problem = call({"If-Match": tag}).json
        assert problem["currentVersion"] == 2 and problem["currentStatus"] == "processing"
        assert problem["changedBy"]
    assert shop.held(product) == (9, 1)
    assert shop.see(order).json["version"] == 2


def test_if_match_on_a_product(shop, admin):
    product = shop.product(10)
    path = f"/api/products/{product['id']}"
    admin.patch(path, {"price": 2}, headers={"If-Match": '"1"'})
    answer = admin.patch(path, {"price": 3}, headers={"If-Match": '"1"'}, want="412 version-mismatch")
    assert answer.json["currentVersion"] == 2
    assert admin.get(path).json["price"] == 2


def test_not_found_comes_before_if_match(shop, customer, admin):
    order = shop.order(customer, (shop.product(), 1)).json
    shop.cancel(shop.customer(), order, headers={"If-Match": '"9"'}, want="404 not-found")
    admin.patch("/api/products/" + "f" * 24, {"price": 3}, headers={"If-Match": '"1"'}, want="404 not-found")


def test_fields_come_before_if_match(shop, customer):
    order = shop.order(customer, (shop.product(), 1)).json
    shop.move(order, "nonsense", headers={"If-Match": '"9"'}, want="422 validation-failed")


# Many at once, one request

def test_bulk(shop, customer, admin):
    product = shop.product(20)
    fresh = [shop.order(customer, (product, 1)).json for _ in range(3)]
    done = shop.order_in("delivered", customer, product)
    ids = [fresh[0]["id"], done["id"], "f" * 24, fresh[1]["id"], fresh[2]["id"]]
    answer = admin.post("/api/orders/admin/status", {"ids": ids, "status": "cancelled", "reason": "closing"}, want=200)
    results = answer.json["results"]
    assert [r["id"] for r in results] == ids, "in the order asked"
    assert [r["ok"] for r in results] == [True, False, False, True, True]
    assert results[0] == {"id": ids[0], "ok": True, "version": 2, "status": "cancelled"}
    assert results[1]["problem"]["code"] == "invalid-transition" and results[1]["problem"]["status"] == 409
    assert results[2]["problem"]["code"] == "not-found"
    assert shop.see(fresh[0]).json["history"][-1]["reason"] == "closing"
    assert shop.held(product) == (19, 0)
    shop.check()


def test_bulk_of_100(shop, customer, admin):
    product = shop.product(200)
    ids = [shop.order(customer, (product, 1)).json["id"] for _ in range(20)]
    many = ids + ["%024x" % i for i in range(80)]
    results = admin.post("/api/orders/admin/status", {"ids": many, "status": "processing"}).json["results"]
    assert sum(r["ok"] for r in results) == 20 and len(results) == 100
    shop.check()


def test_bulk_returning_needs_restock_for_each(shop, customer, admin):
    order = shop.order_in("shipped", customer, shop.product())
    answer = admin.post("/api/orders/admin/status", {"ids": [order["id"]], "status": "returned"}, want=ANY)
    if answer.status == 200:
        assert answer.json["results"][0]["problem"]["status"] == 422
    else:
        assert answer.status == 422
    assert shop.see(order).json["status"] == "shipped"


def test_bulk_same_order_twice(shop, customer, admin):
    product = shop.product(10)
    order = shop.order(customer, (product, 1)).json
    body = {"ids": [order["id"]] * 2, "status": "cancelled"}
    answer = admin.post("/api/orders/admin/status", body, want=ANY)
    assert answer.status in (200, 422)
    assert shop.held(product) == ((10, 0) if answer.status == 200 else (9, 1))
    shop.check()


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"status": "processing"}, "/ids"),
        ({"ids": [], "status": "processing"}, "/ids"),
        ({"ids": "x", "status": "processing"}, "/ids"),
        ({"ids": ["f" * 24] * 101, "status": "processing"}, "/ids"),
        ({"ids": ["zzz"], "status": "processing"}, "/ids/0"),
        ({"ids": [5], "status": "processing"}, "/ids/0"),
        ({"ids": ["f" * 24], "status": "nonsense"}, "/status"),
        ({"ids": ["f" * 24]}, "/status"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_bulk_bad_fields(admin, body, pointer):
    assert admin.post("/api/orders/admin/status", body, want="422 validation-failed").pointers == [pointer]
