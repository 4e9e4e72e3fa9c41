"""A relay between httpd and the database that loses what a test tells it to lose, holds what it is told to hold, and counts."""

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field

import bson
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS

from .database import Database
from .process import free_port, wait_until

_OP_MSG = 2013
_BODY = 21  # of a message: its document, after header, flags and the section's kind


@dataclass
class Transaction:
    """What one transaction did: the commands in it, documents written by each, and how it ended."""

    commands: list[str] = field(default_factory=list)
    placed: int = 0  # orders inserted
    changed: int = 0  # orders updated
    products: int = 0  # products updated
    committed: bool = False  # a commit was sent


@dataclass
class _Hold:
    command: bytes
    answers: bool = False
    may_pass: int = 0
    over: bool = False
    lost: bool = False


class Relay:
    """Passes MongoDB messages on. What happens to commits, the test says:

    lose_answers  so many commits are carried out, and then the connection breaks before the answer
    then_dead     after the first lost answer nothing goes through any more, until `revive`
    hold()        commits, or another command, wait on their way to the database until they may pass, or are lost;
                  with answers=True they are carried out, and the answers wait
    batch_bytes   so much of documents is in a find's answer at most, and at least one: what would go beyond is left out, as MongoDB
                  leaves out what would go beyond 16 MB (the embedded database gives a single batch whole); left_out counts them

    transactions  each that wrote something, in the order of their first command
    asked         the commands outside of transactions: ("find", "orders")
    """

    def __init__(self, target: int):
        self.target = target
        self.port = free_port()
        self.lose_answers = 0
        self.then_dead = False
        self.lost = 0
        self.transactions: list[Transaction] = []
        self.asked: list[tuple[str, object]] = []
        self.held = 0
        self.batch_bytes: int | None = None
        self.left_out = 0
        self._known: dict = {}
        self._hold: _Hold | None = None
        self._turn = threading.Condition()
        self._dead = False
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def database(self, server) -> Database:
        """A new database of the server, reached through here."""
        relay = self

        class Behind(Database):
            @property
            def uri(self) -> str:
                return f"mongodb://127.0.0.1:{relay.port}/{self.name}?directConnection=true"

        return Behind(server, server.new_database().name)

    def revive(self) -> None:
        self.lose_answers, self.then_dead, self._dead, self.batch_bytes = 0, False, False, None
        self.let_go()

    def hold(self, command: str = "commitTransaction", answers: bool = False) -> None:
        """What was held before goes on."""
        self.let_go()
        with self._turn:
            self.held = 0
            self._hold = _Hold(command.encode() + b"\0", answers)

    def wait_for_held(self, count: int = 1) -> None:
        wait_until(lambda: self.held >= count, 15, f"{count} commands to be held")

    def let_one_go(self) -> None:
        """The longest held, or the next to come; later ones are held."""
        with self._turn:
            self._hold.may_pass += 1
            self._turn.notify_all()

    def let_go(self) -> None:
        with self._turn:
            if self._hold:
                self._hold.over = True
            self._hold = None
            self._turn.notify_all()

    def lose_held(self, then_dead: bool = False) -> None:
        """What is held never arrives, and its connection breaks. Nothing is held from now on."""
        self._dead = then_dead
        with self._turn:
            self._hold.lost = True
        self.let_go()
        if then_dead:
            self._cut_all()

    def _wait_on_the_way(self, message: bytes, back: bool) -> bool:
        """The command on its way, or the answer to it on its way back. False: it is lost."""
        with self._turn:
            hold = self._hold
            if not hold or hold.answers != back or hold.command not in message:
                return True
            self.held += 1
            number = self.held
            self._turn.wait_for(lambda: hold.over or number <= hold.may_pass, 60)
            return number <= hold.may_pass or not hold.lost

    def close(self) -> None:
        self._dead = True
        self.let_go()
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
        state = {"command": b""}
        back = threading.Thread(target=self._answers, args=(pair, state), daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            while message := _message(client):
                state["command"] = message
                self._note(message)
                if not self._wait_on_the_way(message, False):
                    break
                server.sendall(message)
        _cut(pair)
        back.join()
        self._pairs.discard(pair)

    def _note(self, message: bytes) -> None:
        """Writes down what was asked, apart, and what belongs to a transaction."""
        if struct.unpack_from("<i", message, 12)[0] != _OP_MSG or message[20] != 0:
            return
        command = bson.decode(message[_BODY : _BODY + struct.unpack_from("<i", message, _BODY)[0]])
        if "autocommit" not in command:
            self.asked.append(next(iter(command.items())))
            return
        which = (bytes(command["lsid"]["id"]), command["txnNumber"])
        transaction = self._known.setdefault(which, Transaction())
        name, collection = next(iter(command.items()))
        transaction.commands.append(name)
        transaction.placed += len(command.get("documents", ()))
        if name == "update":
            kind = "changed" if collection == "orders" else "products"
            setattr(transaction, kind, getattr(transaction, kind) + len(command["updates"]))
        if name in ("insert", "update") and not any(transaction is t for t in self.transactions):
            self.transactions.append(transaction)
        transaction.committed |= name == "commitTransaction"

    def _answers(self, pair, state) -> None:
        client, server = pair
        with contextlib.suppress(OSError):
            while message := _message(server):
                if b"commitTransaction\0" in state["command"] and self._loses():
                    break
                if not self._wait_on_the_way(state["command"], True):
                    break
                client.sendall(self._fitting(message) if self.batch_bytes and b"find\0" in state["command"] else message)
        _cut(pair)

    def _fitting(self, message: bytes) -> bytes:
        """The answer to a find without the documents that are too many."""
        reply = bson.decode(message[_BODY:], DEFAULT_RAW_BSON_OPTIONS)
        if "cursor" not in reply:
            return message
        documents = reply["cursor"]["firstBatch"]
        size = count = 0
        while count < len(documents) and (not count or size + len(documents[count].raw) <= self.batch_bytes):
            size, count = size + len(documents[count].raw), count + 1
        with self._lock:
            self.left_out += len(documents) - count
        body = bson.encode({**reply, "cursor": {**reply["cursor"], "firstBatch": documents[:count]}})
        return struct.pack("<i", _BODY + len(body)) + message[4:_BODY] + body

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
