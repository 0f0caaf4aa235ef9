"""Which law catches which slip; `python -m tests.misconceptions.kill_matrix LAB` writes its table.

Every automatic slip in a function of a lab's solution is tried on all laws. One that gets all
points survives; each survivor must be listed as equivalent, with the reason why no law can tell it
from the original. The last line is the proof of the code that was tried; without LAB every table
is written whose proof is not today's.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from course_lib.checks.engine import Exercise
from course_lib.teach.build.proof import proof
from tests.misconceptions.reference import ROOT, Solution
from tests.misconceptions.rooms import answers_to, labs
from tests.misconceptions.slips import VARIANTS, Row, kill_rows


def file_of(lab: str) -> Path:
    """Where the kill matrix of a lab is published."""
    return Path(__file__).with_name(lab) / "kill_matrix.md"


def sources(exercise: Exercise) -> list[Path]:
    """What an exercise's part rests on: solution, checks, the reasons, and how slips are tried."""
    lab, room = exercise.lab, f"{exercise.lab}/{exercise.name}.py"
    here = Path(__file__).parent
    return [Solution(lab).path, ROOT / "course_lib/checks" / room, here / room, here / "slips.py"]


def last_line(lab: str) -> str:
    """How the published matrix ends if it is of today's code."""
    everything = [path for exercise in labs()[lab] for path in sources(exercise)]
    return f"Proof of what was tried: `{proof(ROOT, *everything)}`."


def is_proven(lab: str) -> bool:
    """Whether the published matrix is of today's code."""
    path = file_of(lab)
    return path.is_file() and path.read_text(encoding="utf-8").endswith(f"\n{last_line(lab)}\n")


def matrix_of(lab: str) -> dict[str, list[Row]]:
    """All rows of a lab, by exercise."""
    solution = Solution(lab)
    return {exercise.name: kill_rows(solution, exercise) for exercise in labs()[lab]}


def as_markdown(lab: str, matrix: Mapping[str, Sequence[Row]]) -> str:
    """The published file: per exercise one table, survivors with their reasons."""
    lines = [
        f"# Kill matrix of {lab}",
        "",
        f"Written by `python -m tests.misconceptions.kill_matrix {lab}`. Every row is the solution "
        "with one slip in it, every column a law; ✘ where the slip breaks the law on variant "
        f"{', '.join(map(str, VARIANTS[:-1]))} or {VARIANTS[-1]}.",
    ]
    sections = [section(exercise, matrix[exercise.name]) for exercise in labs()[lab]]
    return "\n".join([*lines, *sections])


def section(exercise: Exercise, rows: Sequence[Row]) -> str:
    """The part of one exercise."""
    killed = sum(bool(row.broken) for row in rows)
    title = f"## {exercise.name}: {killed} of {len(rows)} killed"
    lines = ["", title, "", *_table(exercise, rows), "", *_survivors(exercise, rows)]
    return "\n".join(lines).rstrip() + "\n"


def _table(exercise: Exercise, rows: Sequence[Row]) -> list[str]:
    laws = list(exercise.laws)
    lines = ["| slip | " + " | ".join(laws) + " |", "|---|" + "---|" * len(laws)]
    for row in rows:
        marks = ("✘" if law in row.broken else "" for law in laws)
        change = row.change.replace("|", "\\|")
        lines.append(f"| `{change}` | " + " | ".join(marks) + " |")
    return lines


def _survivors(exercise: Exercise, rows: Sequence[Row]) -> list[str]:
    reasons = answers_to(exercise).equivalent
    return [
        f"- survives: `{row.change}`: {reasons.get(row.change, 'NO REASON GIVEN')}"
        for row in rows
        if not row.broken
    ]


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or [lab for lab in labs() if not is_proven(lab)]:
        end = last_line(name)  # of the code that runs now, whatever is changed meanwhile
        text = f"{as_markdown(name, matrix_of(name))}\n{end}\n"
        file_of(name).write_text(text, encoding="utf-8")
        print(f"wrote {file_of(name)}")
