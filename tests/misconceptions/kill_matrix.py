"""Which law catches which slip; `python -m tests.misconceptions.kill_matrix LAB` writes its table.

Every mutant of every function of a lab's solution runs against all laws on the variants of the
released notebook, hidden ones included. One that gets all points survives; each survivor must be
listed as equivalent, with the reason why no law can tell it from the original. The last line is the
proof of the code that was tried; without LAB every table is written whose proof is not today's.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import torch

from course_lib.checks.engine import Exercise
from course_lib.checks.result import Outcome
from course_lib.teach.places import Lab
from course_lib.teach.proof import proof
from tests.misconceptions.equivalent import EQUIVALENT
from tests.misconceptions.mutants import mutants
from tests.misconceptions.reference import ROOT, Solution

VARIANTS = (1, 4242, 4243)
LABS = {
    "lab01_rl_nas": ("decode", "sample_strings", "reinforce_loss", "q_backup", "acceptance"),
    "lab02_weight_sharing": (
        "run_path",
        "sharing_epoch",
        "recalibrate",
        "kendall_tau",
        "enas_step",
    ),
    "lab03_darts": ("mixed_op", "first_order", "second_order", "derive", "discretization"),
    "lab04_gumbel": (
        "sample_gumbel",
        "gumbel_max_sample",
        "gumbel_softmax_sample",
        "straight_through",
        "bias_and_variance",
        "gdas_edge",
    ),
}


@dataclass(frozen=True)
class Row:
    """One mutant: what was changed, and the laws that it breaks."""

    change: str
    broken: frozenset[str]


def file_of(lab: str) -> Path:
    """Where the kill matrix of a lab is published."""
    return Path(__file__).with_name(f"{lab}_kill_matrix.md")


def exercises_of(lab: str) -> list[Exercise]:
    """The checks of a lab's exercises, in the lab's order."""
    check = import_module(f"course_lib.checks.{lab}")
    return [getattr(check, name) for name in LABS[lab]]


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
    return {exercise.name: kill_rows(solution, exercise) for exercise in exercises_of(lab)}


def as_markdown(lab: str, matrix: Mapping[str, Sequence[Row]]) -> str:
    """The published file: per exercise one table, survivors with their reasons."""
    lines = [
        f"# Kill matrix of {lab}",
        "",
        f"Written by `python -m tests.misconceptions.kill_matrix {lab}`. Every row is the solution "
        "with one slip in it, every column a law; ✘ where the slip breaks the law on variant "
        f"{', '.join(map(str, VARIANTS[:-1]))} or {VARIANTS[-1]}.",
    ]
    for exercise in exercises_of(lab):
        rows = matrix[exercise.name]
        killed = sum(bool(row.broken) for row in rows)
        lines += ["", f"## {exercise.name}: {killed} of {len(rows)} killed", ""]
        lines += _table(exercise, rows)
        lines += ["", *_survivors(lab, exercise, rows)]
    return "\n".join(lines).rstrip() + "\n"


def _table(exercise: Exercise, rows: Sequence[Row]) -> list[str]:
    laws = list(exercise.laws)
    lines = ["| slip | " + " | ".join(laws) + " |", "|---|" + "---|" * len(laws)]
    for row in rows:
        marks = ("✘" if law in row.broken else "" for law in laws)
        change = row.change.replace("|", "\\|")
        lines.append(f"| `{change}` | " + " | ".join(marks) + " |")
    return lines


def _survivors(lab: str, exercise: Exercise, rows: Sequence[Row]) -> list[str]:
    reasons = EQUIVALENT[lab].get(exercise.name, {})
    return [
        f"- survives: `{row.change}`: {reasons.get(row.change, 'NO REASON GIVEN')}"
        for row in rows
        if not row.broken
    ]


def sources(lab: str) -> list[Path]:
    """What a kill matrix rests on: solution, checks, slips and how they are tried."""
    checks = Path(str(import_module(f"course_lib.checks.{lab}").__file__))
    own = sorted(Path(__file__).with_name(lab).glob("*.py"))
    return [Lab(ROOT, lab).source, checks, Path(__file__), *own]


def last_line(lab: str) -> str:
    """How the published matrix ends if it is of today's code."""
    return f"Proof of what was tried: `{proof(ROOT, *sources(lab))}`."


def is_proven(lab: str) -> bool:
    """Whether the published matrix is of today's code."""
    path = file_of(lab)
    return path.is_file() and path.read_text(encoding="utf-8").endswith(f"\n{last_line(lab)}\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or [lab for lab in LABS if not is_proven(lab)]:
        end = last_line(name)
        text = f"{as_markdown(name, matrix_of(name))}\n{end}\n"
        file_of(name).write_text(text, encoding="utf-8")
        print(f"wrote {file_of(name)}")
