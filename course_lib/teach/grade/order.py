"""Tests that are missing or stand before their answers, put where they belong."""

from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.answers import Cells, copied, is_answer, is_test, wanted_names
from course_lib.teach.grade.names import defined, used
from course_lib.teach.grade.releases import Releases


def put_back_missing(cells: Cells, releases: Releases, notes: list[str]) -> None:
    """Insert deleted graded cells after the released cell that comes before them.

    An answer's cell that is not graded itself stays away: its stub would redefine a function that
    the student has moved elsewhere.
    """
    place = 0
    for name, original in releases.named.items():
        there = next((i for i, cell in enumerate(cells) if grade_id(cell) == name), None)
        if there is None and is_answer(original) and not original.metadata.nbgrader.grade:
            if not releases.is_new(name):
                notes.append(f"noticed: the answer's cell {name} was deleted")
            continue
        if there is None:
            new = releases.is_new(name)
            why = f"noticed: {name} may be newer than this hand-in and" if new else ""
            notes.append(f"{why or f'repaired: the deleted cell {name}'} was put back")
            cells.insert(place, copied(original))
            there = place
        place = there + 1


def tests_behind_answers(cells: Cells, releases: Releases, notes: list[str]) -> None:
    """Move every test that stands before the answer that it tests behind it."""
    for name, original in releases.named.items():
        if not is_test(original):
            continue
        test = next(i for i, cell in enumerate(cells) if grade_id(cell) == name)
        answers = [
            place
            for answer in _tested(name, releases)
            if (place := _answer_place(cells, answer, releases)) is not None
        ]
        last = max(answers, default=-1)
        if test < last:
            cells.insert(last, cells.pop(test))
            notes.append(f"repaired: the test {name} was moved back behind its answer")


def _tested(test: str, releases: Releases) -> list[str]:
    """The answers that a test needs: those before it whose functions it uses, or the nearest."""
    words = used(releases.named[test].source)
    before: list[str] = []
    for name, cell in releases.named.items():
        if name == test:
            break
        if is_answer(cell) and cell.cell_type == "code":
            before.append(name)
    return [name for name in before if wanted_names(name, releases) & words] or before[-1:]


def _answer_place(cells: Cells, answer: str, releases: Releases) -> int | None:
    """Where the answer stands: its own cell, or else the last one that defines its function."""
    wanted = wanted_names(answer, releases)
    places = [i for i, cell in enumerate(cells) if _defines(cell, wanted)]
    own = [i for i, cell in enumerate(cells) if grade_id(cell) == answer]
    return own[0] if own else max(places, default=None)


def _defines(cell: NotebookNode, wanted: set[str]) -> bool:
    return cell.cell_type == "code" and bool(wanted & defined(cell.source))
