"""What apache2 -t refuses, each with a sentence that names the value and what is allowed; and what it takes."""

import os
import types

import pytest
from harness.httpd import Httpd

DATABASE = types.SimpleNamespace(uri="mongodb://127.0.0.1:1/shop?replicaSet=nowhere")  # -t connects to nothing


def check(directives=None, **how):
    """(exit status, what apache2 -t said) with these directives on top of a configuration that is fine."""
    httpd = Httpd(DATABASE, directives, **how)
    try:
        return httpd.test_config()
    finally:
        httpd.discard()


def refused(directives=None, **how):
    status, said = check(directives, **how)
    assert status != 0, f"taken: {directives} {how}\n{said}"
    return said


@pytest.mark.parametrize(
    "name, value, allowed",
    [
        ("OrdersEngine", "1", "On or Off"),
        ("OrdersRequirePayment", "maybe", "On or Off"),
        ("OrdersRequireIdempotencyKey", "yes", "On or Off"),
        ("OrdersRateLimit", "none", "On or Off"),
        ("OrdersBatchMax", "0", "from 1 to 64"),
        ("OrdersBatchMax", "65", "from 1 to 64"),
        ("OrdersMongoPoolSize", "0", "from 1 to 1000"),
        ("OrdersMongoPoolSize", "1001", "from 1 to 1000"),
        ("OrdersMongoPoolSize", "8x", "from 1 to 1000"),
        ("OrdersCurrency", "usd", "ISO 4217"),
        ("OrdersCurrency", "XYZ", "ISO 4217"),
        ("OrdersTokenLifetime", "59", "60 seconds to 7 days"),
        ("OrdersTokenLifetime", "8d", "60 seconds to 7 days"),
        ("OrdersTokenLifetime", "60500ms", "60 seconds to 7 days"),
        ("OrdersTokenLifetime", "2hello", "60 seconds to 7 days"),
        ("OrdersTokenLifetime", "-3600", "60 seconds to 7 days"),
        ("OrdersTokenLifetime", "99999999999999999999", "60 seconds to 7 days"),
        ("OrdersSessionMax", "721h", "60 seconds to 30 days"),
        ("OrdersCookieName", "a b", "1 to 64 characters"),
        ("OrdersCookieName", "a=b", "1 to 64 characters"),
        ("OrdersCookieName", "x" * 65, "1 to 64 characters"),
        ("OrdersBcryptCost", "3", "from 4 to 15"),
        ("OrdersBcryptCost", "16", "from 4 to 15"),
        ("OrdersBcryptCost", "ten", "from 4 to 15"),
        ("OrdersHashSlots", "0", "from 1 to 64"),
        ("OrdersRequestTimeout", "9", "1 to 8 seconds"),
        ("OrdersRequestTimeout", "500ms", "1 to 8 seconds"),
        ("OrdersBridgeSocket", "/" + "s" * 107, "at most 107 bytes"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name, value, allowed):
    said = refused({name: value})
    assert f"{name}: '{value}' is not allowed" in said
    assert allowed in said


@pytest.mark.parametrize(
    "name, value",
    [
        ("OrdersTokenLifetime", "2mi"),
        ("OrdersTokenLifetime", "12h"),
        ("OrdersTokenLifetime", "90000ms"),
        ("OrdersSessionMax", "720h"),
        ("OrdersRequestTimeout", "2500ms"),
        ("OrdersCookieName", "__Host-shop"),
        ("OrdersBridgeSocket", "/" + "s" * 106),
        ("OrdersMongoPoolSize", "1000"),
    ],
)
def test_right_values(name, value):
    status, said = check({name: value})
    assert status == 0, said


def test_a_connection_string_is_checked_and_kept_to_ourselves():
    said = refused({"OrdersMongoUri": "http://user:hunter2@db.example"})
    assert "OrdersMongoUri" in said and "mongodb://" in said
    assert "hunter2" not in said


def test_secrets_that_are_missing_short_or_twice():
    assert "set OrdersJwtSecretFile (or OrdersJwtSecret)" in refused({"OrdersJwtSecret": None})
    said = refused({"OrdersJwtSecret": "only-thirty-one-bytes-long-....."[:31]})
    assert "at least 32 random bytes" in said and "only-thirty" not in said
    assert "use one of the two" in refused(extra="OrdersJwtSecretFile /etc/hostname")
    assert "No such file" in refused({"OrdersJwtSecret": None, "OrdersJwtSecretFile": "/nonexistent/secret"})


@pytest.mark.parametrize(
    "content, status, sentence",
    [
        (b"s" * 32, 0, "Syntax OK"),
        (b"s" * 32 + b"\r\n", 0, "Syntax OK"),
        (b"s" * 31 + b"\n\n", 1, "at least 32 random bytes"),
        (b"", 1, "at least 32 random bytes"),
        (b"s" * 20 + b"\0" + b"s" * 20, 1, "without NUL bytes"),
        (b"s" * 4097, 1, "32 to 4096 bytes"),
    ],
)
def test_the_secret_file(tmp_path, content, status, sentence):
    path = tmp_path / "secret"
    path.write_bytes(content)
    os.chmod(path, 0o600)
    got, said = check({"OrdersJwtSecret": None, "OrdersJwtSecretFile": str(path)})
    assert (got, sentence in said, "warn" in said) == (status, True, False), said


def test_a_secret_file_that_all_can_read_is_warned_of(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"s" * 32)
    os.chmod(path, 0o644)
    status, said = check({"OrdersJwtSecret": None, "OrdersJwtSecretFile": str(path)})
    assert status == 0 and "every user of this host can read" in said


def test_a_database_is_demanded():
    assert "set OrdersMongoUri" in refused({"OrdersMongoUri": None})


def test_a_session_is_no_shorter_than_a_token():
    said = refused({"OrdersTokenLifetime": "2h", "OrdersSessionMax": "1h"})
    assert "OrdersSessionMax (3600 seconds)" in said and "OrdersTokenLifetime (7200 seconds)" in said


def test_nothing_is_demanded_while_the_engine_is_off():
    off = {"OrdersEngine": None, "OrdersMongoUri": None, "OrdersJwtSecret": None}
    status, said = check(off)
    assert status == 0, said
    assert "set OrdersMongoUri" in refused(off, extra="<VirtualHost *:1>\nOrdersEngine On\n</VirtualHost>")


@pytest.mark.parametrize("line", ["OrdersCurrency EUR", "OrdersRateLimit Off", "OrdersBcryptCost 10", "OrdersMongoUri x"])
def test_settings_of_the_whole_httpd_are_refused_in_a_virtual_host(line):
    said = refused(extra=f"<VirtualHost *:1>\n{line}\n</VirtualHost>")
    assert f"{line.split()[0]} is one setting for the whole httpd" in said


def test_require_lines():
    assert "'boss' is no role" in refused(extra="<Location /x>\nRequire orders-role boss\n</Location>")
    assert "name one or more roles" in refused(extra="<Location /x>\nRequire orders-role\n</Location>")
    assert "takes nothing after it" in refused(extra="<Location /x>\nRequire orders-route admin\n</Location>")


def test_a_require_that_would_shut_another_host_is_warned_of():
    status, said = check(extra="<VirtualHost *:1>\nOrdersEngine Off\n</VirtualHost>")
    assert status == 0 and "where OrdersEngine is Off: nobody is let in" in said
