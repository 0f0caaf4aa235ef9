"""solutions/LAB/misconceptions.md: what each mistake means and what to say, for graders.

Made from the rooms of the lab's exercises, where each mistake is tried on every law, and from the
lab's source, which has the written question. The last line is the proof of what was tried.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from course_lib.checks.engine import Exercise
from course_lib.checks.result import Outcome, Result
from course_lib.checks.wrong import Misconception
from course_lib.teach.build.proof import proof
from course_lib.teach.build.questions import Question, questions
from course_lib.teach.build.sources import read_source
from course_lib.teach.build.wrong_answers import Room, room
from course_lib.teach.files import write_atomically
from course_lib.teach.places import Lab

VARIANT = 1
"""The numbers on which the mistakes are tried."""

_HEAD = """\
# {lab}: what a mistake means, and what to say

For graders and office hours; written by `python -m course_lib.teach build`, so do not edit it. In
each exercise the likelier mistakes come first. Each has the points that its check leaves (each law
once, variant {variant}), the laws that it breaks, the case that shows it, what the panel says, and
how somebody writes it who makes it.

**What to say.** The student has read the panel. So do not repeat it: ask. *Which law is broken? Say
it in your own words. Here is the case: what should come out, by hand? Where does your code leave
that path?* The law in words, below, is what the answer should come to. The hints are those that
`check.hint("NAME")` gives, one after the other; the last is nearly the answer.
"""


def page_of(lab: Lab) -> Path:
    """Where the page of a lab lies; it is in no release and in no bundle."""
    return lab.source.parent / "misconceptions.md"


def build_page(lab: Lab) -> bool:
    """Write the page if what it rests on has changed; whether it was written."""
    if not page_drift(lab):
        return False
    write_atomically(page_of(lab), f"{_page(lab)}\n{_last_line(lab)}\n".encode())
    return True


def page_drift(lab: Lab) -> list[str]:
    """How the page differs from what it rests on, in a sentence; empty when all is well.

    A course without the lab's checks has no page.
    """
    path = page_of(lab)
    if not _rooms(lab).is_dir():
        return []
    if path.is_file() and path.read_text(encoding="utf-8").endswith(f"\n{_last_line(lab)}\n"):
        return []
    return [f"{path} {'is not of today' if path.is_file() else 'is not built from'} the checks"]


def _rooms(lab: Lab) -> Path:
    return lab.root / "course_lib" / "checks" / lab.name


def _last_line(lab: Lab) -> str:
    rooms = sorted(_rooms(lab).glob("*.py"))
    source = hashlib.sha256(lab.source.read_bytes()).hexdigest()[:8]
    return f"Proof of what was tried: `{proof(lab.root, *rooms)}-{source}`."


def _page(lab: Lab) -> str:
    cells = read_source(lab.source).cells
    points = {
        own["grade_id"].removesuffix("_test"): float(own["points"])
        for cell in cells
        if (own := cell.metadata.get("nbgrader", {})).get("grade")
    }
    exercises = _exercises(lab.name)
    parts = [_HEAD.format(lab=lab.name, variant=VARIANT)]
    for one in exercises:
        others = frozenset(other.name for other in exercises if other is not one)
        parts += _exercise(one, points[one.name], room(lab.root, one, others))
    for question in questions(cells):
        parts += _written(question)
    return "\n".join(parts)


def _exercises(lab: str) -> Sequence[Exercise]:
    name = f"course_lib.checks.{lab}"
    found: Sequence[Exercise] = import_module(name).EXERCISES if find_spec(name) else ()
    return found


def _exercise(exercise: Exercise, points: float, room: Room) -> Iterator[str]:
    yield f"## {exercise.name} ({points:g} points)\n"
    yield f"Lecture: *{exercise.section}*.\n"
    yield "| law | in words |\n|---|---|"
    for law, check in exercise.laws.items():
        basic = " (basic: without it the others do not count)" if law == exercise.basic else ""
        yield f"| {law}{basic} | {_cell(check.__doc__ or '')} |"
    yield "\n**Hints**\n"
    yield from (f"{n}. {' '.join(hint.split())}" for n, hint in enumerate(exercise.hints, 1))
    yield ""
    seen = set[str]()
    for mistake in exercise.mistakes:
        if mistake.name not in seen:
            seen.add(mistake.name)
            yield from _mistake(exercise, mistake, points, room.written(mistake))


def _mistake(
    exercise: Exercise, mistake: Misconception, points: float, written: str
) -> Iterator[str]:
    yield f"### {mistake.name}\n"
    if mistake.answers:
        cases = [(law, VARIANT) for law in exercise.laws]
        yield from _tried(exercise(mistake.answers[0], cases, points=points))
    else:
        yield "A law itself sees it; the points depend on the answer.\n"
    where = f" (Lecture: *{mistake.where}*.)" if mistake.where else ""
    yield f"The panel says: {' '.join(mistake.advice.split())}{where}\n"
    if written:
        yield f"```python\n{written}\n```\n"


def _tried(result: Result) -> Iterator[str]:
    """The points that are left, the laws that are broken, and the case that shows it."""
    broken = [f for f in result.findings if f.outcome is not Outcome.PASSED]
    laws = "; ".join(dict.fromkeys(f"*{finding.law}*" for finding in broken))
    points = f"{result.points:.3g} of {result.max_points:g} points"
    yield f"**{points}.** Breaks {laws or 'no law here'}.\n"
    if broken:
        yield f"> {' '.join(broken[0].said.split())}\n"


def _written(question: Question) -> Iterator[str]:
    yield f"## {question.name}: a written question ({question.points:g} points)\n"
    yield f"{re.sub(r'^#+ .*$', '', question.asked, count=1, flags=re.MULTILINE).strip()}\n"
    yield f"{question.samples}\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
