"""One run: start everything, fill the shop, compare the answers, measure row by row, stop everything."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import agree
import machine
import paths
import procs
from database import Database
from figures import Row, middle
from quiet import LIMIT, Quiet
from rows import Rows
from say import NotQuiet, Progress, say
from shop import Shop
from targets import Express, Fastify, ModOrders, Target

AGAIN = 2  # times a measurement is repeated that others disturbed
BETWEEN = 2.2  # seconds that a measurement takes besides its load
TENFOLD = 10


class Bench:
    def __init__(self, options):
        self.options = options
        self.orders, self.memory_seconds = options.orders, options.memory_seconds
        self.quiet = Quiet(options.anyway)
        self.large: ModOrders | None = None
        self.large_shop: Shop | None = None
        self.idle: dict[str, int] = {}
        self.started: list[Target] = []

    # What runs

    def __enter__(self) -> "Bench":
        # /tmp may be in memory, where a commit costs nothing.
        self.folder = Path(tempfile.mkdtemp(prefix="mob-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.database = Database(self.folder)
        return self

    def __exit__(self, *failure) -> None:
        for target in reversed(self.started):
            with contextlib.suppress(Exception):
                target.stop()
        with contextlib.suppress(Exception):
            self.database.stop()
        if failure[0] and not issubclass(failure[0], (KeyboardInterrupt, SystemExit, NotQuiet)):
            say(f"logs are in {self.folder}")
            shutil.rmtree(self.folder / "data", ignore_errors=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, target: Target) -> Target:
        self.started.append(target)
        target.start()
        return target

    def ours_of_the_machine(self) -> set[int]:
        """The roots of all processes that belong to this run; a MongoDB that was given to it among them."""
        roots = {os.getpid()} | self.database.pids
        for target in self.started:
            roots |= target.roots() | target.helpers()
        if self.database.given:
            roots |= {process.pid for process in procs.snapshot().values() if process.name == "mongod"}
        return roots

    def set_up(self) -> None:
        subprocess.run(["make", "-s", "-C", str(paths.CHECKOUT), "-j2", "build", "bench-floors"], check=True, env=_without_make())
        self.database.start()
        self.machine = machine.describe(self.database)
        for name, value in self.machine.items():
            say(f"  {name}: {value}")
        uri = self.database.new("main")
        say("Starting mod_orders and the two peers on the same database")
        self.ours = self.start(ModOrders(self.folder, uri, self.options.pool))
        self.peers = [self.start(kind(self.folder, uri, self.options.pool)) for kind in (Express, Fastify)]
        time.sleep(2)
        self.note_idle()
        say(f"Filling the shop: 1,000 products, {self.orders:,} orders")
        self.shop = Shop(self.ours)
        self.shop.fill(self.orders)
        say(f"{agree.compare(self.ours, self.peers, self.shop)} answers of the peers are what mod_orders answers")

    def note_idle(self) -> None:
        parts = {name: procs.memory_kb(self.ours.service(name)) for name in ("apache", "bridge")}
        self.idle = {"mod_orders": sum(parts.values()), **parts, **{peer.name: peer.memory_kb() for peer in self.peers}}

    def set_up_large(self) -> None:
        """A second shop with ten times the orders, with an httpd of its own on the same server."""
        say(f"Filling a second shop: {TENFOLD * self.orders:,} orders")
        self.large = self.start(ModOrders(self.folder, self.database.new("large"), self.options.pool))
        self.large_shop = Shop(self.large)
        self.large_shop.fill(TENFOLD * self.orders)

    # Measuring

    def run(self) -> dict:
        self.set_up()
        wanted = self.options.rows
        if 11 in wanted:
            self.set_up_large()
        rows = [row for row in Rows(self).all() if row.number in wanted]
        progress = Progress(sum(self.cost(row) for row in rows))
        results = []
        for place, row in enumerate(rows, 1):
            results.append(self.score(row, f"row {place} of {len(rows)}", progress))
        progress.clear()
        return self.summary(results)

    def rounds_of(self, row: Row) -> int:
        return row.rounds or self.options.rounds

    def cost(self, row: Row) -> float:
        seconds = row.seconds or self.options.seconds
        warm = sum(self.options.warm + BETWEEN for one in row.contestants if one.warm)
        return warm + self.rounds_of(row) * (len(row.contestants) * (seconds + BETWEEN) + 1)

    def score(self, row: Row, place: str, progress: Progress) -> dict:
        self.shop.keep_signed_in()
        if self.large_shop:
            self.large_shop.keep_signed_in()
        row.before()
        for one in row.contestants:
            if one.warm:
                progress.at(f"{place} ({row.title}), warming up {one.label}")
                one.measure(self.options.warm)
                progress.finished(self.options.warm + BETWEEN)
        taken: dict[str, list[dict]] = {one.name: [] for one in row.contestants}
        seconds = row.seconds or self.options.seconds
        for number in range(self.rounds_of(row)):
            self.quiet.demand(self.ours_of_the_machine())
            # Round 1: A, B, C; round 2: B, C, A: none always comes after the same one.
            turn = number % len(row.contestants)
            for one in row.contestants[turn:] + row.contestants[:turn]:
                progress.at(f"{place} ({row.title}), round {number + 1} of {self.rounds_of(row)}: {one.label}")
                taken[one.name].append(self.undisturbed(one, seconds))
                progress.finished(seconds + BETWEEN)
            progress.finished(1)
        figures = {name: middle(rounds) for name, rounds in taken.items()}
        facts = row.ask(figures)
        judged = [goal.judge({**figures, "facts": facts}) for goal in row.goals]
        labels = {one.name: one.label for one in row.contestants}
        progress.clear()
        result = {"row": row.name, "title": row.title, "labels": labels, "figures": figures, "facts": facts, "goals": judged, "rounds": taken}
        self.options.tell(result)
        return result

    def undisturbed(self, one, seconds: float) -> dict:
        for again in range(AGAIN + 1):
            others = procs.Others(self.ours_of_the_machine())
            figures = one.measure(seconds)
            others.look()
            if others.counted <= LIMIT or self.options.anyway or again == AGAIN or seconds > 60:
                break
        if others.counted > LIMIT:
            self.quiet.note(others)
        return figures | {"others": others.counted}

    def summary(self, results: list[dict]) -> dict:
        complaints = {target.name: target.complaints()[:8] for target in [self.ours, *self.peers] if target.complaints()}
        return {
            "when": time.strftime("%Y-%m-%d"),
            "clean": self.quiet.clean,
            "disturbed": self.quiet.disturbed[:20],
            "machine": self.machine | {"load after": " ".join(f"{one:.2f}" for one in os.getloadavg())},
            "settings": {name: getattr(self.options, name) for name in ("rounds", "seconds", "warm", "orders", "pool", "memory_seconds")},
            "idle_kb": self.idle,
            "complaints": complaints,
            "rows": sorted(results, key=lambda row: (int(row["row"].rstrip("ab")), row["row"])),
        }


def _without_make() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}

