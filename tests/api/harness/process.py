"""Processes, ports, folders, and waiting for a condition."""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable, TypeVar

T = TypeVar("T")

_running: set["Process"] = set()
_folders: set[Path] = set()


def wait_until(condition: Callable[[], T], seconds: float = 10, what: str = "", step: float = 0.02) -> T:
    """The condition's first true value; fails when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what or condition}")
        time.sleep(step)


def free_port() -> int:
    """A port nobody listens on. Below the range that the system hands to outgoing connections, so that it stays free."""
    base = 20000 + int.from_bytes(os.urandom(2), "big") % 8000
    for port in (base + free_port.used + i for i in range(4000)):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        free_port.used = port - base + 1
        return port
    raise RuntimeError("no free port")


free_port.used = 0


def new_folder(name: str) -> Path:
    """A folder that Apache's unprivileged children can pass through; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"mod_orders-{name}-"))
    folder.chmod(0o755)
    _folders.add(folder)
    return folder


def drop_folder(folder: Path) -> None:
    _folders.discard(folder)
    shutil.rmtree(folder, ignore_errors=True)


def listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Process:
    """A child in a process group of its own, so that all of it can be ended."""

    def __init__(self, command: list[str], output: Path, env: dict[str, str] | None = None):
        self.output = output
        with output.open("ab") as out:
            self.popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(env or {})},
            )
        _running.add(self)

    @property
    def pid(self) -> int:
        return self.popen.pid

    def alive(self) -> bool:
        return self.popen.poll() is None

    def signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def wait(self, seconds: float) -> int | None:
        """The exit status, or None when it still runs."""
        try:
            status = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        _running.discard(self)
        return status

    def kill_group(self) -> None:
        """Ends the process and all that it started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()
        _running.discard(self)

    def said(self) -> str:
        return self.output.read_text(errors="replace")


@atexit.register
def _clean_up() -> None:
    for process in list(_running):
        process.kill_group()
    for folder in list(_folders):
        drop_folder(folder)
