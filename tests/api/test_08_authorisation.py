"""Apache decides who may do what; whatever the configuration says or forgets, no admin route is open."""

import pytest
from harness.client import ANY, Client
from harness.httpd import API, Httpd
from harness.shop import NOWHERE, Shop

ADMIN_ROUTES = [
    ("GET", "/api/users"),
    ("PATCH", f"/api/users/{NOWHERE}"),
    ("POST", "/api/products"),
    ("PATCH", f"/api/products/{NOWHERE}"),
    ("GET", "/api/orders/admin"),
    ("PATCH", f"/api/orders/{NOWHERE}/status"),
    ("PATCH", f"/api/orders/{NOWHERE}/payment"),
    ("POST", "/api/orders/admin/status"),
    ("GET", "/api/orders/admin/stats"),
    ("GET", "/api/orders/admin/export.csv"),
]
SIGNED_IN_ROUTES = [
    ("GET", "/api/users/me"),
    ("POST", "/api/users/logout"),
    ("POST", "/api/users/password"),
    ("POST", "/api/orders"),
    ("GET", "/api/orders"),
    ("GET", f"/api/orders/{NOWHERE}"),
    ("POST", f"/api/orders/{NOWHERE}/cancel"),
]
CUSTOMER_ROUTES = [("POST", "/api/orders"), ("GET", "/api/orders"), ("POST", f"/api/orders/{NOWHERE}/cancel")]


@pytest.mark.parametrize("method, path", ADMIN_ROUTES)
@pytest.mark.parametrize("slash", ["", "/"])
def test_admin_routes(nobody, customer, shop, method, path, slash):
    body = None if method == "GET" else {}
    nobody.call(method, path + slash, body, want="401 sign-in-required")
    customer.call(method, path + slash, body, want="403 forbidden")
    shop.by_cookie(customer.email).call(method, path + slash, body, want="403 forbidden")


@pytest.mark.parametrize("method, path", SIGNED_IN_ROUTES)
def test_routes_of_the_signed_in(nobody, shop, method, path):
    body = None if method == "GET" else {}
    nobody.call(method, path, body, want="401 sign-in-required")
    Client(shop.base, "x.y.z").call(method, path, body, want="401 session-invalid")


@pytest.mark.parametrize("method, path", CUSTOMER_ROUTES)
def test_routes_of_customers_are_not_the_admins(admin, method, path):
    admin.call(method, path, None if method == "GET" else {}, want="403 forbidden")


OPEN_CONFIGURATIONS = {
    "no Location at all": "",
    "AuthType alone": '<Location "/api">\n    AuthType Orders\n    AuthName x\n</Location>',
    "Require all granted": '<Location "/api">\n    Require all granted\n</Location>',
    "AuthType and all granted": '<Location "/api">\n    AuthType Orders\n    AuthName x\n    Require all granted\n</Location>',
    "Require valid-user": '<Location "/api">\n    AuthType Orders\n    AuthName x\n    Require valid-user\n</Location>',
    "RequireAny": API.replace("Require orders-route", "<RequireAny>\nRequire orders-route\nRequire all granted\n</RequireAny>"),
}


@pytest.fixture(scope="module", params=OPEN_CONFIGURATIONS, ids=lambda name: name.replace(" ", "-"))
def open_shop(server, request):
    with Httpd(server.new_database(), api=OPEN_CONFIGURATIONS[request.param]) as httpd:
        yield Shop(httpd)


def sign_in(shop: Shop) -> tuple[Client, Client]:
    """A customer and an admin, by way of ordersctl: registering and login may be closed."""
    shop.ctl("user", "add", "--email", "c@x.io", "--name", "C", "--role", "customer", "--password-stdin", text="12345678")
    shop.ctl("user", "add", "--email", "a@x.io", "--name", "A", "--role", "admin", "--password-stdin", text="12345678")
    tokens = [shop.login(email, "12345678", want=ANY) for email in ("c@x.io", "a@x.io")]
    return tuple(Client(shop.base, answer.json.get("token")) for answer in tokens)


