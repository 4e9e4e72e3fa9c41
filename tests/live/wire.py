"""HTTP, WebSocket and Engine.IO as bytes on a socket: a test says exactly what is sent and sees exactly what comes."""

import base64
import contextlib
import json
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The server closed the connection."""


class Connection:
    """A socket with a buffer; every wait has an end."""

    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _fill(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise Closed
        self.buffer += data

    def take(self, size):
        while len(self.buffer) < size:
            self._fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def take_until(self, end):
        while end not in self.buffer:
            self._fill()
        return self.take(self.buffer.index(end) + len(end))

    def wait_closed(self):
        """Reads to the end of the stream; what came before it."""
        with contextlib.suppress(Closed):
            while True:
                self._fill()
        return self.buffer

    # --- HTTP

    def request(self, method, path, body=None, **headers):
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode() + (body or b""))

    def response(self):
        """Status, headers, body of the next answer."""
        head = self.take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), headers, self.take(int(headers.get("content-length", 0)))

    def exchange(self, method, path, body=None, **headers):
        self.request(method, path, body, **headers)
        return self.response()

    # --- WebSocket

    def upgrade(self, path="/", **headers):
        """The handshake; its answer."""
        given = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": base64.b64encode(os.urandom(16)).decode()}
        self.request("GET", path, **(given | headers))
        return self.response()

    def send_frame(self, opcode, payload=b"", fin=True, rsv=0, mask=True):
        self.send(frame(opcode, payload, fin, rsv, mask))

    def send_text(self, text):
        self.send_frame(TEXT, text.encode())

    def receive_frame(self):
        """FIN, opcode, payload; fails on a mask or a reserved bit, which a server doesn't send."""
        first, second = self.take(2)
        assert not first & 0x70 and not second & 0x80
        size = second
        if second == 126:
            (size,) = struct.unpack("!H", self.take(2))
        elif second == 127:
            (size,) = struct.unpack("!Q", self.take(8))
        return bool(first & 0x80), first & 0x0F, self.take(size)

    def receive(self):
        """The next message: text or bytes."""
        fin, opcode, payload = self.receive_frame()
        assert fin and opcode in (TEXT, BINARY), (fin, opcode, payload)
        return payload.decode() if opcode == TEXT else payload

    def receive_close(self):
        """The close frame's code (None without one), whatever comes before; answers it, and sees the end of the connection."""
        while True:
            _, opcode, payload = self.receive_frame()
            if opcode == CLOSE:
                with contextlib.suppress(OSError):
                    self.send_frame(CLOSE, payload[:2])
                assert self.wait_closed() == b""
                return struct.unpack("!H", payload[:2])[0] if payload else None


def frame(opcode, payload=b"", fin=True, rsv=0, mask=True):
    """A client's frame."""
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    stream = int.from_bytes(key * (size // 4 + 1), "big") >> (8 * (4 - size % 4)) if size else 0
    return head + key + (int.from_bytes(payload, "big") ^ stream).to_bytes(size, "big")


class Polling:
    """An Engine.IO session over long polling, one connection for GETs and one for POSTs."""

    def __init__(self, port, path="/engine.io/"):
        self.port, self.path = port, path
        self.gets, self.posts = Connection(port), Connection(port)
        status, _, body = self.gets.exchange("GET", f"{path}?EIO=4&transport=polling")
        assert status == 200 and body[:1] == b"0", (status, body)
        self.handshake = json.loads(body[1:])
        self.sid = self.handshake["sid"]
        self.url = f"{path}?EIO=4&transport=polling&sid={self.sid}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gets.close()
        self.posts.close()

    def get(self):
        return self.gets.exchange("GET", self.url)

    def post(self, body, **headers):
        return self.posts.exchange("POST", self.url, body, **headers)

    def packets(self):
        status, _, body = self.get()
        assert status == 200, body
        return body.split(b"\x1e")

    def is_over(self):
        with Connection(self.port) as fresh:
            status, _, body = fresh.exchange("GET", self.url)
        return status == 400 and json.loads(body) == {"code": 1, "message": "Session ID unknown"}
