"""What the processes hold: at rest, and while a mix of requests runs for long."""

import threading
import time

import procs
from load import measure, request
from shop import Shop

KINDS = ("apache", "bridge")


class Memory:
    def __init__(self, bench):
        self.bench = bench

    def now(self) -> dict[str, int]:
        return {kind: procs.memory_kb(self.bench.ours.service(kind)) for kind in KINDS}

    def mix(self, shop: Shop) -> list[bytes]:
        """Of 100 requests 90 look at an order, 5 at products, 4 at who asks, 1 places an order."""
        port = self.bench.ours.port
        looks = [request(port, "GET", f"/api/orders/{order}", shop.tokens[number]) for order, number in shop.orders[:1800]]
        goods = [request(port, "GET", "/api/products?limit=20")] * (len(looks) // 18)
        people = [request(port, "GET", "/api/users/me", shop.tokens[number % 50]) for number in range(len(looks) * 4 // 90)]
        body = lambda number: {"items": [{"productId": shop.products[number], "quantity": 1}]}
        places = [request(port, "POST", "/api/orders", shop.tokens[number % 50], body(number)) for number in range(1 + len(looks) // 90)]
        return looks + goods + people + places

    def watch(self, seconds: float) -> dict:
        samples: list[tuple[float, int]] = []
        ended = threading.Event()

        def look() -> None:
            began = time.monotonic()
            while not ended.wait(min(10, seconds / 20)):
                samples.append((time.monotonic() - began, sum(self.now().values())))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            figures = measure(self.bench.ours, self.mix(self.bench.shop), 64, seconds, self.bench.folder)
        finally:
            ended.set()
            watcher.join()
        end = self.now()
        first = next((kb for at, kb in samples if at >= min(60, seconds / 4)), sum(end.values()))
        idle = self.bench.idle
        return {
            "rate": figures["rate"],
            "refused": figures["refused"],
            "lost": figures["lost"],
            "idle_kb": idle["mod_orders"],
            "idle_apache_kb": idle["apache"],
            "idle_bridge_kb": idle["bridge"],
            "p1_idle_kb": idle.get("p1", 0),
            "p2_idle_kb": idle.get("p2", 0),
            "first_minute_kb": first,
            "end_kb": sum(end.values()),
            "end_apache_kb": end["apache"],
            "end_bridge_kb": end["bridge"],
            **{f"{peer.name}_end_kb": peer.memory_kb() for peer in self.bench.peers},
            "growth_percent": (sum(end.values()) / first - 1) * 100,
        }
