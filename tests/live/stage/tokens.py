"""Tokens with other claims, signed as mod_orders signs them."""

import base64
import hmac
import json
import time

from harness.httpd import SECRET

_KEY = hmac.new(SECRET.encode(), b"mod_orders token", "sha256").digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def forged(token: str, *, header=None, key: bytes = _KEY, **changes) -> str:
    """A claim set to None is left out."""
    all_claims = {name: value for name, value in (claims(token) | changes).items() if value is not None}
    head = header or {"alg": "HS256", "typ": "JWT"}
    signed = f"{_encode(json.dumps(head).encode())}.{_encode(json.dumps(all_claims).encode())}"
    return f"{signed}.{_encode(hmac.new(key, signed.encode(), 'sha256').digest())}"


def ending_in(token: str, seconds: int) -> str:
    return forged(token, exp=int(time.time()) + seconds)
