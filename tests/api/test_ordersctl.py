"""ordersctl, on a database of its own: every command, what each refuses, and the exit codes."""

import json
import os
import subprocess
import threading

import pymongo
import pytest
from bson import Int64, ObjectId
from harness import paths
from harness.database import Server

PASSWORD = "a fine password"


class Ctl:
    """Runs ordersctl in an environment that says nothing but what the test says."""

    def __init__(self, database, folder):
        self.database = database
        self.folder = folder
        self.address = f"mongodb://127.0.0.1:{database.server.port}/{database.name}?replicaSet=secantus" if database else ""
        self.uri = ["--uri", self.address] if database else []

    def run(self, *args, text="", env=None, uri=True):
        return subprocess.run(
            [paths.ORDERSCTL, *(self.uri if uri else []), *args],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "MONGOC_DISABLE_SHM": "1", "BCRYPT_COST": "4", **(env or {})},
        )

    def good(self, *args, **how):
        done = self.run(*args, **how)
        assert done.returncode == 0 and done.stderr == "", done
        return done.stdout

    def json(self, *args, **how):
        return json.loads(self.good("--json", *args, **how))

    def refused(self, code, *args, **how):
        """The sentence on standard error; the same as JSON, which is returned."""
        done = self.run(*args, **how)
        assert (done.returncode, done.stdout) == (code, ""), done
        assert done.stderr.startswith("ordersctl: "), done
        error = json.loads(self.run(*args, "--json", **how).stderr)["error"]
        assert error["code"] and done.stderr == f"ordersctl: {error['detail']}\n"
        return error

    def findings(self):
        """What check finds, as {(kind, id)}; the two ways it says so agree."""
        done = self.run("check", "--json")
        report = json.loads(done.stdout)
        plain = self.run("check")
        assert done.returncode == plain.returncode == (1 if report["findings"] else 0), (done, plain)
        assert report["ok"] is (not report["findings"])
        assert len(plain.stdout.splitlines()) == len(report["findings"]) + 1
        return {(row["kind"], row.get("product") or row.get("order")) for row in report["findings"]}


@pytest.fixture
def ctl(server, tmp_path):
    return Ctl(server.new_database(), tmp_path)


@pytest.fixture
def demo(ctl):
    """The demo shop, and no validators: faults can be planted in it."""
    ctl.good("seed-demo")
    for name in ("products", "orders"):
        ctl.database.mongo.command("collMod", name, validationLevel="off")
    return ctl


def add_user(ctl, email, role="customer", name="Ann", password=PASSWORD):
    options = ["--email", email, "--name", name, "--role", role, "--password-stdin"]
    return ctl.json("user", "add", *options, text=password + "\n")


# Users


def test_user_add(ctl):
    user = add_user(ctl, " Ann@Example.COM ", "admin", "  Ann Á ")
    assert (user["email"], user["name"], user["role"]) == ("ann@example.com", "Ann Á", "admin")
    stored = ctl.database.mongo.users.find_one({"_id": ObjectId(user["id"])})
    assert stored["password"].startswith("$2y$04$") and stored["tokenVersion"] >= 0
    assert "password" not in user
    error = ctl.refused(
        1, "user", "add", "--email", "ANN@example.com", "--name", "A", "--role", "admin", "--password-stdin",
        text=PASSWORD,
    )
    assert error["code"] == "email-taken"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--email": "ann"}, "ann"),
        ({"--email": "a b@example.com"}, "a b@example.com"),
        ({"--name": " "}, "1 to 200"),
        ({"--name": "x" * 201}, "1 to 200"),
        ({"--name": "a\nb"}, "control"),
        ({"--role": "Admin"}, "customer and admin"),
        ({"--role": "root"}, "root"),
        ({"--email": None}, "--email is required"),
        ({"--password-stdin": None}, "--password-stdin is required"),
        ({"text": "short"}, "at least 8 characters"),
        ({"text": "x" * 73}, "at most 72 bytes"),
        ({"text": ""}, "standard input"),
        ({"text": "abcdefgh\0ijk\n"}, "standard input"),
    ],
)
def test_user_add_refuses(ctl, change, said):
    options = {"--email": "a@example.com", "--name": "A", "--role": "admin", "--password-stdin": "", "text": PASSWORD}
    options.update(change)
    text = options.pop("text")
    args = [part for name, value in options.items() if value is not None for part in (name, value) if part != ""]
    assert said in ctl.refused(2, "user", "add", *args, text=text)["detail"]
    assert ctl.database.mongo.users.count_documents({}) == 0


