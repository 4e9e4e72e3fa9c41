"""The live status bridge as one of the services: there when the system is, told of in readiness, started again when it ends."""

import json
import os
import pathlib
import pwd
import re
import signal
import socket
import stat
import threading
import urllib.request

import pytest

from conftest import get, wait_until


def bridge_state(instance):
    return json.loads(get(instance.port, "/healthz?ready=1")[1])["bridge"]


@pytest.fixture
def started(instance):
    done = instance.make("start")
    assert done.returncode == 0, done.stdout
    yield instance
    done = instance.make("stop")
    assert done.returncode == 0, done.stdout
    instance.assert_nothing_left()


def test_the_bridge_is_up_when_the_system_is(started):
    state = bridge_state(started)
    assert state["state"] == "up" and state["viewers"] == 0 and state["viewersMax"] == 256 and state["stream"] == "standing"
    assert f"bridge: process {started.recorded_pid('bridge')}" in started.make("status").stdout


def test_its_sockets_are_for_the_web_server_alone(started):
    folder = started.run_dir.resolve()
    owner = pwd.getpwnam("www-data").pw_uid if os.geteuid() == 0 else os.geteuid()
    for name in ("bridge.sock", "bridge.dgram"):
        found = (folder / name).stat()
        assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o600 and found.st_uid == owner
    # It runs as that user, too.
    status = pathlib.Path(f"/proc/{started.recorded_pid('bridge')}/status").read_text()
    assert re.search(r"^Uid:(.*)", status, re.M).group(1).split() == [str(owner)] * 4


def test_a_bridge_that_was_killed_is_started_again(started):
    first = started.recorded_pid("bridge")
    os.kill(first, signal.SIGKILL)
    record = started.run_dir / "bridge.pid"  # away for a moment
    wait_until(lambda: record.exists() and record.read_text() and started.recorded_pid("bridge") != first, "another bridge")
    wait_until(lambda: bridge_state(started)["state"] == "up", "the bridge is back")
    assert get(started.port, "/api/products")[0] == 200


def test_viewers_reach_it_by_way_of_apache(started):
    with socket.create_connection(("127.0.0.1", started.port), timeout=10) as viewer:
        viewer.sendall(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        answer = b""
        while b"sign in" not in answer:
            more = viewer.recv(4096)
            assert more, answer
            answer += more
    head, _, frame = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert frame[0] == 0x88 and int.from_bytes(frame[2:4], "big") == 4401  # a close frame
    status, body = get(started.port, "/socket.io/?EIO=4&transport=polling")[:2]
    assert status == 200 and body.startswith("0{")


def sign_in(instance):
    body = {"email": "admin@example.com", "password": (instance.run_dir / "admin.password").read_text().strip()}
    request = urllib.request.Request(
        f"http://127.0.0.1:{instance.port}/api/users/login", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["token"]


def test_a_viewer_does_not_hold_up_the_end(instance):
    done = instance.make("start")
    assert done.returncode == 0, done.stdout
    with socket.create_connection(("127.0.0.1", instance.port), timeout=60) as viewer:
        viewer.sendall(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer " + sign_in(instance).encode() + b"\r\n\r\n"
        )
        seen = b""
        while b'"hello"' not in seen:
            more = viewer.recv(4096)
            assert more, seen
            seen += more

        def see_it_end():
            while viewer.recv(4096):
                pass
            viewer.shutdown(socket.SHUT_RDWR)  # as any client does: a tunnel lasts until both ends are closed

        watching = threading.Thread(target=see_it_end)
        watching.start()
        done = instance.make("stop")
        watching.join()
    assert done.returncode == 0, done.stdout
    instance.assert_nothing_left()
    log = (instance.run_dir / "logs/error.log").read_text()
    assert "AH00045" not in log and "AH00046" not in log, log  # a child that did not exit, and was killed
