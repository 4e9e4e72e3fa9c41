"""Things break under 50 changes a second with 50 viewers. In the end each knows all that it may see, in order, and nothing else."""

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import pytest
from harness.load import Steady
from harness.process import wait_until
from stage.crowd import Crowd, PlainViewer
from stage.play import BRIDGE_AWAY
from stage.trade import RATE, THREADS, Trade

SECONDS = 4  # of load


@pytest.fixture
def busy(start_stage, shared_fleet):
    """`with busy(…) as (stage, crowd, trade)`: all viewers are there and the trade goes on; at its end the oracle is asked."""

    @contextlib.contextmanager
    def begin(options=None, **how):
        stage = start_stage({"heartbeat": "1"} | (options or {}), **how)
        shop = stage.shop
        customers = [shop.customer() for _ in range(8)]
        trade = Trade(shop, customers)
        with Crowd(stage, shared_fleet, customers, [shop.admin, shop.new_admin()]) as crowd:
            start = time.monotonic()
            with Steady(trade.step, THREADS) as load:
                yield stage, crowd, trade
            seconds = time.monotonic() - start
            assert not load.errors, load.errors[:3]
            crowd.compare()
            print(f"{trade.changes} changes in {seconds:.1f} s ({trade.failures} failed); {stage.bridge.state()}")

    return begin


def plain_of(crowd):
    return [viewer for viewer in crowd.viewers if isinstance(viewer, PlainViewer)]


def socketio_of(crowd):
    return [viewer for viewer in crowd.viewers if not isinstance(viewer, PlainViewer)]


def epochs(crowd):
    return {viewer.place["epoch"] for viewer in plain_of(crowd)}


def test_nothing_breaks(busy):
    """The measure of the others: nobody is cut, resumes or fetches again."""
    with busy() as (stage, crowd, trade):
        time.sleep(SECONDS)
    assert trade.changes > RATE * SECONDS / 3 and not trade.failures
    assert all(viewer.seen.fetches == 1 for viewer in crowd.viewers)


def test_killed_bridge(busy):
    """kill -9, and another in its place: a new epoch, everybody fetches, nobody misses anything."""
    with busy(expect=[BRIDGE_AWAY]) as (stage, crowd, trade):
        old = epochs(crowd)
        for pause in (0.5, 1.5):
            time.sleep(1.5)
            stage.bridge.kill()
            time.sleep(pause)  # changes that no bridge hears of
            stage.bridge.start()
        time.sleep(1.5)
    assert not trade.failures, "the shop doesn't need the bridge"
    assert not old & epochs(crowd)


def test_killed_child_of_httpd(busy):
    """kill -9 takes the tunnels of one child along: all resume, nobody has to fetch."""
    with busy(expect=[r"AH00052: child pid \d+ exit signal Killed", BRIDGE_AWAY]) as (stage, crowd, trade):
        for _ in range(2):
            time.sleep(1.5)
            victim = max(stage.httpd.children())
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda gone=victim: not Path(f"/proc/{gone}").exists(), 5, "the child to be gone")
        time.sleep(2)
    assert sum(viewer.seen.resumes for viewer in socketio_of(crowd)) >= 10
    assert all(viewer.seen.fetches == 1 for viewer in plain_of(crowd))


def test_graceful_reload(busy):
    """Viewers stay where they are until their time is over; then they come back, and the old children can go."""
    with busy({"rotate": "3"}, expect=[BRIDGE_AWAY]) as (stage, crowd, trade):
        time.sleep(1)
        old = stage.httpd.children()
        stage.httpd.reload()
        time.sleep(SECONDS)
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in old), 15, "the old children to go")
    assert not trade.failures
    assert all(4410 in viewer.closes for viewer in plain_of(crowd))
    assert all(viewer.seen.fetches == 1 for viewer in plain_of(crowd))


@pytest.mark.parametrize("seconds", [0.2, 2.5], ids=["short", "long"])
def test_restarted_database(own_server, busy, seconds):
    with busy(on=own_server, expect=[".*"]) as (stage, crowd, trade):
        time.sleep(1.5)
        own_server.kill()
        time.sleep(seconds)
        own_server.start()
        wait_until(lambda: stage.bridge.state()["stream"]["state"] == "standing", 25, "the change stream")
        some = trade.changes
        wait_until(lambda: trade.changes > some + 50, 25, "the trade to go on")


@pytest.mark.parametrize("how", ["all", "every other"])
def test_dropped_datagrams(busy, how):
    """The change stream alone does it, if later."""
    with busy() as (stage, crowd, trade):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            stage.courier.drop = how == "all" or not stage.courier.drop
            time.sleep(0.05)
    assert all(viewer.seen.fetches == 1 for viewer in crowd.viewers)
    assert how != "all" or stage.bridge.state()["datagrams"]["accepted"] < trade.changes / 4


@pytest.mark.parametrize(
    "data",
    [{"closeConnection": True}, {"errorCode": 43}, {"errorCode": 286}],
    ids=["connection cut", "cursor lost", "history lost"],
)
def test_dropped_change_stream(own_server, busy, data):
    """What can be resumed is; where its history is gone, everybody is told to fetch."""
    with busy(on=own_server, expect=["change stream", "AH"]) as (stage, crowd, trade):
        for _ in range(2):
            time.sleep(1)
            stage.courier.drop = True  # so that it matters
            with stage.database.failing(["getMore"], **data):
                time.sleep(0.6)
            stage.courier.drop = False
        time.sleep(1)
    if data.get("errorCode") == 286:
        assert stage.bridge.state()["stream"]["restarts"] >= 1
        assert all(viewer.seen.fetches >= 2 for viewer in crowd.viewers)
    else:
        assert all(viewer.seen.fetches == 1 for viewer in crowd.viewers)


def test_cut_sockets(busy):
    """Networks break at random: all resume, nobody has to fetch."""
    with busy(expect=[BRIDGE_AWAY]) as (stage, crowd, trade):
        end = time.monotonic() + SECONDS
        cuts = 0
        while time.monotonic() < end:
            random.choice(crowd.viewers).cut()
            cuts += 1
            time.sleep(0.06)
        time.sleep(0.5)
    assert cuts > 50
    assert all(viewer.seen.fetches == 1 for viewer in plain_of(crowd))
    assert sum(viewer.seen.resumes for viewer in socketio_of(crowd)) >= 10
