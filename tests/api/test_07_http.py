"""HTTP as clients and proxies meet it: methods, bodies, sizes, odd requests, headers, Apache's own errors, compression."""

import http.client
import socket

import pytest
from harness.client import ANY, Answer, Client, check_answer, check_problem, send_bytes
from harness.httpd import Httpd
from harness.shop import NOWHERE, Shop, unique

PATHS = {
    "/api/users/register": {"POST"},
    "/api/users/login": {"POST"},
    "/api/users/logout": {"POST"},
    "/api/users/me": {"GET"},
    "/api/users/password": {"POST"},
    "/api/users": {"GET"},
    f"/api/users/{NOWHERE}": {"PATCH"},
    "/api/products": {"GET", "POST"},
    f"/api/products/{NOWHERE}": {"GET", "PATCH"},
    "/api/orders": {"GET", "POST"},
    f"/api/orders/{NOWHERE}": {"GET"},
    f"/api/orders/{NOWHERE}/cancel": {"POST"},
    f"/api/orders/{NOWHERE}/status": {"PATCH"},
    f"/api/orders/{NOWHERE}/payment": {"PATCH"},
    "/api/orders/admin": {"GET"},
    "/api/orders/admin/status": {"POST"},
    "/api/orders/admin/stats": {"GET"},
    "/api/orders/admin/export.csv": {"GET"},
    "/healthz": {"GET"},
    "/api/openapi.json": {"GET"},
}


def allowed(path: str) -> set[str]:
    methods = PATHS[path] | {"OPTIONS"}
    return methods | {"HEAD"} if "GET" in methods else methods


def allow_of(answer: Answer) -> set[str]:
    return {method.strip() for method in answer.header("Allow").split(",")}


# Methods

@pytest.mark.parametrize("path", PATHS)
def test_options_tells_what_is_allowed_to_anyone(nobody, path):
    for slash in ("", "/"):
        answer = nobody.call("OPTIONS", path + slash, want=204)
        assert allow_of(answer) == allowed(path)


@pytest.mark.parametrize("path", PATHS)
def test_other_methods_are_405_before_anything_else(nobody, admin, path):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        if method in allowed(path):
            continue
        for who in (nobody, admin):
            for slash in ("", "/"):
                answer = who.call(method, path + slash, want="405 method-not-allowed")
                assert allow_of(answer) == allowed(path), (method, path)


@pytest.mark.parametrize("method", ["BREW", "get", "CONNECT"])
def test_methods_nobody_knows(nobody, shared_httpd, method):
    (answer,) = send_bytes(shared_httpd.port, f"{method} /api/products HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.status in (400, 405, 501), answer
    check_problem(answer)


@pytest.mark.parametrize("path", [path for path in PATHS if "GET" in PATHS[path]])
def test_head_is_get_without_a_body(shop, admin, customer, path):
    order = shop.order(customer, (shop.product(), 1)).json
    path = path.replace(f"orders/{NOWHERE}", f"orders/{order['id']}")
    path = path.replace(f"products/{NOWHERE}", f"products/{order['items'][0]['productId']}")
    who = customer if path == "/api/orders" else admin
    get, head = who.get(path), who.call("HEAD", path)
    assert head.status == get.status and head.body == b""
    assert head.header("Content-Type") == get.header("Content-Type") and head.header("ETag") == get.header("ETag")
    if head.header("Content-Length"):
        assert head.header("Content-Length") == get.header("Content-Length") or "export" in path or "stats" in path


def test_head_of_an_error(nobody):
    assert nobody.call("HEAD", "/api/users/me", want=401).header("WWW-Authenticate")
    nobody.call("HEAD", "/api/nope", want=404)


# Paths

@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/nope", "/api/users/me/x", "/api/orders/admin/nope", f"/api/orders/{NOWHERE}/nope",
        f"/api/orders/{NOWHERE}/cancel/x", "/api/products/x/y", "/api/openapi.json/x", "/api/%6eope",
        "/api/products%2F", "/api/%00", "/api/products/%00", "/api/..%2f", "/api/orders/admin/export.csvx",
    ],
)  # fmt: skip
def test_unknown_paths_are_404_for_everyone(nobody, admin, path):
    for who in (nobody, admin):
        answer = who.get(path, want=ANY)
        assert answer.status in (400, 404), answer