def test_password_is_the_first_line_and_no_argument(ctl):
    add_user(ctl, "a@example.com", password="first line!\nsecond")
    error = ctl.refused(2, "user", "password", "--email", "a@example.com", "--password-stdin", "hunter22", text=PASSWORD)
    assert "hunter22" in error["detail"]


def test_user_role_and_password_end_sessions(ctl):
    user = add_user(ctl, "a@example.com")
    version = stored_version(ctl, user)
    assert ctl.json("user", "role", "--email", "A@example.com", "--role", "admin")["role"] == "admin"
    assert stored_version(ctl, user) == version + 1
    before = ctl.database.mongo.users.find_one()["password"]
    ctl.good("user", "password", "--email", "a@example.com", "--password-stdin", text="another password")
    assert stored_version(ctl, user) == version + 2
    assert ctl.database.mongo.users.find_one()["password"] != before
    for command in (["role", "--role", "admin"], ["password", "--password-stdin"]):
        error = ctl.refused(1, "user", *command, "--email", "no@example.com", text=PASSWORD)
        assert error["code"] == "not-found" and "no@example.com" in error["detail"]


def stored_version(ctl, user):
    return ctl.database.mongo.users.find_one({"_id": ObjectId(user["id"])})["tokenVersion"]


def test_user_list_pages(ctl):
    assert ctl.json("user", "list") == []
    add_user(ctl, "zoe@example.com", "admin")
    like = ctl.database.mongo.users.find_one()
    more = [{**like, "_id": ObjectId(), "email": f"u{n:04}@example.com"} for n in range(450)]
    ctl.database.mongo.users.insert_many(more)
    emails = [user["email"] for user in ctl.json("user", "list")]
    assert emails == [f"u{n:04}@example.com" for n in range(450)] + ["zoe@example.com"]
    assert [user["email"] for user in ctl.json("user", "list", "--email", " U000")] == emails[:10]
    assert len(ctl.good("user", "list").splitlines()) == 451
    assert "password" not in json.dumps(ctl.json("user", "list", "--email", "zoe"))


# Products


def test_product_add(ctl):
    product = ctl.json("product", "add", "--name", " Tea pot ", "--price", "12.5", "--stock", "7", "--sku", "TP-1")
    assert {key: product[key] for key in ("name", "price", "stock", "reserved", "sku", "active")} == {
        "name": "Tea pot", "price": 12.5, "stock": 7, "reserved": 0, "sku": "TP-1", "active": True,
    }  # fmt: skip
    assert ctl.json("product", "add", "--name", "x", "--price", "0", "--stock", "0", "--inactive")["active"] is False
    yen = ctl.json("product", "add", "--name", "x", "--price", "300", "--stock", "1", "--currency", "JPY")
    assert ctl.database.mongo.products.find_one({"_id": ObjectId(yen["id"])})["price"] == 300
    assert "password" not in product


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--price", "1.001", "--stock", "1"], "at most 2 decimals"),
        (["--price", "-1", "--stock", "1"], "'-1'"),
        (["--price", "1e3", "--stock", "1"], "'1e3'"),
        (["--price", "10000000000.01", "--stock", "1"], "10000000000.00"),
        (["--price", "1.5", "--stock", "1", "--currency", "JPY"], "at most 0 decimals"),
        (["--price", "1", "--stock", "1.0"], "'1.0'"),
        (["--price", "1", "--stock", "-1"], "0 to 1000000000"),
        (["--price", "1", "--stock", "1000000001"], "0 to 1000000000"),
        (["--price", "1", "--stock", "1", "--sku", ""], "--sku"),
        (["--price", "1", "--stock", "1", "--currency", "usd"], "ISO 4217"),
        (["--price", "1"], "--stock is required"),
    ],
)
def test_product_add_refuses(ctl, args, said):
    assert said in ctl.refused(2, "product", "add", "--name", "x", *args)["detail"]
    assert ctl.database.mongo.products.count_documents({}) == 0


