"""/socket.io/ through Apache with the real socket.io-client, unmodified."""

import json
import time

import pytest
import wire
from stage.fleet import NODE_MODULES
from stage.play import BRIDGE_AWAY

POLLING_FIRST = {}  # the client's own defaults
WEBSOCKET = {"transports": ["websocket"]}
POLLING = {"transports": ["polling"]}
QUICK = {"reconnectionDelay": 100, "reconnectionDelayMax": 300}

every_transport = pytest.mark.parametrize("options", [POLLING_FIRST, WEBSOCKET, POLLING], ids=["default", "websocket", "polling"])


def test_client_is_there():
    assert (NODE_MODULES / "socket.io-client/package.json").exists()


@every_transport
def test_an_orders_life(stage, shop, sio, options):
    customer = shop.customer()
    socket = sio(customer, **options)
    assert socket.wait_for("open")["transport"] == options.get("transports", ["polling"])[0]
    first = socket.wait_for("connect")
    assert first["recovered"] is False and first["id"]
    if options == POLLING_FIRST:
        socket.upgraded()
    order = shop.order(customer, (shop.product(10), 2)).json
    shop.move(order, "processing")
    shop.pay(order)
    events = [socket.event(order) for _ in range(3)]
    assert [(e["type"], e["version"]) for e in events] == [("order:new", 1), ("order:status", 2), ("order:payment", 3)]
    assert (events[1]["from"], events[1]["to"]) == ("pending", "processing")
    assert all(e["data"]["id"] == order["id"] and "history" not in e["data"] for e in events)
    assert "seq" not in events[0] or isinstance(events[0]["seq"], int)


@every_transport
def test_stock_reaches_all(stage, shop, sio, options):
    socket = sio(shop.customer(), **options)
    socket.wait_for("connect")
    product = shop.product(10)
    shop.admin.patch(f"/api/products/{product['id']}", {"stockDelta": 1})
    while (event := socket.event(product))["version"] < 2:
        pass
    assert (event["type"], event["data"]["stock"]) == ("product:stock", 11)


@every_transport
def test_only_ones_own(stage, shop, sio, options):
    one, two = shop.customer(), shop.customer()
    socket, admins = sio(one, **options), sio(shop.admin, **options)
    socket.wait_for("connect"), admins.wait_for("connect")
    foreign = shop.order(two, (shop.product(10), 1)).json
    shop.move(foreign, "processing")
    own = shop.order(one, (shop.product(10), 1)).json
    assert socket.event(own)["version"] == 1
    assert {e["id"] for e in socket.events() if e["type"].startswith("order:")} == {own["id"]}
    assert [admins.event(foreign)["version"] for _ in range(2)] == [1, 2]


# --- Who is let in


@every_transport
@pytest.mark.parametrize("token", ["garbage", "", 7])
def test_bad_token(stage, sio, options, token):
    socket = sio(None, auth={"token": token}, **options)
    error = socket.wait_for("connect_error")
    assert error["message"] and error["data"]["code"] == "session-invalid"
    assert error["active"] is False  # the client doesn't go on asking


@every_transport
def test_no_token(stage, sio, options):
    error = sio(None, **options).wait_for("connect_error")
    assert error["data"]["code"] == "sign-in-required"


def test_another_try_after_connect_error(stage, shop, sio):
    socket = sio("garbage")
    socket.wait_for("connect_error")
    socket.order("token", token=shop.customer().token)
    socket.order("connect")
    assert socket.wait_for("connect")["recovered"] is False


def test_auth_token_alone_decides(stage, shop, sio):
    """A good cookie or bearer doesn't help a bad auth.token, nor harm a good one."""
    good = shop.customer().token
    bad = sio("garbage", extraHeaders={"Authorization": f"Bearer {good}", "Cookie": f"__Host-session={good}"})
    assert bad.wait_for("connect_error")["data"]["code"] == "session-invalid"
    assert sio(good, extraHeaders={"Authorization": "Bearer garbage"}).wait_for("connect")


def test_bearer_and_cookie(stage, shop, sio):
    customer = shop.customer()
    by_header = sio(None, extraHeaders={"Authorization": f"Bearer {customer.token}"})
    by_cookie = sio(None, extraHeaders={"Cookie": f"__Host-session={customer.token}"})
    by_header.wait_for("connect"), by_cookie.wait_for("connect")
    order = shop.order(customer, (shop.product(10), 1)).json
    assert by_header.event(order)["version"] == by_cookie.event(order)["version"] == 1


def test_other_origins_may_not(stage, shop, sio):
    for options in (POLLING_FIRST, WEBSOCKET):
        socket = sio(shop.customer(), extraHeaders={"Origin": "http://evil.example"}, **options)
        assert "data" not in socket.wait_for("connect_error")  # not let in far enough to be told in the protocol


def test_nothing_to_send(stage, shop, sio):
    """What a client emits changes nothing, and is answered if it asked for an answer."""
    socket = sio(shop.customer())
    socket.wait_for("connect")
    socket.order("emit", event="join", args=["admins"])
    assert socket.wait_for("ack")["answer"]["error"]["code"] == "unknown-event"
    foreign = shop.order(shop.customer(), (shop.product(10), 1)).json
    time.sleep(0.3)
    assert foreign["id"] not in {e["id"] for e in socket.events()}


