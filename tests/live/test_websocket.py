"""WebSocket (RFC 6455) at wsecho's /: by hand, in every wrong way, and with an implementation that others wrote."""

import asyncio
import os
import struct
import time

import pytest
import websockets
from wire import BINARY, CLOSE, PING, PONG, TEXT, frame


@pytest.fixture
def ws(echo):
    with echo.websocket() as connection:
        yield connection


def test_text_and_binary_come_back(ws):
    for payload in ("", "hello", "häßlich € 🎉", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536):
        ws.send_text(payload)
        assert ws.receive() == payload
        ws.send_frame(BINARY, payload.encode())
        assert ws.receive() == payload.encode()


def test_sixteen_megabytes(ws):
    payload = os.urandom(1 << 20) * 16
    ws.send_frame(BINARY, payload)
    assert ws.receive() == payload


def test_many_small_fragments(ws):
    payload = os.urandom(64)
    ws.send(frame(BINARY, payload, fin=False) + frame(0, payload, fin=False) * 20000 + frame(0, payload))
    assert ws.receive() == payload * 20002


def test_control_frames_between_fragments(ws):
    ws.send(frame(TEXT, b"one ", fin=False) + frame(PING, b"a") + frame(0, b"two ", fin=False) + frame(PONG, b"unasked") + frame(PING, b"b") + frame(0, b"three"))
    assert ws.receive_frame() == (True, PONG, b"a")
    assert ws.receive_frame() == (True, PONG, b"b")
    assert ws.receive() == "one two three"


def test_a_character_cut_by_fragments(ws):
    euro = "€".encode()
    ws.send(frame(TEXT, euro[:1], fin=False) + frame(0, euro[1:2], fin=False) + frame(0, euro[2:]))
    assert ws.receive() == "€"


@pytest.mark.parametrize("size", [1, 7, 100])
def test_frames_cut_by_the_network(ws, size):
    data = frame(TEXT, b"hello " * 30) + frame(PING, b"in between") + frame(TEXT, b"bye")
    for start in range(0, len(data), size):
        ws.send(data[start : start + size])
    assert ws.receive() == "hello " * 30
    assert ws.receive_frame() == (True, PONG, b"in between")
    assert ws.receive() == "bye"


VIOLATIONS = {
    "no mask": (frame(TEXT, b"x", mask=False), 1002),
    "RSV1": (frame(TEXT, b"x", rsv=4), 1002),
    "RSV2": (frame(TEXT, b"x", rsv=2), 1002),
    "RSV3": (frame(TEXT, b"x", rsv=1), 1002),
    **{f"opcode {opcode}": (frame(opcode, b"x"), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a continuation of nothing": (frame(0, b"x"), 1002),
    "a message in a message": (frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), 1002),
    "a ping in fragments": (frame(PING, b"x", fin=False), 1002),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "a close of one byte": (frame(CLOSE, b"\x03"), 1002),
    "no UTF-8": (frame(TEXT, b"\xc3\x28"), 1007),
    "no UTF-8, unfinished": (frame(TEXT, b"\xf4\x90\x80\x80", fin=False), 1007),
    "half a character": (frame(TEXT, b"\xe2\x82"), 1007),
    "no UTF-8 in a close reason": (frame(CLOSE, b"\x03\xe8\xc3\x28"), 1007),
    **{f"close code {code}": (frame(CLOSE, struct.pack("!H", code)), 1002) for code in (0, 999, 1004, 1005, 1006, 1016, 2999, 5000, 65535)},
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations(ws, echo, name):
    data, code = VIOLATIONS[name]
    ws.send(data)
    assert ws.receive_close() == code
    with echo.websocket() as other:  # and it lives
        other.send_text("alive")
        assert other.receive() == "alive"


def test_bad_text_is_found_before_its_end(ws):
    ws.send(b"\x81\xfe\x10\x00" + b"\0\0\0\0" + b"valid \xff")
    assert ws.receive_close() == 1007


def test_too_big(ws):
    ws.send(b"\x82\xff" + struct.pack("!Q", 65 << 20) + b"\0\0\0\0x")
    assert ws.receive_close() == 1009


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1011, 3000, 4999])
def test_close_is_answered(ws, code):
    ws.send_frame(CLOSE, struct.pack("!H", code) + "bye €".encode())
    assert ws.receive_close() == code


def test_close_without_a_code(ws):
    ws.send_frame(CLOSE)
    assert ws.receive_close() is None


def test_what_comes_behind_a_close_is_ignored(ws):
    ws.send(frame(TEXT, b"first") + frame(CLOSE, b"\x03\xe8") + frame(PING, b"late") + frame(TEXT, b"late"))
    assert ws.receive() == "first"
    assert ws.receive_frame() == (True, CLOSE, b"\x03\xe8")
    assert ws.wait_closed() == b""


def test_frames_right_behind_the_handshake(echo):
    with echo.connect() as connection:
        connection.request("GET", "/", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
        connection.send(frame(TEXT, b"early") + frame(TEXT, b"too"))
        status, headers, _ = connection.response()
        assert (status, headers["sec-websocket-accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".lower())
        assert [connection.receive(), connection.receive()] == ["early", "too"]


def test_what_is_no_handshake(echo):
    with echo.connect() as connection:
        status, headers, _ = connection.exchange("GET", "/")
        assert (status, headers["sec-websocket-version"], headers["upgrade"]) == (426, "13", "websocket")
        assert connection.exchange("POST", "/", b"")[0] == 405
        assert connection.upgrade(Sec_WebSocket_Version="12")[0] == 426
        assert connection.upgrade(Sec_WebSocket_Key="short")[0] == 400
        status, _, _ = connection.upgrade()  # the connection is as good as new
        assert status == 101
        connection.send_text("here")
        assert connection.receive() == "here"


def test_somebody_who_never_reads(echo):
    """Its answers pile up to a bound, then nothing is read from it either; others don't notice."""
    before = echo.memory()
    with echo.websocket() as deaf:
        deaf.socket.settimeout(0.5)
        data = frame(BINARY, b"x" * 65536) * 16
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < 1000 << 20:
                deaf.send(data)
                sent += len(data)
        assert echo.memory() - before < 32 * 1024
        with echo.websocket() as other:
            other.send_text("hello")
            assert other.receive() == "hello"


def test_five_hundred_at_once(echo):
    connections = [echo.websocket() for _ in range(500)]
    try:
        for round_trip in range(3):
            for number, connection in enumerate(connections):
                connection.send_text(f"{round_trip} {number}")
            for number, connection in enumerate(connections):
                assert connection.receive() == f"{round_trip} {number}"
    finally:
        for connection in connections:
            connection.close()


def test_cut_connections_leave_nothing(echo):
    files = echo.open_files()
    for _ in range(50):
        with echo.websocket() as connection:
            connection.send(frame(TEXT, b"half a mess", fin=False) + b"\x80\xfe")
    wait_until(lambda: echo.open_files() <= files)


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_websockets_package(echo):
    """python3-websockets: another implementation's opinion, compression offered (and declined), pings, fragments, close."""

    async def talk():
        async with websockets.connect(f"ws://127.0.0.1:{echo.port}/", max_size=None) as client:
            assert not client.extensions if hasattr(client, "extensions") else True
            await client.send("hello")
            assert await client.recv() == "hello"
            await client.send([b"one", b"two"])
            assert await client.recv() == b"onetwo"
            await (await client.ping())
            big = "ä" * 1_000_000
            await client.send(big)
            assert await client.recv() == big
            await client.close(code=4000, reason="done")
            assert client.close_code == 4000

    asyncio.run(talk())
