"""A shop as its users see it: customers, admins, products and orders, in a line each."""

import itertools
import json
import os
import subprocess
import uuid

from . import paths
from .client import ANY, Answer, Client
from .httpd import Httpd
from .process import wait_until

PASSWORD = "correct horse 9"
NOWHERE = "f" * 24

_counter = itertools.count(1)


def unique(word: str = "") -> str:
    return f"{word}{uuid.uuid4().hex[:10]}"


class Person(Client):
    """A client that is signed in by Bearer token."""

    def __init__(self, base: str, email: str, session: dict, password: str = PASSWORD):
        super().__init__(base, session["token"])
        self.email = email
        self.password = password
        self.user = session["user"]
        self.id = session["user"]["id"]
        self.name = session["user"]["name"]


class Shop:
    """What tests do in one httpd's shop."""

    def __init__(self, httpd: Httpd):
        self.httpd = httpd
        self.database = httpd.database
        self.base = httpd.base
        self.nobody = Client(httpd.base)
        self._admin: Person | None = None

    # People

    def register(self, name: str = "Cy Young", email: str | None = None, password: str = PASSWORD) -> Answer:
        email = email or f"{unique('c')}@example.com"
        return self.nobody.post("/api/users/register", {"name": name, "email": email, "password": password}, want=201)

    def customer(self, name: str = "Cy Young") -> Person:
        email = f"{unique('c')}@example.com"
        return Person(self.base, email, self.register(name, email).json)

    def login(self, email: str, password: str = PASSWORD, **how) -> Answer:
        return self.nobody.post("/api/users/login", {"email": email, "password": password}, **how)

    @property
    def admin(self) -> Person:
        if not self._admin:
            self._admin = self.new_admin()
        return self._admin

    def new_admin(self) -> Person:
        email = f"{unique('a')}@example.com"
        self.ctl("user", "add", "--email", email, "--name", "Ada", "--role", "admin", "--password-stdin", text=PASSWORD)

        # Seen once: the embedded database did not find the account at once that another process had just made.
        def signed_in():
            answer = self.login(email, want=ANY)
            return answer.status == 200 and answer.json

        return Person(self.base, email, wait_until(signed_in, 5, "the new admin's sign-in"))

    def by_cookie(self, email: str) -> Client:
        """Signed in by cookies alone."""
        return Client(self.base, cookies=self.login(email).cookies)

    # Products and orders

    def product(self, stock: int = 10, price: float = 9.99, **more) -> dict:
        body = {"name": f"Widget {next(_counter)} {unique()}", "price": price, "stock": stock, **more}
        return self.admin.post("/api/products/", body, want=201).json

    def stock(self, product: dict) -> int:
        return self.nobody.get(f"/api/products/{product['id']}").json["stock"]

    def held(self, product: dict) -> tuple[int, int]:
        """(stock, reserved), from the database itself."""
        row = self.database.product(product["id"])
        return row["stock"], row["reserved"]

    def order(self, customer: Person, *lines: tuple[dict, int], key: str | None = None, want=201, **more) -> Answer:
        items = [{"productId": product["id"], "quantity": quantity} for product, quantity in lines]
        headers = {"Idempotency-Key": key} if key is not None else {}
        return customer.post("/api/orders/", {"items": items, **more}, headers=headers, want=want)

    def move(self, order: dict, status: str, by: Client | None = None, want=None, headers=None, **more) -> Answer:
        return (by or self.admin).patch(
            f"/api/orders/{order['id']}/status", {"status": status, **more}, want=want, headers=headers
        )

    def pay(self, order: dict, received: bool = True, by: Client | None = None, want=None, headers=None, **more) -> Answer:
        return (by or self.admin).patch(
            f"/api/orders/{order['id']}/payment", {"paymentReceived": received, **more}, want=want, headers=headers
        )

    def cancel(self, customer: Client, order: dict, want=None, **how) -> Answer:
        return customer.post(f"/api/orders/{order['id']}/cancel", want=want, **how)

    def see(self, order: dict, by: Client | None = None, **how) -> Answer:
        return (by or self.admin).get(f"/api/orders/{order['id']}", **how)

    def order_in(self, status: str, customer: Person, product: dict, quantity: int = 1) -> dict:
        """A new order, brought to a status along the table, as an admin sees it."""
        order = self.order(customer, (product, quantity)).json
        ways = {
            "pending": [],
            "processing": ["processing"],
            "shipped": ["processing", "pay", "shipped"],
            "delivered": ["processing", "pay", "shipped", "delivered"],
            "cancelled": ["cancelled"],
            "returned": ["processing", "pay", "shipped", "returned"],
        }
        for step in ways[status]:
            more = {"restock": True} if step == "returned" else {}
            order = (self.pay(order) if step == "pay" else self.move(order, step, **more)).json
        assert order["status"] == status
        return self.see(order).json

    # Tools

    def ctl(self, *args: str, text: str = "", code: int = 0) -> str:
        """Runs ordersctl on this shop's database; its standard output."""
        done = subprocess.run(
            [paths.ORDERSCTL, *args],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=paths.REPO,
            env={**os.environ, "MONGODB_URI": self.database.uri},
        )
        assert done.returncode == code, f"ordersctl {' '.join(args)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def check(self) -> None:
        """Stock and open orders agree: `ordersctl check` says so, and so does adding up."""
        self.ctl("check")
        self.add_up()

    def add_up(self) -> None:
        """What open orders hold is what is reserved, to the unit."""
        held: dict = {}
        for order in self.database.mongo.orders.find({"status": {"$in": ["pending", "processing"]}}):
            for line in order["items"]:
                held[line["productId"]] = held.get(line["productId"], 0) + line["quantity"]
        for product in self.database.mongo.products.find():
            assert product["reserved"] == held.get(product["_id"], 0), product
            assert product["stock"] >= 0, product


def dumps(value) -> bytes:
    return json.dumps(value).encode()
