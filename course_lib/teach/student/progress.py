"""`progress`: what was attempted, passed and earned, as a table and as work/progress.html."""

import argparse
from collections.abc import Mapping
from html import escape

from course_lib.checks import progress as diary
from course_lib.teach.cells import read_notebook
from course_lib.teach.files import write_atomically
from course_lib.teach.places import course_folder, lab_notebook
from course_lib.teach.student.standing import BY_HAND, HEADINGS, UNTRIED, Row, lab_rows

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
<p>State is that of your latest check, points are those of your best one, and minutes are those
between your checks, long breaks left out. The hidden tests of grading may give fewer points.</p>
{tables}
</main>
</body>
</html>
"""


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
