"""What the README and docs/api.md say, against what there is."""

import os
import re
import subprocess

from conftest import CHECKOUT


def text_of(path):
    return (CHECKOUT / path).read_text()


def walk():
    """The commands of "A walk with curl", without their indent."""
    body = re.search(r"^### A walk with curl\n(.*?)^## ", text_of("README.md"), re.M | re.S).group(1)
    return "\n".join(line[4:] for line in body.splitlines() if line.startswith("    ") or not line)


def test_walk_with_curl(instance):
    started = instance.make("start")
    assert started.returncode == 0, started.stdout
    commands = walk().replace("127.0.0.1:8080", f"127.0.0.1:{instance.port}").replace(".run/", f"{instance.run_dir}/")
    environment = {**os.environ, "RUN_DIR": str(instance.run_dir)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands + "\nprintf '\\n%s %s\\n' $product $order"], cwd=CHECKOUT, env=environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said = done.stdout
    assert done.returncode == 0, done.stderr + said
    assert re.search(r"^[0-9a-f]{24} [0-9a-f]{24}\Z", said.strip().splitlines()[-1]), said
    assert '"stock":8,' in said
    assert re.findall(r'"status":"(\w+)","paymentReceived":(\w+)', said) == [
        ("processing", "false"), ("processing", "true"), ("shipped", "true"), ("shipped", "true"),
    ]  # fmt: skip
    assert '"type":"order:payment","from":"unpaid","to":"paid"' in said
    assert instance.make("stop").returncode == 0
    instance.assert_nothing_left()


def test_api_table_is_the_route_table():
    rows = re.findall(r'\{M_(\w+), "([^"]+)", ACCESS_', text_of("mod_orders/routes.c"))
    table = re.search(r"^## The API\n(.*?)^## ", text_of("README.md"), re.M | re.S).group(1)
    told = re.findall(r"`(GET|POST|PATCH) (/[^`?]+)(?:\?[^`]*)?`", table)
    described = {("GET", "/api/openapi.json")}  # in a sentence, not in the table
    assert set(told) | described == set(rows)


def test_every_problem_code_is_told():
    codes = set(re.findall(r'^    \{"([a-z-]+)", "', text_of("mod_orders/core/problem.c"), re.M))
    errors = text_of("docs/api.md").split("## Errors")[1]
    told = set(re.findall(r"`([a-z]+(?:-[a-z]+)+|busy|forbidden)`", errors))
    assert len(codes) > 40
    assert told == codes


def test_settings_are_told():
    settings = re.search(r"settings=\(([^)]*)\)", text_of("conf/launcher/settings.sh")).group(1).split()
    for name in settings:
        assert f"`{name}`" in text_of("README.md"), name
        assert f"#{name}=" in text_of(".env.example"), name


def test_links_lead_somewhere():
    pages = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (CHECKOUT / "docs").glob("*.md"))]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(page)):
            assert ((CHECKOUT / page).parent / target).exists(), f"{page}: {target}"
