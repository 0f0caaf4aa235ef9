"""The challenge's pictures: fresh ones to learn from, as many as the budget allows."""

from course_lib.core import BudgetExhausted
from course_lib.datasets import Images, ImageTask, cluttered_digits

BUDGET = 48_000
"""Training pictures in all, for the search and for the network that is handed in."""
TEST = 10_000
"""Pictures that a network is judged by, of digits that nobody trained on."""


class Pictures:
    """`pictures(n)` renders n fresh training pictures, until the budget is spent.

    Every call gives a task: `train` holds the n pictures, `valid` always the same 1,000 of other
    digits (they cost nothing), and `test` is `valid` again: the real test comes when the network is
    handed in.
    """

    def __init__(self, seed: int, budget: int = BUDGET) -> None:
        self.left = budget
        self._next = 1000 * seed
        self._valid = cluttered_digits(train=1, valid=1000, test=1).valid

    def __call__(self, count: int) -> ImageTask:
        if count > self.left:
            raise BudgetExhausted(
                f"{count:,} pictures asked for, and {self.left:,} of the budget are left"
            )
        self.left -= count
        self._next += 1
        made = cluttered_digits(train=count, valid=1, test=1, seed=self._next)
        return ImageTask(made.train, self._valid, self._valid, made.classes)


def judging_pictures(variant: int) -> Images:
    """What a network is judged by: a rendering of the test digits that belongs to the variant."""
    return cluttered_digits(train=1, valid=1, test=TEST, seed=variant).test