def test_paths_are_compared_after_decoding_and_normalising(nobody):
    for path in ("/api/%70roducts", "/api//products", "/api/./products", "/api/users/../products", "/x/../api/products/"):
        assert nobody.get(path, want=ANY).status in (200, 404), path
    assert "data" in nobody.get("/api/users/../products").json


def test_case_matters_and_neighbours_are_apaches(nobody, shared_httpd):
    for path in ("/API/products", "/apix", "/healthzz", "/Healthz"):
        answer = nobody.raw_call("GET", path)
        assert answer.status == 404 and "html" in answer.header("Content-Type"), path
    assert b"Shop" in nobody.raw_call("GET", "/").body


# Bodies

def admin_post(admin, raw: bytes, kind="application/json", want=ANY, **how):
    return admin.post("/api/products/", raw=raw, headers={"Content-Type": kind}, want=want, **how)


GOOD = b'{"name":"Kettle","price":1,"stock":1}'


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", "application/json; charset=UTF-8", "Application/JSON;charset=utf-8",
     'application/json; charset="utf-8"', "application/json ; charset=utf-8", "application/json; x=y"],
)  # fmt: skip
def test_content_types_that_are_fine(admin, kind):
    admin_post(admin, GOOD, kind, want=201)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json5", "application/problem+json", "",
     "multipart/form-data; boundary=x", "application/json; charset=latin-1", "json", "*/*"],
)  # fmt: skip
def test_content_types_that_are_not(admin, kind):
    admin_post(admin, GOOD, kind, want="415 unsupported-media-type")


def test_no_content_type(admin, shared_httpd):
    answer = admin.raw_call("POST", "/api/products/", {"Authorization": f"Bearer {admin.token}"}, GOOD)
    assert (answer.status, answer.code) == (415, "unsupported-media-type")


def test_a_compressed_body_is_415(admin):
    headers = {"Content-Encoding": "gzip"}
    admin.post("/api/products/", raw=b"\x1f\x8b", headers=headers, want="415 unsupported-media-type")


