"""/ws through Apache: hello, events, heartbeat, resume and reset, and who is let in."""

import json
import time

import pytest
from harness.client import Client
from harness.httpd import SECRET
from stage.play import BRIDGE_AWAY, stock_event
from websockets.exceptions import InvalidStatus


def refused(stage, status, who=None, **how):
    """The upgrade itself is refused; the answer's headers."""
    with pytest.raises(InvalidStatus) as caught:
        stage.watch(who, hello=False, **how)
    assert caught.value.response.status_code == status
    return caught.value.response.headers


def closed(viewer, code):
    """It is let in and told to go."""
    got, reason = viewer.closing()
    assert got == code, (got, reason)
    return reason


def life_of(shop, customer):
    """An order from new to shipped: its four events' (type, version, from, to)."""
    order = shop.order(customer, (shop.product(10), 2)).json
    shop.move(order, "processing")
    shop.pay(order)
    shop.move(order, "shipped")
    return order, [
        ("order:new", 1, None, None),
        ("order:status", 2, "pending", "processing"),
        ("order:payment", 3, None, None),
        ("order:status", 4, "processing", "shipped"),
    ]


# --- Events


def test_hello(stage, shop):
    viewer = stage.watch(shop.customer())
    assert viewer.ws.subprotocol == "orders.v1"
    assert set(viewer.hello) >= {"type", "epoch", "seq", "heartbeat"}
    assert viewer.hello["heartbeat"] == 1 and isinstance(viewer.hello["epoch"], str) and viewer.hello["seq"] >= 0


def test_an_orders_life(stage, shop):
    customer = shop.customer()
    viewer = stage.watch(customer)
    order, story = life_of(shop, customer)
    got = [event for event in viewer.until(order, 4) if event["id"] == order["id"]]
    assert [(e["type"], e["version"]) for e in got] == [row[:2] for row in story]
    for event, (kind, version, before, after) in zip(got, story, strict=True):
        assert set(event) >= {"type", "id", "version", "at", "data", "seq"}
        assert event["data"]["id"] == order["id"] and event["data"]["version"] >= version and "history" not in event["data"]
        if kind == "order:status":
            assert (event["from"], event["to"]) == (before, after)
    seqs = [event["seq"] for event in got]
    assert seqs == sorted(set(seqs)) and seqs[0] > viewer.hello["seq"]
    history = shop.see(order).json["history"]
    assert [event["at"] for event in got] == [entry["at"] for entry in history]


def test_data_is_what_rest_says(stage, shop):
    customer = shop.customer()
    viewer = stage.watch(customer)
    order = shop.order(customer, (shop.product(10), 1), shipTo={"name": "Zoë", "lines": ["1 \"High\" St"], "city": "Bath", "postcode": "X", "country": "GB"}).json
    rest = shop.see(order, by=customer).json
    data = viewer.event(order)["data"]
    assert {name: rest[name] for name in data if name != "allowedTransitions"} == {n: v for n, v in data.items() if n != "allowedTransitions"}


def test_stock(stage, shop):
    viewer = stage.watch(shop.customer())
    product = shop.product(10)
    shop.admin.patch(f"/api/products/{product['id']}", {"stockDelta": 5})
    event = viewer.until(product, 2)[-1]
    assert (event["type"], event["version"], event["data"]["stock"]) == ("product:stock", 2, 15)


def test_heartbeat(stage, shop):
    viewer = stage.watch(shop.customer())
    beat = viewer.message(3)
    while beat["type"] != "heartbeat":
        beat = viewer.message(3)
    assert beat["seq"] >= viewer.hello["seq"]


def test_ping_is_answered(stage, shop):
    viewer = stage.watch(shop.customer())
    viewer.ws.send('{"type":"ping"}')
    assert viewer.next("heartbeat", 1)["seq"] >= 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type":1}', '{"type":"subscribe","room":"admins"}', '"ping"'])
def test_what_it_does_not_understand_is_told(stage, shop, text):
    viewer = stage.watch(shop.customer())
    viewer.ws.send(text)
    answer = viewer.next("error")
    assert answer["code"] and answer["detail"]
    order = shop.order(shop.customer(), (shop.product(3), 1)).json
    assert order and viewer.next("product:stock")  # and it goes on


