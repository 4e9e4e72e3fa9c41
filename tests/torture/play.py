#!/usr/bin/env python3
"""Many clients do at random what clients and admins do, while children of httpd and the database are killed; what they were told is
recorded, and a program of its own (history.py) judges whether it can be true.

    play.py [--orders N] [--clients N] [--seed N] [--calm] [--batch N] [--keep FILE]

Needs what `make test` installs; `make torture` calls it. Exit status 0: all of it can be, and `ordersctl check` is clean.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "api"))

from harness.database import Server  # noqa: E402
from harness.httpd import Httpd  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.shop import Shop  # noqa: E402

os.environ["MONGOC_DISABLE_SHM"] = "1"

PRODUCTS = 6
LIVE = 150  # orders that clients remember from chapter to chapter
STATUS = '<Location "/busy">\nSetHandler server-status\nRequire all granted\n</Location>\n'
EXPECTED = [r"\[orders:(warn|error)\] .*(database: |answered 500)", r"AH00052: child pid \d+ exit signal Killed"]


def cents(amount) -> int:
    return round(amount * 100)


def millis(when) -> int:
    return round(when.timestamp() * 1000)


class Connection:
    """One client's way to httpd: kept open from request to request."""

    def __init__(self, port: int):
        self.port = port
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, headers: dict, body, hang_up: bool) -> tuple[int, dict, dict] | None:
        """Status, answer, headers; None: the connection broke, or was left."""
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            self.connection.request(method, path, body, headers)
            if hang_up:
                self.close()
                return None
            response = self.connection.getresponse()
            data = response.read()
        except TimeoutError:
            raise SystemExit(f"{method} {path}: no answer in 20 s") from None
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        if response.getheader("Connection") == "close":
            self.close()
        return response.status, json.loads(data) if data else {}, response.headers

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