# --- Coming back


@pytest.mark.parametrize("options", [POLLING_FIRST, WEBSOCKET], ids=["default", "websocket"])
def test_recovery(stage, shop, sio, options):
    """A broken connection: the same session goes on, and nothing is missed."""
    customer = shop.customer()
    socket = sio(customer, reconnectionDelay=1000, reconnectionDelayMax=1500, **options)
    first = socket.wait_for("connect")
    if options == POLLING_FIRST:
        socket.upgraded()
    order = shop.order(customer, (shop.product(10), 1)).json
    assert socket.event(order)["version"] == 1
    socket.order("cut")
    socket.wait_for("disconnect")
    shop.move(order, "processing")
    shop.pay(order)
    again = socket.wait_for("connect")
    assert again["recovered"] is True and again["id"] == first["id"]
    shop.move(order, "shipped")
    assert [socket.event(order)["version"] for _ in range(3)] == [2, 3, 4]
    assert [e["version"] for e in socket.events() if e["id"] == order["id"]] == [1, 2, 3, 4]


def test_recovery_before_any_event(stage, shop, sio):
    customer = shop.customer()
    socket = sio(customer, reconnectionDelay=700, reconnectionDelayMax=700)
    first = socket.wait_for("connect")
    socket.upgraded()
    socket.order("cut")
    socket.wait_for("disconnect")
    order = shop.order(customer, (shop.product(10), 1)).json
    again = socket.wait_for("connect")
    if again["recovered"]:
        assert again["id"] == first["id"] and socket.event(order)["version"] == 1
    else:  # the client has no offset to give: it has to fetch afresh
        assert again["id"] != first["id"]


def test_new_bridge_is_a_new_session(start_stage, sio):
    """kill -9: the client comes back by itself, and is told that it was not recovered."""
    stage = start_stage(expect=[BRIDGE_AWAY])
    shop, customer = stage.shop, stage.shop.customer()
    socket = sio(customer, at=stage, **QUICK)
    first = socket.wait_for("connect")
    order = shop.order(customer, (shop.product(10), 1)).json
    socket.event(order)
    stage.bridge.kill()
    socket.wait_for("disconnect")
    stage.bridge.start()
    again = socket.wait_for("connect")
    assert again["recovered"] is False and again["id"] != first["id"]
    shop.move(order, "processing")
    assert socket.event(order)["version"] == 2


def test_rotation(start_stage, sio):
    """Asked to reconnect: no DISCONNECT, so that it comes back by itself, recovered."""
    stage = start_stage({"rotate": "1"})
    customer = stage.shop.customer()
    socket = sio(customer, at=stage, **QUICK)
    socket.wait_for("connect")
    stage.shop.order(customer, (stage.shop.product(10), 1))
    for _ in range(2):
        assert socket.wait_for("disconnect")["reason"] == "transport close"
        assert socket.wait_for("connect")["recovered"] is True


def test_close_comes_alone(start_stage):
    """By polling, never behind events in one payload: the client would not count those as received, and show them twice."""
    stage = start_stage({"rotate": "600ms"})
    with wire.Polling(stage.httpd.port, "/socket.io/") as session:
        session.post(b"40" + json.dumps({"token": stage.shop.customer().token}).encode())
        (joined,) = session.packets()
        assert joined.startswith(b"40{")
        status, payload = 200, b""
        while status == 200 and payload != b"1":
            with wire.Connection(stage.httpd.port) as fresh:  # the other may be past Apache's KeepAliveTimeout
                status, _, payload = fresh.exchange("GET", session.url)
            packets = payload.split(b"\x1e")
            assert b"1" not in packets or len(packets) == 1
        assert session.is_over()


def test_end_amid_an_upgrade(start_stage):
    """The client has stopped polling to change over: the probed socket stays until it has, or the client would wait in vain."""
    stage = start_stage({"rotate": "600ms"})
    with wire.Polling(stage.httpd.port, "/socket.io/") as session:
        session.post(b"40" + json.dumps({"token": stage.shop.customer().token}).encode())
        session.packets()
        with wire.Connection(stage.httpd.port) as probe:
            assert probe.upgrade(f"/socket.io/?EIO=4&transport=websocket&sid={session.sid}")[0] == 101
            probe.send_text("2probe")
            assert probe.receive() == "3probe"
            time.sleep(0.9)  # its time is over
            probe.send_text("5")
            assert probe.receive_close() == 4410
        assert session.is_over()


def test_enough_viewers(start_stage, sio):
    stage = start_stage({"max-viewers": "2"})
    customer = stage.shop.customer()
    for _ in range(2):
        sio(customer, at=stage).wait_for("connect")
    late = sio(customer, at=stage, **QUICK)
    assert late.wait_for("connect_error")["active"] is True  # it comes again by itself
    assert stage.shop.nobody.get("/healthz").status == 200
