"""OrdersEngine: where it is Off, the module does nothing and demands nothing; it can be enabled by a reload."""

import pytest
from harness.client import Client
from harness.httpd import API, Httpd
from harness.process import wait_until
from harness.shop import Shop

OFF = {"OrdersEngine": None, "OrdersMongoUri": None, "OrdersJwtSecret": None}


def at(httpd: Httpd, host: str):
    """Calls one virtual host."""
    def get(path: str, method="GET", **headers):
        return Client(httpd.base).raw_call(method, path, {"Host": host, **headers})

    return get


@pytest.fixture(scope="module")
def two_sites(server):
    """shop.test has the engine; blog.test has an /api of its own, of files."""
    httpd = Httpd(server.new_database(), {"OrdersEngine": None}, api="")
    blog = httpd.folder / "blog"
    (blog / "api/users").mkdir(parents=True)
    (blog / "api/users/me").write_text("the blog's own\n")
    (blog / "index.html").write_text("blog\n")
    (blog / "healthz").write_text("the blog is fine\n")
    httpd.extra = f"""
<Directory {blog}>
    Require all granted
</Directory>
<VirtualHost *:{httpd.port}>
    ServerName blog.test
    DocumentRoot {blog}
    ErrorDocument 404 "no such page here"
</VirtualHost>
<VirtualHost *:{httpd.port}>
    ServerName shop.test
    OrdersEngine On
    {API}
</VirtualHost>
"""
    httpd.write_config()
    with httpd.start(path="/"):
        yield httpd


def test_the_other_site_is_untouched(two_sites):
    blog = at(two_sites, "blog.test")
    assert blog("/api/users/me").body == b"the blog's own\n"
    assert blog("/healthz").body == b"the blog is fine\n"
    for answer in (blog("/api/users/me"), blog("/api/nope"), blog("/api/users/me", "POST"), blog("/api/users/me", "DELETE")):
        assert answer.header("X-Request-Id") is None
        assert "Authorization" not in (answer.header("Vary") or "")
        assert "problem" not in (answer.header("Content-Type") or "")
    assert blog("/api/nope").body == b"no such page here"
    assert blog("/api/users/me", Authorization="Bearer x.y.z", Cookie="__Host-session=x").status == 200


def test_the_shop_is_there(two_sites):
    shop = at(two_sites, "shop.test")
    wait_until(lambda: shop("/healthz?ready=1").status == 200)
    assert shop("/api/users/me").status == 401
    assert shop("/api/users/me").header("Content-Type").startswith("application/problem+json")
    assert b'"data"' in shop("/api/products").body


def test_off_everywhere_nothing_is_demanded_and_nothing_answers(server):
    with _off(server) as httpd:
        client = Client(httpd.base)
        for path in ("/api/users/me", "/api/products", "/healthz"):
            answer = client.raw_call("GET", path)
            assert answer.status == 404 and answer.header("X-Request-Id") is None
        assert b"Shop" in client.raw_call("GET", "/").body


def _off(server) -> Httpd:
    httpd = Httpd(server.new_database(), OFF, api="")
    return httpd.start(path="/")


def test_enabled_by_a_graceful_reload(server):
    httpd = _off(server)
    with httpd:
        httpd.directives |= {"OrdersEngine": "On", "OrdersMongoUri": httpd.database.uri, "OrdersJwtSecret": "s" * 40}
        httpd.api = API
        httpd.write_config()
        httpd.reload()
        wait_until(lambda: Client(httpd.base).raw_call("GET", "/healthz?ready=1").status == 200)
        shop = Shop(httpd)
        shop.order(shop.customer(), (shop.product(), 1))
        shop.check()


def test_the_module_loaded_by_a_graceful_reload(server):
    """As a2enmod and `apachectl graceful` do."""
    httpd = Httpd(server.new_database())
    config = httpd.folder / "httpd.conf"
    whole = config.read_text()
    without = whole.replace(API, "").splitlines()
    config.write_text("\n".join(line for line in without if not line.startswith(("Orders", "LoadModule orders", "LogLevel"))))
    with httpd.start(path="/"):
        assert Client(httpd.base).raw_call("GET", "/healthz").status == 404
        config.write_text(whole)
        httpd.reload()
        wait_until(lambda: Client(httpd.base).raw_call("GET", "/healthz?ready=1").status == 200)
        shop = Shop(httpd)
        shop.order(shop.customer(), (shop.product(), 1))


def test_disabled_by_a_graceful_reload(server):
    httpd = Httpd(server.new_database())
    with httpd:
        Shop(httpd).customer().get("/api/users/me")
        httpd.directives["OrdersEngine"] = "Off"
        httpd.api = ""
        httpd.write_config()
        httpd.reload()
        wait_until(lambda: Client(httpd.base).raw_call("GET", "/api/products").header("X-Request-Id") is None)
        assert Client(httpd.base).raw_call("GET", "/api/products").status == 404


def test_a_reload_with_a_bad_configuration_keeps_the_shop_running(server):
    httpd = Httpd(server.new_database())
    with httpd:
        shop = Shop(httpd)
        customer = shop.customer()
        assert httpd.test_config()[0] == 0
        httpd.directives["OrdersCurrency"] = "XYZ"
        httpd.write_config()
        status, said = httpd.test_config()
        assert status != 0 and "XYZ" in said
        customer.get("/api/users/me")
