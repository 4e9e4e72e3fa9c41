"""Sixty-three wait, or are in one transaction, when something breaks: each is told the truth, nobody hangs, nothing is astray."""

import os
import signal
import time
from dataclasses import dataclass

import pytest
from bson import ObjectId
from harness import scene as to
from harness.client import ANY, Answer
from harness.database import Server
from harness.process import wait_until
from harness.scene import Call, Scene, wait_idle
from harness.shop import Shop, unique

WAITERS = 63
TRANSIENT, UNKNOWN = ["TransientTransactionError"], ["UnknownTransactionCommitResult"]
DATABASE_LINE = r"\[orders:(warn|error)\] .*(database: |answered 500 internal-error)"


@pytest.fixture(scope="module")
def own(server):
    """A database server of this file's own: a fail point is the whole server's."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def scene(own):
    scene = Scene(own, expect=[DATABASE_LINE])
    yield scene
    scene.shop.check()
    scene.close()


@pytest.fixture(autouse=True)
def nothing_held(request):
    yield
    if "scene" in request.fixturenames:
        request.getfixturevalue("scene").relay.revive()


@pytest.fixture
def begin(own):
    """begin(directives, …) gives a Scene that a test may break."""
    scenes = []

    def start(directives=None, **how) -> Scene:
        scenes.append(Scene(own, directives, **how))
        return scenes[-1]

    yield start
    for scene in scenes:
        scene.close()


@pytest.fixture(scope="module")
def buyers(scene):
    return [scene.customer() for _ in range(8)]


class Crowd:
    """Orders of one unit each, one of them of a product nobody else wants, by eight customers; each with a key to find it by."""

    def __init__(self, scene: Scene, count: int = WAITERS, buyers=None):
        self.scene, self.shop = scene, scene.shop
        buyers = buyers or [scene.customer() for _ in range(8)]
        self.product = self.shop.product(stock=1000)
        self.keys = [unique("key") for _ in range(count)]
        self.calls = [to.place(buyers[i % 8], (self.product, 1), key=key) for i, key in enumerate(self.keys)]

    def stored(self, key: str) -> list[str]:
        return [str(row["_id"]) for row in self.shop.database.mongo.orders.find({"idempotency.key": key}, {"_id": 1})]

    def compare(self, but=()) -> dict[str, int]:
        """Reads all answers and compares them with the database; how often each was given."""
        return self.compare_with({i: call.answer() for i, call in enumerate(self.calls) if i not in but})

    def compare_with(self, answers: dict[int, Answer | None]) -> dict[str, int]:
        said: dict[str, int] = {}
        for i, answer in answers.items():
            rows = self.stored(self.keys[i])
            what = "dropped" if answer is None else f"{answer.status} {answer.code or ''}".strip()
            said[what] = said.get(what, 0) + 1
            if answer is None:
                assert len(rows) <= 1
            elif answer.status == 201:
                assert rows == [answer.json["id"]], f"acknowledged, and not there: {answer}"
            elif answer.code == "outcome-unknown":
                assert len(rows) <= 1 and all(row == answer.json["orderId"] for row in rows), answer
            else:
                assert answer.status == 503 and answer.header("Retry-After") and rows == [], answer
        there = sum(len(self.stored(key)) for key in self.keys)
        assert self.shop.held(self.product) == (1000 - there, there)
        self.shop.check()
        return said


# Clients that leave


@pytest.mark.parametrize("phase", ["waiting", "taken"])
def test_the_leaders_client_is_gone(scene, buyers, phase):
    """So is every third one's among those that wait. All is done all the same."""
    crowd, leavers = Crowd(scene, buyers=buyers), range(0, WAITERS, 3)
    if phase == "waiting":
        first = scene.hold_first()
        scene.queue(crowd.calls)
        first.hang_up()
    else:
        scene.taken(crowd.calls).answer(want=201)
    for i in leavers:
        crowd.calls[i].hang_up()
    scene.relay.let_go()
    assert crowd.compare(but=leavers) == {"201": WAITERS - len(leavers)}
    wait_idle(scene)
    assert all(len(crowd.stored(key)) == 1 for key in crowd.keys)
    scene.shop.check()


