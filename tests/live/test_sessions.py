"""A socket lives no longer than its session: expiry, logout, password, role, whoever changes it and wherever."""

import time

import pytest
from harness.shop import PASSWORD, Person
from stage.tokens import claims, ending_in, forged

ENDS = {
    "logout": lambda shop, who: who.post("/api/users/logout"),
    "password": lambda shop, who: who.post("/api/users/password", {"current": PASSWORD, "new": PASSWORD + "!"}),
    "role": lambda shop, who: shop.admin.patch(f"/api/users/{who.id}", {"role": "admin"}),
    "ordersctl": lambda shop, who: shop.ctl("user", "role", "--email", who.email, "--role", "admin"),
    "deleted": lambda shop, who: shop.database.mongo.users.delete_one({"email": who.email}),
}
every_end = pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)


@every_end
def test_plain(stage, shop, end):
    who, other = shop.customer(), shop.customer()
    viewers, unharmed = [stage.watch(who) for _ in range(2)], stage.watch(other)
    begin = time.monotonic()
    end(shop, who)
    for viewer in viewers:
        assert viewer.closing()[0] == 4401
    assert time.monotonic() - begin < 3
    assert stage.watch(who, hello=False).closing()[0] == 4401
    assert unharmed.next("heartbeat", 3)


@every_end
@pytest.mark.parametrize("options", [{}, {"transports": ["websocket"]}, {"transports": ["polling"]}], ids=["default", "websocket", "polling"])
def test_socket_io(stage, shop, sio, end, options):
    """DISCONNECT, so that the client doesn't come back with that token by itself."""
    who = shop.customer()
    socket = sio(who, **options)
    socket.wait_for("connect")
    if not options:
        socket.upgraded()
    end(shop, who)
    gone = socket.wait_for("disconnect")
    assert gone["reason"] == "io server disconnect" and gone["active"] is False
    assert sio(who, **options).wait_for("connect_error")["data"]["code"] == "session-invalid"


def test_new_session_after_logout(stage, shop):
    who = shop.customer()
    who.post("/api/users/logout")
    again = Person(shop.base, who.email, shop.login(who.email).json)
    assert stage.watch(again).hello


def test_expiry(stage, shop, sio):
    """The socket ends when the token does, and that token opens none any more."""
    token = ending_in(shop.customer().token, 3)
    plain = stage.watch(headers={"Authorization": f"Bearer {token}"})
    socket = sio(token, reconnectionDelay=100)
    socket.wait_for("connect")
    code, reason = plain.closing()
    assert code == 4401 and "expired" in reason
    assert time.time() >= claims(token)["exp"] - 0.1
    assert socket.wait_for("disconnect")["reason"] == "transport close"
    assert socket.wait_for("connect_error")["data"]["code"] == "session-invalid"
    assert stage.watch(hello=False, headers={"Authorization": f"Bearer {token}"}).closing()[0] == 4401


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "4102444800"},
        {"ver": 99},
        {"role": "admin"},
        {"sub": "f" * 24},
        {"iss": "another"},
        {"aud": "another"},
        {"key": b"another key, of thirty-two bytes"},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS512", "typ": "JWT"}},
    ],
    ids=lambda changes: "-".join(f"{name}" for name in changes),
)
def test_forged(stage, shop, changes):
    token = forged(shop.customer().token, **changes)
    assert stage.watch(hello=False, headers={"Authorization": f"Bearer {token}"}).closing()[0] == 4401
