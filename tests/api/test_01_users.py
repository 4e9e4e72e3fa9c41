"""Accounts: register, sign in and out, one's own account, passwords, roles, the list of users."""

import time

import pytest
from harness.client import Client
from harness.load import at_once
from harness.shop import NOWHERE, PASSWORD, Person, unique


def test_register_answers_user_token_and_expiry(shop):
    email = f"{unique('New.')}@Example.COM"
    answer = shop.register("  Cy Young ", f" {email} ")
    body = answer.json
    assert set(body) == {"user", "token", "expiresAt"}
    assert body["user"]["name"] == "Cy Young"
    assert body["user"]["email"] == email.lower()
    assert body["user"]["role"] == "customer"
    assert set(body["user"]) == {"id", "name", "email", "role", "createdAt"}
    assert len(body["user"]["id"]) == 24
    assert body["expiresAt"].endswith("Z")
    assert Client(shop.base, body["token"]).get("/api/users/me").json == body["user"]


def test_register_gives_no_role_that_was_sent(shop, nobody):
    body = {"name": "x", "email": f"{unique()}@x.io", "password": PASSWORD, "role": "admin", "tokenVersion": 9}
    user = nobody.post("/api/users/register", body, want=201).json["user"]
    assert user["role"] == "customer"
    assert shop.database.mongo.users.find_one({"email": user["email"]})["tokenVersion"] != 9


def test_register_same_email_in_another_case_is_taken(nobody, customer):
    body = {"name": "x", "email": customer.email.upper(), "password": PASSWORD}
    nobody.post("/api/users/register", body, want="409 email-taken")


def test_register_names_every_bad_field_at_once(nobody):
    answer = nobody.post(
        "/api/users/register", {"name": " ", "email": "nope", "password": "x"}, want="422 validation-failed"
    )
    assert sorted(answer.pointers) == ["/email", "/name", "/password"]


def test_register_names_missing_fields(nobody):
    assert sorted(nobody.post("/api/users/register", {}, want=422).pointers) == ["/email", "/name", "/password"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, 5, None, ["x"]])
def test_register_bad_name(nobody, name):
    body = {"name": name, "email": f"{unique()}@x.io", "password": PASSWORD}
    assert nobody.post("/api/users/register", body, want=422).pointers == ["/name"]


@pytest.mark.parametrize(
    "email", ["", "x", "@x.io", "x@", "x@y", "a b@x.io", "a@b@x.io", f"{'x' * 250}@x.io", 5, None, "x@x.io\u0007"]
)
def test_register_bad_email(nobody, email):
    body = {"name": "x", "email": email, "password": PASSWORD}
    assert nobody.post("/api/users/register", body, want=422).pointers == ["/email"]


@pytest.mark.parametrize("password", ["", "1234567", "ééééééé", "x" * 73, "é" * 37, 12345678, None])
def test_register_bad_password(nobody, password):
    body = {"name": "x", "email": f"{unique()}@x.io", "password": password}
    assert nobody.post("/api/users/register", body, want=422).pointers == ["/password"]


@pytest.mark.parametrize("password", ["x" * 72, "é" * 36, "12345678", "éééééééé", ' "\\pass ', "пароль-пароль"])
def test_passwords_at_the_limits_work(shop, nobody, password):
    email = f"{unique()}@x.io"
    nobody.post("/api/users/register", {"name": "x", "email": email, "password": password}, want=201)
    shop.login(email, password)
    shop.login(email, password + "x" if len(password) < 70 else password[:-1], want=401)


def test_passwords_are_kept_as_bcrypt(shop, customer):
    stored = shop.database.mongo.users.find_one({"email": customer.email})["password"]
    assert stored.startswith("$2y$04$") and len(stored) == 60 and PASSWORD not in stored


def test_bcrypt_cost_is_10_by_default(start):
    shop = start({"OrdersBcryptCost": None})
    email = shop.customer().email
    assert shop.database.mongo.users.find_one({"email": email})["password"].startswith("$2y$10$")
    shop.login(email)
    shop.login(email, "wrong password", want="401 wrong-credentials")


def test_login_any_case_of_the_email(shop, customer):
    assert shop.login(f" {customer.email.upper()} ").json["user"] == customer.user


