"""Autobahn's WebSocket cases, by PyPI's kosoku: groups 1 to 7, 9 and 10 (12 and 13 are compression, which isn't offered)."""

import collections
import json
import pathlib
import subprocess
import sys

CASES = 301
KOSOKU = pathlib.Path(sys.executable).parent / "kosoku"


def test_all_cases(echo, tmp_path):
    command = [KOSOKU, "-m", "fuzzingclient", "-x", "12.*", "-x", "13.*", "-o", str(tmp_path), f"127.0.0.1:{echo.port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    report = json.loads((tmp_path / "index.json").read_text())
    (results,) = report.values()
    bad = {case: result for case, result in results.items() if not {result["behavior"], result["behaviorClose"]} <= {"OK", "INFORMATIONAL"}}
    assert not bad, done.stdout
    assert len(results) == CASES, collections.Counter(case.split(".")[0] for case in results)
