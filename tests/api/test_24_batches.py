"""Many changes in one transaction: each answer is what it would be alone, and one that fails fails nobody else.

That they were in one transaction is seen on the way to the database.
"""

from dataclasses import dataclass, field

import pytest
from bson import Int64, ObjectId
from harness import scene as to
from harness.client import Answer
from harness.scene import Call, Scene
from harness.shop import NOWHERE, unique


@pytest.fixture(scope="module")
def scene(server):
    scene = Scene(server)
    yield scene
    scene.close()


@pytest.fixture(scope="module")
def alone(server):
    """The same with a transaction for each change."""
    scene = Scene(server, {"OrdersBatchMax": "1"})
    yield scene
    scene.close()


@pytest.fixture(scope="module")
def buyer(scene):
    return scene.customer()


@pytest.fixture(scope="module")
def other(scene):
    return scene.customer()


@pytest.fixture(autouse=True)
def sound(request):
    yield
    for name in ("scene", "alone"):
        if name in request.fixturenames:
            request.getfixturevalue(name).shop.add_up()


@pytest.fixture(scope="module", autouse=True)
def checked(scene):
    yield
    scene.shop.check()


# One that fails, among mates that succeed


@dataclass
class Way:
    """How one of a batch fails: what is sent, what it is answered, and a mate's change before it that makes it fail, if any.

    `spoils` are answers to `before`; `moved` tells how the way's own calls moved stock, by product: (stock, reserved).
    """

    call: Call
    want: str
    members: dict = field(default_factory=dict)  # of the answer
    before: list[tuple[Call, int]] = field(default_factory=list)
    placed: int = 0  # orders that the way's own calls place
    drawn: int = 0  # numbers that they draw


def short_stock(s, buyer, other):
    p = s.shop.product(stock=3)
    line = {"productId": p["id"], "name": p["name"], "requested": 5, "available": 3}
    return Way(to.place(buyer, (p, 5)), "409 insufficient-stock", {"lines": [line]}, drawn=1)


def short_stock_by_a_mate(s, buyer, other):
    p, plenty = s.shop.product(stock=4), s.shop.product(stock=100)
    line = {"productId": p["id"], "name": p["name"], "requested": 2, "available": 1}
    before = [(to.place(other, (p, 3)), 201)]
    return Way(to.place(buyer, (plenty, 1), (p, 2)), "409 insufficient-stock", {"lines": [line]}, before, 1, 2)


def inactive(s, buyer, other):
    p = s.shop.product(active=False)
    return Way(to.place(buyer, (p, 1)), "409 product-unavailable", {"lines": [{"productId": p["id"]}]}, drawn=1)


def inactive_by_a_mate(s, buyer, other):
    p = s.shop.product()
    before = [(to.edit(s.shop.admin, p, active=False), 200)]
    return Way(to.place(buyer, (p, 1)), "409 product-unavailable", {"lines": [{"productId": p["id"]}]}, before, drawn=1)


def unknown_product(s, buyer, other):
    p = s.shop.product()
    call = to.place(buyer, (p, 1), ({"id": NOWHERE}, 1))
    return Way(call, "409 product-unavailable", {"lines": [{"productId": NOWHERE}]}, drawn=1)


def stale(s, buyer, other):
    order = s.shop.order(buyer, (s.shop.product(), 1)).json
    call = to.move(s.shop.admin, order, "processing", {"If-Match": '"7"'})
    changed_by = {"role": "customer", "name": buyer.name}
    members = {"currentVersion": 1, "currentStatus": "pending", "changedBy": changed_by}
    return Way(call, "412 version-mismatch", members)


def stale_by_a_mate(s, buyer, other):
    order = s.shop.order(buyer, (s.shop.product(), 1)).json
    call = to.pay(s.shop.admin, order, headers={"If-Match": '"1"'})
    changed_by = {"role": "admin", "name": s.shop.admin.name}
    members = {"currentVersion": 2, "currentStatus": "processing", "changedBy": changed_by}
    before = [(to.move(s.shop.admin, order, "processing", {"If-Match": '"1"'}), 200)]
    return Way(call, "412 version-mismatch", members, before)


def stale_product_by_a_mate(s, buyer, other):
    p = s.shop.product()
    call = to.edit(s.shop.admin, p, {"If-Match": '"1"'}, price=2)
    return Way(call, "412 version-mismatch", {"currentVersion": 2}, [(to.place(other, (p, 1)), 201)], 1, 1)


