"""Two ways in, one way out: with datagrams, without, doubled, late, forged; changes made by others than this httpd."""

import json
import os
import subprocess
import time

import pytest
from harness.httpd import Httpd
from harness.process import wait_until
from harness.shop import Shop
from stage.play import stock_event


def life(shop, customer, product):
    order = shop.order(customer, (product, 1)).json
    shop.move(order, "processing")
    shop.pay(order)
    shop.move(order, "shipped")
    shop.move(order, "delivered")
    return order


def versions(viewer, order, last=5):
    return [(e["type"], e["version"]) for e in viewer.until(order, last, 15) if e.get("id") == order["id"]]


STORY = [("order:new", 1), ("order:status", 2), ("order:payment", 3), ("order:status", 4), ("order:status", 5)]


@pytest.mark.parametrize("datagrams", ["kept", "dropped", "doubled", "some dropped"])
def test_each_version_once_and_in_order(start_stage, datagrams):
    stage = start_stage()
    shop, customer, product = stage.shop, stage.shop.customer(), stage.shop.product(1000)
    courier = stage.courier
    courier.drop, courier.double = datagrams == "dropped", datagrams == "doubled"
    viewer = stage.watch(customer)
    for i in range(6):
        if datagrams == "some dropped":
            courier.drop = i % 2 == 0
        order = life(shop, customer, product)
        assert versions(viewer, order) == STORY
    time.sleep(0.5)
    shop.admin.patch(f"/api/products/{product['id']}", {"stock": 77})
    while (late := viewer.next())["data"]["stock"] != 77:
        assert late["type"] == "product:stock", f"a version came twice: {late}"
    state = stage.bridge.state()
    assert courier.seen >= 30
    if datagrams == "dropped":
        assert state["datagrams"]["accepted"] == 0
    else:
        assert state["events"]["duplicates"] > 10  # the stream tells of all of it again


def test_another_host(stage, shop, server):
    """A second httpd on the same database that tells this bridge nothing: the change stream does."""
    customer, product = shop.customer(), shop.product(100)
    viewer = stage.watch(customer)
    other = Httpd(stage.database)
    with other:
        there = Shop(other)
        customer.base, customer.port = other.base, other.base.rsplit(":", 1)[1]
        there._admin = there.new_admin()
        order = life(there, customer, product)
        assert versions(viewer, order) == STORY
    assert other.unexpected([]) == []
    other.discard()


def test_several_versions_in_one_write(stage, shop):
    """Somebody's script writes two versions at once: each is told, from history."""
    customer = shop.customer()
    viewer = stage.watch(customer)
    order = shop.order(customer, (shop.product(10), 1)).json
    assert viewer.event(order)["version"] == 1
    orders = stage.database.mongo.orders
    row = orders.find_one({"number": order["number"]})
    step = dict(row["history"][0])
    steps = [
        step | {"version": 2, "type": "order:status", "from": "pending", "to": "processing"},
        step | {"version": 3, "type": "order:status", "from": "processing", "to": "cancelled"},
    ]
    change = {"$set": {"version": 3, "status": "cancelled"}, "$push": {"history": {"$each": steps}}}
    orders.update_one({"_id": row["_id"]}, change)
    got = [viewer.event(order) for _ in range(2)]
    assert [(e["version"], e["from"], e["to"]) for e in got] == [(2, "pending", "processing"), (3, "processing", "cancelled")]
    assert all(e["data"]["version"] == 3 for e in got)


def test_a_datagram_ahead_of_its_time(stage, shop):
    """Version 3 is told before 2: nobody sees it first."""
    customer = shop.customer()
    stage.courier.drop = True
    try:
        viewer = stage.watch(customer)
        order = shop.order(customer, (shop.product(10), 1)).json
        data = viewer.event(order)["data"]
        ahead = {"type": "order:payment", "id": order["id"], "version": 3, "at": data["createdAt"], "data": data | {"version": 3}}
        stage.say([ahead])
        shop.move(order, "processing")
        shop.pay(order)
        assert [viewer.event(order)["version"] for _ in range(2)] == [2, 3]
    finally:
        stage.courier.drop = False


NONSENSE = [
    b"",
    b"\x00" * 100,
    b"[]",
    b"{}",
    b"[",
    b"[null]",
    b'["x"]',
    b"[" * 5000,
    b'[{"type":"order:new"}]',
    json.dumps([stock_event("0" * 24, 1) | {"type": "order:deleted"}], separators=(",", ":")).encode(),
    json.dumps([stock_event("0" * 24, 0)], separators=(",", ":")).encode(),
    json.dumps([stock_event("short", 1)], separators=(",", ":")).encode(),
    json.dumps([stock_event("0" * 24, 2) | {"data": {}}], separators=(",", ":")).encode(),
    json.dumps([stock_event("0" * 24, 3) | {"seq": 7}], separators=(",", ":")).encode(),
    b'[{"type":"product:stock","id":"\xff\xfe"}]',
    b"x" * 70000,
]


def test_nonsense_is_dropped_and_counted(start_stage):
    stage = start_stage(expect=["datagrams: "])
    viewer = stage.watch(stage.shop.admin)
    for data in NONSENSE:
        stage.send(data)
    stage.say([stock_event("1" * 24, 1)])
    assert viewer.next()["id"] == "1" * 24  # nothing of it came, and the bridge goes on
    state = stage.bridge.state()["datagrams"]
    assert state["accepted"] == 1 and state["malformed"] >= len(NONSENSE) - 3
    assert len([line for line in stage.bridge.log().splitlines() if " warn datagrams" in line]) < len(NONSENSE)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
def test_another_users_datagrams(start_stage):
    """The socket is its owner's; should that fail, the sender is looked at."""
    stage = start_stage(expect=["datagrams: "])
    path = stage.bridge.datagrams
    assert os.stat(path).st_mode & 0o777 == 0o600
    script = f"import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto({json.dumps([stock_event('2' * 24, 1)])!r}.encode(), {path!r})"
    as_nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", script]
    assert b"PermissionError" in subprocess.run(as_nobody, capture_output=True, check=False).stderr
    os.chmod(path, 0o666)
    subprocess.run(as_nobody, check=True)
    wait_until(lambda: stage.bridge.state()["datagrams"]["foreign"] == 1, 5, "the foreign datagram to be counted")
    assert stage.bridge.state()["datagrams"]["accepted"] == 0
