"""Placing orders: lines, totals, numbers, addresses, stock, idempotency; looking at them; who sees what."""

import re

import pytest
from harness.client import ANY
from harness.shop import NOWHERE, unique


def test_place_answers_the_order(shop, customer):
    p, q = shop.product(10, 9.99), shop.product(5, 0.1)
    answer = shop.order(customer, (p, 2), (q, 3), (p, 1))
    order = answer.json
    assert order["status"] == "pending" and order["paymentReceived"] is False
    assert order["userId"] == customer.id
    assert order["customer"] == {"name": customer.name, "email": customer.email}
    assert order["total"] == 30.27 and '"total":30.27' in answer.text
    assert order["currency"] == "USD"
    assert order["version"] == 1 and answer.header("ETag") == '"1"'
    assert re.fullmatch(r"A-\d{6,}", order["number"])
    assert answer.header("Location").rstrip("/") == f"/api/orders/{order['id']}"
    assert order["allowedTransitions"] == ["cancelled"]
    lines = {line["productId"]: line for line in order["items"]}
    assert lines == {
        p["id"]: {"productId": p["id"], "name": p["name"], "quantity": 3, "price": 9.99, "total": 29.97},
        q["id"]: {"productId": q["id"], "name": q["name"], "quantity": 3, "price": 0.1, "total": 0.3},
    }
    assert "idempotency" not in order and "refundDue" not in order and "shipTo" not in order
    (entry,) = order["history"]
    assert entry["version"] == 1 and entry["at"] == order["createdAt"] and entry["to"] == "pending"
    assert entry["actor"] == {"id": customer.id, "role": "customer", "name": customer.name}
    assert entry["requestId"] == answer.request_id
    assert shop.held(p) == (7, 3) and shop.held(q) == (2, 3)
    shop.check()


def test_what_the_client_says_of_prices_and_roles_has_no_effect(shop, customer):
    product = shop.product(10, 9.99)
    item = {"productId": product["id"], "quantity": 1, "price": 0.01, "name": "free", "total": 0}
    other = shop.customer()
    body = {
        "items": [item],
        "total": 0.01,
        "status": "shipped",
        "paymentReceived": True,
        "userId": other.id,
        "number": "A-1",
        "version": 7,
        "customer": {"name": "x", "email": other.email},
        "currency": "JPY",
    }
    order = customer.post("/api/orders/", body, want=201).json
    assert order["total"] == 9.99 and order["status"] == "pending" and not order["paymentReceived"]
    assert order["userId"] == customer.id and order["version"] == 1 and order["currency"] == "USD"


def test_totals_to_the_cent(shop, customer):
    prices = [0, 0.01, 0.29, 1.15, 4.35, 8.2, 19.99, 100, 4503599.63, 90071992.55]
    lines = [(shop.product(99, price), 7) for price in prices]
    order = shop.order(customer, *lines).json
    cents = [round(price * 100) * 7 for price in prices]
    assert order["total"] == sum(cents) / 100
    assert [line["total"] for line in order["items"]] == [c / 100 for c in cents]


def test_total_past_int64_is_422(shop, customer):
    product = shop.product(1_000_000_000, 10_000_000_000)
    lines = [(product, 10000)] * 1
    order = shop.order(customer, *lines, want=ANY)
    assert order.status == 201, "10^16 minor units fit"
    many = [shop.product(1_000_000_000, 10_000_000_000) for _ in range(100)]
    assert shop.order(customer, *[(p, 10000) for p in many], want=ANY).status == 201, "10^18 fit"
    shop.check()


def test_numbers_are_different_and_grow(shop, customer):
    product = shop.product(10)
    numbers = [int(shop.order(customer, (product, 1)).json["number"][2:]) for _ in range(4)]
    assert numbers == sorted(set(numbers))


def item(product, quantity):
    return {"productId": product, "quantity": quantity}


P = "0123456789abcdef01234567"


