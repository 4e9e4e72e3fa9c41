"""The data of the run, made through the API of mod_orders: customers, products, orders of all ages."""

import random
import subprocess
import time

import paths
from client import Client, in_parallel
from targets import ModOrders

CUSTOMERS, PRODUCTS, ORDERS = 50, 1000, 2000
PASSWORD = "correct horse battery"
ADMIN = "admin@example.com"
STREETS = ("Harbour Street", "Linden Lane", "Mill Road", "Station Square", "Rue des Fleurs", "High Street")
CITIES = (("Bristol", "BS1 4QA", "GB"), ("Freiburg", "79098", "DE"), ("Lyon", "69002", "FR"), ("Leiden", "2311 EZ", "NL"))
THINGS = ("Mug", "Towel", "Candle", "Serving board", "Skillet", "Bowl", "Blanket", "Lamp", "Basket", "Coffee beans, 1 kg", "Notebook", "Umbrella")
KINDS = ("Enamel", "Linen", "Walnut", "Cast-iron", "Speckled", "Grey wool", "Brass", "House blend", "Forest green", "Cream")
TOKEN_AGE = 20 * 60
STOCK, PLENTY = 900_000, 10**9


class Shop:
    """What is in one database. Orders are (id, customer's number)."""

    def __init__(self, target: ModOrders, seed: int = 8):
        self.target, self.random = target, random.Random(seed)
        self.orders: list[tuple[str, int]] = []
        self.signed_in_at = 0.0

    # People

    def open(self) -> None:
        command = [paths.ORDERSCTL, "--uri", self.target.uri, "user", "add", "--email", ADMIN, "--name", "First admin", "--role", "admin"]
        subprocess.run([*command, "--password-stdin"], input=PASSWORD, text=True, check=True, capture_output=True)
        names = [f"Customer {number:02}" for number in range(CUSTOMERS)]
        bodies = [{"name": name, "email": self.email(number), "password": PASSWORD} for number, name in enumerate(names)]
        in_parallel(self.target.port, 4, bodies, lambda client, body: client.demand("POST", "/api/users/register", body))
        self.sign_in()

    @staticmethod
    def email(number: int) -> str:
        return f"customer{number:02}@example.com"

    def sign_in(self) -> None:
        emails = [ADMIN, *(self.email(number) for number in range(CUSTOMERS))]
        login = lambda client, email: client.demand("POST", "/api/users/login", {"email": email, "password": PASSWORD})["token"]
        self.admin, *self.tokens = in_parallel(self.target.port, 4, emails, login)
        self.signed_in_at = time.monotonic()

    def keep_signed_in(self) -> None:
        """Tokens last an hour, a run may take longer."""
        if time.monotonic() - self.signed_in_at > TOKEN_AGE:
            self.sign_in()

    # Goods

    def stock_up(self) -> None:
        self.products = self.add_products(
            [
                {"name": f"{self.random.choice(KINDS)} {self.random.choice(THINGS).lower()} {number:04}", "sku": f"SKU-{number:04}",
                 "price": self.random.randrange(290, 12900, 10) / 100, "stock": STOCK}
                for number in range(PRODUCTS)
            ]
        )

    def add_products(self, bodies: list[dict]) -> list[str]:
        def add(client: Client, body: dict) -> str:
            client.headers = {"Authorization": f"Bearer {self.admin}"}
            return client.demand("POST", "/api/products/", body)["id"]

        return in_parallel(self.target.port, 8, bodies, add)

    def add_hot_product(self, stock: int) -> str:
        return self.add_products([{"name": f"Hot {self.random.randrange(10**9)}", "price": 9.9, "stock": stock, "sku": "HOT"}])[0]

    # Orders

    def an_order(self) -> dict:
        number = min(8, 1 + int(self.random.expovariate(0.5)))
        lines = [{"productId": one, "quantity": self.random.choice((1, 1, 1, 2, 3))} for one in self.random.sample(self.products, number)]
        city, postcode, country = self.random.choice(CITIES)
        street = f"{self.random.randrange(1, 200)} {self.random.choice(STREETS)}"
        ship_to = {"name": "At the counter", "lines": [street], "city": city, "postcode": postcode, "country": country}
        return {"items": lines, "shipTo": ship_to}

    def take_orders(self, count: int) -> None:
        jobs = [(number % CUSTOMERS, self.an_order()) for number in range(count)]

        def place(client: Client, job) -> tuple[str, int]:
            client.headers = {"Authorization": f"Bearer {self.tokens[job[0]]}"}
            return client.demand("POST", "/api/orders/", job[1])["id"], job[0]

        self.orders += in_parallel(self.target.port, 24, jobs, place)

    def work_on_orders(self) -> None:
        """Some of them in each state: 30 % of what was taken are on their way, 5 % cancelled."""
        ids = [order for order, _ in self.random.sample(self.orders, len(self.orders) * 35 // 100)]
        edge = len(ids) // 7
        self.move(ids[:edge], "cancelled")
        self.move(ids[edge:], "processing")
        shipped = ids[edge : edge + len(ids) // 4]
        pay = lambda client, order: self.as_admin(client).demand("PATCH", f"/api/orders/{order}/payment", {"paymentReceived": True})
        in_parallel(self.target.port, 16, shipped, pay)
        self.move(shipped, "shipped")
        self.move(shipped[: len(shipped) // 2], "delivered")

    def as_admin(self, client: Client) -> Client:
        client.headers = {"Authorization": f"Bearer {self.admin}"}
        return client

    def move(self, ids: list[str], status: str) -> None:
        for start in range(0, len(ids), 100):
            body = {"ids": ids[start : start + 100], "status": status}
            results = Client(self.target.port, self.admin).demand("POST", "/api/orders/admin/status", body)["results"]
            assert all(one["ok"] for one in results), results

    def fill(self, orders: int) -> None:
        self.open()
        self.stock_up()
        self.take_orders(orders)
        self.work_on_orders()
