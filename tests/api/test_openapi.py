"""The API's description: that it is OpenAPI, that it names exactly the routes there are, and that answers look as it says."""

import re

import pytest
from harness import paths
from harness.shop import NOWHERE, PASSWORD, unique
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

PATH = "/api/openapi.json"
ROW = re.compile(r'\{M_(\w+), "([^"]+)", ACCESS_(\w+), (\w+),')


def rows() -> list[tuple[str, str, str]]:
    """(method, path as in the document, access) of the route table."""
    table = (paths.REPO / "mod_orders/routes.c").read_text()
    found = [(method, path.replace(":id", "{id}"), access) for method, path, access, _ in ROW.findall(table)]
    assert len(found) > 20
    return found


@pytest.fixture(scope="module")
def document(shop) -> dict:
    return shop.nobody.get(PATH).json


def operations(document) -> dict[tuple[str, str], dict]:
    return {(m.upper(), path): op for path, item in document["paths"].items() for m, op in item.items()}


def test_document_is_openapi_31(document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_document_names_exactly_the_route_table(document):
    assert set(operations(document)) == {(method, path) for method, path, _ in rows()}


def test_document_tells_who_may(document):
    described = operations(document)
    for method, path, access in rows():
        security = described[method, path].get("security", document["security"])
        wanted = {"ANONYMOUS": [], "PUBLIC": [{}, {"bearer": []}, {"cookie": []}]}
        assert security == wanted.get(access, [{"bearer": []}, {"cookie": []}]), (method, path)


def test_each_path_answers_options_with_exactly_its_methods(document, nobody):
    for path, item in document["paths"].items():
        wanted = {method.upper() for method in item} | {"OPTIONS"} | ({"HEAD"} if "get" in item else set())
        for url in (path, path + "/"):
            answer = nobody.call("OPTIONS", url.replace("{id}", NOWHERE), want=204)
            assert set(answer.header("Allow").split(", ")) == wanted, url


def test_each_path_refuses_other_methods(document, nobody):
    for path, item in document["paths"].items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - {m.upper() for m in item}:
            answer = nobody.call(method, path.replace("{id}", NOWHERE), want="405 method-not-allowed")
            assert method not in answer.header("Allow").split(", ")


def test_each_code_of_problems_is_described(document):
    registry = (paths.REPO / "mod_orders/core/problem.c").read_text()
    codes = set(re.findall(r'^    \{"([a-z-]+)", "', registry, re.MULTILINE))
    assert set(document["components"]["schemas"]["ProblemCode"]["enum"]) == codes


def test_document_has_a_strong_tag(nobody):
    first = nobody.get(PATH)
    tag = first.header("ETag")
    assert re.fullmatch(r'"[^"]+"', tag)
    assert nobody.get(PATH, headers={"If-None-Match": tag}, want=304).header("ETag") == tag
    assert nobody.get(PATH).header("ETag") == tag
    assert nobody.call("HEAD", PATH).header("ETag") == tag


# Answers as described


class Described:
    """Calls operations, and holds their answers against the document."""

    def __init__(self, document):
        self.document = document
        self.called = set()

    def check(self, answer, method: str, template: str) -> None:
        described = operations(self.document)[method, template]["responses"]
        response = self._resolve(described.get(str(answer.status), described["default"]))
        assert str(answer.status) in described, f"{answer} is not described"
        for name in response.get("headers", {}):
            optional = name in ("Retry-After", "Idempotent-Replayed")
            assert optional or answer.header(name) is not None, f"{answer} without {name}"
        for kind, media in response.get("content", {}).items():
            assert answer.header("Content-Type").split(";")[0] == kind, answer
            if "json" in kind:
                self._validate(answer.json, media["schema"])

    def _resolve(self, node: dict) -> dict:
        while "$ref" in node:
            target = node["$ref"]
            node = self.document
            for part in target.removeprefix("#/").split("/"):
                node = node[part]
        return node

    def _validate(self, instance, schema) -> None:
        whole = {**schema, "components": self.document["components"]}
        errors = [f"{e.json_path}: {e.message}" for e in OAS31Validator(_closed(whole)).iter_errors(instance)]
        assert not errors, errors

    def call(self, who, method: str, template: str, body=None, id: str = NOWHERE, **how):
        answer = who.call(method, template.replace("{id}", id), body, **how)
        self.check(answer, method, template)
        if answer.status < 300:
            self.called.add((method, template))
        return answer


def _closed(node):
    """The same schema, where objects may have no members besides those described."""
    if isinstance(node, list):
        return [_closed(n) for n in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        closed["additionalProperties"] = False
    return closed


@pytest.fixture(scope="module")
def described(document):
    return Described(document)


def accounts(d, shop) -> None:
    email = f"{unique('o')}@example.com"
    session = d.call(
        shop.nobody, "POST", "/api/users/register", {"name": "Cy", "email": email, "password": PASSWORD}, want=201
    )
    d.call(shop.nobody, "POST", "/api/users/login", {"email": email, "password": PASSWORD})
    who = shop.customer()
    d.call(who, "GET", "/api/users/me")
    d.call(who, "POST", "/api/users/password", {"current": PASSWORD, "new": "another good 7"})
    d.call(shop.customer(), "POST", "/api/users/logout")
    d.call(shop.admin, "GET", "/api/users")
    d.call(shop.admin, "PATCH", "/api/users/{id}", {"role": "admin"}, session.json["user"]["id"])


def products(d, shop) -> dict:
    body = {"name": f"Kettle {unique()}", "price": 9.99, "stock": 50, "sku": unique()}
    product = d.call(shop.admin, "POST", "/api/products", body, want=201).json
    for who in (shop.admin, shop.nobody):
        d.call(who, "GET", "/api/products")
        d.call(who, "GET", "/api/products/{id}", id=product["id"])
    d.call(shop.admin, "PATCH", "/api/products/{id}", {"stockDelta": -1}, product["id"])
    return product


def orders(d, shop, product) -> None:
    who = shop.customer()
    wish = {"items": [{"productId": product["id"], "quantity": 2}]}
    address = {"name": "C. Young", "lines": ["1 Main St"], "city": "Delft", "postcode": "2611", "country": "NL"}
    order = d.call(who, "POST", "/api/orders", {**wish, "shipTo": address}, want=201).json
    other = d.call(who, "POST", "/api/orders", wish, want=201).json
    third = d.call(who, "POST", "/api/orders", wish, want=201).json
    d.call(who, "GET", "/api/orders")
    d.call(who, "GET", "/api/orders/{id}", id=order["id"])
    d.call(who, "POST", "/api/orders/{id}/cancel", id=other["id"])
    d.call(shop.admin, "PATCH", "/api/orders/{id}/payment", {"paymentReceived": True, "note": "cash"}, order["id"])
    d.call(shop.admin, "PATCH", "/api/orders/{id}/status", {"status": "processing"}, order["id"])
    many = {"ids": [third["id"], NOWHERE], "status": "processing", "reason": "stock came"}
    d.call(shop.admin, "POST", "/api/orders/admin/status", many)
    d.call(shop.admin, "PATCH", "/api/orders/{id}/status", {"status": "cancelled", "reason": "lost"}, order["id"])
    d.call(shop.admin, "GET", "/api/orders/{id}", id=order["id"])
    for path in ("", "/stats", "/export.csv"):
        d.call(shop.admin, "GET", "/api/orders/admin" + path)


def test_every_good_answer_is_as_described(described, shop):
    accounts(described, shop)
    orders(described, shop, products(described, shop))
    described.call(shop.nobody, "GET", "/healthz")
    described.call(shop.nobody, "GET", PATH)
    described.check(shop.nobody.get("/healthz?ready=1"), "GET", "/healthz")
    assert described.called == set(operations(described.document))


@pytest.mark.expect_log("AH01631")  # Apache's own remark on a 403 of its Require
def test_problems_are_as_described(described, shop):
    product = products(described, shop)
    who, other = shop.customer(), shop.customer()
    wish = {"items": [{"productId": product["id"], "quantity": 1}]}
    order = shop.order(who, (product, 1)).json
    stale = {"headers": {"If-Match": '"9"'}}
    calls = [
        (shop.nobody, "POST", "/api/orders", wish, "401 sign-in-required", {}),
        (shop.admin, "POST", "/api/orders", wish, "403 forbidden", {}),
        (who, "POST", "/api/orders", {"items": []}, "422 validation-failed", {}),
        (who, "POST", "/api/orders", {"items": [{**wish["items"][0], "quantity": 999}]}, "409 insufficient-stock", {}),
        (who, "POST", "/api/orders", {**wish, "expectedTotal": 1}, "409 price-changed", {}),
        (other, "GET", "/api/orders/{id}", None, "404 not-found", {}),
        (shop.admin, "PATCH", "/api/orders/{id}/status", {"status": "delivered"}, "409 invalid-transition", {}),
        (shop.admin, "PATCH", "/api/orders/{id}/status", {"status": "processing"}, "412 version-mismatch", stale),
        (shop.nobody, "GET", "/healthz", None, "400 invalid-parameter", {"query": {"nope": "1"}}),
        (shop.nobody, "POST", "/api/users/login", None, "415 unsupported-media-type", {"raw": b"x", "headers": {"Content-Type": "text/plain"}}),
        (shop.nobody, "POST", "/api/users/login", None, "400 malformed-json", {"raw": b"{"}),
        (shop.nobody, "POST", "/api/users/login", None, "413 body-too-large", {"raw": b" " * 65537}),
        (shop.admin, "PATCH", "/api/products/{id}", {"stockDelta": -1000}, "409 stock-out-of-range", {"id": product["id"]}),
    ]  # fmt: skip
    for caller, method, path, body, want, how in calls:
        described.call(caller, method, path, body, want=want, **{"id": order["id"], **how})
