"""Fixtures: one database server a worker, a shared httpd, and the error log read after every test."""

import os
import signal

import pytest
from harness import httpd as httpd_module
from harness.database import Server
from harness.httpd import Httpd
from harness.shop import Person, Shop


# libmongoc keeps counters in /dev/shm under the process id. Those of killed processes stay, and whoever gets the id again says so on
# standard error.
os.environ["MONGOC_DISABLE_SHM"] = "1"


@pytest.fixture(scope="session")
def server():
    """The worker's database server. Tests that kill one start their own."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_httpd(server):
    """For tests that change no configuration and kill nothing."""
    httpd = Httpd(server.new_database())
    with httpd:
        yield httpd
    left = httpd.unexpected([])
    httpd.discard()
    assert not left, "in the error log after the last test:\n" + "\n".join(left)


@pytest.fixture(scope="session")
def shop(shared_httpd):
    return Shop(shared_httpd)


@pytest.fixture
def customer(shop) -> Person:
    return shop.customer()


@pytest.fixture
def admin(shop) -> Person:
    return shop.admin


@pytest.fixture
def nobody(shop):
    return shop.nobody


def stop_all(started: list[Httpd]) -> None:
    """At once: each takes a second to stop gracefully."""
    running = [httpd for httpd in started if httpd.process and httpd.process.alive()]
    for httpd in running:
        httpd.process.signal(signal.SIGWINCH)
    for httpd in running:
        httpd.stop(0)


@pytest.fixture
def start(server, request):
    """start(directives, …) gives a Shop on an httpd of its own, with a database of its own unless `database` is given."""
    started = []

    def begin(directives=None, *, database=None, ready=True, **how) -> Shop:
        httpd = Httpd(database or server.new_database(), directives, **how)
        started.append(httpd)
        return Shop(httpd.start(ready=ready))

    yield begin
    stop_all(started)


@pytest.fixture
def own_server():
    """A database server that the test may kill."""
    server = Server()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture(autouse=True)
def error_log(request):
    """Any line at warn or above that the test did not announce fails it, and so does a child that died."""
    yield
    allowed = [pattern for mark in request.node.iter_markers("expect_log") for pattern in mark.args]
    bad = [line for httpd in httpd_module.instances for line in httpd.unexpected(allowed)]
    for httpd in [h for h in httpd_module.instances if not h.process.alive()]:
        httpd_module.instances.remove(httpd)
        httpd.discard()
    assert not bad, "unexpected in the error log:\n" + "\n".join(bad[:20])
