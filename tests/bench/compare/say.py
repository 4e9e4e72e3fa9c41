"""What the command tells while it runs: where it is, and how long it will still take."""

import sys
import time


QUIET_SECONDS = 15  # between two lines where there is no terminal to write the last one anew


class BenchError(Exception):
    """Ends the command; its text is what the user reads."""


def say(text: str) -> None:
    print(f"bench: {text}", flush=True)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


class NotQuiet(BenchError):
    """Others use the machine: no fault of ours, and nothing to look for in logs."""


class Progress:
    """Shares of the whole are given in seconds as they were planned; how far plan and life differ is learnt on the way."""

    def __init__(self, planned: float):
        self.planned, self.done, self.began = planned, 0.0, time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.told = 0.0

    def left(self) -> float:
        elapsed = time.monotonic() - self.began
        pace = elapsed / self.done if self.done > 20 else 1.15
        return max(0.0, (self.planned - self.done) * pace)

    def at(self, text: str) -> None:
        line = f"{text}, about {duration(self.left())} left"
        if self.terminal:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self.told > QUIET_SECONDS:
            self.told = time.monotonic()
            say(line)

    def finished(self, seconds: float) -> None:
        self.done += seconds

    def clear(self) -> None:
        if self.terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
