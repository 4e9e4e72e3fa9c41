"""README, "Adding the module to an existing Apache": its commands, run as they stand there, against an Apache set up as Debian's package does it."""

import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest

from conftest import CHECKOUT, free_port, port_is_open, wait_until

# What Debian's package turns on by itself.
MODULES = (
    "access_compat alias auth_basic authn_core authn_file authz_core authz_host authz_user autoindex deflate dir env filter mime "
    "mpm_event negotiation reqtimeout setenvif status"
).split()
MODULES_FOLDER = "/usr/lib/apache2/modules"
PASSWORD = "typed at the prompt"
ADMIN = "you@example.com"

APACHE2_CONF = """
ServerRoot {etc}
DefaultRuntimeDir {var}
PidFile {var}/apache2.pid
{user}
ServerName localhost
KeepAliveTimeout 1
ErrorLog {log}/error.log
LogLevel warn
IncludeOptional mods-enabled/*.load
IncludeOptional mods-enabled/*.conf
Listen 127.0.0.1:{port}
<Directory />
    Options FollowSymLinks
    AllowOverride None
    Require all denied
</Directory>
<Directory {www}>
    Options Indexes FollowSymLinks
    Require all granted
</Directory>
TypesConfig /etc/mime.types
# Of Debian's mods-available: what is about files like those of the pages.
AddType application/x-gzip .gz .tgz
AddLanguage br .br
AddLanguage fr .fr
AddOutputFilterByType DEFLATE text/html text/plain text/xml text/css text/javascript application/javascript application/xml
DirectoryIndex index.html index.cgi index.pl index.php index.xhtml index.htm
Alias /icons/ "/usr/share/apache2/icons/"
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
"""

# Debian's helpers come with the package `apache2`, which starts a service where it is installed; these do what theirs do.
HELPERS = {
    "a2enmod": 'for name; do echo "LoadModule ${{name}}_module {modules}/mod_$name.so" >"{etc}/mods-enabled/$name.load"; done',
    "a2enconf": 'ln -s "../conf-available/$1.conf" {etc}/conf-enabled/',
    "a2disconf": 'rm "{etc}/conf-enabled/$1.conf"',
    "apache2ctl": 'case $1 in configtest) exec {apache} -t ;; *) {apache} -t 2>{var}/configtest && exec {apache} -k "$1" ;; esac',
}


def chapter(title):
    """The blocks of commands of a README chapter, without their indent; a continued line is one line."""
    text = (CHECKOUT / "README.md").read_text()
    body = re.search(rf"^## {re.escape(title)}\n(.*?)^## ", text, re.M | re.S).group(1)
    blocks = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", body, re.M)
    return [re.sub(r"^ {4}", "", re.sub(r" \\\n +", " ", block), flags=re.M).strip() + "\n" for block in blocks]


class Host:
    """An Apache with two sites, in a folder instead of in /etc/apache2; the shop's site and another one with an /api of its own."""

    def __init__(self, folder, database):
        self.folder, self.database, self.port = folder, database, free_port()
        self.etc, self.var, self.log, self.www = (folder / name for name in ("etc", "var", "log", "www"))
        self.modules, self.bin = folder / "modules", folder / "bin"
        for path in (self.var, self.log, self.modules, self.bin, self.www / "shop", self.www / "other/api"):
            path.mkdir(parents=True)
        for name in ("conf-available", "conf-enabled", "mods-enabled", "sites-enabled"):
            (self.etc / name).mkdir(parents=True)
        (self.www / "shop/index.html").write_text("the shop's pages\n")
        (self.www / "other/api/products").write_text("the other site's own\n")
        self.write_configuration()
        self.write_helpers()
        self.process = None

    def write_configuration(self):
        user = "User www-data\nGroup www-data" if os.getuid() == 0 else ""
        values = {"etc": self.etc, "var": self.var, "log": self.log, "www": self.www, "port": self.port, "user": user}
        (self.etc / "apache2.conf").write_text(APACHE2_CONF.format(**values))
        for name in MODULES:
            (self.etc / f"mods-enabled/{name}.load").write_text(f"LoadModule {name}_module {MODULES_FOLDER}/mod_{name}.so\n")
        self.write_site("shop", f"CustomLog {self.log}/shop.log combined")
        self.write_site("other", f"CustomLog {self.log}/other.log combined")

    def write_site(self, name, lines):
        text = f"<VirtualHost *:{self.port}>\nServerName {name}.example.com\nDocumentRoot {self.www}/{name}\n{lines}\n</VirtualHost>\n"
        # "a-other": which of the two comes first must not matter to what is asked for by name.
        (self.etc / f"sites-enabled/{'a-' if name == 'other' else ''}{name}.conf").write_text(text)

    def write_helpers(self):
        apache = f"/usr/sbin/apache2 -f {self.etc}/apache2.conf"
        for name, command in HELPERS.items():
            path = self.bin / name
            path.write_text("#!/bin/sh\nset -e\n" + command.format(apache=apache, etc=self.etc, var=self.var, modules=MODULES_FOLDER) + "\n")
            path.chmod(0o755)

    def here(self, text):
        """README's text with this host's places in it."""
        places = {
            '"$(apxs -q LIBEXECDIR)"': str(self.modules),
            MODULES_FOLDER: str(self.modules),
            "/usr/local/bin/": f"{self.bin}/",
            "/etc/apache2": str(self.etc),
            "/var/www/orders": str(self.www / "shop"),
            "${APACHE_LOG_DIR}": str(self.log),
            "mongodb://127.0.0.1:27017/orders?replicaSet=rs0": self.database,
            "https://shop.example.com": f"http://shop.example.com:{self.port}",
            "curl -s": f"curl -s --resolve shop.example.com:{self.port}:127.0.0.1",
            "*:443": f"*:{self.port}",
        }
        for there, ours in places.items():
            text = text.replace(there, ours)
        return text

    def run(self, commands, **more):
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", "-euc", self.here(commands)], cwd=CHECKOUT, env=environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=60, check=False, **{"stdin": subprocess.DEVNULL} | more,
        )  # fmt: skip

    def must(self, commands, **more):
        done = self.run(commands, **more)
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        return done.stdout

    def start(self):
        command = ["/usr/sbin/apache2", "-f", str(self.etc / "apache2.conf"), "-DFOREGROUND"]
        with open(self.log / "out", "w") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        wait_until(lambda: port_is_open(self.port), "the Apache that runs already")

    def end(self):
        """Its session is its own, so that the group holds it and its children and nothing else."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait(10)

    def ask(self, path, site="shop", token=None, body=None, method=None, **more):
        """Status, headers and text of an answer."""
        headers = {"Host": f"{site}.example.com"} | ({"Authorization": f"Bearer {token}"} if token else {}) | more
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def api(self, path, **more):
        status, _, text = self.ask(path, **more)
        assert status < 300, text
        return json.loads(text)

    def ready(self):
        return self.ask("/healthz?ready=1")[0] == 200

    def mapped_modules(self):
        """The inodes of the module's files that Apache has loaded."""
        maps = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text()
        return {int(line.split()[4]) for line in maps.splitlines() if "/mod_orders.so" in line}

    def error_lines(self):
        return [line for line in (self.log / "error.log").read_text().splitlines() if not re.search(r"\[\w*:(notice|info)\]", line)]


