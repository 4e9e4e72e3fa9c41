"""httpd reloads, stops, loses children and renews them while orders come in: every answer is true, nobody hangs, nothing is held for good."""

import os
import signal
import time
from pathlib import Path

import pytest
from harness.client import ANY
from harness.httpd import Httpd
from harness.load import Steady
from harness.process import wait_until
from harness.shop import Shop
from harness.told import Told

THREADS = 24  # more than the two ledgers can serve at once: there are always waiters in the queue
GOOD = {"200", "201"}


@pytest.fixture
def begin(server):
    """begin(mpm=…) gives a Told on an httpd of its own."""
    shops = []

    def start(**how) -> Told:
        shop = Shop(Httpd(server.new_database(), **how).start())
        shops.append(shop)
        told = Told(shop, [shop.product(stock=100000) for _ in range(4)], [shop.customer() for _ in range(6)])
        for person in [*told.customers, shop.admin]:
            person.timeout = 20  # hanging is longer than that
        return told

    yield start
    for shop in shops:
        shop.httpd.stop()


def gone(pids) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def more(told: Told, orders: int = 40, seconds: float = 20) -> None:
    """Waits until so many more orders were placed."""
    some = told.placed_so_far()
    wait_until(lambda: told.placed_so_far() >= some + orders, seconds, "orders to be placed")


def finish(told: Told, load: Steady) -> None:
    assert not load.errors, load.errors[:3]
    told.compare()


def test_graceful_reload(begin):
    """Three times: nobody notices, and the old children end."""
    told = begin()
    httpd = told.shop.httpd
    with Steady(told.step, THREADS) as load:
        for _ in range(3):
            more(told)
            old = httpd.children()
            httpd.reload()
            wait_until(lambda: gone(old), 15, "the old children to end")
        more(told)
    finish(told, load)
    assert set(told.statuses) == GOOD and not told.dropped


MANY_CHILDREN = {"ServerLimit": 12, "ThreadsPerChild": 8, "MaxRequestWorkers": 96, "MaxSpareThreads": 96}


@pytest.mark.parametrize(
    "connections, threads, mpm",
    [(1, 4, MANY_CHILDREN | {"StartServers": 10, "MinSpareThreads": 80}), (12, THREADS, {})],
    ids=["1", "12"],
)
def test_children_of_few_connections(begin, connections, threads, mpm):
    """A child ends after so many connections, with others still in its queue. (Of children of one connection, Apache itself
    starts some three a second: more clients than a few would time out without any module.)"""
    told = begin(mpm=mpm)
    httpd = told.shop.httpd
    httpd.mpm["MaxConnectionsPerChild"] = connections
    httpd.write_config()
    httpd.reload()
    first = set(httpd.children())
    seen = set()

    def renewed() -> bool:
        seen.update(httpd.children())
        return len(seen - first) >= 4 and told.placed_so_far() >= 8

    with Steady(told.step, threads) as load:
        wait_until(renewed, 40, "children to be renewed")
    finish(told, load)
    assert set(told.statuses) <= GOOD and not told.dropped


@pytest.mark.expect_log(r"AH00052: child pid \d+ exit signal Killed")
def test_killed_children(begin):
    """kill -9 takes the connections of one child along, and nothing else: what it had begun is done or undone."""
    told = begin()
    httpd = told.shop.httpd
    with Steady(told.step, THREADS) as load:
        for _ in range(4):
            more(told, 25)
            victim = max(httpd.children())
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: gone([victim]) and len(httpd.children()) >= 2, 15, "a new child")
        more(told)
    finish(told, load)
    assert set(told.statuses) <= GOOD | {"503 busy"}, told.statuses
    assert 0 < len(told.dropped) <= 4 * THREADS


@pytest.mark.parametrize("number, limit", [(signal.SIGTERM, 12), (signal.SIGWINCH, 20)], ids=["stop", "graceful stop"])
def test_stop(begin, number, limit):
    """With waiters in the queue: httpd ends in time, no process stays, and what was answered is so."""
    told = begin()
    httpd = told.shop.httpd
    with Steady(told.step, THREADS) as load:
        more(told)
        group = [httpd.process.pid, *httpd.children()]
        start = time.monotonic()
        httpd.process.signal(number)
        assert httpd.process.wait(limit) == 0
        wait_until(lambda: gone(group), 2, "all processes to end")
        print(f"stopped in {time.monotonic() - start:.1f} s, {len(told.dropped)} connections dropped")
    finish(told, load)
    assert set(told.statuses) <= GOOD | {"503 busy"}, told.statuses


def test_started_again(begin):
    """A shop that was stopped in the middle goes on where it was: the same key finds the same order."""
    told = begin()
    httpd, customer = told.shop.httpd, told.customers[0]
    product = told.products[0]
    order = told.shop.order(customer, (product, 1), key="once").json
    httpd.stop()
    httpd.start()
    again = told.shop.order(customer, (product, 1), key="once", want=ANY)
    assert again.status == 201 and again.json == order and again.header("Idempotent-Replayed") == "true"
    told.shop.check()
