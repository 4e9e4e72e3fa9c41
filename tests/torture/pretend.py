"""A shop that is only pretended: it serves one request after the other, at moments of its own choosing, while many seem to wait.

What it records is a history that can be. Tests make it lie.
"""

import copy
import random

MOVES = {
    "pending": ["processing", "cancelled"],
    "processing": ["cancelled", "shipped"],
    "shipped": ["delivered", "returned"],
    "delivered": ["returned"],
    "cancelled": [],
    "returned": [],
}


class Pretend:
    def __init__(self, seed: int, products: int = 3, clients: int = 6, stock: int = 12):
        self.random = random.Random(seed)
        self.clock = 1000.0
        self.clients = [{"name": f"u{i}", "free": 1000.0} for i in range(clients)]
        self.admin = {"name": "boss", "free": 1000.0}
        ids = [f"p{i}" for i in range(products)]
        self.products = {i: {"id": i, "stock": stock, "price": 100, "active": True, "version": 1, "reserved": 0, "at": 0} for i in ids}
        self.orders: dict[str, dict] = {}
        self.keys: dict[tuple, str] = {}
        self.touched: set[str] = set()
        self.count = 0
        self.lines: list[dict] = [{"kind": "begin", "products": copy.deepcopy(list(self.products.values()))}]

    # One request

    def ask(self, do: str, args: dict, who: dict, role: str, outcome: str = "told") -> dict:
        """outcome: told; gone (done, nobody told); never (not done, nobody told); unknown, unknown-never; busy."""
        self.clock = max(self.clock + self.random.uniform(0.001, 0.01), who["free"])
        self.count += 1
        op = {"kind": "op", "id": f"r{self.count}", "do": do, "who": who["name"], "role": role, "args": args}
        began = max(who["free"], self.clock - self.random.uniform(0, 0.03))
        op |= {"began": began, "ended": self.clock + self.random.uniform(0.0005, 0.03), "status": None, "code": None, "answer": {}}
        who["free"] = op["ended"] + 0.0001
        if outcome == "busy":
            op |= {"status": 503, "code": "busy"}
        else:
            done = outcome in ("told", "gone", "unknown")
            status, code, answer = getattr(self, "_" + do)(op, args) if done else (None, None, {"order": "none"})
            if outcome == "told":
                op |= {"status": status, "code": code, "answer": answer}
            elif outcome.startswith("unknown"):
                op |= {"status": 503, "code": "outcome-unknown", "answer": {"order": answer.get("order"), "product": args.get("product")}}
            else:
                op["ended"] = None
        self.lines.append(op)
        return op

    def _now(self) -> int:
        return int(self.clock * 1000)

    def _step(self, op, order, kind, status, paid) -> None:
        order["version"] += 1
        entry = {"version": order["version"], "at": self._now(), "type": kind, "actor": op["who"], "request": op["id"]}
        was = (order["status"], order["paid"])
        entry |= {"from": was[0], "to": status} if kind == "order:status" else {"from": None, "to": status}
        order["history"].append(entry)
        order["status"], order["paid"] = status, paid
        order["refundDue"] |= paid and kind == "order:status" and status in ("cancelled", "returned")
        self.touched.add(order["id"])

    def _told(self, order) -> dict:
        return {"order": order["id"], "version": order["version"], "order_status": order["status"], "paid": order["paid"]}

    def _place(self, op, args):
        twin = self.orders.get(self.keys.get((op["who"], args.get("key")))) if args.get("key") else None
        if twin:
            if [[i["product"], i["quantity"]] for i in twin["items"]] != args["items"]:
                return 422, "idempotency-key-reused", {}
            return 201, None, {**self._told(twin), "replayed": True, "items": [], "total": twin["total"]}
        off = [[p] for p, _ in args["items"] if not self.products[p]["active"]]
        if off:
            return 409, "product-unavailable", {"lines": off}
        short = [[p, q, self.products[p]["stock"]] for p, q in args["items"] if self.products[p]["stock"] < q]
        if short:
            return 409, "insufficient-stock", {"lines": short}
        total = sum(self.products[p]["price"] * q for p, q in args["items"])
        if args.get("expectedTotal") not in (None, total):
            return 409, "price-changed", {"total": total}
        items = [{"product": p, "quantity": q, "price": self.products[p]["price"], "total": self.products[p]["price"] * q} for p, q in args["items"]]
        name = f"o{len(self.orders)}"
        order = {"id": name, "number": f"A-{len(self.orders) + 1:06d}", "user": op["who"], "key": args.get("key"), "items": items}
        order |= {"total": total, "status": None, "paid": False, "refundDue": False, "version": 0, "history": []}
        self.orders[name] = order
        if args.get("key"):
            self.keys[op["who"], args["key"]] = name
        self._step(op, order, "order:new", "pending", False)
        self._stock(order, -1, 1)
        return 201, None, {**self._told(order), "replayed": False, "items": [[i["product"], i["quantity"], i["price"]] for i in items], "total": total}

    def _stock(self, order, stock, reserved) -> None:
        for item in order["items"] if stock or reserved else ():
            p = self.products[item["product"]]
            p["stock"] += stock * item["quantity"]
            p["reserved"] += reserved * item["quantity"]
            p["version"] += 1
            p["at"] = self._now()

    def _cancel(self, op, args):
        return self._move(op, {**args, "to": "cancelled"})

    def _move(self, op, args):
        order, to = self.orders[args["order"]], args["to"]
        if op["role"] == "customer" and order["user"] != op["who"]:
            return 404, "not-found", {}
        if args.get("ifMatch") not in (None, order["version"]):
            return 412, "version-mismatch", {"currentVersion": order["version"], "currentStatus": order["status"]}
        at = order["status"]
        if at == to:
            return 200, None, self._told(order)
        may = MOVES[at] if op["role"] == "admin" else [s for s in MOVES[at] if (at, s) == ("pending", "cancelled")]
        if to not in may:
            return 409, "invalid-transition", {"from": at, "to": to, "allowed": may}
        if to == "shipped" and not order["paid"]:
            return 409, "payment-required", {}
        if to == "returned" and args.get("restock") is None:
            return 422, "validation-failed", {}
        self._step(op, order, "order:status", to, order["paid"])
        back = to == "cancelled" or (to == "returned" and args["restock"])
        self._stock(order, int(back), -int(to in ("cancelled", "shipped")))
        return 200, None, self._told(order)

    def _pay(self, op, args):
        order = self.orders[args["order"]]
        if order["paid"] == args["received"]:
            return 200, None, self._told(order)
        if not args["received"] and order["status"] not in ("pending", "processing"):
            return 409, "payment-final", {}
        self._step(op, order, "order:payment", order["status"], args["received"])
        return 200, None, self._told(order)

    def _edit(self, op, args):
        p = self.products[args["product"]]
        if args.get("ifMatch") not in (None, p["version"]):
            return 412, "version-mismatch", {"currentVersion": p["version"]}
        stock = args["stock"] if "stock" in args else p["stock"] + args.get("stockDelta", 0)
        if stock < 0:
            return 409, "stock-out-of-range", {"available": p["stock"]}
        new = {"stock": stock, "price": args.get("price", p["price"]), "active": args.get("active", p["active"])}
        if any(p[name] != value for name, value in new.items()):
            p.update(new, version=p["version"] + 1, at=self._now())
        return 200, None, copy.deepcopy(p)

    def _look(self, op, args):
        if not self.products[args["product"]]["active"]:
            return 404, "not-found", {}
        return 200, None, copy.deepcopy(self.products[args["product"]])

    def _see(self, op, args):
        return 200, None, self._told(self.orders[args["order"]])

    # A day

    def step(self, outcome: str = "told") -> dict:
        pick, client = self.random, self.random.choice(self.clients)
        orders = list(self.orders)
        mine = [o for o in orders if self.orders[o]["user"] == client["name"]]
        do = pick.choice(["place"] * 6 + ["cancel", "move", "move", "move", "pay", "pay", "edit", "edit", "look", "see"])
        if do == "place" or (do in ("move", "pay") and not orders) or (do in ("cancel", "see") and not mine):
            chosen = pick.sample(list(self.products), pick.choice([1, 1, 2]))
            args: dict = {"items": [[p, pick.randint(1, 3)] for p in chosen]}
            if pick.random() < 0.5:
                args["key"] = f"k{pick.randint(1, 40)}"
            elif pick.random() < 0.2:
                args["expectedTotal"] = sum(self.products[p]["price"] * q for p, q in args["items"]) + pick.choice([0, 0, 7])
            return self.ask("place", args, client, "customer", outcome)
        if do in ("cancel", "see"):
            return self.ask(do, {"order": pick.choice(mine)}, client, "customer", outcome)
        if do in ("move", "pay"):
            args = {"order": pick.choice(orders[-12:])}
            if do == "move":
                args["to"] = pick.choice(["processing", "processing", "shipped", "delivered", "cancelled", "returned"])
                if args["to"] == "returned" and pick.random() < 0.8:
                    args["restock"] = pick.random() < 0.5
            else:
                args["received"] = pick.random() < 0.8
            if do == "move" and pick.random() < 0.2:
                args["ifMatch"] = pick.randint(1, 3)
            return self.ask(do, args, self.admin, "admin", outcome)
        args = {"product": pick.choice(list(self.products))}
        if do == "edit":
            args |= pick.choice([{"stockDelta": 5}, {"stockDelta": 3}, {"stockDelta": -4}, {"stock": 9}, {"price": pick.choice([90, 100, 110])}, {"active": pick.random() < 0.8}])
            if pick.random() < 0.2:
                args["ifMatch"] = self.products[args["product"]]["version"] - pick.randint(0, 1)
        return self.ask(do, args, self.admin if do == "edit" else client, "admin" if do == "edit" else "customer", outcome)

    def state(self) -> None:
        """The end of a chapter."""
        for who in [*self.clients, self.admin]:
            self.clock = max(self.clock, who["free"])
        docs = [copy.deepcopy(self.orders[name]) for name in sorted(self.touched)]
        self.lines.append({"kind": "state", "products": copy.deepcopy(list(self.products.values())), "orders": docs})
        self.touched.clear()

    def end(self) -> list[dict]:
        self.lines.append({"kind": "end", "orders": len(self.orders)})
        return self.lines


def history(seed: int, chapters: int = 3, steps: int = 80, trouble: float = 0.0) -> list[dict]:
    shop = Pretend(seed)
    for _ in range(chapters):
        for _ in range(steps):
            bad = shop.random.random() < trouble
            shop.step(shop.random.choice(["gone", "never", "unknown", "unknown-never", "busy"]) if bad else "told")
        shop.state()
    return shop.end()
