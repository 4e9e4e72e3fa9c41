"""A client that looks at every answer as an outsider would: headers, problem documents, nothing internal."""

import gzip
import http.client
import io
import json
import re
import socket
from urllib.parse import quote, urlencode

ANY = "any"  # want=ANY: whatever comes, the test looks itself

# code → status: the registry of problems
STATUS_OF = {
    400: "malformed-request malformed-json invalid-parameter invalid-cursor idempotency-key-required idempotency-key-invalid",
    401: "sign-in-required session-invalid wrong-credentials",
    403: "forbidden csrf-token-invalid",
    404: "not-found",
    405: "method-not-allowed",
    408: "request-timeout",
    409: "email-taken own-role insufficient-stock product-unavailable invalid-transition payment-required payment-final "
    "price-changed stock-out-of-range",
    411: "length-required",
    412: "version-mismatch",
    413: "body-too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
    417: "expectation-failed",
    422: "validation-failed wrong-password idempotency-key-reused total-too-large",
    429: "too-many-requests",
    431: "headers-too-large",
    500: "internal-error",
    501: "not-implemented",
    502: "bad-gateway",
    503: "database-unavailable replica-set-required busy outcome-unknown not-attempted",
    504: "gateway-timeout",
}
CODES = {code: status for status, codes in STATUS_OF.items() for code in codes.split()}

_INTERNAL = re.compile(
    r"mongo|libbson|E11000|No suitable servers|socket|\.c:\d|/tmp/|/usr/|/var/|Segmentation|\$2[aby]\$|<!DOCTYPE|<html",
    re.IGNORECASE,
)


class Answer:
    def __init__(self, response: http.client.HTTPResponse, body: bytes, method: str, path: str):
        self.status = response.status
        self.headers = response.msg
        self.length = len(body)  # on the wire
        self.body = gzip.decompress(body) if body and self.headers.get("Content-Encoding") == "gzip" else body
        self.method = method
        self.path = path

    def __repr__(self) -> str:
        return f"<{self.method} {self.path} → {self.status} {self.body[:500]!r}>"

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.text, object_pairs_hook=_no_duplicates)

    @property
    def code(self) -> str | None:
        return self.json["code"] if self.status >= 400 else None

    @property
    def pointers(self) -> list[str]:
        """What the problem's errors[] point at."""
        return [error["pointer"] for error in self.json["errors"]]

    @property
    def cookies(self) -> dict[str, str]:
        """Name → value of the cookies set."""
        return dict(c.split(";")[0].split("=", 1) for c in self.headers.get_all("Set-Cookie") or [])

    @property
    def request_id(self) -> str:
        return self.header("X-Request-Id")


