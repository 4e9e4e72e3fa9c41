"""The fuzz targets' corpus, replayed: what fuzzing once found stays found."""

import os
import pathlib
import subprocess

import pytest
from conftest import CHECKOUT, PROGRAM

CORPUS = CHECKOUT / "tests/fuzz/corpus"
SANITIZED = "san" in PROGRAM.parts


@pytest.fixture(scope="module")
def programs():
    plain = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    subprocess.run(["make", "-s", "fuzz-replay", *(["SAN=1"] if SANITIZED else [])], cwd=CHECKOUT, env=plain, check=True, timeout=100)
    return CHECKOUT / ("build/san/fuzz" if SANITIZED else "build/fuzz")


@pytest.mark.parametrize("target", sorted(path.name for path in CORPUS.iterdir()))
def test_corpus(programs, target):
    inputs = sorted(pathlib.Path(CORPUS / target).iterdir())
    done = subprocess.run([programs / f"replay_{target}", *inputs], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(inputs)} inputs\n"
