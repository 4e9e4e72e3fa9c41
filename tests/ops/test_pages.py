"""The pages as `make start` serves them: what is sent to whom, for how long it may be kept, and what a browser is told to refuse."""

import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import pytest

from conftest import CHECKOUT, Instance

DIST = CHECKOUT / "htdocs/dist"
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "font-src": "'self'", "connect-src": "'self'",
    "manifest-src": "'self'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'", "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}  # fmt: skip


class Answer:
    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    def __getitem__(self, name):
        """The header, all of that name together; None without one."""
        return ", ".join(filter(None, self.headers.get_all(name, []))) or None

    def policy(self):
        return dict(part.split(maxsplit=1) for part in self["Content-Security-Policy"].split("; "))


class Shop:
    def __init__(self, instance):
        self.instance = instance

    def ask(self, path, method="GET", **headers):
        """Exactly as asked: no header of its own but Host. x=y becomes X: y, and _ is -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.instance.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def complaints(self):
        lines = (self.instance.run_dir / "logs/error.log").read_text().splitlines()
        # AH10244: a path that climbs out of the root, which Apache itself refuses.
        return [line for line in lines if not re.search(r"\[\w*:(notice|info)\]|AH10244", line)]


@pytest.fixture(scope="module")
def shop():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="orders-pages-"))
    folder.chmod(0o755)
    instance = Instance(folder / "run")
    try:
        started = instance.make("start")
        assert started.returncode == 0, started.stdout
        shop = Shop(instance)
        yield shop
        assert instance.make("stop").returncode == 0
        assert shop.complaints() == []
    finally:
        instance.end()
        shutil.rmtree(folder, ignore_errors=True)


def built():
    return json.loads((DIST / ".vite/manifest.json").read_text())


def script():
    """The address of the entry script: large, and so with both copies."""
    return "/" + built()["index.html"]["file"]


def file_of(path):
    return DIST / path.removeprefix("/")


# --- Which of the copies ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accepted, encoding",
    [
        (None, None), ("", None), ("identity", None), ("*", None), ("deflate", None), ("xbr, gzipped", None),
        ("gzip", "gzip"), ("x-gzip", "gzip"), ("br", "br"), ("gzip, deflate, br, zstd", "br"), ("gzip,br", "br"), ("GZip", "gzip"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br"), ("gzip;q=0.001", "gzip"), ("br ; q=0.5", "br"),
        ("br;q=0", None), ("br; q=0.000, gzip", "gzip"), ("gzip;q=0, br;q=0.0", None), ("gzip;q=0, *", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("what", ["script", "page"])
def test_the_copy_that_is_accepted(shop, what, accepted, encoding):
    path, file = (script(), file_of(script())) if what == "script" else ("/orders/new", DIST / "index.html")
    answer = shop.ask(path, **({} if accepted is None else {"Accept_Encoding": accepted}))
    suffix = {None: "", "br": ".br", "gzip": ".gz"}[encoding]
    assert answer.status == 200
    assert answer["Content-Encoding"] == encoding
    assert answer.body == pathlib.Path(f"{file}{suffix}").read_bytes()
    assert int(answer["Content-Length"]) == len(answer.body)
    assert answer["Vary"] == "Accept-Encoding"
    assert answer["Content-Language"] is None


def test_a_copy_s_contents_are_the_original_s():
    copies = [path for path in DIST.rglob("*.br")]
    assert script().removeprefix("/assets/") in {path.stem for path in copies}
    unpack = "const {brotliDecompressSync: d} = require('zlib'), fs = require('fs'); process.stdout.write(d(fs.readFileSync(process.argv[1])))"
    for copy in copies:
        original = copy.with_suffix("").read_bytes()
        assert gzip.decompress(copy.with_suffix(".gz").read_bytes()) == original
        done = subprocess.run([CHECKOUT / "conf/with-node", "node", "-e", unpack, copy], capture_output=True, check=True)
        assert done.stdout == original, copy


@pytest.mark.parametrize(
    "path, media_type",
    [("/", "text/html"), ("/theme.js", "text/javascript"), ("/favicon.svg", "image/svg+xml"), (script, "text/javascript"), ("css", "text/css")],
)
@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
def test_the_type_is_the_original_s(shop, path, media_type, accepted):
    if path == "css":
        path = "/" + built()["index.html"]["css"][0]
    answer = shop.ask(path if isinstance(path, str) else path(), Accept_Encoding=accepted)
    kind, *parameters = answer["Content-Type"].split("; ")
    assert kind == media_type
    assert parameters == ([] if "svg" in media_type else ["charset=utf-8"])


def test_what_has_no_copy_is_not_compressed_on_the_way(shop):
    plain, willing = shop.ask("/theme.js"), shop.ask("/theme.js", Accept_Encoding="gzip, br")
    assert not file_of("/theme.js.gz").exists()
    assert willing["Content-Encoding"] is None and willing.body == plain.body and willing["ETag"] == plain["ETag"]


def test_each_copy_has_a_strong_validator_of_its_own(shop):
    tags = {}
    for encoding in ("identity", "gzip", "br"):
        for path in ("/", script()):
            answer = shop.ask(path, Accept_Encoding=encoding)
            assert re.fullmatch(r'"[0-9a-f-]+"', answer["ETag"])
            tags[path, encoding] = answer["ETag"]
    assert len(set(tags.values())) == 6
    for (path, encoding), tag in tags.items():
        for asked in ("identity", "gzip", "br"):
            answer = shop.ask(path, Accept_Encoding=asked, If_None_Match=tag)
            assert answer.status == (304 if asked == encoding else 200)
            assert answer["ETag"] == tags[path, asked] and answer["Vary"] == "Accept-Encoding"


def test_head_is_get_without_the_body(shop):
    for path in ("/admin", script()):
        get, head = (shop.ask(path, method, Accept_Encoding="br") for method in ("GET", "HEAD"))
        assert head.body == b"" and head.status == get.status
        changing = ("Date", "X-Request-Id")
        assert {k: v for k, v in head.headers.items() if k not in changing} == {k: v for k, v in get.headers.items() if k not in changing}


def test_a_range_is_of_the_copy(shop):
    for encoding, suffix in (("identity", ""), ("br", ".br")):
        copy = pathlib.Path(f"{file_of(script())}{suffix}").read_bytes()
        answer = shop.ask(script(), Accept_Encoding=encoding, Range="bytes=100-199")
        assert answer.status == 206 and answer.body == copy[100:200]
        assert answer["Content-Range"] == f"bytes 100-199/{len(copy)}"
        other = shop.ask(script(), Accept_Encoding="gzip", Range="bytes=100-199", If_Range=answer["ETag"])
        assert other.status == 200 and len(other.body) == file_of(script() + ".gz").stat().st_size
    assert shop.ask(script(), Range="bytes=99999999-").status == 416


# --- For how long -------------------------------------------------------------------------------------------------------------------------------


def test_assets_are_kept_for_ever_and_nothing_else(shop):
    for path in ["/" + part["file"] for part in built().values()]:
        assert shop.ask(path)["Cache-Control"] == "public, max-age=31536000, immutable"
    for status, headers in ((304, {"If_None_Match": "*"}), (206, {"Range": "bytes=0-9"})):
        answer = shop.ask(script(), **headers)
        assert (answer.status, answer["Cache-Control"]) == (status, "public, max-age=31536000, immutable")
    for path in ("/", "/index.html", "/admin/orders/0", "/theme.js", "/favicon.svg", "/assets/gone-12345678.js", "/none.txt"):
        assert shop.ask(path)["Cache-Control"] == "no-cache"
    assert shop.ask("/", If_None_Match="*")["Cache-Control"] == "no-cache"
    assert shop.ask(script(), "POST")["Cache-Control"] == "no-cache"


# --- Which addresses ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", "/login", "/login?next=%2Forders%2Fnew", "/register", "/account", "/orders/new", "/orders/6b05903a761ad7e1140c19df", "/admin", "/admin/",
        "/admin?status=pending&q=a.b", "/admin/orders/6b05903a761ad7e1140c19df", "/admin/products", "/admin/users", "/no/such/page", "/apis", "/ws1",
        "/healthzz", "/%C3%A4", "/a%0Ab", "/a%3Fb", "//admin", "/" + "a" * 400,
    ],
)  # fmt: skip
def test_a_page_s_address_is_index_html(shop, path):
    answer = shop.ask(path)
    assert (answer.status, answer.body) == (200, (DIST / "index.html").read_bytes())


@pytest.mark.parametrize(
    "path",
    [
        "/assets", "/assets/", "/assets/none", "/assets/none.js", "/assets/none.css", "/robots.txt", "/favicon.ico", "/src/main.tsx", "/orders/a.b",
        "/index.html/more", "/index.html.br", "/index.html.gz", "/.vite/manifest.json", "/.vite", "/.vite/", "/.built", "/.env", "/.git/config",
        "/a/.b", "/.well-known", "/.well-known/security.txt", "/admin%2Fx", "/index.html%00", "/..%2f..%2fpackage.json", "/%2e%2e/package.json",
        "/assets/../../package.json", "/" + "a" * 400 + ".js",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404_or_400_and_never_a_page(shop, path):
    answer = shop.ask(path)
    assert answer.status in ((400, 404) if ".." in path or "%2e" in path else (404,))
    assert b"root" not in answer.body and b"manifest" not in answer.body
    copy = shop.ask(script() + ".br")
    assert copy.status == 404


def test_the_api_and_live_status_are_no_pages(shop):
    for path, status in (("/api", 404), ("/api/no-such-page", 404), ("/api/users/me", 401), ("/healthz", 200), ("/healthz?ready=1", 200), ("/ws", 426)):
        answer = shop.ask(path, Accept_Encoding="br")
        assert answer.status == status, path
        assert "html" not in (answer["Content-Type"] or ""), path
    assert shop.ask("/socket.io/?EIO=4&transport=polling").body.startswith(b'0{"sid"')
    assert b"<div" not in shop.ask("/socket.io").body
    assert b"<div" not in shop.ask("/healthz/more").body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE"])
def test_pages_are_only_looked_at(shop, method):
    for path in ("/", "/admin", script(), "/assets/none.js"):
        answer = shop.ask(path, method, Content_Length="0")
        assert answer.status == 405
        assert answer["Allow"] == "GET, HEAD"


# --- What a browser is told to refuse -----------------------------------------------------------------------------------------------------------


def test_the_policy_of_the_pages(shop):
    for path in ("/", "/admin", script(), "/assets/none.js", "/none.txt"):
        for answer in (shop.ask(path), shop.ask(path, Accept_Encoding="br"), shop.ask(path, "DELETE")):
            assert answer.policy() == POLICY
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Referrer-Policy"] == "same-origin"
            assert answer["Cross-Origin-Opener-Policy"] == answer["Cross-Origin-Resource-Policy"] == "same-origin"
            assert re.fullmatch(r"[a-z-]+=\(\)(, [a-z-]+=\(\))*", answer["Permissions-Policy"])
            assert answer["Strict-Transport-Security"] is None, "this is not TLS"
            for name in set(answer.headers):
                assert len(answer.headers.get_all(name)) == 1 or name == "Allow", name


def test_the_api_keeps_its_own_headers(shop):
    for path in ("/api/products/", "/api/none", "/healthz"):
        answer = shop.ask(path)
        assert answer["Cache-Control"] == "private, no-cache" and answer["Vary"].replace(" ", "").startswith("Authorization,Cookie")
        assert answer.policy()["default-src"] == "'self'" and answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Permissions-Policy"] is None


def test_the_page_needs_nothing_that_the_policy_refuses():
    text = (DIST / "index.html").read_text()
    for tag in re.findall(r"<(?:script|link|style|img|base|meta http)[^>]*>", text):
        assert re.search(r'(src|href)="/[^/]', tag), tag
    assert not re.search(r"<script[^>]*>[^<]|\son\w+=|\sstyle=|<style|javascript:|https?://", text)


# --- What is built ------------------------------------------------------------------------------------------------------------------------------


def npm(*arguments, folder=DIST):
    command = [CHECKOUT / "conf/with-node", "node", *arguments]
    return subprocess.run([*command, folder], cwd=CHECKOUT / "htdocs", capture_output=True, text=True, check=False)


@pytest.fixture
def copy_of_dist(tmp_path):
    return shutil.copytree(DIST, tmp_path / "dist")


def test_the_budgets_hold():
    done = npm("scripts/budgets.mjs")
    assert done.returncode == 0, done.stdout + done.stderr
    names = [line.split("  ")[0] for line in done.stdout.splitlines()]
    assert names[0] == "initial JS" and names[-1] == "all CSS" and {"SignIn", "OrderForm", "AdminDashboard"} < set(names)


@pytest.mark.parametrize("part", ["index.html", "src/features/order-form/OrderForm.tsx", "css"])
def test_the_budgets_can_be_broken(copy_of_dist, part):
    file = built()["index.html"]["css"][0] if part == "css" else built()[part]["file"]
    with open(copy_of_dist / file, "ab") as out:
        out.write(os.urandom(30_000))
    done = npm("scripts/budgets.mjs", folder=copy_of_dist)
    assert done.returncode == 1 and done.stdout.count("TOO BIG") == 1, done.stdout


def test_assets_of_earlier_builds_stay_for_a_day(copy_of_dist):
    for name, hours in (("old-1.js", 25), ("old-1.js.br", 25), ("recent-1.js", 23), (script().removeprefix("/assets/"), 1000)):
        path = copy_of_dist / "assets" / name
        path.touch()
        os.utime(path, (time.time(), time.time() - hours * 3600))
    before = {path.name for path in (copy_of_dist / "assets").iterdir()}
    done = npm("scripts/prune.mjs", folder=copy_of_dist)
    assert done.returncode == 0, done.stderr
    assert before - {path.name for path in (copy_of_dist / "assets").iterdir()} == {"old-1.js", "old-1.js.br"}


def test_nothing_is_built_when_nothing_changed():
    done = subprocess.run(["make", "-q", "pages"], cwd=CHECKOUT, env={k: v for k, v in os.environ.items() if k != "MAKEFLAGS"}, check=False)
    assert done.returncode == 0