def test_login_wrong_password_and_unknown_email_look_the_same(shop, customer):
    wrong = shop.login(customer.email, "wrong password", want="401 wrong-credentials").json
    unknown = shop.login(f"{unique()}@x.io", "wrong password", want="401 wrong-credentials").json
    assert {**wrong, "instance": 0} == {**unknown, "instance": 0}


def test_login_unknown_email_takes_as_long(start):
    """With the default cost a hash takes some 50 ms; without one an answer takes 5."""
    shop = start({"OrdersBcryptCost": None})
    customer = shop.customer()

    def fastest(email: str) -> float:
        times = []
        for _ in range(4):
            begin = time.monotonic()
            shop.login(email, "wrong password", want=401)
            times.append(time.monotonic() - begin)
        return min(times)

    known, unknown = fastest(customer.email), fastest("nobody.here@example.com")
    assert 0.5 < unknown / known < 2, (known, unknown)


@pytest.mark.parametrize("body", [{}, {"email": "a@x.io"}, {"password": "12345678"}, {"email": 5, "password": "x"}])
def test_login_bad_fields(nobody, body):
    nobody.post("/api/users/login", body, want="422 validation-failed")


@pytest.mark.parametrize("email", [{"$ne": None}, {"$gt": ""}, ["a@x.io"]])
def test_login_no_operators(nobody, email):
    nobody.post("/api/users/login", {"email": email, "password": {"$ne": None}}, want="422 validation-failed")


def test_login_of_a_damaged_hash_is_wrong_credentials(shop, customer):
    for damaged in ("", "$2y$04$short", "plain", "$1$abc$def", "{SHA}x"):
        shop.database.mongo.users.update_one({"email": customer.email}, {"$set": {"password": damaged}})
        shop.login(customer.email, "plain", want="401 wrong-credentials")


def test_me(customer, admin):
    assert customer.get("/api/users/me").json == customer.user
    assert admin.get("/api/users/me/").json["role"] == "admin"


def test_me_of_nobody(nobody):
    nobody.get("/api/users/me", want="401 sign-in-required")


def test_logout_ends_all_older_tokens(shop, customer):
    other = shop.login(customer.email).json["token"]
    answer = customer.post("/api/users/logout", want=204)
    assert answer.body == b""
    customer.get("/api/users/me", want="401 session-invalid")
    Client(shop.base, other).get("/api/users/me", want="401 session-invalid")
    Client(shop.base, shop.login(customer.email).json["token"]).get("/api/users/me")


def test_logout_takes_no_body_or_any(customer, shop):
    customer.call("POST", "/api/users/logout", raw=b"a=b", headers={"Content-Type": "text/plain"}, want=204)


def test_logout_of_nobody(nobody):
    nobody.post("/api/users/logout", want="401 sign-in-required")


def test_password_change_ends_older_tokens(shop, customer):
    new = "another good 7"
    answer = customer.post("/api/users/password", {"current": PASSWORD, "new": new}, want=200)
    assert set(answer.json) == {"user", "token", "expiresAt"}
    assert answer.json["user"] == customer.user
    customer.get("/api/users/me", want="401 session-invalid")
    Person(shop.base, customer.email, answer.json).get("/api/users/me")
    shop.login(customer.email, want=401)
    shop.login(customer.email, new)


def test_password_wrong_current(customer):
    customer.post("/api/users/password", {"current": "wrong one", "new": "another good 7"}, want="422 wrong-password")
    customer.get("/api/users/me")


@pytest.mark.parametrize("new", ["short", "x" * 73, "é" * 37, 5, None])
def test_password_bad_new(customer, new):
    answer = customer.post("/api/users/password", {"current": PASSWORD, "new": new}, want="422 validation-failed")
    assert answer.pointers == ["/new"]


def test_password_of_nobody(nobody):
    nobody.post("/api/users/password", {"current": "x", "new": "y"}, want="401 sign-in-required")


def test_users_list_is_admins_only(customer, nobody):
    customer.get("/api/users/", want="403 forbidden")
    nobody.get("/api/users/", want="401 sign-in-required")