def test_no_time_left(begin):
    """The first takes longer than the others may wait: they leave the queue, and none of them is there later. Two came late enough."""
    scene = begin({"OrdersRequestTimeout": "2"})
    crowd = Crowd(scene)
    late = Crowd(scene, 2)
    first = scene.hold_first()
    scene.queue(crowd.calls)
    said = {i: call.answer() for i, call in enumerate(crowd.calls)}  # each of them after its second in the queue
    for call in late.calls:
        call.send()
    scene.relay.let_go()
    assert first.answer().status in (201, 503)
    assert late.compare() == {"201": 2}
    assert crowd.compare_with(said) == {"503 busy": WAITERS}


# httpd that ends or changes


def test_graceful_reload(begin):
    """The old child's queue is served to its end, by the old child."""
    scene = begin(mpm={"ServerLimit": 2})
    crowd = Crowd(scene)
    old = scene.httpd.children()
    first = scene.hold_first()
    scene.queue(crowd.calls)
    scene.httpd.reload()
    time.sleep(0.3)  # the old child stops listening
    scene.relay.let_go()
    first.answer(want=201)
    assert crowd.compare() == {"201": WAITERS}
    wait_until(lambda: not set(old) & set(scene.httpd.children()), 15, "the old child to end")


@pytest.mark.parametrize("phase", ["waiting", "taken"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGWINCH], ids=["stop", "graceful stop"])
def test_stop(begin, number, phase):
    scene = begin()
    crowd = Crowd(scene)
    children = scene.httpd.children()
    if phase == "waiting":
        first = scene.hold_first()
        scene.queue(crowd.calls)
    else:
        first = scene.taken(crowd.calls)
    scene.httpd.process.signal(number)
    time.sleep(0.3)
    scene.relay.let_go()
    assert scene.httpd.process.wait(20) == 0
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)
    first.answer()
    said = crowd.compare()
    assert set(said) <= ({"201"} if number == signal.SIGWINCH else {"201", "dropped", "503 busy"}), said


def test_children_of_forty_connections(begin):
    """The child takes no more connections while those it has still wait; others go to the next one. Everybody is served."""
    scene = begin(mpm={"ServerLimit": 3, "MaxRequestWorkers": 240, "MaxConnectionsPerChild": 0})
    crowd = Crowd(scene)
    scene.httpd.mpm["MaxConnectionsPerChild"] = 40
    scene.httpd.write_config()
    scene.httpd.reload()
    old = scene.httpd.children()
    first = scene.hold_first()
    for call in crowd.calls:
        call.send()
    wait_until(lambda: set(scene.httpd.children()) - set(old), 15, "another child")
    scene.relay.let_go()
    first.answer(want=201)
    assert set(crowd.compare()) == {"201"}


def test_children_of_one_connection(begin):
    """A ledger each, and one product: they take turns, or collide; either way each is served or told to come again."""
    mpm = {"StartServers": 12, "ServerLimit": 16, "ThreadsPerChild": 2, "MaxRequestWorkers": 32, "MinSpareThreads": 24}
    scene = begin(mpm={**mpm, "MaxSpareThreads": 32})
    crowd = Crowd(scene, 20)
    scene.httpd.mpm["MaxConnectionsPerChild"] = 1
    scene.httpd.write_config()
    scene.httpd.reload()
    first = scene.hold_first()
    for call in crowd.calls:
        call.send()
    time.sleep(0.5)
    scene.relay.let_go()
    first.answer(want=201)
    said = crowd.compare()
    assert set(said) <= {"201", "503 busy"} and said["201"] > 0, said


@pytest.mark.expect_log(r"AH00052: child pid \d+ exit signal Killed")
@pytest.mark.parametrize("phase", ["waiting", "taken, and lost on the way", "taken, and arriving"])
def test_killed(begin, phase):
    """kill -9: what was under way is there whole or not at all, the rest is not; the shop goes on at once."""
    scene = begin(mpm={"ServerLimit": 2})
    crowd = Crowd(scene)
    (child,) = scene.httpd.children()
    if phase == "waiting":
        scene.hold_first()
        scene.queue(crowd.calls)
    else:
        scene.taken(crowd.calls).answer(want=201)
    os.kill(child, signal.SIGKILL)
    assert [call.answer() for call in crowd.calls] == [None] * WAITERS
    if "lost" in phase or phase == "waiting":
        scene.relay.lose_held()
    scene.relay.let_go()
    buyer = scene.shop.customer()
    wait_until(lambda: scene.shop.order(buyer, (scene.shop.product(), 1), want=ANY).status == 201, 10, "the shop to go on")
    again = [scene.shop.order(buyer, (crowd.product, 1), want=ANY) for _ in range(2)]
    assert [a.status for a in again] == [201, 201], "a dead process's transaction stands in the way"
    there = {len(crowd.stored(key)) for key in crowd.keys}
    assert there == {1} if "arriving" in phase else there == {0}
    scene.shop.check()