def invalid_transition(s, buyer, other):
    order = s.shop.order(buyer, (s.shop.product(), 1)).json
    members = {"from": "pending", "to": "delivered", "allowed": ["processing", "cancelled"]}
    return Way(to.move(s.shop.admin, order, "delivered"), "409 invalid-transition", members)


def invalid_transition_by_a_mate(s, buyer, other):
    order = s.shop.order(buyer, (s.shop.product(), 1)).json
    members = {"from": "cancelled", "to": "processing", "allowed": []}
    before = [(to.cancel(buyer, order), 200)]
    return Way(to.move(s.shop.admin, order, "processing"), "409 invalid-transition", members, before)


def twin_of_another_body(s, buyer, other):
    p, key = s.shop.product(), unique("key")
    s.shop.order(buyer, (p, 1), key=key)
    return Way(to.place(buyer, (p, 2), key=key), "422 idempotency-key-reused", drawn=1)


def twin_in_the_batch_of_another_body(s, buyer, other):
    p, key = s.shop.product(), unique("key")
    before = [(to.place(buyer, (p, 1), key=key), 201)]
    return Way(to.place(buyer, (p, 2), key=key), "422 idempotency-key-reused", {}, before, 1, 2)


def price_changed(s, buyer, other):
    p = s.shop.product(price=3)
    members = {"expectedTotal": 5.5, "total": 6}
    return Way(to.place(buyer, (p, 2), expectedTotal=5.5), "409 price-changed", members, drawn=1)


def price_changed_by_a_mate(s, buyer, other):
    p = s.shop.product(price=3)
    members = {"expectedTotal": 6, "total": 6.02}
    before = [(to.edit(s.shop.admin, p, price=3.01), 200)]
    return Way(to.place(buyer, (p, 2), expectedTotal=6), "409 price-changed", members, before, drawn=1)


def total_too_large(s, buyer, other):
    """Of a price that the API would not take."""
    p = s.shop.product(stock=10000)
    s.shop.database.mongo.products.update_one({"_id": ObjectId(p["id"])}, {"$set": {"price": Int64(10**15)}})
    return Way(to.place(buyer, (p, 10000)), "422 total-too-large", drawn=1)


def not_paid(s, buyer, other):
    order = s.shop.order_in("processing", buyer, s.shop.product())
    return Way(to.move(s.shop.admin, order, "shipped"), "409 payment-required")


def restock_missing(s, buyer, other):
    order = s.shop.order_in("delivered", buyer, s.shop.product())
    return Way(to.move(s.shop.admin, order, "returned"), "422 validation-failed")


def payment_final(s, buyer, other):
    order = s.shop.order_in("shipped", buyer, s.shop.product())
    return Way(to.pay(s.shop.admin, order, False), "409 payment-final")


def somebody_elses(s, buyer, other):
    order = s.shop.order(buyer, (s.shop.product(), 1)).json
    return Way(to.cancel(other, order), "404 not-found")


def unknown_order(s, buyer, other):
    return Way(to.move(s.shop.admin, {"id": NOWHERE}, "processing"), "404 not-found")


def stock_out_of_range(s, buyer, other):
    p = s.shop.product(stock=4)
    return Way(to.edit(s.shop.admin, p, stockDelta=-5), "409 stock-out-of-range", {"available": 4})


def stock_out_of_range_by_a_mate(s, buyer, other):
    p = s.shop.product(stock=4)
    before = [(to.place(other, (p, 3)), 201)]
    return Way(to.edit(s.shop.admin, p, stockDelta=-2), "409 stock-out-of-range", {"available": 1}, before, 1, 1)


def unknown_product_edit(s, buyer, other):
    return Way(to.edit(s.shop.admin, {"id": NOWHERE}, price=2), "404 not-found")


WAYS = [
    short_stock, short_stock_by_a_mate, inactive, inactive_by_a_mate, unknown_product, stale, stale_by_a_mate,
    stale_product_by_a_mate, invalid_transition, invalid_transition_by_a_mate, twin_of_another_body,
    twin_in_the_batch_of_another_body, price_changed, price_changed_by_a_mate, total_too_large, not_paid, restock_missing,
    payment_final, somebody_elses, unknown_order, stock_out_of_range, stock_out_of_range_by_a_mate, unknown_product_edit,
]  # fmt: skip


