"""The oracle: what one viewer was told, and whether that, with what it fetched by REST when told to, is all that it may see."""

import threading
from collections import defaultdict
from http.client import HTTPException

from harness.process import wait_until
from harness.shop import Person


class Seen:
    """One viewer's knowledge. `fetched` holds for each order the version that REST told; events tell single versions."""

    def __init__(self, who: Person, name: str):
        self.who, self.name = who, name
        self.is_admin = who.user["role"] == "admin"
        self.fetched: dict[str, int] = defaultdict(int)
        self.told: dict[str, set[int]] = defaultdict(set)
        self.products: dict[str, int] = defaultdict(int)
        self.wrong: list[str] = []
        self.resumes = self.fetches = 0
        self.fetching = 0
        self._last: dict[str, int] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        """A new start, or a reset: what is told from here on has nothing to follow."""
        self._last.clear()

    def event(self, event: dict) -> None:
        one, version = event["id"], event["version"]
        if version <= self._last.get(one, 0):
            self.wrong.append(f"{event['type']} {one}: version {version} after {self._last[one]}")
        self._last[one] = version
        if event["type"] == "product:stock":
            self.products[one] = max(self.products[one], version)
            return
        if not self.is_admin and event["data"]["userId"] != self.who.id:
            self.wrong.append(f"{event['type']} {one}: another's")
        self.told[one].add(version)

    def fetch(self) -> None:
        """As a page does that was told to: orders and products, until it succeeds."""
        wait_until(self._fetch_once, 30, f"{self.name} to fetch", step=0.2)
        self.fetches += 1

    def _fetch_once(self) -> bool:
        try:
            orders, products = truth_of(self.who)
        except (AssertionError, OSError, HTTPException):
            return False  # no answer, or not a good one
        with self._lock:
            for one, version in orders.items():
                self.fetched[one] = max(self.fetched[one], version)
            for one, version in products.items():
                self.products[one] = max(self.products[one], version)
        return True

    def missing(self, orders: dict[str, int], products: dict[str, int]) -> list[str]:
        """What it may see by REST and does not know."""
        gaps = [
            f"{one}: {version} of {newest}"
            for one, newest in orders.items()
            for version in range(self.fetched[one] + 1, newest + 1)
            if version not in self.told[one]
        ]
        return gaps + [f"product {one}: {self.products[one]} of {v}" for one, v in products.items() if self.products[one] != v]

    def beyond(self, orders: dict[str, int]) -> list[str]:
        """What it was told and REST does not confirm."""
        return [f"{one}: {max(told)}" for one, told in self.told.items() if told and max(told) > orders.get(one, 0)]


def truth_of(who: Person) -> tuple[dict[str, int], dict[str, int]]:
    """What REST shows: order → version, product → version."""
    path = "/api/orders/admin" if who.user["role"] == "admin" else "/api/orders/"
    orders = {row["id"]: row["version"] for row in who.pages(path, limit=100)}
    return orders, {row["id"]: row["version"] for row in who.pages("/api/products/", limit=100)}
