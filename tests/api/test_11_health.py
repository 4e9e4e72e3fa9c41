"""/healthz: the process lives; ?ready=1: it can serve. (While the database is away: test_21_faults.)"""

import os
import socket

import pytest
from harness.client import Client


def test_alive(nobody):
    for path in ("/healthz", "/healthz/"):
        answer = nobody.get(path)
        assert answer.header("Content-Type").startswith("application/json") and answer.json
        assert "no-" in answer.header("Cache-Control")


def test_ready_tells_database_and_indexes(nobody):
    body = nobody.get("/healthz?ready=1").json
    assert body["database"]["state"] == "up"
    assert "bridge" in body
    assert nobody.get("/healthz?ready=0").status == 200


@pytest.mark.parametrize("query", ["ready=x", "nope=1", "ready=1&ready=1", "ready="])
def test_bad_parameter(nobody, query):
    nobody.get(f"/healthz?{query}", want="400 invalid-parameter")


def test_sessions_do_not_matter(shop):
    Client(shop.base, "x.y.z").get("/healthz")
    Client(shop.base, cookies={"__Host-session": "x"}).get("/healthz?ready=1")


def test_a_bridge_that_is_down_is_told_with_200(start):
    shop = start({"OrdersBridgeSocket": "run/bridge.sock"})
    assert shop.nobody.get("/healthz?ready=1", want=200).json["bridge"]["state"] == "down"
    path = shop.httpd.folder / "run/bridge.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bridge:
        bridge.bind(str(path))
        os.chmod(path, 0o666)
        assert shop.nobody.get("/healthz?ready=1", want=200).json["bridge"]["state"] == "up"


def test_indexes_are_made_at_first_start(start):
    shop = start()
    mongo = shop.database.mongo
    keys = {name: {tuple(i["key"].items()) for i in mongo[name].list_indexes()} for name in ("users", "products", "orders")}
    assert (("email", 1),) in keys["users"]
    assert (("terms", 1),) in keys["products"] and {n for k in keys["products"] for n, _ in k} >= {"name", "_id"}
    wanted = {("createdAt", "_id"), ("updatedAt", "_id"), ("total", "_id"), ("status", "createdAt", "_id"), ("userId", "createdAt", "_id"),
              ("customer.email", "createdAt", "_id"), ("number",), ("userId", "idempotency.key")}  # fmt: skip
    assert {tuple(name for name, _ in key) for key in keys["orders"]} >= wanted


def test_validators_refuse_what_must_not_be(start):
    import pymongo.errors

    shop = start()
    product = shop.product(5)
    mongo = shop.database.mongo
    for bad in ({"stock": -1}, {"reserved": -1}, {"stock": 1.5}, {"price": "1"}):
        with pytest.raises(pymongo.errors.WriteError):
            mongo.products.update_one({"name": product["name"]}, {"$set": bad})
