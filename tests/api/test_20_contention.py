"""Many want the same at once, through two children: one wins, stock moves once, nothing is left over.

All of it twice: with a transaction for each change, and with as many changes in one as may be. After each test `ordersctl check` is clean and the stock adds up to the unit.
"""

import re
import time
from collections import Counter
from typing import Callable, Iterable

import pytest
from harness import load
from harness.client import ANY, Answer
from harness.httpd import Httpd
from harness.shop import Person, Shop, unique

# As long as can be: what is looked at here is who wins, however slow the machine.
PATIENT = {"OrdersRequestTimeout": "8"}


def at_once(calls: Iterable[Callable[[], Answer]]) -> list[Answer]:
    """All calls together. One that is answered `busy` was not begun, and asks again, as a client would."""

    def patient(call):
        end = time.monotonic() + 45
        answer = call()
        while isinstance(answer, Answer) and answer.status == 503 and answer.code == "busy" and time.monotonic() < end:
            time.sleep(0.1)
            answer = call()
        return answer

    return load.at_once(lambda call=call: patient(call) for call in calls)


@pytest.fixture(scope="module", params=["1", "64"], ids=["batches of 1", "batches of 64"])
def shop(server, request):
    httpd = Httpd(server.new_database(), {**PATIENT, "OrdersBatchMax": request.param}, extra='CustomLog logs/pids.log "%P"')
    with httpd:
        yield Shop(httpd)


@pytest.fixture(scope="module")
def people(shop) -> list[Person]:
    return [shop.customer() for _ in range(8)]


@pytest.fixture(autouse=True)
def sound(shop):
    """Stock and open orders agree afterwards, and both children took part in the file's work."""
    yield
    shop.check()


def outcomes(answers: list[Answer]) -> Counter:
    """How often each status, with the problem's code where there is one."""
    return Counter(f"{a.status} {a.code or ''}".strip() for a in answers)


def history(shop: Shop, order: dict) -> list[tuple]:
    return [(h["version"], h["type"], h.get("from"), h.get("to")) for h in shop.see(order).json["history"]]


def test_both_children_answer(shop, people):
    """So that the tests below are about two processes, each with its own ledger."""
    product = shop.product(stock=1000)
    log = shop.httpd.folder / "logs/pids.log"

    def both() -> bool:
        at_once(lambda p=p: shop.order(p, (product, 1)) for p in people * 4)
        return len(set(log.read_text().split())) >= 2

    assert any(both() for _ in range(10)), "one child answers everything"


def test_the_last_one(shop, people):
    product = shop.product(stock=1)
    answers = at_once(lambda p=p: shop.order(p, (product, 1), want=ANY) for p in people * 25)
    assert outcomes(answers) == {"201": 1, "409 insufficient-stock": 199}
    for answer in answers:
        if answer.status == 409:
            (line,) = answer.json["lines"]
            assert line["productId"] == product["id"] and (line["requested"], line["available"]) == (1, 0)
    assert shop.held(product) == (0, 1)
    assert shop.database.product(product["id"])["version"] == 2


def test_exactly_as_many_as_there_are(shop, people):
    """Stock 30, wanted 80 in twos and threes: nothing oversold, and what is left is less than anyone refused wanted."""
    product = shop.product(stock=30)
    wanted = [2 + i % 2 for i in range(32)]
    answers = at_once(
        lambda i=i, q=q: shop.order(people[i % len(people)], (product, q), want=ANY) for i, q in enumerate(wanted)
    )
    assert set(outcomes(answers)) == {"201", "409 insufficient-stock"}
    sold = sum(q for q, a in zip(wanted, answers) if a.status == 201)
    left, reserved = shop.held(product)
    assert (left, reserved) == (30 - sold, sold)
    assert 0 <= left < min(q for q, a in zip(wanted, answers) if a.status == 409)
    assert shop.database.product(product["id"])["version"] == 1 + outcomes(answers)["201"]