def _no_duplicates(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a member is there twice: {names}"
    return dict(pairs)


def is_ours(path: str) -> bool:
    return re.match(r"/api(/|\?|$)|/healthz(\?|/|$)", path) is not None


def check_answer(a: Answer) -> None:
    """What is true of every answer of ours, good or bad."""
    if not is_ours(a.path):
        return
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", a.request_id or ""), f"{a}: X-Request-Id {a.request_id!r}"
    if a.path.startswith("/api"):
        cache = a.header("Cache-Control") or ""
        vary = ", ".join(a.headers.get_all("Vary") or []).lower()
        assert "private" in cache and "no-cache" in cache, f"{a}: Cache-Control {cache!r}"
        assert "authorization" in vary and "cookie" in vary, f"{a}: Vary {vary!r}"
    if a.method == "HEAD" or a.status in (204, 304):
        assert a.body == b"", f"{a} has a body"
    elif a.status >= 400:
        check_problem(a)
    elif (a.header("Content-Type") or "").startswith("application/json"):
        assert isinstance(a.json, dict), f"{a} is no object"
        assert '"password"' not in a.text.split('"openapi"')[0] or "openapi" in a.path, f"{a} tells a password"


def check_problem(a: Answer) -> None:
    """RFC 9457, with our members; the headers that go with the status; nothing internal."""
    kind = a.header("Content-Type") or ""
    assert kind.startswith("application/problem+json"), f"{a} is {kind}"
    problem = a.json
    code = problem["code"]
    assert CODES.get(code) == a.status or (code == "not-attempted"), f"{a}: {code} does not go with {a.status}"
    assert problem["status"] == a.status, a
    assert problem["type"] == f"urn:mod-orders:problem:{code}", a
    assert isinstance(problem["title"], str) and problem["title"], a
    assert isinstance(problem.get("detail", ""), str), a
    assert a.request_id in problem["instance"], a
    for error in problem.get("errors", []):
        assert set(error) == {"pointer", "code", "detail"}, a
        assert error["code"] and error["detail"] and re.fullmatch(r"[a-z0-9-]+", error["code"]), a
    if a.status == 401:
        assert a.header("WWW-Authenticate"), f"{a} without WWW-Authenticate"
    if a.status == 405:
        assert a.header("Allow"), f"{a} without Allow"
    if a.status in (429, 503):
        retry = a.header("Retry-After")
        assert (retry is None) if code == "outcome-unknown" else int(retry) >= 1, f"{a}: Retry-After {retry!r}"
    assert not _INTERNAL.search(a.text.replace(a.request_id, "")), f"{a} tells something internal"
    if a.header("Content-Length"):
        assert int(a.header("Content-Length")) == a.length, a


class Client:
    """Calls one httpd, as nobody, with a Bearer token, or with cookies.

    want  the status, or "status code" of the problem; None: any 2xx; ANY: anything
    """

    def __init__(self, base: str, token: str | None = None, cookies: dict[str, str] | None = None, timeout: float = 30):
        self.base = base
        self.host, self.port = base.removeprefix("http://").split(":")
        self.token = token
        self.cookies = cookies or {}
        self.timeout = timeout

    def raw_call(self, method: str, path: str, headers=None, body: bytes | None = None, chunked=False) -> Answer:
        """One exchange on a connection of its own, nothing checked."""
        connection = http.client.HTTPConnection(self.host, int(self.port), timeout=self.timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {}, encode_chunked=chunked)
            response = connection.getresponse()
            return Answer(response, response.read(), method, path)
        finally:
            connection.close()

    def call(self, method, path, body=None, *, want=None, raw=None, query=None, headers=None, chunked=False) -> Answer:
        headers = dict(headers or {})
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if self.cookies:
            headers.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
            raw = iter([raw])
        if query:
            path += "?" + urlencode(query, quote_via=quote)
        answer = self.raw_call(method, path, headers, raw, chunked)
        check_answer(answer)
        wanted(answer, want)
        return answer

    def get(self, path, **how) -> Answer:
        return self.call("GET", path, **how)

    def post(self, path, body=None, **how) -> Answer:
        return self.call("POST", path, body, **how)

    def patch(self, path, body=None, **how) -> Answer:
        return self.call("PATCH", path, body, **how)

    def pages(self, path: str, between=None, **query) -> list[dict]:
        """All rows of a list, page by page; `between` runs after the first page."""
        rows, after = [], None
        while True:
            page = self.get(path, query={**query, **({"after": after} if after else {})}).json
            assert set(page) == {"data", "next"}
            rows += page["data"]
            if after is None and between:
                between()
            after = page["next"]
            if after is None:
                return rows
            assert len(rows) < 10000, "the list does not end"


def wanted(answer: Answer, want) -> None:
    if want is None:
        assert 200 <= answer.status < 300, answer
    elif isinstance(want, int):
        assert answer.status == want, f"{answer}, not {want}"
    elif want != ANY:
        status, code = want.split()
        assert (answer.status, answer.code) == (int(status), code), f"{answer}, not {want}"


class _Stream(io.BytesIO):
    """Bytes that came, as a socket for HTTPResponse; stays open when one answer is read."""

    def makefile(self, *_):
        return self

    def close(self):
        pass


def send_bytes(port: int, data: bytes, timeout: float = 20, method: str = "GET", path: str = "/api/") -> list[Answer]:
    """Sends bytes as they are and reads all answers until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        came = b""
        while chunk := s.recv(65536):
            came += chunk
    stream, answers = _Stream(came), []
    while stream.tell() < len(came):
        response = http.client.HTTPResponse(stream, method=method)
        response.begin()
        answers.append(Answer(response, response.read(), method, path))
    return answers
