"""So many passwords are hashed at once as there are slots, in all child processes together. A child that is stopped in the midst of it has its
slot until it goes on, or dies."""

import os
import select
import signal
from pathlib import Path

import pytest
from harness.client import Answer
from harness.process import wait_until
from harness.scene import Call
from harness.shop import PASSWORD, Shop

TICKS_OF_A_HASH = 10  # of 10 ms: no other request takes as long
TIMEOUT = 3
SLOW = {"OrdersBcryptCost": "14", "OrdersRequestTimeout": str(TIMEOUT)}
TWO_CHILDREN = {"StartServers": 2, "ServerLimit": 2}


def cpu_ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])


def sign_in(shop: Shop, person) -> Call:
    return Call(person, "POST", "/api/users/login", {"email": person.email, "password": PASSWORD})


class Hashing:
    """One of the two children is at a hash, and stopped there."""

    def __init__(self, shop: Shop):
        self.shop, self.person = shop, shop.customer()
        children = wait_until(lambda: shop.httpd.children() if len(shop.httpd.children()) == 2 else None, 10, "two children")
        before = {child: cpu_ticks(child) for child in children}
        self.login = sign_in(shop, self.person).send()
        self.child = wait_until(
            lambda: next((child for child in children if cpu_ticks(child) >= before[child] + TICKS_OF_A_HASH), None), 15, "a hash", step=0.005
        )
        os.kill(self.child, signal.SIGSTOP)

    def sign_in_at_the_other(self) -> Answer:
        """Which child a connection goes to is the system's choice: one that is given to the stopped child waits there, and the next one is tried."""
        calls = []

        def first_answered():
            calls.append(sign_in(self.shop, self.person).send())
            answered, _, _ = select.select([call.socket for call in calls], [], [], TIMEOUT + 1)
            return next((call for call in calls if call.socket in answered), None)

        return wait_until(first_answered, 30, "the other child's answer").answer()

    def go_on(self) -> None:
        os.kill(self.child, signal.SIGCONT)


@pytest.fixture
def begin(start):
    stopped = []

    def hashing(slots: int) -> Hashing:
        stopped.append(Hashing(start({**SLOW, "OrdersHashSlots": str(slots)}, mpm=TWO_CHILDREN)))
        return stopped[-1]

    yield hashing
    for one in stopped:
        if one.child in one.shop.httpd.children():
            one.go_on()


def test_one_slot_for_all_children(begin):
    hashing = begin(slots=1)
    other = hashing.sign_in_at_the_other()
    assert (other.status, other.json["code"]) == (503, "busy") and other.header("Retry-After")
    hashing.go_on()
    assert hashing.login.answer().status in (200, 503)
    sign_in(hashing.shop, hashing.person).send().answer(want=200)


def test_two_slots_are_two_at_once(begin):
    assert begin(slots=2).sign_in_at_the_other().status == 200


@pytest.mark.expect_log(r"AH00052: child pid \d+ exit signal Killed")
def test_a_dead_child_leaves_its_slot(begin):
    hashing = begin(slots=1)
    os.kill(hashing.child, signal.SIGKILL)
    assert hashing.login.answer() is None
    sign_in(hashing.shop, hashing.person).send().answer(want=200)
