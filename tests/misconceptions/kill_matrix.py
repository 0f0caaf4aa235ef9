"""Which law catches which slip: `python -m tests.misconceptions.kill_matrix` writes the tables.

Every mutant of every function of a lab's solution runs against all laws on the variants of the
released notebook, hidden ones included. One that gets all points survives; each survivor must be
listed as equivalent, with the reason why no law can tell it from the original.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from course_lib.checks import lab01_rl_nas as check
from course_lib.checks.engine import Exercise
from course_lib.checks.result import Outcome
from tests.misconceptions.equivalent import LAB01
from tests.misconceptions.mutants import mutants
from tests.misconceptions.reference import Solution

VARIANTS = (1, 4242, 4243)
FILE = Path(__file__).with_name("lab01_rl_nas_kill_matrix.md")
EXERCISES: Sequence[Exercise] = (
    check.decode,
    check.sample_strings,
    check.reinforce_loss,
    check.q_backup,
    check.acceptance,
)


@dataclass(frozen=True)
class Row:
    """One mutant: what was changed, and the laws that it breaks."""

    change: str
    broken: frozenset[str]


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


def as_markdown(lab: str, matrix: Mapping[str, Sequence[Row]]) -> str:
    """The published file: per exercise one table, survivors with their reasons."""
    lines = [
        f"# Kill matrix of {lab}",
        "",
        "Written by `python -m tests.misconceptions.kill_matrix`. Every row is the solution with "
        "one slip in it, every column a law; ✘ where the slip breaks the law on variant "
        f"{', '.join(map(str, VARIANTS[:-1]))} or {VARIANTS[-1]}.",
    ]
    for exercise in EXERCISES:
        rows = matrix[exercise.name]
        killed = sum(bool(row.broken) for row in rows)
        lines += ["", f"## {exercise.name}: {killed} of {len(rows)} killed", ""]
        lines += _table(exercise, rows)
        lines += ["", *_survivors(exercise, rows)]
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
    reasons = LAB01.get(exercise.name, {})
    return [
        f"- survives: `{row.change}`: {reasons.get(row.change, 'NO REASON GIVEN')}"
        for row in rows
        if not row.broken
    ]


def lab01_matrix() -> dict[str, list[Row]]:
    """All rows of lab 01."""
    solution = Solution("lab01_rl_nas")
    return {exercise.name: kill_rows(solution, exercise) for exercise in EXERCISES}


if __name__ == "__main__":
    torch.set_num_threads(1)
    FILE.write_text(as_markdown("lab01_rl_nas", lab01_matrix()), encoding="utf-8")
    print(f"wrote {FILE}")
