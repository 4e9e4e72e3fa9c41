"""The database of the run: the one that MONGODB_URI names, else SecantusDB's Rust server, built once into a cache folder."""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import paths
from say import BenchError, duration, say

CRATE, VERSION = "secantus-mdb", "0.5.3-beta.196"
HOME = paths.CACHE / f"{CRATE}-{VERSION}"
PROGRAM = HOME / "bin/secantusd-rs"


def build() -> None:
    if PROGRAM.exists():
        return
    if not shutil.which("cargo"):
        raise BenchError(
            "the database for benches is built by cargo, which is not installed. Install it (rustup, or Debian 12's package cargo-web), "
            "or name a MongoDB replica set in MONGODB_URI."
        )
    say(f"Building the database {CRATE} {VERSION} into {HOME}, once: this takes 5 to 30 minutes")
    began = time.monotonic()
    HOME.mkdir(parents=True, exist_ok=True)
    log = HOME / "build.log"
    command = ["cargo", "install", CRATE, "--version", VERSION, "--ignore-rust-version", "--root", str(HOME)]
    with log.open("w") as out:
        if subprocess.run(command, stdout=out, stderr=subprocess.STDOUT).returncode:
            raise BenchError(f"it could not be built: {log}\n" + "\n".join(log.read_text().splitlines()[-8:]))
    say(f"Built in {duration(time.monotonic() - began)}")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def wait_for(condition, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise BenchError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.1)


def uri_with_database(uri: str, name: str) -> str:
    """The same server, another database: the bench never writes into one that somebody uses. Who signs in, still does so where they did."""
    scheme, rest = uri.split("://", 1)
    place, _, options = rest.partition("?")
    hosts, _, before = place.partition("/")
    if "@" in hosts and "authSource=" not in options:
        options += ("&" if options else "") + f"authSource={before or 'admin'}"
    return f"{scheme}://{hosts}/{name}" + (f"?{options}" if options else "")


class Database:
    """One server; `uri(name)` is a database in it that `stop` drops again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.process: subprocess.Popen | None = None
        self.given = os.environ.get("MONGODB_URI", "")
        self.names: list[str] = []
        self.mark = secrets.token_hex(4)

    def start(self) -> None:
        if self.given:
            self.base, self.what = self.given, "MongoDB of MONGODB_URI"
            self.version = self.tool("version")["version"]
            return
        build()
        port = free_port()
        command = [str(PROGRAM), "--port", str(port), "--storage-path", str(self.folder / "data"), "--sync-on-commit", "--log-level", "WARNING"]
        (self.folder / "secantusd.toml").touch()
        command += ["--config", str(self.folder / "secantusd.toml")]
        with (self.folder / "database.log").open("w") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(lambda: listening(port) or self.process.poll() is not None, 30, "the database")
        if self.process.poll() is not None:
            raise BenchError(f"the database did not start:\n{(self.folder / 'database.log').read_text()[-800:]}")
        self.base = f"mongodb://127.0.0.1:{port}/?replicaSet=secantus"
        self.what, self.version = "SecantusDB, Rust server, --sync-on-commit", VERSION

    @property
    def pids(self) -> set[int]:
        return {self.process.pid} if self.process else set()

    def new(self, name: str) -> str:
        """A database's own connection string."""
        self.names.append(f"bench_{self.mark}_{name}")
        return uri_with_database(self.base, self.names[-1])

    def tool(self, *arguments: str, uri: str = ""):
        """database.mjs: what the standard library of Python can't ask a MongoDB."""
        command = [paths.node(), str(paths.BENCH / "compare/database.mjs"), uri or self.base, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise BenchError(f"database.mjs {' '.join(arguments)}: {done.stderr.strip()[-600:]}")
        return json.loads(done.stdout)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        elif self.given:
            for name in self.names:
                self.tool("drop", uri=uri_with_database(self.base, name))


def database_of(uri: str) -> str:
    return re.search(r"://[^/]+/([^?]+)", uri)[1]


if __name__ == "__main__":  # for others that want this database: where its program is
    try:
        with contextlib.redirect_stdout(sys.stderr):
            build()
    except BenchError as error:
        sys.exit(str(error))
    print(PROGRAM)
