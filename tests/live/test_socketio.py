"""Socket.IO 5 at wsecho's /socket.io/: the application that the protocol's document prints, over each transport."""

import json

import pytest
from wire import BINARY, Closed, Polling

URL = "/socket.io/?EIO=4&transport=websocket"


@pytest.fixture
def socket(echo):
    """A WebSocket that is in no namespace yet."""
    with echo.websocket(URL) as connection:
        assert connection.receive().startswith('0{"sid":')
        yield connection


@pytest.fixture
def main(socket):
    """In the main namespace."""
    join(socket, "40")
    return socket


def join(socket, packet, prefix="40", auth="{}"):
    socket.send_text(packet)
    answer = socket.receive()
    assert answer.startswith(prefix)
    assert list(json.loads(answer[len(prefix) :])) == ["sid"]
    assert socket.receive() == f'{prefix.replace("40", "42")}["auth",{auth}]'


def test_namespaces(socket):
    join(socket, '40{"token":"123"}', auth='{"token":"123"}')
    join(socket, "40/custom,", "40/custom,")
    socket.send_text("40/unknown")
    assert socket.receive() == '44/unknown,{"message":"Invalid namespace"}'
    socket.send_text("41/custom")
    socket.send_text('42["message","to the main one"]')
    assert socket.receive() == '42["message-back","to the main one"]'
    join(socket, '40/custom,{"a":[1]}', "40/custom,", '{"a":[1]}')


def test_values_come_back_as_they_were(main):
    for value in ('1,"2",{"3":[true]}', "null", '"€ \\u0000 \\n"', "[[[[]]]]", '{"b":1,"a":2}', "-1.5,0,9007199254740991", '"🎉"'):
        main.send_text(f'42["message",{value}]')
        assert json.loads(main.receive()[2:]) == ["message-back", *json.loads(f"[{value}]")]


def test_acks(main):
    main.send_text('420["message-with-ack"]')
    assert main.receive() == "430[]"
    main.send_text('429007199254740992["message-with-ack",1]')
    assert main.receive() == "439007199254740992[1]"
    main.send_text('42["message-with-ack","nobody waits"]')
    main.send_text('42["unknown event"]')
    main.send_text('4399["an answer to nothing"]')
    main.send_text('42["message"]')
    assert main.receive() == '42["message-back"]'


def test_attachments(main):
    text = '["message",{"_placeholder":true,"num":1},{"deep":[{"_placeholder":true,"num":0}]}]'
    main.send_text(f"452-{text}")
    main.send_frame(BINARY, b"\x00one")
    main.send_frame(BINARY, b"")
    assert main.receive() == f"452-{text}".replace("message", "message-back")
    assert [main.receive(), main.receive()] == [b"\x00one", b""]
    main.send_text('451-7["message-with-ack",{"_placeholder":true,"num":0}]')
    main.send_frame(BINARY, b"two")
    assert main.receive() == '461-7[{"_placeholder":true,"num":0}]'
    assert main.receive() == b"two"


BEFORE_CONNECT = ["4", "4abc", '42["message"]', "41", "43[]", "44{}", "47", "40[]", '40"x"', "40{", "1"]
AFTER_CONNECT = [
    "4abc", "42", "42{}", "42[]", "42[null]", '42["connect"]', '42["disconnect"]', '42abc["message"]', '42["message"', '42["message"]]', "40", "43[]", "431", "44{}", "47[]", "4-",
    '42/custom,["message"]', '45["message"]', '451["message"]', '45x-["message"]', '4511-["message"]', '451-["message",{"_placeholder":true,"num":1}]',
]  # fmt: skip


@pytest.mark.parametrize("packet", BEFORE_CONNECT)
def test_what_ends_a_client_before_connect(socket, packet):
    socket.send_text(packet)
    assert socket.receive_close() in (1000, 1002)


@pytest.mark.parametrize("packet", AFTER_CONNECT)
def test_what_ends_a_client(main, packet):
    main.send_text(packet)
    assert main.receive_close() == 1002


def test_binary_out_of_place(main):
    main.send_frame(BINARY, b"unannounced")
    assert main.receive_close() == 1002


def test_text_in_place_of_an_attachment(main):
    main.send_text('451-["message",{"_placeholder":true,"num":0}]')
    main.send_text('42["message"]')
    assert main.receive_close() == 1002


def test_a_client_that_never_connects(quick_echo):
    with quick_echo.websocket(URL) as socket:
        socket.receive()
        with pytest.raises(Closed):
            while socket.receive_frame()[2] == b"2":
                socket.send_text("3")
            raise Closed


def test_polling(echo):
    with Polling(echo.port, "/socket.io/") as session:
        session.post(b"40")
        answer, auth = session.packets()
        assert answer.startswith(b'40{"sid":') and auth == b'42["auth",{}]'
        session.post(b'42["message",1]\x1e427["message-with-ack","x"]')
        assert session.packets() == [b'42["message-back",1]', b'437["x"]']
        session.post(b'451-["message",{"_placeholder":true,"num":0}]\x1ebAQID')
        assert session.packets() == [b'451-["message-back",{"_placeholder":true,"num":0}]', b"bAQID"]
        assert session.post(b"42{}")[0] == 200
        assert session.is_over()


def test_upgrade_in_the_middle_of_a_talk(echo):
    with Polling(echo.port, "/socket.io/") as session:
        session.post(b"40")
        session.packets()
        with echo.websocket(f"/socket.io/?EIO=4&transport=websocket&sid={session.sid}") as socket:
            socket.send_text("2probe")
            assert socket.receive() == "3probe"
            session.post(b'42["message","before"]')
            socket.send_text("5")
            socket.send_text('42["message","after"]')
            assert socket.receive() == '42["message-back","before"]'
            assert socket.receive() == '42["message-back","after"]'
