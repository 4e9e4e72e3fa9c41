"""The database fails in the middle: what the answer says is what happened.

201 and 200 are kept; 503 with Retry-After means that nothing happened; only `outcome-unknown` may be either, and then it
carries the id to look under. After each test stock and open orders agree.
"""

import time

import pytest
from bson import ObjectId
from harness.client import ANY, Answer
from harness.database import Server
from harness.httpd import Httpd
from harness.process import wait_until
from harness.relay import Relay
from harness.shop import Person, Shop, unique

QUICK = {"OrdersRequestTimeout": "2500ms"}
# The longest that any answer may take: the request's time, and a moment for the last look.
BOUND = 2.5 + 3

TRANSIENT, UNKNOWN = ["TransientTransactionError"], ["UnknownTransactionCommitResult"]

# What the module says about a database that fails.
DATABASE_LINE = r"\[orders:(warn|error)\] .*(database: |answered 500 internal-error)"


@pytest.fixture(scope="module")
def own_database():
    """A server of this file's own: a fail point is the whole server's."""
    server = Server()
    yield server.new_database()
    server.stop()


@pytest.fixture(scope="module")
def shop(own_database):
    with Httpd(own_database, QUICK, expect=[DATABASE_LINE]) as httpd:
        shop = Shop(httpd)
        yield shop
        shop.check()


@pytest.fixture(scope="module")
def buyer(shop) -> Person:
    return shop.customer()


@pytest.fixture(autouse=True)
def sound(request):
    yield
    if "shop" in request.fixturenames:
        request.getfixturevalue("shop").add_up()


@pytest.fixture
def failing(shop):
    return shop.database.failing


def timed(call) -> tuple[Answer, float]:
    start = time.monotonic()
    return call(), time.monotonic() - start


def stored(shop: Shop, key: str) -> list[dict]:
    return list(shop.database.mongo.orders.find({"idempotency.key": key}))


def placed_once(shop: Shop, buyer: Person, product: dict, quantity: int = 2) -> dict:
    """Places an order while something fails; it must be there once, and stock must have moved once."""
    key, before = unique("key"), shop.held(product)
    answer = shop.order(buyer, (product, quantity), key=key)
    (order,) = stored(shop, key)
    assert answer.json["id"] == str(order["_id"]) and answer.json["version"] == 1
    assert shop.held(product) == (before[0] - quantity, before[1] + quantity)
    return answer.json


def not_placed(shop: Shop, buyer: Person, product: dict, want) -> Answer:
    """Tries to place an order while something fails; it must not be there, and no stock may have moved."""
    key, before = unique("key"), shop.held(product)
    answer, took = timed(lambda: shop.order(buyer, (product, 2), key=key, want=want))
    assert took < BOUND
    assert stored(shop, key) == [] and shop.held(product) == before
    return answer


# The commit


@pytest.mark.parametrize("times", [1, 3])
def test_commit_without_a_result(shop, buyer, failing, times):
    product = shop.product()
    with failing(["commitTransaction"], times=times, errorCode=50, errorLabels=UNKNOWN):
        placed_once(shop, buyer, product)


def test_commit_refused_then_rerun(shop, buyer, failing):
    """NoSuchTransaction: it certainly did not happen, so all of it runs again."""
    product = shop.product()
    with failing(["commitTransaction"], times=1, errorCode=251, errorLabels=TRANSIENT):
        placed_once(shop, buyer, product)


def test_commit_unknown_then_refused(shop, buyer, own_database, failing):
    """First no result, then "no such transaction": it has to look before it runs again."""
    product = shop.product()
    admin = own_database.server.client.admin
    with failing(["commitTransaction"], times=1, errorCode=50, errorLabels=UNKNOWN):
        admin.command(
            {
                "configureFailPoint": "failCommand",
                "mode": {"times": 1},
                "data": {
                    "failCommands": ["commitTransaction"],
                    "appName": own_database.app,
                    "errorCode": 251,
                    "errorLabels": TRANSIENT,
                },
            }
        )
        placed_once(shop, buyer, product)


def test_commit_cut_off(shop, buyer, failing):
    """The connection breaks before the commit is carried out: it is sent again on another."""
    product = shop.product()
    with failing(["commitTransaction"], times=1, closeConnection=True):
        placed_once(shop, buyer, product)


