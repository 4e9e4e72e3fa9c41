"""What is sent to the bridge: one datagram after each commit; and that nobody waits for it."""

import json
import os
import socket

import pytest


@pytest.fixture
def bridge(start):
    """(shop, receive): receive() gives the events of the next datagram."""
    shop = start({"OrdersBridgeSocket": "run/bridge.sock"})
    path = shop.httpd.folder / "run/bridge.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(path))
        os.chmod(path, 0o666)
        receiver.settimeout(5)
        yield shop, lambda: json.loads(receiver.recv(70000))


def test_events_of_an_orders_life(bridge):
    shop, receive = bridge
    product, customer = shop.product(10), shop.customer()
    order = shop.order(customer, (product, 2)).json
    new, stock = sorted(receive(), key=lambda e: e["type"])
    assert (new["type"], new["id"], new["version"], new["at"]) == ("order:new", order["id"], 1, order["createdAt"])
    assert new["data"]["status"] == "pending" and new["data"]["total"] == order["total"] and "history" not in new["data"]
    assert (stock["type"], stock["id"], stock["version"], stock["data"]["stock"]) == ("product:stock", product["id"], 2, 8)
    shop.move(order, "processing")
    (event,) = receive()
    assert (event["type"], event["version"], event["data"]["status"]) == ("order:status", 2, "processing")
    shop.pay(order)
    (event,) = receive()
    assert (event["type"], event["version"], event["data"]["paymentReceived"]) == ("order:payment", 3, True)
    shop.move(order, "processing")  # nothing changes: no event
    shop.admin.patch(f"/api/products/{product['id']}", {"stockDelta": 1})
    (event,) = receive()
    assert (event["type"], event["data"]["stock"]) == ("product:stock", 9)


def test_no_event_of_what_failed(bridge):
    shop, receive = bridge
    product, customer = shop.product(1), shop.customer()
    shop.order(customer, (product, 2), want=409)
    order = shop.order(customer, (product, 1)).json
    assert {event["id"] for event in receive()} == {order["id"], product["id"]}


def test_a_bridge_that_does_not_read_is_not_waited_for(bridge):
    shop, _ = bridge
    product, customer = shop.product(100), shop.customer()
    for _ in range(30):  # the socket's queue holds some ten datagrams
        shop.order(customer, (product, 1))
    shop.check()


def test_no_bridge_at_all(start):
    shop = start({"OrdersBridgeSocket": "run/bridge.sock"})
    product, customer = shop.product(100), shop.customer()
    order = shop.order(customer, (product, 1)).json
    shop.move(order, "cancelled")
    shop.check()
