"""A real httpd with the real module, its configuration written for one test or one file of tests."""

import os
import re
import signal
import subprocess
from pathlib import Path

from . import paths
from .database import Database
from .process import Process, drop_folder, free_port, listening, new_folder, wait_until

SECRET = "a-secret-of-the-tests-that-is-long-enough-0123456789"

MODULES = (
    "mpm_event authn_core authz_core authz_host authz_user mime headers status reqtimeout filter deflate setenvif alias dir"
).split()

# Quick hashing, so that tests need not wait for it; what the default is, test_01_users looks at.
DEFAULTS = {"OrdersBcryptCost": "4", "OrdersRateLimit": "Off", "OrdersMongoPoolSize": "8"}

LOG_FORMAT = r'"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %D %{X-Request-Id}o" orders'

API = """
<LocationMatch "^/(?:api(?:/|$)|healthz/?$)">
    AuthType Orders
    AuthName "Orders"
    Require orders-route
    AuthzSendForbiddenOnFailure On
</LocationMatch>
"""

# Every line at warn or above, and children that died.
_BAD_LINE = re.compile(r"^\[[^]]*\] \[(?P<module>\w*):(?P<level>emerg|alert|crit|error|warn)\]")
_DIED = re.compile(r"exit signal|seg fault|AddressSanitizer|runtime error|double free|corrupt")
# What Apache says by itself: a 403 by a Require (AH01631), and remarks on a busy machine (full scoreboard, all workers taken).
_HARMLESS = re.compile(r"AH01631|AH00484|AH03490|AH10159")

instances: list["Httpd"] = []