# Duplicate keys


def a_cancelled_order(scene: Scene, buyer) -> dict:
    order = scene.shop.order(buyer, (scene.shop.product(), 1), key=unique("key")).json
    return scene.shop.cancel(buyer, order).json


@pytest.mark.parametrize("place", ["all", "one"])
def test_numbers_that_are_taken(scene, buyers, place):
    """Numbers of orders that a backup brought back: the batch draws others, and all are served."""
    crowd = Crowd(scene, 12, buyers)
    orders, counters = scene.shop.database.mongo.orders, scene.shop.database.mongo.counters
    model = a_cancelled_order(scene, buyers[0])
    first = scene.hold_first()
    if place == "all":
        counters.update_one({"_id": "orders"}, {"$inc": {"value": -1}})
    else:
        row = orders.find_one({"number": model["number"]})
        row.update(_id=ObjectId(), number=f"A-{scene.drawn() + 7:06d}")
        row.pop("idempotency")
        orders.insert_one(row)
    scene.queue(crowd.calls)
    scene.relay.let_go()
    first.answer(want=201)
    assert crowd.compare() == {"201": 12}
    numbers = [row["number"] for row in orders.find({}, {"number": 1})]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("same_body", [True, False], ids=["same body", "other body"])
def test_a_twin_of_another_host(scene, buyers, same_body):
    """Another host places an order with the key of one of ten, between the batch's reading and its writing."""
    crowd = Crowd(scene, 10, buyers)
    orders, key = scene.shop.database.mongo.orders, crowd.keys[4]
    model = scene.shop.order(buyers[4], (crowd.product, 1), key=unique("key")).json
    scene.shop.cancel(buyers[4], model)
    row = orders.find_one({"number": model["number"]})
    fingerprint = row["idempotency"]["fingerprint"]
    row.update(_id=ObjectId(), number=unique("B-"), idempotency={"key": key, "fingerprint": fingerprint if same_body else "0" * 64})

    first = scene.hold_first()
    scene.queue(crowd.calls)
    relay = scene.relay
    relay.hold("insert")  # the batch's; it lets the commit go
    relay.wait_for_held()
    orders.insert_one(row)
    relay.let_go()
    first.answer(want=201)
    answers = [call.answer() for call in crowd.calls]
    twin = answers.pop(4)
    assert {a.status for a in answers} == {201}
    if same_body:
        assert (twin.status, twin.json["id"], twin.header("Idempotent-Replayed")) == (201, str(row["_id"]), "true")
    else:
        assert (twin.status, twin.code) == (422, "idempotency-key-reused")
    assert all(len(crowd.stored(k)) == 1 for k in crowd.keys)
    assert scene.shop.held(crowd.product) == (1000 - 9, 9)


# Errors on the way, with mates


