"""Many at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterable


def at_once(calls: Iterable[Callable[[], object]]) -> list:
    """Runs all calls in threads that start together; their results in the order given."""
    calls = list(calls)
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


class Steady:
    """Calls `step(i)` over and over in some threads until told to stop; keeps results and exceptions.

    with Steady(step, threads=8) as load: …; load.results, load.errors
    """

    def __init__(self, step: Callable[[int], object], threads: int = 8):
        self.step = step
        self.results: list = []
        self.errors: list[BaseException] = []
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(i,)) for i in range(threads)]

    def _run(self, number: int) -> None:
        while not self._end.is_set():
            try:
                self.results.append(self.step(number))
            except BaseException as error:  # kept for the test to look at
                self.errors.append(error)

    def __enter__(self) -> "Steady":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failure) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads), "a client hangs"