def test_two_lines_of_one_product(shop, people):
    """Each line alone would fit; merged they take 6 of 10, so one order is all there is room for."""
    product = shop.product(stock=10)
    answers = at_once(lambda p=p: shop.order(p, (product, 3), (product, 3), want=ANY) for p in people)
    assert outcomes(answers) == {"201": 1, "409 insufficient-stock": len(people) - 1}
    lines = [a.json["lines"] for a in answers if a.status == 409]
    assert all(len(line) == 1 and (line[0]["requested"], line[0]["available"]) == (6, 4) for line in lines)
    assert shop.held(product) == (4, 6)


def test_opposite_line_order(shop, people):
    """Two children that lock the same products the other way round: no deadlock, everybody is served."""
    a, b, c = (shop.product(stock=500) for _ in range(3))
    lines = [((a, 1), (b, 2), (c, 3)), ((c, 3), (b, 2), (a, 1))]
    answers = at_once(lambda i=i: shop.order(people[i % 8], *lines[i % 2], want=ANY) for i in range(40))
    assert outcomes(answers) == {"201": 40}
    assert [shop.held(p) for p in (a, b, c)] == [(460, 40), (420, 80), (380, 120)]


def test_all_lines_or_none(shop, people):
    """The scarce product decides; the other one's stock moves only with it."""
    plenty, scarce = shop.product(stock=100), shop.product(stock=5)
    answers = at_once(lambda p=p: shop.order(p, (plenty, 2), (scarce, 1), want=ANY) for p in people * 3)
    assert outcomes(answers) == {"201": 5, "409 insufficient-stock": 19}
    assert shop.held(plenty) == (90, 10) and shop.held(scarce) == (0, 5)


def test_the_queue_moves_on(shop, people):
    """Who waits in the queue is woken when it is their turn, long before their patience ends (4 s here)."""
    if shop.httpd.directives["OrdersBatchMax"] == "1":
        pytest.skip("thirty-two transactions may take longer")
    product = shop.product(stock=1000)
    start = time.monotonic()
    answers = load.at_once(lambda p=p: shop.order(p, (product, 1), want=ANY) for p in people * 4)
    assert time.monotonic() - start < 3.5
    assert outcomes(answers) == {"201": 32}


def test_one_key_fifty_at_once(shop, customer_of_own):
    product, key = shop.product(stock=100), unique("key")
    answers = at_once(lambda: shop.order(customer_of_own, (product, 2), key=key, want=ANY) for _ in range(50))
    assert outcomes(answers) == {"201": 50}
    assert len({a.json["id"] for a in answers}) == 1 and len({a.json["number"] for a in answers}) == 1
    assert Counter(a.header("Idempotent-Replayed") for a in answers) == {None: 1, "true": 49}
    assert shop.held(product) == (98, 2)
    assert len(customer_of_own.pages("/api/orders/")) == 1


@pytest.fixture
def customer_of_own(shop) -> Person:
    return shop.customer()


def test_one_key_fifty_bodies(shop, customer_of_own):
    product, key = shop.product(stock=10000), unique("key")
    answers = at_once(
        lambda i=i: shop.order(customer_of_own, (product, i + 1), key=key, want=ANY) for i in range(50)
    )
    assert outcomes(answers) == {"201": 1, "422 idempotency-key-reused": 49}
    (winner,) = [a.json for a in answers if a.status == 201]
    quantity = winner["items"][0]["quantity"]
    assert shop.held(product) == (10000 - quantity, quantity)
    assert len(customer_of_own.pages("/api/orders/")) == 1


def test_one_key_many_users(shop, people):
    """A key belongs to its user: equal keys of others are other orders."""
    product, key = shop.product(stock=100), unique("key")
    answers = at_once(lambda p=p: shop.order(p, (product, 1), key=key, want=ANY) for p in people * 3)
    assert outcomes(answers) == {"201": 24}
    assert len({a.json["id"] for a in answers}) == len(people)
    assert shop.held(product) == (92, 8)


