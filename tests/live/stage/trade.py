"""Changes at a steady rate."""

import random
import threading
import time
from http.client import HTTPException

from harness.client import ANY
from harness.shop import Person, Shop

RATE = 50  # changes a second, by all threads together
THREADS = 5


class Trade:
    """Orders that come and move on. What fails is nothing to it: who compares asks REST what happened."""

    def __init__(self, shop: Shop, customers: list[Person]):
        self.shop, self.customers = shop, customers
        self.products = [shop.product(100000) for _ in range(6)]
        self.changes = 0
        self.failures = 0
        self._lock = threading.Lock()
        for person in [*customers, shop.admin]:
            person.timeout = 10

    def change(self, call) -> bool:
        begin = time.monotonic()
        try:
            good = 200 <= call().status < 300
        except (OSError, EOFError, HTTPException):
            good = False
        with self._lock:
            self.changes += good
            self.failures += not good
        time.sleep(max(0, THREADS / RATE - (time.monotonic() - begin)))
        return good

    def ways(self, customer: Person, order: dict) -> list[list]:
        """What may become of a new order."""
        shop = self.shop
        return [
            [lambda: shop.cancel(customer, order, want=ANY)],
            [lambda: shop.move(order, "processing", want=ANY), lambda: shop.pay(order, want=ANY)],
            [
                lambda: shop.pay(order, want=ANY),
                lambda: shop.move(order, "processing", want=ANY),
                lambda: shop.move(order, "shipped", want=ANY),
            ],
        ]

    def step(self, thread: int) -> None:
        customer, made = random.choice(self.customers), []
        line = (random.choice(self.products), 1)

        def place():
            made.append(self.shop.order(customer, line, want=ANY))
            return made[0]

        if self.change(place):
            for then in random.choice(self.ways(customer, made[0].json)):
                if not self.change(then):
                    return
