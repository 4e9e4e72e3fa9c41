"""The bridge's own state on its socket, what /healthz?ready=1 makes of it, and the log."""

import re
import subprocess

import pytest
from harness.process import wait_until
from stage.bridge import PROGRAM
from stage.play import BRIDGE_AWAY


def test_state(stage, shop):
    customer = shop.customer()
    viewer = stage.watch(customer)
    order = shop.order(customer, (shop.product(10), 1)).json
    viewer.event(order)
    state = stage.bridge.state()
    assert state["status"] == "ok" and state["ready"] is True
    assert state["viewers"]["ws"] >= 1 and state["viewers"]["max"] == 256
    assert state["lastEvent"]["seq"] >= viewer.seq and state["lastEvent"]["epoch"] == viewer.epoch
    assert 0 <= state["lagMs"] < 5000
    assert state["stream"]["state"] == "standing" and state["database"] == "up"
    for secret in (customer.id, customer.token, order["id"], str(stage.database.server.port)):
        assert secret not in str(state)


def test_state_is_for_reading(stage):
    assert stage.bridge.get("/healthz", "POST")[0] == 405
    assert stage.bridge.get("/")[0] == 404
    assert stage.bridge.get("/api/orders/")[0] == 404


def test_state_is_not_for_the_world(stage, shop):
    """Apache passes on /ws and /socket.io/ alone; /healthz is the module's."""
    assert "lastEvent" not in shop.nobody.get("/healthz").json


def bridge_of(stage):
    return stage.shop.nobody.get("/healthz", query={"ready": "1"}).json["bridge"]


def test_readiness_tells_of_the_bridge(start_stage):
    stage = start_stage(expect=[BRIDGE_AWAY])
    up = bridge_of(stage)
    assert up["state"] == "up"
    stage.bridge.kill()
    assert bridge_of(stage)["state"] == "down"  # with 200: orders can be served
    stage.bridge.start()
    assert bridge_of(stage)["state"] == "up"


def test_frozen_bridge_holds_nobody_up(start_stage):
    import signal
    import time

    stage = start_stage()
    stage.bridge.process.signal(signal.SIGSTOP)
    try:
        begin = time.monotonic()
        assert bridge_of(stage)["state"] != "up"
        shop = stage.shop
        product, customer = shop.product(100), shop.customer()
        for _ in range(20):
            shop.order(customer, (product, 1))
        assert time.monotonic() - begin < 5
    finally:
        stage.bridge.process.signal(signal.SIGCONT)


def test_waits_for_its_database(start_stage, own_server):
    """No database: nobody is let in without knowing, and the bridge comes to life when the database does."""
    stage = start_stage(on=own_server, expect=[".*"], options={"ready-wait": "1"})
    customer = stage.shop.customer()
    stage.bridge.stop()
    own_server.kill()
    stage.bridge.start(ready=False)
    assert stage.bridge.state()["ready"] is False
    viewer = stage.watch(customer, hello=False)
    assert viewer.closing()[0] == 4503
    own_server.start()
    wait_until(lambda: stage.bridge.state()["ready"], 20, "the bridge to be ready")
    assert stage.watch(customer).hello


def test_one_line_for_coming_and_going(stage, shop, sio):
    customer = shop.customer()
    viewer = stage.watch(customer)
    socket = sio(customer)
    socket.wait_for("connect")
    viewer.close()
    socket.order("close")

    def lines():
        return [line for line in stage.bridge.log().splitlines() if f"user={customer.id}" in line]

    wait_until(lambda: len(lines()) == 4, 5, "the log")
    for protocol in ("ws", "socket.io"):
        came, went = [line for line in lines() if f"connect {protocol} " in line]
        assert re.match(r"\S+Z info connect \S+ user=\w+ role=customer client=127\.0\.0\.1$", came)
        assert re.match(r"\S+Z info disconnect \S+ user=\w+ client=127\.0\.0\.1 seconds=[\d.]+ events=\d+ reason=\".+\"$", went)


def test_no_secret_in_the_log(stage, shop):
    customer = shop.customer()
    stage.watch(customer).close()
    stage.watch(hello=False, headers={"Authorization": f"Bearer {customer.token}x"}).closing()
    log = stage.bridge.log()
    assert customer.token not in log and customer.token.split(".")[2] not in log


# --- The command line


def run(*arguments, **environment):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20, env=environment, check=False)


def test_help():
    done = run("--help")
    assert done.returncode == 0 and done.stderr == ""
    for name in ("--listen", "--datagrams", "--max-viewers", "MONGODB_URI", "OrdersAllowedOrigin"):
        assert name in done.stdout


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["--nonsense"], "--nonsense"),
        (["--max-viewers=0"], "--max-viewers"),
        (["--max-viewers=many"], "many"),
        (["--listen=" + "/x" * 60], "107"),
        (["--allowed-origin=shop"], "--allowed-origin"),
        (["--heartbeat"], "--heartbeat"),
        ([], "no database"),
    ],
)
def test_wrong_settings_are_named(arguments, word):
    done = run(*arguments)
    assert done.returncode == 2 and word in done.stderr and done.stdout == ""


def test_secrets_are_not_for_the_command_line():
    done = run("--jwt-secret=0123456789abcdef0123456789abcdef")
    assert done.returncode == 2


def test_check():
    good = {"MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=x", "JWT_SECRET": "0123456789abcdef0123456789abcdef"}
    assert run("--check", "--listen=/tmp/x.sock", **good).returncode == 0
    short = run("--check", "--listen=/tmp/x.sock", **(good | {"JWT_SECRET": "short-secret"}))
    assert short.returncode == 2 and "short-secret" not in short.stderr
