"""Tokens and cookies: what is a session, what ends it, and what a browser must send to write."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from harness.client import ANY, Client
from harness.httpd import SECRET, Httpd
from harness.process import wait_until
from harness.shop import Shop


# The key that signs tokens, derived from the secret by its label.
TOKEN_KEY = hmac.new(SECRET.encode(), b"mod_orders token", "sha256").digest()


def b64(data) -> str:
    data = data if isinstance(data, bytes) else json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims(token: str) -> dict:
    return json.loads(unb64(token.split(".")[1]))


def forge(token: str, header=None, key: bytes | None = None, digest="sha256", **changes) -> str:
    """The token with other claims, signed as the module would (or as told)."""
    old_header, payload, _ = token.split(".")
    body = {k: v for k, v in {**json.loads(unb64(payload)), **changes}.items() if v != "absent"}
    signed = f"{b64(header) if header else old_header}.{b64(body)}"
    return f"{signed}.{b64(hmac.new(key or TOKEN_KEY, signed.encode(), digest).digest())}"


def test_token_claims(customer):
    c = claims(customer.token)
    assert {"iss", "aud", "sub", "role", "ver", "iat", "exp", "auth_time"} <= set(c)
    assert c["sub"] == customer.id and c["role"] == "customer"
    assert c["exp"] - c["iat"] == 3600 and abs(c["iat"] - time.time()) < 5 and c["auth_time"] == c["iat"]
    assert json.loads(unb64(customer.token.split(".")[0]))["alg"] == "HS256"


def test_a_token_made_the_same_way_is_good(shop, customer):
    """So that the forgeries below fail for the reason they name."""
    Client(shop.base, forge(customer.token, iat=claims(customer.token)["iat"])).get("/api/users/me")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": int(time.time()) - 1},
        {"exp": "9999999999"},
        {"exp": 9999999999.5},
        {"exp": "absent"},
        {"iat": "absent"},
        {"iat": int(time.time()) + 7200},
        {"iss": "someone"},
        {"iss": "absent"},
        {"aud": "someone"},
        {"aud": "absent"},
        {"sub": "absent"},
        {"sub": "zzz"},
        {"sub": "f" * 24},
        {"ver": "absent"},
        {"ver": 999},
        {"ver": "0"},
        {"role": "god"},
        {"role": "absent"},
        {"auth_time": "absent"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_bad_claims(shop, customer, changes):
    Client(shop.base, forge(customer.token, **changes)).get("/api/users/me", want="401 session-invalid")


def test_bad_headers_and_signatures(shop, customer):
    head, payload, signature = customer.token.split(".")
    hs512 = forge(customer.token, header={"alg": "HS512", "typ": "JWT"}, digest="sha512")
    for bad in (
        hs512,
        forge(customer.token, header={"alg": "HS256", "typ": "JWT", "crit": ["x"], "x": 1}),
        forge(customer.token, key=SECRET.encode()),
        forge(customer.token, key=b"\0" * 32),
        f"{b64({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{head}.{b64({**claims(customer.token), 'role': 'admin'})}.{signature}",
        customer.token[:-2],
        customer.token + "x",
        "x.y.z",
        "...",
        "a" * 7000,
    ):
        Client(shop.base, bad).get("/api/users/me", want="401 session-invalid")


def test_an_empty_bearer_is_bad(shop, nobody):
    nobody.get("/api/users/me", headers={"Authorization": "Bearer "}, want=401)
    nobody.get("/api/users/me", headers={"Authorization": "Bearer"}, want=401)


def test_bearer_in_any_case(shop, customer, nobody):
    nobody.get("/api/users/me", headers={"Authorization": f"bearer {customer.token}"})


def test_other_schemes_are_ignored(shop, customer, nobody):
    basic = {"Authorization": "Basic " + base64.b64encode(b"a:b").decode()}
    nobody.get("/api/users/me", headers=basic, want="401 sign-in-required")
    nobody.get("/api/products/", headers=basic)
    browser = shop.by_cookie(customer.email)
    assert browser.get("/api/users/me", headers=basic).json["id"] == customer.id


# Cookies

def test_cookies_of_a_login(shop, customer):
    answer = shop.login(customer.email)
    session, csrf = sorted(answer.headers.get_all("Set-Cookie"), key=lambda c: "csrf" in c)
    assert session.startswith("__Host-session=" + answer.json["token"] + ";")
    assert csrf.startswith("__Host-csrf=")
    for cookie in (session, csrf):
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "samesite=strict", "path=/"} <= flags, cookie
        assert not any(flag.startswith("domain") for flag in flags)
    assert "httponly" in session.lower() and "httponly" not in csrf.lower()


def test_register_and_password_set_cookies_too(shop):
    answer = shop.register()
    assert set(answer.cookies) == {"__Host-session", "__Host-csrf"}
    browser = Client(shop.base, cookies=answer.cookies)
    changed = browser.post(
        "/api/users/password",
        {"current": "correct horse 9", "new": "another good 7"},
        headers={"X-CSRF-Token": answer.cookies["__Host-csrf"]},
    )
    assert changed.cookies["__Host-session"] == changed.json["token"]
    assert changed.cookies["__Host-csrf"] != answer.cookies["__Host-csrf"]


def test_a_cookie_reads(shop, customer):
    assert shop.by_cookie(customer.email).get("/api/users/me").json == customer.user


def test_a_cookie_writes_only_with_the_csrf_token_of_its_session(shop, customer):
    browser, other = shop.by_cookie(customer.email), shop.by_cookie(shop.customer().email)
    product = shop.product(stock=10)
    body = {"items": [{"productId": product["id"], "quantity": 1}]}
    token = browser.cookies["__Host-csrf"]

    def write(want, header=None, csrf_cookie=token):
        cookies = {**browser.cookies, "__Host-csrf": csrf_cookie}
        client = Client(shop.base, cookies={k: v for k, v in cookies.items() if v is not None})
        client.post("/api/orders/", body, headers={"X-CSRF-Token": header} if header is not None else {}, want=want)

    no = "403 csrf-token-invalid"
    write(no)
    write(no, header="")
    write(no, header="x")
    write(no, header="x", csrf_cookie="x")
    write(no, header=token, csrf_cookie="x")
    write(no, header=token, csrf_cookie=None)
    write(no, header=other.cookies["__Host-csrf"], csrf_cookie=other.cookies["__Host-csrf"])
    write(no, header=token[:-1])
    assert shop.stock(product) == 10
    write(201, header=token)
    assert shop.stock(product) == 9


def test_csrf_is_demanded_on_every_unsafe_method(shop, customer):
    browser = shop.by_cookie(customer.email)
    browser.post("/api/users/logout", want="403 csrf-token-invalid")
    browser.post("/api/users/password", {"current": "x", "new": "y"}, want="403 csrf-token-invalid")
    browser.post("/api/orders/" + "f" * 24 + "/cancel", want="403 csrf-token-invalid")
    browser.get("/api/orders/")
    browser.call("HEAD", "/api/orders/")


def test_who_comes_before_csrf(shop, customer):
    shop.by_cookie(customer.email).post("/api/products/", {}, want="403 forbidden")


def test_a_bearer_needs_no_csrf_token_even_beside_cookies(shop, customer):
    client = shop.by_cookie(customer.email)
    client.token = customer.token
    client.post("/api/users/logout", want=204)


def test_a_bad_bearer_never_falls_back_to_the_cookie(shop, customer):
    client = shop.by_cookie(customer.email)
    client.token = "x.y.z"
    client.get("/api/users/me", want="401 session-invalid")


def test_login_and_register_ignore_the_session(shop, customer):
    for cookies in ({"__Host-session": "x"}, shop.by_cookie(customer.email).cookies):
        client = Client(shop.base, cookies=cookies)
        client.post("/api/users/login", {"email": customer.email, "password": customer.password})
    client = Client(shop.base, token="x.y.z")
    client.post("/api/users/login", {"email": customer.email, "password": customer.password})


def test_public_route_a_bad_cookie_is_nobody_a_bad_bearer_is_401(shop):
    Client(shop.base, cookies={"__Host-session": "x"}).get("/api/products/")
    Client(shop.base, token="x.y.z").get("/api/products/", want="401 session-invalid")
    Client(shop.base, token="x.y.z").get("/healthz", want=ANY)


def cleared(answer) -> set[str]:
    gone = [c for c in answer.headers.get_all("Set-Cookie") or [] if "max-age=0" in c.lower() or "01 jan 1970" in c.lower()]
    return {c.split("=")[0] for c in gone}


def test_every_401_to_a_session_cookie_clears_both(shop, customer):
    both = {"__Host-session", "__Host-csrf"}
    bad = Client(shop.base, cookies={"__Host-session": "x"})
    assert cleared(bad.get("/api/users/me", want="401 session-invalid")) == both
    assert cleared(bad.get("/api/orders/admin", want=401)) == both
    bad.token = "x.y.z"
    assert cleared(bad.get("/api/users/me", want=401)) == both
    assert cleared(bad.get("/api/products/", want=401)) == both
    wrong = bad.post("/api/users/login", {"email": customer.email, "password": "wrong password"}, want=401)
    assert cleared(wrong) == both
    assert cleared(Client(shop.base, token="x.y.z").get("/api/users/me", want=401)) == set()


def test_logout_by_cookie_clears_both(shop, customer):
    browser = shop.by_cookie(customer.email)
    answer = browser.post("/api/users/logout", headers={"X-CSRF-Token": browser.cookies["__Host-csrf"]}, want=204)
    assert cleared(answer) == {"__Host-session", "__Host-csrf"}


def test_two_session_cookies_are_401(shop, customer, nobody):
    good = shop.by_cookie(customer.email).cookies["__Host-session"]
    for cookie in (f"__Host-session={good}; __Host-session=x", f"__Host-session={good}; __Host-session={good}"):
        nobody.get("/api/users/me", headers={"Cookie": cookie}, want="401 session-invalid")


def test_cookies_of_others_beside_ours(shop, customer, nobody):
    good = shop.by_cookie(customer.email).cookies["__Host-session"]
    for cookie in (
        f"a=b; __Host-session={good}",
        f"x__Host-session=no; __Host-session={good}; theme=dark",
        f"__Host-sessions=no;__Host-session={good}",
    ):
        assert nobody.get("/api/users/me", headers={"Cookie": cookie}).json["id"] == customer.id
    nobody.get("/api/users/me", headers={"Cookie": f"x__Host-session={good}"}, want="401 sign-in-required")


def test_no_renewal_in_the_first_half_of_life(shop, customer):
    assert not shop.by_cookie(customer.email).get("/api/users/me").cookies


@pytest.fixture(scope="module")
def short(server):
    """Tokens that live for 60 s, sessions for 100: old ones are made by hand, so that nobody waits."""
    with Httpd(server.new_database(), {"OrdersTokenLifetime": "60", "OrdersSessionMax": "100"}) as httpd:
        yield Shop(httpd)


def aged(shop: Shop, age: int, session_age: int) -> Client:
    """Signed in by a cookie issued `age` seconds ago in a session that began `session_age` seconds ago."""
    now, token = int(time.time()), shop.login(shop.customer().email).json["token"]
    old = forge(token, iat=now - age, exp=now - age + 60, auth_time=now - session_age)
    return Client(shop.base, cookies={"__Host-session": old})


def test_renewal_past_half_of_life(short):
    browser = aged(short, age=40, session_age=40)
    answer = browser.get("/api/users/me")
    assert set(answer.cookies) == {"__Host-session", "__Host-csrf"}
    fresh = claims(answer.cookies["__Host-session"])
    now = int(time.time())
    assert abs(fresh["auth_time"] - (now - 40)) <= 3, "a renewed session keeps the time of its sign-in"
    assert abs(fresh["exp"] - (now + 60)) <= 3
    Client(short.base, cookies=answer.cookies).get("/api/users/me")


def test_renewal_only_by_cookie_and_only_at_me(short):
    browser = aged(short, age=40, session_age=40)
    assert not browser.get("/api/orders/").cookies
    bearer = Client(short.base, token=browser.cookies["__Host-session"])
    assert not bearer.get("/api/users/me").cookies


def test_renewal_ends_at_session_max(short):
    answer = aged(short, age=40, session_age=80).get("/api/users/me")
    if answer.cookies:
        assert claims(answer.cookies["__Host-session"])["exp"] <= time.time() - 80 + 100 + 3
    assert not aged(short, age=40, session_age=101).get("/api/users/me", want=ANY).cookies.get("__Host-session")


def test_an_expired_session_is_401(short):
    aged(short, age=61, session_age=61).get("/api/users/me", want="401 session-invalid")


def test_cookie_name_can_be_chosen(start):
    shop = start({"OrdersCookieName": "shop"})
    cookies = shop.register().cookies
    assert "shop" in cookies and len(cookies) == 2
    Client(shop.base, cookies=cookies).get("/api/users/me")
    Client(shop.base, cookies={"__Host-session": cookies["shop"]}).get("/api/users/me", want="401 sign-in-required")


# Who else must know that a session ended

# (GET /api/users/me reads the account anyway; the others trust the table that the children share.)

OF_THE_SIGNED_IN = ("/api/orders/" + "f" * 24, "/api/users/me")


def test_what_ends_a_session_counts_in_every_child_at_once(start):
    shop = start(mpm={"StartServers": 4, "ServerLimit": 4, "ThreadsPerChild": 8, "MaxRequestWorkers": 32})
    ends = {
        "logout": lambda person: person.post("/api/users/logout"),
        "password": lambda person: person.post("/api/users/password", {"current": person.password, "new": "another good 7"}),
        "role": lambda person: shop.admin.patch(f"/api/users/{person.id}", {"role": "admin"}),
    }
    for end in ends.values():
        customer = shop.customer()
        browser = shop.by_cookie(customer.email)
        for _ in range(8):  # every child has seen the token
            customer.get(OF_THE_SIGNED_IN[0], want=404)
        end(customer)
        for _ in range(8):
            for path in OF_THE_SIGNED_IN:
                customer.get(path, want="401 session-invalid")
                browser.get(path, want="401 session-invalid")


def test_what_ends_elsewhere_ends_here_within_30_seconds(start):
    """Signed out on another host, given another role by ordersctl, deleted in the database. Each was just seen here."""
    one = start()
    other = start(database=one.database)
    loud, demoted, deleted, stays = one.customer(), one.new_admin(), one.customer(), one.customer()
    there = [Client(other.base, person.token) for person in (loud, demoted, deleted, stays)]

    def statuses() -> list[int]:
        return [client.get("/api/orders/" + "f" * 24, want=ANY).status for client in there]

    assert statuses() == [404, 404, 404, 404]
    begin = time.monotonic()
    loud.post("/api/users/logout")
    one.ctl("user", "role", "--email", demoted.email, "--role", "customer")
    one.database.mongo.users.delete_one({"email": deleted.email})
    wait_until(lambda: statuses() == [401, 401, 401, 404], 35, "the other host to notice", step=0.5)
    assert time.monotonic() - begin < 32


def test_sessions_outlive_a_reload(start):
    shop = start()
    customer = shop.customer()
    gone = shop.customer()
    gone.post("/api/users/logout")
    shop.httpd.reload()
    customer.get("/api/users/me")
    gone.get("/api/users/me", want="401 session-invalid")


def test_tokens_are_the_secrets(start):
    one = start()
    other = start({"OrdersJwtSecret": "another-secret-that-is-also-long-enough-98765"}, database=one.database)
    Client(other.base, one.customer().token).get("/api/users/me", want="401 session-invalid")


def test_secret_from_a_file_is_the_same_secret(start):
    one = start()
    secret = one.httpd.folder / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    other = start({"OrdersJwtSecret": None, "OrdersJwtSecretFile": str(secret)}, database=one.database)
    Client(other.base, one.customer().token).get("/api/users/me")


def test_csrf_token_is_derived_and_not_the_secret_itself(customer, shop):
    cookies = shop.login(customer.email).cookies
    plain = hmac.new(SECRET.encode(), cookies["__Host-session"].encode(), hashlib.sha256).digest()
    assert cookies["__Host-csrf"] != b64(plain) and len(unb64(cookies["__Host-csrf"])) == 32
