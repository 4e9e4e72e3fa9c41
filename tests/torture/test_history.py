"""The judge of histories: what can be passes, and each kind of lie is caught."""

import copy

import pytest
from history import Lie, judge
from pretend import Pretend, history


@pytest.mark.parametrize("trouble", [0.0, 0.15], ids=["all told", "some not told"])
def test_what_can_be_passes(trouble):
    for seed in range(25):
        done = judge(history(seed, trouble=trouble))
        assert done.judged == 240 and done.chapter == 3


def ops(lines, do=None, status=None, code=None):
    return [op for op in lines if op["kind"] == "op" and do in (None, op["do"]) and status in (None, op["status"]) and code in (None, op["code"])]


def docs(lines):
    return [doc for line in lines if line["kind"] == "state" for doc in line["orders"]]


def last_state(lines):
    return [line for line in lines if line["kind"] == "state"][-1]


def placed(lines):
    return [op for op in ops(lines, "place", 201) if not op["answer"]["replayed"]]


# Each lie changes a true history; False: this history offers no occasion. What the judge says must match.


def an_order_is_lost(lines):
    """Acknowledged, and not in the database."""
    name = placed(lines)[-1]["answer"]["order"]
    for line in lines:
        if line["kind"] == "state":
            line["orders"] = [doc for doc in line["orders"] if doc["id"] != name]


def an_order_is_there_twice(lines):
    state = last_state(lines)
    state["orders"].append({**copy.deepcopy(state["orders"][-1]), "id": "o999", "number": "A-000999"})


def a_number_is_there_twice(lines):
    first, second = [doc for doc in docs(lines)][:2]
    if first["id"] == second["id"]:
        return False
    for doc in docs(lines):
        if doc["id"] == second["id"]:
            doc["number"] = first["number"]


def a_key_has_two_orders(lines):
    keyed = [doc for doc in docs(lines) if doc["key"]]
    others = [doc for doc in docs(lines) if keyed and doc["user"] == keyed[0]["user"] and doc["id"] != keyed[0]["id"]]
    if not others:
        return False
    name = others[0]["id"]
    for doc in docs(lines):
        if doc["id"] == name:
            doc["key"] = keyed[0]["key"]
    for op in ops(lines):
        if op["id"] == others[0]["history"][0]["request"]:
            op["args"]["key"] = keyed[0]["key"]


def one_unit_too_few(lines):
    last_state(lines)["products"][0]["stock"] -= 1


def one_unit_too_many_reserved(lines):
    last_state(lines)["products"][0]["reserved"] += 1


def stock_below_nothing(lines):
    last_state(lines)["products"][1]["stock"] = -1


def a_version_is_left_out(lines):
    last_state(lines)["products"][0]["version"] += 1


def a_wrong_total(lines):
    doc = docs(lines)[0]
    doc["total"] += 1


def a_wrong_price(lines):
    """Consistent in itself, but the product never had that price."""
    op = placed(lines)[-1]
    name = op["answer"]["order"]
    op["answer"]["items"][0][2] += 1
    op["answer"]["total"] += op["answer"]["items"][0][1]
    for doc in docs(lines):
        if doc["id"] == name:
            item = doc["items"][0]
            item["price"] += 1
            item["total"] += item["quantity"]
            doc["total"] += item["quantity"]


def other_goods(lines):
    doc = docs(lines)[-1]
    doc["items"][0]["quantity"] += 1
    doc["items"][0]["total"] += doc["items"][0]["price"]
    doc["total"] += doc["items"][0]["price"]


def refused_without_need(lines):
    """There was enough all the time."""
    for op in placed(lines):
        product, quantity, _ = op["answer"]["items"][0]
        seen = [o for o in ops(lines, "look", 200) if o["args"]["product"] == product and o["answer"]["active"] and o["answer"]["stock"] > 3]
        for look in seen:
            later = {**copy.deepcopy(look), "id": "lie", "do": "place", "status": 409, "code": "insufficient-stock"}
            later |= {"args": {"items": [[product, 3]]}, "answer": {"lines": [[product, 3, 2]]}}
            later |= {"began": look["began"], "ended": look["began"] + 1e-5}
            lines.insert(lines.index(look), later)
            return True
    return False


