"""Logs: what the access log holds of every request, and what no log ever holds."""

import re

import pytest
from harness.client import ANY, Client, send_bytes
from harness.httpd import SECRET, Httpd
from harness.process import wait_until
from harness.shop import Shop, unique

LINE = re.compile(
    r'^127\.0\.0\.1 - (?P<user>\S+) \[[^]]+\] "(?P<request>.*)" (?P<status>\d{3}) (\d+|-) "[^"]*" "[^"]*" (?P<micros>\d+) (?P<id>\S+)$'
)


def line_of(httpd: Httpd, request_id: str) -> re.Match:
    """The access log's line of a request; it is written when the answer is out."""
    def find():
        return next((LINE.match(line) for line in httpd.access_log().splitlines() if line.endswith(f" {request_id}")), None)

    return wait_until(find, 5, f"{request_id} in the access log")


def test_every_request_is_logged_with_time_user_and_id(shared_httpd, customer, nobody):
    for client, path, status, user in (
        (nobody, "/healthz", 200, "-"),
        (nobody, "/api/products", 200, "-"),
        (customer, "/api/users/me", 200, customer.id),
        (customer, "/api/orders/admin", 403, customer.id),
        (nobody, "/api/users/me", 401, "-"),
        (nobody, "/api/nope", 404, "-"),
        (nobody, "/api/products/?q=" + "x" * 9000, 414, "-"),
    ):
        answer = client.get(path, want=ANY)
        line = line_of(shared_httpd, answer.request_id)
        assert answer.status == status and line["status"] == str(status)
        assert line["user"] == user, path
        assert 0 < int(line["micros"]) < 30_000_000


def test_errors_before_the_handler_have_an_id_too(shared_httpd, nobody):
    answer = nobody.get("/healthz", headers={"X-Big": "x" * 9000}, want=431)
    assert line_of(shared_httpd, answer.request_id)["status"] == "431"
    (answer,) = send_bytes(shared_httpd.port, b"GET /api/pro ducts HTTP/1.1\r\nHost: x\r\n\r\n")
    assert line_of(shared_httpd, answer.request_id)["status"] == "400"


def test_a_clients_id_is_logged(shared_httpd, nobody):
    mine = unique("mine-")
    nobody.get("/healthz", headers={"X-Request-Id": mine})
    assert line_of(shared_httpd, mine)


@pytest.mark.expect_log("orders:(error|warn)")
def test_an_internal_error_is_logged_with_its_request_id_and_not_told(start):
    shop = start()
    with shop.database.failing(["find", "aggregate"], errorCode=96):
        answer = shop.nobody.get("/api/products", want="500 internal-error")
    line = next(line for line in shop.httpd.error_log().splitlines() if answer.request_id in line)
    assert "orders:error" in line


@pytest.mark.expect_log(".*")
def test_no_secret_token_password_or_body_in_any_log(server):
    """Everything secret goes through once, at the most talkative log level; then no log may hold it."""
    with Httpd(server.new_database(), extra="LogLevel warn orders:trace8") as httpd:
        shop = Shop(httpd)
        password, second = unique("pass-word-"), unique("pass-word-")
        body_text = unique("body-text-")
        answer = shop.register(name=body_text, password=password)
        email = answer.json["user"]["email"]
        browser = Client(shop.base, cookies=answer.cookies)
        secrets = [password, second, SECRET, answer.json["token"], *answer.cookies.values(), "$2y$"]
        shop.login(email, password)
        shop.login(email, second, want=401)
        shop.nobody.post("/api/users/login", raw=f'{{"email":"{email}","password":"{password}"'.encode(), want=400)
        shop.nobody.post("/api/users/login", {"email": email, "password": [password]}, want=422)
        customer = Client(shop.base, answer.json["token"])
        product = shop.product()
        address = {"name": "N", "lines": [body_text], "city": "C", "postcode": "P", "country": "NL"}
        body = {"items": [{"productId": product["id"], "quantity": 1}], "shipTo": address}
        order = customer.post("/api/orders/", body, want=201).json
        browser.post("/api/orders/", body, want=403)
        browser.post("/api/orders/", body, headers={"X-CSRF-Token": answer.cookies["__Host-csrf"]}, want=201)
        shop.move(order, "cancelled", reason=body_text)
        Client(shop.base, answer.json["token"][:-1]).get("/api/users/me", want=401)
        with shop.database.failing(["find", "aggregate", "findAndModify", "insert", "update"], errorCode=96):
            customer.post("/api/users/password", {"current": password, "new": second}, want=ANY)
            customer.post("/api/orders/", body, want=ANY)
            shop.login(email, password, want=ANY)
        changed = customer.post("/api/users/password", {"current": password, "new": second})
        secrets += [changed.json["token"], *changed.cookies.values()]
        secrets += [cookie for cookie in shop.login(email, second).cookies.values()]
        logs = httpd.error_log() + httpd.access_log() + httpd.process.said()
        assert "orders" in httpd.error_log()
    logs += httpd.error_log() + httpd.access_log()
    for secret in [*secrets, body_text, shop.admin.token]:
        assert secret not in logs, f"{secret} is in a log"


def test_the_database_password_is_in_no_log(start, server):
    uri = f"mongodb://shop:hunter2@127.0.0.1:{server.port}/x?replicaSet=secantus&authSource=admin"
    shop = start({"OrdersMongoUri": uri}, ready=False, expect=["orders:(warn|error)"])
    for _ in range(3):
        shop.nobody.get("/api/products", want=ANY)
        shop.nobody.get("/healthz?ready=1", want=ANY)
    assert "hunter2" not in shop.httpd.error_log() + shop.httpd.access_log() + shop.httpd.process.said()
