"""A relay between httpd and the database that loses what a test tells it to lose."""

import contextlib
import socket
import struct
import threading

from .process import free_port


class Relay:
    """Passes MongoDB messages on. What happens to commits, the test says:

    lose_answers  so many commits are carried out, and then the connection breaks before the answer
    then_dead     after the first lost answer nothing goes through any more, until `revive`
    """

    def __init__(self, target: int):
        self.target = target
        self.port = free_port()
        self.lose_answers = 0
        self.then_dead = False
        self.lost = 0
        self._dead = False
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def revive(self) -> None:
        self.lose_answers, self.then_dead, self._dead = 0, False, False

    def close(self) -> None:
        self._dead = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut_all()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self._dead:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        pair = (client, server)
        self._pairs.add(pair)
        state = {"commit": False}
        back = threading.Thread(target=self._answers, args=(pair, state), daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            while message := _message(client):
                state["commit"] = b"commitTransaction\0" in message
                server.sendall(message)
        _cut(pair)
        back.join()
        self._pairs.discard(pair)

    def _answers(self, pair, state) -> None:
        client, server = pair
        with contextlib.suppress(OSError):
            while message := _message(server):
                if state["commit"] and self._loses():
                    break
                client.sendall(message)
        _cut(pair)

    def _loses(self) -> bool:
        with self._lock:
            if self.lost >= self.lose_answers:
                return False
            self.lost += 1
            if self.then_dead:
                self._dead = True
        if self._dead:
            self._cut_all()
        return True

    def _cut_all(self) -> None:
        for pair in list(self._pairs):
            _cut(pair)


def _cut(pair) -> None:
    for end in pair:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _message(source: socket.socket) -> bytes | None:
    """The next whole message; None at the end."""
    head = _exactly(source, 4)
    if not head:
        return None
    rest = _exactly(source, struct.unpack("<i", head)[0] - 4)
    return head + rest if rest else None


def _exactly(source: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            return None
        data += part
    return data
