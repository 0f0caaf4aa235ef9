"""What exam mode can tell; `python -m tests.misconceptions.exam_shares [LAB]` prints it.

For every exercise: how its cases are judged, how many right answers the data carry whole, and of
how many wrong ones they do not. A wrong answer is also given to a kernel that lies: it says that
every law holds.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import torch

from course_lib.checks.engine import Exercise
from course_lib.checks.exam import Handed, handed_over
from course_lib.checks.judge import Standard, Verdict, judge
from tests.misconceptions.reference import Solution
from tests.misconceptions.rooms import answers_to, judged, labs

VARIANTS = (71_001, 52_002)


def handed(exercise: Exercise, answer: Callable[..., Any]) -> list[Handed]:
    """What an honest kernel hands over."""
    return [one for variant in VARIANTS for one in handed_over(exercise, answer, variant)]


@cache
def standard(exercise: Exercise) -> Standard:
    """What the solution hands over."""
    solution = handed(exercise, Solution(exercise.lab).function(exercise.name))
    return Standard.of({exercise.name: exercise}, solution)


def verdict(exercise: Exercise, answer: Callable[..., Any], *, lying: bool = False) -> Verdict:
    """What the data of an answer carry; lying: whether its kernel says that all laws hold."""
    given = handed(exercise, answer)
    if lying:
        given = [replace(one, holds=True) for one in given]
    return judge(exercise, given, standard(exercise))


def wrong(exercise: Exercise) -> list[Callable[..., Any]]:
    """All answers that are known to be wrong."""
    bank = answers_to(exercise)
    return [answer for answer, _ in bank.wrong] + list(bank.pointless)


def row(exercise: Exercise) -> str:
    """One exercise's line of the table."""
    solution = verdict(exercise, Solution(exercise.lab).function(exercise.name))
    right = [verdict(exercise, answer) for answer in answers_to(exercise).right]
    bank = wrong(exercise)
    honest = [verdict(exercise, answer) for answer in bank]
    lying = [verdict(exercise, answer, lying=True) for answer in bank]
    earned = [judged(exercise, answer, VARIANTS).points / 16 for answer in bank]
    lost = [max(0.0, e - v.share) for e, v in zip(earned, honest, strict=True)]
    cells: Sequence[object] = (
        *(exercise.name, solution.taped, solution.told, solution.believed),
        f"{sum(v.share == 1 and not v.lies for v in (*right, solution))}/{len(right) + 1}",
        f"{sum(v.share < 1 for v in honest)}/{len(bank)}",
        f"{sum(bool(v.lies) for v in honest)}/{len(bank)}",
        f"{sum(bool(v.lies) for v in lying)}/{len(bank)}",
        f"{sum(earned) / len(bank):.2f}",
        f"{sum(lost) / len(bank):.2f}",
        f"{sum(v.share for v in lying) / len(bank):.2f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(
        "| exercise | by tape | by probe | believed | right carried | wrong not carried | "
        "honest accused | liars accused | kernel gives wrong | honest lose | liars keep |"
    )
    for lab in sys.argv[1:] or labs():
        for one in labs()[lab]:
            print(row(one), flush=True)
