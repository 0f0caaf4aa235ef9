"""What a challenge hands in: a file, written by the student's function and judged as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from course_lib.checks.ask import is_placeholder
from course_lib.checks.panel import Panel
from course_lib.checks.progress import grading, record
from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.wrong import Wrong

LAW = "better than random search at the same budget"


@dataclass(frozen=True)
class Artefact:
    """The file of one lab's challenge.

    section: the section of the lecture to read again.
    answer: the name of the function that the student writes.
    law: what the file is judged by, in a few words.
    """

    lab: str
    section: str
    answer: str
    law: str = LAW

    def write(self, path: Path, answer: Callable[..., Any], write: Callable[[], str]) -> str:
        """Call `write`, which writes `path` with the student's `answer`, and pass on what it says.

        While nbgrader grades, a file that was handed in stays as it is. A placeholder writes
        nothing. What fails leaves no file, so that an earlier one is not judged in its place: that
        one is kept beside it under another name, and the error says so.
        """
        unwritten = f"Write {self.answer} first, then run this cell again."
        if grading() and path.is_file():
            return f"{path} was handed in and is graded as it is."
        if is_placeholder(answer):
            return unwritten
        try:
            return write()
        except Exception as error:
            if isinstance(error, NotImplementedError) and not error.args:
                return unwritten
            said = _moved_aside(path)
            if isinstance(error, Wrong):
                raise ValueError(" ".join(filter(None, (error.said, said)))) from error
            if said:
                error.add_note(said)
            raise

    def judge(
        self, path: Path, score: Callable[[Path], tuple[str, float, float]], points: float | None
    ) -> Result:
        """All points if the score of the file reaches what is needed, none otherwise.

        score: path -> (what is scored, score, what is needed); Wrong where the file is no answer.
        """
        if path.is_file():
            try:
                what, reached, needed = score(path)
                said = f"{what} {reached:.4f}, needed {needed:.4f}"
                outcome = Outcome.PASSED if reached >= needed else Outcome.FAILED
            except Wrong as wrong:
                said, outcome = wrong.said, Outcome.FAILED
        else:
            said = f"Write {self.answer}, then run the cell that writes {path.name}, then this one."
            outcome = Outcome.NOT_ATTEMPTED
        finding = Finding(self.law, outcome, said)
        result = Panel(self.lab, "challenge", self.section, points, (finding,))
        record(result)
        return result


def _moved_aside(path: Path) -> str:
    """Keep an earlier file under another name, and say so; "" where there is none."""
    if not path.is_file():
        return ""
    names = chain(["before"], (f"before-{number}" for number in count(2)))
    places = (path.with_stem(f"{path.stem}.{name}") for name in names)
    kept = next(place for place in places if not place.exists())
    path.replace(kept)
    return (
        f"The earlier {path.name} is not by this version of your function. It is now called "
        f"{kept.name}; name it back if it is the one to hand in."
    )


def damaged(path: Path, why: object) -> Wrong:
    """The file cannot be read."""
    return Wrong(f"{path.name} is damaged ({why}): {write_again(path)}")


def write_again(path: Path) -> str:
    """What to do about a file that is no answer."""
    return f"run the cell that calls `write_challenge` again to write a new {path.name}"
