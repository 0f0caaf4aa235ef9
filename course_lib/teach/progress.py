"""`progress`: what was attempted, passed and earned, as a table and as work/progress.html."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from course_lib.checks import progress as diary
from course_lib.teach.files import write_atomically
from course_lib.teach.lab import course_folder
from course_lib.teach.submit import lab_notebook, read_notebook

HEADINGS = ("exercise", "state", "points", "attempts", "minutes")
BY_HAND, UNTRIED = "graded by hand", "not attempted yet"
_SYMBOLS = {"passed": "✓", "failed": "✗", "error in your code": "⚠", BY_HAND: "✎", UNTRIED: "·"}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your progress</title>
<style>
:root {{ color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --line: #767676; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #eee; --paper: #161616; --line: #909090; }} }}
body {{ font: 1.1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; margin: 2rem 0; }}
caption {{ font-size: 1.3rem; font-weight: 600; text-align: left; }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }}
td:nth-child(n+3) {{ font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<main>
<h1>Your progress</h1>
<p>State is that of your latest check, points are those of your best one, and minutes run from the
first check of an attempt to the last. The hidden tests of grading may give fewer points.</p>
{tables}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Row:
    """One exercise.

    state: outcome of the latest check, or that there was none, or that a person grades it.
    points, max_points: of the best check.
    minutes: from the first check of an attempt to the last one; None where there is none.
    """

    exercise: str
    state: str
    points: float
    max_points: float
    attempts: int = 0
    minutes: float | None = None

    def texts(self) -> tuple[str, ...]:
        """What the table says, in the order of HEADINGS."""
        if self.state == BY_HAND:
            return self.exercise, self.state, f"up to {self.max_points:g}", "", ""
        points = f"{self.points:g} of {self.max_points:g}"
        minutes = "" if self.minutes is None else f"{self.minutes:.0f}"
        return self.exercise, self.state, points, str(self.attempts), minutes


def lab_rows(release: Mapping[str, Any], entries: Mapping[str, Any]) -> list[Row]:
    """One row for each exercise of the lab, in the lab's order.

    release: the released notebook. entries: the lab's part of `.progress.json`; an entry that is
        damaged counts as not there.
    """
    return [
        _recorded(name, entries.get(name)) or Row(name, BY_HAND if by_hand else UNTRIED, 0, points)
        for name, points, by_hand in _exercises(release)
    ]


def _exercises(release: Mapping[str, Any]) -> Iterator[tuple[str, float, bool]]:
    """(name, points, whether a person grades it) of each answer; a test follows its answer."""
    answer = ""
    for cell in release["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("solution") and marks.get("grade"):
            yield marks["grade_id"], marks.get("points", 0), True
        elif marks.get("solution"):
            answer = marks["grade_id"]
        elif marks.get("grade") and answer:
            yield answer, marks.get("points", 0), False
            answer = ""


def _recorded(name: str, entry: Any) -> Row | None:
    try:
        first, last = entry["first"], entry["last"]
        minutes = None
        if first and last:
            span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
            minutes = span.total_seconds() / 60
        points, most = float(entry["points"]), float(entry["max_points"])
        return Row(name, str(entry["outcome"]), points, most, int(entry["attempts"]), minutes)
    except (KeyError, TypeError, ValueError):
        return None


def as_text(labs: Mapping[str, list[Row]]) -> str:
    """The tables in plain text, one per lab, columns aligned."""
    lines = []
    for lab, rows in labs.items():
        table = [HEADINGS, *(row.texts() for row in rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines += [f"{lab}: {_summary(rows)}"]
        for texts in table:
            padded = (text.ljust(width) for text, width in zip(texts, widths, strict=True))
            lines.append("  " + "  ".join(padded).rstrip())
        lines.append("")
    return "\n".join(lines)


def as_html(labs: Mapping[str, list[Row]]) -> str:
    """A page of its own that needs no network: one table per lab, readable by a screen reader."""
    tables = (
        f"<table>\n<caption>{escape(lab)}: {escape(_summary(rows))}</caption>\n<thead><tr>"
        + "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
        + "</tr></thead>\n<tbody>\n"
        + "\n".join(map(_html_row, rows))
        + "\n</tbody>\n</table>"
        for lab, rows in labs.items()
    )
    return _PAGE.format(tables="\n".join(tables))


def _html_row(row: Row) -> str:
    exercise, state, *rest = map(escape, row.texts())
    symbol = f'<span aria-hidden="true">{_SYMBOLS.get(row.state, "")}</span>'
    cells = "".join(f"<td>{text}</td>" for text in (f"{symbol} {state}", *rest))
    return f'<tr><th scope="row">{exercise}</th>{cells}</tr>'


def _summary(rows: list[Row]) -> str:
    passed = sum(row.state == "passed" for row in rows)
    tried = sum(row.attempts > 0 for row in rows)
    earned, most = (sum(row.points for row in rows), sum(row.max_points for row in rows))
    counts = f"{tried} of {len(rows)} attempted, {passed} passed"
    return f"{counts}, {earned:g} of {most:g} points so far"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lab", nargs="?", help="only this lab (default: all that are released)")


def run(args: argparse.Namespace) -> int:
    course = course_folder()
    if args.lab:
        lab_notebook(course, args.lab, folder="labs")
    labs = {}
    for path in sorted((course / "labs").glob("*/*.ipynb")):
        if path.stem == path.parent.name:
            record = diary.read(course / "work" / path.stem / diary.FILE)
            labs[path.stem] = lab_rows(read_notebook(path), record.get(path.stem, {}))
    if not labs:
        raise ValueError(f"no lab in {course / 'labs'}: fetch the course again")
    print(as_text({lab: rows for lab, rows in labs.items() if args.lab in (None, lab)}))
    page = course / "work" / "progress.html"
    write_atomically(page, as_html(labs).encode())
    print(f"The same as a page: {page.as_uri()}")
    return 0