class Mates:
    """Six changes of every kind, and what they are answered: 12.50 × 2 and × 1 sold, a cancelled order's 3 back, 5 more put in."""

    def __init__(self, scene: Scene, buyer):
        shop, self.scene, self.buyer = scene.shop, scene, buyer
        self.sold, self.edited, self.back = shop.product(stock=10, price=12.5), shop.product(stock=1), shop.product(stock=8)
        self.cancelled = shop.order(buyer, (self.back, 3)).json
        self.moved, self.paid = (shop.order(buyer, (self.back, 1)).json for _ in range(2))
        admin = shop.admin
        self.first = [to.place(buyer, (self.sold, 2)), to.cancel(buyer, self.cancelled)]
        self.last = [
            to.move(admin, self.moved, "processing", note="shelf 3"),
            to.pay(admin, self.paid),
            to.edit(admin, self.edited, stockDelta=5, name="Anew"),
            to.place(buyer, (self.sold, 1)),
        ]

    def check(self, answers: list[Answer]) -> None:
        two, cancelled, moved, paid, edited, one = answers
        assert [a.status for a in answers] == [201, 200, 200, 200, 200, 201]
        for answer, quantity in ((two, 2), (one, 1)):
            order = answer.json
            line = {"productId": self.sold["id"], "name": self.sold["name"], "quantity": quantity}
            assert order["items"] == [{**line, "price": 12.5, "total": 12.5 * quantity}]
            assert (order["total"], order["version"], order["status"]) == (12.5 * quantity, 1, "pending")
            assert self.scene.shop.see(order, by=self.buyer).json == order
            assert answer.header("ETag") == '"1"' and answer.header("Location") == f"/api/orders/{order['id']}"
            assert [h["requestId"] for h in order["history"]] == [answer.request_id]
        for answer, before, status, is_paid in (
            (cancelled, self.cancelled, "cancelled", False),
            (moved, self.moved, "processing", False),
            (paid, self.paid, "pending", True),
        ):
            order = answer.json
            assert (order["id"], order["version"], order["status"]) == (before["id"], 2, status)
            assert order["paymentReceived"] is is_paid and order["history"][1]["requestId"] == answer.request_id
            now = self.scene.shop.see(order).json
            assert (now["version"], now["status"], now["history"]) == (2, status, order["history"])
        assert (edited.json["stock"], edited.json["name"], edited.json["version"]) == (6, "Anew", 2)
        held = self.scene.shop.held
        assert (held(self.sold), held(self.back), held(self.edited)) == ((7, 3), (6, 2), (6, 0))
        assert self.scene.shop.database.product(self.sold["id"])["version"] == 3


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
def test_one_fails_among_mates(scene, buyer, other, way):
    mates, bad = Mates(scene, buyer), way(scene, buyer, other)
    calls = [*mates.first, *(call for call, _ in bad.before), bad.call, *mates.last]
    drawn = scene.drawn()
    answers, transactions = scene.together(calls)

    assert [t.commands[-1] for t in transactions] == ["commitTransaction"], "they were not in one transaction"
    assert transactions[0].placed == 2 + bad.placed and scene.drawn() - drawn == 1 + 2 + bad.drawn
    middle = answers[2:-4]
    mates.check(answers[:2] + answers[-4:])
    for answer, (_, status) in zip(middle, bad.before):
        assert answer.status == status, answer
    refused = middle[-1]
    assert f"{refused.status} {refused.code}" == bad.want, refused
    assert {name: refused.json[name] for name in bad.members} == bad.members


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
def test_the_same_in_transactions_of_their_own(alone, way):
    """With batches of one the answers are the same, to the letter."""
    buyer, other = alone.customer(), alone.customer()
    mates, bad = Mates(alone, buyer), way(alone, buyer, other)
    before = [call for call, _ in bad.before]
    answers, transactions = alone.together([*mates.first, *before, bad.call, *mates.last])
    assert len(transactions) == 6 + len(before)
    middle = answers[2:-4]
    assert [a.status for a in answers[:2] + answers[-4:]] == [201, 200, 200, 200, 200, 201]
    assert f"{middle[-1].status} {middle[-1].code}" == bad.want
    assert {name: middle[-1].json[name] for name in bad.members} == bad.members


