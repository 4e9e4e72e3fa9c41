"""Figures of several rounds made into one, and goals held against them."""

import statistics
from dataclasses import dataclass
from typing import Callable

Figures = dict[str, float]

ADDED_UP = ("refused", "lost", "signed_in", "turned_away", "other_answers")


def middle(rounds: list[dict]) -> dict:
    """The median of each figure; counts are added up, and of what ends in _max the largest is kept."""
    result = {}
    for name, first in rounds[0].items():
        values = [each[name] for each in rounds]
        if isinstance(first, dict):
            result[name] = middle(values)
        elif name in ADDED_UP:
            result[name] = sum(values)
        elif name.endswith("_max"):
            result[name] = max(values)
        else:
            result[name] = statistics.median(values)
    return result


@dataclass
class Goal:
    """`value(figures)` is to be at least (or at most) `limit`. `figures` are those of the row: contestant → figure → value.

    `alone` says how the database by itself fares in the same: a fall that is the database's own is no fall of ours.
    """

    text: str
    value: Callable[[dict[str, Figures]], float]
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "×"
    alone: Callable[[dict[str, Figures]], float] | None = None

    @property
    def limit(self) -> float:
        return self.at_least if self.at_least is not None else self.at_most

    def judge(self, figures: dict[str, Figures]) -> dict:
        verdict = {"goal": self.text, "unit": self.unit, "limit": self.limit, "value": None, "met": False}
        try:
            value = self.value(figures)
            alone = self.alone(figures) if self.alone else None
        except (KeyError, ZeroDivisionError):
            return verdict
        met = value >= self.at_least if self.at_least is not None else value <= self.at_most
        if not met and alone is not None and self.at_least is not None:
            met = value / min(1.0, alone) >= self.at_least
        return verdict | {"value": value, "met": met} | ({"alone": alone} if alone is not None else {})


def ratio(figure: str, ours: str, theirs: str) -> Callable[[dict[str, Figures]], float]:
    return lambda all_: all_[ours][figure] / all_[theirs][figure]


@dataclass
class Contestant:
    """One thing measured in each round of a row: `measure(seconds)` gives its figures."""

    name: str
    label: str
    measure: Callable[[float], Figures]
    warm: bool = True  # runs once unscored before the first round


@dataclass
class Row:
    number: int
    title: str
    contestants: list[Contestant]
    goals: list[Goal]
    part: str = ""
    rounds: int | None = None  # else as many as the command says
    seconds: float | None = None
    ask: Callable[[dict[str, Figures]], dict] = lambda figures: {}  # afterwards: facts besides the figures; they join them as "facts"
    before: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return f"{self.number}{self.part}"
