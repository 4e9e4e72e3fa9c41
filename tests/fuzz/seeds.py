#!/usr/bin/env python3
"""Writes the hand-made part of the corpus: tests/fuzz/corpus/<target>/seed-*. What fuzzing found lies beside it."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "live"))
import os

import wire

wire.os = type("ZeroKeys", (), {"urandom": staticmethod(lambda size: bytes(size))})  # masks that hide nothing from the fuzzer
CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
NEXT, PAUSE, SID = b"\xff\xff", b"\xff\xfe", b"S" * 20
UPGRADE = b" HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"


def text(payload, opcode=wire.TEXT, **more):
    return wire.frame(opcode, payload, **more)


def get(path):
    return b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n"


def post(path, body):
    return b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body


POLL_E, POLL_S = b"/e?EIO=4&transport=polling", b"/s?EIO=4&transport=polling"
PACKETS = [
    b"0", b'0/admin,{"token":"x"}', b"1", b"1/admin,", b'2["foo",1,{"a":[null,true,-1.5e3]}]', b'2/admin,12["bar"]', b"312[]", b'4{"message":"no"}',
    b'52-["b",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]', b'61-/n,7[{"_placeholder":true,"num":0}]', b"4hello\x1e2\x1ebAQIDBA==\x1e4", b"b", b"6", b"2probe",
    b'{"type":"hello","seq":1}', b'2["a",123456789012345678901234567890]', b'2["\\u0000\\ud83d\\ude00"]', '4€\x1e4ä'.encode(),
]  # fmt: skip
SERVER = [
    get(b"/t?name=a%20b") + post(b"/t", b"body") + b"POST /t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n",
    b"GET /t HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n" + get(b"/nothing"),
    b"GET /" + UPGRADE + text(b"hello") + text(b"a", fin=False) + text(b"ping", wire.PING) + text(b"b", 0) + text(b"\x03\xe8bye", wire.CLOSE),
    b"GET /" + UPGRADE + PAUSE + text(b"x" * 200, wire.BINARY) + PAUSE + text(b"\xc3\x28"),
    b"GET /" + UPGRADE + text(b"x", rsv=4) + NEXT + b"GET /" + UPGRADE + text(b"x", mask=False) + NEXT + b"GET /" + UPGRADE + text(b"x", 3),
    b"GET /e?EIO=4&transport=websocket" + UPGRADE + text(b"4hello") + text(b"\x01\x02", wire.BINARY) + text(b"3") + text(b"1"),
    get(POLL_E) + NEXT + post(POLL_E + b"&sid=" + SID, b"4a\x1ebAQID\x1e3") + PAUSE + get(POLL_E + b"&sid=" + SID) + NEXT + get(POLL_E + b"&sid=" + SID) + NEXT + get(POLL_E + b"&sid=" + SID),
    get(POLL_E) + NEXT + get(POLL_E + b"&sid=" + SID) + NEXT + b"GET /e?EIO=4&transport=websocket&sid=" + SID + UPGRADE + text(b"2probe") + PAUSE + text(b"5") + PAUSE + text(b"4up") + NEXT + post(POLL_E + b"&sid=" + SID, b"1"),
    b"GET /s?EIO=4&transport=websocket" + UPGRADE + text(b'40{"pid":"p","offset":"1"}') + text(b'421["hi",{"a":1}]') + text(b'42["ask"]') + text(b'430["answer"]') + text(b"40/two,") + text(b'42/two,["leave"]') + text(b"41"),
    b"GET /s?EIO=4&transport=websocket" + UPGRADE + text(b"40") + text(b'451-2["b",{"_placeholder":true,"num":0}]') + text(b"\x00\x01", wire.BINARY) + text(b'42["close"]') + text(b"\x03\xe8", wire.CLOSE),
    get(POLL_S) + NEXT + post(POLL_S + b"&sid=" + SID, b'40\x1e421["x"]\x1e451-["b",{"_placeholder":true,"num":0}]\x1ebAQID') + NEXT + get(POLL_S + b"&sid=" + SID) + PAUSE + get(POLL_S + b"&sid=" + SID) + NEXT + post(POLL_S + b"&sid=" + SID, b'42["close"]'),
]  # fmt: skip


def main():
    for target, inputs in {"packets": PACKETS, "server": SERVER}.items():
        folder = CORPUS / target
        os.makedirs(folder, exist_ok=True)
        for number, data in enumerate(inputs):
            (folder / f"seed-{number:02}").write_bytes(data)


main()