def served_without_stock(lines):
    """A refusal for want of stock becomes a sale, documents and all, but nobody's stock pays for it."""
    for op in ops(lines, "place", 409, "insufficient-stock"):
        if op["args"].get("key") or len(op["args"]["items"]) > 1:
            continue
        product, quantity = op["args"]["items"][0]
        at = lines.index(op)
        state = next(line for line in lines[at:] if line["kind"] == "state")
        later = [line for line in lines[lines.index(state) :] if line["kind"] == "state"]
        item = {"product": product, "quantity": quantity, "price": 100, "total": 100 * quantity}
        clock = int(op["began"] * 1000) + 1
        entry = {"version": 1, "at": clock, "type": "order:new", "actor": op["who"], "request": op["id"], "from": None, "to": "pending"}
        doc = {"id": "o999", "number": "A-000999", "user": op["who"], "key": None, "items": [item], "total": item["total"]}
        state["orders"].append({**doc, "status": "pending", "paid": False, "refundDue": False, "version": 1, "history": [entry]})
        for line in later:
            for p in line["products"]:
                if p["id"] == product:
                    p["reserved"] += quantity
                    p["stock"] = max(0, p["stock"] - quantity)
                    p["version"] += 1
        answer = {"order": "o999", "version": 1, "order_status": "pending", "paid": False, "replayed": False}
        op |= {"status": 201, "code": None, "answer": {**answer, "items": [[product, quantity, 100]], "total": item["total"]}}
        return True
    return False


def available_is_invented(lines):
    for op in ops(lines, "place", 409, "insufficient-stock"):
        line = op["answer"]["lines"][0]
        if line[2] == 0 and line[1] > 2:
            line[2] = 1
            return True
    return False


def off_sale_is_invented(lines):
    """The product was on sale all day."""
    lines[:] = [line for line in lines if not (line["kind"] == "op" and line["do"] == "place" and line["code"] == "product-unavailable")]
    for op in ops(lines, "place", 409, "insufficient-stock"):
        op |= {"code": "product-unavailable", "answer": {"lines": [[op["args"]["items"][0][0]]]}}
        return True
    return False


def a_cancellation_that_did_not_happen(lines):
    for op in ops(lines, "cancel", 200):
        order = op["args"]["order"]
        mine = [d for d in docs(lines) if d["id"] == order]
        if mine and all(e["request"] != op["id"] for d in mine for e in d["history"]):
            continue
        state = next(line for line in lines[lines.index(op) :] if line["kind"] == "state")
        doc = next(d for d in state["orders"] if d["id"] == order)
        if doc["history"][-1]["request"] != op["id"] or last_state(lines) is not state:
            continue
        doc["history"].pop()
        doc |= {"status": doc["history"][-1]["to"], "version": doc["version"] - 1, "refundDue": False}
        return True
    return False


def denied_and_done(lines):
    op = placed(lines)[-1]
    op |= {"status": 503, "code": "busy", "answer": {}}


def refused_and_done(lines):
    op = placed(lines)[-1]
    product, quantity = op["args"]["items"][0]
    op |= {"status": 409, "code": "insufficient-stock", "answer": {"lines": [[product, quantity, 0]]}}


def a_twin_gets_another_order(lines):
    for op in placed(lines):
        if op["args"].get("key"):
            twin = {**copy.deepcopy(op), "id": "lie", "began": op["ended"] + 1e-4, "ended": op["ended"] + 2e-4}
            twin["answer"] |= {"order": placed(lines)[0 if op is not placed(lines)[0] else 1]["answer"]["order"], "replayed": True}
            lines.insert(lines.index(op) + 1, twin)
            return True
    return False


def a_twin_that_says_it_is_first(lines):
    for op in ops(lines, "place", 201):
        if op["answer"]["replayed"]:
            op["answer"]["replayed"] = False
            return True
    return False


def a_twin_is_refused(lines):
    """Its order was there already, so stock is no reason."""
    for op in placed(lines):
        if op["args"].get("key") and len(op["args"]["items"]) == 1:
            product, quantity = op["args"]["items"][0]
            late = {**copy.deepcopy(op), "id": "lie", "began": op["ended"] + 1e-4, "ended": op["ended"] + 2e-4, "status": 409}
            late |= {"code": "insufficient-stock", "answer": {"lines": [[product, quantity, 0]]}}
            lines.insert(lines.index(op) + 1, late)
            return True
    return False


def a_key_reused_without_another_body(lines):
    for op in ops(lines, "place", 201):
        if op["answer"]["replayed"]:
            op |= {"status": 422, "code": "idempotency-key-reused", "answer": {}}
            return True
    return False


def an_old_product(lines):
    """It looks as it did before a change that was answered long ago."""
    edits = [op for op in ops(lines, "edit", 200)]
    for a, b in zip(edits, edits[1:]):
        later = next((e for e in edits[edits.index(b) :] if e["args"]["product"] == a["args"]["product"]), None)
        if later and later["answer"]["version"] > a["answer"]["version"]:
            at = later["ended"]
            look = {**copy.deepcopy(a), "id": "lie", "do": "look", "args": {"product": a["args"]["product"]}}
            lines.insert(lines.index(later) + 1, {**look, "began": at + 1e-4, "ended": at + 2e-4})
            return True
    return False


def an_old_order(lines):
    for op in ops(lines, "pay", 200):
        if op["answer"]["version"] > 1:
            seen = {**op["answer"], "version": op["answer"]["version"] - 1, "paid": not op["answer"]["paid"]}
            see = {**copy.deepcopy(op), "id": "lie", "do": "see", "args": {"order": op["args"]["order"]}, "answer": seen}
            lines.insert(lines.index(op) + 1, {**see, "began": op["ended"] + 1e-4, "ended": op["ended"] + 2e-4})
            return True
    return False


def an_order_from_the_future(lines):
    """Seen paid before anybody asked for it."""
    for op in ops(lines, "pay", 200):
        if any(e["request"] == op["id"] for d in docs(lines) for e in d["history"]):
            see = {**copy.deepcopy(op), "id": "lie", "do": "see", "args": {"order": op["args"]["order"]}}
            lines.insert(lines.index(op), {**see, "began": op["began"] - 2e-3, "ended": op["began"] - 1e-3})
            return True
    return False


def a_lost_update(lines):
    """Two edits of one product are answered with the same version."""
    edits = ops(lines, "edit", 200)
    for a in edits:
        for b in edits[edits.index(a) + 1 :]:
            if b["args"]["product"] == a["args"]["product"] and b["answer"]["version"] == a["answer"]["version"] + 1:
                b["answer"]["version"] -= 1
                return True
    return False


def a_deaf_if_match(lines):
    """A change that wanted another version was made."""
    for op in ops(lines, "move", 200):
        if op["answer"]["version"] > 1 and any(e["request"] == op["id"] for d in docs(lines) for e in d["history"]):
            op["args"]["ifMatch"] = 1 if op["answer"]["version"] != 2 else 7
            return True
    return False


def a_mismatch_that_matched(lines):
    for op in ops(lines, "edit", 412):
        op["args"]["ifMatch"] = op["answer"]["currentVersion"]
        return True
    return False


def a_transition_that_is_none(lines):
    for doc in docs(lines):
        if doc["history"][-1]["to"] == "processing" and doc["history"][-1]["type"] == "order:status":
            name = doc["history"][-1]["request"]
            later = [d for d in docs(lines) if d["id"] == doc["id"]]
            if doc is not later[-1]:
                continue
            doc["history"][-1]["to"] = doc["status"] = "delivered"
            for op in ops(lines):
                if op["id"] == name:
                    op["args"]["to"] = "delivered"
                    op["answer"]["order_status"] = "delivered"
            return True
    return False


