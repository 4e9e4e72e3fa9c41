"""One measurement of one target: wrk's load, and what CPU the target used meanwhile."""

import json
import re
import subprocess
from pathlib import Path

import paths
import procs
from say import BenchError

SLOWEST = 15  # seconds: what takes longer counts as lost


def request(port: int, method: str, path: str, token: str = "", body: dict | None = None) -> bytes:
    data = json.dumps(body) if body is not None else ""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"] if data else []
    return ("\r\n".join([*lines, "", ""]) + data).encode()


def wrk(port: int, requests: list[bytes], connections: int, seconds: float, folder: Path) -> dict:
    file = folder / "requests"
    file.write_bytes(b"\0".join(requests))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"--timeout={SLOWEST}s"]
    command += ["-s", str(paths.BENCH / "compare/requests.lua"), f"http://127.0.0.1:{port}/", "--", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + SLOWEST + 30)
    found = re.search(r"^RESULT (.*)$", done.stdout, re.M)
    if not found:
        raise BenchError(f"wrk failed: {done.stdout[-400:]} {done.stderr[-400:]}")
    return json.loads(found[1])


def measure(target, requests: list[bytes], connections: int, seconds: float, folder: Path, database: set[int] = frozenset()) -> dict:
    """Requests/s that were answered 2xx, the target's CPU for each of all, and how long they took. `database`: its processes."""
    before = target.cpu_seconds()
    result = wrk(target.port, requests, connections, seconds, folder)
    used = target.cpu_seconds() - before
    target.settle(database)
    good = result["requests"] - result["refused"]
    if result["refused"] and not good:
        raise BenchError(f"{target.label} refused every request: {requests[0].decode().splitlines()[0]}")
    return {
        "rate": good / result["microseconds"] * 1e6,
        "cpu_us": used / result["requests"] * 1e6 if result["requests"] else 0.0,
        "p50": result["ms"]["50"],
        "p99": result["ms"]["99"],
        "curve": result["ms"],
        "refused": result["refused"],
        "lost": result["broken"] + result["timeouts"],
    }


def floor_program(name: str, *arguments: str) -> dict:
    done = subprocess.run([str(paths.BUILD / "bench" / name), *arguments], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise BenchError(f"{name} failed: {done.stderr[-400:]}")
    return json.loads(done.stdout)