@pytest.mark.parametrize(
    "items, pointer",
    [
        ([], "/items"),
        (None, "/items"),
        ({}, "/items"),
        ("x", "/items"),
        ([item(P, 1)] * 101, "/items"),
        ([5], "/items/0"),
        ([None], "/items/0"),
        ([item(P, 0)], "/items/0/quantity"),
        ([item(P, -1)], "/items/0/quantity"),
        ([item(P, 1.5)], "/items/0/quantity"),
        ([item(P, 1.0)], "/items/0/quantity"),
        ([item(P, 10001)], "/items/0/quantity"),
        ([item(P, 10**15)], "/items/0/quantity"),
        ([item(P, "1")], "/items/0/quantity"),
        ([item(P, True)], "/items/0/quantity"),
        ([{"productId": P}], "/items/0/quantity"),
        ([{"quantity": 1}], "/items/0/productId"),
        ([item("x", 1)], "/items/0/productId"),
        ([item("g" * 24, 1)], "/items/0/productId"),
        ([item({"$ne": None}, 1)], "/items/0/productId"),
        ([item(5, 1)], "/items/0/productId"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_bad_lines(customer, items, pointer):
    assert customer.post("/api/orders/", {"items": items}, want="422 validation-failed").pointers == [pointer]


def test_every_bad_line_is_named_at_once(customer):
    items = [item(P, 0), item("x", 1), item(P, 1), {}]
    pointers = customer.post("/api/orders/", {"items": items}, want=422).pointers
    assert set(pointers) >= {"/items/0/quantity", "/items/1/productId", "/items/3/quantity", "/items/3/productId"}


def test_no_items_at_all(customer):
    assert customer.post("/api/orders/", {}, want=422).pointers == ["/items"]


def test_merged_line_past_the_limit(shop, customer):
    product = shop.product(100_000)
    answer = shop.order(customer, (product, 10000), (product, 1), want=ANY)
    assert answer.status in (201, 422), answer
    if answer.status == 201:
        assert answer.json["items"][0]["quantity"] == 10001


def test_limits_that_are_allowed(shop, customer):
    product = shop.product(20_000)
    assert shop.order(customer, (product, 10000)).json["items"][0]["quantity"] == 10000
    assert shop.order(customer, *[(product, 1)] * 100).json["items"][0]["quantity"] == 100


def test_unknown_product(shop, customer):
    product = shop.product()
    items = [item(NOWHERE, 1), item(product["id"], 1)]
    answer = customer.post("/api/orders/", {"items": items}, want=ANY)
    assert (answer.status, answer.code) == (409, "product-unavailable"), answer
    assert NOWHERE in answer.text and product["id"] not in answer.text
    assert shop.held(product) == (10, 0)


def test_inactive_products_are_all_named(shop, customer, admin):
    a, b, c = shop.product(active=False), shop.product(), shop.product()
    admin.patch(f"/api/products/{b['id']}", {"active": False})
    answer = shop.order(customer, (a, 1), (b, 1), (c, 1), want="409 product-unavailable")
    assert a["id"] in answer.text and b["id"] in answer.text and c["id"] not in answer.text
    assert shop.held(c) == (10, 0), "all or nothing"


def test_every_short_line_is_named(shop, customer):
    a, b, c = shop.product(7), shop.product(2), shop.product(5)
    answer = shop.order(customer, (a, 100), (b, 2), (b, 1), (c, 5), want="409 insufficient-stock")
    text = answer.text.replace(" ", "")
    assert a["id"] in text and b["id"] in text and c["id"] not in text
    assert '"requested":100' in text and '"available":7' in text
    assert '"requested":3' in text and '"available":2' in text
    assert [shop.held(p) for p in (a, b, c)] == [(7, 0), (2, 0), (5, 0)]
    shop.check()


def test_two_lines_of_one_product_against_stock(shop, customer):
    product = shop.product(3)
    shop.order(customer, (product, 2), (product, 2), want="409 insufficient-stock")
    assert shop.order(customer, (product, 2), (product, 1)).json["items"][0]["quantity"] == 3
    assert shop.held(product) == (0, 3)
    shop.check()


def test_expected_total(shop, customer):
    product = shop.product(10, 9.99)
    answer = shop.order(customer, (product, 2), expectedTotal=19.97, want="409 price-changed")
    assert "19.98" in answer.text
    assert shop.held(product) == (10, 0)
    shop.order(customer, (product, 2), expectedTotal=19.98)
    for bad in ("19.98", -1, 1.999, [], True):
        assert shop.order(customer, (product, 2), expectedTotal=bad, want=422).pointers == ["/expectedTotal"]


ADDRESS = {"name": "C. Young", "lines": ["1 Main St", "Flat 2"], "city": "Delft", "postcode": "2611", "country": "NL"}


def test_ship_to(shop, customer):
    order = shop.order(customer, (shop.product(), 1), shipTo=ADDRESS).json
    assert order["shipTo"] == ADDRESS
    assert shop.see(order, customer).json["shipTo"] == ADDRESS


@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"name": 5}, "/shipTo/name"),
        ({"name": ""}, "/shipTo/name"),
        ({"lines": "1 Main St"}, "/shipTo/lines"),
        ({"lines": []}, "/shipTo/lines"),
        ({"lines": [5]}, "/shipTo/lines/0"),
        ({"lines": ["x"] * 20}, "/shipTo/lines"),
        ({"city": None}, "/shipTo/city"),
        ({"postcode": {}}, "/shipTo/postcode"),
        ({"country": ""}, "/shipTo/country"),
    ],
    ids=str,
)
def test_bad_ship_to(shop, customer, change, pointer):
    product = shop.product()
    assert shop.order(customer, (product, 1), shipTo={**ADDRESS, **change}, want=422).pointers == [pointer]
    assert shop.held(product) == (10, 0)