def test_one_key_while_stock_runs_out(shop, people):
    """The winner takes the last unit; its twins get the order, not `insufficient-stock`."""
    product, keys = shop.product(stock=3), [unique("key") for _ in people]
    answers = at_once(
        lambda i=i: shop.order(people[i % 8], (product, 1), key=keys[i % 8], want=ANY) for i in range(48)
    )
    assert outcomes(answers) == {"201": 18, "409 insufficient-stock": 30}
    assert len({a.json["id"] for a in answers if a.status == 201}) == 3
    assert shop.held(product) == (0, 3)


def test_cancel_twenty_at_once(shop, people):
    product = shop.product(stock=10)
    order = shop.order(people[0], (product, 4)).json
    answers = at_once(lambda: shop.cancel(people[0], order, want=ANY) for _ in range(20))
    assert outcomes(answers) == {"200": 20}
    assert {(a.json["status"], a.json["version"]) for a in answers} == {("cancelled", 2)}
    assert shop.held(product) == (10, 0)
    assert history(shop, order) == [(1, "order:new", None, "pending"), (2, "order:status", "pending", "cancelled")]
    assert shop.database.product(product["id"])["version"] == 3


def test_return_twenty_at_once(shop, people):
    """With restock true and false mixed: whichever is first decides, once."""
    product = shop.product(stock=10)
    order = shop.order_in("delivered", people[0], product, 4)
    answers = at_once(lambda i=i: shop.move(order, "returned", restock=bool(i % 2), want=ANY) for i in range(20))
    assert outcomes(answers) == {"200": 20}
    assert {a.json["version"] for a in answers} == {order["version"] + 1}
    assert shop.held(product) in [(10, 0), (6, 0)]


def test_pay_twenty_at_once(shop, people):
    order = shop.order(people[0], (shop.product(), 1)).json
    answers = at_once(lambda: shop.pay(order, want=ANY) for _ in range(20))
    assert outcomes(answers) == {"200": 20}
    assert {(a.json["paymentReceived"], a.json["version"]) for a in answers} == {(True, 2)}


def race(shop: Shop, orders: list[dict], left, right) -> list[dict]:
    """Both calls on every order at once; exactly one of each pair wins. The orders afterwards."""
    answers = at_once(lambda o=o, call=call: call(o) for o in orders for call in (left, right))
    for one, other in zip(answers[::2], answers[1::2]):
        assert outcomes([one, other]) == {"200": 1, "409 invalid-transition": 1}
    after = [shop.see(o).json for o in orders]
    assert all(now["version"] == then["version"] + 1 for now, then in zip(after, orders))
    return after


def test_cancel_against_ship(shop, people):
    product = shop.product(stock=100)
    orders = [shop.order_in("processing", people[0], product, 3) for _ in range(8)]
    orders = [shop.pay(o).json for o in orders]
    after = race(
        shop,
        orders,
        lambda o: shop.move(o, "cancelled", want=ANY),
        lambda o: shop.move(o, "shipped", want=ANY),
    )
    shipped = [o["status"] for o in after].count("shipped")
    assert shop.held(product) == (100 - 3 * shipped, 0)


def test_owner_cancels_while_an_admin_takes_it_on(shop, people):
    product = shop.product(stock=100)
    orders = [shop.order(people[0], (product, 3)).json for _ in range(8)]
    after = race(
        shop,
        orders,
        lambda o: shop.cancel(people[0], o, want=ANY),
        lambda o: shop.move(o, "processing", want=ANY),
    )
    open_ones = [o["status"] for o in after].count("processing")
    assert shop.held(product) == (100 - 3 * open_ones, 3 * open_ones)


def test_if_match_lets_one_through(shop, people):
    """Twenty admins who all saw version 1: the others learn who was first."""
    order = shop.order(people[0], (shop.product(), 1)).json
    answers = at_once(
        lambda: shop.move(order, "processing", headers={"If-Match": '"1"'}, want=ANY) for _ in range(20)
    )
    assert outcomes(answers) == {"200": 1, "412 version-mismatch": 19}
    refused = [a.json for a in answers if a.status == 412]
    assert {(p["currentVersion"], p["currentStatus"]) for p in refused} == {(2, "processing")}


