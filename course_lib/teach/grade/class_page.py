"""The class on one page, grading/LAB.html: the list of grades and pictures of the whole.

One file that loads nothing: it opens from the disk, without a network, in light or dark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from course_lib.show.style import BLUE, GREEN, GREY, PURPLE, VERMILION
from course_lib.teach.grade.class_numbers import (
    Bar,
    Named,
    commonest,
    exercise_means,
    histogram,
    status_counts,
)
from course_lib.teach.grade.minutes import quartiles
from course_lib.teach.grade.report import Row, encodable, number, points_so_far
from course_lib.teach.grade.status import EXIT_CODES, Status

_LOOKS = {
    Status.GRADED: ("✔", GREEN),
    Status.REPAIRED: ("✔", GREEN),
    Status.BY_HAND: ("✎", BLUE),
    Status.NO_HANDIN: ("○", GREY),
    Status.TAMPERED: ("⚠", PURPLE),
}
_TROUBLE = ("✘", VERMILION)


@dataclass(frozen=True)
class Chart:
    """A bar chart as a table: its title, what the two columns are, and the bars."""

    title: str
    columns: tuple[str, str]
    bars: Sequence[Bar]


def class_page(
    lab: str,
    rows: Sequence[Row],
    max_points: Mapping[str, float],
    named: Named,
    told: Sequence[Mapping[str, float]] = (),
) -> str:
    """The page as HTML.

    named: the mistakes that the checks named in each student's tests. told: minutes by exercise, of
    the students who told them.
    """
    total = sum(max_points.values())
    charts = [
        Chart("Points", ("points", "students"), histogram(rows, total)),
        Chart("Points per exercise", ("exercise", "mean points"), exercise_means(rows, max_points)),
        Chart("Mistakes named most often", ("mistake", "students"), commonest(named)),
        Chart(
            "Minutes per exercise",
            ("exercise", "median (quartiles)"),
            quartiles(told, [name.removesuffix("_test") for name in max_points]),
        ),
    ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["points"] = points_so_far
    environment.filters["quote"] = quote
    text = environment.get_template("class.html.j2").render(
        lab=lab,
        rows=rows,
        max_points=max_points,
        titles=_titles(rows),
        columns=[("points", total), *max_points.items()],
        ways={name: way for row in rows for name, way in row.ways.items()},
        counts=status_counts(rows),
        waiting=[row for row in rows if row.by_hand],
        trouble=[row for row in rows if row.status in EXIT_CODES],
        charts=[chart for chart in charts if chart.bars],
        looks={status: _LOOKS.get(status, _TROUBLE) for status in Status},
        blue=BLUE,
    )
    return encodable(text)


def _titles(rows: Sequence[Row]) -> list[str]:
    """The first columns; names and sections only where a roster gives any."""
    shown = {
        "name": any(row.name for row in rows),
        "student": True,
        "section": any(row.section for row in rows),
        "status": True,
    }
    return [title for title, is_shown in shown.items() if is_shown]
