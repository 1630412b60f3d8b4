"""The figures of `evaluate.py` for people: lines of text, and an HTML page with plots (pygal, SVG in the page)."""

import html
import re
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import pygal
from pygal.style import CleanStyle

BARS = (
    ("item right, first answer", ("requests", "top1"), 80, 90),
    ("item among the first three", ("requests", "top3"), 92, 97),
    ("department of government requests", ("requests", "department"), 90, 96),
    ("kind", ("requests", "kind"), 88, 95),
    ("settled without asking: right", ("requests", "settled_right"), 93, 97),
    ("settled without asking", ("requests", "settled"), None, None),
    ("requests refused", ("requests", "refused"), -3, -1.5),
    ("emergencies raised", ("emergencies", "raised"), 97, 99.5),
    ("emergencies, right code", ("emergencies", "right_code"), None, None),
    ("near misses raised", ("emergencies", "near_misses_raised"), -4, -2),
    ("ordinary requests raised", ("emergencies", "requests_raised"), -0.3, -0.1),
    ("out of scope refused", ("out_of_scope", "refused"), 92, 97),
    ("dialogue acts", ("acts", "right"), 93, 98),
    ("calibration error", ("calibration", "error"), -3, None),
)
"""What is shown, where it stands, the issue's bar and its goal; negative ones are limits not to be passed."""


def as_text(figures: Dict[str, Any]) -> str:
    """All figures, a line each, with bar and goal."""
    lines = [f"{name:36} {value:6.1f}   {said}" for name, value, said in _judged(figures)]
    speed = figures["parse_ms"]
    lines.append(f"{'parse, one process':36} p50 {speed['p50']} ms, p99 {speed['p99']} ms")
    if "second_reader" in figures:
        told = figures["second_reader"]
        lines += ["", "With the second reader",
                  f"  asked about {told['asked']}, of which {told['first_before']} had the right item first; "
                  f"named one for {told['named']}, {told['named_right']} rightly; {told['ms']} ms an answer (median)",
                  f"  first right {told['top1']}, settled {told['settled']}, of them right {told['settled_right']}"]
    for title, rows in _lists(figures):
        lines += ["", title, *(f"  {row}" for row in rows)]
    return "\n".join(lines)


def as_html(figures: Dict[str, Any]) -> str:
    """One page that needs nothing else."""
    rows = "".join(
        f"<tr><td>{html.escape(name)}<td class=n>{value:.1f}<td>{html.escape(said)}"
        for name, value, said in _judged(figures)
    )
    lists = "".join(
        f"<h2>{html.escape(title)}</h2><ul>{''.join(f'<li>{html.escape(row)}' for row in rows)}</ul>"
        for title, rows in _lists(figures) if rows
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Understanding</title><style>body{font:16px/1.5 "
        "system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}td{padding:.1rem 1rem .1rem 0}.n{text-align:right}"
        f"svg{{max-width:40rem;height:auto}}</style><h1>Understanding</h1><table>{rows}</table>"
        f"<h2>How sure, how right</h2>{reliability(figures['calibration']['bins'])}"
        f"<h2>By style</h2>{_bars(figures['requests']['by_style'])}"
        f"<h2>By department</h2>{_bars(figures['requests']['by_group'])}{lists}</html>"
    )


def reliability(bins: Sequence[Sequence[float]]) -> str:
    """The reliability diagram: on the diagonal, the model is as right as it is sure."""
    plot = pygal.XY(**_look(), x_title="confidence", y_title="right", range=(0, 1), xrange=(0, 1))
    plot.add("honest", [(0, 0), (1, 1)], show_dots=False, stroke_style={"dasharray": "4, 4"})
    plot.add("measured", [{"value": (sure, right), "label": f"{n:.0f} messages"} for n, sure, right in bins])
    return _svg(plot)


def _bars(groups: Dict[str, List[float]]) -> str:
    plot = pygal.HorizontalBar(**{**_look(), "height": 40 + 26 * len(groups)}, range=(0, 100), show_legend=False)
    plot.x_labels = [f"{name} ({int(n)})" for name, (n, _) in groups.items()]
    plot.add("first answer right, %", [share for _, share in groups.values()])
    return _svg(plot)


def _svg(plot: Any) -> str:
    """The drawing without the script that pygal puts in for its tooltips."""
    return re.sub(r"<script.*?</script>", "", str(plot.render(is_unicode=True)), flags=re.DOTALL)


def _look() -> Dict[str, Any]:
    return {"js": [], "disable_xml_declaration": True, "width": 640, "height": 420, "style": CleanStyle,
            "explicit_size": False, "pretty_print": False}


def _judged(figures: Dict[str, Any]) -> Iterable[Tuple[str, float, str]]:
    for name, (part, key), bar, goal in BARS:
        value = figures[part][key]
        yield name, value, "" if bar is None else f"bar {_met(value, bar)}, goal {_met(value, goal)}"


def _met(value: float, limit: Any) -> str:
    if limit is None:
        return "none"
    right = value <= -limit if limit < 0 else value >= limit
    return f"{'≤' if limit < 0 else '≥'} {abs(limit)} {'met' if right else 'MISSED'}"


def _lists(figures: Dict[str, Any]) -> List[Tuple[str, List[str]]]:
    requests, emergencies = figures["requests"], figures["emergencies"]
    return [
        ("By style (texts, first answer right)", _groups(requests["by_style"])),
        ("By department", _groups(requests["by_group"])),
        ("Taken for another item", [f"{n} × {pair}" for pair, n in requests["confusions"]]),
        ("Emergencies missed", emergencies["missed"]),
        ("Raised wrongly", emergencies["false"]),
        ("Out of scope, taken for a request", figures["out_of_scope"]["taken_for_requests"]),
        ("Acts confused", [f"{n} × {pair}" for pair, n in figures["acts"]["confusions"]]),
    ]


def _groups(groups: Dict[str, List[float]]) -> List[str]:
    return [f"{name:20} {int(n):4}  {share:5.1f}" for name, (n, share) in groups.items()]
