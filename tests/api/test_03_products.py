"""Products: who may do what, creating, changing, stock, searching, lists."""

import pytest
from harness.shop import NOWHERE, unique

GOOD = {"name": "Kettle", "price": 9.99, "stock": 5}


def test_create_answers_the_product(admin, nobody):
    sku = unique("KT-")
    answer = admin.post("/api/products/", {**GOOD, "name": "  Blue Kettle ", "sku": sku}, want=201)
    product = answer.json
    assert {"name": "Blue Kettle", "price": 9.99, "stock": 5, "sku": sku, "active": True, "version": 1}.items() <= product.items()
    assert len(product["id"]) == 24 and product["createdAt"] == product["updatedAt"]
    assert answer.header("ETag") == '"1"'
    assert answer.header("Location").rstrip("/") == f"/api/products/{product['id']}"
    seen = nobody.get(f"/api/products/{product['id']}")
    assert seen.header("ETag") == '"1"'
    assert seen.json.items() <= product.items()
    assert "reserved" not in seen.json and "terms" not in seen.json


def test_create_inactive(admin):
    assert admin.post("/api/products", {**GOOD, "active": False}, want=201).json["active"] is False


@pytest.mark.parametrize(
    "bad",
    [
        {"price": -0.01},
        {"price": 1.999},
        {"price": "1"},
        {"price": 1e300},
        {"price": 10_000_000_000.01},
        {"price": None},
        {"price": True},
        {"stock": -1},
        {"stock": 1.5},
        {"stock": 1.0},
        {"stock": 1_000_000_001},
        {"stock": "1"},
        {"stock": None},
        {"name": ""},
        {"name": "   "},
        {"name": 5},
        {"name": "x" * 201},
        {"name": "tab\tin"},
        {"name": "line\nbreak"},
        {"name": None},
        {"sku": 5},
        {"sku": "x" * 300},
        {"active": "yes"},
        {"active": 1},
    ],
    ids=lambda bad: str(bad)[:40],
)
def test_create_bad_field(admin, bad):
    answer = admin.post("/api/products/", {**GOOD, **bad}, want="422 validation-failed")
    assert answer.pointers == ["/" + next(iter(bad))]


def test_create_names_every_bad_field_at_once(admin):
    assert sorted(admin.post("/api/products/", {}, want=422).pointers) == ["/name", "/price", "/stock"]


def test_create_at_the_limits(admin):
    big = admin.post("/api/products/", {"name": "x" * 200, "price": 10_000_000_000, "stock": 1_000_000_000}, want=201)
    assert big.json["price"] == 10_000_000_000 and big.json["stock"] == 1_000_000_000
    assert admin.post("/api/products/", {"name": "é" * 200, "price": 0, "stock": 0}, want=201).json["price"] == 0


@pytest.mark.parametrize("price", [0, 0.01, 0.1, 0.29, 1.15, 4.35, 8.2, 19.99, 100, 4503599.63, 90071992.55, 9999999999.99])
def test_prices_come_back_as_they_went(admin, nobody, price):
    product = admin.post("/api/products/", {**GOOD, "price": price}, want=201).json
    assert product["price"] == price
    text = nobody.get(f"/api/products/{product['id']}").text
    assert f'"price":{price:.2f}' in text.replace(" ", "")


def test_create_is_for_admins(customer, nobody):
    customer.post("/api/products/", GOOD, want="403 forbidden")
    nobody.post("/api/products/", GOOD, want="401 sign-in-required")


def test_get_unknown(nobody):
    for product in (NOWHERE, "zzz", "0" * 23, "g" * 24, NOWHERE.upper()):
        nobody.get(f"/api/products/{product}", want="404 not-found")


