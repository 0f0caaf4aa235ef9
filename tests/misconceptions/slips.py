"""Every slip in a solution, tried on every law of its exercise."""

from dataclasses import dataclass

from course_lib.checks.engine import Exercise
from course_lib.checks.result import Outcome
from tests.misconceptions.mutants import mutants
from tests.misconceptions.reference import Solution

VARIANTS = (1, 4242, 4243)
"""Those of the released notebook, hidden ones included."""


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
