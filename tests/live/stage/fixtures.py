"""What tests of the bridge share."""

import pytest
from harness.database import Server

from .fleet import Fleet
from .play import Stage


@pytest.fixture(scope="session")
def server():
    """The worker's database server. Tests that kill one start their own."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_stage(server):
    stage = Stage(server, {"heartbeat": "1", "handshake-timeout": "2"}).start()
    yield stage
    # A test that makes the server lose its history does so for every bridge on that server.
    stage.stop(expect=["its history is lost"])


@pytest.fixture
def stage(shared_stage):
    """For tests that change no settings and break nothing."""
    yield shared_stage
    shared_stage.close_viewers()


@pytest.fixture
def shop(stage):
    return stage.shop


@pytest.fixture
def start_stage(server):
    """start_stage(options, …) gives a Stage of its own. What it may complain of goes to its `expect`."""
    started = []

    def begin(options=None, *, on=None, expect=(), **how) -> Stage:
        stage = Stage(on or server, options, **how)
        started.append((stage, expect))
        return stage.start()

    yield begin
    for stage, expect in started:
        stage.stop(expect)


@pytest.fixture
def own_server():
    """A database server that the test may kill."""
    server = Server()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture(scope="session")
def shared_fleet():
    fleet = Fleet()
    yield fleet
    fleet.stop()


@pytest.fixture
def sio(shared_fleet, stage):
    """sio(who, …) opens a socket.io-client socket through Apache; all are closed after the test."""
    opened = []

    def begin(who=None, *, at=None, **how):
        if who is not None and not isinstance(who, str):
            who = who.token
        socket = shared_fleet.open((at or stage).httpd.base, who, **how)
        opened.append(socket)
        return socket

    yield begin
    for socket in opened:
        socket.order("close")
