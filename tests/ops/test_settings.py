"""Settings: where they come from, and what is refused, before anything is installed or started."""

import os
import shutil
import socket
import subprocess

import pytest

from conftest import CHECKOUT, get

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what only root meets")


def refused(instance, sentence, **settings):
    done = instance.make("run", **settings)
    assert done.returncode != 0
    assert sentence in done.stdout, done.stdout
    for word in ("Installing", "Building", "Starting"):
        assert word not in done.stdout
    assert not instance.processes()


@pytest.mark.parametrize("port", ["0", "65536", "99999999999", "-1", "http", "80a", "08080"])
def test_a_port_that_is_none(instance, port):
    refused(instance, f"PORT is '{port}'; it must be a number from 1 to 65535", PORT=port)


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("HOST", "localhost;", "HOST is 'localhost;'; it must be an IP address"),
        ("CURRENCY", "Dollars", "CURRENCY is 'Dollars'; it must be a three-letter code"),
        ("RATE_LIMIT", "perhaps", "RATE_LIMIT is 'perhaps'; it must be on or off"),
        ("BCRYPT_COST", "3", "BCRYPT_COST is '3'; it must be a number from 4 to 15"),
        ("MAX_VIEWERS", "257", "MAX_VIEWERS is '257'; it must be a number from 1 to 256"),
        ("JWT_SECRET", "short", "JWT_SECRET is too short; it must have at least 32 bytes"),
        ("MONGODB_URI", "localhost:27017", "MONGODB_URI must begin with mongodb://"),
        ("MONGODB_URI", 'mongodb://h/"\nListen 1', "MONGODB_URI must not contain quotes"),
    ],
)
def test_a_value_that_is_refused(instance, name, value, sentence):
    refused(instance, sentence, **{name: value})


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::"])
def test_a_taken_port_is_named_before_anything_is_installed(instance, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as holder:
        holder.bind((address, instance.port))
        holder.listen()
        refused(instance, f"port {instance.port} is taken by")


def test_a_run_dir_too_long_for_a_socket(new_instance):
    refused(new_instance("x" * 100), "set RUN_DIR to a shorter path")


def settings_of(checkout, **environment):
    script = """
        program=test checkout=$1
        . "$checkout/conf/launcher/say.sh"; . "$checkout/conf/launcher/settings.sh"
        settings_load && for name in "${settings[@]}"; do printf '%s=%s\\n' "$name" "${!name}"; done"""
    plain = {"PATH": os.environ["PATH"]} | environment
    done = subprocess.run(["bash", "-c", script, "bash", checkout], env=plain, capture_output=True, text=True, check=False)
    return dict(line.split("=", 1) for line in done.stdout.splitlines()), done.stderr


@pytest.fixture
def small_checkout(folder):
    shutil.copytree(CHECKOUT / "conf", folder / "checkout/conf")
    return folder / "checkout"


def test_the_file_is_read_and_the_environment_beats_it(small_checkout):
    (small_checkout / ".env").write_text(
        "# a comment\n\nPORT=9001\n  export CURRENCY = EUR\nCURRENCY='eur'\nRATE_LIMIT=\"off\"   \r\nUNKNOWN=1\nMONGODB_URI=mongodb://u:p%40$(id)`id`@h/?a=1&b=#2"
    )
    read, errors = settings_of(small_checkout)
    assert "line 4: expected NAME=value" in errors and not read
    text = (small_checkout / ".env").read_text().replace("CURRENCY = EUR\n", "HOST=0.0.0.0\n")
    (small_checkout / ".env").write_text(text)
    read, errors = settings_of(small_checkout)
    assert errors == ""
    assert read["PORT"] == "9001" and read["HOST"] == "0.0.0.0" and read["CURRENCY"] == "EUR" and read["RATE_LIMIT"] == "off"
    assert read["MONGODB_URI"] == "mongodb://u:p%40$(id)`id`@h/?a=1&b=#2"
    read, _ = settings_of(small_checkout, PORT="9002", MONGODB_URI="")
    assert read["PORT"] == "9002" and read["MONGODB_URI"] == ""


def test_the_defaults(small_checkout):
    read, _ = settings_of(small_checkout)
    assert read == {
        "PORT": "8080", "HOST": "127.0.0.1", "RUN_DIR": f"{small_checkout}/.run", "MONGODB_URI": "", "JWT_SECRET": "", "CURRENCY": "USD",
        "RATE_LIMIT": "on", "BCRYPT_COST": "10", "ALLOWED_ORIGIN": "", "MAX_VIEWERS": "256",
    }  # fmt: skip


def test_the_example_file_names_every_setting_and_sets_none():
    example = (CHECKOUT / ".env.example").read_text()
    script = '. "$1/conf/launcher/settings.sh"; printf "%s\\n" "${settings[@]}"'
    names = subprocess.run(["bash", "-c", script, "bash", CHECKOUT], capture_output=True, text=True, check=True).stdout.split()
    for name in names:
        assert f"\n#{name}=" in example, f"{name} is missing in .env.example"
    assert all(line.startswith("#") or not line.strip() for line in example.splitlines())


@as_root
def test_a_folder_that_apache_s_user_cannot_reach(new_instance, folder, other_checkout):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    checkout = other_checkout("closed/checkout", built=True)
    instance = new_instance("closed/checkout/.run", checkout=checkout)
    done = instance.make("start")
    moved = instance.run_dir.resolve()
    try:
        assert done.returncode == 0, done.stdout
        assert instance.run_dir.is_symlink() and str(moved).startswith("/var/tmp/mod_orders-")
        assert done.stdout.count(f"the state is kept in {moved}") == 1 and done.stdout.count(f"a copy in {moved}/pages is served") == 1
        assert moved.stat().st_mode & 0o777 == 0o711 and closed.stat().st_mode & 0o777 == 0o700
        assert get(instance.port, "/") == (200, (checkout / "htdocs/dist/index.html").read_text())
        assert instance.make("stop").returncode == 0
        # The copy is made at each start.
        (checkout / "htdocs/dist/index.html").write_text("newer pages")
        assert instance.make("start").returncode == 0
        assert get(instance.port, "/admin") == (200, "newer pages")
        assert instance.make("stop").returncode == 0
        # README: deleting what the link leads to is a fresh start.
        shutil.rmtree(moved)
        done = instance.make("start")
        assert done.returncode == 0 and "demo shop" in done.stdout and moved.stat().st_mode & 0o777 == 0o711
        assert instance.make("stop").returncode == 0
        instance.assert_nothing_left()
    finally:
        instance.end()
        if moved != instance.run_dir:
            shutil.rmtree(moved, ignore_errors=True)


def as_nobody(instance, *command, **environment):
    return subprocess.run(
        [shutil.which("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command], cwd=CHECKOUT, env=instance.environment | environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )  # fmt: skip


@as_root
def test_another_user_runs_it_as_itself(instance):
    instance.run_dir.mkdir()
    os.chown(instance.run_dir, NOBODY, NOBODY)
    done = as_nobody(instance, "make", "start")
    assert done.returncode == 0, done.stdout
    assert get(instance.port, "/healthz?ready=1")[0] == 200
    assert all(os.stat(f"/proc/{pid}").st_uid == NOBODY for pid in instance.processes())
    assert as_nobody(instance, "make", "stop").returncode == 0
    instance.assert_nothing_left()


@as_root
def test_without_root_and_sudo_the_apt_line_is_shown(instance, folder):
    tools = folder / "bin"
    tools.mkdir()
    (tools / "dpkg-query").write_text("#!/bin/sh\nexit 1\n")
    (tools / "dpkg-query").chmod(0o755)
    for tool in ("bash", "sh", "env", "dirname", "apt-get", "sed", "sort"):
        (tools / tool).symlink_to(shutil.which(tool))
    done = as_nobody(instance, "conf/install", "build", PATH=str(tools))
    assert done.returncode == 1
    assert "apt-get update && apt-get install --no-install-recommends apache2-bin apache2-dev" in done.stdout
