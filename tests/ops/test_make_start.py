"""make start, stop, status and logs; and what a launcher that was killed leaves to them."""

import os
import signal

from conftest import get, port_is_open, wait_until


def start(instance):
    done = instance.make("start")
    assert done.returncode == 0, done.stdout
    return done.stdout


def stop(instance):
    done = instance.make("stop")
    assert done.returncode == 0, done.stdout
    instance.assert_nothing_left()
    return done.stdout


def test_start_status_stop(instance):
    text = start(instance)
    assert f"Ready at http://127.0.0.1:{instance.port}" in text and "Sign in as" in text
    assert get(instance.port, "/healthz?ready=1")[0] == 200
    status = instance.make("status", PORT="1234")
    assert status.returncode == 0 and f"Running at http://127.0.0.1:{instance.port}" in status.stdout
    assert "Stopped" in stop(instance)
    assert instance.make("status").returncode != 0


def test_start_twice_starts_one(instance):
    start(instance)
    pid = instance.recorded_pid("apache")
    assert "already running" in start(instance)
    assert instance.recorded_pid("apache") == pid
    stop(instance)


def test_run_beside_start_says_what_is_there(instance):
    start(instance)
    done = instance.make("run")
    assert done.returncode != 0 and "already running" in done.stdout
    assert get(instance.port, "/healthz?ready=1")[0] == 200
    stop(instance)


def test_stop_ends_a_run_at_a_terminal(instance):
    terminal = instance.terminal("run")
    terminal.expect("Ready at")
    stop(instance)
    assert terminal.wait() == 0


def test_stop_and_status_with_nothing_running(instance):
    assert "not running" in instance.make("status").stdout.lower()
    assert instance.make("status").returncode != 0
    done = instance.make("stop")
    assert done.returncode == 0 and "not running" in done.stdout


def test_stop_copes_with_a_killed_launcher(instance):
    start(instance)
    os.kill(instance.recorded_pid("launcher"), signal.SIGKILL)
    assert port_is_open(instance.port)
    assert "left behind" in stop(instance)


def test_start_copes_with_a_killed_launcher(instance):
    start(instance)
    os.kill(instance.recorded_pid("launcher"), signal.SIGKILL)
    assert "left behind" in start(instance)
    assert get(instance.port, "/healthz?ready=1")[0] == 200
    stop(instance)


def test_apache_s_children_are_ended_when_their_parent_was_killed_too(instance):
    start(instance)
    for service in ("launcher", "apache", "database"):
        os.kill(instance.recorded_pid(service), signal.SIGKILL)
    stop(instance)


def test_a_stale_pid_file_never_leads_to_a_stranger(instance):
    start(instance)
    stop(instance)
    # The number is alive, the process is another: this very test.
    for service in ("launcher", "apache", "database"):
        (instance.run_dir / f"{service}.pid").write_text(f"{os.getpid()} 1 {open('/proc/sys/kernel/random/boot_id').read()}")
    assert "not running" in instance.make("stop").stdout
    assert "left behind" not in start(instance)
    stop(instance)


def test_logs_follows_the_requests(instance):
    start(instance)
    terminal = instance.terminal("logs")
    get(instance.port, "/api/products/?limit=3")
    terminal.expect(r"GET /api/products/\?limit=3 ")
    terminal.press_ctrl_c()
    terminal.wait()
    stop(instance)


def test_the_access_log_on_disk_has_time_user_and_request_id(instance):
    start(instance)
    get(instance.port, "/api/products/")
    log = instance.run_dir / "logs/access.log"
    pattern = r'127\.0\.0\.1 - - \[[^]]+\] "GET /api/products/ HTTP/1\.1" 200 \d+ "-" "Python-urllib/[\d.]+" \d+ [A-Za-z0-9._-]{8,64}'
    import re

    wait_until(lambda: re.search(pattern, log.read_text()), "the line in the access log", 10)
    stop(instance)
