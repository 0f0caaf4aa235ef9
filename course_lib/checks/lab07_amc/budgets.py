"""Questions about one layer of a chain under a budget, and the answers by trying every count."""

from dataclasses import dataclass

import torch
from torch import Generator

from course_lib.checks.ask import Ask
from course_lib.checks.lab07_amc.costs import Costs
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import integer
from course_lib.checks.wrong import Misconception, Wrong

RATIO = Misconception(
    "the ratio is returned instead of the count",
    "The answer is a number of channels: what the layer keeps, an integer.",
)


@dataclass(frozen=True)
class Question:
    """One layer of a chain, and what the layers before it kept."""

    costs: Costs
    wanted: float
    kept: tuple[int, ...]
    budget: float
    lowest: float
    multiple: int = 1

    def total(self, count: int) -> int:
        later = self.costs.least(self.lowest, self.multiple)[len(self.kept) + 1 :]
        return self.costs.total([*self.kept, count, *later])

    @property
    def expected(self) -> int:
        """Every count is tried."""
        full = self.costs.channels[len(self.kept)]
        least = self.costs.least(self.lowest, self.multiple)[len(self.kept)]
        tried = range(least, full + 1, self.multiple)
        return max(
            n
            for n in tried
            if n == least or (n <= self.wanted * full and self.total(n) <= self.budget)
        )

    def asked(self, ask: Ask) -> int:
        kept, channels = [*self.kept], [*self.costs.channels]
        settings = {"multiple": self.multiple} if self.multiple > 1 else {}
        answer = ask(
            self.wanted,
            kept,
            channels,
            self.costs.total,
            budget=self.budget,
            lowest=self.lowest,
            **settings,
        )
        if kept != [*self.kept] or channels != self.costs.channels:
            raise Wrong("kept or channels is not the same after the call", CHANGED)
        if isinstance(answer, float) and 0.0 < answer < 1.0:
            raise Wrong(f"the answer is {answer:.4g}, expected a number of channels", RATIO)
        return integer(answer, "the answer")

    def require(self, ask: Ask) -> None:
        found, expected = self.asked(ask), self.expected
        if found != expected:
            raise Wrong(f"{self}: you keep {found}, expected {expected}{self._why(found)}")

    def __str__(self) -> str:
        t, full = len(self.kept), self.costs.channels[len(self.kept)]
        least = self.costs.least(self.lowest, self.multiple)
        steps = f", multiples of {self.multiple}" if self.multiple > 1 else ""
        return (
            f"layer {t} of channels {self.costs.channels}, kept {[*self.kept]}, "
            f"{self.wanted:.4g} of {full} wanted, least counts {least}{steps}, "
            f"budget {self.budget:,.0f}"
        )

    def _why(self, found: int) -> str:
        if found < 1:
            return ""
        total = self.total(found)
        within = "within the budget" if total <= self.budget else "too much"
        return f"; {found} would cost {total:,}, {within}"


def binding(rng: Generator, costs: Costs, *, lowest: float, multiple: int = 1) -> list[Question]:
    """For every layer a budget that bounds it: once met exactly, once missed by one."""
    found, kept = [], tuple[int, ...]()
    for full, low in zip(costs.channels, costs.least(lowest, multiple), strict=True):
        some = int(torch.randint(low // multiple, full // multiple, (), generator=rng)) * multiple
        for wanted, more in ((1.0, 0), (1.0, -1), (0.97, 1)):
            base = Question(costs, wanted, kept, 0.0, lowest, multiple)
            budget = max(base.total(some) + more, base.total(low))
            found.append(Question(costs, wanted, kept, budget, lowest, multiple))
        kept = (*kept, some)
    return found