# The demo shop


def test_seed_demo(ctl):
    report = ctl.json("seed-demo")
    mongo = ctl.database.mongo
    assert report["products"] == mongo.products.count_documents({}) == 12
    assert report["orders"] == mongo.orders.count_documents({}) > 4
    assert [row["email"] for row in report["customers"]] == ["maya@example.com", "jonas@example.com"]
    assert all(len(row["password"]) >= 8 for row in report["customers"])
    assert set(mongo.orders.distinct("status")) >= {"pending", "processing", "shipped", "delivered", "cancelled"}
    assert ctl.findings() == set()
    assert ctl.refused(1, "seed-demo")["code"] == "not-empty"
    again = ctl.json("seed-demo", "--force")
    assert again["customers"] == [] and mongo.users.count_documents({}) == 2
    assert ctl.findings() == set()


def test_seed_demo_with_a_password(ctl):
    report = ctl.json("seed-demo", "--password-stdin", text=PASSWORD)
    assert all("password" not in row for row in report["customers"]) and len(report["customers"]) == 2
    assert PASSWORD not in json.dumps(report)


# Check and repair


def test_check_finds_each_fault(demo):
    mongo = demo.database.mongo
    assert demo.findings() == set()
    products = list(mongo.products.find().sort("name", 1))
    orders = {order["status"]: order for order in mongo.orders.find()}
    pending, lost = orders["pending"], ObjectId()

    def plant(collection, row, update):
        collection.update_one({"_id": row["_id"]}, update)

    plant(mongo.products, products[0], {"$inc": {"reserved": Int64(3)}})
    plant(mongo.products, products[1], {"$set": {"stock": Int64(-1)}})
    plant(mongo.orders, pending, {"$set": {"items.0.productId": lost}})
    plant(mongo.orders, orders["delivered"], {"$inc": {"version": Int64(1)}})
    plant(mongo.orders, orders["shipped"], {"$inc": {"total": Int64(1)}})
    plant(mongo.orders, orders["cancelled"], {"$set": {"status": "gone"}})
    plant(mongo.orders, orders["returned"], {"$set": {"status": "delivered"}})
    plant(mongo.orders, orders["processing"], {"$set": {"history.0.version": Int64(2)}})
    assert demo.findings() == {
        ("reserved", str(products[0]["_id"])),
        ("stock", str(products[1]["_id"])),
        ("missing", str(lost)),
        ("reserved", str(pending["items"][0]["productId"])),
        ("history-length", str(orders["delivered"]["_id"])),
        ("total", str(orders["shipped"]["_id"])),
        ("status", str(orders["cancelled"]["_id"])),
        ("history-status", str(orders["returned"]["_id"])),
        ("history-order", str(orders["processing"]["_id"])),
    }