MALFORMED = {
    "empty": b"",
    "blank": b"  \n",
    "half": b'{"name":"x"',
    "brace": b"{",
    "junk": b"nope",
    "single quotes": b"{'name':'x'}",
    "trailing comma": b'{"name":"x",}',
    "comment": b'{"name":"x"/**/}',
    "two values": GOOD + GOOD,
    "junk after": GOOD + b"x",
    "bare NaN": b'{"price":NaN}',
    "Infinity": b'{"price":Infinity}',
    "leading zero": b'{"price":01}',
    "plus": b'{"price":+1}',
    "duplicate key": b'{"name":"a","name":"b","price":1,"stock":1}',
    "duplicate key by escape": b'{"name":"a","n\\u0061me":"b"}',
    "duplicate key inside": b'{"name":"a","price":1,"stock":1,"x":{"y":1,"y":2}}',
    "bad UTF-8": b'{"name":"\xff","price":1,"stock":1}',
    "overlong UTF-8": b'{"name":"\xc0\xaf","price":1,"stock":1}',
    "surrogate in UTF-8": b'{"name":"\xed\xa0\x80","price":1,"stock":1}',
    "lone surrogate": b'{"name":"\\ud800","price":1,"stock":1}',
    "NUL in a string": b'{"name":"a\\u0000b","price":1,"stock":1}',
    "NUL in a key": b'{"name":"a","price":1,"stock":1,"a\\u0000b":1}',
    "NUL byte": b'{"name":"a\x00b","price":1,"stock":1}',
    "NUL after a number": b'{"name":"a","price":1\x00,"stock":1}',
    "NUL at the end": GOOD + b"\x00",
    "control character": b'{"name":"a\x01b","price":1,"stock":1}',
    "integer past int64": b'{"name":"a","price":1,"stock":9223372036854775808}',
    "integer far past int64": b'{"name":"a","price":1,"stock":' + b"9" * 400 + b"}",
    "33 deep": b'{"x":' * 33 + b"1" + b"}" * 33,
    "thousands deep": b'{"x":' + b"[" * 30000 + b"]" * 30000 + b"}",
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_json(admin, raw):
    admin_post(admin, raw, want="400 malformed-json")


@pytest.mark.parametrize("raw", [b"[]", b"null", b"5", b'"x"', b"true", b"[{}]"])
def test_no_object_at_top_level(admin, raw):
    answer = admin_post(admin, raw)
    assert answer.status == 422 or (answer.status == 400 and raw[:1] not in b"[{"), answer


def test_deep_but_allowed_and_unknown_members_are_ignored(admin):
    deep = b'{"name":"a","price":1,"stock":1,"x":' + b"[" * 31 + b"]" * 31 + b',"$where":"1","__proto__":{}}'
    admin_post(admin, deep, want=201)


@pytest.mark.parametrize("price, wanted", [(b"1e0", 1), (b"1.50", 1.5), (b"0.1e1", 1), (b"-0", 0), (b"12E-1", 1.2)])
def test_numbers_in_every_notation(admin, price, wanted):
    assert admin_post(admin, b'{"name":"a","price":%s,"stock":1}' % price, want=201).json["price"] == wanted


# Sizes

def padded(size: int) -> bytes:
    head = GOOD[:-1] + b',"pad":"'
    return head + b"x" * (size - len(head) - 2) + b'"}'


@pytest.mark.parametrize("chunked", [False, True])
def test_body_size(admin, chunked):
    admin_post(admin, padded(65536), chunked=chunked, want=201)
    admin_post(admin, padded(65537), chunked=chunked, want="413 body-too-large")
    admin_post(admin, padded(70000), chunked=chunked, want="413 body-too-large")


def test_a_huge_body_is_not_read(admin, shared_httpd):
    head = f"POST /api/products/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin.token}\r\nContent-Type: application/json\r\n"
    (answer,) = send_bytes(shared_httpd.port, f"{head}Content-Length: 5000000000\r\n\r\n".encode() + b"x" * 1000)
    assert answer.status == 413
    check_problem(answer)
    check_answer(answer)


def test_limit_request_body_of_apache(server):
    with Httpd(server.new_database(), extra="LimitRequestBody 500", expect=["AH01587", "AH01588"]) as httpd:
        for chunked in (False, True):
            Client(httpd.base).post("/api/users/login", raw=padded(600), chunked=chunked, want="413 body-too-large")


def test_uri_too_long(nobody):
    nobody.get("/api/products/?q=" + "x" * 9000, want="414 uri-too-long")


def test_header_too_large_and_too_many(nobody):
    nobody.get("/api/products/", headers={"X-Big": "x" * 9000}, want="431 headers-too-large")
    nobody.get("/healthz", headers={f"X-{i}": "x" for i in range(150)}, want="431 headers-too-large")


# Odd requests

@pytest.mark.parametrize(
    "raw",
    [
        b"GET  /api/products HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/prod ucts HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/products HTTX/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/products HTTP/1.1\r\n\r\n",
        b"GET /api/products HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /api/products HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET /api/products HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n",
        b"GET /api/products HTTP/1.1\r\nHost: x\r\nX: a\x01b\r\n\r\n",
        b"GET /api/pro\x01ducts HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: x\r\n\r\n{}",
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}",
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{}",
    ],
    ids=lambda raw: raw[:60].decode("latin-1").encode("unicode_escape").decode(),
)
def test_malformed_requests_are_problems_too(shared_httpd, raw):
    answers = send_bytes(shared_httpd.port, raw, path="/api/products")
    for answer in answers:
        assert 400 <= answer.status < 600, answer
        check_problem(answer)
    assert len(answers) <= 1, "one request, one answer"


