"""The embedded database: a server process, and the databases in it."""

import contextlib
import itertools
import signal

import pymongo
from bson import ObjectId
from pymongo.database import Database as MongoDatabase

from . import paths
from .process import Process, drop_folder, free_port, new_folder

_names = itertools.count(1)


class Server:
    """One server process on a port of its own. Killed and started again, it keeps port and data."""

    def __init__(self, standalone: bool = False):
        self.standalone = standalone
        self.port = free_port()
        self.folder = new_folder("db")
        self.process: Process | None = None
        self.start()

    def start(self) -> None:
        program = paths.secantusd()
        command = [program, "--port", str(self.port), "--storage-path", str(self.folder / "data"), "--sync-on-commit", "--log-level", "WARNING"]
        command += ["--enable-test-commands"] if program.endswith("-py") else []  # fail points, which its Rust sister has not
        command += ["--standalone"] if self.standalone else []
        self.process = Process(command, self.folder / "log")
        self.client = pymongo.MongoClient(
            f"mongodb://127.0.0.1:{self.port}/?directConnection=true", serverSelectionTimeoutMS=30000, tz_aware=True
        )
        self.client.admin.command("ping")

    def kill(self) -> None:
        """As a power cut would: kill -9."""
        self.client.close()
        self.process.kill_group()

    def freeze(self) -> None:
        """Takes connections and answers nothing."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.signal(signal.SIGCONT)

    def stop(self) -> None:
        self.kill()
        drop_folder(self.folder)

    def new_database(self) -> "Database":
        return Database(self, f"orders{next(_names)}")


class Database:
    """One shop's database. `app` names the module's connections, so that a fail point does not hit the tests' own."""

    def __init__(self, server: Server, name: str):
        self.server = server
        self.name = name
        self.app = "mod_orders"  # the module's own, whatever the connection string says

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.server.port}/{self.name}?replicaSet=secantus"

    @property
    def mongo(self) -> MongoDatabase:
        return self.server.client[self.name]

    @contextlib.contextmanager
    def failing(self, commands: list[str], times: int | None = None, skip: int = 0, **data):
        """While inside, the httpd's `commands` fail as `data` says (errorCode, errorLabels, closeConnection, …)."""
        mode = "alwaysOn" if times is None else {"times": times, "skip": skip} if skip else {"times": times}
        point = {"configureFailPoint": "failCommand"}
        admin = self.server.client.admin
        admin.command({**point, "mode": mode, "data": {"failCommands": commands, "appName": self.app, **data}})
        try:
            yield
        finally:
            admin.command({**point, "mode": "off"})

    def product(self, product_id: str) -> dict:
        return self.mongo.products.find_one({"_id": ObjectId(product_id)})
