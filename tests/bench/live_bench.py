"""Live status, measured: the bridge against Socket.IO on Node, same machine, same run, same events, same client.

    build/venv/bin/python tests/bench/live_bench.py [--viewers 1000,5000] [--seconds 5] [--json FILE]

`tests/bench/live.sh` installs what this needs. Both servers listen on unix sockets; the client is this program: raw sockets and epoll, so that
what is measured is the server. Times are from telling the server (datagram, or a line for the peer) to the client's recv.
"""

import argparse
import base64
import json
import os
import pathlib
import select
import socket
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "api"), str(HERE.parent / "live")]

from harness.database import Server  # noqa: E402
from harness.httpd import SECRET  # noqa: E402
from harness.process import new_folder, wait_until  # noqa: E402
from stage.fleet import node  # noqa: E402
from stage.play import Stage, stock_event  # noqa: E402

LATENCY_VIEWERS = (1, 20)
APACHE_VIEWERS = 100
RATE = 50
ROUNDS = 15


def rss(*pids: int) -> float:
    """KB, what is shared among the processes counted once."""
    total = 0
    for pid in pids:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total


# --- The client


def frame(text: bytes) -> bytes:
    """Masked with zeros: as good as any for a server that takes it off."""
    head = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else bytes([0x81, 0xFE]) + len(text).to_bytes(2, "big")
    return head + b"\0\0\0\0" + text


class Viewer:
    def __init__(self, target: "Target", token: str):
        self.socket = target.connect()
        self.socket.settimeout(20)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        path = "/ws" if target.plain else "/socket.io/?EIO=4&transport=websocket"
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        lines += [f"Authorization: Bearer {token}", "Sec-WebSocket-Protocol: orders.v1"] if target.plain else []
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.until(b"\r\n\r\n")
        if target.plain:
            self.until(b'"hello"')
        else:
            self.until(b'0{"sid"')
            self.socket.sendall(frame(b"40" + json.dumps({"token": token}).encode()))
            self.until(b'40{"sid"')
        self.socket.setblocking(False)

    def until(self, words: bytes) -> None:
        while words not in self.buffer:
            data = self.socket.recv(65536)
            assert data, "closed"
            self.buffer += data

    def answer_pings(self, data: bytes) -> None:
        if b"\x81\x012" in data:
            self.socket.send(frame(b"3"))
        if data.startswith(b"\x89"):
            self.socket.send(b"\x8a\x80\0\0\0\0")


class Crowd:
    def __init__(self, target, token, size):
        self.epoll = select.epoll()
        self.viewers = {}
        for _ in range(size):
            viewer = Viewer(target, token)
            self.viewers[viewer.socket.fileno()] = viewer
            self.epoll.register(viewer.socket, select.EPOLLIN)
            if len(self.viewers) % 500 == 0:
                self.pump(0)

    def pump(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            for fd, _ in self.epoll.poll(max(0, min(0.2, end - time.monotonic())), 1024):
                self.viewers[fd].answer_pings(self.viewers[fd].socket.recv(65536))
            if time.monotonic() >= end:
                return

    def receive(self, word: bytes, seconds: float = 20) -> list[float]:
        """When each got a message with this word in it."""
        times, end = [], time.monotonic() + seconds
        while len(times) < len(self.viewers):
            for fd, _ in self.epoll.poll(1, 1024):
                viewer = self.viewers[fd]
                data = viewer.socket.recv(65536)
                if word in data:
                    times.append(time.monotonic())
                else:
                    viewer.answer_pings(data)
            assert time.monotonic() < end, f"{len(times)} of {len(self.viewers)} got it"
        return times

    def close(self) -> None:
        self.epoll.close()
        for viewer in self.viewers.values():
            viewer.socket.close()


# --- The servers


class Target:
    """`pids()` are the processes whose memory counts; `fresh()` starts them anew, so that none is kept from the run before."""

    def __init__(self, name, tell, pids, address, fresh, plain=False, tidy=lambda: None):
        self.name, self.tell, self.pids, self.address, self.fresh = name, tell, pids, address, fresh
        self.plain, self.tidy = plain, tidy

    def connect(self) -> socket.socket:
        if isinstance(self.address, int):
            return socket.create_connection(("127.0.0.1", self.address))
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.address)
        return connection


class Peer:
    def __init__(self):
        self.folder = new_folder("peer")
        self.path = str(self.folder / "peer.sock")
        self.start()

    def start(self) -> None:
        feed = str(self.folder / "feed.sock")
        command = [node(), "--expose-gc", HERE / "live_peer.mjs", self.path, feed, SECRET]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"NODE_ENV": "production"})
        assert self.process.stdout.readline() == "ready\n"
        self.feed = socket.socket(socket.AF_UNIX)
        self.feed.connect(feed)

    def tell(self, events) -> None:
        self.feed.sendall(json.dumps(events, separators=(",", ":")).encode() + b"\n")

    def tidy(self) -> None:
        self.feed.sendall(b"gc\n")
        assert self.feed.recv(10) == b"done\n"

    def stop(self) -> None:
        self.feed.close()
        self.process.terminate()
        self.process.wait(10)
        for socket_path in self.folder.glob("*.sock"):
            socket_path.unlink()

    def fresh(self) -> None:
        self.stop()
        self.start()


