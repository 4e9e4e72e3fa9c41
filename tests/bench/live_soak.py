"""Does the bridge's memory stay flat? Fifty viewers that come and go, 50 changes a second, for ten minutes.

    tests/bench/live.sh soak [--minutes 10]

Prints a line every ten seconds; ends with 1 when the bridge's memory in the last fifth is more than a tenth (and 1 MB) above that in the
second fifth, or when a viewer missed something. The bridge remembers each order for ten minutes: some 0.06 KB a change, which is taken off.
"""

import argparse
import pathlib
import random
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "api"), str(HERE.parent / "live")]

from harness.database import Server  # noqa: E402
from harness.load import Steady  # noqa: E402
from stage.crowd import Crowd  # noqa: E402
from stage.fleet import Fleet  # noqa: E402
from stage.play import Stage  # noqa: E402
from stage.trade import RATE, THREADS, Trade  # noqa: E402

STEP = 10


def memory(pid: int) -> int:
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("RssAnon"))


REMEMBERED_KB = 0.06  # a change


def soak(stage: Stage, crowd: Crowd, trade: Trade, minutes: float) -> list[int]:
    rows, begin = [], time.monotonic()
    while time.monotonic() - begin < minutes * 60:
        end = time.monotonic() + STEP
        while time.monotonic() < end:
            random.choice(crowd.viewers).cut()
            time.sleep(0.5)
        rows.append(memory(stage.bridge.process.pid) - int(min(trade.changes, 600 * RATE) * REMEMBERED_KB))
        state = stage.bridge.state()
        counts = f"{trade.changes} changes, {state['viewers']['admitted']} connections, ring {state['events']['kept']}"
        print(f"{time.monotonic() - begin:5.0f} s  {rows[-1]} KB  {counts}, lag {state['lagMs']} ms", flush=True)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    server, fleet = Server(), Fleet()
    # A small ring, so that it is full long before memory is compared.
    stage = Stage(server, {"rotate": "30", "heartbeat": "5", "ring-events": "1000"}).start()
    try:
        customers = [stage.shop.customer() for _ in range(8)]
        trade = Trade(stage.shop, customers)
        with Crowd(stage, fleet, customers, [stage.shop.admin, stage.shop.new_admin()]) as crowd:
            with Steady(trade.step, THREADS):
                rows = soak(stage, crowd, trade, minutes)
            crowd.compare(60)
    finally:
        fleet.stop()
        stage.stop([".*"])
        server.stop()
    fifth = max(1, len(rows) // 5)
    early, late = statistics.median(rows[fifth : 2 * fifth]), statistics.median(rows[-fifth:])
    flat = late <= early * 1.1 + 1024
    print(f"second fifth {early:.0f} KB, last fifth {late:.0f} KB: {'flat' if flat else 'it grows'}")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
