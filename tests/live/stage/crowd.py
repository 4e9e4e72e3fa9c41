"""Fifty viewers of both protocols that live through whatever a test does, each recovering as its protocol's documents say."""

import asyncio
import contextlib
import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import websockets
from harness.process import wait_until
from harness.shop import Person
from websockets.asyncio.client import connect

from .fleet import Fleet
from .play import Stage
from .seen import Seen, truth_of

QUICK = {"reconnectionDelay": 100, "reconnectionDelayMax": 500, "timeout": 5000}
AT_ONCE = (4408, 4410)  # close codes that ask to come back now


class PlainViewer:
    """/ws: comes back with its place; fetches by REST at the start and on `reset`."""

    def __init__(self, crowd: "Crowd", who: Person, name: str):
        self.crowd, self.seen = crowd, Seen(who, name)
        self.place: dict = {}
        self.ws = None
        self.closes: list[int | None] = []

    async def live(self) -> None:
        while not self.crowd.ending:
            try:
                code = await self.once()
            except (OSError, websockets.exceptions.WebSocketException, TimeoutError):
                code = None
            self.ws = None
            self.closes.append(code)
            if code == 4401:
                self.seen.wrong.append("was told to sign in again")
                return
            await asyncio.sleep(random.uniform(0, 0.05) if code in AT_ONCE else random.uniform(0.1, 0.5))

    async def once(self) -> int | None:
        url = f"ws://127.0.0.1:{self.crowd.stage.httpd.port}/ws" + (f"?{urlencode(self.place)}" if self.place else "")
        headers = {"Authorization": f"Bearer {self.seen.who.token}"}
        how = {"subprotocols": ["orders.v1"], "additional_headers": headers, "compression": None}
        async with connect(url, open_timeout=5, close_timeout=1, ping_interval=None, **how) as ws:
            with contextlib.suppress(websockets.exceptions.ConnectionClosed):
                async for text in ws:
                    self.take(json.loads(text))
                    self.ws = ws
        return ws.close_code

    def take(self, message: dict) -> None:
        kind = message["type"]
        if kind == "hello":
            if not self.place:
                self.crowd.fetch(self.seen)
            self.place["epoch"] = self.place.get("epoch", message["epoch"])
            self.place["since"] = self.place.get("since", message["seq"])
            return
        if kind == "reset":
            self.place = {"epoch": message["epoch"], "since": message["seq"]}
            self.seen.begin()
            self.crowd.fetch(self.seen)
            return
        if kind not in ("heartbeat", "error"):
            self.seen.event(message)
        self.place["since"] = message["seq"]

    def is_up(self) -> bool:
        return self.ws is not None

    def cut(self) -> None:
        if ws := self.ws:
            self.crowd.loop.call_soon_threadsafe(ws.transport.abort)


class SocketIoViewer:
    """/socket.io/ by socket.io-client: comes back by itself; fetches by REST where it was not recovered."""

    def __init__(self, crowd: "Crowd", fleet: Fleet, who: Person, name: str, **options):
        self.crowd, self.seen = crowd, Seen(who, name)
        self.up = False
        self.socket = fleet.open(crowd.stage.httpd.base, who.token, self.take, **QUICK, **options)

    def take(self, line: dict) -> None:
        what = line["what"]
        if what == "event":
            self.seen.event(line["args"][0])
        elif what == "connect":
            self.up = True
            if line["recovered"]:
                self.seen.resumes += 1
            else:
                self.seen.begin()
                self.crowd.fetch(self.seen)
        elif what in ("disconnect", "connect_error"):
            self.up = False
            if not line["active"] and not self.crowd.ending:
                self.seen.wrong.append(f"does not come back: {line}")

    def is_up(self) -> bool:
        return self.up

    def cut(self) -> None:
        self.socket.order("cut")


class Crowd:
    """`with Crowd(stage, fleet, people): …` returns when all are connected; `compare` is the oracle."""

    def __init__(self, stage: Stage, fleet: Fleet, customers: list[Person], admins: list[Person], size: int = 50):
        self.stage, self.ending = stage, False
        self.people = [*customers, *admins]
        self.fetchers = ThreadPoolExecutor(4)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.viewers = []
        for i in range(size):
            who = self.people[(i // 2) % len(self.people)]
            if i % 2:
                options = [{}, {}, {"transports": ["websocket"]}, {}, {"transports": ["polling"]}][i // 2 % 5]
                self.viewers.append(SocketIoViewer(self, fleet, who, f"socket.io {i}", **options))
            else:
                self.viewers.append(PlainViewer(self, who, f"ws {i}"))
        self.tasks = [asyncio.run_coroutine_threadsafe(v.live(), self.loop) for v in self.viewers if isinstance(v, PlainViewer)]

    def fetch(self, seen: Seen) -> None:
        seen.fetching += 1
        self.fetchers.submit(self._fetch, seen)

    def _fetch(self, seen: Seen) -> None:
        try:
            seen.fetch()
        except AssertionError as error:
            seen.wrong.append(str(error))
        finally:
            seen.fetching -= 1

    def all_up(self) -> bool:
        return all(viewer.is_up() for viewer in self.viewers)

    def settled(self) -> bool:
        return self.all_up() and not any(viewer.seen.fetching for viewer in self.viewers)

    def __enter__(self) -> "Crowd":
        wait_until(lambda: len([v for v in self.viewers if v.seen.fetches]) == len(self.viewers), 30, "all viewers")
        return self

    def __exit__(self, *failure) -> None:
        self.ending = True
        for viewer in self.viewers:
            if isinstance(viewer, SocketIoViewer):
                viewer.socket.order("close")
            elif viewer.ws:
                self.loop.call_soon_threadsafe(viewer.ws.transport.abort)
        for task in self.tasks:
            with contextlib.suppress(Exception):
                task.result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.fetchers.shutdown()

    def compare(self, seconds: float = 25) -> None:
        """In the end each viewer knows each version of what it may see, was told them in order, and nothing else."""
        truth = {who.id: truth_of(who) for who in self.people}

        def lacking():
            return [(v.seen.name, gaps[:3]) for v in self.viewers if (gaps := v.seen.missing(*truth[v.seen.who.id]))]

        try:
            wait_until(lambda: self.settled() and not lacking(), seconds, step=0.1)
        except AssertionError:
            down = [v.seen.name for v in self.viewers if not v.is_up()]
            raise AssertionError(f"down: {down}; missing: {lacking()[:8]}; {self.stage.bridge.state()}") from None
        wrong = [(v.seen.name, v.seen.wrong[:3]) for v in self.viewers if v.seen.wrong]
        assert not wrong, wrong[:8]
        beyond = [(v.seen.name, more[:3]) for v in self.viewers if (more := v.seen.beyond(truth[v.seen.who.id][0]))]
        assert not beyond, beyond[:8]