def invalid_without_reason(lines):
    for op in ops(lines, "move", 200):
        if op["args"]["to"] == "processing" and not any(e["request"] == op["id"] for d in docs(lines) for e in d["history"]):
            op |= {"status": 409, "code": "invalid-transition", "answer": {"from": "pending", "to": "processing", "allowed": ["cancelled"]}}
            return True
    return False


def payment_wanted_of_the_paid(lines):
    for op in ops(lines, "move", 200):
        if op["args"]["to"] == "shipped" and not any(e["request"] == op["id"] for d in docs(lines) for e in d["history"]):
            op |= {"status": 409, "code": "payment-required", "answer": {}}
            return True
    return False


def a_history_is_rewritten(lines):
    seen: dict = {}
    for doc in docs(lines):
        if doc["id"] in seen:
            doc["history"][0]["at"] -= 1
            return True
        seen[doc["id"]] = doc
    return False


def nobody_asked(lines):
    state = last_state(lines)
    doc = state["orders"][-1]
    entry = {**doc["history"][-1], "version": doc["version"] + 1, "type": "order:payment", "to": doc["status"], "request": "stranger"}
    doc["history"].append(entry)
    doc |= {"version": doc["version"] + 1, "paid": not doc["paid"]}


def by_somebody_else(lines):
    docs(lines)[-1]["history"][-1]["actor"] = "mallory"


def done_twice(lines):
    """One request made two versions."""
    for doc in docs(lines):
        last = doc["history"][-1]
        if last["type"] == "order:payment" and doc is [d for d in docs(lines) if d["id"] == doc["id"]][-1]:
            doc["history"].append({**last, "version": doc["version"] + 1})
            doc["version"] += 1
            return True
    return False


def a_product_changes_by_itself(lines):
    p = last_state(lines)["products"][2]
    p["price"], p["version"] = p["price"] + 1, p["version"] + 1


def done_at_another_time(lines):
    doc = docs(lines)[-1]
    if len(doc["history"]) > 1:
        return False
    doc["history"][0]["at"] -= 10_000


def times_go_backwards(lines):
    """Two changes of one product, each at a time of its own interval, but the wrong way round."""
    chosen = [op for op in placed(lines) if len(op["args"]["items"]) == 1]
    for a in chosen:
        for b in chosen[chosen.index(a) + 1 :]:
            if a["args"]["items"][0][0] == b["args"]["items"][0][0] and a["ended"] < b["began"] < a["ended"] + 0.02:
                for doc in docs(lines):
                    for op, at in ((a, b["began"] + 0.001), (b, a["ended"] - 0.001)):
                        if doc["history"][0]["request"] == op["id"]:
                            doc["history"][0]["at"] = int(at * 1000)
                if int((b["began"] + 0.001) * 1000) > int((a["ended"] - 0.001) * 1000) and all(
                    doc["history"] == sorted(doc["history"], key=lambda e: e["at"]) for doc in docs(lines)
                ):
                    return True
                return False
    return False


def a_refund_forgotten(lines):
    due = [doc["id"] for doc in docs(lines) if doc["refundDue"]]
    for doc in docs(lines):
        if due and doc["id"] == due[0]:
            doc["refundDue"] = False
    return bool(due)


def an_error_of_its_own(lines):
    ops(lines, "look", 200)[0].update(status=500, code="internal-error", answer={})


def an_order_too_few(lines):
    lines[-1]["orders"] -= 1


LIES = [
    an_order_is_lost, an_order_is_there_twice, a_number_is_there_twice, a_key_has_two_orders, one_unit_too_few,
    one_unit_too_many_reserved, stock_below_nothing, a_version_is_left_out, a_wrong_total, a_wrong_price, other_goods,
    refused_without_need, served_without_stock, available_is_invented, off_sale_is_invented, a_cancellation_that_did_not_happen,
    denied_and_done, refused_and_done, a_twin_gets_another_order, a_twin_that_says_it_is_first, a_twin_is_refused,
    a_key_reused_without_another_body, an_old_product, an_old_order, an_order_from_the_future, a_lost_update, a_deaf_if_match,
    a_mismatch_that_matched, a_transition_that_is_none, invalid_without_reason, payment_wanted_of_the_paid,
    a_history_is_rewritten, nobody_asked, by_somebody_else, done_twice, a_product_changes_by_itself, done_at_another_time,
    times_go_backwards, a_refund_forgotten, an_error_of_its_own, an_order_too_few,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=[lie.__name__ for lie in LIES])
