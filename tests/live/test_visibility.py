"""A customer's viewer gets nothing of another customer: live, on resume, on recovery, by polling; an admin's gets all."""

import json
import time

import pytest
from harness.shop import Person
from websockets.exceptions import InvalidStatus


class Two:
    """Mallory watches; Alice's orders are none of hers."""

    def __init__(self, shop):
        self.shop = shop
        self.mallory, self.alice = shop.customer("Mallory"), shop.customer("Alice")
        self.product = shop.product(1000)
        self.foreign: list[dict] = []

    def alices_life(self) -> dict:
        order = self.shop.order(self.alice, (self.product, 1)).json
        self.shop.move(order, "processing")
        self.shop.pay(order)
        self.shop.move(order, "shipped")
        self.foreign.append(order)
        return order

    def marker(self) -> dict:
        """Something that Mallory does get: all that was before it has been given out by then."""
        return self.shop.order(self.mallory, (self.product, 1)).json

    def check(self, messages) -> None:
        text = json.dumps(messages)
        for secret in [self.alice.id, self.alice.email, *(o["id"] for o in self.foreign), *(o["number"] for o in self.foreign)]:
            assert secret not in text, f"Mallory was told of {secret}"


@pytest.fixture
def two(stage, shop):
    return Two(shop)


def upto(viewer, order) -> list[dict]:
    return viewer.until(order, 1)


def test_live(stage, two):
    viewer, admins = stage.watch(two.mallory), stage.watch(two.shop.admin)
    foreign = two.alices_life()
    got = upto(viewer, two.marker())
    two.check([viewer.hello, *got])
    assert {e["type"] for e in got} == {"product:stock", "order:new"}
    assert [e["version"] for e in admins.until(foreign, 4) if e["id"] == foreign["id"]] == [1, 2, 3, 4]


def test_resume(stage, two):
    first = stage.watch(two.mallory)
    place = {"epoch": first.epoch, "since": first.seq}
    two.alices_life()
    marker = two.marker()
    time.sleep(0.3)
    two.check(upto(stage.watch(two.mallory, **place), marker))


def test_resume_at_a_place_of_another_user(stage, two):
    """Epoch and seq are no secret: Alice's own place gives Mallory what Mallory may see."""
    alices = stage.watch(two.alice)
    place = {"epoch": alices.epoch, "since": alices.seq}
    foreign = two.alices_life()
    assert alices.until(foreign, 4)
    marker = two.marker()
    time.sleep(0.3)
    two.check(upto(stage.watch(two.mallory, **place), marker))


def test_nothing_can_be_asked_for(stage, two):
    """Neither parameters nor messages name what to see."""
    viewer = stage.watch(two.mallory, user=two.alice.id, userId=two.alice.id, room="admins", role="admin")
    for message in ({"type": "subscribe", "user": two.alice.id}, {"type": "join", "room": "admins"}, {"type": "hello", "role": "admin"}):
        viewer.ws.send(json.dumps(message))
        assert viewer.next()["type"] == "error"
    two.alices_life()
    two.check(upto(viewer, two.marker()))


@pytest.mark.parametrize("options", [{}, {"transports": ["websocket"]}, {"transports": ["polling"]}], ids=["default", "websocket", "polling"])
def test_socket_io_live(stage, two, sio, options):
    socket = sio(two.mallory, **options)
    socket.wait_for("connect")
    socket.order("emit", event="join", args=["admins", {"userId": two.alice.id}])
    two.alices_life()
    socket.event(two.marker())
    two.check(socket.happened)


def test_socket_io_recovery(stage, two, sio):
    socket = sio(two.mallory, reconnectionDelay=800, reconnectionDelayMax=900)
    socket.wait_for("connect")
    socket.upgraded()
    socket.event(two.marker())
    socket.order("cut")
    socket.wait_for("disconnect")
    two.alices_life()
    marker = two.marker()
    assert socket.wait_for("connect")["recovered"] is True
    socket.event(marker)
    two.check(socket.happened)


def test_socket_io_recovery_as_another_user(stage, two, sio):
    """The session's key is not enough: with Mallory's token, Alice's session is a new one and brings nothing."""
    socket = sio(two.alice, reconnectionDelay=800, reconnectionDelayMax=900)
    first = socket.wait_for("connect")
    socket.upgraded()
    before = two.alices_life()
    while socket.event(before)["version"] < 4:
        pass
    socket.order("token", token=two.mallory.token)  # from here on it is Mallory, with Alice's pid and offset
    socket.order("cut")
    socket.wait_for("disconnect")
    told = len(socket.happened)
    two.alices_life()
    again = socket.wait_for("connect")
    assert again["recovered"] is False and again["id"] != first["id"]
    socket.event(two.marker())
    two.check(socket.happened[told:])


