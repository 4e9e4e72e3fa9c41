"""Where things lie: the build, Apache, the embedded database."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("ORDERS_BUILD", REPO / "build"))
MODULE = BUILD / "mod_orders.so"
ORDERSCTL = BUILD / "ordersctl"


def _program(name: str, *candidates: Path | str) -> str:
    for candidate in candidates:
        if Path(candidate).is_file():
            return str(candidate)
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if not found:
        raise RuntimeError(f"{name} is not installed: run `make test`, which installs what the tests need")
    return found


@functools.cache
def apache() -> str:
    return _program("apache2", "/usr/sbin/apache2")


@functools.cache
def apache_modules() -> str:
    apxs = _program("apxs", "/usr/bin/apxs", "/usr/bin/apxs2")
    return subprocess.run([apxs, "-q", "LIBEXECDIR"], check=True, capture_output=True, text=True).stdout.strip()


@functools.cache
def secantusd() -> str:
    """$SECANTUSD, else the one next to this Python, else the one of `make run`."""
    if os.environ.get("SECANTUSD"):
        return os.environ["SECANTUSD"]
    return _program("secantusd-py", Path(sys.executable).parent / "secantusd-py", BUILD / "venv/bin/secantusd-py")
