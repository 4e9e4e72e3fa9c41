"""The results as text: lines for the terminal, tables for docs/performance.md."""

COLUMNS = (("rate", "requests/s"), ("cpu_us", "CPU µs a request"), ("p50", "p50 ms"), ("p99", "p99 ms"))


def number(value: float | None) -> str:
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 or value == 0 else f"{value:.3g}"


def measured(goal: dict) -> str:
    if goal["value"] is None:
        return "not measured"
    if goal["unit"] == "":
        return f"{goal['value']:.0f}"
    alone = f" (the database alone: {number(goal['alone'])}×)" if "alone" in goal else ""
    return f"{number(goal['value'])}{goal['unit']}{alone}"


def plain(row: dict) -> str:
    """What the terminal shows of a row."""
    lines = [f"{row['row']}. {row['title']}"]
    for name, figures in row["figures"].items():
        parts = [f"{title} {number(figures[key])}" for key, title in COLUMNS if key in figures]
        parts += [f"{key} {number(value)}" for key, value in figures.items() if key not in dict(COLUMNS) and not isinstance(value, dict) and key != "others" and value]
        lines.append(f"     {row['labels'][name]:<36} {' · '.join(parts)}")
    lines += [f"   {'  met ' if goal['met'] else 'NOT MET'}  {goal['goal']}: {measured(goal)}" for goal in row["goals"]]
    return "\n".join(lines)


def goals(rows: list[dict]) -> list[str]:
    lines = ["| row | | goal | measured | |", "|---|---|---|---|---|"]
    for row in rows:
        for place, goal in enumerate(row["goals"]):
            head = f"| {row['row']} | {row['title']} " if place == 0 else "| | "
            lines.append(f"{head}| {goal['goal']} | {measured(goal)} | {'met' if goal['met'] else '**not met**'} |")
    return lines


def figures(rows: list[dict]) -> list[str]:
    lines = ["| row | | requests/s | CPU µs a request | p50 ms | p99 ms | refused, lost |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        for place, (name, each) in enumerate(row["figures"].items()):
            if "rate" not in each:
                continue
            cells = [number(each.get(key)) for key, _ in COLUMNS]
            lost = f"{each.get('refused', 0):.0f}, {each.get('lost', 0):.0f}" if "lost" in each else "–"
            lines.append(f"| {row['row'] if place == 0 else ''} | {row['labels'][name]} | {' | '.join(cells)} | {lost} |")
    return lines