@dataclass
class Mixed:
    """One of each kind, and what must be so afterwards if all were done."""

    scene: Scene
    buyer: object

    def __post_init__(self):
        shop = self.scene.shop
        self.sold, self.back = shop.product(stock=10), shop.product(stock=10)
        cancelled, moved, paid, twin = (shop.order(self.buyer, (self.back, 1), key=unique("key")).json for _ in range(4))
        self.changed, self.key = [cancelled, moved, paid], unique("key")
        admin, key = shop.admin, self.key
        self.calls = [
            to.place(self.buyer, (self.sold, 9), key=key), to.cancel(self.buyer, cancelled), to.move(admin, moved, "processing"),
            to.pay(admin, paid), to.edit(admin, self.back, stockDelta=4), to.place(self.buyer, (self.sold, 2)),
            to.place(self.buyer, (self.sold, 9), key=key),
        ]  # fmt: skip

    def done(self, answers: list[Answer]) -> None:
        assert [a.status for a in answers] == [201, 200, 200, 200, 200, 409, 201], answers
        assert answers[5].json["lines"][0]["available"] == 1
        assert answers[6].json["id"] == answers[0].json["id"] and answers[6].header("Idempotent-Replayed") == "true"
        assert self.scene.shop.see(answers[0].json, by=self.buyer).json == answers[0].json
        shop = self.scene.shop
        assert [(o["status"], o["version"]) for o in (shop.see(c).json for c in self.changed)] == [
            ("cancelled", 2), ("processing", 2), ("pending", 2),
        ]  # fmt: skip
        assert (shop.held(self.sold), shop.held(self.back)) == ((1, 9), (11, 3))
        assert shop.database.mongo.orders.count_documents({"idempotency.key": self.key}) == 1

    def undone(self) -> None:
        shop = self.scene.shop
        assert (shop.held(self.sold), shop.held(self.back)) == ((10, 0), (6, 4))
        assert [shop.see(c).json["version"] for c in self.changed] == [1, 1, 1]
        assert shop.database.mongo.orders.count_documents({"idempotency.key": self.key}) == 0

    def run(self, failing=None) -> list[Answer]:
        """In one batch, while something fails from its first command on."""
        first = self.scene.hold_first()
        self.scene.queue(self.calls, in_order=True)
        if failing:
            failing.__enter__()
        try:
            self.scene.relay.let_go()
            first.answer(want=201)
            return [call.answer() for call in self.calls]
        finally:
            if failing:
                failing.__exit__(None, None, None)


