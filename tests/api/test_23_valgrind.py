"""Memory: no access that is none of ours, and nothing that stays behind with every request."""

import re
import signal
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.client import ANY, Client
from harness.httpd import Httpd
from harness.shop import NOWHERE, Shop, unique

ONE_CHILD = {"StartServers": 1, "ServerLimit": 1, "ThreadsPerChild": 4, "MaxRequestWorkers": 4, "MaxSpareThreads": 4}
SLOW = {"OrdersRequestTimeout": "8"}
ROUNDS = 12

# A leak that valgrind is sure of, and what it says when all is freed.
LOST = re.compile(r"definitely lost: ([\d,]+) bytes|All heap blocks were freed")
ERRORS = re.compile(r"ERROR SUMMARY: (\d+) errors")


def tour(shop: Shop) -> None:
    """Every endpoint, its answers good and bad."""
    nobody, admin, customer = shop.nobody, shop.admin, shop.customer()
    users(shop, customer)
    product = shop.product(stock=20, sku=unique("SKU-"))
    path = f"/api/products/{product['id']}"
    etag = nobody.get(path).header("ETag")
    nobody.get(path, headers={"If-None-Match": etag}, want=304)
    nobody.get(f"/api/products/{NOWHERE}", want=404)
    nobody.get("/api/products/", query={"q": product["name"].split()[-1], "limit": "1"})
    nobody.get("/api/products/", query={"after": "x"}, want="400 invalid-cursor")
    admin.patch(path, {"stockDelta": 5, "price": 3.5}, want=200)
    admin.patch(path, {"stockDelta": -999}, want="409 stock-out-of-range")
    admin.patch(path, {"name": "New"}, headers={"If-Match": '"1"'}, want="412 version-mismatch")
    admin.post("/api/products/", {"name": " ", "price": -1}, want="422 validation-failed")
    orders(shop, customer, product)
    lists(shop, customer)
    mistakes(shop, customer)


def users(shop: Shop, customer) -> None:
    nobody, admin = shop.nobody, shop.admin
    shop.login(customer.email, "wrong horse 9", want="401 wrong-credentials")
    cookies = shop.by_cookie(customer.email)
    csrf = next(value for name, value in cookies.cookies.items() if "csrf" in name)
    cookies.get("/api/users/me")
    cookies.post("/api/orders/", {}, want="403 csrf-token-invalid")
    cookies.post("/api/orders/", {}, headers={"X-CSRF-Token": csrf}, want="422 validation-failed")
    nobody.post("/api/users/register", {"name": "C", "email": customer.email, "password": "12345678"}, want="409 email-taken")
    nobody.get("/api/users/me", want="401 sign-in-required")
    Client(shop.base, "no.such.token").get("/api/users/me", want="401 session-invalid")
    other = shop.customer()
    admin.get("/api/users/", query={"q": other.email})
    admin.patch(f"/api/users/{other.id}", {"role": "admin"}, want=200)
    other.token = shop.login(other.email).json["token"]
    change = {"current": other.password, "new": "another horse 9"}
    other.post("/api/users/password", {**change, "current": "wrong"}, want=ANY)
    other.token = other.post("/api/users/password", change, want=200).json["token"]
    other.post("/api/users/logout", want=204)


def orders(shop: Shop, customer, product) -> None:
    admin, key = shop.admin, unique("key")
    ship = {"name": "Cy", "lines": ["1 Road"], "city": "Town", "postcode": "1", "country": "NL"}
    order = shop.order(customer, (product, 2), key=key, shipTo=ship).json
    assert shop.order(customer, (product, 2), key=key, shipTo=ship).header("Idempotent-Replayed") == "true"
    shop.order(customer, (product, 3), key=key, want="422 idempotency-key-reused")
    shop.order(customer, (product, 9999), want="409 insufficient-stock")
    shop.order(customer, ({"id": NOWHERE}, 1), want="409 product-unavailable")
    shop.order(customer, (product, 1), expectedTotal=1, want="409 price-changed")
    shop.see(order, by=customer)
    shop.see({"id": NOWHERE}, want=404)
    shop.move(order, "delivered", want="409 invalid-transition")
    shop.move(order, "processing", reason="picking", note="shelf 3")
    shop.move(order, "shipped", want="409 payment-required")
    shop.pay(order, note="by card")
    shop.move(order, "shipped")
    shop.pay(order, received=False, want="409 payment-final")
    shop.move(order, "returned", want="422 validation-failed")
    shop.move(order, "returned", restock=True)
    first, second = (shop.order(customer, (product, 1)).json for _ in range(2))
    shop.cancel(customer, first)
    bulk = {"ids": [first["id"], second["id"], NOWHERE], "status": "processing"}
    assert [r["ok"] for r in admin.post("/api/orders/admin/status", bulk).json["results"]] == [False, True, False]
    customer.get("/api/orders/", query={"limit": "2"})