def test_repair_sets_reserved_and_nothing_else(demo):
    mongo = demo.database.mongo
    before = {row["_id"]: row for row in mongo.products.find()}
    for change in (4, -100):
        hurt = mongo.products.find_one({"reserved": {"$gt": 0}})["_id"]
        mongo.products.update_one({"_id": hurt}, {"$inc": {"reserved": Int64(change)}})
        assert demo.findings() == {("reserved", str(hurt))}
        repaired = demo.json("repair")["repaired"]
        held = before[hurt]["reserved"]
        assert repaired == [{"product": str(hurt), "reservedBefore": held + change, "reserved": held}]
        assert demo.findings() == set()
        now = mongo.products.find_one({"_id": hurt})
        assert now["version"] == before[hurt]["version"] + 1 and now["updatedAt"] >= before[hurt]["updatedAt"]
        assert isinstance(now["reserved"], int) and now["stock"] == before[hurt]["stock"]
        before[hurt] = now
    assert {row["_id"]: row for row in mongo.products.find()} == before
    assert demo.json("repair")["repaired"] == []


def test_repair_makes_missing_indexes(ctl):
    ctl.good("check")
    names = set(ctl.database.mongo.orders.index_information())
    ctl.database.mongo.orders.drop_indexes()
    ctl.good("repair")
    assert set(ctl.database.mongo.orders.index_information()) == names and len(names) > 5


def test_check_beyond_one_batch(demo):
    mongo = demo.database.mongo
    product = mongo.products.find_one({"reserved": 0})
    pending = mongo.orders.find_one({"status": "pending"})
    line = {**pending["items"][0], "productId": product["_id"], "quantity": Int64(1), "price": Int64(1), "total": Int64(1)}
    like = {**pending, "items": [line], "total": Int64(1)}
    mongo.orders.insert_many([{**like, "_id": ObjectId(), "number": f"T-{n}"} for n in range(1300)])
    assert demo.findings() == {("reserved", str(product["_id"]))}
    assert demo.json("repair")["repaired"][0]["reserved"] == 1300
    assert demo.findings() == set()


def test_check_and_repair_while_stock_moves(demo):
    """A writer moves stock all the while: no check may find anything but the planted fault, and repair must not undo a sale."""
    product = demo.database.mongo.products.find_one({"active": True, "stock": {"$gte": 50}})
    writer = Writer(demo.database, product["_id"])
    with writer:
        for _ in range(5):
            assert demo.findings() == set()
        demo.database.mongo.products.update_one({"_id": product["_id"]}, {"$inc": {"reserved": Int64(7)}})
        assert demo.findings() == {("reserved", str(product["_id"]))}
        assert len(demo.json("repair")["repaired"]) == 1
        assert demo.findings() == set()
    assert writer.moves > 20
    assert demo.findings() == set()


class Writer:
    """Places and cancels orders for one unit of a product, as fast as it can, in transactions of its own."""

    def __init__(self, database, product_id):
        self.mongo = database.mongo
        self.product_id = product_id
        self.pending = self.mongo.orders.find_one({"status": "pending"})
        self.moves = 0
        self.stop = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.work)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        assert self.failure is None, self.failure

    def work(self):
        try:
            while not self.stop.is_set():
                self.attempt(self.place)
                self.attempt(self.cancel)
        except pymongo.errors.PyMongoError as failure:
            self.failure = failure

    def attempt(self, move):
        with self.mongo.client.start_session() as session:
            session.with_transaction(move)
        self.moves += 1

    def stock(self, session, units):
        change = {"stock": Int64(units), "reserved": Int64(-units), "version": Int64(1)}
        self.mongo.products.update_one({"_id": self.product_id}, {"$inc": change}, session=session)

    def place(self, session):
        line = {**self.pending["items"][0], "productId": self.product_id, "quantity": Int64(1)}
        line["total"] = line["price"]
        self.last = ObjectId()
        order = {**self.pending, "_id": self.last, "number": f"W-{self.last}", "items": [line], "total": line["total"]}
        order["history"] = self.pending["history"][:1]
        order["version"] = Int64(1)
        self.mongo.orders.insert_one(order, session=session)
        self.stock(session, -1)

    def cancel(self, session):
        entry = {**self.pending["history"][0], "version": Int64(2), "type": "order:status", "to": "cancelled"}
        update = {"$set": {"status": "cancelled"}, "$inc": {"version": Int64(1)}, "$push": {"history": entry}}
        self.mongo.orders.update_one({"_id": self.last}, update, session=session)
        self.stock(session, 1)