def test_inactive_is_seen_by_admins_alone(shop, admin, customer, nobody):
    name = unique("Hidden")
    product = shop.product(name=name, active=False)
    path = f"/api/products/{product['id']}"
    assert admin.get(path).json["active"] is False
    customer.get(path, want="404 not-found")
    nobody.get(path, want="404 not-found")
    for who, ids in ((admin, [product["id"]]), (customer, []), (nobody, [])):
        assert [row["id"] for row in who.get("/api/products/", query={"q": name}).json["data"]] == ids


def test_active_filter_is_for_admins(shop, admin, customer):
    name = unique("Both")
    on, off = shop.product(name=f"{name} on"), shop.product(name=f"{name} off", active=False)

    def listed(**query):
        return [row["id"] for row in admin.get("/api/products/", query={"q": name, **query}).json["data"]]

    assert listed() == [off["id"], on["id"]]
    assert listed(active="true") == [on["id"]]
    assert listed(active="false") == [off["id"]]
    admin.get("/api/products/?active=x", want="400 invalid-parameter")
    for who in (customer, shop.nobody):
        who.get("/api/products/?active=false", want="400 invalid-parameter")


def test_change_each_field(shop, admin):
    product = shop.product(stock=5, price=1)
    path = f"/api/products/{product['id']}"
    name = unique("Renamed")
    assert admin.patch(path, {"name": f" {name} "}).json["name"] == name
    assert admin.patch(path, {"price": 2.5}).json["price"] == 2.5
    assert admin.patch(path, {"stock": 7}).json["stock"] == 7
    assert admin.patch(path, {"stockDelta": -3}).json["stock"] == 4
    last = admin.patch(path, {"active": False, "price": 3, "stockDelta": 1})
    assert {"active": False, "price": 3, "stock": 5, "version": 6}.items() <= last.json.items()
    assert last.header("ETag") == '"6"'
    assert last.json["updatedAt"] >= product["updatedAt"]
    found = admin.get("/api/products/", query={"q": name}).json["data"]
    assert [row["id"] for row in found] == [product["id"]], "the new name is found"
    assert not admin.get("/api/products/", query={"q": product["name"]}).json["data"], "the old one is not"
    shop.check()


def test_a_rename_keeps_the_sku_searchable(shop, admin):
    sku = unique("sku")
    product = shop.product(sku=sku)
    admin.patch(f"/api/products/{product['id']}", {"name": "Something else"})
    assert [row["id"] for row in admin.get("/api/products/", query={"q": sku}).json["data"]] == [product["id"]]


@pytest.mark.parametrize(
    "bad",
    [
        {"price": -1},
        {"price": 1.999},
        {"price": "1"},
        {"stock": -1},
        {"stock": 1.5},
        {"stock": 1_000_000_001},
        {"stockDelta": "x"},
        {"stockDelta": 0.5},
        {"name": ""},
        {"name": "x" * 201},
        {"active": 1},
    ],
    ids=str,
)
def test_change_bad_field(shop, admin, bad):
    product = shop.product()
    answer = admin.patch(f"/api/products/{product['id']}", bad, want="422 validation-failed")
    assert answer.pointers == ["/" + next(iter(bad))]


def test_change_nothing_or_both_ways_of_stock(shop, admin):
    path = f"/api/products/{shop.product()['id']}"
    admin.patch(path, {"stock": 1, "stockDelta": 1}, want="422 validation-failed")
    admin.patch(path, {}, want="422 validation-failed")
    admin.patch(path, {"unknown": 1}, want="422 validation-failed")


def test_stock_delta_out_of_range(shop, admin):
    product = shop.product(stock=5)
    path = f"/api/products/{product['id']}"
    for delta in (-6, 1_000_000_000):
        answer = admin.patch(path, {"stockDelta": delta, "price": 7}, want="any")
        assert (answer.status, answer.code) in ((409, "stock-out-of-range"), (422, "validation-failed")), answer
    seen = admin.get(path).json
    assert seen["stock"] == 5 and seen["price"] == product["price"], "all or nothing"