def test_ship_to_of_another_kind(shop, customer):
    for bad in ("x", [], 5):
        assert shop.order(customer, (shop.product(), 1), shipTo=bad, want=422).pointers == ["/shipTo"]


def test_placing_is_for_customers(shop, admin, nobody):
    product = shop.product()
    shop.order(admin, (product, 1), want="403 forbidden")
    shop.order(nobody, (product, 1), want="401 sign-in-required")
    assert shop.held(product) == (10, 0)


def test_text_of_all_kinds_comes_back(odd_text, shop):
    name = 'Zoë "Q" O\'Neil \\ <b>&amp; 日本 \U0001f600'
    customer = shop.customer(name)
    product = shop.product(name=odd_text)
    order = shop.order(customer, (product, 1)).json
    assert order["customer"]["name"] == name and order["items"][0]["name"] == odd_text


@pytest.fixture(params=['"quotes" \\ and / slashes', "line\u2028and\u2029paragraph", "re\ufffdplaced", "naïve Ü 漢字 \U0001f4a9"])
def odd_text(request):
    return request.param


# Looking

def test_see_own_and_as_admin(shop, customer, admin):
    order = shop.order(customer, (shop.product(), 1)).json
    assert shop.see(order, customer).json == order
    seen = shop.see(order, admin).json
    assert seen["allowedTransitions"] == ["processing", "cancelled"]
    assert {**seen, "allowedTransitions": 0} == {**order, "allowedTransitions": 0}


def test_anothers_order_is_404_for_every_verb(shop, customer, nobody):
    order = shop.order(customer, (shop.product(), 1)).json
    other = shop.customer()
    shop.see(order, other, want="404 not-found")
    shop.see(order, other, headers={"If-None-Match": '"1"'}, want="404 not-found")
    other.call("HEAD", f"/api/orders/{order['id']}", want=404)
    shop.cancel(other, order, want="404 not-found")
    shop.see(order, nobody, want="401 sign-in-required")
    shop.cancel(nobody, order, want="401 sign-in-required")


@pytest.mark.parametrize("order", [NOWHERE, "zzz", "1", "0" * 25, "%00"])
def test_unknown_order(customer, admin, order):
    for who in (customer, admin):
        who.get(f"/api/orders/{order}", want="404 not-found")
    customer.post(f"/api/orders/{order}/cancel", want="404 not-found")
    admin.patch(f"/api/orders/{order}/status", {"status": "processing"}, want="404 not-found")
    admin.patch(f"/api/orders/{order}/payment", {"paymentReceived": True}, want="404 not-found")


# Idempotency

def test_replay_is_the_same_order_as_it_is_today(shop, customer):
    product, key = shop.product(10), unique("key")
    first = shop.order(customer, (product, 1), key=key)
    assert first.header("Idempotent-Replayed") is None
    shop.move(first.json, "processing")
    again = shop.order(customer, (product, 1), key=key, want=201)
    assert again.header("Idempotent-Replayed") == "true"
    assert again.json["id"] == first.json["id"] and again.json["status"] == "processing"
    assert again.header("ETag") == '"2"' and again.header("Location") == first.header("Location")
    assert shop.held(product) == (9, 1)
    shop.check()


