"""Lists of orders, statistics and the export: filters, sorts, cursors, figures, cells."""

import csv
import datetime
import io
import time

import pytest
from bson import ObjectId
from harness.client import ANY
from harness.httpd import Httpd
from harness.shop import Shop, unique

UTC = datetime.timezone.utc


# One's own

def test_own_list_is_newest_first_and_stable_while_orders_arrive(shop, customer):
    product = shop.product(20)
    made = [shop.order(customer, (product, 1)).json["id"] for _ in range(5)]
    shop.order(shop.customer(), (product, 1))
    rows = customer.pages("/api/orders/", between=lambda: shop.order(customer, (product, 1)), limit=2)
    assert [row["id"] for row in rows] == made[::-1]
    assert all(row["userId"] == customer.id and "history" not in row for row in rows)
    assert rows[0]["allowedTransitions"] == ["cancelled"]


def test_own_list_of_the_signed_in_customer_alone(customer, admin, nobody):
    assert customer.get("/api/orders").json == {"data": [], "next": None}
    admin.get("/api/orders/", want="403 forbidden")
    nobody.get("/api/orders/", want="401 sign-in-required")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "status=pending", "nope=1", "sort=total", "limit=2&limit=2"])
def test_own_list_bad_parameter(customer, query):
    customer.get(f"/api/orders/?{query}", want=ANY).status == 400


def test_cursor_of_one_customer_shows_another_nothing_of_it(shop, customer):
    product = shop.product(20)
    for _ in range(3):
        shop.order(customer, (product, 1))
    cursor = customer.get("/api/orders/?limit=1").json["next"]
    other = shop.customer()
    assert other.get("/api/orders/", query={"after": cursor}, want=ANY).status in (200, 400)
    own = shop.order(other, (product, 1)).json
    answer = other.get("/api/orders/", query={"after": cursor}, want=ANY)
    if answer.status == 200:
        assert all(row["id"] == own["id"] for row in answer.json["data"])


# All: one shop with a known set of orders

@pytest.fixture(scope="module")
def stocked(server):
    """12 orders of 3 customers in all statuses, made a day apart."""
    with Httpd(server.new_database()) as httpd:
        shop = Shop(httpd)
        shop.people = [shop.customer(name) for name in ("Ann", "Bob", "Cyd")]
        cheap, dear = shop.product(1000, 0.5, name="Cheap"), shop.product(1000, 20, name="Dear")
        shop.cheap, shop.dear = cheap, dear
        statuses = ["pending", "processing", "shipped", "delivered", "cancelled", "returned"]
        shop.orders = []
        for i in range(12):
            order = shop.order_in(statuses[i % 6], shop.people[i % 3], dear if i % 2 else cheap, i + 1)
            shop.orders.append(order)
            day = datetime.datetime(2026, 1, 1 + i, 12, tzinfo=UTC)
            shop.database.mongo.orders.update_one(
                {"_id": ObjectId(order["id"])}, {"$set": {"createdAt": day, "updatedAt": day + datetime.timedelta(days=i % 4)}}
            )
        shop.orders = [shop.see(order).json for order in shop.orders]
        yield shop


def listed(shop: Shop, **query) -> list[dict]:
    return shop.admin.pages("/api/orders/admin", **query)


def ids(rows) -> list[str]:
    return [row["id"] for row in rows]


def test_admin_list_of_all(stocked):
    rows = listed(stocked)
    assert ids(rows) == ids(stocked.orders)[::-1]
    for row, order in zip(rows, stocked.orders[::-1]):
        assert row == {k: v for k, v in order.items() if k != "history"}


def test_admin_list_is_for_admins(stocked):
    for path in ("/api/orders/admin", "/api/orders/admin/stats", "/api/orders/admin/export.csv"):
        stocked.people[0].get(path, want="403 forbidden")
        stocked.nobody.get(path, want="401 sign-in-required")
        stocked.nobody.get(path + "/", want="401 sign-in-required")


