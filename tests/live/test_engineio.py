"""Engine.IO 4 at wsecho's /engine.io/: the points of the protocol's document, each transport, and the upgrade between them."""

import json
import time

import pytest
from wire import BINARY, Polling

REFUSALS = {
    "no transport": ("GET", "EIO=4", 0, "Transport unknown"),
    "another transport": ("GET", "EIO=4&transport=abc", 0, "Transport unknown"),
    "an unknown session": ("GET", "EIO=4&transport=polling&sid=nobody", 1, "Session ID unknown"),
    "a handshake by POST": ("POST", "EIO=4&transport=polling", 2, "Bad handshake method"),
    "a handshake by PUT": ("PUT", "EIO=4&transport=polling", 2, "Bad handshake method"),
    "WebSocket without an upgrade": ("GET", "EIO=4&transport=websocket", 3, "Bad request"),
    "no version": ("GET", "transport=polling", 5, "Unsupported protocol version"),
    "version 3": ("GET", "EIO=3&transport=polling", 5, "Unsupported protocol version"),
    "version abc": ("GET", "EIO=abc&transport=polling", 5, "Unsupported protocol version"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(echo, name):
    method, query, code, message = REFUSALS[name]
    with echo.connect() as connection:
        status, headers, body = connection.exchange(method, f"/engine.io/?{query}", b"" if method != "GET" else None)
        assert status == 400
        assert headers["content-type"] == "application/json"
        assert json.loads(body) == {"code": code, "message": message}


@pytest.mark.parametrize("query", ["transport=websocket", "EIO=3&transport=websocket", "EIO=4", "EIO=4&transport=polling", "EIO=4&transport=websocket&sid=nobody"])
def test_refused_websocket_handshakes(echo, query):
    with echo.connect() as connection:
        assert connection.upgrade(f"/engine.io/?{query}")[0] == 400


# --- Long polling


@pytest.fixture
def polling(echo):
    with Polling(echo.port) as session:
        yield session


def test_polling_handshake(polling):
    assert polling.handshake == {"sid": polling.sid, "upgrades": ["websocket"], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1000000}
    assert len(polling.sid) == 20


def test_polling_messages(polling):
    status, headers, body = polling.post("4hello €".encode())
    assert (status, body) == (200, b"ok")
    status, headers, body = polling.get()
    assert (status, headers["content-type"], body) == (200, "text/plain; charset=utf-8", "4hello €".encode())
    polling.post(b"4one\x1ebAQIDBA==\x1e4two\x1eb\x1e4")
    assert polling.packets() == [b"4one", b"bAQIDBA==", b"4two", b"b", b"4"]


def test_a_get_waits_for_a_message(polling):
    polling.gets.request("GET", polling.url)
    polling.gets.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        polling.gets.response()
    polling.gets.socket.settimeout(10)
    polling.post(b"4now")
    assert polling.gets.response()[2] == b"4now"


BAD_PAYLOADS = {
    "an unknown type": b"abc",
    "nothing": b"",
    "an empty packet": b"4a\x1e\x1e4b",
    "a separator at the end": b"4a\x1e",
    "no base64": b"b!!!",
    "base64 without padding": b"bAQIDBA",
    "no UTF-8": b"4\xff\xfe",
    "a client's ping": b"2",
}


@pytest.mark.parametrize("name", [name for name in BAD_PAYLOADS if name != "a client's ping"])
def test_bad_payloads_end_the_session(polling, name):
    assert polling.post(BAD_PAYLOADS[name])[0] == 400
    assert polling.is_over()


def test_a_ping_from_the_client_ends_the_session(polling):
    polling.post(b"2")
    assert polling.is_over()


def test_binary_bodies_are_not_taken(polling):
    assert polling.post(b"4hello", Content_Type="application/octet-stream")[0] == 400
    assert polling.is_over()


def test_a_payload_over_the_limit(polling):
    assert polling.post(b"4" + b"x" * 999_999)[0] == 200
    assert polling.packets() == [b"4" + b"x" * 999_999]
    status, headers, _ = polling.post(b"4" + b"x" * 1_000_000)
    assert (status, headers["connection"]) == (413, "close")


def test_two_gets_at_once_end_the_session(polling, echo):
    polling.gets.request("GET", polling.url)
    with echo.connect() as second:
        assert second.exchange("GET", polling.url)[0] == 400
    assert polling.gets.response()[2] == b"1"
    assert polling.is_over()


def test_a_get_that_is_given_up_ends_the_session(polling):
    polling.gets.request("GET", polling.url)
    polling.gets.close()
    end = time.monotonic() + 10
    while not polling.is_over():
        assert time.monotonic() < end


def test_the_client_says_good_bye(polling):
    polling.gets.request("GET", polling.url)
    assert polling.post(b"1")[2] == b"ok"
    assert polling.gets.response()[2] == b"6"
    assert polling.is_over()


def test_other_methods(polling):
    for method in ("PUT", "DELETE", "OPTIONS"):
        status, _, body = polling.posts.exchange(method, polling.url, b"")
        assert (status, json.loads(body)["code"]) == (400, 3)
    polling.post(b"4still here")
    assert polling.packets() == [b"4still here"]


def test_messages_while_nobody_waits_come_together(polling):
    for number in range(20):
        polling.post(f"4{number}".encode())
    assert polling.packets() == [f"4{number}".encode() for number in range(20)]


# --- WebSocket


@pytest.fixture
def socket(echo):
    with echo.websocket("/engine.io/?EIO=4&transport=websocket") as connection:
        connection.handshake = json.loads(connection.receive()[1:])
        yield connection


def test_websocket_handshake(socket):
    assert socket.handshake.pop("sid")
    assert socket.handshake == {"upgrades": [], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1000000}


def test_websocket_messages(socket):
    socket.send_text("4hello €")
    assert socket.receive() == "4hello €"
    socket.send_frame(BINARY, bytes(range(256)))
    assert socket.receive() == bytes(range(256))
    socket.send_text("4")
    assert socket.receive() == "4"


@pytest.mark.parametrize(("packet", "code"), [("abc", 1002), ("", 1002), ("9", 1002), ("2", 1002), ("1", 1000)])
def test_what_ends_a_websocket_session(socket, packet, code):
    socket.send_text(packet)
    assert socket.receive_close() == code


def test_a_message_over_the_limit(socket):
    socket.send_text("4" + "x" * 1_000_000)
    assert socket.receive_close() == 1009


# --- The heartbeat


def test_polling_heartbeat(quick_echo):
    with Polling(quick_echo.port) as session:
        for _ in range(3):
            assert session.packets() == [b"2"]
            assert session.post(b"3")[2] == b"ok"
        assert session.packets() == [b"2"]
        assert session.packets() == [b"1"]  # no pong: closed
        assert session.is_over()


def test_websocket_heartbeat(quick_echo):
    with quick_echo.websocket("/engine.io/?EIO=4&transport=websocket") as socket:
        socket.receive()
        for _ in range(3):
            assert socket.receive() == "2"
            socket.send_text("3")
        began = time.monotonic()
        assert socket.receive() == "2"
        socket.receive_close()
        assert time.monotonic() - began > 0.5


def test_a_session_that_is_never_fetched_ends(quick_echo):
    with Polling(quick_echo.port) as session:
        time.sleep(0.8)  # longer than interval and timeout together
        assert session.is_over()


# --- The upgrade


def upgrade(echo, session):
    socket = echo.websocket(f"/engine.io/?EIO=4&transport=websocket&sid={session.sid}")
    socket.send_text("2probe")
    assert socket.receive() == "3probe"
    return socket


def test_upgrade(polling, echo):
    polling.gets.request("GET", polling.url)
    with upgrade(echo, polling) as socket:
        assert polling.gets.response()[2] == b"6"  # the waiting GET is let go
        assert polling.packets() == [b"6"]  # and so is any other until the upgrade is done
        assert polling.post(b"4by polling")[2] == b"ok"
        socket.send_text("5")
        assert socket.receive() == "4by polling"
        socket.send_text("4by socket")
        assert socket.receive() == "4by socket"
        status, _, body = polling.get()
        assert (status, json.loads(body)["code"]) == (400, 3)
        assert polling.post(b"4late")[0] == 400
        with echo.websocket(f"/engine.io/?EIO=4&transport=websocket&sid={polling.sid}") as second:
            assert second.receive_close() == 1008
        socket.send_text("4still")
        assert socket.receive() == "4still"


def test_a_second_upgrade_is_turned_away(polling, echo):
    with upgrade(echo, polling) as socket, echo.websocket(f"/engine.io/?EIO=4&transport=websocket&sid={polling.sid}") as second:
        assert second.receive_close() == 1008
        socket.send_text("5")
        socket.send_text("4first")
        assert socket.receive() == "4first"


@pytest.mark.parametrize("packet", ["5", "4early", "2", "3probe", ""])
def test_what_is_no_upgrade_leaves_polling_as_it_was(polling, echo, packet):
    with echo.websocket(f"/engine.io/?EIO=4&transport=websocket&sid={polling.sid}") as socket:
        socket.send_text(packet)
        assert socket.receive_close() == 1002
    polling.post(b"4here")
    assert polling.packets() == [b"4here"]


def test_an_upgrade_that_breaks_off_leaves_polling_as_it_was(polling, echo):
    upgrade(echo, polling).close()
    deadline = time.monotonic() + 10
    polling.post(b"4here")
    while (packets := polling.packets()) == [b"6"]:
        assert time.monotonic() < deadline
    assert packets == [b"4here"]
    with upgrade(echo, polling) as socket:  # and a second try may succeed
        socket.send_text("5")
        socket.send_text("4up")
        assert socket.receive() == "4up"


def test_the_session_ends_in_the_middle_of_an_upgrade(polling, echo):
    with upgrade(echo, polling) as socket:
        polling.post(b"1")
        assert socket.receive_close() == 1000
    assert polling.is_over()


def test_the_end_of_the_socket_is_the_end_of_the_session(polling, echo):
    with upgrade(echo, polling) as socket:
        socket.send_text("5")
        socket.send_text("4up")
        assert socket.receive() == "4up"
    end = time.monotonic() + 10
    while not polling.is_over():
        assert time.monotonic() < end
