"""The database goes away, hangs, comes back, or is of the wrong kind: what clients are told, how soon, and that it was true."""

import time

import pytest
from harness.client import ANY, Client
from harness.database import Server
from harness.httpd import Httpd
from harness.load import Steady, at_once
from harness.process import wait_until
from harness.shop import NOWHERE, Shop, unique
from harness.told import Told

DATABASE_LINE = r"\[orders:(warn|error)\] .*(database: |answered 500)"
SOON = 2.0  # an answer while the database is away
AT_ONCE = 1.0  # one when that is known: shorter than looking for it takes


def shop_on(server: Server, directives=None, ready=True, **how) -> Shop:
    httpd = Httpd(server.new_database(), directives, expect=[DATABASE_LINE], **how)
    return Shop(httpd.start(ready=ready))


@pytest.fixture
def shop(own_server):
    shop = shop_on(own_server)
    yield shop
    shop.httpd.stop()


def test_killed_and_restarted_under_writes(shop, own_server):
    """Twice kill -9 in the middle of everything: nothing acknowledged is lost, nothing denied appears, no stock is astray."""
    told = Told(shop, [shop.product(stock=100000) for _ in range(3)], [shop.customer() for _ in range(4)])
    assert shop.admin
    with Steady(told.step, threads=12) as load:
        for _ in range(2):
            some = told.placed_so_far()
            wait_until(lambda: told.placed_so_far() >= some + 40, 20, "orders to be placed")
            own_server.kill()
            denied = len(told.placed)
            wait_until(lambda: len(told.placed) > denied + 12, 10, "orders to be denied")
            own_server.start()
            some = told.placed_so_far()
            wait_until(lambda: told.placed_so_far() > some, 15, "the shop to resume by itself")
    assert not load.errors, load.errors[:3]
    told.compare()
    said = told.statuses
    assert set(said) <= {"201", "200", "503 database-unavailable", "503 busy", "503 outcome-unknown"}, said
    assert said["503 database-unavailable"] > 0


ROUTES = [
    ("nobody", "POST", "/api/users/register", {"name": "Cy", "email": "cy@example.com", "password": "correct horse 9"}),
    ("nobody", "POST", "/api/users/login", {"email": "cy@example.com", "password": "correct horse 9"}),
    ("customer", "POST", "/api/users/logout", None),
    ("customer", "GET", "/api/users/me", None),
    ("customer", "POST", "/api/users/password", {"current": "correct horse 9", "new": "correct horse 8"}),
    ("admin", "GET", "/api/users/", None),
    ("admin", "PATCH", f"/api/users/{NOWHERE}", {"role": "admin"}),
    ("nobody", "GET", "/api/products/", None),
    ("nobody", "GET", f"/api/products/{NOWHERE}", None),
    ("admin", "POST", "/api/products/", {"name": "W", "price": 1, "stock": 1}),
    ("admin", "PATCH", f"/api/products/{NOWHERE}", {"price": 2}),
    ("customer", "POST", "/api/orders/", {"items": [{"productId": NOWHERE, "quantity": 1}]}),
    ("customer", "GET", "/api/orders/", None),
    ("customer", "GET", f"/api/orders/{NOWHERE}", None),
    ("customer", "POST", f"/api/orders/{NOWHERE}/cancel", None),
    ("admin", "GET", "/api/orders/admin", None),
    ("admin", "PATCH", f"/api/orders/{NOWHERE}/status", {"status": "processing"}),
    ("admin", "PATCH", f"/api/orders/{NOWHERE}/payment", {"paymentReceived": True}),
    ("admin", "POST", "/api/orders/admin/status", {"ids": [NOWHERE], "status": "processing"}),
    ("admin", "GET", "/api/orders/admin/stats?from=2020-01-01", None),
    ("admin", "GET", "/api/orders/admin/export.csv", None),
    ("nobody", "GET", "/healthz?ready=1", None),
]


def refused(shop: Shop, customer: Client, code: str, limit: float) -> None:
    """Every route that needs the database answers 503 with Retry-After, in time; the process says that it lives."""
    who = {"nobody": shop.nobody, "customer": customer, "admin": shop.admin}
    slow = []

    def ask(person, method, path, body):
        start = time.monotonic()
        answer = who[person].call(method, path, body, want=f"503 {code}")
        assert answer.header("Retry-After")
        took = time.monotonic() - start
        if took >= limit:
            slow.append((method, path, took))

    at_once(lambda route=route: ask(*route) for route in ROUTES)
    assert not slow
    assert shop.nobody.get("/healthz", want=200).json["status"] == "ok"


