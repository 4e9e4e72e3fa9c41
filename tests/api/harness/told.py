"""What customers were told while things broke, and whether it was true."""

import itertools
import threading
import time
from collections import Counter
from http.client import HTTPException

from .client import ANY, Answer
from .shop import Person, Shop, unique

_DROPPED = (OSError, EOFError, HTTPException)


class Told:
    """What customers were told about their orders, each under a key of its own; compared with the database in the end."""

    def __init__(self, shop: Shop, products: list[dict], customers: list[Person]):
        self.shop, self.products, self.customers = shop, products, customers
        self.placed: list[tuple[str, Answer]] = []
        self.moved: list[tuple[dict, Answer]] = []
        self.dropped: list[str] = []  # keys of orders whose connection broke: nothing was told
        self._next = itertools.count()
        self._lock = threading.Lock()

    def step(self, thread: int) -> None:
        """Places an order; every other one is cancelled again, or moved on."""
        with self._lock:
            i = next(self._next)
        customer, key = self.customers[i % len(self.customers)], unique("key")
        lines = [(self.products[i % len(self.products)], 1), (self.products[(i + 1) % len(self.products)], 2)]
        try:
            answer = self.shop.order(customer, *lines, key=key, want=ANY)
        except ConnectionRefusedError:
            time.sleep(0.1)  # nobody is there
            return
        except TimeoutError:
            raise  # a client that hangs is another matter
        except _DROPPED:
            self.dropped.append(key)
            return
        self.placed.append((key, answer))
        if answer.status == 503:
            time.sleep(0.1)  # as Retry-After asks, in small
        if answer.status != 201 or i % 3 == 0:
            return
        order = answer.json
        try:
            if i % 3 == 1:
                self.moved.append((order, self.shop.cancel(customer, order, want=ANY)))
            else:
                self.moved.append((order, self.shop.move(order, "processing", want=ANY)))
        except (ConnectionRefusedError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                raise
        except _DROPPED:
            self.dropped.append(key)

    @property
    def statuses(self) -> Counter:
        return Counter(f"{a.status} {a.code or ''}".strip() for _, a in self.placed + self.moved)

    def placed_so_far(self) -> int:
        return sum(a.status == 201 for _, a in self.placed)

    def compare(self) -> None:
        """Every answer was true."""
        orders, by_key = {}, {}
        for row in self.shop.database.mongo.orders.find():
            orders[str(row["_id"])] = row
            by_key.setdefault(row["idempotency"]["key"], []).append(row)
        for key, answer in self.placed:
            rows = by_key.get(key, [])
            if answer.status == 201:
                assert [str(row["_id"]) for row in rows] == [answer.json["id"]], f"acknowledged, then lost: {answer}"
            elif answer.code == "outcome-unknown":
                assert len(rows) <= 1 and all(str(row["_id"]) == answer.json["orderId"] for row in rows), answer
            else:
                assert answer.status == 503 and answer.header("Retry-After"), answer
                assert rows == [], f"said not to exist, but it does: {answer}"
        for key in self.dropped:
            assert len(by_key.get(key, [])) <= 1
        for order, answer in self.moved:
            now = orders[order["id"]]
            assert now["version"] == len(now["history"])
            if answer.status == 200:
                assert (now["status"], now["version"]) == (answer.json["status"], 2), answer
            elif answer.code == "outcome-unknown":
                assert now["version"] in (1, 2), answer
            else:
                assert answer.status == 503 and now["version"] == 1, answer
        self.shop.check()
