"""Two pictures, drawn by hand: bars of the ratios with a mark at each goal, and latency by percentile. Both readable on light and on dark."""

import math
from html import escape

import table

STYLE = """<style>
  svg { --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --paper: #ffffff; --met: #1a7f37; --unmet: #bc4c00; --a: #0969da; --b: #bc4c00; --c: #6639ba; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d; --paper: #0d1117; --met: #3fb950; --unmet: #f0883e; --a: #4493f8; --b: #f0883e; --c: #ab7df8; }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink); } .soft { fill: var(--soft); font-size: 12px; } .head { font-weight: 600; }
  .paper { fill: var(--paper); } .grid { stroke: var(--line); } .one { stroke: var(--soft); } .met { fill: var(--met); } .unmet { fill: var(--unmet); }
  .goal { stroke: var(--ink); stroke-width: 2.5; } .curve { fill: none; stroke-width: 2.2; }
</style>"""


def _picture(width: int, height: int, title: str, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escape(title)}">'
    return "\n".join([head, f"<title>{escape(title)}</title>", STYLE, f'<rect class="paper" width="{width}" height="{height}"/>', *parts, "</svg>"]) + "\n"


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


# --- Ratios

LEFT, RIGHT, STEP = 430, 930, 26


def ratios(rows: list[dict]) -> str:
    """One bar a goal that is a ratio; a tick at the goal. The scale is logarithmic."""
    goals = [(row, goal) for row in rows for goal in row["goals"] if goal["unit"] == "×" and goal["value"]]
    low = min([0.1, *(min(goal["value"], goal["limit"]) for _, goal in goals)]) * 0.9
    high = max([10.0, *(max(goal["value"], goal["limit"]) for _, goal in goals)]) * 1.1
    at = lambda value: LEFT + (RIGHT - LEFT) * math.log(value / low) / math.log(high / low)
    height = 76 + STEP * len(goals) + 20
    parts = [_text(20, 28, "mod_orders against each goal", "head"), _text(20, 46, "bar: measured ratio · tick: the goal · logarithmic", "soft")]
    for value in (v * 10**e for e in range(-3, 4) for v in (1, 2, 5) if low <= v * 10**e <= high):
        if value in (0.01, 0.1, 0.5, 1, 2, 5, 10, 50, 100):
            parts += [_line(at(value), 58, at(value), height - 14, "grid"), _text(at(value), 54, f"{value:g}×", "soft", "middle")]
    parts.append(_line(at(1), 58, at(1), height - 14, "one"))
    row_before = None
    for place, (row, goal) in enumerate(goals):
        y = 68 + STEP * place
        one = at(1.0)
        start, end = sorted((one, at(goal["value"])))
        words = f"{row['row']}" if row is not row_before else ""
        parts += [_text(20, y + 13, words, "head"), _text(56, y + 13, goal["goal"] if len(goal["goal"]) < 56 else goal["goal"][:54] + "…")]
        parts.append(f'<rect x="{start:.1f}" y="{y + 2}" width="{max(1.5, end - start):.1f}" height="{STEP - 11}" rx="2" class="{"met" if goal["met"] else "unmet"}"/>')
        parts.append(_line(at(goal["limit"]), y - 1, at(goal["limit"]), y + STEP - 6, "goal"))
        parts.append(_text(RIGHT + 16, y + 13, f"{table.number(goal['value'])}× {'met' if goal['met'] else 'not met'}"))
        row_before = row
    return _picture(1050, height, "Ratios of mod_orders to what each goal names, and the goals", parts)


# --- Latency

PANEL, TOP, FLOOR = 320, 84, 330
COLOURS = {"mod_orders": "a", "p1": "b", "p2": "c"}


def _panel(row: dict, left: float, low: float, high: float) -> list[str]:
    width = PANEL - 76
    across = lambda p: left + 46 + width * math.log10(75 / (100 - p)) / math.log10(75 / 0.1)
    up = lambda ms: FLOOR - (FLOOR - TOP) * math.log(ms / low) / math.log(high / low)
    parts = [_text(left + 46, TOP - 16, f"{row['row']}. {row['title'].split(',')[0]}{', hot product' if 'hot' in row['title'] else ''}", "head")]
    for decade in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        if low <= 10.0**decade <= high:
            parts += [_line(left + 46, up(10.0**decade), left + 46 + width, up(10.0**decade), "grid"), _text(left + 40, up(10.0**decade) + 4, f"{10.0**decade:g}", "soft", "end")]
    parts += [_text(across(p), FLOOR + 18, f"{p:g}", "soft", "middle") for p in (50, 90, 99, 99.9)]
    for name, colour in COLOURS.items():
        curve = row["figures"].get(name, {}).get("curve")
        if curve:
            points = " ".join(f"{across(float(p)):.1f},{up(max(ms, low)):.1f}" for p, ms in curve.items())
            parts.append(f'<polyline points="{points}" class="curve" style="stroke: var(--{colour})"/>')
    return parts


def latency(rows: list[dict]) -> str:
    chosen = [row for row in rows if row["row"] in ("1", "4", "5")]
    values = [ms for row in chosen for name in COLOURS for ms in row["figures"].get(name, {}).get("curve", {}).values() if ms > 0]
    low, high = (min(values) * 0.8, max(values) * 1.25) if values else (1, 10)
    parts = [_text(20, 28, "Latency in ms by percentile, 64 connections", "head")]
    labels = chosen[0]["labels"] if chosen else {}
    for place, (name, colour) in enumerate(COLOURS.items()):
        x = 400 + 170 * place
        parts += [f'<rect x="{x}" y="17" width="22" height="12" rx="2" style="fill: var(--{colour})"/>', _text(x + 30, 28, labels.get(name, name))]
    for place, row in enumerate(chosen):
        parts += _panel(row, 8 + PANEL * place, low, high)
    return _picture(PANEL * 3 + 20, FLOOR + 40, "Latency by percentile of mod_orders and both peers, for reading and for placing orders", parts)