def test_replay_when_the_stock_is_gone_meanwhile(shop, customer):
    product, key = shop.product(1), unique("key")
    first = shop.order(customer, (product, 1), key=key)
    assert shop.order(customer, (product, 1), key=key).json["id"] == first.json["id"]
    shop.order(customer, (product, 1), key=unique("key"), want="409 insufficient-stock")


def test_a_key_of_a_failed_order_can_be_used_again(shop, customer, admin):
    product, key = shop.product(0), unique("key")
    shop.order(customer, (product, 1), key=key, want="409 insufficient-stock")
    admin.patch(f"/api/products/{product['id']}", {"stock": 1})
    assert shop.order(customer, (product, 1), key=key).header("Idempotent-Replayed") is None


def test_same_key_other_body(shop, customer):
    product, key = shop.product(10), unique("key")
    shop.order(customer, (product, 1), key=key)
    shop.order(customer, (product, 2), key=key, want="422 idempotency-key-reused")
    shop.order(customer, (product, 1), key=key, shipTo=ADDRESS, want="422 idempotency-key-reused")
    assert shop.held(product) == (9, 1)


def test_same_body_with_members_in_another_order(shop, customer):
    product, key = shop.product(10), unique("key")
    headers = {"Idempotency-Key": key}
    one = f'{{"items":[{{"productId":"{product["id"]}","quantity":1}}],"expectedTotal":9.99}}'
    two = f'{{ "expectedTotal": 9.99, "items": [ {{"quantity": 1, "productId": "{product["id"]}"}} ] }}'
    first = customer.post("/api/orders/", raw=one.encode(), headers=headers, want=201)
    again = customer.post("/api/orders/", raw=two.encode(), headers=headers, want=201)
    assert first.json["id"] == again.json["id"] and again.header("Idempotent-Replayed") == "true"


def test_same_key_of_another_user(shop, customer):
    product, key = shop.product(10), unique("key")
    other = shop.order(shop.customer(), (product, 1), key=key).json
    assert shop.order(customer, (product, 1), key=key).json["id"] != other["id"]


def test_without_a_key_twice_is_two_orders(shop, customer):
    product = shop.product(10)
    assert shop.order(customer, (product, 1)).json["id"] != shop.order(customer, (product, 1)).json["id"]


def test_keys_of_bad_length(shop, customer):
    product = shop.product(10)
    for key in ("", "k" * 256, "  "):
        shop.order(customer, (product, 1), key=key, want="400 idempotency-key-invalid")
    key = unique().ljust(255, "k")
    assert shop.order(customer, (product, 1), key=key).json["id"] == shop.order(customer, (product, 1), key=key).json["id"]
    assert shop.held(product) == (9, 1)


@pytest.mark.parametrize("key", ['"quoted"', "a b", "$where", "k.k", "ключ"])
def test_keys_of_odd_characters(shop, customer, key):
    product = shop.product(10)
    key = key.encode().decode("latin-1")
    first = shop.order(customer, (product, 1), key=key, want=ANY)
    if first.status == 201:
        assert shop.order(customer, (product, 1), key=key).json["id"] == first.json["id"]
    else:
        assert (first.status, first.code) == (400, "idempotency-key-invalid")


def test_a_key_can_be_demanded(start):
    shop = start({"OrdersRequireIdempotencyKey": "On"})
    customer, product = shop.customer(), shop.product(10)
    shop.order(customer, (product, 1), want="400 idempotency-key-required")
    shop.order(customer, (product, 1), key="", want=400)
    shop.order(customer, (product, 1), key="k1")
    assert shop.held(product) == (9, 1)


# Other currencies

def test_a_currency_without_decimals(start):
    shop = start({"OrdersCurrency": "JPY"})
    product = shop.product(10, 500)
    shop.admin.post("/api/products/", {"name": "x", "price": 1.5, "stock": 1}, want=422)
    answer = shop.order(shop.customer(), (product, 3))
    assert answer.json["currency"] == "JPY" and '"total":1500,' in answer.text.replace(" ", "")


def test_a_currency_with_three_decimals(start):
    shop = start({"OrdersCurrency": "KWD"})
    product = shop.product(10, 1.255)
    shop.admin.post("/api/products/", {"name": "x", "price": 1.2555, "stock": 1}, want=422)
    answer = shop.order(shop.customer(), (product, 3))
    assert answer.json["total"] == 3.765 and answer.json["currency"] == "KWD"
