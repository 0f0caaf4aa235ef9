"""What a class tells as a whole: how points are spread, what is hard, what went wrong."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from nbformat import NotebookNode

from course_lib.teach.grade.report import Row, number

BINS = 10
_MISTAKE = re.compile(r"This looks like a known mistake: (.{1,200}?)\.(?:<|\n|$)")

Named = Mapping[str, Sequence[tuple[str, str]]]
"""The mistakes that the checks named: {student: [(exercise, mistake)]}."""


@dataclass(frozen=True)
class Bar:
    """A line of a bar chart: what it stands for, its length from 0 to 1, and the number beside."""

    label: str
    share: float
    said: str


def mistakes(notebook: NotebookNode) -> list[tuple[str, str]]:
    """The mistakes that the tests of an executed notebook name: (exercise, mistake), each once."""
    found = [
        (own["grade_id"].removesuffix("_test"), html.unescape(name))
        for cell in notebook.cells
        if (own := cell.metadata.get("nbgrader", {})).get("grade")
        for output in cell.get("outputs", [])
        for name in _MISTAKE.findall(str(output.get("data", {}).get("text/html", "")))
    ]
    return list(dict.fromkeys(found))


def histogram(rows: Sequence[Row], most: float) -> list[Bar]:
    """How many students have how many points, in ten steps; only final points count."""
    points = [row.points for row in rows if row.points is not None]
    step = most / BINS
    counts = Counter(min(int(value / step), BINS - 1) for value in points)
    largest = max(counts.values(), default=1)
    return [
        Bar(
            f"{number(i * step)} to {'below ' * (i < BINS - 1)}{number((i + 1) * step)}",
            counts[i] / largest,
            str(counts[i]),
        )
        for i in range(BINS)
    ]


def exercise_means(rows: Sequence[Row], max_points: Mapping[str, float]) -> list[Bar]:
    """The mean points of every exercise, of those who have points in it."""
    bars = []
    for name, most in max_points.items():
        given = [score for row in rows if (score := row.scores.get(name)) is not None]
        average = mean(given) if given else 0.0
        said = f"{average:.1f} of {number(most)} (n = {len(given)})" if given else "none yet"
        bars.append(Bar(name.removesuffix("_test"), average / most, said))
    return bars


def commonest(named: Named, count: int = 10) -> list[Bar]:
    """The mistakes that most students made, by how many."""
    students = Counter(mistake for found in named.values() for mistake in set(found))
    largest = max(students.values(), default=1)
    ranked = sorted(students.items(), key=lambda item: (-item[1], item[0]))[:count]
    return [Bar(f"{exercise}: {name}", n / largest, str(n)) for (exercise, name), n in ranked]


def status_counts(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """How many rows have each status, the commonest first."""
    return Counter(str(row.status) for row in rows).most_common()