def test_socket_io_guest_of_a_polling_session(stage, two, sio):
    """Another's Engine.IO session can't be read by guessing: an unknown sid is an error."""
    answer = two.mallory.raw_call("GET", "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA")
    assert answer.status == 400 and b"Session ID unknown" in answer.body


def test_inactive_products_are_the_admins(stage, two):
    """As by REST: customers don't see an inactive product."""
    viewer, admins = stage.watch(two.mallory), stage.watch(two.shop.admin)
    hidden = two.shop.product(5, active=False)
    for change in ({"stockDelta": 3}, {"name": "Still hidden", "active": False}):
        two.shop.admin.patch(f"/api/products/{hidden['id']}", change)
    admins.until(hidden, 3)
    got = upto(viewer, two.marker())
    assert hidden["id"] not in json.dumps(got)


def withdrawal(product: dict, version: int) -> dict:
    return {"type": "product:stock", "id": product["id"], "version": version, "data": {"id": product["id"], "version": version, "active": False}}


def told_of(product: dict, events: list[dict]) -> list[dict]:
    return [{k: v for k, v in e.items() if k not in ("at", "seq")} for e in events if e.get("id") == product["id"]]


def change(two, product: dict, **changes) -> dict:
    answer = two.shop.admin.patch(f"/api/products/{product['id']}", changes)
    assert answer.status == 200, answer
    return answer.json


def settle(two, viewer) -> list[dict]:
    """What came until a marker, and shortly after: the change stream may be behind the datagrams."""
    got = upto(viewer, two.marker())
    time.sleep(0.3)
    return got + upto(viewer, two.marker())


def test_a_product_taken_off_sale(stage, two):
    """Customers are told that, once, and nothing of what is changed in it from then on; admins get the whole product."""
    product = two.shop.product(5)
    viewer, admins = stage.watch(two.mallory), stage.watch(two.shop.admin)
    place = {"epoch": viewer.epoch, "since": viewer.seq}
    off = change(two, product, active=False, name="A secret name", stock=77)
    change(two, product, active=False, price=99)
    (event,) = [e for e in settle(two, viewer) if e.get("id") == product["id"]]
    assert event["at"] == off["updatedAt"]
    assert told_of(product, [event]) == [withdrawal(product, 2)]
    whole = [e for e in settle(two, admins) if e.get("id") == product["id"]]
    assert [(e["version"], e["data"]["name"]) for e in whole] == [(2, "A secret name"), (3, "A secret name")]
    again = stage.watch(two.mallory, **place)
    assert told_of(product, upto(again, two.marker())) == [withdrawal(product, 2)]


def test_a_product_back_on_sale(stage, two):
    product = two.shop.product(5)
    viewer = stage.watch(two.mallory)
    for active in (False, True, False):
        change(two, product, active=active)
    told = told_of(product, settle(two, viewer))
    assert [e["version"] for e in told] == sorted({e["version"] for e in told})
    assert told[-1] == withdrawal(product, 4)


def test_socket_io_product_taken_off_sale(stage, two, sio):
    product = two.shop.product(5)
    socket = sio(two.mallory)
    socket.wait_for("connect")
    change(two, product, active=False)
    assert told_of(product, [socket.event(product)]) == [withdrawal(product, 2)]


def test_a_demoted_admin(stage, two, shop):
    """Its viewer ends, and the place it had gives a customer's view only."""
    person = shop.customer()
    shop.admin.patch(f"/api/users/{person.id}", {"role": "admin"})
    boss = Person(shop.base, person.email, shop.login(person.email).json)
    viewer = stage.watch(boss)
    foreign = two.alices_life()
    viewer.until(foreign, 4)
    place = {"epoch": viewer.epoch, "since": viewer.hello["seq"]}
    shop.admin.patch(f"/api/users/{person.id}", {"role": "customer"})
    assert viewer.closing()[0] == 4401
    assert stage.watch(boss, hello=False).closing()[0] == 4401  # the old token
    again = Person(shop.base, person.email, shop.login(person.email).json)
    marker = shop.order(again, (two.product, 1)).json
    two.check(upto(stage.watch(again, **place), marker))


def test_refused_ones_get_nothing(stage, two):
    """Not one frame of an event reaches who is not let in."""
    viewer = stage.watch(None, hello=False)
    two.alices_life()
    with pytest.raises(Exception) as caught:
        while True:
            two.check([viewer.message(2)])
    assert "4401" in str(caught.value) or not isinstance(caught.value, InvalidStatus)
