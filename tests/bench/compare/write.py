"""docs/performance.md between its markers, docs/performance.json, docs/img/bench-*.svg. Run by itself it renews them from the JSON."""

import json

import paths
import svg
import table

BEGIN, END = "<!-- bench: begin. Renewed by `make bench WRITE=1`; what is written by hand goes outside. -->", "<!-- bench: end -->"


def _about(results: dict) -> list[str]:
    settings = results["settings"]
    lines = [
        f"Measured on {results['when']}: rounds of {settings['seconds']:g} s, the median of {settings['rounds']} counts; what is compared takes turns in each "
        f"round. {'No other process used more than a tenth of a core.' if results['clean'] else '**Not a clean run: other processes used the machine.**'}",
        "",
    ]
    return lines + [f"- {name}: {value}" for name, value in results["machine"].items()]


def _facts(rows: list[dict]) -> list[str]:
    lines = []
    for row in rows:
        facts = row["facts"]
        for name, sold in facts.get("sold", {}).items():
            lines.append(f"- {row['row']}: {facts['stock']} pieces and more buyers: {row['labels'][name]} sold {sold['units']}, oversold {sold['oversold']}.")
        if "check" in facts:
            lines.append(f"- {row['row']}: `ordersctl check` afterwards, orders of all three servers: {facts['check']}")
        for name, plan in facts.get("plans", {}).items():
            looked = f"{plan['keys']} keys, {plan['documents']} documents looked at for {plan['returned']}" if plan.get("keys") is not None else ""
            lines.append(f"- {row['row']}: the database's plan, {name}: {' ← '.join(plan['stages'])}; {looked}")
    return lines


def _memory(rows: list[dict]) -> list[str]:
    for row in rows:
        for kb in [row["figures"]["memory"]] if "memory" in row["figures"] else []:
            mb = lambda key: f"{kb[key] / 1024:.1f} MB"
            return [
                f"- 10: at rest httpd holds {mb('idle_apache_kb')} and the bridge {mb('idle_bridge_kb')}; P1 {mb('p1_idle_kb')}, P2 {mb('p2_idle_kb')} (PSS). After the run httpd held "
                f"{mb('end_apache_kb')} and the bridge {mb('end_bridge_kb')}; after its first minute both together {mb('first_minute_kb')}. By then P1 held {mb('p1_end_kb')}, P2 {mb('p2_end_kb')}."
            ]
    return []


def section(results: dict) -> str:
    rows = results["rows"]
    lines = [*_about(results), "", *table.goals(rows), "", "![How many times a peer's figure](img/bench-ratios.svg)", "", "![Latency by percentile](img/bench-latency.svg)", ""]
    lines += [*table.figures(rows), "", *_memory(rows), *_facts(rows)]
    return "\n".join(lines)


def all(results: dict) -> None:
    file = paths.DOCS / "performance.md"
    text = file.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n\n{section(results)}\n\n{END}{after}")
    (paths.DOCS / "performance.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    (paths.DOCS / "img/bench-ratios.svg").write_text(svg.ratios(results["rows"]))
    (paths.DOCS / "img/bench-latency.svg").write_text(svg.latency(results["rows"]))


if __name__ == "__main__":
    all(json.loads((paths.DOCS / "performance.json").read_text()))