SORTS = {
    "createdAt": (lambda o: (o["createdAt"], o["id"]), False),
    "-createdAt": (lambda o: (o["createdAt"], o["id"]), True),
    "-updatedAt": (lambda o: (o["updatedAt"], o["id"]), True),
    "total": (lambda o: (o["total"], o["id"]), False),
    "-total": (lambda o: (o["total"], o["id"]), True),
}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_sorts_page_by_page(stocked, sort, limit):
    key, reverse = SORTS[sort]
    rows = listed(stocked, sort=sort, limit=limit)
    assert [key(row)[0] for row in rows] == [key(o)[0] for o in sorted(stocked.orders, key=key, reverse=reverse)]
    assert len(set(ids(rows))) == 12


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("status", ["pending", "pending,shipped,returned", "delivered,cancelled"])
def test_status_filter_with_every_sort(stocked, sort, status):
    key, reverse = SORTS[sort]
    wanted = [o for o in sorted(stocked.orders, key=key, reverse=reverse) if o["status"] in status.split(",")]
    assert [key(row)[0] for row in listed(stocked, status=status, sort=sort, limit=2)] == [key(o)[0] for o in wanted]


def test_every_filter(stocked):
    orders = stocked.orders
    bob = stocked.people[1]
    for query, keep in (
        ({"paymentReceived": "true"}, lambda o: o["paymentReceived"]),
        ({"paymentReceived": "false"}, lambda o: not o["paymentReceived"]),
        ({"from": "2026-01-05T12:00:00Z"}, lambda o: o["createdAt"] >= "2026-01-05T12"),
        ({"to": "2026-01-05T12:00:00Z"}, lambda o: o["createdAt"] < "2026-01-05T12"),
        ({"from": "2026-01-03", "to": "2026-01-06"}, lambda o: "2026-01-03" <= o["createdAt"] < "2026-01-06"),
        ({"from": "2026-01-05T14:00:00+02:00"}, lambda o: o["createdAt"] >= "2026-01-05T12"),
        ({"customer": bob.id}, lambda o: o["userId"] == bob.id),
        ({"customer": "f" * 24}, lambda o: False),
        ({"minTotal": "100"}, lambda o: o["total"] >= 100),
        ({"minTotal": "4.5"}, lambda o: o["total"] >= 4.5),
        ({"q": orders[3]["number"]}, lambda o: o is orders[3]),
        ({"q": orders[3]["id"]}, lambda o: o is orders[3]),
        ({"q": bob.email}, lambda o: o["userId"] == bob.id),
        ({"q": bob.email[:9]}, lambda o: o["userId"] == bob.id),
        ({"q": bob.email[:9].upper()}, lambda o: o["userId"] == bob.id),
        ({"q": bob.email[1:]}, lambda o: False),
        ({"q": ".*"}, lambda o: False),
        ({"q": "^c"}, lambda o: False),
        ({"status": "pending", "customer": bob.id, "minTotal": "0.01"}, lambda o: o["status"] == "pending" and o["userId"] == bob.id),
        ({"status": "shipped", "q": bob.email[:9]}, lambda o: o["status"] == "shipped" and o["userId"] == bob.id),
        ({"status": "shipped", "paymentReceived": "false"}, lambda o: False),
    ):
        expected = [o["id"] for o in orders[::-1] if keep(o)]
        assert ids(listed(stocked, limit=2, **query)) == expected, query
        assert [row["id"] for row in export(stocked, **query)] == expected, query


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=a", "nope=1", "sort=price", "sort=", "status=pending,nope", "status=",
        "paymentReceived=yes", "from=yesterday", "to=2026-13-01", "to=2026-02-30", "customer=zzz", "minTotal=-1",
        "minTotal=1.234", "minTotal=x", "minTotal=1e3", "status=pending&status=shipped", "q=%00", "q=%ff", "q=%zz",
    ],
)  # fmt: skip
def test_bad_parameter(stocked, query):
    name = query.split("=")[0]
    for path in ("/api/orders/admin", "/api/orders/admin/export.csv"):
        answer = stocked.admin.get(f"{path}?{query}", want=ANY)
        assert (answer.status, answer.code) == (400, "invalid-parameter"), answer
        assert name in answer.text