def test_away(shop, own_server):
    """From the first moment on, and later; then it is back without anybody's help."""
    customer, product = shop.customer(), shop.product()
    shop.admin.get("/api/orders/admin")
    own_server.kill()
    refused(shop, customer, "database-unavailable", SOON)
    refused(shop, customer, "database-unavailable", AT_ONCE)
    answer = shop.nobody.get("/healthz?ready=1", want="503 database-unavailable")
    assert answer.json["database"]["state"] == "down"
    own_server.start()
    wait_until(lambda: shop.nobody.get("/healthz?ready=1", want=ANY).status == 200, 10, "the database to be seen again")
    wait_until(lambda: shop.order(customer, (product, 1), want=ANY).status == 201, 5, "orders to be taken again")
    shop.check()


def test_away_at_start(own_server):
    """httpd starts without its database, says so, and serves once it is there: schema, first order and all."""
    own_server.kill()
    # One child: another might see the database half a second later than the one that says it is ready.
    shop = shop_on(own_server, ready=False, mpm={"StartServers": 1, "ServerLimit": 1, "MaxRequestWorkers": 32})
    try:
        start = time.monotonic()
        shop.nobody.get("/api/products/", want="503 database-unavailable")
        assert time.monotonic() - start < SOON
        shop.nobody.get("/healthz?ready=1", want="503 database-unavailable")
        own_server.start()
        wait_until(lambda: shop.nobody.get("/healthz?ready=1", want=ANY).status == 200, 10, "the database to be seen")
        shop.order(shop.customer(), (shop.product(), 1))
        shop.check()
    finally:
        shop.httpd.stop()


@pytest.mark.parametrize("options", ["", "?replicaSet=secantus"], ids=["plain", "as a set"])
def test_standalone(options):
    """A server without transactions is told apart from one that is away: in the answers, in the log, in readiness."""
    server = Server(standalone=True)
    try:
        database = server.new_database()
        uri = f"mongodb://127.0.0.1:{server.port}/{database.name}{options}"
        httpd = Httpd(database, {"OrdersMongoUri": uri}, expect=[DATABASE_LINE]).start(ready=False)
        nobody = Client(httpd.base)
        try:
            for _ in range(2):
                start = time.monotonic()
                nobody.get("/api/products/", want="503 replica-set-required")
                nobody.post("/api/users/login", {"email": "a@b.example", "password": "12345678"}, want="503 replica-set-required")
                ready = nobody.get("/healthz?ready=1", want="503 replica-set-required")
                assert time.monotonic() - start < 3 * SOON
            assert ready.json["database"]["state"] == "standalone"
            nobody.get("/healthz", want=200)
            said = [line for line in httpd.error_log().splitlines() if "replica set" in line]
            assert said and len(said) <= len(httpd.children()), "once a child"
        finally:
            httpd.stop()
    finally:
        server.stop()


def test_hung(own_server):
    """The database takes connections and answers nothing: answers are bounded, and true once it goes on."""
    limit = 3
    shop = shop_on(own_server, {"OrdersRequestTimeout": str(limit)})
    try:
        product = shop.product(stock=1000)
        told = Told(shop, [product, shop.product(stock=1000)], [shop.customer() for _ in range(4)])
        shop.admin.get("/api/orders/admin")
        at_once(lambda i=i: told.step(i) for i in range(4))
        own_server.freeze()

        def timed(call) -> float:
            start = time.monotonic()
            call()
            return time.monotonic() - start

        def read():
            assert shop.nobody.get("/api/products/", want=ANY).status == 503

        try:
            took = at_once([lambda i=i: timed(lambda: told.step(i)) for i in range(12)] + [lambda: timed(read)] * 6)
            assert max(took) < limit + 4, took
            assert timed(lambda: told.step(0)) < SOON, "the breaker is open by now"
            shop.nobody.get("/healthz", want=200)
        finally:
            own_server.thaw()
        wait_until(lambda: shop.nobody.get("/healthz?ready=1", want=ANY).status == 200, 10, "the database to be seen again")
        customer = told.customers[0]
        again = lambda: shop.order(customer, (product, 1), key=unique("key"), want=ANY)  # noqa: E731
        wait_until(lambda: again().status == 201, 10, "orders to be taken again")
        told.compare()
    finally:
        shop.httpd.stop()