def test_each_lie_is_caught(lie):
    """In each of five histories that offer the occasion."""
    caught = 0
    for seed in range(200):
        lines = history(seed, chapters=2, steps=60)
        if lie(lines) is False:
            continue
        with pytest.raises(Lie) as said:
            judge(lines)
        print(said.value)
        caught += 1
        if caught == 5:
            return
    assert caught, "no history offers the occasion"


# What no product tells by itself


def two_products():
    shop = Pretend(1, products=2, clients=3, stock=1)
    buyer, other, third = shop.clients
    return shop, buyer, other, third


def test_two_products_are_seen_at_one_moment():
    """p0 is sold out before p1 is filled up. That both were too few for one order can be; that both were enough can't."""
    for too_few in (True, False):
        shop, buyer, other, _ = two_products()
        shop.products["p1"]["stock"] = shop.lines[0]["products"][1]["stock"] = 0
        long = {"kind": "op", "id": "long", "do": "place", "who": other["name"], "role": "customer", "began": 1000.0}
        shop.ask("place", {"items": [["p0", 1]]}, buyer, "customer")
        shop.clock += 1
        shop.ask("edit", {"product": "p1", "stock": 1}, shop.admin, "admin")
        shop.clock += 1
        short = [["p0", 1, 0], ["p1", 1, 0]] if too_few else []
        args = {"items": [["p0", 1], ["p1", 1]]} | ({} if too_few else {"expectedTotal": 7})
        answer = {"lines": short} if too_few else {"total": 200}
        code = "insufficient-stock" if too_few else "price-changed"
        shop.lines.append({**long, "ended": shop.clock, "args": args, "status": 409, "code": code, "answer": answer})
        shop.state()
        if too_few:
            judge(shop.end())
            continue
        with pytest.raises(Lie, match="each product and order by itself has a serial order"):
            judge(shop.end())


def test_what_nobody_was_told_may_have_happened_or_not():
    for outcome in ("gone", "never", "unknown", "unknown-never"):
        shop, buyer, _, third = two_products()
        shop.ask("edit", {"product": "p0", "stockDelta": 4}, shop.admin, "admin", outcome)
        shop.ask("place", {"items": [["p1", 1]]}, buyer, "customer", outcome)
        shop.clock += 1
        shop.ask("look", {"product": "p0"}, third, "customer")
        shop.state()
        judge(shop.end())


def test_what_nobody_was_told_happens_once():
    """The edit is seen, and later it is not."""
    shop, _, other, third = two_products()
    look = {"product": "p0"}
    shop.ask("edit", {"product": "p0", "stockDelta": 4}, shop.admin, "admin", "gone")
    shop.clock += 1
    shop.ask("look", look, third, "customer")
    shop.products["p0"] |= {"stock": 1, "version": 1}
    shop.clock += 1
    shop.ask("look", look, other, "customer")
    shop.state()
    with pytest.raises(Lie):
        judge(shop.end())


def test_a_forgotten_order_stays_as_it_is():
    shop, buyer, *_ = two_products()
    order = shop.ask("place", {"items": [["p0", 1]]}, buyer, "customer")["answer"]["order"]
    shop.state()
    shop.lines.append({"kind": "forget", "orders": [order]})
    shop.ask("pay", {"order": order, "received": True}, shop.admin, "admin")
    shop.state()
    with pytest.raises(Lie):
        judge(shop.end())


def test_a_history_has_an_end():
    lines = history(3, chapters=1, steps=10)
    with pytest.raises(Lie, match="no end"):
        judge([line for line in lines if line["kind"] not in ("state", "end")])
