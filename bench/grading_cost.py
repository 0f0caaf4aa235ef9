"""What one hand-in costs: in a small class and in a large one, and in an exam."""

import statistics
import tempfile
from pathlib import Path

from bench.grading import LAB, minutes, new_course
from bench.timing import Row

SMALL, CLASSES, REPETITIONS = 20, (60, 200), 3
SETTINGS = f"[{LAB}]\nhidden_variant = 71933\n"


def class_rows() -> list[Row]:
    """A hand-in of ever larger classes of solved and untouched notebooks, each graded once."""
    small = _seconds(SMALL)
    return [_beside(size, _seconds(size), small) for size in CLASSES]


def _beside(size: int, own: float, small: float) -> Row:
    return Row(
        what=f"a hand-in of {LAB} in a class of {size}, by the clock",
        against=f"in a class of {SMALL}",
        unit="s",
        ours=[own],
        peer=[small],
        goal="flat: at most a fifth more",
        met=own <= 1.2 * small,
    )


def exam_row() -> Row:
    """The same small class as an exam and not as one, in turns."""
    turns = [(_seconds(SMALL, exam=True), _seconds(SMALL)) for _ in range(REPETITIONS)]
    exam, usual = ([turn[i] for turn in turns] for i in (0, 1))
    ratio = statistics.median(judged / plain for judged, plain in turns)
    return Row(
        what=f"a hand-in of {LAB} as an exam, by the clock",
        against="not as an exam",
        unit="s",
        ours=exam,
        peer=usual,
        goal=f"at most twice as long (median now {ratio:.2f} times)",
        met=ratio <= 2,
    )


def _seconds(handins: int, *, exam: bool = False) -> float:
    """Per hand-in, of a new course."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "course"
        new_course(root, handins)
        exam_too = "exam = true\n" if exam else ""
        (root / "grading" / "labs.toml").write_text(SETTINGS + exam_too, encoding="utf-8")
        return 60 * minutes(root, "course_lib.teach", "grade", LAB) / handins
