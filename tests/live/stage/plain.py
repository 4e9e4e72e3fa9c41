"""A viewer at /ws with an independent WebSocket implementation (PyPI's websockets)."""

import contextlib
import json
import socket
import time
from urllib.parse import urlencode

import websockets.sync.client
from websockets.exceptions import ConnectionClosed


class Plain:
    """One connection. Messages are taken in order; heartbeats are passed over unless asked for."""

    def __init__(
        self, at, token=None, *, cookie=None, origin=None, subprotocols=("orders.v1",), hello=True, headers=None, **query
    ):
        """at: Apache's port, or the path of the bridge's own socket."""
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if cookie:
            headers["Cookie"] = cookie
        self._open = contextlib.ExitStack()
        straight = isinstance(at, str)
        uri = f"ws://{'localhost' if straight else f'127.0.0.1:{at}'}/ws" + (f"?{urlencode(query)}" if query else "")
        connection = websockets.sync.client.connect(
            uri,
            sock=_connect(at) if straight else None,
            additional_headers=headers,
            origin=origin,
            subprotocols=subprotocols,
            compression=None,
            open_timeout=15,
            close_timeout=2,
        )
        self.ws = self._open.enter_context(connection)
        self.hello = None
        if hello:
            self.hello = self.next("hello")
            self.epoch, self.seq = self.hello["epoch"], self.hello["seq"]

    def message(self, seconds: float = 10) -> dict:
        text = self.ws.recv(timeout=seconds)
        assert isinstance(text, str)
        message = json.loads(text)
        if "seq" in message:
            self.seq = message["seq"]
        return message

    def next(self, kind: str | None = None, seconds: float = 10) -> dict:
        """The next message but heartbeats; it must be of that type."""
        end = time.monotonic() + seconds
        while True:
            message = self.message(max(0.01, end - time.monotonic()))
            if message["type"] != "heartbeat" or kind == "heartbeat":
                assert kind is None or message["type"] == kind, message
                return message

    def event(self, of: dict, seconds: float = 10) -> dict:
        """The next event of that order or product, whatever comes before it."""
        end = time.monotonic() + seconds
        while True:
            message = self.next(None, max(0.01, end - time.monotonic()))
            if message.get("id") == of["id"]:
                return message

    def until(self, of: dict, version: int, seconds: float = 10) -> list[dict]:
        """All events up to this one of that order or product."""
        events = []
        end = time.monotonic() + seconds
        while not events or (events[-1].get("id"), events[-1].get("version")) != (of["id"], version):
            events.append(self.next(None, max(0.01, end - time.monotonic())))
        return events

    def closing(self, seconds: float = 10) -> tuple[int | None, str]:
        """Reads to the end: its close code and reason."""
        end = time.monotonic() + seconds
        try:
            while True:
                self.message(max(0.01, end - time.monotonic()))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (None, "")

    def close(self) -> None:
        self._open.close()


def _connect(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection
