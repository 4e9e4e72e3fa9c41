"""A short run with trouble, of another seed each time: it is in the output, and play.py --seed plays it again, as far as time lets it."""

import os
from pathlib import Path

import play
import pytest


def run(tmp_path: Path, *arguments: str) -> None:
    seed = int(os.environ.get("TORTURE_SEED") or int.from_bytes(os.urandom(3), "big"))
    assert play.main(["--seed", str(seed), "--keep", str(tmp_path / "history.jsonl"), *arguments]) == 0, "the output tells why"


@pytest.mark.parametrize("batch, orders", [("64", "450"), ("1", "200")])
def test_a_short_run(tmp_path, batch, orders):
    run(tmp_path, "--orders", orders, "--chapter", "250", "--batch", batch)


def test_without_trouble_everybody_is_told(tmp_path, capsys):
    run(tmp_path, "--orders", "150", "--chapter", "400", "--calm")
    told = capsys.readouterr().out
    assert "outcome-unknown" not in told and "None:" not in told
