#!/usr/bin/env python3
"""Decides whether a recorded history of the shop is one that a shop could have that serves one request after the other.

    history.py [FILE]        reads JSON lines, from standard input by default; exit status 0: yes, 1: no, and why

It knows the rules of the shop by itself and shares no code with it. The lines:

    {"kind": "begin", "products": [...]}                         the shop before anything happened
    {"kind": "op", "id", "do", "who", "role", "began", "ended", "args", "status", "code", "answer"}
                                                                 a request, and what it was answered; status null: nothing came
    {"kind": "state", "products": [...], "orders": [...]}        the database while nobody asks anything: all products, and the orders
                                                                 that are new or changed since the last such line
    {"kind": "forget", "orders": [...]}                          nobody will ask for these orders again
    {"kind": "end", "orders": n}                                 how many orders there are

Between two states is a chapter, judged by itself from the one to the other: so memory is bounded by a chapter and by the orders that
are not forgotten. Money is in minor units, times of clients in seconds, of the database in milliseconds.
"""

import json
import re
import sys
from dataclasses import dataclass, field

from serial import FOREVER, Condition, Effect, Operation, Product, explain, find

MOVES = {  # (from, to): (who, stock comes back, units are no longer reserved)
    ("pending", "processing"): ({"admin"}, False, False),
    ("pending", "cancelled"): ({"admin", "customer"}, True, True),
    ("processing", "cancelled"): ({"admin"}, True, True),
    ("processing", "shipped"): ({"admin"}, False, True),
    ("shipped", "delivered"): ({"admin"}, False, False),
    ("shipped", "returned"): ({"admin"}, True, False),
    ("delivered", "returned"): ({"admin"}, True, False),
}
OPEN = {"pending", "processing"}
STOCK_MAX = 10**9
CLOCK_SLACK = 0.05  # seconds between a client's clock reading and the database's

# What a request may be answered when the shop had no time, no database, or went away.
UNDONE = {"busy", "database-unavailable", "not-attempted"}


@dataclass
class Order:
    """What is remembered of an order from chapter to chapter."""

    user: str
    key: str | None
    body: list
    history: list[dict]
    status: list[str] = field(default_factory=list)  # by version, from 1
    paid: list[bool] = field(default_factory=list)

    @property
    def version(self) -> int:
        return len(self.history)


class Lie(Exception):
    """The history can't be."""


def rising(values) -> bool:
    values = list(values)
    return all(a <= b for a, b in zip(values, values[1:]))


