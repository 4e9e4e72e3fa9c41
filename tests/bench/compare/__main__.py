"""`make bench`: mod_orders beside two Node servers and its own floors, on one machine, in one run. docs/performance.md tells what is compared.

    python3 tests/bench/compare [--rows "3 5"] [--rounds 5] [--seconds 4] [--quick] [--anyway] [--write]
"""

import argparse
import json
import shutil
import signal
import sys

import paths
import table
import write
from bench import Bench
from say import BenchError, say

ALL = tuple(range(1, 12))


def rows_given(text: str) -> tuple[int, ...]:
    numbers = tuple(int(word) for word in text.replace(",", " ").split()) or ALL
    if not set(numbers) <= set(ALL):
        raise argparse.ArgumentTypeError(f"rows are numbers from 1 to {ALL[-1]}")
    return numbers


def options_given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=rows_given, default=ALL, metavar='"3 5"', help="which rows of the table; default: all")
    parser.add_argument("--rounds", type=int, help="rounds a row, of which the median counts; default: 5")
    parser.add_argument("--seconds", type=float, help="of load a measurement; default: 6")
    parser.add_argument("--warm", type=float, help="seconds of unscored load before a row; default: 3")
    parser.add_argument("--orders", type=int, default=2000, help="in the database when it begins; default: 2000")
    parser.add_argument("--pool", type=int, default=paths.shipped_pool(), help="database connections of each target in all; default: what is shipped")
    parser.add_argument("--memory-seconds", type=float, help="how long row 10 runs; default: 600")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 2 seconds, row 10 a minute: to see that it works")
    parser.add_argument("--anyway", action="store_true", help="score though other processes use the machine; the result is marked as not clean")
    parser.add_argument("--write", action="store_true", help="renew docs/performance.md, its pictures and docs/performance.json")
    options = parser.parse_args()
    for name, usual, quick in (("rounds", 5, 2), ("seconds", 6.0, 2.0), ("warm", 3.0, 1.0), ("memory_seconds", 600.0, 60.0)):
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else usual)
    if options.write and set(options.rows) != set(ALL):
        parser.error("--write needs all rows: what is published was measured in one run")
    options.tell = lambda row: print(table.plain(row), flush=True)
    return options


def main() -> int:
    options = options_given()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if not shutil.which("wrk"):
            raise BenchError("wrk is not installed (Debian's package wrk)")
        with Bench(options) as bench:
            results = bench.run()
    except BenchError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130
    (paths.BUILD / "bench").mkdir(parents=True, exist_ok=True)
    (paths.BUILD / "bench/result.json").write_text(json.dumps(results, indent=1))
    unmet = [goal for row in results["rows"] for goal in row["goals"] if not goal["met"]]
    total = sum(len(row["goals"]) for row in results["rows"])
    say(f"{total - len(unmet)} of {total} goals met; all figures are in build/bench/result.json")
    for name, lines in results["complaints"].items():
        say(f"{name} said: " + " | ".join(line[:160] for line in lines[:3]))
    if not results["clean"]:
        say(f"NOT CLEAN: {results['disturbed'][0]} ({len(results['disturbed'])} disturbances)")
    if options.write:
        write.all(results)
        say("renewed docs/performance.md, docs/performance.json and docs/img/bench-*.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
