"""A machine that does other things measures nothing: wait for quiet, or stop."""

import time

from procs import Others
from say import NotQuiet, say

LIMIT = 0.10  # of one core
PATIENCE = 120


class Quiet:
    def __init__(self, anyway: bool):
        self.anyway = anyway
        self.disturbed: list[str] = []

    @property
    def clean(self) -> bool:
        return not self.disturbed

    def note(self, others: Others) -> None:
        self.disturbed.append(f"others used {others.counted:.0%} of a core: {', '.join(others.names)}")

    def demand(self, ours: set[int]) -> None:
        """Returns once the others use little; the bench is at rest meanwhile."""
        end, told = time.monotonic() + PATIENCE, False
        while True:
            others = Others(ours)
            time.sleep(0.4 if self.anyway else 1)
            others.look()
            if others.share <= LIMIT:
                return
            who = ", ".join(others.names) or "short-lived ones"
            if self.anyway:
                self.disturbed.append(f"before a round: others used {others.share:.0%} of a core: {who}")
                return
            if time.monotonic() > end:
                raise NotQuiet(
                    f"other processes use {others.share:.0%} of a core ({who}), and nothing is to be measured that way. "
                    "End them, or give ANYWAY=1 (the result is then marked as not clean)."
                )
            if not told:
                say(f"waiting for quiet: other processes use {others.share:.0%} of a core ({who})")
                told = True