@pytest.fixture
def database(folder):
    """A replica set with one member, as the chapter asks for."""
    port, venv = free_port(), CHECKOUT / "build/venv/bin"
    command = [venv / "python", venv / "secantusd-py", "--port", str(port), "--storage-path", str(folder / "data"), "--sync-on-commit"]
    with open(folder / "database.log", "w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: port_is_open(port), "the database")
        yield f"mongodb://127.0.0.1:{port}/orders?replicaSet=secantus"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@pytest.fixture
def host(folder, database):
    host = Host(folder, database)
    host.start()
    yield host
    host.end()


def settle(host):
    """The placeholders of the two files, set as a team sets them."""
    path = host.etc / "conf-available/orders.conf"
    text = path.read_text()
    assert f"LoadModule orders_module {MODULES_FOLDER}/mod_orders.so" in text
    path.write_text(host.here(text))


def add_to_site(host, block):
    """README's example of a virtual host."""
    block = host.here(block)
    lines = block.splitlines()
    assert lines[0].startswith("<VirtualHost") and lines[-1] == "</VirtualHost>"
    (host.etc / "sites-enabled/shop.conf").write_text(block.replace("    ...\n", ""))


def follow_readme(host):
    """The chapter from its first to its last command; what installs and builds was done before."""
    build, secret, configure, pages, site, admin, reload = chapter("Adding the module to an existing Apache")
    lines = build.splitlines(keepends=True)
    assert lines[0].startswith("apt-get install ") and lines[1] == "make\n"
    host.must("".join(lines[2:]))
    host.must(secret)
    host.must(configure)
    settle(host)
    assert pages.startswith("make pages\n")
    host.must(pages)
    add_to_site(host, site)
    host.must(admin, stdin=None, input=f"{PASSWORD}\n")
    host.must(reload)
    wait_until(host.ready, "readiness after the reload")


def sign_in(host, email, password):
    return host.api("/api/users/login", body={"email": email, "password": password})["token"]


def place_an_order(host):
    """Signed in as the admin, then as a customer; returns the customer's id."""
    admin = sign_in(host, ADMIN, PASSWORD)
    product = host.api("/api/products", token=admin, body={"name": "Blue mug", "price": 9.99, "stock": 10})
    ada = host.api("/api/users/register", body={"name": "Ada", "email": "ada@example.com", "password": "correct horse"})
    order = host.api("/api/orders", token=ada["token"], body={"items": [{"productId": product["id"], "quantity": 2}]})
    assert order["total"] == 19.98
    assert host.api(f"/api/products/{product['id']}")["stock"] == 8
    moved = host.api(f"/api/orders/{order['id']}/status", token=admin, method="PATCH", body={"status": "processing"})
    assert [entry["to"] for entry in moved["history"]] == ["pending", "processing"]
    assert host.ask("/api/orders/admin", token=ada["token"])[0] == 403
    assert host.ask("/api/orders/admin")[0] == 401
    return ada["user"]["id"]


def assert_other_site_is_untouched(host):
    status, headers, text = host.ask("/api/products", site="other")
    assert (status, text) == (200, "the other site's own\n")
    assert "X-Request-Id" not in headers
    status, headers, text = host.ask("/healthz", site="other")
    assert status == 404 and "problem+json" not in headers["Content-Type"]


def test_readme_chapter_from_first_command_to_uninstall(host):
    assert host.ask("/api/products")[0] == 404
    assert_other_site_is_untouched(host)

    follow_readme(host)
    customer = place_an_order(host)
    assert_other_site_is_untouched(host)
    assert host.ask("/")[2] == (CHECKOUT / "htdocs/dist/index.html").read_text()
    assert (host.etc / "orders-secret").stat().st_mode & 0o077 == 0
    assert (host.etc / "conf-available/orders.conf").stat().st_mode & 0o077 == 0
    assert re.search(rf'^127\.0\.0\.1 - {customer} \[.*\] "POST /api/orders HTTP/1\.1" 201 .* \d+ [\w-]+$', (host.log / "shop.log").read_text(), re.M)
    assert host.must(f"MONGODB_URI='{host.database}' ordersctl check")

    host.must('install -m 644 build/mod_orders.so "$(apxs -q LIBEXECDIR)"\napache2ctl configtest\napache2ctl graceful')
    installed = (host.modules / "mod_orders.so").stat().st_ino
    wait_until(lambda: host.mapped_modules() == {installed}, "the new module in use, and only that")
    assert sign_in(host, ADMIN, PASSWORD)

    host.write_site("shop", f"CustomLog {host.log}/shop.log combined")
    host.must("a2disconf orders\napache2ctl configtest\napache2ctl graceful")
    wait_until(lambda: "problem+json" not in host.ask("/api/users/me")[1]["Content-Type"], "the API gone")
    assert_other_site_is_untouched(host)
    assert host.error_lines() == []


def test_the_pages_beside_what_debian_turns_on(host):
    follow_readme(host)
    script = re.search(r'src="(/assets/[^"]+)"', host.ask("/")[2]).group(1)
    for path, kind in (("/admin", "text/html"), (script, "text/javascript")):
        seen = set()
        for encoding in ("br", "gzip", "identity"):
            status, headers, _ = host.ask(path, **{"Accept-Encoding": encoding})
            assert status == 200 and headers["Content-Encoding"] == (None if encoding == "identity" else encoding)
            assert headers["Content-Type"] == f"{kind}; charset=utf-8" and headers["Content-Language"] is None and headers["Vary"] == "Accept-Encoding"
            assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["Strict-Transport-Security"] is None
            seen.add(headers["ETag"])
        assert len(seen) == 3
    status, headers, _ = host.ask("/theme.js", **{"Accept-Encoding": "gzip"})
    assert status == 200 and headers["Content-Encoding"] is None and headers["Cache-Control"] == "no-cache"
    for path in ("/assets/", "/assets", "/assets/none.js", "/.htaccess", "/admin.html"):
        assert host.ask(path)[0] == 404, path
    assert host.ask("/admin", method="POST")[0] == 405
    status, headers, _ = host.ask("/api/products")
    assert status == 200 and headers["Content-Security-Policy"] is None
    assert_other_site_is_untouched(host)
    assert "Content-Security-Policy" not in host.ask("/", site="other")[1]
    assert host.ask("/no/such/page", site="other")[0] == 404
    assert host.error_lines() == []


def test_by_tls_the_browser_is_told_to_come_by_tls_again(host):
    follow_readme(host)
    key, certificate, port = host.var / "key.pem", host.var / "certificate.pem", free_port()
    host.must(f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=shop.example.com -days 2 -keyout {key} -out {certificate}")
    (host.etc / "sites-enabled/tls.conf").write_text(
        f"Listen 127.0.0.1:{port}\n<VirtualHost *:{port}>\nServerName shop.example.com\nDocumentRoot {host.www}/shop\nInclude orders-pages.conf\n"
        f"SSLEngine On\nSSLCertificateFile {certificate}\nSSLCertificateKeyFile {key}\n</VirtualHost>\n"
    )
    host.must("a2enmod ssl\napache2ctl configtest\napache2ctl graceful")
    wait_until(lambda: port_is_open(port), "the port with TLS")
    with urllib.request.urlopen(f"https://127.0.0.1:{port}/admin", timeout=10, context=ssl._create_unverified_context()) as answer:
        assert answer.status == 200 and answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert host.ask("/admin")[1]["Strict-Transport-Security"] is None


def test_a_wrong_value_stops_at_configtest(host):
    follow_readme(host)
    path = host.etc / "conf-available/orders.conf"
    path.write_text(path.read_text().replace("OrdersCurrency USD", "OrdersCurrency dollars"))
    done = host.run("apache2ctl configtest")
    assert done.returncode != 0
    assert "OrdersCurrency: 'dollars' is not allowed: it must be a currency code of ISO 4217" in done.stdout
    assert host.run("apache2ctl graceful").returncode != 0
    assert host.ready()