def test_binary_is_refused(stage, shop):
    viewer = stage.watch(shop.customer())
    viewer.ws.send(b'{"type":"ping"}')
    assert closed(viewer, 1003)


def test_oversize_is_refused(stage, shop):
    viewer = stage.watch(shop.customer())
    viewer.ws.send(json.dumps({"type": "ping", "more": "x" * 20000}))
    closed(viewer, 1009)


def test_too_many_messages(start_stage):
    stage = start_stage({"messages-per-minute": "20"})
    viewer = stage.watch(stage.shop.customer())
    for _ in range(40):
        try:
            viewer.ws.send('{"type":"ping"}')
        except Exception:  # closed meanwhile
            break
    closed(viewer, 1008)


# --- Coming back


def test_resume_brings_what_was_missed(stage, shop):
    customer = shop.customer()
    first = stage.watch(customer)
    order = shop.order(customer, (shop.product(10), 1)).json
    assert first.event(order)["version"] == 1
    place = {"epoch": first.epoch, "since": first.seq}
    first.close()
    shop.move(order, "processing")
    shop.pay(order)
    time.sleep(0.5)
    again = stage.watch(customer, **place)
    assert again.hello["epoch"] == place["epoch"]
    missed = [e for e in again.until(order, 3) if e["id"] == order["id"]]
    assert [e["version"] for e in missed] == [2, 3]
    assert all(e["seq"] > place["since"] for e in missed)
    shop.move(order, "shipped")
    assert again.event(order)["version"] == 4  # live from there on


def test_resume_with_nothing_missed(stage, shop):
    customer = shop.customer()
    first = stage.watch(customer)
    again = stage.watch(customer, epoch=first.epoch, since=first.seq)
    order = shop.order(customer, (shop.product(10), 1)).json
    assert again.next()["type"] in ("order:new", "product:stock")
    assert again.event(order) if again.seq == first.seq else True


@pytest.mark.parametrize("place", ["ahead", "other epoch", "no number", "negative", "no epoch"])
def test_reset(stage, shop, place):
    customer = shop.customer()
    now = stage.watch(customer)
    given = {
        "ahead": {"epoch": now.epoch, "since": now.seq + 1000},
        "other epoch": {"epoch": "nonesuch", "since": 0},
        "no number": {"epoch": now.epoch, "since": "1e3"},
        "negative": {"epoch": now.epoch, "since": "-1"},
        "no epoch": {"since": 0},
    }[place]
    again = stage.watch(customer, **given)
    reset = again.next("reset")
    assert reset["epoch"] == now.epoch and reset["seq"] >= now.seq
    order = shop.order(customer, (shop.product(10), 1)).json
    assert again.event(order)["version"] == 1


def test_reset_when_too_old(start_stage):
    stage = start_stage({"ring-events": "10"})
    shop, customer = stage.shop, stage.shop.customer()
    first = stage.watch(customer)
    product = shop.product(100)
    for _ in range(8):  # two events each
        shop.order(customer, (product, 1))
    time.sleep(0.5)
    again = stage.watch(customer, epoch=first.epoch, since=first.hello["seq"])
    reset = again.next("reset")
    assert reset["epoch"] == first.epoch and reset["seq"] >= first.hello["seq"] + 16
    assert stage.watch(customer, epoch=first.epoch, since=reset["seq"] - 5).next()["seq"] == reset["seq"] - 4


# --- Who is let in


def test_nobody(stage):
    closed(stage.watch(None, hello=False), 4401)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "x" * 5000])
def test_bad_token(stage, token):
    closed(stage.watch(None, hello=False, headers={"Authorization": f"Bearer {token}"}), 4401)


def test_token_of_another_secret(start_stage, stage, shop):
    """Another shop's token says nothing here."""
    other = start_stage(directives={"OrdersJwtSecret": SECRET + "-another"})
    closed(stage.watch(other.shop.customer(), hello=False), 4401)


def test_cookie(stage, shop):
    customer = shop.customer()
    cookies = shop.login(customer.email).cookies
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    viewer = stage.watch(cookie=jar)
    order = shop.order(customer, (shop.product(10), 1)).json
    assert viewer.event(order)["type"] == "order:new"