# Twins


def test_twins_in_one_batch(scene, buyer):
    """Of ten with one key the first places the order, and nine get it again."""
    p, key = scene.shop.product(stock=20), unique("key")
    answers, transactions = scene.together([to.place(buyer, (p, 2), key=key) for _ in range(10)])
    assert [(t.placed, t.products) for t in transactions] == [(1, 1)]
    assert [a.status for a in answers] == [201] * 10 and len({a.json["id"] for a in answers}) == 1
    assert [a.header("Idempotent-Replayed") for a in answers] == [None] + ["true"] * 9
    assert all(a.json == answers[0].json for a in answers)
    assert scene.shop.held(p) == (18, 2)


def test_a_twin_sees_what_became_of_the_order(scene, buyer):
    """An earlier order with the key, cancelled by a mate before the twin: the twin is answered with the order as it was read, and
    places nothing."""
    p, key = scene.shop.product(stock=20), unique("key")
    order = scene.shop.order(buyer, (p, 2), key=key).json
    answers, _ = scene.together([to.cancel(buyer, order), to.place(buyer, (p, 2), key=key)])
    assert [a.status for a in answers] == [200, 201]
    assert answers[1].json["id"] == order["id"] and answers[1].header("Idempotent-Replayed") == "true"
    assert answers[1].json["status"] == "cancelled" and answers[1].json["version"] == 2
    assert scene.shop.held(p) == (20, 0)


def test_a_twin_after_its_order_was_cancelled_in_the_batch(scene, buyer):
    """The order and its twin are placed, and between them an admin takes the product off sale: the twin is served all the same."""
    p, key = scene.shop.product(stock=2), unique("key")
    off = to.edit(scene.shop.admin, p, active=False)
    answers, transactions = scene.together([to.place(buyer, (p, 2), key=key), off, to.place(buyer, (p, 2), key=key)])
    assert len(transactions) == 1 and [a.status for a in answers] == [201, 200, 201]
    assert answers[2].json["id"] == answers[0].json["id"] and answers[2].header("Idempotent-Replayed") == "true"


# Order of arrival


def test_the_order_of_arrival_decides(scene, buyer, other):
    """Five units: 3, 3, 2, 1 are wanted. The first and the third get them; back come 3 by a cancellation; the last is served."""
    p = scene.shop.product(stock=5)
    early = scene.shop.order(buyer, (p, 2)).json
    wanted = [to.place(buyer, (p, 2)), to.place(other, (p, 2)), to.place(other, (p, 1)), to.place(buyer, (p, 1))]
    back = [to.cancel(buyer, early), to.place(other, (p, 2))]
    answers, transactions = scene.together([*wanted, *back])
    assert len(transactions) == 1
    assert [a.status for a in answers] == [201, 409, 201, 409, 200, 201]
    assert [a.json["lines"][0]["available"] for a in answers if a.status == 409] == [1, 0]
    assert scene.shop.held(p) == (0, 5)
    numbers = [int(a.json["number"][2:]) for a in answers if a.status == 201]
    assert numbers == sorted(numbers)


def test_a_whole_life_in_one_batch(scene, buyer):
    """Taken on, paid, shipped, delivered, returned, one after the other in a single transaction: version 6, stock back."""
    admin, p = scene.shop.admin, scene.shop.product(stock=10)
    order = scene.shop.order(buyer, (p, 4)).json
    calls = [
        to.move(admin, order, "processing"), to.pay(admin, order), to.move(admin, order, "shipped"),
        to.move(admin, order, "shipped"), to.move(admin, order, "delivered"), to.cancel(buyer, order),
        to.move(admin, order, "returned", restock=True),
    ]  # fmt: skip
    answers, transactions = scene.together(calls)
    assert [(t.changed, t.products) for t in transactions] == [(1, 1)]
    assert [(a.status, a.status == 200 and a.json["version"]) for a in answers] == [
        (200, 2), (200, 3), (200, 4), (200, 4), (200, 5), (409, False), (200, 6),
    ]  # fmt: skip
    now = scene.shop.see(order).json
    assert [h["version"] for h in now["history"]] == [1, 2, 3, 4, 5, 6] and now["refundDue"] is True
    assert scene.shop.held(p) == (10, 0)
    assert scene.shop.database.product(p["id"])["version"] == 4  # placed, shipped, returned


