"""The rows of the table: what is asked of whom, and which goal the answer is held against."""

import subprocess
from typing import Callable, Iterable

import paths
from database import Database, database_of
from figures import Contestant, Goal, Row, ratio
from load import floor_program, measure, request
from logins import Logins
from memory import Memory
from shop import CUSTOMERS, PLENTY, Shop
from targets import ModOrders, Target

CONNECTIONS = 64
HOT_STOCK = 300
LIST = "/api/orders/admin?status=pending,processing&limit=50"
US, P1, P2 = "mod_orders", "p1", "p2"

# --- What is sent: whole requests for one target


def gets(target: Target, shop: Shop) -> list[bytes]:
    return [request(target.port, "GET", f"/api/orders/{order}", shop.tokens[number]) for order, number in shop.orders]


def lists(target: Target, shop: Shop) -> list[bytes]:
    return [request(target.port, "GET", LIST, shop.admin)]


def lists_apart(target: Target, shop: Shop) -> list[bytes]:
    """The same orders, by two thousand queries of which no two are alike: none can share another's answer."""
    return [request(target.port, "GET", f"{LIST}&from=2020-01-01T00:00:{n // 1000:02}.{n % 1000:03}Z", shop.admin) for n in range(2000)]


def products(target: Target, shop: Shop) -> list[bytes]:
    return [request(target.port, "GET", "/api/products?limit=20")]


def places(of: Callable[[Shop], list[str]]) -> Callable[[Target, Shop], list[bytes]]:
    """Orders of one line, by all customers in turn."""

    def make(target: Target, shop: Shop) -> list[bytes]:
        wanted, made = of(shop), []
        for number in range(max(CUSTOMERS, len(wanted)) * 2):
            body = {"items": [{"productId": wanted[number % len(wanted)], "quantity": 1}]}
            made.append(request(target.port, "POST", "/api/orders", shop.tokens[number % CUSTOMERS], body))
        return made

    return make


twenty = places(lambda shop: shop.products[:20])
thousand = places(lambda shop: shop.products)
hot = places(lambda shop: [shop.hot])


def authenticated(target: Target, shop: Shop) -> list[bytes]:
    """Who asks is found out, and the answer is an empty list: a search for no word needs no database. The peers have a route of their own for that."""
    path = "/api/products?q=-" if isinstance(target, ModOrders) else "/api/session"
    return [request(target.port, "GET", path, token) for token in shop.tokens]


def bare(target: Target, shop: Shop) -> list[bytes]:
    return [request(target.port, "GET", "/floor", token) for token in shop.tokens]