class Play:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.server = Server()
        mpm = {"StartServers": 2, "ServerLimit": 4, "ThreadsPerChild": 16, "MaxRequestWorkers": 64, "MinSpareThreads": 16}
        directives = {"OrdersRequestTimeout": "4", "OrdersBatchMax": str(options.batch), "OrdersTokenLifetime": "12h"}
        self.httpd = Httpd(self.server.new_database(), directives, mpm=mpm, extra=STATUS, expect=EXPECTED)
        self.shop = Shop(self.httpd.start())
        self.customers = [self.shop.customer() for _ in range(options.clients)]
        self.admin = self.shop.admin
        made = [self.shop.product(stock=40, price=self.random.randint(100, 999) / 100) for _ in range(PRODUCTS)]
        self.products = [p["id"] for p in made]
        self.lock = threading.Lock()
        self.live: list[dict] = []  # {order, who, key, items}
        self.recorded: list[dict] = []
        self.next_id = itertools.count(1)
        self.placed = 0
        self.requests = 0
        self.said: Counter = Counter()
        self.troubles: Counter = Counter()
        self.versions: list[dict[str, int]] = [{}, {}]  # of orders in the last chapters' states
        self.known: set[str] = set()  # orders that the judge remembers
        self.since = None
        self.failed = ""

    # Clients

    def client(self, number: int, left) -> None:
        pick = random.Random(f"{self.options.seed}/{number}/{self.placed}/{self.requests}")
        me, connection = self.customers[number], Connection(self.httpd.port)
        try:
            while next(left) > 0 and not self.failed:
                status = self.step(pick, me, connection)
                if status is None or status == 503:
                    time.sleep(0.1)
        except SystemExit as hangs:
            self.failed = str(hangs)
        except BaseException as error:
            self.failed = f"{type(error).__name__}: {error}"
            raise
        finally:
            connection.close()

    def step(self, pick, me, connection) -> int | None:
        do = pick.choices(["place", "again", "cancel", "see", "look", "move", "pay", "edit"], [48, 6, 6, 4, 5, 15, 7, 9])[0]
        with self.lock:
            mine = [o for o in self.live if o["who"] == me.id]
            some = pick.choice(self.live) if self.live else None
        if do in ("cancel", "see", "again") and not mine or do in ("move", "pay") and not some:
            do = "place"
        if do == "again":
            again = pick.choice(mine)
            return self.place(pick, me, connection, again)
        if do == "place":
            return self.place(pick, me, connection)
        if do in ("cancel", "see"):
            return self.ask(pick, do, me, connection, {"order": pick.choice(mine)["order"]})
        if do == "move":
            to = pick.choice(["processing", "processing", "shipped", "shipped", "delivered", "returned", "cancelled"])
            args = {"order": some["order"], "to": to}
            if to == "returned" and pick.random() < 0.9:
                args["restock"] = pick.random() < 0.5
            if pick.random() < 0.1:
                args["ifMatch"] = pick.randint(1, 3)
            return self.ask(pick, do, self.admin, connection, args)
        if do == "pay":
            return self.ask(pick, do, self.admin, connection, {"order": some["order"], "received": pick.random() < 0.9})
        args = {"product": pick.choice(self.products)}
        if do == "look":
            return self.ask(pick, do, me, connection, args)
        args |= pick.choice(
            [{"stockDelta": 90}, {"stockDelta": 60}, {"stockDelta": 30}, {"stockDelta": -6}, {"stock": 40}]
            + [{"price": pick.randint(100, 999)}, {"active": False}, *[{"active": True}] * 7]
        )
        return self.ask(pick, "edit", self.admin, connection, args)

    def place(self, pick, me, connection, again=None) -> int | None:
        if again and again["key"]:
            items, key = again["items"], again["key"]
            if pick.random() < 0.1:
                items = [[items[0][0], items[0][1] + 1], *items[1:]]
        else:
            items = [[p, pick.randint(1, 4)] for p in pick.sample(self.products, pick.choice([1, 1, 2, 3]))]
            key = f"k{next(self.next_id)}" if pick.random() < 0.6 else None
        args = {"items": items, "key": key}
        status = self.ask(pick, "place", me, connection, args)
        if key and not again and (status is None or pick.random() < 0.1):  # what a client does who was told nothing
            status = self.ask(pick, "place", me, connection, args)
        return status

    # One request

    WAYS = {
        "place": lambda a: ("POST", "/api/orders/", {"items": [{"productId": p, "quantity": q} for p, q in a["items"]]}),
        "cancel": lambda a: ("POST", f"/api/orders/{a['order']}/cancel", None),
        "move": lambda a: ("PATCH", f"/api/orders/{a['order']}/status",
                           {"status": a["to"]} | ({"restock": a["restock"]} if "restock" in a else {})),
        "pay": lambda a: ("PATCH", f"/api/orders/{a['order']}/payment", {"paymentReceived": a["received"]}),
        "edit": lambda a: ("PATCH", f"/api/products/{a['product']}",
                           {k: v / 100 if k == "price" else v for k, v in a.items() if k not in ("product", "ifMatch")}),
        "look": lambda a: ("GET", f"/api/products/{a['product']}", None),
        "see": lambda a: ("GET", f"/api/orders/{a['order']}", None),
    }  # fmt: skip

    def ask(self, pick, do: str, who, connection, args: dict) -> int | None:
        name = f"t{next(self.next_id)}"
        method, path, body = self.WAYS[do](args)
        headers = {"Authorization": f"Bearer {who.token}", "X-Request-Id": name}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if args.get("key"):
            headers["Idempotency-Key"] = args["key"]
        if "ifMatch" in args:
            headers["If-Match"] = f'"{args["ifMatch"]}"'
        hang_up = not self.options.calm and do not in ("look", "see") and pick.random() < 0.003
        op = {"kind": "op", "id": name, "do": do, "who": who.id, "role": "admin" if who is self.admin else "customer", "args": args}
        op["began"] = time.time()
        answer = connection.ask(method, path, headers, json.dumps(body) if body is not None else None, hang_up)
        op["ended"] = time.time() if answer else None
        op |= {"status": None, "code": None, "answer": {}}
        if answer:
            op["status"], told, sent = answer
            op["code"] = told.get("code") if op["status"] >= 400 else None
            op["answer"] = self.keep(do, args, op["status"], op["code"], told, sent)
        with self.lock:
            self.recorded.append(op)
            self.requests += 1
            self.said[f"{do} {op['status']} {op['code'] or ''}".strip()] += 1
            if do == "place" and op["status"] == 201 and not op["answer"]["replayed"]:
                self.placed += 1
                self.live.append({"order": op["answer"]["order"], "who": who.id, "key": args["key"], "items": args["items"]})
        return op["status"]

    @staticmethod
    def keep(do, args, status, code, told, sent) -> dict:
        """What the judge wants to know of an answer."""
        if code == "outcome-unknown":
            return {"order": told.get("orderId"), "product": told.get("productId")}
        if code == "insufficient-stock":
            return {"lines": [[line["productId"], line["requested"], line["available"]] for line in told["lines"]]}
        if code == "product-unavailable":
            return {"lines": [[line["productId"]] for line in told["lines"]]}
        if status >= 400:
            return {k: told[k] for k in ("currentVersion", "currentStatus", "from", "to", "allowed", "available") if k in told}
        if do in ("edit", "look"):
            return {
                "stock": told["stock"], "price": cents(told["price"]), "active": told.get("active", True),
                "version": told["version"], "at": _iso_millis(told["updatedAt"]) if "updatedAt" in told else None,
            }  # fmt: skip
        answer = {"order": told["id"], "version": told["version"], "order_status": told["status"], "paid": told["paymentReceived"]}
        if do == "place":
            answer["replayed"] = sent.get("Idempotent-Replayed") == "true"
            answer["items"] = [[i["productId"], i["quantity"], cents(i["price"])] for i in told["items"]]
            answer["total"] = cents(told["total"])
        return answer

    # Trouble

    def trouble(self, end: threading.Event) -> None:
        """One at a moment of its own choosing in the chapter."""
        if self.options.calm or self.random.random() < 0.2:
            return
        kind = self.random.choice(["child", "child", "database", "reload", "children"])
        if end.wait(self.random.uniform(0.1, 1.2)):
            return
        self.troubles[kind] += 1
        if kind == "database":
            self.server.kill()
            time.sleep(self.random.uniform(0, 0.5))
            self.server.start()
        elif kind == "reload":
            self.httpd.reload()
        else:
            children = self.httpd.children()
            self.random.shuffle(children)
            for pid in children[: 1 if kind == "child" else 2]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def settle(self) -> None:
        """Nothing is under way any more: what nobody was told has happened, or never will."""
        wait_until(self._ready, 30, "the shop to be ready")
        wait_until(self._idle, 30, "requests that clients left to end")
        time.sleep(0.2)
        pick, connection = random.Random(0), Connection(self.httpd.port)
        for product in self.products:  # whoever still held one of them open can't commit after this
            wait_until(lambda p=product: self.ask(pick, "edit", self.admin, connection, {"product": p, "stockDelta": 1}) == 200, 20)
        connection.close()

    def _ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.shop.nobody.raw_call("GET", "/healthz?ready=1").status == 200
        return False

    def _idle(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            text = self.shop.nobody.raw_call("GET", "/busy?auto").text
            return int(re.search(r"BusyWorkers: (\d+)", text).group(1)) <= 1
        return False

    # Chapters

    def chapter(self, write) -> None:
        left = itertools.count(self.options.chapter, -1)
        end = threading.Event()
        mischief = threading.Thread(target=self.trouble, args=(end,))
        clients = [threading.Thread(target=self.client, args=(i, left)) for i in range(self.options.clients)]
        for thread in [mischief, *clients]:
            thread.start()
        for thread in clients:
            thread.join()
        end.set()
        mischief.join()
        self.settle()
        for op in sorted(self.recorded, key=lambda op: op["began"]):
            write(op)
        self.recorded = []
        write(self.state())
        self.live = self.live[-LIVE:]
        keep = {o["order"] for o in self.live}
        write({"kind": "forget", "orders": sorted(self.known - keep)})
        self.known &= keep
        os.truncate(self.httpd.folder / "logs/access.log", 0)

    def rows(self) -> list[dict]:
        return [
            {"id": str(p["_id"]), "stock": p["stock"], "price": p["price"], "active": p["active"], "version": p["version"],
             "reserved": p["reserved"]}
            for p in self.shop.database.mongo.products.find()
        ]  # fmt: skip

    def state(self) -> dict:
        orders, now, last = [], {}, self.since
        for doc in self.shop.database.mongo.orders.find({"updatedAt": {"$gte": self.since}} if self.since else {}):
            name, last = str(doc["_id"]), max(last, doc["updatedAt"]) if last else doc["updatedAt"]
            now[name] = doc["version"]
            if any(seen.get(name) == doc["version"] for seen in self.versions):
                continue
            orders.append(_order(name, doc))
            self.known.add(name)
        self.since, self.versions = last, [self.versions[1], now]
        return {"kind": "state", "products": self.rows(), "orders": orders}

    def close(self) -> None:
        with contextlib.suppress(AssertionError):
            self.httpd.stop()
        self.httpd.discard()
        self.server.stop()


def _order(name: str, doc: dict) -> dict:
    items = [{"product": str(i["productId"]), "quantity": i["quantity"], "price": i["price"], "total": i["total"]} for i in doc["items"]]
    history = [
        {"version": h["version"], "at": millis(h["at"]), "type": h["type"], "from": h.get("from"), "to": h.get("to"),
         "actor": str(h["actor"]["id"]), "request": h["requestId"]}
        for h in doc["history"]
    ]  # fmt: skip
    return {
        "id": name, "number": doc["number"], "user": str(doc["userId"]), "key": doc.get("idempotency", {}).get("key"), "items": items,
        "total": doc["total"], "status": doc["status"], "paid": doc["paymentReceived"], "refundDue": doc.get("refundDue", False),
        "version": doc["version"], "history": history,
    }  # fmt: skip


def _iso_millis(text: str) -> int:
    from datetime import datetime

    return millis(datetime.fromisoformat(text.replace("Z", "+00:00")))


class Judged:
    """The judge, in a process of its own, is told everything as it happens."""

    def __init__(self, keep: Path | None):
        self.file = keep.open("w") if keep else None
        self.process = subprocess.Popen([sys.executable, str(HERE / "history.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.begin: dict = {}
        self.last: list[str] = []  # the chapter being told, for want of a file

    def write(self, line: dict) -> None:
        text = json.dumps(line, separators=(",", ":")) + "\n"
        if self.file:
            self.file.write(text)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(text)

    def gave_up(self) -> bool:
        return self.process.poll() is not None

    def verdict(self) -> tuple[bool, str]:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        said = self.process.stdout.read().strip()
        if self.file:
            self.file.close()
        return self.process.wait() == 0, said


def progress(play: Play, began: float, chapter: int) -> None:
    took = time.time() - began
    left = took / max(play.placed, 1) * max(play.options.orders - play.placed, 0)
    bad = ", ".join(f"{count} × {kind}" for kind, count in sorted(play.troubles.items())) or "none"
    print(
        f"chapter {chapter}: {play.placed:,} of {play.options.orders:,} orders, {play.requests:,} requests,"
        f" {play.requests / took:.0f}/s; trouble: {bad}; about {left / 60:.1f} min left",
        flush=True,
    )


def play(options) -> bool:
    print(f"seed {options.seed}, {options.clients} clients, batches of {options.batch}", flush=True)
    play = Play(options)
    judged = Judged(options.keep)
    good, wrong, began = True, [], time.time()
    try:
        judged.write({"kind": "begin", "products": play.rows()})
        for chapter in itertools.count(1):
            play.chapter(judged.write)
            progress(play, began, chapter)
            if play.failed or play.placed >= options.orders or judged.gave_up():
                break
        judged.write({"kind": "end", "orders": play.shop.database.mongo.orders.count_documents({})})
        wrong = [play.failed] if play.failed else []
        with contextlib.suppress(StopIteration):
            play.shop.check()
        wrong += play.httpd.unexpected([])
    except AssertionError as error:
        wrong = [str(error)]
    finally:
        able, said = judged.verdict()
        if wrong or not able:
            wrong += [line for line in play.httpd.error_log().splitlines() if "[orders:" in line and ":info]" not in line][-20:]
        play.close()
    print(said)
    for line in wrong[:20]:
        print(line)
    print("told:", ", ".join(f"{what}: {count}" for what, count in sorted(play.said.items())))
    good = able and not wrong
    print(f"{'Good' if good else 'WRONG'}: seed {options.seed}, {play.placed:,} orders, {time.time() - began:.0f} s")
    return good


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=20000, help="end when so many orders were placed")
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--chapter", type=int, default=600, help="requests between two looks at the database")
    parser.add_argument("--batch", type=int, default=64, help="OrdersBatchMax")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--calm", action="store_true", help="kill nothing")
    parser.add_argument("--keep", type=Path, help="write the history to this file, too")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(3), "big")
    return 0 if play(options) else 1


if __name__ == "__main__":
    sys.exit(main())
