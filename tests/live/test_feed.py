"""The bridge's data side against a real database: starts one, and runs the C program that holds the tests, check_feed.c."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests/api"))

from harness.database import Server  # noqa: E402


def make(*arguments):
    plain = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    subprocess.run(["make", "-s", "-j2", *arguments], cwd=CHECKOUT, env=plain, check=True, timeout=600)


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("folder", "options"), [("build", []), ("build/san", ["SAN=1"])], ids=["plain", "sanitized"])
def test_feed(server, tmp_path, folder, options):
    make("live-checks", *options)
    environment = os.environ | {"ORDERS_TEST_URI": server.new_database().uri}
    done = subprocess.run(
        [CHECKOUT / folder / "tests/live/check_feed"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\[  PASSED  \] \d+ test", done.stdout + done.stderr)
    assert list(tmp_path.iterdir()) == [], "what the program left"