def test_stock_edits_against_sales(shop, people):
    """Sales, cancellations, deltas and price changes on one product: every acknowledged one counts, once."""
    product = shop.product(stock=40)
    path = f"/api/products/{product['id']}"
    opened = [shop.order(people[0], (product, 2)).json for _ in range(8)]
    deltas = [5, -3, 7, -40, 2, -1, 4, -2]
    calls = [lambda d=d: shop.admin.patch(path, {"stockDelta": d}, want=ANY) for d in deltas]
    calls += [lambda p=p: shop.order(p, (product, 3), want=ANY) for p in people]
    calls += [lambda o=o: shop.cancel(people[0], o, want=ANY) for o in opened]
    calls += [lambda i=i: shop.admin.patch(path, {"price": i + 1}, want=ANY) for i in range(4)]
    answers = at_once(calls)
    edits, sales, rest = answers[:8], answers[8:16], answers[16:]
    assert set(outcomes(edits)) <= {"200", "409 stock-out-of-range"}
    assert set(outcomes(sales)) <= {"201", "409 insufficient-stock"}
    assert outcomes(rest) == {"200": 12}
    moved = sum(d for d, a in zip(deltas, edits) if a.status == 200)
    sold = 3 * outcomes(sales)["201"]
    assert shop.held(product) == (40 + moved - sold, sold)
    changes = sum(a.status in (200, 201) for a in answers) + len(opened)
    assert shop.database.product(product["id"])["version"] == 1 + changes


def test_stock_set_against_sales(shop, people):
    """Setting stock says what can be sold now; what open orders hold is not touched by it."""
    product = shop.product(stock=50)
    path = f"/api/products/{product['id']}"
    calls = [lambda p=p: shop.order(p, (product, 1), want=ANY) for p in people * 2]
    calls += [lambda n=n: shop.admin.patch(path, {"stock": n}, want=ANY) for n in (20, 30)]
    answers = at_once(calls)
    assert outcomes(answers) == {"201": 16, "200": 2}
    stock, reserved = shop.held(product)
    assert reserved == 16 and 20 - 16 <= stock <= 30


def test_bulk_against_single_changes(shop, people):
    """Two admins take 24 orders on in bulk while their owners cancel half of them."""
    product = shop.product(stock=100)
    orders = at_once(lambda i=i: shop.order(people[i % 8], (product, 1)).json for i in range(24))
    ids = [o["id"] for o in orders]
    bulk = {"ids": ids, "status": "processing", "reason": "picking"}
    calls = [lambda: shop.admin.post("/api/orders/admin/status", bulk, want=200) for _ in range(2)]
    calls += [lambda i=i: shop.cancel(people[i % 8], orders[i], want=ANY) for i in range(0, 24, 2)]
    first, second, *cancels = at_once(calls)
    for answer in (first, second):
        assert [r["id"] for r in answer.json["results"]] == ids
    cancelled = {orders[2 * i]["id"] for i, a in enumerate(cancels) if a.status == 200}
    assert set(outcomes(cancels)) <= {"200", "409 invalid-transition"}
    for result in first.json["results"] + second.json["results"]:
        assert result["ok"] is (result["id"] not in cancelled)
        assert result["ok"] or result["problem"]["code"] == "invalid-transition"
    for order in orders:
        now = shop.see(order).json
        assert now["status"] == ("cancelled" if order["id"] in cancelled else "processing") and now["version"] == 2
    assert shop.held(product) == (100 - 24 + len(cancelled), 24 - len(cancelled))


def test_bulk_with_one_order_twice(shop, people):
    product = shop.product(stock=10)
    order = shop.order(people[0], (product, 4)).json
    bulk = {"ids": [order["id"], order["id"]], "status": "cancelled"}
    answer = shop.admin.post("/api/orders/admin/status", bulk, want=ANY)
    assert answer.status in (200, 422)
    if answer.status == 200:
        assert [r["version"] for r in answer.json["results"]] == [2, 2]
        assert shop.held(product) == (10, 0)


