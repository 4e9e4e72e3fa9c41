"""The bridge as a process of its own, and what stands between httpd and its datagram socket."""

import http.client
import json
import os
import re
import signal
import socket
import threading

from harness import paths
from harness.database import Database
from harness.httpd import SECRET
from harness.process import Process, drop_folder, new_folder, wait_until

# WSBRIDGE names another build of it, such as build/san/wsbridge.
PROGRAM = os.environ.get("WSBRIDGE", str(paths.BUILD / "wsbridge"))

_BAD_LINE = re.compile(r"^\S+ (warn|error) |Sanitizer|runtime error|^\*\*\*")


class UnixHttp(http.client.HTTPConnection):
    """HTTP on a unix socket."""

    def __init__(self, path: str):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Bridge:
    """build/wsbridge on sockets in a folder of its own.

    options  flags besides those that it needs: {"heartbeat": "1"}; None takes one away
    """

    def __init__(self, database: Database, options=None):
        self.database = database
        self.folder = new_folder("bridge")
        self.socket = str(self.folder / "bridge.sock")
        self.datagrams = str(self.folder / "bridge.dgram")
        self.expect: list[str] = []
        self.process: Process | None = None
        self.ended = False
        self._read = 0
        (self.folder / "secret").write_text(SECRET)
        (self.folder / "uri").write_text(database.uri)
        self.options = {
            "listen": self.socket,
            "datagrams": self.datagrams,
            "mongodb-uri-file": self.folder / "uri",
            "jwt-secret-file": self.folder / "secret",
            "ready-wait": "10",
            **({"user": "www-data"} if os.getuid() == 0 else {}),
            **(options or {}),
        }

    def start(self, ready: bool = True) -> "Bridge":
        self.ended = False
        given = ((name, value) for name, value in self.options.items() if value is not None)
        self.process = Process([PROGRAM, *(f"--{name}={value}" for name, value in given)], self.folder / "log")
        wait_until(lambda: not self.process.alive() or self._answers(), 20, f"the bridge: {self.log()[-500:]}")
        assert self.process.alive(), f"the bridge ended at start:\n{self.log()}"
        if ready:
            wait_until(lambda: self.state()["ready"], 20, f"the bridge to be ready: {self.log()[-500:]}")
        return self

    def _answers(self) -> bool:
        try:
            return bool(self.state())
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str, method: str = "GET", **headers):
        """(status, headers, body) straight from its socket."""
        connection = UnixHttp(self.socket)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def state(self) -> dict:
        status, _, body = self.get("/healthz")
        assert status == 200, body
        return json.loads(body)

    def kill(self) -> None:
        """kill -9."""
        assert self.process.alive(), f"the bridge died by itself:\n{self.log()[-3000:]}"
        self.process.kill_group()
        self.ended = True

    def stop(self) -> None:
        """It has to end well; sanitizers speak through its exit status. One that died by itself is no good either."""
        if not self.process or self.ended:
            return
        self.ended = True
        if self.process.alive():
            self.process.signal(signal.SIGTERM)
        status = self.process.wait(15)
        if status is None:
            self.process.kill_group()
        assert status == 0, f"the bridge ended with {status}:\n{self.log()[-3000:]}"

    def discard(self) -> None:
        if self.process:
            self.process.kill_group()
        drop_folder(self.folder)

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def unexpected(self) -> list[str]:
        """Warnings and errors since the last call that nobody announced."""
        log = self.log()
        lines, self._read = log[self._read :].splitlines(), len(log)
        return [line for line in lines if _BAD_LINE.search(line) and not any(re.search(p, line) for p in self.expect)]


class Courier:
    """Takes httpd's datagrams and hands them on to the bridge, or drops or doubles them, as the test says."""

    def __init__(self, bridge: Bridge):
        self.path = str(bridge.folder / "courier.dgram")
        self.target = bridge.datagrams
        self.drop = self.double = False
        self.seen = 0
        self._in = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._in.bind(self.path)
        os.chmod(self.path, 0o666)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            while data := self._in.recv(1 << 18):
                self.seen += 1
                for _ in range(0 if self.drop else 2 if self.double else 1):
                    try:
                        out.sendto(data, self.target)
                    except OSError:
                        pass  # the bridge is away: lost, as it would be without the courier

    def stop(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(b"", self.path)
        self._thread.join(5)
        self._in.close()
