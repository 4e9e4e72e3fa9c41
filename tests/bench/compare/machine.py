"""On what, and with what, it was measured."""

import json
import os
import platform
import re
import subprocess
from pathlib import Path

import paths


def _says(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except OSError:
        return ""
    return (done.stdout or done.stderr).strip()


def _first(pattern: str, text: str, otherwise: str = "?") -> str:
    found = re.search(pattern, text, re.M)
    return found[1].strip() if found else otherwise


def _npm(name: str) -> str:
    file = paths.BENCH / "node_modules" / name / "package.json"
    return json.loads(file.read_text())["version"] if file.exists() else "?"


def describe(database) -> dict:
    memory_kb = int(_first(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()))
    release = Path("/etc/os-release").read_text()
    return {
        "processor": f"{_first(r'^model name.*: (.*)$', Path('/proc/cpuinfo').read_text())}, {os.cpu_count()} cores",
        "memory": f"{memory_kb / 1024**2:.0f} GB",
        "system": f"{_first(r'^PRETTY_NAME=.(.*?).$', release)}, Linux {platform.release()}",
        "Apache": _first(r"Apache/(\S+)", _says("/usr/sbin/apache2", "-v")),
        "libmongoc": _says("pkg-config", "--modversion", "libmongoc-1.0"),
        "jansson": _says("pkg-config", "--modversion", "jansson"),
        "gcc": _first(r"(\S+)$", _says("gcc", "-dumpfullversion")),
        "database": f"{database.what}, {database.version}",
        "Node": _says(paths.node(), "--version").lstrip("v"),
        "P1": ", ".join(f"{name} {_npm(name)}" for name in ("express", "mongoose", "socket.io", "jsonwebtoken", "bcrypt")),
        "P2": ", ".join(f"{name} {_npm(name)}" for name in ("fastify", "mongodb", "fast-jwt")),
        "wrk": _first(r"wrk (?:debian/)?(\S+)", _says("wrk", "-v")),
        "commit": _says("git", "-C", str(paths.CHECKOUT), "describe", "--always", "--dirty"),
        "load before": " ".join(f"{one:.2f}" for one in os.getloadavg()),
    }