def test_every_bad_parameter_is_named_at_once(stocked):
    problem = stocked.admin.get("/api/orders/admin?limit=0&sort=price&minTotal=x&status=nope", want=400).json
    assert len(problem["errors"]) == 4


def test_tampered_cursors(stocked):
    cursor = stocked.admin.get("/api/orders/admin?limit=2").json["next"]
    swapped = cursor[:5] + ("A" if cursor[5] != "A" else "B") + cursor[6:]
    for bad in ("garbage", cursor[:-1], cursor + "A", swapped, "", "." * 200):
        stocked.admin.get("/api/orders/admin", query={"after": bad}, want="400 invalid-cursor")
    stocked.admin.get("/api/orders/admin", query={"after": cursor, "sort": "total"}, want="400 invalid-cursor")
    stocked.admin.get("/api/orders/admin", query={"after": cursor})


# Statistics

def stats(shop: Shop, **query) -> dict:
    return shop.admin.get("/api/orders/admin/stats", query=query).json


def test_stats_of_all(stocked):
    s = stats(stocked, **{"from": "2026-01-01", "to": "2026-02-01"})
    assert s["currency"] == "USD"
    counts = {status: 2 for status in ("pending", "processing", "shipped", "delivered", "cancelled", "returned")}
    assert s["orders"] == {"total": 12, **counts}
    live = [o for o in stocked.orders if o["status"] not in ("cancelled", "returned")]
    assert s["revenue"]["total"] == round(sum(o["total"] for o in live), 2)
    by_day = {row["date"]: row for row in s["revenue"]["byDay"]}
    for order in live:
        assert by_day[order["createdAt"][:10]]["revenue"] == order["total"]
    assert set(by_day["2026-01-01"]) == {"date", "orders", "revenue"}
    due = [o for o in stocked.orders if o.get("refundDue")]
    assert s["refundDue"] == {"orders": len(due), "total": sum(o["total"] for o in due)}
    top = {row["productId"]: row for row in s["topProducts"]}
    for product, parity in ((stocked.cheap, 0), (stocked.dear, 1)):
        units = sum(i + 1 for i, o in enumerate(stocked.orders) if i % 2 == parity and o in live)
        row = top[product["id"]]
        assert row == {
            "productId": product["id"], "name": product["name"], "quantity": units, "revenue": units * product["price"],
        }  # fmt: skip
    assert all(set(row) == {"productId", "name", "stock"} for row in s["lowStock"])


def test_stats_of_a_range_and_a_time_zone(stocked):
    s = stats(stocked, **{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "tz": "Pacific/Auckland"})
    assert s["orders"]["total"] == 1
    assert [row["date"] for row in s["revenue"]["byDay"]] == ["2026-01-02"], "noon in UTC is the next day there"
    assert stats(stocked, **{"from": "2027-01-01"})["orders"]["total"] == 0


def test_stats_of_the_last_30_days_by_default(shop, customer):
    before = stats(shop)["orders"]["total"]
    shop.order(customer, (shop.product(3), 1))
    old = shop.order(customer, (shop.product(3), 1)).json
    long_ago = datetime.datetime.now(UTC) - datetime.timedelta(days=31)
    shop.database.mongo.orders.update_one({"_id": ObjectId(old["id"])}, {"$set": {"createdAt": long_ago}})
    end = time.monotonic() + 5  # figures are kept for 2 s a child
    while (now := stats(shop)["orders"]["total"]) != before + 1 and time.monotonic() < end:
        time.sleep(0.2)
    assert now == before + 1