# The command line, and where the database is


def test_command_line(ctl):
    general = ctl.good("--help")
    for command in ("user add", "user role", "user password", "user list", "product add", "check", "repair", "seed-demo", "watch"):
        assert f"  {command} " in general
        assert ctl.good(*command.split(), "--help").startswith(f"ordersctl {command}:")
    assert "Exit codes: 0" in general and ctl.good("user", "--help") == general
    assert ctl.good("--version").startswith("ordersctl ")
    for args, said in [
        ([], "a command is needed"),
        (["nope"], "'nope'"),
        (["user"], "user add"),
        (["user", "nope"], "'user nope'"),
        (["check", "--nope"], "'--nope'"),
        (["check", "more"], "'more'"),
        (["check", "--currency"], "--currency"),
        (["check", "--uri", "nonsense"], "mongodb://"),
    ]:
        done = ctl.run(*args)
        assert done.returncode == 2 and said in done.stderr and done.stdout == "", (args, done)


def test_finds_the_database(ctl):
    """--uri, then the environment, then `.env`, then mongodb.uri in RUN_DIR, then in `.run`."""
    here, uri = ctl.folder, ctl.address
    wrong = "mongodb://127.0.0.1:1/?replicaSet=x"

    def check(env=None, uri=False):
        return ctl.run("check", env=env, uri=uri).returncode

    def write(path, text):
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).write_text(text)

    elsewhere = {"RUN_DIR": str(here / "none")}  # so that a shop that runs in this checkout is not found
    assert ctl.refused(3, "check", env=elsewhere, uri=False)["code"] == "no-database"
    write(".run/mongodb.uri", uri + "\n")
    assert check() == 0
    write("run2/mongodb.uri", uri + "\n")
    write(".run/mongodb.uri", wrong + "\n")
    write(".env", "RUN_DIR=run2\n")
    assert check() == 0
    write("run2/mongodb.uri", wrong + "\n")
    assert check() == 3
    write("run3/mongodb.uri", uri + "\n")
    assert check({"RUN_DIR": str(here / "run3")}) == 0
    write(".env", f'RUN_DIR=run2\nMONGODB_URI="{uri}" # the shop\n')
    assert check() == 0
    assert check({"MONGODB_URI": wrong}) == 3
    assert check({"MONGODB_URI": wrong}, uri=True) == 0
    write(".env", f"MONGODB_URI={wrong}\n")
    assert check({"MONGODB_URI": uri}) == 0


def test_settings_are_checked(ctl):
    (ctl.folder / ".env").write_text("CURRENCY=XXX\nBCRYPT_COST=99\n")
    assert "CURRENCY" in ctl.refused(2, "check")["detail"]
    ctl.good("check", env={"CURRENCY": "EUR"})
    ctl.good("check", "--currency", "EUR")
    for cost in ("3", "16", "x", "10 "):
        error = ctl.refused(
            2, "user", "password", "--email", "a@example.com", "--password-stdin",
            text=PASSWORD, env={"CURRENCY": "EUR", "BCRYPT_COST": cost},
        )  # fmt: skip
        assert "4 to 15" in error["detail"]


def test_unreachable_database(tmp_path):
    ctl = Ctl(None, tmp_path)
    error = ctl.refused(3, "check", "--uri", "mongodb://user:hidden@127.0.0.1:1/?replicaSet=x")
    assert error["code"] == "database-unavailable"
    assert "127.0.0.1:1" in error["detail"] and "hidden" not in error["detail"]


def test_standalone_database(tmp_path):
    server = Server(standalone=True)
    try:
        ctl = Ctl(server.new_database(), tmp_path)
        ctl.uri = ["--uri", f"mongodb://127.0.0.1:{server.port}/orders"]
        assert ctl.refused(3, "check")["code"] == "replica-set-required"
    finally:
        server.stop()