def test_change_unknown_product_and_roles(shop, admin, customer, nobody):
    admin.patch(f"/api/products/{NOWHERE}", {"price": 1}, want="404 not-found")
    admin.patch("/api/products/zzz", {"price": 1}, want="404 not-found")
    path = f"/api/products/{shop.product()['id']}"
    customer.patch(path, {"price": 1}, want="403 forbidden")
    nobody.patch(path, {"price": 1}, want="401 sign-in-required")


def test_version_moves_with_every_sale(shop, customer):
    product = shop.product(stock=5)
    shop.order(customer, (product, 1))
    assert shop.nobody.get(f"/api/products/{product['id']}").json["version"] == 2


def test_setting_stock_leaves_what_is_reserved(shop, admin, customer):
    product = shop.product(stock=5)
    shop.order(customer, (product, 3))
    admin.patch(f"/api/products/{product['id']}", {"stock": 10})
    assert shop.held(product) == (10, 3)
    shop.check()


# Searching: every word of q is the beginning of a word of name or sku

def test_search(shop, nobody):
    w = unique("zq")
    product = shop.product(name=f"Blue {w} Kettle-Pot", sku=f"KT-{w}/2")

    def found(q: str) -> bool:
        return product["id"] in [row["id"] for row in nobody.get("/api/products/", query={"q": q}).json["data"]]

    for q in (w, w[:6], w.upper(), f"blu {w}", f"{w} BLUE", f"{w} pot", f"kettle-pot {w}", f"kt-{w}", f"{w} 2", f" {w}, "):
        assert found(q), q
    for q in (f"lue {w}", f"{w} teapot", f"{w} ettle", ".*", "$", f"{w} .*x", '{"$ne":null}', f"{w}x"):
        assert not found(q), q


def test_search_without_any_word_finds_nothing(nobody, shop):
    shop.product()
    for q in ("", " ", "---", "!?", "*"):
        assert nobody.get("/api/products/", query={"q": q}).json["data"] == [], q


def test_search_other_scripts(shop, nobody):
    w = unique()
    product = shop.product(name=f"Crème Brûlée {w} Çay Жук")
    for q in (f"crème {w}", f"BRÛ {w}", f"жу {w}", f"ça {w}"):
        assert [row["id"] for row in nobody.get("/api/products/", query={"q": q}).json["data"]] == [product["id"]], q


# Lists

def test_list_is_by_name_and_pages_are_stable(shop, nobody):
    w = unique("pg")
    names = [f"{w} {letter}" for letter in "abcde"]
    for name in reversed(names):
        shop.product(name=name)
    twins = [shop.product(name=f"{w} c")["id"] for _ in range(3)]
    rows = nobody.pages("/api/products/", between=lambda: shop.product(name=f"{w} a"), q=w, limit=2)
    assert [row["name"] for row in rows] == sorted(names + [f"{w} c"] * 3)
    assert len({row["id"] for row in rows}) == 8
    assert set(twins) <= {row["id"] for row in rows}


def test_list_with_and_without_slash_and_default_limit(shop, nobody):
    for _ in range(22):
        shop.product(name=unique("bulk"))
    for path in ("/api/products", "/api/products/"):
        page = nobody.get(path).json
        assert len(page["data"]) == 20 and isinstance(page["next"], str)
    assert len(nobody.get("/api/products?limit=1").json["data"]) == 1


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=-1", "limit=1.5", "limit=", "limit=x", "nope=1", "q=a&q=b", "q=%ff", "q=%00", "q=%"]
)
def test_list_bad_parameter(nobody, query):
    nobody.get(f"/api/products/?{query}", want="400 invalid-parameter")


def test_list_cursor_of_others(shop, nobody, admin):
    shop.product(), shop.product()
    cursor = nobody.get("/api/products/?limit=1").json["next"]
    for bad in ("garbage", cursor[:-1], cursor + "A", cursor[::-1], ""):
        nobody.get("/api/products/", query={"after": bad}, want="400 invalid-cursor")
    admin.get("/api/orders/admin", query={"after": cursor}, want="400 invalid-cursor")
