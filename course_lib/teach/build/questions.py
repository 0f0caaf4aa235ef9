"""The written questions of a lab: what is asked, how it is graded, graded sample answers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

_MARKERS = re.compile(r"^### (BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A written question, in Markdown: the text around it with its rubric, and the samples."""

    name: str
    points: float
    asked: str
    samples: str


def questions(cells: Iterable[NotebookNode]) -> Iterator[Question]:
    """The questions whose answers a person grades, from the cells of an instructor's notebook.

    What is asked stands in the cells of plain text since the last heading.
    """
    asked: list[str] = []
    for cell in cells:
        own = cell.metadata.get("nbgrader", {})
        if own.get("grade") and own.get("solution"):
            samples = _MARKERS.sub("", cell.source).strip()
            points = float(own["points"])
            yield Question(own["grade_id"], points, "\n\n".join(asked), samples)
        if cell.cell_type != "markdown" or own:
            asked = []
        elif cell.source.startswith("#"):
            asked = [cell.source.strip()]
        else:
            asked.append(cell.source.strip())