def test_low_stock_is_listed(shop):
    product = shop.product(0, name=unique("Scarce"))
    end = time.monotonic() + 5
    while time.monotonic() < end:
        low = stats(shop)["lowStock"]
        assert all(row["stock"] <= 100 for row in low)
        if [row["stock"] for row in low] == sorted(row["stock"] for row in low) and low and low[0]["stock"] == 0:
            return
        time.sleep(0.2)
    pytest.fail(f"{product['name']} without stock, but the list says {low}")


@pytest.mark.parametrize("query", ["tz=Nowhere/City", "tz=", "from=x", "to=x", "nope=1", "limit=5", "tz=%00"])
def test_stats_bad_parameter(admin, query):
    admin.get(f"/api/orders/admin/stats?{query}", want="400 invalid-parameter")


# The export

COLUMNS = "number id createdAt updatedAt status paymentReceived refundDue customerName customerEmail items units total currency".split()


def export(shop: Shop, **query) -> list[dict]:
    answer = shop.admin.get("/api/orders/admin/export.csv", query=query)
    assert answer.header("Content-Type").startswith("text/csv")
    assert answer.body.endswith(b"\r\n") and b"\n" not in answer.body.replace(b"\r\n", b"")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert answer.text.split("\r\n")[0].lstrip("\ufeff") == ",".join(COLUMNS)
    return rows


def test_export_row_by_row(stocked):
    answer = stocked.admin.get("/api/orders/admin/export.csv")
    assert "attachment" in answer.header("Content-Disposition") and ".csv" in answer.header("Content-Disposition")
    rows = export(stocked, sort="createdAt")
    assert len(rows) == 12
    for row, order in zip(rows, stocked.orders):
        assert row["number"] == order["number"] and row["id"] == order["id"]
        assert row["createdAt"] == order["createdAt"] and row["updatedAt"] == order["updatedAt"]
        assert row["status"] == order["status"] and row["currency"] == "USD"
        assert (row["paymentReceived"] == "true") == order["paymentReceived"]
        assert (row["refundDue"] == "true") == bool(order.get("refundDue"))
        assert (row["customerName"], row["customerEmail"]) == (order["customer"]["name"], order["customer"]["email"])
        assert row["total"] == f"{order['total']:.2f}"
        assert row["units"] == str(sum(line["quantity"] for line in order["items"]))
        assert order["items"][0]["name"] in row["items"] or row["items"] == "1"


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "+1", "-1+2", "@SUM(A1)", 'a,"b"', "O'Neil; Jr", "日本", "'quoted"])
def test_cells_are_defused_and_quoted(shop, name):
    customer = shop.customer(name)
    shop.order(customer, (shop.product(3, name=name), 1))
    (row,) = export(shop, q=customer.email)
    assert row["customerName"] == ("'" + name if name[0] in "=+-@" else name)
    assert row["items"][0] not in "=+-@"


def test_export_of_thousands_is_streamed(server):
    """2,500 orders written straight to the database; the answer has no length, and comes before all of it is read."""
    with Httpd(server.new_database()) as httpd:
        shop = Shop(httpd)
        order = shop.order(shop.customer(), (shop.product(5), 1)).json
        pattern = shop.database.mongo.orders.find_one({"_id": ObjectId(order["id"])})
        start = datetime.datetime(2026, 1, 1, tzinfo=UTC)
        copies = [
            {**pattern, "_id": ObjectId(), "number": f"B-{i:06}", "createdAt": start + datetime.timedelta(minutes=i)}
            for i in range(2500)
        ]
        shop.database.mongo.orders.insert_many(copies)
        answer = shop.admin.get("/api/orders/admin/export.csv?from=2026-01-01&to=2026-02-01")
        assert answer.header("Content-Length") is None
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert [row["number"] for row in rows] == [f"B-{i:06}" for i in range(2499, -1, -1)]
