"""What is measured: mod_orders as it is shipped, and the Node peers. Each listens on a port of its own."""

import os
import re
import subprocess
import time
from pathlib import Path

import paths
import procs
from client import Client
from database import free_port, wait_for
from say import BenchError

SECRET = "a secret of the bench, the same for all: 0123456789abcdef"
WORKERS = 2
SETTLE = 30


class Target:
    name = ""
    label = ""

    def __init__(self, folder: Path, uri: str, pool: int):
        self.folder, self.uri, self.pool = folder, uri, pool
        self.port = free_port()

    def roots(self) -> set[int]:
        raise NotImplementedError

    def answers(self, path: str = "/healthz") -> bool:
        try:
            return Client(self.port).call("GET", path).status == 200
        except OSError:
            return False

    def cpu_seconds(self) -> float:
        return procs.cpu_seconds(self.roots())

    def settle(self, database: set[int]) -> None:
        """Returns when nothing is at work any more: a Node server goes on with what its clients have given up."""
        end, still = time.monotonic() + SETTLE, 0
        while still < 2 and time.monotonic() < end:
            before = procs.cpu_seconds(self.roots() | database)
            time.sleep(0.3)
            still = still + 1 if procs.cpu_seconds(self.roots() | database) - before < 0.03 else 0

    def memory_kb(self) -> int:
        return procs.memory_kb(self.roots())


class ModOrders(Target):
    """Started by the shipped launcher, on the shipped configuration; the floor's handler is loaded besides."""

    name, label = "mod_orders", "mod_orders"

    def start(self) -> None:
        self.run = self.folder / f"run{self.port}"
        self.run.mkdir(mode=0o755)
        lines = [f'LoadModule floor_module "{paths.BUILD}/bench/mod_floor.so"']
        if self.pool != paths.shipped_pool():
            lines.append(f"OrdersMongoPoolSize {max(1, self.pool // paths.shipped_setting('StartServers'))}")
        (self.run / "extra.conf").write_text("\n".join(lines) + "\n")
        if self.launch("start").returncode:
            raise BenchError(f"mod_orders did not start:\n{self.said[-1500:]}")

    def launch(self, command: str) -> subprocess.CompletedProcess:
        settings = {"PORT": str(self.port), "HOST": "127.0.0.1", "RUN_DIR": str(self.run), "MONGODB_URI": self.uri, "JWT_SECRET": SECRET}
        settings |= {"RATE_LIMIT": "off", "CURRENCY": "USD", "BCRYPT_COST": "10", "MAX_VIEWERS": "256", "ALLOWED_ORIGIN": ""}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
        done = subprocess.run([paths.LAUNCHER, command], env={**inherited, **settings}, capture_output=True, text=True, timeout=400)
        self.said = done.stdout + done.stderr
        return done

    def service(self, name: str) -> set[int]:
        file = self.run / f"{name}.pid"
        return {int(file.read_text().split()[0])} if file.exists() else set()

    def roots(self) -> set[int]:
        return self.service("apache") | self.service("bridge")

    def helpers(self) -> set[int]:
        return self.service("launcher") | self.service("worker")

    def complaints(self) -> list[str]:
        """What the log says at warn and above, without repetitions."""
        lines = (self.run / "logs/error.log").read_text(errors="replace").splitlines()
        loud = [line.split("] ", 3)[-1] for line in lines if re.match(r"\[[^]]*\] \[\w*:(warn|error|crit|alert|emerg)\]", line)]
        return list(dict.fromkeys(re.sub(r"\[[^]]*\] ", "", line) for line in loud))

    def stop(self) -> None:
        if getattr(self, "run", None):
            self.launch("stop")


class Peer(Target):
    program = ""

    def start(self) -> None:
        settings = {"PORT": str(self.port), "MONGODB_URI": self.uri, "JWT_SECRET": SECRET, "POOL": str(self.pool), "WORKERS": str(WORKERS)}
        self.log = self.folder / f"{self.name}.log"
        with self.log.open("a") as out:
            self.process = subprocess.Popen(
                [paths.node(), str(paths.PEERS / self.program)],
                env={**os.environ, **settings, "NODE_ENV": "production"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(lambda: self.ready() or self.process.poll() is not None, 30, self.label)
        if self.process.poll() is not None:
            raise BenchError(f"{self.label} did not start:\n{self.log.read_text()[-1500:]}")

    def ready(self) -> bool:
        """Both workers: the primary hands connections out in turn."""
        return all(self.answers() for _ in range(2 * WORKERS))

    def roots(self) -> set[int]:
        return {self.process.pid}

    def helpers(self) -> set[int]:
        return set()

    def stop(self) -> None:
        if getattr(self, "process", None):
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def complaints(self) -> list[str]:
        return list(dict.fromkeys(self.log.read_text(errors="replace").splitlines()))


class Express(Peer):
    name, label, program = "p1", "P1, Express", "express.mjs"


class Fastify(Peer):
    name, label, program = "p2", "P2, Fastify", "fastify.mjs"