def test_bearer_alone_decides(stage, shop):
    """A bad bearer never falls back to the cookie."""
    cookies = shop.login(shop.customer().email).cookies
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    closed(stage.watch(cookie=jar, hello=False, headers={"Authorization": "Bearer garbage"}), 4401)


def test_two_session_cookies(stage, shop):
    one, two = (shop.login(shop.customer().email).cookies["__Host-session"] for _ in range(2))
    closed(stage.watch(cookie=f"__Host-session={one}; __Host-session={two}", hello=False), 4401)


def test_no_header_names_a_user(stage, shop):
    """Whatever a client claims in headers, it is nobody without a token."""
    for name in ("X-Orders-User", "X-Remote-User", "Remote-User", "X-Forwarded-User"):
        closed(stage.watch(hello=False, headers={name: shop.admin.id}), 4401)


def test_same_host_may(stage, shop):
    assert stage.watch(shop.customer(), origin=f"http://127.0.0.1:{stage.httpd.port}").hello


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1.evil.example", "file://"])
def test_other_origins_may_not(stage, shop, origin):
    refused(stage, 403, shop.customer(), origin=origin)


def test_allowed_origin(start_stage):
    stage = start_stage({"allowed-origin": "https://shop.example https://admin.example:8443"})
    customer = stage.shop.customer()
    for origin in ("https://shop.example", "https://admin.example:8443"):
        assert stage.watch(customer, origin=origin).hello
    assert stage.watch(customer).hello  # none sent
    for origin in ("https://admin.example", "http://shop.example", "null", f"http://127.0.0.1:{stage.httpd.port}"):
        refused(stage, 403, customer, origin=origin)


def test_subprotocol(stage, shop):
    customer = shop.customer()
    assert stage.watch(customer, subprotocols=["other", "orders.v1"]).ws.subprotocol == "orders.v1"
    assert stage.watch(customer, subprotocols=None).ws.subprotocol is None


def test_plain_get_is_no_upgrade(stage):
    answer = Client(stage.httpd.base).raw_call("GET", "/ws")
    assert answer.status == 426 and answer.header("Upgrade")


def test_enough_viewers(start_stage):
    stage = start_stage({"max-viewers": "3"})
    shop, customer = stage.shop, stage.shop.customer()
    viewers = [stage.watch(customer) for _ in range(3)]
    assert int(refused(stage, 503, customer)["Retry-After"]) >= 1
    assert shop.see(shop.order(customer, (shop.product(3), 1)).json).status == 200  # the API has workers left
    viewers[0].close()
    time.sleep(0.2)
    assert stage.watch(customer).hello


# --- Being asked to go


def test_rotation(start_stage):
    stage = start_stage({"rotate": "1"})
    customer = stage.shop.customer()
    begin = time.monotonic()
    viewer = stage.watch(customer)
    closed(viewer, 4410)
    assert 0.7 < time.monotonic() - begin < 2
    assert "reset" not in str(stage.watch(customer, epoch=viewer.epoch, since=viewer.seq).hello)


def test_the_bridge_stops(start_stage):
    stage = start_stage(expect=[BRIDGE_AWAY])
    viewer = stage.watch(stage.shop.customer())
    stage.bridge.stop()
    closed(viewer, 4503)
    assert refused(stage, 503, stage.shop.customer()) is not None


def test_slow_reader(start_stage):
    """One that doesn't read is cut; others are not held up, and it comes back to where it was."""
    stage = start_stage({"max-queue-events": "50", "max-queue-bytes": "65536"})
    admin = stage.shop.admin
    quick, slow = stage.watch(admin), stage.watch_straight(admin)
    ids = [f"{i:024x}" for i in range(1, 1501)]
    for first in range(0, len(ids), 30):
        stage.say([stock_event(i, 1, name="W" * 150) for i in ids[first : first + 30]])
        for i in ids[first : first + 30]:
            assert quick.next()["id"] == i
    closed(slow, 4408)
    assert quick.hello["seq"] < slow.seq < quick.seq
    place = slow.seq
    again = stage.watch(admin, epoch=slow.epoch, since=quick.seq - 20)
    assert [again.next()["seq"] for _ in range(20)] == list(range(quick.seq - 19, quick.seq + 1))
    assert stage.watch(admin, epoch=slow.epoch, since=place).next()["type"] == "reset"  # more than fits its queue