def test_mixed_day(shop, people):
    """Everything at once on three products: places, pays, moves and cancels whatever there is."""
    products = [shop.product(stock=60) for _ in range(3)]
    ends = ["processing", "cancelled", "shipped", "delivered", "returned", "pending"]

    def one(i: int) -> str:
        placed = shop.order(people[i % 8], (products[i % 3], 2), (products[(i + 1) % 3], 1), want=ANY)
        if placed.status != 201:
            assert placed.code == "insufficient-stock"
            return "refused"
        order, end = placed.json, ends[i % 6]
        if end == "pending":
            return end
        if end != "cancelled":
            shop.move(order, "processing")
        if end in ("shipped", "delivered", "returned"):
            shop.pay(order)
            shop.move(order, "shipped")
        if end == "delivered":
            shop.move(order, "delivered")
        if end in ("cancelled", "returned"):
            shop.move(order, end, **({"restock": True} if end == "returned" else {}))
        return end

    done = Counter(at_once(lambda i=i: one(i) for i in range(36)))
    assert done == {end: 6 for end in ends}
    stock, reserved = (sum(column) for column in zip(*(shop.held(p) for p in products)))
    assert reserved == 3 * 12 and stock == 180 - 3 * (12 + 12)


def test_everything_on_one_product(shop, people):
    """Orders with and without twins, cancellations, the whole way to delivery, payments, edits of stock and price: all on one product."""
    product, admin = shop.product(stock=200, price=2), shop.admin
    path = f"/api/products/{product['id']}"
    opened = [shop.order(people[i % 8], (product, 1)).json for i in range(24)]
    shipping = [shop.pay(shop.order_in("processing", people[0], product)).json for _ in range(6)]
    keys = [unique("key") for _ in range(4)]
    deltas = [7, -3, 11, -5, 2, -1]
    calls = [lambda i=i: shop.order(people[i % 8], (product, 2), want=ANY) for i in range(12)]
    calls += [lambda i=i: shop.order(people[i % 4], (product, 3), key=keys[i % 4], want=ANY) for i in range(12)]
    calls += [lambda o=o, i=i: shop.cancel(people[i % 8], o, want=ANY) for i, o in enumerate(opened[:8])]
    calls += [lambda o=o: shop.move(o, "processing", want=ANY) for o in opened[:16]]
    calls += [lambda o=o: shop.pay(o, want=ANY) for o in opened[12:]]
    calls += [lambda o=o: shop.move(o, "shipped", want=ANY) for o in shipping]
    calls += [lambda d=d: admin.patch(path, {"stockDelta": d}, want=ANY) for d in deltas]
    calls += [lambda i=i: admin.patch(path, {"price": 3 + i}, want=ANY) for i in range(2)]
    answers = at_once(calls)
    assert outcomes(answers[:24]) == {"201": 24} and len({a.json["id"] for a in answers[12:24]}) == 4
    cancels, moves = answers[24:32], answers[32:48]
    assert outcomes(answers[48:]) == {"200": 12 + 6 + 6 + 2}
    for order, cancelled, moved in zip(opened, cancels, moves):
        assert sorted([cancelled.status, moved.status]) == [200, 409], order
    assert outcomes(moves[8:]) == {"200": 8}
    gone = outcomes(cancels)["200"]
    assert shop.held(product) == (200 - 30 - 24 - 12 + gone + sum(deltas), 24 + 24 + 12 - gone)
    for answer in answers[:24]:
        order = answer.json
        assert order["total"] == order["items"][0]["price"] * order["items"][0]["quantity"]
        assert order["items"][0]["price"] in (2, 3, 4)


def test_numbers_are_unique(shop):
    """Whatever was placed in this file: no number twice."""
    numbers = [o["number"] for o in shop.database.mongo.orders.find({}, {"number": 1})]
    assert len(numbers) == len(set(numbers)) and all(re.fullmatch(r"A-\d{6,}", n) for n in numbers)
