"""make run: in the foreground, until it is told to end. However it ends, no process stays."""

import json
import os
import re
import signal
import subprocess
import urllib.request

import pytest

from conftest import get, wait_until


def run(instance):
    terminal = instance.terminal("run")
    terminal.expect(r"Ready at http://127\.0\.0\.1:\d+")
    return terminal


def sign_in_to(port, email, password):
    body = json.dumps({"email": email, "password": password}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/users/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def end(terminal, instance):
    terminal.press_ctrl_c()
    terminal.wait()
    instance.assert_nothing_left()


def test_brings_up_the_shop_and_says_how_to_sign_in(instance):
    terminal = run(instance)
    for role, sign_in in (("admin", r"Sign in as (\S+) with the password (\S+) to run"), ("customer", r"or as (\S+) with the password (\S+) to order")):
        email, password = terminal.expect(sign_in).groups()
        assert sign_in_to(instance.port, email, password)["user"]["role"] == role
    assert f"http://127.0.0.1:{instance.port}" in terminal.text
    assert get(instance.port, "/healthz?ready=1")[0] == 200
    assert get(instance.port, "/api/products/")[0] == 200
    assert '<div id="root">' in get(instance.port, "/")[1]
    end(terminal, instance)


def test_the_second_start_keeps_the_data_and_shows_the_same_sign_in(instance):
    sign_in = r"Sign in as (\S+) with the password (\S+)"
    first = run(instance)
    shown = first.expect(sign_in).groups()
    uri = (instance.run_dir / "mongodb.uri").read_text()
    secret = (instance.run_dir / "jwt.secret").read_text()
    end(first, instance)
    second = run(instance)
    assert second.expect(sign_in).groups() == shown
    assert "demo shop" not in second.text
    assert (instance.run_dir / "mongodb.uri").read_text() == uri
    assert (instance.run_dir / "jwt.secret").read_text() == secret
    end(second, instance)


def test_requests_scroll_by_in_the_style_of_morgan(instance):
    terminal = run(instance)
    get(instance.port, "/api/products/?limit=1")
    get(instance.port, "/api/no-such-thing")
    terminal.expect(r"GET /api/products/\?limit=1 \x1b\[32m200\x1b\[0m \d+\.\d{3} ms - \d+")
    terminal.expect(r"GET /api/no-such-thing \x1b\[33m404\x1b\[0m \d+\.\d{3} ms - \d+")
    end(terminal, instance)


def test_as_a_scripts_background_job(instance, folder):
    """No terminal, and interrupts ignored from the start: the requests scroll by all the same, and an interrupt ends it."""
    output = folder / "run.out"
    with output.open("w") as out:
        process = subprocess.Popen(
            ["env", "--ignore-signal=INT", "make", "run"], cwd=instance.checkout, env=instance.environment, stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    wait_until(lambda: "Ready at" in output.read_text() or process.poll() is not None, "ready")
    get(instance.port, "/api/products/?limit=1")
    wait_until(lambda: re.search(r"^GET /api/products/\?limit=1 200 \d+\.\d{3} ms - \d+$", output.read_text(), re.M), "the request's line")
    os.kill(instance.recorded_pid("launcher"), signal.SIGINT)
    process.wait(60)
    instance.assert_nothing_left()


def test_ctrl_c_once(instance):
    terminal = run(instance)
    terminal.press_ctrl_c()
    terminal.wait()
    assert "Stopped" in terminal.text
    instance.assert_nothing_left()


def test_ctrl_c_twice(instance):
    terminal = run(instance)
    terminal.press_ctrl_c()
    terminal.expect("Stopping")
    terminal.press_ctrl_c()
    terminal.press_ctrl_c()
    terminal.wait()
    instance.assert_nothing_left()


@pytest.mark.parametrize("line", ["Building the module", "Starting the embedded database", "Starting Apache"])
def test_ctrl_c_while_it_starts(instance, line):
    terminal = instance.terminal("run")
    terminal.expect(line)
    terminal.press_ctrl_c()
    terminal.wait()
    instance.assert_nothing_left()


def test_ctrl_c_during_the_install(new_instance, other_checkout):
    instance = new_instance(checkout=other_checkout())
    terminal = instance.terminal("run")
    terminal.expect("Installing Python packages: SecantusDB")
    terminal.press_ctrl_c()
    assert terminal.wait() != 0
    instance.assert_nothing_left()
    # What was interrupted is done again, not taken for done.
    terminal = instance.terminal("run")
    terminal.expect("Installing npm packages into htdocs/node_modules", 240)
    terminal.expect("Ready at", 240)
    assert '<div id="root">' in get(instance.port, "/admin")[1]
    end(terminal, instance)


def test_a_resized_terminal_changes_nothing(instance):
    terminal = run(instance)
    before = instance.processes()
    for rows in (20, 50, 24):
        terminal.resize(rows, 100)
    assert get(instance.port, "/healthz?ready=1")[0] == 200
    terminal.expect("Ready at")
    assert terminal.running()
    assert instance.recorded_pid("apache") in before and instance.recorded_pid("apache") in instance.processes()
    end(terminal, instance)


def test_a_closed_terminal_ends_it(instance):
    terminal = run(instance)
    terminal.close()
    instance.assert_nothing_left()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_to_the_launcher_alone_ends_it(instance, name):
    terminal = run(instance)
    os.kill(instance.recorded_pid("launcher"), getattr(signal, name))
    terminal.wait()
    instance.assert_nothing_left()


def test_stops_and_says_so_when_the_database_dies(instance):
    terminal = run(instance)
    os.kill(instance.recorded_pid("database"), signal.SIGKILL)
    assert terminal.wait() != 0
    assert "the database has ended unexpectedly" in terminal.text
    instance.assert_nothing_left()


def test_stops_and_says_so_when_apache_dies(instance):
    terminal = run(instance)
    os.kill(instance.recorded_pid("apache"), signal.SIGKILL)
    assert terminal.wait() != 0
    assert "Apache has ended unexpectedly" in terminal.text
    instance.assert_nothing_left()


def test_two_instances_live_side_by_side(new_instance):
    one, two = new_instance("one"), new_instance("two")
    first, second = run(one), run(two)
    assert get(one.port, "/healthz?ready=1")[0] == 200
    assert get(two.port, "/healthz?ready=1")[0] == 200
    assert (one.run_dir / "mongodb.uri").read_text() != (two.run_dir / "mongodb.uri").read_text()
    end(first, one)
    assert get(two.port, "/healthz?ready=1")[0] == 200
    end(second, two)


def test_with_a_mongodb_of_the_users_own_nothing_embedded_is_started(new_instance):
    one = new_instance("one")
    first = run(one)
    uri = (one.run_dir / "mongodb.uri").read_text().strip().replace("/?", "/elsewhere?")
    two = new_instance("two", MONGODB_URI=uri)
    second = run(two)
    second.expect(r"ordersctl user add --email \S+ --name .* --role admin --password-stdin")
    assert "demo shop" not in second.text and "Sign in as" not in second.text
    assert not any("secantusd" in command for command in two.processes().values())
    assert not (two.run_dir / "data").exists() and not (two.run_dir / "database.pid").exists()
    assert get(two.port, "/healthz?ready=1")[0] == 200
    assert '"data":[]' in re.sub(r"\s", "", get(two.port, "/api/products/")[1])
    end(second, two)
    assert get(one.port, "/healthz?ready=1")[0] == 200
    end(first, one)


def test_no_secret_is_on_a_command_line_or_readable_by_others(new_instance):
    secret = "a-secret-that-nobody-else-may-see-0123456789"
    instance = new_instance(JWT_SECRET=secret)
    terminal = run(instance)
    password = terminal.expect(r"with the password (\S+)").group(1)
    commands = " ".join(instance.processes().values())
    assert secret not in commands and password not in commands
    assert secret not in terminal.text
    for file in instance.run_dir.rglob("*"):
        if file.is_file() and file.stat().st_mode & 0o077:
            assert secret not in file.read_text(errors="replace") and password not in file.read_text(errors="replace"), file
    for name in ("data", "logs"):
        assert not (instance.run_dir / name).stat().st_mode & 0o077
    end(terminal, instance)


def test_a_graceful_reload_keeps_serving_and_logging(instance):
    terminal = run(instance)
    os.kill(instance.recorded_pid("apache"), signal.SIGUSR1)
    wait_until(lambda: (instance.run_dir / "logs/error.log").read_text().count("resuming normal operations") == 2, "the reload")
    assert get(instance.port, "/api/products/?limit=2")[0] == 200
    terminal.expect(r"GET /api/products/\?limit=2 ")
    end(terminal, instance)
