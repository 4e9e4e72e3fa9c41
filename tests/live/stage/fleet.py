"""socket.io-client sockets on Node (fleet.mjs), as Python sees them."""

import json
import os
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import Callable

from harness.process import wait_until

HERE = Path(__file__).resolve().parents[1]
NODE_MODULES = HERE / "node_modules"


def node() -> str:
    """$NODE, else the one that everything here is run with."""
    with_node = HERE.parents[1] / "conf/with-node"
    return os.environ.get("NODE") or subprocess.run([with_node, "which", "node"], capture_output=True, text=True, check=True).stdout.strip()


class Socket:
    """One socket. `happened` has all that it told; wait_for takes them in order."""

    def __init__(self, fleet: "Fleet", name: str):
        self.fleet, self.name = fleet, name
        self.happened: list[dict] = []
        self._ahead: deque[dict] = deque()
        self._news = threading.Condition()
        self.on: Callable[[dict], None] | None = None

    def _told(self, line: dict) -> None:
        with self._news:
            self.happened.append(line)
            self._ahead.append(line)
            self._news.notify_all()
        if self.on:
            self.on(line)

    def order(self, op: str, **more) -> None:
        self.fleet.send(op=op, name=self.name, **more)

    def wait_for(self, what: str, seconds: float = 10, **like) -> dict:
        """The next occurrence of that kind (with those members), whatever comes before it."""
        end = time.monotonic() + seconds
        with self._news:
            while True:
                while self._ahead:
                    line = self._ahead.popleft()
                    if line["what"] == what and all(line.get(name) == value for name, value in like.items()):
                        return line
                left = end - time.monotonic()
                assert left > 0, f"{self.name}: waited {seconds} s in vain for {what} {like}; last: {self.happened[-5:]}"
                self._news.wait(left)

    def upgraded(self, seconds: float = 10) -> None:
        """Until it is on WebSocket. The upgrade may end before or after the namespace is joined."""
        wait_until(lambda: any(line["what"] == "upgrade" for line in list(self.happened)), seconds, "the upgrade")

    def event(self, of: dict, seconds: float = 10) -> dict:
        """The next event of that order or product."""
        end = time.monotonic() + seconds
        while True:
            line = self.wait_for("event", max(0.01, end - time.monotonic()))
            assert line["args"][0]["type"] == line["event"]
            if line["args"][0]["id"] == of["id"]:
                return line["args"][0]

    def events(self) -> list[dict]:
        """All so far."""
        with self._news:
            return [line["args"][0] for line in self.happened if line["what"] == "event"]


class Fleet:
    """A Node process with sockets in it."""

    def __init__(self):
        self.sockets: dict[str, Socket] = {}
        self.process = subprocess.Popen(
            [node(), HERE / "fleet.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            told = json.loads(line)
            self.sockets[told["name"]]._told(told)

    def send(self, **order) -> None:
        with self._lock:
            self.process.stdin.write(json.dumps(order) + "\n")

    def open(self, url: str, token: str | None = None, on=None, **options) -> Socket:
        """io(url, options) with `token` as auth.token; no options: the client's own defaults."""
        name = f"s{len(self.sockets) + 1}"
        socket = self.sockets[name] = Socket(self, name)
        socket.on = on
        given = {"token": token} if token is not None else {}
        self.send(op="open", name=name, url=url, options=options, **given)
        return socket

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(10)
        self._thread.join(5)
