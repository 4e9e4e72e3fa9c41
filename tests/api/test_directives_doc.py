"""docs/directives.md and the table in directives.c say the same: names, syntax, context; nothing more and nothing less."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTEXTS = {"SERVER_WIDE": "server config", "VIRTUAL_HOST": "server config, virtual host"}


def table():
    """{name: (syntax, context)} of the command table."""
    source = (ROOT / "mod_orders/directives.c").read_text()
    rows = re.findall(
        r'AP_INIT_\w+\(\s*"(\w+)",\s*\w+,\s*[^,"]+,\s*(SERVER_WIDE|VIRTUAL_HOST),\s*"([^":]+): [^"]+"\)', source
    )
    assert len(rows) == source.count("AP_INIT_"), "a row of the command table is not in the form that this test reads"
    return {name: (f"{name} {syntax}", CONTEXTS[context]) for name, context, syntax in rows}


def page():
    """{name: {field: text}} of the page's sections, and the text after the fields as 'text'."""
    text = (ROOT / "docs/directives.md").read_text()
    sections = {}
    for name, body in re.findall(r"^## (Orders\w+)\n(.*?)(?=^## |^# |\Z)", text, re.M | re.S):
        assert name not in sections, f"{name} has two sections"
        fields = dict(re.findall(r"^\*\*(\w+):\*\* (.+)$", body, re.M))
        fields["text"] = re.sub(r"^\*\*.*$", "", body, flags=re.M).strip()
        sections[name] = fields
    return sections


def test_every_directive_has_a_section_and_no_other():
    assert list(table()) == list(page())


def test_syntax_and_context_agree():
    documented = page()
    for name, (syntax, context) in table().items():
        assert documented[name].get("Syntax") == f"`{syntax}`", name
        assert documented[name].get("Context") == context, name


def test_every_section_has_default_and_text():
    for name, fields in page().items():
        assert fields.get("Default"), f"{name}: no default"
        assert len(fields["text"]) > 60, f"{name}: no explanation"
        if fields["Default"] == "none":
            assert "Unset:" in fields["text"], f"{name}: what happens when it is unset?"
        elif fields["Default"].startswith("`"):
            assert fields["Default"].startswith(f"`{name} "), name


def test_defaults_are_the_code_s():
    source = (ROOT / "mod_orders/directives.c").read_text()
    reset = source[source.index("void orders_config_reset") :]
    reset = reset[: reset.index("};")]
    code = dict(re.findall(r"\.(\w+) = ([^,\n]+),", reset))
    batch_ops = re.search(r"#define LEDGER_BATCH_OPS +(\d+)", (ROOT / "mod_orders/core/ledger.h").read_text())[1]
    assert code["batch_max"] == "LEDGER_BATCH_OPS"
    seconds = {"HOUR": "3600", "12 * HOUR": "43200"}
    expected = {
        "OrdersCurrency": code["currency"].strip('"'),
        "OrdersTokenLifetime": seconds[code["token_lifetime"]],
        "OrdersSessionMax": seconds[code["session_max"]],
        "OrdersCookieName": code["cookie_name"].strip('"'),
        "OrdersBcryptCost": code["bcrypt_cost"],
        "OrdersRequestTimeout": str(int(code["request_timeout_ms"]) // 1000),
        "OrdersBatchMax": batch_ops,
        "OrdersRequirePayment": "On" if code.get("require_payment") == "1" else "Off",
        "OrdersRequireIdempotencyKey": "On" if code.get("require_idempotency_key") == "1" else "Off",
        "OrdersRateLimit": "On" if code.get("rate_limit") == "1" else "Off",
    }
    documented = page()
    for name, value in expected.items():
        assert documented[name]["Default"] == f"`{name} {value}`", name