def lists(shop: Shop, customer) -> None:
    admin, own = shop.admin, {"customer": customer.id}  # not the whole, which grows
    admin.get("/api/orders/admin", query={"status": "pending,returned", "sort": "-total", "minTotal": "1", "q": "A-"})
    admin.get("/api/orders/admin", query={"sort": "sideways"}, want="400 invalid-parameter")
    admin.get("/api/orders/admin/stats", query={"from": "2020-01-01", "tz": "Europe/Berlin"}, want=ANY)
    admin.get("/api/orders/admin/stats")
    admin.get("/api/orders/admin/export.csv", query=own)
    admin.call("HEAD", "/api/orders/admin")
    shop.nobody.call("OPTIONS", "/api/orders/", want=204)
    shop.nobody.get("/api/openapi.json")
    shop.nobody.get("/healthz")
    shop.nobody.get("/healthz?ready=1")


def mistakes(shop: Shop, customer) -> None:
    nobody = shop.nobody
    customer.get("/api/orders/admin", want="403 forbidden")
    nobody.get("/api/nothing", want="404 not-found")
    nobody.call("DELETE", "/api/products/", want="405 method-not-allowed")
    for raw in (b"{", b'{"a":1,"a":2}', b"[1]", b"\xff", b'"\x00"', b"[" * 100):
        customer.post("/api/orders/", raw=raw, want=ANY)
    customer.post("/api/orders/", raw=b"x=1", headers={"Content-Type": "text/plain"}, want="415 unsupported-media-type")
    customer.post("/api/orders/", raw=b" " * 70000, want="413 body-too-large")
    customer.post("/api/orders/", raw=b"{}" + b" " * 70000, chunked=True, want=413)


def fill_kept_statistics(shop: Shop) -> None:
    """The last few answers are kept: let them be the same ones, whatever was asked before."""
    for day in range(1, 10):
        shop.admin.get("/api/orders/admin/stats", query={"from": f"2099-01-0{day}"})


def run_under_valgrind(database, rounds: int) -> tuple[str, int]:
    """What valgrind found, and how many bytes are lost for good, after so many tours."""
    httpd = Httpd(database, SLOW, mpm=ONE_CHILD)
    log = httpd.folder / "logs/valgrind.log"
    command = ["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=none"]
    command += ["--keep-debuginfo=yes", "--vgdb=no", "--num-callers=30", f"--log-file={log}"]
    httpd.start(wrapper=command, seconds=40)
    try:
        shop = Shop(httpd)
        for person in (shop.nobody, shop.admin):
            person.timeout = 40
        for _ in range(rounds):
            tour(shop)
        fill_kept_statistics(shop)
        shop.check()
    finally:
        httpd.stop(signal.SIGTERM, seconds=40)  # what -X listens to
    said = log.read_text()
    lost = LOST.search(said)
    assert lost and ERRORS.search(said), said[-3000:]
    return said, int((lost.group(1) or "0").replace(",", ""))


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed")
def test_valgrind(server):
    """The same tour once, and many times: no invalid access, and what is lost does not grow."""
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run_under_valgrind, server.new_database(), rounds) for rounds in (1, ROUNDS)]
        (once, lost_once), (often, lost_often) = [run.result() for run in runs]
    for said in (once, often):
        assert ERRORS.search(said).group(1) == "0", said[-6000:]
    print(f"lost: {lost_once} bytes after one tour, {lost_often} after {ROUNDS}")
    assert lost_often - lost_once < 64 * (ROUNDS - 1), f"{lost_once} bytes, then {lost_often}\n{often[-6000:]}"


def memory(pid: int) -> int:
    """Bytes of a process's own memory in use. (What it shares, the table of token versions, fills up with users.)"""
    rows = dict(line.split(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(rows["Anonymous"].split()[0]) * 1024


def test_memory_does_not_grow(server):
    """What lives in pools, valgrind does not miss: so the child's memory is measured, after it got warm."""
    with Httpd(server.new_database(), mpm=ONE_CHILD) as httpd:
        shop = Shop(httpd)
        (child,) = httpd.children()
        for _ in range(10):
            tour(shop)
        before = memory(child)
        for _ in range(14):
            tour(shop)
        grown = memory(child) - before
        assert httpd.children() == [child]
    print(f"grown by {grown / 1024:.0f} KiB from {before / 1024:.0f}")
    assert grown < 640 * 1024
