"""Is there a serial order? Operations with a beginning and an end in time, each with conditions and effects on some objects: this looks
for one order of all of them in which none stands before another that had ended before it began, and every condition holds.

An operation that changes nothing can be put wherever its conditions hold, as soon as they do: that costs no choice. What is chosen,
and taken back when it leads nowhere, is the order of those that change something; where the database's clock says when they happened,
two that touch one object keep the clock's order; and while an operation waits that has seen a product's present version, nothing
changes that product before it. Sets that were tried in vain are remembered.

State: a product is (stock, price, active, version), an order is its version; 0 before it is placed.
"""

from dataclasses import dataclass, field
from typing import Callable, NamedTuple

FOREVER = float("inf")


class Product(NamedTuple):
    stock: int
    price: int
    active: bool
    version: int


State = dict  # object → Product, or an order's version


@dataclass
class Condition:
    """What must hold at the operation's moment, of one object or several."""

    objects: tuple
    holds: Callable[[State], bool]
    says: str


@dataclass
class Effect:
    """What becomes of one object. None: it can't happen in this state."""

    object: str
    after: Callable[[object], object]
    says: str


@dataclass
class Operation:
    name: str
    began: float
    ended: float  # FOREVER: nobody was told
    conditions: list[Condition] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    optional: bool = False  # it may not have happened
    at: float | None = None  # the database's clock, if it changed something
    latest: dict[str, int] = field(default_factory=dict)  # product → the last version at which the operation can still be put

    @property
    def objects(self) -> set:
        return {o for c in self.conditions for o in c.objects} | {e.object for e in self.effects}

    def about(self, name: str) -> "Operation":
        """What of it concerns one object."""
        conditions = [c for c in self.conditions if c.objects == (name,)]
        effects = [e for e in self.effects if e.object == name]
        latest = {name: self.latest[name]} if name in self.latest else {}
        return Operation(self.name, self.began, self.ended, conditions, effects, self.optional, self.at, latest)


@dataclass
class Outcome:
    found: bool
    decided: bool = True  # False: the search was given up
    stuck: str = ""  # what could not be placed, where the search came furthest
    order: list[str] = field(default_factory=list)
    steps: int = 0


class _Frame:
    __slots__ = ("candidates", "next", "chosen", "before", "reads", "first_end")

    def __init__(self, candidates, reads):
        self.candidates, self.next, self.chosen, self.before, self.reads = candidates, 0, None, None, reads


class _Line:
    """Operations in some order, and where in it the first one is that is not done."""

    def __init__(self, members: list[int]):
        self.members, self.at = members, 0
        self.seat = {i: at for at, i in enumerate(members)}

    def waiting(self, done: list[bool]):
        members, at = self.members, self.at
        while at < len(members) and done[members[at]]:
            at += 1
        self.at = at
        for i in members[at:]:
            if not done[i]:
                yield i

    def take_back(self, i: int) -> None:
        self.at = min(self.at, self.seat[i])


