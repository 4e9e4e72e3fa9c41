"""Database, bridge, httpd and shop together."""

import json
import socket

from harness.database import Server
from harness.httpd import Httpd
from harness.shop import Person, Shop

from .bridge import Bridge, Courier
from .plain import Plain

MODULES = ("proxy", "proxy_http", "proxy_wstunnel")
MPM = {"ServerLimit": 6, "ThreadsPerChild": 64, "MaxRequestWorkers": 256, "MaxSpareThreads": 256}

# What Apache says when the bridge is away or a tunnel breaks.
BRIDGE_AWAY = r"AH0(2454|1114|1102|1110|1097|0898|1095|0957|1144)|AH10292"


def passed_on(bridge: Bridge) -> str:
    """As conf/httpd.conf passes it on."""
    return (
        f'ProxyPass "/ws" "unix:{bridge.socket}|ws://localhost/ws" timeout=60 retry=0\n'
        f'ProxyPass "/socket.io/" "unix:{bridge.socket}|http://localhost/socket.io/" upgrade=websocket timeout=60 retry=0\n'
    )


class Stage:
    """One shop with live status.

    options     of the bridge
    directives  of mod_orders
    """

    def __init__(self, server: Server, options=None, directives=None, mpm=None):
        self.database = server.new_database()
        self.bridge = Bridge(self.database, options)
        self.courier = Courier(self.bridge)
        told = {"OrdersBridgeSocket": self.courier.path, "OrdersBridgeStatus": self.bridge.socket}
        self.httpd = Httpd(
            self.database, told | (directives or {}), mpm=MPM | (mpm or {}), modules=MODULES, extra=passed_on(self.bridge)
        )
        self.plain: list[Plain] = []

    def start(self) -> "Stage":
        self.bridge.start()
        self.httpd.start()
        self.shop = Shop(self.httpd)
        return self

    def watch(self, who: Person | None = None, **how) -> Plain:
        """A viewer at /ws, through Apache."""
        viewer = Plain(self.httpd.port, who.token if who else None, **how)
        self.plain.append(viewer)
        return viewer

    def watch_straight(self, who: Person, **how) -> Plain:
        """A viewer on the bridge's own socket, without Apache."""
        viewer = Plain(self.bridge.socket, who.token, **how)
        self.plain.append(viewer)
        return viewer

    def say(self, events: list[dict]) -> None:
        """A datagram, as mod_orders sends them."""
        self.send(json.dumps(events, separators=(",", ":")).encode())

    def send(self, datagram: bytes) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            out.sendto(datagram, self.bridge.datagrams)

    def close_viewers(self) -> None:
        while self.plain:
            self.plain.pop().close()

    def stop(self, expect=()) -> None:
        """All must end well and have complained of nothing but what was expected."""
        self.close_viewers()
        self.bridge.expect += expect
        try:
            self.bridge.stop()  # first: httpd's tunnels end with it
            self.httpd.stop()
            bad = self.bridge.unexpected() + self.httpd.unexpected(list(expect))
            assert not bad, "unexpected in the logs:\n" + "\n".join(bad[:20])
        finally:
            self.courier.stop()
            self.bridge.discard()
            self.httpd.discard()


def stock_event(product_id: str, version: int, stock: int = 1, name: str = "Widget") -> dict:
    """As mod_orders tells of a product."""
    at = "2026-01-31T12:00:00.000Z"
    data = {"id": product_id, "name": name, "price": 1.00, "stock": stock, "reserved": 0, "active": True}
    data |= {"version": version, "createdAt": at, "updatedAt": at}
    return {"type": "product:stock", "id": product_id, "version": version, "at": at, "data": data}
