"""Who reads while the same is being asked for waits, and is answered with others by one question: never by one that was put before, each with
what is theirs, and in time whatever becomes of the question."""

import select
import time

import pytest
from bson import ObjectId
from harness.process import wait_until
from harness.scene import Call, Scene
from harness.shop import NOWHERE, Person

AT_A_TIME = 2  # questions of one kind under way
REPLY_MAX = 2 * 1024 * 1024  # where the relay cuts; a database does at 16 MB, which take longer
TIMEOUT, LONG = 4, 8  # OrdersRequestTimeout
DATABASE_LINE = r"\[orders:(warn|error)\] .*(database: |answered 500)"


@pytest.fixture(scope="module")
def scene(server):
    scene = Scene(server, {"OrdersRequestTimeout": str(TIMEOUT)})
    yield scene
    scene.close()


@pytest.fixture(scope="module")
def buyers(scene):
    return [scene.customer() for _ in range(4)]


@pytest.fixture(scope="module")
def orders(scene, buyers):
    """Of each buyer ten: (buyer, order)."""
    return [(buyer, scene.shop.order(buyer, (scene.first_product, 1)).json) for _ in range(10) for buyer in buyers]


@pytest.fixture(scope="module")
def narrow(server):
    """A shop with as many connections as hold_questions takes, and time to wait for one."""
    scene = Scene(server, {"OrdersRequestTimeout": str(LONG), "OrdersMongoPoolSize": str(AT_A_TIME)})
    yield scene
    scene.close()


@pytest.fixture(autouse=True)
def nothing_held(request, scene):
    yield
    scene.relay.revive()
    if "narrow" in request.fixturenames:
        request.getfixturevalue("narrow").relay.revive()


def get(person, path: str) -> Call:
    return Call(person, "GET", path)


def read(person, order) -> Call:
    return get(person, f"/api/orders/{order['id']}")


def asked(scene, collection: str) -> int:
    return scene.relay.asked.count(("find", collection))


def hold_questions(scene, calls: list[Call], answers: bool = False) -> list[Call]:
    """Sends as many as may be under way; they are held at the database."""
    scene.relay.hold("find", answers)
    for call in calls:
        call.send()
    scene.relay.wait_for_held(AT_A_TIME)
    return calls


def send_all(scene, calls: list[Call]) -> None:
    for call in calls:
        call.send()
    scene.wait_for(AT_A_TIME + len(calls))


def test_many_orders_by_one_question(scene, orders):
    before = asked(scene, "orders")
    first = hold_questions(scene, [read(*orders[0]), read(*orders[1])])
    calls = [read(buyer, order) for buyer, order in orders]
    send_all(scene, calls)
    assert asked(scene, "orders") == before + AT_A_TIME
    scene.relay.let_go()
    for call, (_, order) in zip(first + calls, orders[:2] + orders):
        assert call.answer(want=200).json == order
    assert asked(scene, "orders") <= before + AT_A_TIME + 2


def some_orders(scene, count: int) -> tuple[Person, list[dict]]:
    """Of a new customer, who is known."""
    buyer = scene.customer()
    return buyer, [scene.shop.order(buyer, (scene.first_product, 1)).json for _ in range(count)]


def let_all_be_asked_for(scene) -> None:
    """One question is answered, and the next one, which is held, asks for all that wait."""
    scene.relay.let_one_go()
    scene.relay.wait_for_held(AT_A_TIME + 1)


def make_large(scene, orders: list[dict]) -> None:
    which = {"_id": {"$in": [ObjectId(order["id"]) for order in orders]}}
    scene.shop.database.mongo.orders.update_many(which, {"$set": {"padding": "x" * 100_000}}, bypass_document_validation=True)


def test_who_is_left_out_of_a_large_reply_asks_alone(scene):
    """Together the orders are too large for one reply. Who finds theirs in it asks no more; the others do, each for their own,
    and so does who asked for one that is not there."""
    buyer, orders = some_orders(scene, 40)
    make_large(scene, orders)
    before = asked(scene, "orders")
    first = hold_questions(scene, [read(buyer, order) for order in orders[:2]])
    calls = [read(buyer, order) for order in orders]
    nowhere = read(buyer, {"id": NOWHERE})
    send_all(scene, [*calls, nowhere])
    scene.relay.batch_bytes, scene.relay.left_out = REPLY_MAX, 0
    let_all_be_asked_for(scene)
    scene.relay.let_go()
    assert [call.answer(want=200).json for call in first + calls] == orders[:2] + orders
    nowhere.answer(want=404)
    assert 0 < scene.relay.left_out < len(orders)
    assert asked(scene, "orders") == before + AT_A_TIME + 1 + scene.relay.left_out + 1