class Search:
    def __init__(self, operations: list[Operation], state: State, final: Callable[[State], str | None], limit: int = 3_000_000):
        self.ops = sorted(operations, key=lambda o: o.began)
        self.state = dict(state)
        self.products = [name for name, value in state.items() if isinstance(value, Product)]
        self.final = final
        self.limit = limit
        count = len(self.ops)
        self.done = [False] * count
        self.by_end = sorted((i for i in range(count) if not self.ops[i].optional), key=lambda i: self.ops[i].ended)
        self.first_end = 0  # in by_end: all before it are done
        self.admitted = 0  # in ops: all before it have been looked at
        self.pending: set[int] = set()
        self.left = len(self.by_end)
        self.mask = 0
        self.order: list[int] = []
        self.tried: set = set()
        ops = self.ops
        self.lines: list[list[_Line]] = [[] for _ in ops]  # that an operation stands in
        self.timed = self._lines(lambda o: [e.object for e in o.effects] if o.at is not None and not o.optional else [], lambda i, _: ops[i].at)
        self.seeing = self._lines(lambda o: [] if o.optional else o.latest, lambda i, name: ops[i].latest[name])
        self.asking = self._lines(lambda o: {name for c in o.conditions for name in c.objects}, lambda i, _: ops[i].began)
        self.perhaps = self._lines(lambda o: [e.object for e in o.effects] if o.optional else [], lambda i, _: ops[i].began)

    def _lines(self, objects, key) -> dict[str, _Line]:
        """A line for each object, of the operations for which objects() names it, by key."""
        members: dict[str, list[int]] = {}
        for i, op in enumerate(self.ops):
            for name in objects(op):
                members.setdefault(name, []).append(i)
        lines = {}
        for name, line in members.items():
            lines[name] = _Line(sorted(line, key=lambda i, name=name: key(i, name)))
            for i in line:
                self.lines[i].append(lines[name])
        return lines

    def _waiting(self, lines: dict[str, _Line], name: str):
        line = lines.get(name)
        return line.waiting(self.done) if line else iter(())

    # Marking

    def _mark(self, i: int) -> None:
        self.done[i] = True
        self.pending.discard(i)
        self.mask |= 1 << i
        self.left -= not self.ops[i].optional
        self.order.append(i)

    def _unmark(self, i: int) -> None:
        self.done[i] = False
        self.pending.add(i)
        self.mask ^= 1 << i
        self.left += not self.ops[i].optional
        self.order.pop()
        for line in self.lines[i]:
            line.take_back(i)

    def _horizon(self) -> float:
        """Nothing that began after this may come next: something else had ended."""
        at = self.first_end
        while at < len(self.by_end) and self.done[self.by_end[at]]:
            at += 1
        self.first_end = at
        horizon = self.ops[self.by_end[at]].ended if at < len(self.by_end) else FOREVER
        while self.admitted < len(self.ops) and self.ops[self.admitted].began <= horizon:
            self.pending.add(self.admitted)
            self.admitted += 1
        return horizon

    def _holds(self, op: Operation) -> bool:
        return all(c.holds(self.state) for c in op.conditions) and all(
            e.after(self.state[e.object]) is not None for e in op.effects
        )

    def _next(self, lines: dict[str, _Line], name: str, but: int | None = None) -> int | None:
        """The first operation of a line that is not done, other than `but`."""
        return next((i for i in self._waiting(lines, name) if i != but), None)

    def _in_time(self, i: int) -> bool:
        """No other change of the same object that has an earlier time is still to come."""
        op = self.ops[i]
        if op.at is None or op.optional:
            return True
        return all(self.ops[self._next(self.timed, e.object)].at >= op.at for e in op.effects)

    def _leaves_nobody_behind(self, i: int) -> bool:
        """Nobody else has yet to come who saw a version that this one makes an end of."""
        for effect in self.ops[i].effects:
            name, after = effect.object, effect.after(self.state[effect.object])
            other = self._next(self.seeing, name, but=i)
            if other is not None and self.ops[other].latest[name] < after.version:
                return False
        return True

    def _may_hold(self, i: int, name: str) -> bool:
        """What it wants to be true of this object is, as far as that can be told without the others."""
        return all(c.objects != (name,) or c.holds(self.state) for c in self.ops[i].conditions)

    def _is_alone_with(self, i: int, name: str) -> bool:
        """Nothing else that has to do with this object need come before it."""
        op = self.ops[i]
        timed, perhaps = self._next(self.timed, name, but=i), self._next(self.perhaps, name, but=i)
        if timed is not None and self.ops[timed].at <= op.at or perhaps is not None and self.ops[perhaps].began <= op.ended:
            return False
        for other in self._waiting(self.asking, name):
            if self.ops[other].began > op.ended:
                break
            if other != i and self._may_hold(other, name):
                return False
        return True

    def _is_next(self, i: int) -> bool:
        """Whatever else may come before it, could as well come after it: so nothing else need be tried here. By the clock it is the first
        to change its objects, and nobody is left who may have seen them as they are."""
        op = self.ops[i]
        return op.at is not None and not op.optional and all(self._is_alone_with(i, e.object) for e in op.effects)

    # Steps

    def _read_all(self) -> list[int]:
        """Places everything that changes nothing and fits in here."""
        placed = []
        while True:
            horizon = self._horizon()
            fits = [
                i for i in self.pending
                if not self.ops[i].effects and self.ops[i].began <= horizon and self._holds(self.ops[i])
            ]  # fmt: skip
            for i in fits:
                self._mark(i)
            placed += fits
            if not fits:
                return placed

    def _candidates(self) -> list[int]:
        horizon = self._horizon()
        fits = [
            i for i in self.pending
            if self.ops[i].effects and self.ops[i].began <= horizon and self._in_time(i)
            and self._holds(self.ops[i]) and self._leaves_nobody_behind(i)
        ]  # fmt: skip
        fits.sort(key=lambda i: (self.ops[i].optional, self.ops[i].at or 0, self.ops[i].began))
        return next(([i] for i in fits if self._is_next(i)), fits)

    def _take_back(self, frame: _Frame) -> None:
        for name, value in frame.before:
            self.state[name] = value
        self._unmark(frame.chosen)
        self.first_end = frame.first_end

    def _key(self):
        """An order's version follows from what was done, a product's state also from the order of it."""
        return self.mask, tuple(self.state[name] for name in self.products)

    def _describe(self) -> str:
        left = [i for i in self.pending if not self.done[i] and not self.ops[i].optional]
        if not left:
            return self.final(self.state) or ""
        i = min(left, key=lambda i: self.ops[i].ended)
        op = self.ops[i]
        wants = [c.says for c in op.conditions if not c.holds(self.state)]
        wants += [f"{e.object}: {e.says}" for e in op.effects if e.after(self.state[e.object]) is None]
        have = {name: tuple(v) if isinstance(v, Product) else v for name, v in self.state.items() if name in op.objects}
        return f"{op.name} does not fit: {'; '.join(wants) or 'others must come first'} (then: {have})"

    def run(self) -> Outcome:
        steps, best, stuck = 0, -1, ""
        reads = self._read_all()
        frames = [_Frame(self._candidates(), reads)]
        while True:
            frame = frames[-1]
            if frame.next == 0:
                wrong = self.final(self.state) if self.left == 0 else "unfinished"
                if wrong is None:
                    return Outcome(True, order=[self.ops[i].name for i in self.order], steps=steps)
                if len(self.order) > best:
                    best, stuck = len(self.order), self._describe()
                if frame.candidates and len(self.tried) and self._key() in self.tried:
                    frame.candidates = []
            if frame.next < len(frame.candidates):
                steps += 1
                if steps > self.limit:
                    return Outcome(False, False, stuck, steps=steps)
                i = frame.candidates[frame.next]
                frame.next += 1
                op = self.ops[i]
                frame.chosen, frame.first_end = i, self.first_end
                frame.before = [(e.object, self.state[e.object]) for e in op.effects]
                for e in op.effects:
                    self.state[e.object] = e.after(self.state[e.object])
                self._mark(i)
                reads = self._read_all()
                frames.append(_Frame(self._candidates(), reads))
                continue
            self.tried.add(self._key())
            for i in reversed(frame.reads):
                self._unmark(i)
            frames.pop()
            if not frames:
                return Outcome(False, True, stuck, steps=steps)
            self._take_back(frames[-1])


def find(operations: list[Operation], state: State, final: Callable[[State], str | None], limit: int = 3_000_000) -> Outcome:
    return Search(operations, state, final, limit).run()


def explain(operations: list[Operation], state: State, final: State, limit: int = 60_000) -> list[str]:
    """Which objects have no serial order even by themselves."""
    said = []
    for name in sorted(state):
        mine = [op for op in (o.about(name) for o in operations) if op.conditions or op.effects]
        if not mine:
            continue

        def ends(now: State, name=name) -> str | None:
            return None if now[name] == final[name] else f"{name} ends as {now[name]}, the database has {final[name]}"

        outcome = find(mine, {name: state[name]}, ends, limit)
        if not outcome.found:
            said.append(f"{name}: no serial order{'' if outcome.decided else ' found'}; {outcome.stuck}")
    return said