def test_commit_carried_out_but_not_confirmed(shop, buyer, failing):
    """The majority did not confirm it in time, once."""
    product = shop.product()
    error = {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting for replication timed out"}
    with failing(["commitTransaction"], times=1, writeConcernError=error):
        placed_once(shop, buyer, product)


def test_commit_never_confirmed_but_there(shop, buyer, failing):
    """Each time carried out, never confirmed: the order is found by its own id."""
    product = shop.product()
    error = {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting for replication timed out"}
    with failing(["commitTransaction"], writeConcernError=error):
        order, took = timed(lambda: placed_once(shop, buyer, product))
        assert took < BOUND
    assert shop.see(order, by=buyer).json["number"] == order["number"]


@pytest.mark.parametrize(
    "how", [{"errorCode": 50, "errorLabels": UNKNOWN}, {"closeConnection": True}], ids=["no result", "cut off"]
)
def test_commit_never_carried_out(shop, buyer, failing, how):
    """The last look ends the transaction, so it can be told: nothing happened. Then the shop goes on, at once."""
    product = shop.product()
    with failing(["commitTransaction"], **how):
        not_placed(shop, buyer, product, "503 database-unavailable")
    placed_once(shop, buyer, product)


def test_commit_fails_for_a_reason_of_its_own(shop, buyer, failing):
    """An error without a label says nothing about the outcome: it looks."""
    product = shop.product()
    with failing(["commitTransaction"], times=1, errorCode=8000, errorLabels=[]):
        not_placed(shop, buyer, product, "500 internal-error")
    placed_once(shop, buyer, product)


@pytest.mark.parametrize("change", ["move", "pay", "cancel", "stock"])
def test_other_changes_without_a_result(shop, buyer, failing, change):
    """The same holds for changes: carried out once, whatever became of the first answer."""
    product = shop.product()
    order = shop.order(buyer, (product, 2)).json
    calls = {
        "move": lambda: shop.move(order, "processing", want=200),
        "pay": lambda: shop.pay(order, want=200),
        "cancel": lambda: shop.cancel(buyer, order, want=200),
        "stock": lambda: shop.admin.patch(f"/api/products/{product['id']}", {"stockDelta": 5}, want=200),
    }
    error = {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting for replication timed out"}
    with failing(["commitTransaction"], writeConcernError=error):
        answer, took = timed(calls[change])
    assert took < BOUND
    assert answer.json["version"] == (3 if change == "stock" else 2)
    held = {"move": (8, 2), "pay": (8, 2), "cancel": (10, 0), "stock": (13, 2)}[change]
    assert shop.held(product) == held
    assert shop.see(order).json["version"] == (1 if change == "stock" else 2)


# Answers that are lost on the way


@pytest.fixture
def lossy(own_database):
    """A shop whose database is behind a relay; (shop, relay)."""
    relay = Relay(own_database.server.port)
    database = relay.database(own_database.server)
    with Httpd(database, QUICK, expect=[DATABASE_LINE]) as httpd:
        shop = Shop(httpd)
        yield shop, relay
        relay.revive()
        shop.check()
    relay.close()


def test_answers_of_commits_are_lost(lossy):
    """Carried out, and the connection broke before the answer: once, and then each time until time runs out."""
    shop, relay = lossy
    buyer, product = shop.customer(), shop.product()
    relay.lose_answers = 1
    placed_once(shop, buyer, product)
    assert relay.lost == 1
    relay.lose_answers = 10**6
    order, took = timed(lambda: placed_once(shop, buyer, product))
    assert took < BOUND and relay.lost > 2
    relay.revive()
    assert shop.see(order, by=buyer).json == order


def test_the_database_is_gone_with_the_answer(lossy):
    """The order stands, but that can't be seen: `outcome-unknown`; under its id and its key it is found later."""
    shop, relay = lossy
    buyer, product, key = shop.customer(), shop.product(), unique("key")
    relay.lose_answers, relay.then_dead = 1, True
    answer, took = timed(lambda: shop.order(buyer, (product, 2), key=key, want="503 outcome-unknown"))
    assert took < BOUND
    (order,) = stored(shop, key)
    assert answer.json["orderId"] == str(order["_id"])
    shop.order(buyer, (product, 2), want="503 database-unavailable")
    relay.revive()
    again = wait_until(lambda: (a := shop.order(buyer, (product, 2), key=key, want=ANY)).status == 201 and a, 15)
    assert again.json["id"] == answer.json["orderId"] and again.header("Idempotent-Replayed") == "true"
    assert shop.held(product) == (8, 2)


# Writes


@pytest.mark.parametrize("command", ["insert", "update", "aggregate"])
@pytest.mark.parametrize("times", [1, 4])
def test_conflicts_are_run_again(shop, buyer, failing, command, times):
    product = shop.product()
    with failing([command], times=times, errorCode=112, errorLabels=TRANSIENT):
        placed_once(shop, buyer, product)


@pytest.mark.parametrize("command", ["insert", "update"])
def test_conflicts_without_end(shop, buyer, failing, command):
    product = shop.product()
    with failing([command], errorCode=112, errorLabels=TRANSIENT):
        not_placed(shop, buyer, product, "503 busy")
    placed_once(shop, buyer, product)


@pytest.mark.parametrize("command", ["insert", "update", "aggregate", "find"])
def test_a_connection_breaks(shop, buyer, failing, command):
    """Nothing was committed yet, so all runs again on another connection."""
    product = shop.product()
    with failing([command], times=1, closeConnection=True):
        placed_once(shop, buyer, product)


@pytest.mark.parametrize("command", ["insert", "update", "aggregate"])
@pytest.mark.parametrize("code", [11000, 8000])
def test_errors_of_another_kind(shop, buyer, failing, command, code):
    """Not to be mended by running again: 500 for this one, never a commit, and the next order is fine."""
    product = shop.product()
    with failing([command], times=1, errorCode=code, errorLabels=[]):
        not_placed(shop, buyer, product, "500 internal-error")
    placed_once(shop, buyer, product)


def test_an_abort_fails(shop, buyer, failing):
    """What was decided stays decided when taking the transaction back fails."""
    product = shop.product(stock=1)
    with failing(["abortTransaction"], closeConnection=True):
        shop.order(buyer, (product, 2), want="409 insufficient-stock")
    placed_once(shop, buyer, product, 1)


def test_bulk_failures_stay_with_their_order(shop, buyer, failing):
    """An error that no rerun mends: each order is tried by itself."""
    product = shop.product()
    orders = [shop.order(buyer, (product, 1)).json for _ in range(3)]
    bulk = {"ids": [o["id"] for o in orders], "status": "processing"}
    with failing(["update"], times=1, errorCode=8000, errorLabels=[]):
        results = shop.admin.post("/api/orders/admin/status", bulk, want=200).json["results"]
    assert [r["ok"] for r in results] == [True] * 3

    product = shop.product()
    orders = [shop.order(buyer, (product, 1)).json for _ in range(3)]
    bulk = {"ids": [o["id"] for o in orders], "status": "cancelled"}
    with failing(["update"], times=2, errorCode=8000, errorLabels=[]):
        results = shop.admin.post("/api/orders/admin/status", bulk, want=200).json["results"]
    assert [r["ok"] for r in results] == [False, True, True]
    assert results[0]["problem"]["code"] == "internal-error"
    assert [shop.see(o).json["status"] for o in orders] == ["pending", "cancelled", "cancelled"]
    assert shop.held(product) == (9, 1)


# Numbers


def test_the_counter_fails(shop, buyer, failing):
    product = shop.product()
    with failing(["findAndModify"], times=1, errorCode=8000, errorLabels=[]):
        not_placed(shop, buyer, product, "500 internal-error")
    with failing(["findAndModify"], times=1, errorCode=91, errorLabels=["RetryableWriteError"]):
        placed_once(shop, buyer, product)
    with failing(["findAndModify"], errorCode=91, errorLabels=["RetryableWriteError"]):
        not_placed(shop, buyer, product, "503 database-unavailable")
    wait_until(lambda: shop.order(buyer, (product, 1), want=ANY).status == 201, 10, "the shop to go on")


@pytest.mark.parametrize("back", [3, 60])
def test_the_counter_was_set_back(shop, buyer, back):
    """Numbers that are taken are drawn anew until one is free."""
    product = shop.product(stock=1000)
    for _ in range(3):
        shop.order(buyer, (product, 1))
    orders = shop.database.mongo.orders
    taken = shop.database.mongo.counters.find_one({"_id": "orders"})["value"]
    if back > 3:  # numbers without orders of the API: what a restored backup looks like
        some = orders.find_one({"status": "cancelled"}) or orders.find_one({})
        rows = [{**some, "_id": ObjectId(), "number": f"A-{taken + 1 + i:06d}", "status": "cancelled"} for i in range(back)]
        for row in rows:
            row.pop("idempotency", None)
        orders.insert_many(rows)
    else:
        shop.database.mongo.counters.update_one({"_id": "orders"}, {"$inc": {"value": -back}})
    answer, took = timed(lambda: placed_once(shop, buyer, product))
    assert took < BOUND
    assert orders.count_documents({"number": answer["number"]}) == 1


# Reads


READS = [
    ("find", "customer", "/api/orders/"),
    ("find", "admin", "/api/orders/admin"),
    ("find", "admin", "/api/users/"),
    ("find", "nobody", "/api/products/"),
    ("aggregate", "admin", "/api/orders/admin/stats?from=2020-01-01"),
]


@pytest.mark.parametrize("command, who, path", READS)
def test_reads_fail(shop, buyer, failing, command, who, path):
    client = {"customer": buyer, "admin": shop.admin, "nobody": shop.nobody}[who]
    client.get(path)
    join = "&" if "?" in path else "?"
    fresh = iter(range(2000, 3000))

    def ask(**how):
        """Statistics are kept for a moment: another span each time."""
        return client.get(path.replace("2020", str(next(fresh))) if "stats" in path else path + f"{join}limit=3", **how)

    with failing([command], times=1, closeConnection=True):
        ask(want=200)
    with failing([command], times=1, errorCode=11600):
        ask(want=200)
    with failing([command], errorCode=8000):
        ask(want="500 internal-error")
    with failing([command], errorCode=50):
        ask(want="503 database-unavailable")
    if "admin" in path:
        return
    with failing([command], closeConnection=True):
        answer, took = timed(lambda: ask(want="503 database-unavailable"))
        assert took < BOUND
    wait_until(lambda: ask(want=ANY).status == 200, 10, "the shop to go on")