class Judge:
    """Takes the lines one after the other; raises Lie."""

    def __init__(self, products: list[dict]):
        self.products = {p["id"]: p for p in products}
        self.orders: dict[str, Order] = {}
        self.by_key: dict[tuple, str] = {}
        self.placed = 0
        self.numbers = bytearray()
        self.ops: list[dict] = []
        self.chapter = 0
        self.judged = 0
        self.steps = 0

    def take(self, line: dict) -> None:
        kind = line["kind"]
        if kind == "op":
            self.ops.append(line)
        elif kind == "state":
            self._judge(line)
        elif kind == "forget":
            for name in line["orders"]:
                order = self.orders.pop(name, None)
                if order and order.key:
                    self.by_key.pop((order.user, order.key), None)
        elif kind == "end":
            if line["orders"] != self.placed:
                raise Lie(f"there are {line['orders']} orders, {self.placed} were placed")

    # A chapter

    def _judge(self, state: dict) -> None:
        self.chapter += 1
        ops = {op["id"]: op for op in self.ops}
        if len(ops) != len(self.ops):
            raise Lie("two requests have one id")
        before = {name: order.version for name, order in self.orders.items()}
        done = self._read_orders(state["orders"], ops)
        start: dict = {p["id"]: _product(p) for p in self.products.values()}
        final: dict = {p["id"]: _product(p) for p in state["products"]}
        if set(start) != set(final):
            raise Lie("products came or went")
        for name, order in self.orders.items():
            start[name] = before.get(name, 0)
            final[name] = order.version
        self._check_reserved(state["products"], before)
        operations = [o for op in self.ops if (o := self._operation(op, done.get(op["id"])))]
        self._find_serial_order(operations, start, final)
        self.products = {p["id"]: p for p in state["products"]}
        self.judged += len(self.ops)
        self.ops = []

    def _find_serial_order(self, operations, start, final) -> None:
        touched = set().union(*(op.objects for op in operations)) if operations else set()
        for name in start:
            if name not in touched and start[name] != final[name]:
                raise Lie(f"{name} changed, and nobody asked for it: {start[name]} became {final[name]}")
        start = {name: start[name] for name in touched}

        def ends(now: dict) -> str | None:
            wrong = [name for name in now if now[name] != final[name]]
            return f"{wrong[0]} ends as {now[wrong[0]]}, the database has {final[wrong[0]]}" if wrong else None

        outcome = find(operations, start, ends)
        self.steps += outcome.steps
        if not outcome.found:
            single = explain(operations, start, final)
            more = "\n  ".join(single or ["each product and order by itself has a serial order"])
            raise Lie(f"no serial order{'' if outcome.decided else ' found'}: {outcome.stuck}\n  {more}")

    # Orders as the database has them

    def _read_orders(self, docs: list[dict], ops: dict) -> dict[str, tuple[str, int]]:
        """Checks each document; which request made which version of which order."""
        done: dict[str, tuple[str, int]] = {}
        for doc in docs:
            known = self.orders.get(doc["id"])
            order = known or self._new_order(doc, ops)
            seen = order.version
            self._check_document(doc, order, known)
            for entry in doc["history"][seen:]:
                if entry["request"] in done:
                    raise Lie(f"{doc['number']}: request {entry['request']} changed something twice")
                self._check_entry(doc, order, entry, ops.get(entry["request"]))
                done[entry["request"]] = (doc["id"], entry["version"])
        return done

    def _new_order(self, doc: dict, ops: dict) -> Order:
        number = re.fullmatch(r"A-(\d{6,})", doc["number"])
        if not number:
            raise Lie(f"{doc['number']} is no order number")
        at = int(number.group(1))
        if at >= len(self.numbers):
            self.numbers.extend(bytes(at + 4096 - len(self.numbers)))
        if self.numbers[at]:
            raise Lie(f"two orders have the number {doc['number']}")
        self.numbers[at] = 1
        self.placed += 1
        op = ops.get(doc["history"][0]["request"])
        if not op or op["do"] != "place":
            raise Lie(f"order {doc['number']}: nobody placed it")
        order = Order(doc["user"], doc["key"], op["args"]["items"], [])
        if doc["key"]:
            if (doc["user"], doc["key"]) in self.by_key:
                raise Lie(f"order {doc['number']}: another one has its key")
            self.by_key[doc["user"], doc["key"]] = doc["id"]
        self.orders[doc["id"]] = order
        return order

    @staticmethod
    def _check_document(doc: dict, order: Order, known: Order | None) -> None:
        name, history = doc["number"], doc["history"]
        if known and history[: known.version] != known.history:
            raise Lie(f"{name}: its history was rewritten")
        if [entry["version"] for entry in history] != list(range(1, doc["version"] + 1)):
            raise Lie(f"{name}: version {doc['version']}, history {[entry['version'] for entry in history]}")
        if not rising(entry["at"] for entry in history):
            raise Lie(f"{name}: times go backwards in its history")
        if any(line["total"] != line["price"] * line["quantity"] for line in doc["items"]):
            raise Lie(f"{name}: a line is not price times quantity: {doc['items']}")
        if doc["total"] != sum(line["total"] for line in doc["items"]):
            raise Lie(f"{name}: the total {doc['total']} is not the sum of its lines")
        if [[line["product"], line["quantity"]] for line in doc["items"]] != order.body:
            raise Lie(f"{name}: {doc['items']} is not what was ordered: {order.body}")

    def _check_entry(self, doc: dict, order: Order, entry: dict, op: dict | None) -> None:
        """One more version: it was asked for, it was allowed, and it fits to what was before."""
        name = f"order {doc['number']}, version {entry['version']}"
        if not op:
            raise Lie(f"{name}: nobody asked for it (request {entry['request']})")
        if entry["actor"] != op["who"]:
            raise Lie(f"{name}: by {entry['actor']}, but {op['who']} asked")
        args, status = op["args"], order.status[-1] if order.status else None
        paid = order.paid[-1] if order.paid else False
        if op["do"] == "place":
            ok = status is None and (entry["type"], entry["to"]) == ("order:new", "pending")
            ok = ok and (doc["user"], doc["key"]) == (op["who"], args.get("key"))
            status = "pending"
        elif op["do"] == "pay":
            ok = entry["type"] == "order:payment" and args["received"] != paid and args["order"] == doc["id"]
            ok = ok and (args["received"] or status in OPEN)
            paid = args["received"]
        else:
            to = "cancelled" if op["do"] == "cancel" else args["to"]
            ok = op["do"] in ("cancel", "move") and entry["type"] == "order:status" and args["order"] == doc["id"]
            ok = ok and (entry["from"], entry["to"]) == (status, to) and op["role"] in MOVES.get((status, to), [()])[0]
            ok = ok and (to != "shipped" or paid) and (to != "returned" or args.get("restock") is not None)
            ok = ok and (op["role"] == "admin" or op["who"] == order.user)
            status = to
        if not ok:
            raise Lie(f"{name}: {entry} is not allowed, or not what {op['id']} asked: {op['do']} {args}")
        if args.get("ifMatch") not in (None, entry["version"] - 1):
            raise Lie(f"{name}: {op['id']} wanted version {args['ifMatch']} to be changed")
        order.history.append(entry)
        order.status.append(status)
        order.paid.append(paid)
        if entry["version"] == doc["version"]:
            ends = [v for v, s in enumerate(order.status) if s in ("cancelled", "returned")]
            due = bool(ends) and order.paid[ends[0]]
            if (doc["status"], doc["paid"], doc["refundDue"]) != (status, paid, due):
                raise Lie(f"{name}: it is {doc['status']}, paid {doc['paid']}, refund due {doc['refundDue']}: not by its history")

    def _check_reserved(self, products: list[dict], before: dict[str, int]) -> None:
        """What is reserved moved as the open orders did."""
        moved: dict[str, int] = {}
        for name, order in self.orders.items():
            was = before.get(name, 0) and order.status[before[name] - 1] in OPEN
            change = int(order.status[-1] in OPEN) - int(bool(was))
            for product, quantity in order.body if change else ():
                moved[product] = moved.get(product, 0) + change * quantity
        for p in products:
            want = self.products[p["id"]]["reserved"] + moved.get(p["id"], 0)
            if p["reserved"] != want:
                raise Lie(f"product {p['id']}: {p['reserved']} reserved, its open orders hold {want}")
            if p["stock"] < 0 or p["stock"] > STOCK_MAX:
                raise Lie(f"product {p['id']}: stock {p['stock']}")

    # Requests and their answers

    def _operation(self, op: dict, made: tuple[str, int] | None) -> Operation | None:
        """The request as an operation. None: it says nothing and changed nothing."""
        told = op["status"] is not None and op["code"] != "outcome-unknown"
        out = Operation(f"{op['do']} {op['id']} → {op['status']} {op['code'] or ''}".strip(), op["began"], op["ended"] or FOREVER)
        if not told:
            out.ended = FOREVER
        if op["ended"] is not None and op["ended"] < op["began"]:
            raise Lie(f"{out.name}: it ended before it began")
        if op["status"] == 503 and told and op["code"] not in UNDONE:
            raise Lie(f"{out.name}: no such answer")
        if op["status"] is not None and op["status"] >= 500 and op["status"] != 503:
            raise Lie(f"{out.name}: the shop broke down")
        if made:
            self._check_made(op, out, made, told)
        getattr(self, "_" + op["do"])(op, out, made, told)
        return out if out.conditions or out.effects else None

    def _check_made(self, op: dict, out: Operation, made: tuple[str, int], told: bool) -> None:
        if told and op["status"] >= 300:
            raise Lie(f"{out.name}: but it was done: version {made[1]} of order {made[0]}")
        if op["code"] == "outcome-unknown" and op["answer"]["order"] != made[0]:
            raise Lie(f"{out.name}: it names order {op['answer']['order']}, and made {made[0]}")
        out.at = self.orders[made[0]].history[made[1] - 1]["at"]
        self._check_time(op, out, told)

    @staticmethod
    def _check_time(op: dict, out: Operation, told: bool) -> None:
        late = told and out.at / 1000 > op["ended"] + CLOCK_SLACK
        if out.at / 1000 < op["began"] - CLOCK_SLACK or late:
            raise Lie(f"{out.name}: done at {out.at / 1000:.3f}, asked from {op['began']:.3f} to {op['ended'] or 0:.3f}")

    def _make(self, op: dict, out: Operation, made: tuple[str, int]) -> Order:
        name, version = made
        order = self.orders[name]
        out.effects.append(
            Effect(name, lambda now: version if now == version - 1 else None, f"it must have version {version - 1}")
        )
        return order

    def _order_is(self, out: Operation, name: str, says: str, holds) -> None:
        """holds(version, status, paid) at the operation's moment."""
        order = self.orders.get(name)

        def at(state, order=order):
            version = state[name]
            return bool(version) and holds(version, order.status[version - 1], order.paid[version - 1])

        if not order:
            raise Lie(f"{out.name}: there is no order {name}")
        out.conditions.append(Condition((name,), at, f"order {name} {says}"))

    def _place(self, op: dict, out: Operation, made, told: bool) -> None:
        args, answer, code = op["args"], op["answer"], op["code"]
        key = args.get("key")
        twin = self.by_key.get((op["who"], key)) if key else None
        if made:
            order = self._make(op, out, made)
            if told and (answer["order"], answer["version"], answer["replayed"]) != (made[0], 1, False):
                raise Lie(f"{out.name}: answered with {answer}, it made order {made[0]}")
            self._take_stock(op, out, answer if told else None, order)
            return
        if not told or code in UNDONE:
            return
        if op["status"] == 201:
            if not answer["replayed"] or answer["order"] != twin:
                raise Lie(f"{out.name}: order {answer['order']} is not there, or not the one of its key")
            if self.orders[twin].body != args["items"]:
                raise Lie(f"{out.name}: the order of its key has another body")
            version, status = answer["version"], answer["order_status"]
            self._order_is(out, twin, f"is {status}, version {version}", lambda v, s, p: (v, s) == (version, status))
            return
        if code == "idempotency-key-reused":
            if not twin or self.orders[twin].body == args["items"]:
                raise Lie(f"{out.name}: no order of another body has its key")
            self._order_is(out, twin, "is there", lambda v, s, p: True)
            return
        if twin:
            out.conditions.append(Condition((twin,), lambda state: state[twin] == 0, f"order {twin} of its key is not there yet"))
        self._refused(op, out)

    def _take_stock(self, op: dict, out: Operation, answer: dict | None, order: Order) -> None:
        prices = {line[0]: line[2] for line in answer["items"]} if answer else {}
        if answer and [line[:2] for line in answer["items"]] != op["args"]["items"]:
            raise Lie(f"{out.name}: answered with other items: {answer['items']}")
        if answer and answer["total"] != sum(q * price for _, q, price in answer["items"]):
            raise Lie(f"{out.name}: answered with a total of {answer['total']}")
        expected = op["args"].get("expectedTotal")
        for product, quantity in op["args"]["items"]:
            price = prices.get(product)

            def after(now: Product, quantity=quantity, price=price):
                if not now.active or now.stock < quantity or price not in (None, now.price):
                    return None
                return now._replace(stock=now.stock - quantity, version=now.version + 1)

            out.effects.append(Effect(product, after, f"{quantity} in stock, on sale, at {price}"))
        if expected is not None:
            self._sum_is(out, op["args"]["items"], lambda total: total == expected, f"the total is {expected}")

    @staticmethod
    def _sum_is(out: Operation, items: list, holds, says: str) -> None:
        names = tuple(product for product, _ in items)
        out.conditions.append(Condition(names, lambda state: holds(sum(state[p].price * q for p, q in items)), says))

    def _refused(self, op: dict, out: Operation) -> None:
        """Every line tells something of its product, those that are not named in the refusal too."""
        named = {line[0]: line[1:] for line in op["answer"].get("lines", [])}
        code, items = op["code"], op["args"]["items"]
        if set(named) - {product for product, _ in items} or (code != "price-changed" and not named):
            raise Lie(f"{out.name}: it names {sorted(named)} of {items}")
        for product, quantity in items:
            if code == "product-unavailable":
                off = product in named
                self._product_is(out, product, f"is {'off' if off else 'on'} sale", lambda p, off=off: p.active is not off)
            elif code == "insufficient-stock" and product in named:
                asked, available = named[product]
                if asked != quantity or available >= quantity:
                    raise Lie(f"{out.name}: {quantity} were wanted; it says {asked} of {available}")
                self._product_is(
                    out, product, f"is on sale with {available} in stock", lambda p, a=available: p.active and p.stock == a
                )
            elif code in ("insufficient-stock", "price-changed"):
                self._product_is(
                    out, product, f"is on sale with {quantity} or more", lambda p, q=quantity: p.active and p.stock >= q
                )
            else:
                raise Lie(f"{out.name}: no such answer")
        if code == "price-changed":
            expected, total = op["args"].get("expectedTotal"), op["answer"]["total"]
            if expected is None or expected == total:
                raise Lie(f"{out.name}: {expected} was expected")
            self._sum_is(out, items, lambda now: now == total, f"the total is {total}")

    def _product_is(self, out: Operation, name: str, says: str, holds) -> None:
        if name not in self.products:
            raise Lie(f"{out.name}: there is no product {name}")
        out.conditions.append(Condition((name,), lambda state: holds(state[name]), f"product {name} {says}"))

    def _cancel(self, op, out, made, told) -> None:
        self._change(op, out, made, told, "cancelled")

    def _move(self, op, out, made, told) -> None:
        self._change(op, out, made, told, op["args"]["to"])

    def _pay(self, op, out, made, told) -> None:
        self._change(op, out, made, told, None)

    def _change(self, op: dict, out: Operation, made, told: bool, to: str | None) -> None:
        """A status, or the payment (to: None)."""
        args, answer, code = op["args"], op["answer"], op["code"]
        name, want = args["order"], args.get("ifMatch")
        if made:
            order = self._make(op, out, made)
            if told and (answer["version"], answer["order_status"]) != (made[1], order.status[made[1] - 1]):
                raise Lie(f"{out.name}: answered with {answer}, it made version {made[1]}")
            if to:
                self._move_stock(out, order, order.status[made[1] - 2], to, args.get("restock"))
            return
        if not told or code in UNDONE:
            return
        if code == "not-found":
            order = self.orders.get(name)
            if order and (op["role"] == "admin" or order.user == op["who"]):
                raise Lie(f"{out.name}: it was there, and theirs")
            return
        if op["status"] == 200:
            seen = (answer["version"], answer["order_status"], answer["paid"])
            if want not in (None, seen[0]):
                raise Lie(f"{out.name}: version {want} was wanted")
            if (to and seen[1] != to) or (not to and seen[2] != args["received"]):
                raise Lie(f"{out.name}: answered with {answer}, and nothing was changed")
            self._order_is(out, name, f"is {seen}", lambda *now: now == seen)
        elif code == "version-mismatch":
            seen = (answer["currentVersion"], answer["currentStatus"])
            if want in (None, seen[0]):
                raise Lie(f"{out.name}: version {want} was wanted, and it was that")
            self._order_is(out, name, f"is {seen}", lambda v, s, p: (v, s) == seen)
        elif code == "invalid-transition":
            at = answer["from"]
            may = [t for (f, t), (who, _, _) in MOVES.items() if f == at and op["role"] in who]
            if to in may or to == at or answer["allowed"] != may:
                raise Lie(f"{out.name}: {op['role']} may go from {at} to {may}")
            self._order_is(out, name, f"is {at}", lambda v, s, p: s == at)
        elif code == "payment-required" and to == "shipped":
            self._order_is(out, name, "is processing, not paid", lambda v, s, p: s == "processing" and not p)
        elif code == "payment-final" and to is None and not args["received"]:
            self._order_is(out, name, "is paid and on its way", lambda v, s, p: p and s not in OPEN)
        elif code == "validation-failed" and to == "returned" and args.get("restock") is None:
            self._order_is(out, name, "can be returned", lambda v, s, p: (s, "returned") in MOVES)
        else:
            raise Lie(f"{out.name}: no such answer")
        if want is not None and op["status"] != 200 and code != "version-mismatch":
            self._order_is(out, name, f"has version {want}", lambda v, s, p: v == want)

    @staticmethod
    def _move_stock(out: Operation, order: Order, at: str, to: str, restock) -> None:
        _, back, freed = MOVES[at, to]
        back = back and restock is not False
        for product, quantity in order.body if back or freed else ():

            def after(now: Product, more=quantity if back else 0):
                return now._replace(stock=now.stock + more, version=now.version + 1)

            out.effects.append(Effect(product, after, "any"))

    def _edit(self, op: dict, out: Operation, made, told: bool) -> None:
        args, answer, name = op["args"], op["answer"], op["args"]["product"]
        want = args.get("ifMatch")

        def changed(now: Product) -> Product:
            stock = args["stock"] if "stock" in args else now.stock + args.get("stockDelta", 0)
            return now._replace(stock=stock, price=args.get("price", now.price), active=args.get("active", now.active))

        def after(now: Product):
            new = changed(now)
            if not 0 <= new.stock <= STOCK_MAX or want not in (None, now.version):
                return None
            if new != now:
                new = new._replace(version=now.version + 1)
            return new if not told or new == _product(answer) else None

        if not told:
            out.effects.append(Effect(name, after, "it can be changed so"))
            out.optional = True
        elif op["status"] == 200 and answer["at"] / 1000 < op["began"] - CLOCK_SLACK:  # it changed nothing: it was so already
            seen = _product(answer)
            self._product_is(out, name, f"is {seen}", lambda p: p == seen and changed(p) == p and want in (None, p.version))
            out.latest[name] = seen.version
        elif op["status"] == 200:
            out.at = answer["at"]
            self._check_time(op, out, True)
            out.effects.append(Effect(name, after, f"it becomes {_product(answer)}"))
            out.latest[name] = answer["version"] - bool(args.get("stockDelta"))
        elif op["code"] == "version-mismatch":
            seen = answer["currentVersion"]
            if want in (None, seen):
                raise Lie(f"{out.name}: version {want} was wanted, and it was that")
            self._product_is(out, name, f"has version {seen}", lambda p: p.version == seen)
        elif op["code"] == "stock-out-of-range":
            seen = answer["available"]
            self._product_is(
                out, name, f"has {seen} in stock", lambda p: p.stock == seen and not 0 <= changed(p).stock <= STOCK_MAX
            )
        elif op["code"] not in UNDONE:
            raise Lie(f"{out.name}: no such answer")

    def _look(self, op: dict, out: Operation, made, told: bool) -> None:
        """A product is looked at."""
        if op["status"] == 200:
            seen = _product(op["answer"])
            self._product_is(out, op["args"]["product"], f"is {seen}", lambda p: p == seen)
            out.latest[op["args"]["product"]] = seen.version
        elif op["code"] == "not-found":
            self._product_is(out, op["args"]["product"], "is off sale", lambda p: not p.active and op["role"] != "admin")
        elif told and op["code"] not in UNDONE:
            raise Lie(f"{out.name}: no such answer")

    def _see(self, op: dict, out: Operation, made, told: bool) -> None:
        """An order is looked at."""
        if op["status"] == 200:
            seen = (op["answer"]["version"], op["answer"]["order_status"], op["answer"]["paid"])
            self._order_is(out, op["args"]["order"], f"is {seen}", lambda *now: now == seen)
        elif told and op["code"] not in UNDONE:
            raise Lie(f"{out.name}: no such answer")


def _product(p: dict) -> Product:
    return Product(p["stock"], p["price"], p["active"], p["version"])


def judge(lines, progress=None) -> Judge:
    """Reads all lines; raises Lie when they can't be."""
    judge = None
    for line in lines:
        line = json.loads(line) if isinstance(line, str) else line
        if line["kind"] == "begin":
            judge = Judge(line["products"])
            continue
        try:
            judge.take(line)
        except Lie as lie:
            raise Lie(f"chapter {judge.chapter}: {lie}") from None
        if line["kind"] == "state" and progress:
            progress(judge)
    if not judge or judge.ops:
        raise Lie("the history has no end")
    return judge


def main() -> int:
    source = open(sys.argv[1]) if len(sys.argv) > 1 else sys.stdin
    try:
        done = judge(source)
    except Lie as lie:
        print(f"This can't be. {lie}")
        return 1
    print(f"A serial history: {done.judged} requests, {done.placed} orders, {done.chapter} chapters, {done.steps} steps.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
