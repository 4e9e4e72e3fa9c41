"""wsecho as a process of its own, on a free port. WSECHO names another build of it, such as build/san/wsecho."""

import os
import pathlib
import resource
import signal
import subprocess
import sys

import pytest
import wire

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests/api"))  # its harness: httpd, database, shop

from stage.fixtures import *  # noqa: E402,F403

PROGRAM = pathlib.Path(os.environ.get("WSECHO", CHECKOUT / "build/wsecho"))


class Echo:
    """A running wsecho. Stopping it checks that it ends well: sanitizers and leak checkers speak through its exit status."""

    def __init__(self, *arguments, files=None):
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        self.process = subprocess.Popen([PROGRAM, "--port", "0", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit)
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), (line, self.process.stderr.read())
        self.port = int(line.rsplit(":", 1)[1])

    def connect(self):
        return wire.Connection(self.port)

    def websocket(self, path="/"):
        connection = self.connect()
        status, _, _ = connection.upgrade(path)
        assert status == 101
        return connection

    def memory(self):
        """Kilobytes of its own memory."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, errors
        assert errors == ""


@pytest.fixture
def start_echo():
    """Starts wsecho with options of the test's own."""
    running = []

    def start(*arguments, **options):
        running.append(Echo(*arguments, **options))
        return running[-1]

    yield start
    for echo in running:
        echo.stop()


@pytest.fixture(scope="session")
def echo():
    """One with the protocols' own times: nothing but the test ends a connection."""
    server = Echo()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def quick_echo():
    """One with a short heartbeat."""
    server = Echo("--ping-interval", 150, "--ping-timeout", 500, "--connect-timeout", 400)
    yield server
    server.stop()
