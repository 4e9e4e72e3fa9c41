"""Before anything is scored: the peers answer what mod_orders answers, for the same documents.

Differences by design, which are not looked at: `next` of a list (mod_orders seals its cursors), `detail` and the like of an error's body, and in a
fresh order what is made anew each time (ids, numbers, times).
"""

from client import Client
from say import BenchError
from shop import Shop
from targets import Target

FRESH = ("id", "number", "createdAt", "updatedAt", "history")


def _list(body: dict) -> dict:
    return {**body, "next": body["next"] is not None}


def _placed(body: dict) -> dict:
    entry = body["history"][0]
    shape = {name: value for name, value in entry.items() if name not in ("at", "requestId")}
    return {**{name: value for name, value in body.items() if name not in FRESH}, "fields": sorted(body), "entry": shape}


def questions(shop: Shop) -> list[tuple]:
    """(method, path, token, body, what of the answer counts)"""
    mine = [(order, shop.tokens[number]) for order, number in shop.orders[:: max(1, len(shop.orders) // 20)]]
    of_first, stranger = shop.orders[0][0], shop.tokens[(shop.orders[0][1] + 1) % len(shop.tokens)]
    nothing = lambda body: None
    placed = {**shop.an_order(), "items": [{"productId": one, "quantity": 2} for one in shop.products[3:0:-1]]}
    too_many = {"items": [{"productId": shop.products[0], "quantity": 10000}] * 100}
    return [
        *(("GET", f"/api/orders/{order}", token, None, dict) for order, token in mine),
        *(("GET", f"/api/orders/{order}", shop.admin, None, dict) for order, _ in mine),
        ("GET", "/api/orders/admin?status=pending,processing&limit=50", shop.admin, None, _list),
        ("GET", "/api/orders/admin?status=delivered&limit=100", shop.admin, None, _list),
        ("GET", "/api/products?limit=20", "", None, _list),
        ("POST", "/api/orders", shop.tokens[5], placed, _placed),
        ("GET", f"/api/orders/{of_first}", "", None, nothing),
        ("GET", f"/api/orders/{of_first}", stranger, None, nothing),
        ("GET", f"/api/orders/{of_first}", shop.admin[:-2], None, nothing),
        ("GET", "/api/orders/admin", shop.tokens[0], None, nothing),
        ("POST", "/api/orders", shop.admin, placed, nothing),
        ("POST", "/api/orders", shop.tokens[0], {"items": [{"productId": "0" * 24, "quantity": 1}]}, nothing),
        ("POST", "/api/orders", shop.tokens[0], {"items": []}, nothing),
        ("POST", "/api/orders", shop.tokens[0], too_many, nothing),
    ]


def compare(ours: Target, peers: list[Target], shop: Shop) -> int:
    """The number of answers that were compared."""
    asked = 0
    for method, path, token, body, view in questions(shop):
        wanted = Client(ours.port, token).call(method, path, body)
        for peer in peers:
            given = Client(peer.port, token).call(method, path, body)
            asked += 1
            same = given.status == wanted.status and (wanted.status >= 400 or view(given.body) == view(wanted.body))
            if same and "etag" in wanted.headers and "/admin" not in path:
                same = given.headers.get("etag") == wanted.headers["etag"]
            if not same:
                raise BenchError(
                    f"{peer.label} does not answer as mod_orders does: {method} {path}\n"
                    f"mod_orders: {wanted.status} {wanted.headers.get('etag')} {wanted.body}\n{peer.label}: {given.status} {given.headers.get('etag')} {given.body}"
                )
    return asked
