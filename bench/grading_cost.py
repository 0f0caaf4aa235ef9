"""What one hand-in costs: in a small class and in a large one, and in an exam."""

import tempfile
from pathlib import Path

from bench.grading import LAB, minutes, new_course
from bench.timing import Row

SMALL, CLASSES, EXAMS = 20, (60, 200), 3
SETTINGS = f"[{LAB}]\nhidden_variant = 71933\n"


def grading_cost_rows() -> list[Row]:
    """Classes of solved and untouched notebooks, each graded once; small ones as exams, too."""
    usual = [_seconds(SMALL) for _ in range(EXAMS)]
    exam = [_seconds(SMALL, exam=True) for _ in range(EXAMS)]
    small = sorted(usual)[EXAMS // 2]
    sizes = []
    for size in CLASSES:
        own = _seconds(size)
        sizes.append(
            Row(
                what=f"a hand-in of {LAB} in a class of {size}, by the clock",
                against=f"in a class of {SMALL}",
                unit="s",
                ours=[own],
                peer=[small],
                goal="flat: at most a fifth more",
                met=own <= 1.2 * small,
            )
        )
    ratio = sorted(exam)[EXAMS // 2] / small
    judged = Row(
        what=f"a hand-in of {LAB} as an exam, by the clock",
        against="not as an exam",
        unit="s",
        ours=exam,
        peer=usual,
        goal=f"at most twice as long (median now {ratio:.2f})",
        met=ratio <= 2,
    )
    return [*sizes, judged]


def _seconds(handins: int, *, exam: bool = False) -> float:
    """Per hand-in, of a new course."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "course"
        new_course(root, handins)
        exam_too = "exam = true\n" if exam else ""
        (root / "grading" / "labs.toml").write_text(SETTINGS + exam_too, encoding="utf-8")
        return 60 * minutes(root, "course_lib.teach", "grade", LAB) / handins