def test_expectation_nobody_can_meet(nobody):
    nobody.get("/api/products/", headers={"Expect": "wonders"}, want="417 expectation-failed")


def test_expect_continue(shared_httpd, customer):
    """The interim answer comes, then the answer; a request that is refused anyway gets no interim one."""
    def ask(token: str) -> bytes:
        with socket.create_connection(("127.0.0.1", shared_httpd.port), timeout=10) as s:
            s.sendall(
                f"POST /api/orders/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                "Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n".encode()
            )
            first = s.recv(65536)
            if first.startswith(b"HTTP/1.1 100"):
                s.sendall(b"{}")
            rest = b""
            while chunk := s.recv(65536):
                rest += chunk
            return first + rest

    good = ask(customer.token)
    assert good.startswith(b"HTTP/1.1 100") and b"HTTP/1.1 422" in good
    assert ask("x.y.z").startswith(b"HTTP/1.1 401")


def test_a_slow_body_is_408(server):
    with Httpd(server.new_database(), extra="RequestReadTimeout header=5 body=1") as httpd:
        with socket.create_connection(("127.0.0.1", httpd.port), timeout=10) as s:
            s.sendall(b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{")
            came = b""
            while chunk := s.recv(65536):
                came += chunk
        assert came.startswith(b"HTTP/1.1 408") and b"urn:mod-orders:problem:request-timeout" in came, came


def test_a_refused_body_does_not_become_the_next_request(shared_httpd):
    """On one connection: a POST that is refused before its body is read, then a GET."""
    smuggled = b"GET /api/nope HTTP/1.1\r\nHost: x\r\n\r\n"
    post = b"POST /api/orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(smuggled), smuggled)
    get = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = send_bytes(shared_httpd.port, post + get)
    assert [a.status for a in answers] in ([401, 200], [401]), answers


def test_bodies_where_none_is_expected(shop, customer):
    order = shop.order(customer, (shop.product(), 1)).json
    customer.call("POST", f"/api/orders/{order['id']}/cancel", raw=b"\xff\x00 nonsense", headers={"Content-Type": "x/y"}, want=200)
    customer.call("GET", "/api/users/me", raw=b"nonsense", want=200)


# The order of the checks

def test_order_of_checks(nobody, customer, admin):
    text = {"Content-Type": "text/plain"}
    nobody.post("/api/nope", raw=b"{", headers=text, want=404)
    nobody.call("PUT", "/api/products/", raw=b"{", headers=text, want=405)
    nobody.post("/api/products/", raw=b"{", headers=text, want=401)
    customer.post("/api/products/", raw=b"{", headers=text, want=403)
    admin.post("/api/products/", raw=b"{", headers=text, want=415)
    admin.post("/api/products/", raw=padded(70000), headers=text, want=415)
    admin.post("/api/products/", raw=b"{" * 70000, want=413)
    admin.patch(f"/api/products/{NOWHERE}", raw=b"{", want=400)
    admin.patch(f"/api/products/{NOWHERE}", {"price": -1}, want=422)
    admin.patch(f"/api/products/{NOWHERE}", {"price": 1}, headers={"If-Match": '"1"'}, want=404)


# Headers

def test_a_clients_request_id_is_taken_over(nobody):
    for good in ("abc-123.x", "A", "x" * 64, "0._-"):
        assert nobody.get("/healthz", headers={"X-Request-Id": good}).request_id == good
        assert good in nobody.get("/api/nope", headers={"X-Request-Id": good}, want=404).json["instance"]


def test_an_odd_request_id_is_not(nobody):
    for odd in ("", "no good!", "x" * 65, "a/b", "é", "a,b", "<script>", '"x"'):
        answer = nobody.get("/healthz", headers={"X-Request-Id": odd.encode().decode("latin-1")})
        assert answer.request_id and answer.request_id != odd


def test_request_ids_are_unique(nobody):
    ids = {nobody.get("/healthz").request_id for _ in range(50)}
    assert len(ids) == 50


def test_json_is_utf8_and_told(nobody):
    assert nobody.get("/api/products/").header("Content-Type") in ("application/json", "application/json; charset=utf-8")


def test_no_header_tells_versions(nobody):
    assert "orders" not in (nobody.get("/healthz").header("Server") or "").lower()


# Compression

GZIP = {"Accept-Encoding": "gzip"}


def test_compressed_answers(shop, customer):
    order = shop.order(customer, *[(shop.product(name=unique("Longish name of a product ")), 1) for _ in range(10)]).json
    answer = shop.see(order, customer, headers=GZIP)
    assert answer.header("Content-Encoding") == "gzip" and answer.json == order
    assert answer.header("ETag") == '"1-gzip"'
    vary = answer.header("Vary").lower()
    assert "accept-encoding" in vary and "authorization" in vary and "cookie" in vary
    shop.see(order, customer, headers={**GZIP, "If-None-Match": '"1-gzip"'}, want=304)
    shop.see(order, customer, headers={"If-None-Match": '"1-gzip"'}, want=304)
    shop.move(order, "processing", headers={"If-Match": '"1-gzip"'})
    shop.see(order, customer, headers={**GZIP, "If-None-Match": '"1-gzip"'}, want=200)


def test_compressed_errors_and_export(shop, nobody, admin):
    nobody.get("/api/nope", headers=GZIP, want=404)
    nobody.get("/api/users/me", headers=GZIP, want=401)
    admin.get("/api/orders/admin/export.csv", headers=GZIP)


# Apache's own errors on our paths

@pytest.mark.expect_log("AH01630")
def test_denied_by_apache(server):
    extra = '<Location "/api/orders">\n    Require all denied\n</Location>\n<Location "/api/products">\n    AuthMerging Off\n    Require ip 192.0.2.1\n</Location>'
    with Httpd(server.new_database(), extra=extra) as httpd:
        client = Client(httpd.base)
        client.get("/api/products", want="403 forbidden")
        assert client.get("/api/orders", want=ANY).status in (401, 403)


def test_errors_of_other_modules_on_our_paths(server):
    extra = (
        "RewriteEngine On\nRewriteRule ^/api/(gone) - [R=503,L]\n"
        'Redirect 501 /api/never\nErrorDocument 404 /index.html\nErrorDocument 403 "no"\nErrorDocument 401 /index.html'
    )
    with Httpd(server.new_database(), extra=extra, modules=["rewrite"]) as httpd:
        client = Client(httpd.base)
        client.get("/api/nope", want="404 not-found")
        client.get("/api/users/me", want="401 sign-in-required")
        client.get("/api/gone", want=503)
        client.get("/api/never", want="501 not-implemented")


def test_problems_name_no_more_than_they_must(nobody):
    problem = nobody.get("/api/nope", want=404).json
    assert set(problem) <= {"type", "title", "status", "detail", "code", "instance"}


def test_answers_on_one_kept_connection(shared_httpd, customer, shop: Shop):
    """Good and bad ones in turn; where the server closes, it says so."""
    connection = http.client.HTTPConnection("127.0.0.1", shared_httpd.port, timeout=10)
    headers = {"Authorization": f"Bearer {customer.token}"}
    for path, status in [("/api/users/me", 200), ("/api/nope", 404), ("/api/orders/admin", 403), ("/api/orders/", 200)] * 3:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        answer = Answer(response, response.read(), "GET", path)
        assert answer.status == status
        check_answer(answer)
    connection.close()