@pytest.mark.expect_log("AH01627")
def test_a_missing_or_wrong_require_never_opens_a_route(open_shop):
    """Apache itself answers 500 where AuthType stands without any Require."""
    refused = (401, 403, 500)
    customer, admin = sign_in(open_shop)
    for method, path in ADMIN_ROUTES:
        body = None if method == "GET" else {}
        assert open_shop.nobody.call(method, path, body, want=ANY).status in refused, path
        assert customer.call(method, path, body, want=ANY).status in refused, path
    for method, path in SIGNED_IN_ROUTES:
        assert open_shop.nobody.call(method, path, None if method == "GET" else {}, want=ANY).status in refused, path
    for method, path in CUSTOMER_ROUTES:
        assert admin.call(method, path, None if method == "GET" else {}, want=ANY).status in refused, path
    assert admin.get("/api/orders/admin", want=ANY).status in (200, *refused)


# The module's Require on other pages

STATUS = """
<Location "/server-status">
    SetHandler server-status
    AuthType Orders
    AuthName "Orders"
    Require orders-role admin
    AuthzSendForbiddenOnFailure On
</Location>
<Location "/members">
    AuthType Orders
    AuthName "Orders"
    Require orders-role admin customer
</Location>
<Location "/anyone-signed-in">
    AuthType Orders
    AuthName "Orders"
    Require valid-user
</Location>
<Location "/api/products">
    <RequireAll>
        Require orders-route
        Require not ip 127.0.0.2
    </RequireAll>
</Location>
<Location "/api/openapi.json">
    <RequireAll>
        Require orders-route
        Require ip 192.0.2.1
    </RequireAll>
</Location>
<Location "/api/orders/admin/export.csv">
    <RequireAll>
        Require orders-route
        Require ip 192.0.2.1
    </RequireAll>
</Location>
"""


@pytest.fixture(scope="module")
def mixed(server):
    with Httpd(server.new_database(), extra=STATUS, expect=["AH01630"]) as httpd:
        for page in ("members", "anyone-signed-in"):
            (httpd.folder / "htdocs" / page).write_text("for members\n")
        yield Shop(httpd)


def test_require_role_on_server_status(mixed):
    answer = mixed.nobody.get("/server-status", want=401)
    assert "html" in answer.header("Content-Type") and answer.header("WWW-Authenticate")
    mixed.customer().get("/server-status", want=403)
    assert "Apache Server Status" in mixed.admin.get("/server-status").text
    assert "Apache Server Status" in mixed.by_cookie(mixed.admin.email).get("/server-status").text
    Client(mixed.base, "x.y.z").get("/server-status", want=401)


def test_require_several_roles_and_valid_user(mixed):
    for path in ("/members", "/anyone-signed-in"):
        mixed.nobody.get(path, want=401)
        assert mixed.customer().get(path).text == "for members\n"
        assert mixed.admin.get(path).text == "for members\n"


def test_a_revoked_token_does_not_open_other_pages(mixed):
    customer = mixed.customer()
    customer.get("/members")
    customer.post("/api/users/logout")
    customer.get("/members", want=401)


def test_combined_with_require_ip(mixed):
    mixed.nobody.get("/api/products")
    mixed.customer().get("/api/products")
    mixed.nobody.get("/api/openapi.json", want="403 forbidden")
    assert mixed.admin.get("/api/orders/admin/export.csv", want=ANY).status == 403


def test_the_user_is_in_the_access_log(mixed):
    customer = mixed.customer()
    customer.get("/members")
    customer.get("/api/users/me")
    customer.get("/api/products")
    mixed.nobody.get("/api/products?limit=7")
    customer.get("/api/orders/admin", want=403)
    log = mixed.httpd.access_log()
    for line in ("GET /members", "GET /api/users/me", "GET /api/products ", "GET /api/orders/admin "):
        assert f" {customer.id} [" in next(row for row in log.splitlines()[::-1] if line in row), line
    assert " - - [" in next(row for row in log.splitlines() if "limit=7" in row)


def test_without_forbidden_on_failure_the_wrong_role_is_still_403(server):
    api = API.replace("    AuthzSendForbiddenOnFailure On\n", "")
    with Httpd(server.new_database(), api=api) as httpd:
        shop = Shop(httpd)
        customer = shop.customer()
        for who in (customer, shop.by_cookie(customer.email)):
            answer = who.get("/api/orders/admin", want="403 forbidden")
            assert answer.header("WWW-Authenticate") is None and not answer.cookies, "still signed in"
        shop.nobody.get("/api/orders/admin", want="401 sign-in-required")
