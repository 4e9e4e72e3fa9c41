"""Where things are, and what this run may be told by its environment."""

import os
import re
import subprocess
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
CHECKOUT = BENCH.parent.parent
BUILD = CHECKOUT / "build"
DOCS = CHECKOUT / "docs"
PEERS = BENCH / "peers"
ORDERSCTL = BUILD / "ordersctl"
LAUNCHER = CHECKOUT / "conf/launch"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mod_orders"


def node() -> str:
    """The system's Node where it is new enough, else the one of the Python environment (conf/install)."""
    system = Path("/usr/bin/node")
    if system.exists():
        version = subprocess.run([system, "--version"], capture_output=True, text=True).stdout
        major, minor = (int(part) for part in version.strip().lstrip("v").split(".")[:2])
        if (major, minor) >= (20, 19):
            return str(system)
    return str(BUILD / "venv/bin/node")


def shipped_setting(name: str) -> int:
    """A number of the shipped configuration."""
    found = re.search(rf"^{name}\s+(\d+)", (CHECKOUT / "conf/httpd.conf").read_text(), re.M)
    return int(found[1])


def shipped_pool() -> int:
    """Connections to the database that the shipped httpd may open in all: as many as threads of its children."""
    return shipped_setting("StartServers") * shipped_setting("ThreadsPerChild")
