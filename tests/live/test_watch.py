"""ordersctl watch: live events in a terminal."""

import json
import queue
import signal
import subprocess
import threading
import time

import pytest
from harness import paths
from harness.process import wait_until
from harness.shop import PASSWORD
from stage.play import BRIDGE_AWAY


class Watch:
    def __init__(self, *arguments, say, env=None):
        self.process = subprocess.Popen(
            [paths.ORDERSCTL, "watch", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )
        try:
            self.process.stdin.write(say + "\n")
            self.process.stdin.close()
        except BrokenPipeError:  # it had seen enough of its arguments
            pass
        self.lines: queue.Queue = queue.Queue()
        self.notes: list[str] = []
        for stream, take in ((self.process.stdout, self.lines.put), (self.process.stderr, self._note)):
            threading.Thread(target=lambda s=stream, t=take: [t(line.rstrip("\n")) for line in s], daemon=True).start()

    def _note(self, line: str) -> None:
        if "mongoc: Falling back to malloc" not in line:  # its counters: no concern of this command
            self.notes.append(line)

    def connected(self, times=1):
        wait_until(lambda: sum("connected" in note for note in self.notes) >= times, 10, f"the connection: {self.notes}")
        return self

    def line(self, like: str, seconds=10) -> str:
        end = time.monotonic() + seconds
        while like not in (line := self.lines.get(timeout=max(0.01, end - time.monotonic()))):
            pass
        return line

    def end(self, number=signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(5)


@pytest.fixture
def watch(stage):
    started = []

    def begin(*arguments, say, url=None, **how):
        started.append(Watch("--url", url or stage.httpd.base, *arguments, say=say, **how))
        return started[-1]

    yield begin
    for one in started:
        one.process.kill()
        one.process.wait()


def test_an_orders_life(shop, watch):
    customer = shop.customer()
    seen = watch("--token-stdin", say=customer.token).connected()
    order = shop.order(customer, (shop.product(10, price=9.99), 2)).json
    shop.move(order, "processing")
    shop.pay(order)
    new = seen.line("order:new")
    assert order["number"] in new and "19.98 USD" in new and customer.email in new
    assert "pending → processing" in seen.line("order:status")
    assert order["number"] in seen.line("order:payment")
    assert seen.end() == 0
    assert not [note for note in seen.notes if "connected" not in note], seen.notes


def test_signs_in(shop, watch):
    seen = watch("--email", shop.admin.email, "--password-stdin", say=PASSWORD).connected()
    order = shop.order(shop.customer(), (shop.product(10), 1)).json
    assert order["number"] in seen.line("order:new")
    assert "stock 9" in seen.line("product:stock")
    assert seen.end(signal.SIGTERM) == 0


def test_off_sale(shop, watch):
    seen = watch("--token-stdin", say=shop.customer().token).connected()
    product = shop.product(10)
    assert product["name"] in seen.line("product:stock")
    shop.admin.patch(f"/api/products/{product['id']}", {"active": False})
    assert seen.line("product:stock").endswith(f"{product['id']}  is off sale")
    assert seen.end() == 0


def test_json(shop, watch):
    customer = shop.customer()
    seen = watch("--token-stdin", "--json", "--count", "3", say=customer.token)
    time.sleep(0.5)
    product = shop.product(10)
    shop.move(shop.order(customer, (product, 1)).json, "processing")
    assert seen.process.wait(10) == 0  # it has counted
    events = [json.loads(seen.lines.get(timeout=2)) for _ in range(3)]
    assert all({"type", "id", "version", "at", "data", "seq"} <= set(event) for event in events)
    assert seen.lines.empty() and not seen.notes


def test_bridges_own_socket(stage, shop, watch):
    customer = shop.customer()
    seen = watch("--token-stdin", say=customer.token, url=f"unix:{stage.bridge.socket}").connected()
    order = shop.order(customer, (shop.product(10), 1)).json
    assert order["number"] in seen.line("order:new")
    assert seen.end() == 0


def test_what_is_printed_is_harmless(shop, watch):
    """Names may hold what a terminal obeys."""
    seen = watch("--token-stdin", say=shop.admin.token).connected()
    product = shop.product(10)
    shop.database.mongo.products.update_one({"name": product["name"]}, {"$set": {"name": "\x1b[2J\u009bevil\r"}, "$inc": {"version": 1}})
    line = seen.line("evil")
    assert line.isprintable(), repr(line)


def test_goes_on_where_it_was(start_stage, watch):
    stage = start_stage({"rotate": "1"}, expect=[BRIDGE_AWAY])
    shop, customer = stage.shop, stage.shop.customer()
    seen = watch("--token-stdin", "--json", say=customer.token, url=stage.httpd.base)
    time.sleep(0.5)
    product, made = shop.product(100), []
    end = time.monotonic() + 4
    while time.monotonic() < end:  # over some rotations
        made.append(shop.order(customer, (product, 1)).json["id"])
        time.sleep(0.05)
    got = []
    while len(got) < len(made):
        event = json.loads(seen.lines.get(timeout=10))
        assert event["type"] != "reset"
        got += [event["id"]] if event["type"] == "order:new" else []
    assert got == made
    assert stage.bridge.state()["viewers"]["admitted"] >= 3
    stage.bridge.kill()
    stage.bridge.start()
    assert json.loads(seen.line('"reset"'))["type"] == "reset"
    order = shop.order(customer, (product, 1)).json
    assert seen.line("order:new") and order
    assert seen.end() == 0


def test_new_sign_in_when_the_session_ends(shop, watch):
    customer = shop.customer()
    seen = watch("--email", customer.email, "--password-stdin", say=PASSWORD).connected()
    customer.post("/api/users/logout")
    seen.connected(times=2)
    assert seen.end() == 0


def test_session_ends(shop, watch):
    customer = shop.customer()
    seen = watch("--token-stdin", say=customer.token).connected()
    customer.post("/api/users/logout")
    assert seen.process.wait(5) == 1
    wait_until(lambda: any("session has ended" in note for note in seen.notes), 2, "the sentence")


@pytest.mark.parametrize(
    "arguments, say, code, words",
    [
        (["--token-stdin"], "garbage", 1, "not valid"),
        (["--token-stdin"], "gar bage", 2, "no token"),
        (["--email", "nobody@example.com", "--password-stdin"], "wrong-password", 1, "status 401"),
        ([], "", 2, "say who watches"),
        (["--token-stdin", "--password-stdin"], "x", 2, "say who watches"),
        (["--token-stdin", "--count", "0"], "x", 2, "--count"),
        (["--token-stdin", "--url", "ftp://shop"], "x", 2, "http://"),
        (["--token-stdin", "--url", "http://user@shop"], "x", 2, "http://"),
        (["--token-stdin", "--url", "http://127.0.0.1:1"], "x", 3, "refused"),
        (["--token-stdin", "--url", "unix:/nonesuch.sock"], "x", 3, "No such file"),
        (["--email", "a@b.example", "--password-stdin", "--url", "unix:/nonesuch.sock"], "x", 2, "--token-stdin"),
    ],
)
def test_mistakes(watch, arguments, say, code, words):
    seen = watch(*arguments, say=say)
    assert seen.process.wait(10) == code
    wait_until(lambda: any(words in note for note in seen.notes), 2, f"{words} in {seen.notes}")


def test_no_bridge_here(shop, watch, server):
    """An httpd without live status says so."""
    from harness.httpd import Httpd

    with Httpd(server.new_database()) as httpd:
        seen = watch("--token-stdin", say=shop.customer().token, url=httpd.base)
        assert seen.process.wait(10) == 1
        wait_until(lambda: any("404" in note for note in seen.notes), 2, "the sentence")
    httpd.discard()