def test_users_list_by_email_prefix(shop, admin):
    word = unique("pre")
    emails = sorted(f"{word}{i}@x.io" for i in range(5))
    for email in reversed(emails):
        shop.register(email=email)
    shop.register(email=f"{unique()}{word}@x.io")
    rows = admin.pages("/api/users/", q=word.upper(), limit=2)
    assert [row["email"] for row in rows] == emails
    assert all(set(row) == {"id", "name", "email", "role", "createdAt"} for row in rows)
    assert admin.get("/api/users", query={"q": ".*"}).json["data"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=garbage", "nope=1", "limit=1&limit=2", "q=%zz"])
def test_users_list_bad_parameters(admin, query):
    assert admin.get(f"/api/users/?{query}", want=400).code in ("invalid-parameter", "invalid-cursor")


def test_role_change_ends_older_tokens_and_counts(shop, admin, customer):
    answer = admin.patch(f"/api/users/{customer.id}", {"role": "admin"}, want=200)
    assert answer.json == {**customer.user, "role": "admin"}
    customer.get("/api/orders/", want="401 session-invalid")
    promoted = Person(shop.base, customer.email, shop.login(customer.email).json)
    promoted.get("/api/orders/admin")
    admin.patch(f"/api/users/{customer.id}", {"role": "customer"})
    promoted.get("/api/orders/admin", want="401 session-invalid")


def test_role_set_to_the_present_one_changes_nothing(admin, customer):
    admin.patch(f"/api/users/{customer.id}", {"role": "customer"}, want=200)
    customer.get("/api/users/me")


def test_role_of_oneself(admin):
    admin.patch(f"/api/users/{admin.id}", {"role": "customer"}, want="409 own-role")
    admin.get("/api/orders/admin")


@pytest.mark.parametrize("role", ["god", "", "ADMIN", 1, None])
def test_role_unknown(admin, customer, role):
    assert admin.patch(f"/api/users/{customer.id}", {"role": role}, want="422 validation-failed").pointers == ["/role"]


def test_role_is_given_by_admins_only(customer, nobody):
    customer.patch(f"/api/users/{customer.id}", {"role": "admin"}, want="403 forbidden")
    nobody.patch(f"/api/users/{customer.id}", {"role": "admin"}, want="401 sign-in-required")


@pytest.mark.parametrize("user", [NOWHERE, "zzz"])
def test_role_of_an_unknown_user(admin, user):
    admin.patch(f"/api/users/{user}", {"role": "admin"}, want="404 not-found")


# Limits: an httpd of their own, where they are on

@pytest.fixture
def limited(start):
    return start({"OrdersRateLimit": "On"})


def until_limited(call, most: int) -> int:
    """How many calls pass before the first 429."""
    for passed in range(most):
        answer = call()
        if answer.status == 429:
            assert answer.code == "too-many-requests" and int(answer.header("Retry-After")) >= 1
            return passed
    raise AssertionError(f"{most} calls were let through")


def test_login_is_limited_by_account(limited):
    email = limited.customer().email
    passed = until_limited(lambda: limited.login(email, "wrong password", want="any"), 60)
    assert passed >= 3
    limited.login(email, want="429 too-many-requests")


def test_login_is_limited_by_address_before_the_body_is_read(limited):
    def call():
        return limited.nobody.post("/api/users/login", raw=b"{", want="any")

    assert until_limited(call, 300) >= 3


def test_register_is_limited(limited):
    def call():
        body = {"name": "x", "email": f"{unique()}@x.io", "password": PASSWORD}
        return limited.nobody.post("/api/users/register", body, want="any")

    assert until_limited(call, 300) >= 3


def test_ordinary_use_is_not_limited(limited):
    customer, product = limited.customer(), limited.product(100)
    for _ in range(30):
        customer.get("/api/orders/")
    for _ in range(15):
        limited.order(customer, (product, 1))


def test_many_logins_leave_the_api_its_threads(start):
    """Hashing costs a fifth of a second here, one at a time: 40 logins want 8 s of it. Reading goes on meanwhile."""
    shop = start({"OrdersBcryptCost": "12", "OrdersHashSlots": "1"}, mpm={"StartServers": 1, "ServerLimit": 1, "MaxRequestWorkers": 32})
    email = shop.customer().email
    slowest = []

    def read():
        for _ in range(20):
            begin = time.monotonic()
            shop.nobody.get("/api/products/")
            slowest.append(time.monotonic() - begin)

    logins = at_once([lambda: shop.login(email, want="any")] * 40 + [read])[:-1]
    assert {answer.status for answer in logins} <= {200, 503}
    assert any(answer.status == 200 for answer in logins)
    assert sorted(slowest)[len(slowest) // 2] < 0.5 and max(slowest) < 3, slowest
