"""A third client of Socket.IO that others wrote: PyPI's python-socketio, unmodified."""

import queue
import time

import pytest
import socketio


class Viewer:
    def __init__(self, stage, token, **how):
        self.client = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.3)
        self.told = queue.Queue()
        self.client.on("*", lambda event, *args: self.told.put((event, *args)))
        self.client.connect(stage.httpd.base, auth={"token": token}, wait_timeout=10, **how)

    def event(self, of, seconds=10):
        end = time.monotonic() + seconds
        while True:
            event, body, *_ = self.told.get(timeout=max(0.01, end - time.monotonic()))  # the rest is for recovery
            if body["id"] == of["id"]:
                assert body["type"] == event
                return body


@pytest.fixture
def watch(stage):
    viewers = []

    def begin(who, **how):
        viewers.append(Viewer(stage, who.token, **how))
        return viewers[-1]

    yield begin
    for viewer in viewers:
        viewer.client.disconnect()


@pytest.mark.parametrize("transports", [None, ["websocket"], ["polling"]], ids=["default", "websocket", "polling"])
def test_an_orders_life(shop, watch, transports):
    customer = shop.customer()
    viewer = watch(customer, transports=transports)
    order = shop.order(customer, (shop.product(10), 1)).json
    shop.move(order, "processing")
    shop.pay(order)
    got = [viewer.event(order) for _ in range(3)]
    assert [(e["type"], e["version"]) for e in got] == [("order:new", 1), ("order:status", 2), ("order:payment", 3)]


def test_bad_token(stage):
    with pytest.raises(socketio.exceptions.ConnectionError):
        Viewer(stage, "garbage")


def test_acks(shop, watch):
    viewer = watch(shop.customer())
    assert viewer.client.call("anything", {"x": 1}, timeout=5)["error"]["code"] == "unknown-event"


def test_other_namespaces_are_not_offered(stage, shop):
    client = socketio.Client(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(stage.httpd.base, namespaces=["/admin"], auth={"token": shop.admin.token}, wait_timeout=5)
    client.disconnect()


def test_logout_ends_it(shop, watch):
    customer = shop.customer()
    viewer = watch(customer)
    customer.post("/api/users/logout")
    end = time.monotonic() + 5
    while viewer.client.connected and time.monotonic() < end:
        time.sleep(0.05)
    assert not viewer.client.connected