class Rows:
    """All rows, on the targets of one run."""

    def __init__(self, bench):
        self.bench = bench
        self.ours: ModOrders = bench.ours
        self.database: Database = bench.database
        self.shop: Shop = bench.shop

    def http(self, make, targets: Iterable[Target], name: str = "", label: str = "", connections: int = CONNECTIONS, shop=None) -> list[Contestant]:
        def one(target: Target) -> Contestant:
            of = shop or self.shop
            run = lambda seconds: measure(target, make(target, of() if callable(of) else of), connections, seconds, self.bench.folder, self.database.pids)
            return Contestant(name or target.name, label or target.label, run)

        return [one(target) for target in targets]

    def raw(self, what: str, threads: int = CONNECTIONS, name: str = "raw", label: str = "libmongoc in a loop", uri=None) -> Contestant:
        def run(seconds: float) -> dict:
            where = uri() if uri else self.ours.uri
            return floor_program("raw_find", where, database_of(where), str(seconds), str(threads), what)

        return Contestant(name, label, run, warm=False)

    @property
    def all_targets(self) -> list[Target]:
        return [self.ours, *self.bench.peers]

    def all(self) -> list[Row]:
        """In the order in which they are measured: reading first, while the database is as it was filled."""
        rows = [self.order_by_id, self.list_of_fifty, self.products_list, self.without_database, self.bson, self.logins, self.scaled_reads, self.scaled_places]
        return [make() for make in [*rows, self.place_twenty, self.place_hot, self.hot_against_spread, self.memory]]

    # Reading

    def order_by_id(self) -> Row:
        goals = [
            Goal("≥ 4× P1's requests/s", ratio("rate", US, P1), at_least=4),
            Goal("≥ 2× P2's requests/s", ratio("rate", US, P2), at_least=2),
            Goal("≤ 0.3× P1's CPU", ratio("cpu_us", US, P1), at_most=0.3),
            Goal("≥ 0.6× the raw libmongoc loop", ratio("rate", US, "raw"), at_least=0.6),
        ]
        return Row(1, "GET order by id, JWT, 64 connections", [*self.http(gets, self.all_targets), self.raw("order")], goals)

    def list_of_fifty(self) -> Row:
        goals = [
            Goal("≥ 1.5× P1's requests/s", ratio("rate", US, P1), at_least=1.5),
            Goal("≤ 0.25× P1's CPU", ratio("cpu_us", US, P1), at_most=0.25),
        ]
        title = f"list of 50 (filter + page, {self.bench.orders:,} orders)"
        apart = self.http(lists_apart, [self.ours], "apart", "mod_orders, no two requests alike")
        return Row(2, title, [*self.http(lists, self.all_targets), *apart, self.raw("list")], goals)

    def products_list(self) -> Row:
        goals = [Goal("≥ 3× P1's requests/s", ratio("rate", US, P1), at_least=3)]
        return Row(3, "products list (20)", [*self.http(products, self.all_targets), self.raw("products")], goals)

    def without_database(self) -> Row:
        goals = [Goal("≥ 0.8× the bare C handler", ratio("rate", US, "floor"), at_least=0.8)]
        floor = self.http(bare, [self.ours], "floor", "bare C handler")
        return Row(7, "authenticated endpoint without database", [*self.http(authenticated, [self.ours]), *floor, *self.http(authenticated, self.bench.peers)], goals)

    def bson(self) -> Row:
        goals = [Goal("≤ 0.15× the jansson path's time", lambda f: f["core"]["core_ns"] / f["core"]["jansson_ns"], at_most=0.15)]
        run = Contestant("core", "core/bson_json and jansson", lambda seconds: floor_program("bson_json", str(max(3, round(seconds * 2)))), warm=False)
        return Row(8, "BSON→JSON of an order", [run], goals)

    def logins(self) -> Row:
        logins = Logins(self.ours, self.shop, self.bench.folder)
        quiet = self.http(gets, [self.ours], "quiet", "mod_orders")
        busy = Contestant("logins", "mod_orders, 40 logins/s besides", lambda seconds: logins.during(seconds, quiet[0].measure))
        goals = [
            Goal("GET p99 ≤ 3× without", ratio("p99", "logins", "quiet"), at_most=3),
            Goal("every refused login answered in 100 ms", lambda f: f["logins"]["turned_away_ms_max"], at_most=100, unit=" ms"),
            Goal("no login answered otherwise than 200, 429 or 503", lambda f: f["logins"]["other_answers"], at_most=0, unit=""),
        ]
        return Row(9, "GET p99 while 40 logins/s arrive", [*quiet, busy], goals)

    # Placing

    def new_hot_products(self) -> None:
        for shop in [self.shop, *([self.bench.large_shop] if self.bench.large_shop else [])]:
            shop.hot = shop.add_hot_product(PLENTY)

    def checked(self, figures: dict) -> dict:
        """Stock against orders, of all targets together: ordersctl's word."""
        done = subprocess.run([paths.ORDERSCTL, "--uri", self.ours.uri, "check"], capture_output=True, text=True)
        return {"check": done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr, "findings": done.returncode}

    def sold_out(self, figures: dict) -> dict:
        """A product of few pieces, and more buyers: how many were sold, by each target."""
        facts = {}
        for target in self.all_targets:
            self.shop.hot = self.shop.add_hot_product(HOT_STOCK)
            measure(target, hot(target, self.shop), CONNECTIONS, 3, self.bench.folder, self.database.pids)
            sold = self.database.tool("sold", self.shop.hot, uri=self.ours.uri)
            facts[target.name] = sold | {"oversold": max(0, sold["units"] - HOT_STOCK), "exact": sold["units"] + sold["stock"] == HOT_STOCK}
        return {"sold": facts, "stock": HOT_STOCK, **self.checked(figures)}

    def place_twenty(self) -> Row:
        goals = [
            Goal("≥ 5× P1's requests/s", ratio("rate", US, P1), at_least=5),
            Goal("≥ 3× P2's requests/s", ratio("rate", US, P2), at_least=3),
            Goal("p99 ≤ 0.25× P1's", ratio("p99", US, P1), at_most=0.25),
            Goal("ordersctl check finds nothing", lambda f: f["facts"]["findings"], at_most=0, unit=""),
        ]
        return Row(4, "POST order, 20 products, 64 connections", self.http(twenty, self.all_targets), goals, ask=self.checked)

    def place_hot(self) -> Row:
        goals = [
            Goal("≥ 25× P1's requests/s", ratio("rate", US, P1), at_least=25),
            Goal("p99 ≤ 0.1× P1's", ratio("p99", US, P1), at_most=0.1),
            Goal("0 oversold", lambda f: f["facts"]["sold"][US]["oversold"], at_most=0, unit=""),
            Goal("ordersctl check finds nothing", lambda f: f["facts"]["findings"], at_most=0, unit=""),
        ]
        contestants = self.http(hot, self.all_targets)
        return Row(5, "POST order, one hot product, 64 connections", contestants, goals, ask=self.sold_out, before=self.new_hot_products)

    def hot_against_spread(self) -> Row:
        contestants = [*self.http(hot, [self.ours], "hot", "mod_orders, one product"), *self.http(thousand, [self.ours], "spread", "mod_orders, 1,000 products")]
        goals = [Goal("≥ 0.8× the 1,000-product figure", ratio("rate", "hot", "spread"), at_least=0.8)]
        return Row(6, "hot product against our own 1,000-product figure", contestants, goals, before=self.new_hot_products)

    # Memory and size

    def memory(self) -> Row:
        memory = Memory(self.bench)
        goals = [
            Goal("idle ≤ 0.5× P1's cluster", lambda f: f["memory"]["idle_kb"] / f["memory"]["p1_idle_kb"], at_most=0.5),
            Goal("after the run ≤ 5 % more than after its first minute", lambda f: f["memory"]["growth_percent"], at_most=5, unit=" %"),
        ]
        run = Contestant("memory", "mod_orders", memory.watch, warm=False)
        return Row(10, "idle memory, and growth under load", [run], goals, rounds=1, seconds=self.bench.memory_seconds)

    def scaled(self, kinds: dict[str, Callable], raws: dict[str, str]) -> tuple[list[Contestant], list[Goal]]:
        """Each kind of request as it was, with twice the connections, and with ten times the orders."""
        contestants, goals = [], []
        large = [self.bench.large] if self.bench.large else []
        for kind, make in kinds.items():
            contestants += self.http(make, [self.ours], f"{kind} base", f"{kind}: 64 connections")
            contestants += self.http(make, [self.ours], f"{kind} more", f"{kind}: 128 connections", 2 * CONNECTIONS)
            contestants += self.http(make, large, f"{kind} large", f"{kind}: 10× the orders", shop=lambda: self.bench.large_shop)
            goals.append(Goal(f"{kind}: 2× the connections ≥ 0.8×", ratio("rate", f"{kind} more", f"{kind} base"), at_least=0.8))
            alone = ratio("rate", f"{kind} raw large", f"{kind} raw base") if kind in raws else None
            goals.append(Goal(f"{kind}: 10× the orders ≥ 0.8×", ratio("rate", f"{kind} large", f"{kind} base"), at_least=0.8, alone=alone))
            if kind in raws:
                contestants.append(self.raw(raws[kind], name=f"{kind} raw base", label=f"{kind}: libmongoc in a loop"))
                contestants.append(self.raw(raws[kind], name=f"{kind} raw large", label=f"{kind}: the same, 10× the orders", uri=lambda: self.bench.large.uri))
        return contestants, goals

    def plans(self, figures: dict) -> dict:
        return {"plans": {f"{name}, {size}": self.database.tool("plan", name, uri=target.uri) for name in ("list", "products")
                          for size, target in (("as filled", self.ours), ("10× the orders", self.bench.large))}}

    def scaled_reads(self) -> Row:
        contestants, goals = self.scaled({"order": gets, "list": lists, "products": products}, {"order": "order", "list": "list", "products": "products"})
        return Row(11, "2× the connections, 10× the orders: reading", contestants, goals, part="a", ask=self.plans)

    def scaled_places(self) -> Row:
        contestants, goals = self.scaled({"20 products": twenty, "hot product": hot}, {})
        return Row(11, "2× the connections, 10× the orders: placing", contestants, goals, part="b", before=self.new_hot_products)
