"""Processes as /proc shows them: whose child, how much CPU, how much memory."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    seconds: float  # of CPU, user and system
    name: str


def snapshot() -> dict[int, Process]:
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name, rest = (folder / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue  # it has ended meanwhile
        fields = rest.split()
        pid = int(folder.name)
        found[pid] = Process(pid, int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS, name)
    return found


def family(roots: set[int], processes: dict[int, Process]) -> set[int]:
    """The roots and all that descend from them."""
    members = {pid for pid in roots if pid in processes}
    while True:
        more = {p.pid for p in processes.values() if p.parent in members and p.pid not in members}
        if not more:
            return members
        members |= more


def cpu_seconds(roots: set[int]) -> float:
    processes = snapshot()
    return sum(processes[pid].seconds for pid in family(roots, processes))


def memory_kb(roots: set[int]) -> int:
    """PSS: what processes share is counted once."""
    total = 0
    for pid in family(roots, snapshot()):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total


def _busy_seconds() -> float:
    """All CPU that was used since the machine started, interrupts aside."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    return sum(int(field) for field in fields[1:4]) / TICKS


class Others:
    """What everybody else uses between two looks: `share` is in cores, `names` the processes that used most.

    Short-lived processes are seen only in `share`. While our own load runs, the machine's total is too coarse a measure
    to take our part from: then `counted`, the sum over the processes that could be seen, is the figure.
    """

    def __init__(self, ours: set[int]):
        self.ours = ours
        self.began, self.busy, self.processes = time.monotonic(), _busy_seconds(), snapshot()

    def look(self) -> "Others":
        now, after = time.monotonic(), snapshot()
        seconds = now - self.began
        mine = family(self.ours, after) | family(self.ours, self.processes)
        used = {p.pid: p.seconds - (self.processes[p.pid].seconds if p.pid in self.processes else 0) for p in after.values()}
        own = sum(value for pid, value in used.items() if pid in mine)
        others = {pid: value / seconds for pid, value in used.items() if pid not in mine and value > 0}
        self.counted = sum(others.values())
        self.share = max(self.counted, (_busy_seconds() - self.busy - own) / seconds)
        most = sorted(others, key=others.get, reverse=True)[:3]
        self.names = [f"{after[pid].name} ({pid}) {others[pid]:.0%}" for pid in most]
        return self
