"""Which law catches which slip; `python -m tests.misconceptions.kill_matrix LAB` writes its table.

Every mutant of every function of a lab's solution runs against all laws on the variants of the
released notebook, hidden ones included. One that gets all points survives; each survivor must be
listed as equivalent, with the reason why no law can tell it from the original.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from course_lib.checks.engine import Exercise
from course_lib.checks.result import Outcome
from tests.misconceptions.mutants import mutants
from tests.misconceptions.reference import Solution
from tests.misconceptions.rooms import answers_to, labs

VARIANTS = (1, 4242, 4243)


@dataclass(frozen=True)
class Row:
    """One mutant: what was changed, and the laws that it breaks."""

    change: str
    broken: frozenset[str]


def file_of(lab: str) -> Path:
    """Where the kill matrix of a lab is published."""
    return Path(__file__).with_name(lab) / "kill_matrix.md"


def kill_rows(solution: Solution, exercise: Exercise) -> list[Row]:
    """All mutants of an exercise's solution, tried on every law and variant."""
    rows = []
    for mutant in mutants(solution.definition(exercise.name)):
        try:
            answer = solution.compiled(mutant.definition)
        except (SyntaxError, ValueError):
            continue
        cases = [(law, variant) for variant in VARIANTS for law in exercise.laws]
        findings = exercise(answer, cases).findings
        broken = frozenset(f.law for f in findings if f.outcome is not Outcome.PASSED)
        rows.append(Row(mutant.change, broken))
    return rows


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
    for name in sys.argv[1:] or labs():
        file_of(name).write_text(as_markdown(name, matrix_of(name)), encoding="utf-8")
        print(f"wrote {file_of(name)}")