def test_a_small_reply_is_whole(scene):
    """Who is not in it is not there, and is not asked for again."""
    buyer, orders = some_orders(scene, AT_A_TIME)
    before = asked(scene, "orders")
    hold_questions(scene, [read(buyer, order) for order in orders])
    calls = [read(buyer, {"id": f"{i:024x}"}) for i in range(5)]
    send_all(scene, calls)
    let_all_be_asked_for(scene)
    scene.relay.let_go()
    assert [call.answer().status for call in calls] == [404] * 5
    assert asked(scene, "orders") == before + AT_A_TIME + 1


def test_each_is_told_what_they_may_see(scene, buyers, orders):
    """In one question: one's own, somebody else's, one that is not there, the same one twice, and the admin's view of it."""
    owner, order = orders[4]
    stranger = next(buyer for buyer in buyers if buyer is not owner)
    hold_questions(scene, [read(*orders[0]), read(*orders[1])])
    calls = [read(owner, order), read(stranger, order), read(owner, {"id": NOWHERE}), read(owner, order), read(scene.shop.admin, order)]
    send_all(scene, calls)
    scene.relay.let_go()
    mine, foreign, nowhere, again, admins = [call.answer() for call in calls]
    assert [mine.status, foreign.status, nowhere.status, again.status, admins.status] == [200, 404, 404, 200, 200]
    assert mine.json == again.json == order
    assert admins.json["id"] == order["id"] and "customer" in admins.json
    assert foreign.json["code"] == nowhere.json["code"] == "not-found"


def test_one_page_for_all_who_ask_for_it(scene, buyers):
    page, other = "/api/products?limit=20", "/api/products?limit=21"
    hold_questions(scene, [get(buyers[0], page), get(buyers[1], page)])
    before = asked(scene, "products")
    calls = [get(buyers[i % 4], page) for i in range(30)] + [get(buyers[0], other)]
    send_all(scene, calls)
    assert asked(scene, "products") == before + 1, "another page is another question: it waits for nobody"
    scene.relay.let_go()
    pages = [call.answer(want=200).json for call in calls]
    assert all(page == pages[0] for page in pages[:30]) and pages[0]["data"] == pages[30]["data"] != []
    assert asked(scene, "products") <= before + 3


@pytest.mark.parametrize("kind", ["one", "list"])
def test_nobody_is_told_what_was_before_they_asked(scene, buyers, kind):
    """The answers of the questions under way are held, a change is made, and then somebody asks."""
    product = scene.shop.product(stock=5, name=f"Aardvark {kind}")
    path = f"/api/products/{product['id']}" if kind == "one" else f"/api/products?q=Aardvark%20{kind}"
    early = hold_questions(scene, [get(buyers[0], path), get(buyers[0], path)], answers=True)
    scene.shop.database.mongo.products.update_one({"name": product["name"]}, {"$inc": {"stock": 2, "version": 1}})
    late = [get(buyers[0], path) for _ in range(8)]
    send_all(scene, late)
    scene.relay.let_go()

    def stock(call):
        answer = call.answer(want=200).json
        return (answer if kind == "one" else answer["data"][0])["stock"]

    assert [stock(call) for call in early] == [5, 5]
    assert [stock(call) for call in late] == [7] * 8


def test_a_broken_connection_is_made_good(scene, orders):
    hold_questions(scene, [read(*orders[0]), read(*orders[1])])
    calls = [read(buyer, order) for buyer, order in orders[:20]]
    send_all(scene, calls)
    scene.relay.lose_held()
    assert [call.answer(want=200).json for call in calls] == [order for _, order in orders[:20]]


def test_who_waited_long_asks_without_the_others(scene, orders):
    """The questions under way get no answer. Who comes then has theirs in time all the same."""
    scene.relay.hold("find")
    for call in [read(*orders[0]), read(*orders[1])]:
        call.send()
    scene.relay.wait_for_held(AT_A_TIME)
    calls = [read(buyer, order) for buyer, order in orders[:10]]
    send_all(scene, calls)
    wait_until(lambda: scene.relay.held > AT_A_TIME, TIMEOUT, "somebody to ask alone")
    scene.relay.let_go()
    assert [call.answer(want=200).json for call in calls] == [order for _, order in orders[:10]]