HOW = {
    "conflict": {"errorCode": 112, "errorLabels": TRANSIENT},
    "connection": {"closeConnection": True},
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("command", ["aggregate", "find", "insert", "update", "findAndModify"])
def test_errors_that_pass(scene, buyers, command, how):
    """Each command of the batch fails once: all of it runs again."""
    if command == "findAndModify" and how == "conflict":
        pytest.skip("the counter is outside the transaction")
    mixed = Mixed(scene, buyers[0])
    mixed.done(mixed.run(scene.shop.database.failing([command], times=1, **HOW[how])))


COMMITS = {
    "refused": {"errorCode": 251, "errorLabels": TRANSIENT},
    "no result": {"errorCode": 50, "errorLabels": UNKNOWN},
    "cut off": {"closeConnection": True},
    "not confirmed": {"writeConcernError": {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "timed out"}},
}


@pytest.mark.parametrize("how", COMMITS)
def test_commits_that_fail_once(scene, buyers, how):
    mixed = Mixed(scene, buyers[0])
    mixed.done(mixed.run(scene.shop.database.failing(["commitTransaction"], times=1, skip=1, **COMMITS[how])))


@pytest.mark.parametrize("times", [1, 10**6], ids=["once", "always"])
def test_answers_of_commits_are_lost(begin, times):
    """Carried out, and nobody was told: it is found."""
    scene = begin({"OrdersRequestTimeout": "3"})
    mixed = Mixed(scene, scene.customer())
    scene.taken(mixed.calls, in_order=True).answer(want=201)
    scene.relay.lose_answers = times
    scene.relay.let_go()
    answers = [call.answer() for call in mixed.calls]
    scene.relay.revive()
    mixed.done(answers)
    scene.shop.check()


@pytest.mark.parametrize("mates", [True, False], ids=["with mates", "alone"])
def test_an_answer_is_lost_and_the_next_one_is_wrong(begin, mates):
    """Carried out, and the answer is lost; asked again, the database knows no such transaction, as one that was just started anew:
    that is not the truth, so it is looked for. (The driver asks again by itself, and tells of the second answer only.)"""
    scene = begin({"OrdersRequestTimeout": "3"})
    mixed = Mixed(scene, scene.customer())
    calls = mixed.calls if mates else mixed.calls[:1]
    scene.taken(calls, in_order=True).answer(want=201)
    scene.relay.lose_answers = 1
    with scene.shop.database.failing(["commitTransaction"], times=1, skip=1, **COMMITS["refused"]):
        scene.relay.let_go()
        answers = [call.answer() for call in calls]
    if mates:
        mixed.done(answers)
    else:
        rows = scene.shop.database.mongo.orders.find({"idempotency.key": mixed.key})
        assert answers[0].status == 201 and [str(row["_id"]) for row in rows] == [answers[0].json["id"]]
    scene.shop.check()


@pytest.mark.expect_log(DATABASE_LINE)
@pytest.mark.parametrize("arrived", [True, False], ids=["carried out", "never arrived"])
def test_the_database_is_gone_with_the_answer(begin, arrived):
    """Nobody can tell: who changed something is told so, under the id to look for, and so is the twin. Who was refused because of a
    mate is not, as that may not hold."""
    scene = begin({"OrdersRequestTimeout": "3"})
    mixed = Mixed(scene, scene.customer())
    early = unique("key")
    order = scene.shop.order(mixed.buyer, (mixed.sold, 1), key=early).json
    scene.shop.cancel(mixed.buyer, order)
    mixed.calls.append(to.place(mixed.buyer, (mixed.sold, 1), key=early))
    scene.taken(mixed.calls, in_order=True).answer(want=201)
    if arrived:
        scene.relay.lose_answers, scene.relay.then_dead = 1, True
        scene.relay.let_go()
    else:
        scene.relay.lose_held(then_dead=True)
    placed, cancelled, moved, paid, edited, short, twin, known = [call.answer() for call in mixed.calls]
    for answer in (placed, cancelled, moved, paid, edited, twin):
        assert (answer.status, answer.code) == (503, "outcome-unknown"), answer
    assert [a.json["orderId"] for a in (cancelled, moved, paid)] == [o["id"] for o in mixed.changed]
    assert edited.json["productId"] == mixed.back["id"] and twin.json["orderId"] == placed.json["orderId"]
    assert (short.status, short.code) == (503, "busy"), short
    assert (known.status, known.json["id"], known.header("Idempotent-Replayed")) == (201, order["id"], "true")

    scene.relay.revive()
    rows = scene.shop.database.mongo.orders.find({"idempotency.key": mixed.key})
    assert [str(row["_id"]) for row in rows] == ([placed.json["orderId"]] if arrived else [])
    again = lambda: scene.shop.order(mixed.buyer, (mixed.sold, 9), key=mixed.key, want=ANY)  # noqa: E731
    wait_until(lambda: again().status == 201, 15, "the shop to go on")
    assert scene.shop.held(mixed.sold) == (1, 9)
    if arrived:
        assert [scene.shop.see(c).json["version"] for c in mixed.changed] == [2, 2, 2]
    scene.shop.check()


def test_commits_that_never_come_through(scene, buyers):
    """Not carried out in all the time there is: nothing was changed, and everybody is told so."""
    mixed = Mixed(scene, buyers[0])
    answers = mixed.run(scene.shop.database.failing(["commitTransaction"], times=10**6, skip=1, **COMMITS["cut off"]))
    assert {f"{a.status} {a.code}" for a in answers} == {"503 database-unavailable"}, answers
    mixed.undone()


@pytest.mark.parametrize("command, kinds", [("insert", {0, 6}), ("update", {1, 2, 3, 4})])
@pytest.mark.parametrize("code", [11000, 8000])
def test_errors_that_stay(scene, buyers, command, kinds, code):
    """No rerun mends it: the batch is run in halves until those fail alone that need the command. The rest is done."""
    mixed = Mixed(scene, buyers[0])
    answers = mixed.run(scene.shop.database.failing([command], errorCode=code, errorLabels=[]))
    for i, answer in enumerate(answers):
        if i in kinds or (command == "update" and i in (0, 5, 6)):
            assert (answer.status, answer.code) == (500, "internal-error"), answer
    if command == "insert":
        assert [a.status for a in answers[1:5]] == [200] * 4
    else:
        mixed.undone()


def test_an_error_that_no_rerun_mends_comes_once(scene, buyers):
    """One failure without a label: the halves are run, and all of it is done."""
    mixed = Mixed(scene, buyers[0])
    mixed.done(mixed.run(scene.shop.database.failing(["update"], times=1, errorCode=8000, errorLabels=[])))
