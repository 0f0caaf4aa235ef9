"""What exam mode can tell; `python -m tests.misconceptions.exam_shares [LAB]` prints it.

For every exercise: how its cases are judged, how many right answers the data carry whole, and of
how many wrong ones they do not. A wrong answer is also given to a kernel that lies: it says that
every law holds.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch

from course_lib.checks.engine import Exercise
from course_lib.checks.exam import Handed, handed_over
from course_lib.checks.judge import Standard, judge
from tests.misconceptions.reference import Solution
from tests.misconceptions.rooms import answers_to, labs

VARIANTS = (71_001, 52_002)


def handed(exercise: Exercise, answer: Callable[..., Any]) -> list[Handed]:
    """What an honest kernel hands over."""
    return [one for variant in VARIANTS for one in handed_over(exercise, answer, variant)]


def row(exercise: Exercise) -> str:
    """One exercise's line of the table."""
    solution = handed(exercise, Solution(exercise.lab).function(exercise.name))
    standard = Standard.of({exercise.name: exercise}, solution)
    bank = answers_to(exercise)
    wrong = [answer for answer, _ in bank.wrong] + list(bank.pointless)
    own = judge(exercise, solution, standard)
    right = [judge(exercise, handed(exercise, answer), standard) for answer in bank.right]
    given = [handed(exercise, answer) for answer in wrong]
    judged = [judge(exercise, one, standard) for one in given]
    lost = [max(0.0, by_kernel(exercise, g) - v.share) for g, v in zip(given, judged, strict=True)]
    whole = [a.__name__ for a, v in zip(wrong, judged, strict=True) if v.share == 1]
    cells = (
        *(exercise.name, own.taped, own.told, own.believed),
        f"{sum(v.share == 1 and not v.lies for v in (*right, own))}/{len(right) + 1}",
        f"{len(wrong) - len(whole)}/{len(wrong)}",
        f"{sum(bool(v.lies) for v in judged)}/{len(wrong)}",
        f"{sum(lost) / len(wrong):.2f}",
        ", ".join(whole),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def by_kernel(exercise: Exercise, given: Sequence[Handed]) -> float:
    """The share of the cases that an honest kernel says to hold."""
    says = {(one.variant, one.law): one.holds for one in given if one.law}
    kept = [holds and says[v, exercise.basic or law] for (v, law), holds in says.items()]
    return sum(kept) / len(kept)


HEAD = (
    "| exercise | cases by tape | by probe | believed | right answers carried whole "
    "| wrong ones not | honest ones accused | share that they lose | wrong ones carried whole |"
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    print(HEAD)
    for lab in sys.argv[1:] or labs():
        for one in labs()[lab]:
            print(row(one), flush=True)
