"""One batch, on purpose: the ledger's first transaction is held, and all that is sent meanwhile waits and comes together in the next."""

import contextlib
import http.client
import json
import re
import socket
import time
from pathlib import Path

from .client import Answer, check_answer, wanted
from .httpd import Httpd
from .process import wait_until
from .relay import Relay, Transaction
from .shop import NOWHERE, Person, Shop

# One child, so one ledger, with a thread for each that waits. As much time as can be had: half of it is for the queue.
ONE_LEDGER = {"StartServers": 1, "ServerLimit": 1, "ThreadLimit": 80, "ThreadsPerChild": 80, "MaxRequestWorkers": 80}
STATUS = '<Location "/busy">\nSetHandler server-status\nRequire all granted\n</Location>\n'


class Call:
    """A request that is sent now and whose answer is read later, without a thread that waits for it."""

    def __init__(self, client: Person, method: str, path: str, body=None, headers=None):
        self.method, self.path = method, path
        headers = {"Host": "localhost", "Authorization": f"Bearer {client.token}", "Connection": "close", **(headers or {})}
        data = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Content-Length"] = str(len(data))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.bytes = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data
        self.address = (client.host, int(client.port))
        self.socket: socket.socket | None = None

    def send(self) -> "Call":
        self.socket = socket.create_connection(self.address, timeout=30)
        self.socket.sendall(self.bytes)
        return self

    def hang_up(self) -> None:
        self.socket.close()

    def answer(self, want=None) -> Answer | None:
        """None: the connection broke without one. A client that is left to hang raises TimeoutError."""
        response = http.client.HTTPResponse(self.socket, method=self.method)
        try:
            with self.socket:
                response.begin()
                answer = Answer(response, response.read(), self.method, self.path)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException):
            return None
        check_answer(answer)
        if want is not None:
            wanted(answer, want)
        return answer


def place(customer: Person, *lines: tuple[dict, int], key: str | None = None, **more) -> Call:
    items = [{"productId": product["id"], "quantity": quantity} for product, quantity in lines]
    headers = {"Idempotency-Key": key} if key is not None else {}
    return Call(customer, "POST", "/api/orders/", {"items": items, **more}, headers)


def cancel(customer: Person, order: dict, headers=None) -> Call:
    return Call(customer, "POST", f"/api/orders/{order['id']}/cancel", headers=headers)


def move(admin: Person, order: dict, status: str, headers=None, **more) -> Call:
    return Call(admin, "PATCH", f"/api/orders/{order['id']}/status", {"status": status, **more}, headers)


def pay(admin: Person, order: dict, received: bool = True, headers=None) -> Call:
    return Call(admin, "PATCH", f"/api/orders/{order['id']}/payment", {"paymentReceived": received}, headers)


def edit(admin: Person, product: dict, headers=None, **changes) -> Call:
    return Call(admin, "PATCH", f"/api/products/{product['id']}", changes, headers)


def bulk(admin: Person, orders: list[dict], status: str, **more) -> Call:
    return Call(admin, "POST", "/api/orders/admin/status", {"ids": [o["id"] for o in orders], "status": status, **more})


class Scene:
    """A shop with one ledger, and its database behind a relay."""

    def __init__(self, server, directives=None, *, mpm=None, **how):
        self.relay = Relay(server.port)
        directives = {"OrdersRequestTimeout": "8", **(directives or {})}
        mpm = {**ONE_LEDGER, **(mpm or {})}
        self.httpd = Httpd(self.relay.database(server), directives, mpm=mpm, extra=STATUS, **how)
        self.shop = Shop(self.httpd.start())
        self.first_buyer = self.customer()
        self.first_product = self.shop.product(stock=10**6)
        self.known(self.shop.admin)

    def known(self, person: Person) -> Person:
        """Token and name are in the child's memory afterwards: what the person sends goes to the ledger without another look."""
        if person is self.shop.admin:
            self.shop.move({"id": NOWHERE}, "processing", want=404)
        else:
            self.shop.order(person, ({"id": NOWHERE}, 1), want=409)
        return person

    def customer(self) -> Person:
        return self.known(self.shop.customer())

    def close(self) -> None:
        self.relay.revive()
        with contextlib.suppress(OSError):
            self.httpd.stop()
        self.relay.close()

    # Who waits

    def busy(self) -> int:
        """Workers that have a request in hand, this question's own aside."""
        text = self.shop.nobody.raw_call("GET", "/busy?auto").text
        return int(re.search(r"BusyWorkers: (\d+)", text).group(1)) - 1

    def _at_rest(self) -> bool:
        """None of the children's threads runs or is about to."""
        for child in self.httpd.children():
            for task in Path(f"/proc/{child}/task").iterdir():
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    if (task / "stat").read_text().rsplit(")", 1)[1].split()[0] not in "SI":
                        return False
        return True

    def wait_for(self, requests: int) -> None:
        """Until so many requests are in hand and their threads are where they have to wait."""
        wait_until(lambda: self.busy() >= requests, 15, f"{requests} requests to be in hand", step=0.005)
        for _ in range(2):
            wait_until(self._at_rest, 15, "the threads to wait", step=0.002)

    # One batch

    def hold_first(self, call: Call | None = None) -> Call:
        """Sends a call (an order of something nobody else wants) whose commit is held until relay.let_go()."""
        self.relay.hold()
        first = (call or place(self.first_buyer, (self.first_product, 1))).send()
        self.relay.wait_for_held()
        return first

    def queue(self, calls: list[Call], in_order: bool = False, before: int = 0) -> None:
        """Sends them while the first is held; returns when all wait in the queue, in the order given if it matters."""
        for i, call in enumerate(calls):
            call.send()
            if in_order:
                self.wait_for(before + 2 + i)
        self.wait_for(before + 1 + len(calls))

    def together(self, calls: list[Call], in_order: bool = True) -> tuple[list[Answer], list[Transaction]]:
        """The calls' answers when all of them waited for the same batch, and the transactions that they were run in."""
        first = self.hold_first()
        self.queue(calls, in_order)
        seen = len(self.relay.transactions)
        self.relay.let_go()
        first.answer(want=201)
        answers = [call.answer() for call in calls]
        return answers, self.relay.transactions[seen:]

    def taken(self, calls: list[Call], in_order: bool = False) -> Call:
        """The same, up to where all of them are in one transaction whose commit is held. The first's call, which is answered."""
        first = self.hold_first()
        self.queue(calls[:1])
        self.queue(calls[1:], in_order, 1)
        self.relay.let_one_go()
        self.relay.wait_for_held(2)
        return first

    def drawn(self) -> int:
        """How far the counter of order numbers has come."""
        row = self.shop.database.mongo.counters.find_one({"_id": "orders"})
        return row["value"] if row else 0


def wait_idle(scene: Scene, seconds: float = 15) -> None:
    """Until no request is in hand: what clients left behind is done, too."""
    end = time.monotonic() + seconds
    while scene.busy() > 0:
        assert time.monotonic() < end, "a request does not end"
        time.sleep(0.05)