class News:
    """Events that each are new: another product every time."""

    def __init__(self):
        self.next = int(time.time()) << 32

    def event(self):
        self.next += 1
        one = f"{self.next:024x}"
        return one.encode(), [stock_event(one, 1)]


# --- What is measured


def memory_and_broadcast(target, token, size, news) -> dict:
    target.fresh()
    Crowd(target, token, 20).close()  # what the first viewers alone cost
    time.sleep(0.5)
    target.tidy()
    before = rss(*target.pids())
    crowd = Crowd(target, token, size)
    crowd.pump(1)
    target.tidy()
    crowd.pump(0.5)
    per_viewer = (rss(*target.pids()) - before) / size
    last = []
    for _ in range(ROUNDS):
        word, events = news.event()
        crowd.pump(0.05)
        begin = time.monotonic()
        target.tell(events)
        last.append((max(crowd.receive(word)) - begin) * 1000)
    crowd.close()
    time.sleep(1)
    return {"kbPerViewer": round(per_viewer, 2), "broadcastMs": round(statistics.median(last), 1), "broadcastMaxMs": round(max(last), 1)}


def latency(target, token, news, seconds, size) -> dict:
    crowd = Crowd(target, token, size)
    crowd.pump(0.5)
    took = []
    begin = time.monotonic()
    for i in range(int(seconds * RATE)):
        crowd.pump(max(0.0, begin + i / RATE - time.monotonic()))
        word, events = news.event()
        told = time.monotonic()
        target.tell(events)
        took += [(t - told) * 1000 for t in crowd.receive(word)]
    crowd.close()
    took.sort()
    return {"p50Ms": round(took[len(took) // 2], 2), "p99Ms": round(took[int(len(took) * 0.99)], 2)}


def commit_to_client(stage, seconds, *, datagrams) -> dict:
    """From sending an order by REST: when it was answered, and when the customer's viewer at /ws, through Apache, knew."""
    stage.courier.drop = not datagrams
    shop, customer = stage.shop, stage.shop.customer()
    viewer, product = stage.watch(customer), stage.shop.product(100000)
    got: dict[str, float] = {}

    def listen():
        while True:
            try:
                message = viewer.message(3)
            except Exception:
                return
            if message["type"] == "order:new":
                got[message["id"]] = time.monotonic()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    rows, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        order = shop.order(customer, (product, 1)).json
        rows.append((order["id"], begin, time.monotonic()))
        time.sleep(0.02)
    wait_until(lambda: len(got) == len(rows), 10, "all events")
    stage.close_viewers()
    answered = sorted((a - b) * 1000 for _, b, a in rows)
    known = sorted((got[one] - b) * 1000 for one, b, _ in rows)
    behind = sorted((got[one] - a) * 1000 for one, _, a in rows)

    def both(values):
        return {"p50Ms": round(values[len(values) // 2], 2), "p99Ms": round(values[int(len(values) * 0.99)], 2)}

    return {"answer": both(answered), "event": both(known), "eventAfterAnswer": both(behind)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--viewers", default="1000,5000")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--json")
    given = parser.parse_args()
    sizes = [int(size) for size in given.viewers.split(",")]
    server, peer, news = Server(), Peer(), News()
    options = {"max-viewers": str(max(sizes) + 200), "messages-per-minute": "1000"}
    stage = Stage(server, options, mpm={"ThreadsPerChild": 64, "MaxRequestWorkers": 256, "StartServers": 4}).start()
    token = stage.shop.admin.token

    def bridge():
        return [stage.bridge.process.pid]

    def bridge_and_httpd():
        return [*bridge(), stage.httpd.process.pid, *stage.httpd.children()]

    def fresh():
        stage.bridge.stop()
        stage.bridge.start()

    targets = [
        Target("bridge /ws", stage.say, bridge, stage.bridge.socket, fresh, plain=True),
        Target("bridge Socket.IO", stage.say, bridge, stage.bridge.socket, fresh),
        Target("Node Socket.IO", peer.tell, lambda: [peer.process.pid], peer.path, peer.fresh, tidy=peer.tidy),
    ]
    through = Target("bridge /ws through Apache", stage.say, bridge_and_httpd, stage.httpd.port, fresh, plain=True)
    results: dict = {}
    try:
        for target in [*targets, through]:
            results[target.name] = {f"latency of {n}": latency(target, token, news, given.seconds, n) for n in LATENCY_VIEWERS}
            for size in sizes if target is not through else [APACHE_VIEWERS]:
                results[target.name][str(size)] = memory_and_broadcast(target, token, size, news)
            print(target.name, json.dumps(results[target.name]), flush=True)
        results["REST"] = {
            "with datagrams": commit_to_client(stage, given.seconds, datagrams=True),
            "change stream alone": commit_to_client(stage, given.seconds, datagrams=False),
        }
        print("REST", json.dumps(results["REST"]), flush=True)
    finally:
        peer.stop()
        stage.stop([".*"])
        server.stop()
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
