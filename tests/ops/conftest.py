"""`make run` and its sisters, driven as a person at a terminal drives them: through a pseudo-terminal, with real signals."""

import fcntl
import os
import pathlib
import pty
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time
import urllib.error
import urllib.request
import uuid

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 60
SETTINGS = ("PORT", "HOST", "RUN_DIR", "MONGODB_URI", "JWT_SECRET", "CURRENCY", "RATE_LIMIT", "BCRYPT_COST", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "NO_COLOR")


def wait_until(condition, what, seconds=PATIENCE):
    """Waits for a condition and returns its (true) value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return value


def free_port():
    """Below the range that the system hands to outgoing connections, so that it stays free; a range for each of xdist's workers, for
    between choosing a port and listening there seconds may pass."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4
    while True:
        port = random.randrange(10000 + worker * 2500, 12500 + worker * 2500)
        if not port_is_open(port):
            return port


def port_is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def get(port, path):
    """Status and body of a GET."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Instance:
    """One RUN_DIR and PORT. All it starts, whoever adopts it, carries a mark in its environment, by which what is left behind is found."""

    def __init__(self, folder, checkout=CHECKOUT, **settings):
        self.checkout = checkout
        self.run_dir = pathlib.Path(folder)
        self.port = free_port()
        self.mark = f"ORDERS_TEST_MARK={uuid.uuid4()}"
        self.environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        name, value = self.mark.split("=")
        self.environment |= {name: value, "PORT": str(self.port), "RUN_DIR": str(self.run_dir), "TERM": "xterm"} | settings

    def make(self, *arguments, **more):
        """Runs make to its end and returns the finished process; its output is one text."""
        return subprocess.run(
            ["make", *arguments], cwd=self.checkout, env=self.environment | more, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
        )  # fmt: skip

    def terminal(self, *arguments):
        return Terminal(["make", *arguments], self.checkout, self.environment)

    def recorded_pid(self, service):
        return int((self.run_dir / f"{service}.pid").read_text().split()[0])

    def processes(self):
        """Every live process with our mark: {pid: name}."""
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes() and " Z " not in (folder / "stat").read_text():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
        return found

    def assert_nothing_left(self):
        wait_until(lambda: not self.processes(), "no process left behind", 30)
        assert not port_is_open(self.port)

    def end(self):
        """After a test that failed half way."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


class Terminal:
    """A command at a terminal of its own, of which it is the foreground job."""

    def __init__(self, command, folder, environment):
        self.master, slave = pty.openpty()
        # setsid makes the terminal the controlling one of a new session, and becomes the command.
        self.process = subprocess.Popen(["setsid", "--ctty", *command], cwd=folder, env=environment, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self.text = ""

    def read(self):
        """Takes what there is to read now."""
        while self.master is not None and select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                data = b""
            if not data:
                return
            self.text += data.decode(errors="replace")

    def expect(self, pattern, seconds=PATIENCE):
        """Waits until the pattern has been printed; returns the match."""

        def look():
            self.read()
            match = re.search(pattern, self.text)
            assert match or self.running(), f"ended without {pattern!r}:\n{self.text}"
            return match

        try:
            return wait_until(look, f"output {pattern!r}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n--- the terminal so far:\n{self.text}") from None

    def running(self):
        return self.process.poll() is None

    def wait(self, seconds=PATIENCE):
        """Waits for the end; returns the exit status, negative for a signal."""

        def look():
            self.read()
            return not self.running()

        try:
            wait_until(look, "the end of the command", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n--- the terminal so far:\n{self.text}") from None
        self.read()
        return self.process.returncode

    def press_ctrl_c(self):
        os.write(self.master, b"\x03")

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self):
        if self.master is not None:
            os.close(self.master)
            self.master = None


@pytest.fixture
def folder():
    """A folder that Apache's user can enter; pytest's own are closed to others."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="orders-ops-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new_instance(folder):
    """Makes instances; whatever they leave behind is ended with the test."""
    made = []

    def make(name="run", checkout=CHECKOUT, **settings):
        made.append(Instance(folder / name, checkout, **settings))
        return made[-1]

    yield make
    for instance in made:
        instance.end()


@pytest.fixture
def instance(new_instance):
    return new_instance()


@pytest.fixture
def other_checkout(folder):
    """Makes a copy of this checkout as a user would have it: what is tracked, nothing built; or with all that is built here."""

    def make(name="checkout", built=False):
        target = folder / name
        listing = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=CHECKOUT, check=True, capture_output=True, text=True)
        for file in filter(None, listing.stdout.split("\0")):
            if (CHECKOUT / file).is_file():
                (target / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / file, target / file)
        if built:
            for part in ("build", "htdocs/dist"):
                shutil.copytree(CHECKOUT / part, target / part, symlinks=True)
            (target / "htdocs/node_modules").symlink_to(CHECKOUT / "htdocs/node_modules")
            (target / "htdocs/dist/.built").touch()
        return target

    return make
