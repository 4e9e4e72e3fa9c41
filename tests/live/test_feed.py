"""The bridge's data side against a real database: starts one for each C program that holds tests, check_feed_*.c."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import CHECKOUT, PROGRAM
from harness.database import Server

SANITIZED = "san" in PROGRAM.parts
CHECKS = sorted(path.stem for path in Path(__file__).parent.glob("check_feed_*.c"))


@pytest.fixture(scope="module")
def programs():
    plain = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    subprocess.run(["make", "-s", "live-checks", *(["SAN=1"] if SANITIZED else [])], cwd=CHECKOUT, env=plain, check=True, timeout=600)
    return CHECKOUT / ("build/san" if SANITIZED else "build") / "tests/live"


@pytest.fixture
def database():
    server = Server()
    yield server.new_database()
    server.stop()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("check", CHECKS)
def test_feed(programs, check, database, tmp_path):
    environment = os.environ | {"ORDERS_TEST_URI": database.uri}
    done = subprocess.run([programs / check], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\[  PASSED  \] \d+ test", done.stdout + done.stderr)
    assert list(tmp_path.iterdir()) == [], "what the program left"