def test_price_and_name_as_they_are_at_the_time(scene, buyer):
    """An order before a change of price and one after it, in one transaction: each has the price of its moment."""
    p = scene.shop.product(stock=10, price=5)
    answers, _ = scene.together(
        [to.place(buyer, (p, 1)), to.edit(scene.shop.admin, p, price=7, name="Dearer"), to.place(buyer, (p, 1))]
    )
    assert [(a.json["items"][0]["price"], a.json["items"][0]["name"]) for a in (answers[0], answers[2])] == [
        (5, p["name"]),
        (7, "Dearer"),
    ]
    assert (answers[1].json["stock"], answers[1].json["version"]) == (9, 3)


def test_a_version_for_each_state(scene, buyer):
    """Two changes of a product in one transaction are two versions: who saw the first one's answer can't overwrite the second."""
    p, admin = scene.shop.product(stock=10), scene.shop.admin
    answers, transactions = scene.together([to.edit(admin, p, name="One"), to.edit(admin, p, name="Two")])
    assert len(transactions) == 1
    assert [(a.json["name"], a.json["version"], a.header("ETag")) for a in answers] == [("One", 2, '"2"'), ("Two", 3, '"3"')]
    admin.patch(f"/api/products/{p['id']}", {"price": 1}, headers={"If-Match": answers[0].header("ETag")}, want=412)


# How much one takes


def test_sixty_three_come_together(scene, buyer, other):
    p = scene.shop.product(stock=60)
    answers, transactions = scene.together([to.place((buyer, other)[i % 2], (p, 1)) for i in range(63)], in_order=False)
    assert [t.placed for t in transactions] == [60]
    assert sorted(a.status for a in answers) == [201] * 60 + [409] * 3
    assert scene.shop.held(p) == (0, 60) and scene.shop.database.product(p["id"])["version"] == 61


def test_not_more_than_sixty_four(scene, buyer):
    p = scene.shop.product(stock=100)
    answers, transactions = scene.together([to.place(buyer, (p, 1)) for _ in range(70)], in_order=False)
    assert [t.placed for t in transactions] == [64, 6] and {a.status for a in answers} == {201}


def test_not_more_than_a_thousand_lines(scene, buyer):
    """Orders of 90 lines: eleven fit. Of cancellations it is known only once they are read: too many are run in two halves."""
    products = [scene.shop.product(stock=1000) for _ in range(90)]
    lines = [(p, 1) for p in products]
    answers, transactions = scene.together([to.place(buyer, *lines) for _ in range(15)], in_order=False)
    assert [t.placed for t in transactions] == [11, 4] and {a.status for a in answers} == {201}
    orders = [a.json for a in answers]
    answers, transactions = scene.together([to.cancel(buyer, o) for o in orders], in_order=False)
    assert [t.changed for t in transactions] == [7, 8] and {a.status for a in answers} == {200}
    assert {scene.shop.held(p) for p in products} == {(1000, 0)}


def test_a_bulk_change_comes_along_whole(scene, buyer):
    """Twenty at once by one admin, among others; one of them was just cancelled by its owner."""
    p = scene.shop.product(stock=100)
    orders = [scene.shop.order(buyer, (p, 1)).json for _ in range(20)]
    calls = [to.cancel(buyer, orders[7]), to.bulk(scene.shop.admin, orders, "processing"), to.place(buyer, (p, 1))]
    answers, transactions = scene.together(calls)
    assert [(t.changed, t.placed) for t in transactions] == [(20, 1)]
    assert [a.status for a in answers] == [200, 200, 201]
    assert [r["ok"] for r in answers[1].json["results"]] == [i != 7 for i in range(20)]
    assert answers[1].json["results"][7]["problem"]["code"] == "invalid-transition"


def test_a_large_bulk_change_takes_transactions_of_its_own(scene, buyer):
    p = scene.shop.product(stock=200)
    orders = [scene.shop.order(buyer, (p, 1)).json for _ in range(100)]
    calls = [to.place(buyer, (p, 1)), to.bulk(scene.shop.admin, orders, "processing"), to.place(buyer, (p, 1))]
    answers, transactions = scene.together(calls)
    assert [(t.changed, t.placed) for t in transactions] == [(0, 1), (64, 0), (36, 0), (0, 1)]
    assert all(r["ok"] for r in answers[1].json["results"])