def read_product(scene, person) -> Call:
    return get(person, f"/api/products/{scene.first_product['id']}")


def test_a_leader_gets_its_connection_in_time(narrow):
    """Whoever came while it waited is asked for, too, but for the other leader, who asks for itself."""
    buyer, orders = some_orders(narrow, 6)
    holders = hold_questions(narrow, [read_product(narrow, buyer), read_product(narrow, buyer)])
    before = asked(narrow, "orders")
    calls = [read(buyer, order) for order in orders]
    send_all(narrow, calls)
    assert asked(narrow, "orders") == before
    narrow.relay.let_go()
    assert [call.answer(want=200).json for call in calls] == orders
    assert [call.answer().status for call in holders] == [200] * AT_A_TIME
    assert asked(narrow, "orders") == before + AT_A_TIME


def all_are_refused(calls: list[Call]) -> None:
    began = time.monotonic()
    for call in calls:
        call.send()
    for call in calls:
        answer = call.answer(want=503)
        assert answer.json["code"] == "busy" and answer.header("Retry-After")
    assert time.monotonic() - began < LONG


def test_a_leader_without_a_connection_gives_the_lead_away(narrow):
    """While one question is under way, all others wait for a connection in vain, and are told so. Then one lead is free, as it was before: of
    two who come, one asks at once, and the other when the first question has its answer. Were none free, one would ask for both."""
    buyer, orders = some_orders(narrow, 3)
    product, first, *late = read_product(narrow, buyer), *(read(buyer, order) for order in orders)
    before = asked(narrow, "orders")
    narrow.relay.hold("find")
    for count, call in enumerate([product, first]):
        call.send()
        narrow.relay.wait_for_held(count + 1)
    all_are_refused([read(buyer, order) for order in orders * 2])
    narrow.relay.let_one_go()
    product.answer(want=200)
    for count, call in enumerate(late):
        call.send()
        narrow.wait_for(count + 2)
    narrow.relay.let_one_go()
    first.answer(want=200)
    narrow.relay.let_go()
    assert [call.answer(want=200).json for call in late] == orders[1:]
    assert asked(narrow, "orders") == before + 3


def test_the_failure_is_everybodys(start_scene):
    scene = start_scene(expect=[DATABASE_LINE])
    buyer = scene.customer()
    order = scene.shop.order(buyer, (scene.first_product, 1)).json
    hold_questions(scene, [read(buyer, order), read(buyer, order)])
    calls = [read(buyer, order) for _ in range(20)]
    send_all(scene, calls)
    began = time.monotonic()
    scene.relay.lose_held(then_dead=True)
    for call in calls:
        answer = call.answer(want=503)
        assert answer.json["code"] == "database-unavailable" and answer.header("Retry-After")
    assert time.monotonic() - began < TIMEOUT + 2
    scene.relay.revive()
    wait_until(lambda: buyer.call("GET", f"/api/orders/{order['id']}", want="any").status == 200, 15, "the shop to be back")


@pytest.fixture
def start_scene(server):
    scenes = []

    def start(directives=None, **how) -> Scene:
        scenes.append(Scene(server, {"OrdersRequestTimeout": str(TIMEOUT), **(directives or {})}, **how))
        return scenes[-1]

    yield start
    for scene in scenes:
        scene.close()


def test_a_login_too_many_costs_no_query(start_scene):
    """When as many wait for hashing as may, who wants to sign in is refused before anybody is looked up."""
    scene = start_scene({"OrdersHashSlots": "1", "OrdersBcryptCost": "13"})
    body = {"email": "nobody@example.com", "password": "not the password"}
    looked_up, refused = [], []
    for _ in range(40):
        known = asked(scene, "users")
        login = Call(scene.first_buyer, "POST", "/api/users/login", body).send()
        wait_until(lambda: asked(scene, "users") > known or select.select([login.socket], [], [], 0)[0], 15, "a query or a refusal")
        (looked_up if asked(scene, "users") > known else refused).append(login)
    assert len(refused) >= 20
    assert {(answer.status, answer.json["code"]) for answer in (login.answer() for login in refused)} == {(503, "busy")}
    assert {login.answer().status for login in looked_up} <= {401, 503}
