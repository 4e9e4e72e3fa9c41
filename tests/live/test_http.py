"""The HTTP server below the protocols: what is refused, what hurts nobody else, and how wsecho starts and stops."""

import socket
import subprocess

import pytest
from conftest import PROGRAM
from wire import Closed


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x00\xa5\x01\x00\x00", 400),
        (b"GET / HTTP/2.5\r\nHost: x\r\n\r\n", 426),
        (b"GET /?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 17000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"POST /engine.io/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n", 413),
        (b"POST /engine.io/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ],
)
def test_refused(echo, request_bytes, status):
    with echo.connect() as connection:
        connection.send(request_bytes)
        assert connection.response()[0] == status


def test_keep_alive_and_pipelining(echo):
    with echo.connect() as connection:
        connection.send(b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        assert [connection.response()[0] for _ in range(3)] == [200] * 3


def test_answers_are_not_stored(echo):
    with echo.connect() as connection:
        assert connection.exchange("GET", "/engine.io/?EIO=4&transport=polling")[1]["cache-control"] == "no-store"


def test_out_of_file_descriptors(start_echo):
    """Those who fit are served on; the rest is told to come later; and it recovers."""
    server = start_echo(files=40)
    served = []
    try:
        while len(served) < 100:
            connection = server.connect()
            if connection.upgrade()[0] != 101:
                break
            served.append(connection)
        assert 15 < len(served) < 40
        for connection in served:
            connection.send_text("hello")
            assert connection.receive() == "hello"
    finally:
        for connection in served:
            connection.close()
    for _ in range(200):
        try:
            with server.connect() as connection:
                if connection.upgrade()[0] == 101:
                    break
        except Closed:
            pass
    else:
        pytest.fail("it never recovered")


def test_a_unix_socket(start_echo, tmp_path):
    server = start_echo("--unix", tmp_path / "echo.sock")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "echo.sock"))
        client.sendall(b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(15) == b"HTTP/1.1 200 OK"
    server.stop()
    assert not (tmp_path / "echo.sock").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "usage: wsecho"),
        (["--port", "x"], "--port is 'x': a whole number from 0 to 65535 is allowed"),
        (["--port", "65536"], "--port is '65536'"),
        (["--port", "0", "--ping-interval", "0"], "--ping-interval is '0': a whole number from 1 to 86400000 is allowed"),
        (["--port", "0", "extra"], "usage: wsecho"),
        (["--prot", "1"], "unrecognized option"),
    ],
)
def test_wrong_arguments(arguments, message):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_port_in_use(echo):
    done = subprocess.run([PROGRAM, "--port", str(echo.port)], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