class Httpd:
    """Started by `start`, or used with `with`. Its error log is read by conftest after each test.

    directives  Orders* directives besides the defaults; None takes a default away
    api         the <Location> of the API
    extra       further configuration, at the end
    mpm         StartServers and the like
    expect      patterns of log lines that are fine for this instance's whole life
    """

    def __init__(self, database: Database, directives=None, *, api=API, extra="", mpm=None, modules=(), expect=()):
        self.database = database
        self.folder = new_folder("httpd")
        self.port = free_port()
        self.directives = {"OrdersEngine": "On", "OrdersMongoUri": database.uri, "OrdersJwtSecret": SECRET, **DEFAULTS}
        self.directives.update(directives or {})
        self.api = api
        self.extra = extra
        self.modules = [*MODULES, *modules]
        self.mpm = {"StartServers": 2, "ServerLimit": 2, "ThreadsPerChild": 32, "MaxRequestWorkers": 64}
        self.mpm |= {"MinSpareThreads": 1, "MaxSpareThreads": 64, **(mpm or {})}
        self.expect = list(expect)
        self.process: Process | None = None
        self._read = 0
        self.prepare()

    # The configuration

    def prepare(self) -> None:
        for name in ("htdocs", "logs", "run"):
            (self.folder / name).mkdir()
        (self.folder / "htdocs/index.html").write_text("<!doctype html><title>Shop</title>\n")
        (self.folder / "mime.types").write_text("text/html html\n")
        self.write_config()

    def config(self) -> str:
        lines = [
            f"ServerRoot {self.folder}",
            f"DefaultRuntimeDir {self.folder}/run",
            "PidFile run/httpd.pid",
            f"Listen 127.0.0.1:{self.port}",
            f"ServerName localhost:{self.port}",
            *(f"LoadModule {name}_module {paths.apache_modules()}/mod_{name}.so" for name in self.modules),
            f"LoadModule orders_module {paths.MODULE}",
            *(["User www-data", "Group www-data"] if os.getuid() == 0 else []),
            *(f"{name} {value}" for name, value in self.mpm.items()),
            "TypesConfig mime.types",
            f"DocumentRoot {self.folder}/htdocs",
            f"<Directory {self.folder}/htdocs>\n    Require all granted\n</Directory>",
            "ErrorLog logs/error.log",
            "LogLevel warn mpm_event:notice orders:info",
            f"LogFormat {LOG_FORMAT}",
            "CustomLog logs/access.log orders",
            "TraceEnable off",
            "Timeout 20",
            "GracefulShutdownTimeout 15",
            "KeepAliveTimeout 2",
            *(f"{name} {_quoted(value)}" for name, value in self.directives.items() if value is not None),
            "AddOutputFilterByType DEFLATE application/json application/problem+json text/csv text/html",
            self.api,
            self.extra,
        ]
        return "\n".join(lines) + "\n"

    def write_config(self) -> None:
        (self.folder / "httpd.conf").write_text(self.config())

    def command(self, *more: str) -> list[str]:
        return [paths.apache(), "-f", str(self.folder / "httpd.conf"), *more]

    def test_config(self) -> tuple[int, str]:
        """apache2 -t: its exit status and what it said."""
        done = subprocess.run(self.command("-t"), capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout + done.stderr

    # Its life

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, ready: bool = True, wrapper: list[str] | None = None, seconds: float = 20, path="") -> "Httpd":
        """Returns when it is ready, or (ready=False) alive, or when `path` is answered 200."""
        mode = "-X" if wrapper else "-DFOREGROUND"
        self.process = Process([*(wrapper or []), *self.command(mode)], self.folder / "logs/out.log")
        instances.append(self)

        def up():
            if not self.process.alive():
                raise AssertionError(f"httpd ended at start:\n{self.process.said()}\n{self.error_log()}")
            return listening(self.port) and self._answers(path or ("/healthz?ready=1" if ready else "/healthz"))

        wait_until(up, seconds, f"httpd on port {self.port}: {self.error_log()[-500:]}")
        return self

    def _answers(self, path: str) -> bool:
        from .client import Client

        try:
            return Client(self.base).raw_call("GET", path).status == 200
        except OSError:
            return False

    def children(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def started_generations(self) -> int:
        return self.error_log().count("AH00489")

    def reload(self, seconds: float = 20) -> None:
        """A graceful reload; returns when the new configuration serves."""
        before = self.started_generations()
        self.process.signal(signal.SIGUSR1)
        wait_until(lambda: self.started_generations() > before, seconds, "the reload")

    def stop(self, number: int = signal.SIGWINCH, seconds: float = 20) -> int:
        """Stops it, gracefully unless told otherwise; the exit status.

        SIGTERM makes the event MPM shut the sockets of its workers without a lock, and a child may crash in that
        (2.4.71, close_worker_sockets): so it is for the tests that are about it.
        """
        if not self.process or not self.process.alive():
            return 0
        self.process.signal(number)
        status = self.process.wait(seconds)
        if status is None:
            self.process.kill_group()
            raise AssertionError(f"httpd did not stop within {seconds} s")
        self.process.kill_group()
        return status

    def discard(self) -> None:
        """Ends it whatever state it is in, and takes it off the disk."""
        if self.process:
            self.process.kill_group()
        drop_folder(self.folder)

    def __enter__(self) -> "Httpd":
        return self if self.process else self.start()

    def __exit__(self, *failure) -> None:
        try:
            self.stop()
        finally:
            if self.process:
                self.process.kill_group()

    # Its logs

    def error_log(self) -> str:
        log = self.folder / "logs/error.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def access_log(self) -> str:
        log = self.folder / "logs/access.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def unexpected(self, patterns: list[str]) -> list[str]:
        """Lines at warn or above since the last call that no pattern names."""
        log = self.error_log() + (self.process.said() if self.process else "")
        lines, self._read = log[self._read :].splitlines(), len(log)
        allowed = [re.compile(p) for p in [*patterns, *self.expect]]
        bad = (line for line in lines if (_BAD_LINE.search(line) and not _HARMLESS.search(line)) or _DIED.search(line))
        return [line for line in bad if not any(p.search(line) for p in allowed)]


def _quoted(value: str) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
