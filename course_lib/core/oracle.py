"""The one who answers a search's questions, charges for them and keeps the record."""

import math
from dataclasses import replace
from types import TracebackType
from typing import Protocol

from course_lib.core.trial import Arch, History, Trial


class Measure(Protocol):
    """Says how good an architecture is: a table, a training run, a supernet, ..."""

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial: ...


class BudgetExhausted(Exception):
    """The budget does not pay the answer that was asked for."""


class Oracle:
    """Answers `oracle(arch, fidelity=None) -> Trial` until the budget is spent.

    measure: `measure(arch, fidelity)` gives a trial with its cost; `fidelity` (say, epochs) is
        passed on only where it is given.
    budget: what all answers together may cost, positive, in the unit of the trials' cost.

    Every answer is recorded and charged: a higher fidelity of the same architecture charges the
    increment (training goes on from where it stopped), a repeated question is charged again.
    An answer that would pass the budget is refused with `BudgetExhausted` and closes the oracle:
    `spent <= budget` always, and what is left would not have paid the next answer. Rounding is
    no debt: a sum of charges within one part in 10^9 of the budget is the budget, so that 0.3
    pays three answers at 0.1.
    `with oracle:` ends quietly at that point, so a search reads like its algorithm box.
    """

    def __init__(self, measure: Measure, budget: float) -> None:
        if not (budget > 0 and math.isfinite(budget)):
            raise ValueError(f"budget must be positive and finite, got {budget}")
        self.measure = measure
        self.budget = budget
        self.spent = 0.0
        self.history = History()
        self._refused = False
        self._paid: dict[Arch, tuple[int, float]] = {}

    @property
    def open(self) -> bool:
        """Whether another question may be asked."""
        return not self._refused and self.spent < self.budget

    def __call__(self, arch: Arch, fidelity: int | None = None) -> Trial:
        if not self.open:
            raise BudgetExhausted(f"the budget of {self.budget:g} is spent ({self.spent:g} used)")
        trial = self.measure(arch) if fidelity is None else self.measure(arch, fidelity)
        self._check(trial)
        charge = trial.cost - self._already_paid(arch, fidelity)
        if charge <= 0:
            raise ValueError(
                f"fidelity {fidelity} of {arch} costs {trial.cost:g} in all, no more than a lower "
                "fidelity did: a measure's cost must grow with the fidelity"
            )
        spent = self.spent + charge
        if math.isclose(spent, self.budget):
            spent = self.budget
        if spent > self.budget:
            self._refused = True
            raise BudgetExhausted(
                f"an answer at cost {charge:g} would pass the budget of {self.budget:g} "
                f"({self.spent:g} used)"
            )
        if fidelity is not None:
            self._paid[arch] = (fidelity, trial.cost)
        self.spent = spent
        if charge != trial.cost:
            trial = replace(trial, cost=charge)
        self.history.append(trial)
        return trial

    def _already_paid(self, arch: Arch, fidelity: int | None) -> float:
        paid_fidelity, paid = self._paid.get(arch, (0, 0.0))
        return paid if fidelity is not None and fidelity > paid_fidelity else 0.0

    @staticmethod
    def _check(trial: Trial) -> None:
        if not isinstance(trial, Trial):
            raise TypeError(f"measure must return a Trial, got {type(trial).__name__}")
        if not math.isfinite(trial.value):
            raise ValueError(f"measure gave the value {trial.value} for {trial.arch}")
        if not (trial.cost > 0 and math.isfinite(trial.cost)):
            raise ValueError(f"a trial's cost must be positive and finite, got {trial.cost}")

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        return isinstance(error, BudgetExhausted) and not self.open
