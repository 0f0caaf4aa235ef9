"""Searches that know of a pair what they ask: joint design, and one thing after the other.

An evaluation is one question, either for a network's accuracy and MACs or for a pair's accuracy
and cost: both need the network trained.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from torch import Generator

from course_lib.core import Arch, History, Oracle, Space, Trial
from course_lib.hardware.accelerator import Numbers
from course_lib.hardware.codesign import Pairs, front
from course_lib.nas.evolution import regularized_evolution

EVOLUTION = partial(regularized_evolution, population=20, tournament=5)
QUANTILES = (0.05, 0.15, 0.3, 0.5, 0.8)


class Search(Protocol):
    """A search of the course: `random_search`, `regularized_evolution`, ..."""

    def __call__(self, space: Space, oracle: Oracle, rng: Generator, /) -> History: ...


class Design(NamedTuple):
    """What is searched.

    space, rows: the architectures, and the network of each. accuracy and macs: (networks,); cost:
    (networks, accelerators).
    """

    space: Space
    rows: dict[Arch, int]
    accuracy: Numbers
    macs: Numbers
    cost: Numbers


@dataclass
class Notes:
    """Answers of a design, and the pairs that were asked about."""

    design: Design
    asked: list[tuple[int, int]] = field(default_factory=list)

    def pair(self, network: int, chip: int) -> tuple[float, float]:
        """(accuracy, cost)."""
        self.asked.append((network, chip))
        return float(self.design.accuracy[network]), float(self.design.cost[network, chip])

    def sweep(self, network: int) -> int:
        """The best accelerator of a network: one question for each."""
        count = self.design.cost.shape[1]
        return int(np.argmin([self.pair(network, chip)[1] for chip in range(count)]))

    @property
    def pairs(self) -> Pairs:
        """All that was asked about."""
        return Pairs(*np.array(self.asked).T)


def search_front(
    space: Space,
    ask: Callable[[Arch], tuple[float, float]],
    rng: Generator,
    search: Search,
    *,
    budget: int,
) -> None:
    """Look for a front: one search for each of five target costs, with equal shares of the budget.

    ask: (accuracy, cost) of an architecture. A sixth share asks about random architectures, whose
    costs' quantiles are the targets. Each search maximises accuracy, times target / cost where the
    cost is above the target.
    """
    share = budget // (len(QUANTILES) + 1)
    costs = [ask(space.sample(rng))[1] for _ in range(budget - len(QUANTILES) * share)]
    for target in np.quantile(costs, QUANTILES).tolist():

        def measure(arch: Arch, fidelity: int | None = None, limit: float = target) -> Trial:
            accuracy, cost = ask(arch)
            return Trial(arch, accuracy * min(1.0, limit / cost))

        search(space, Oracle(measure, share), rng)


def search_jointly(
    design: Design, rng: Generator, search: Search = EVOLUTION, *, budget: int
) -> Pairs:
    """Architecture and accelerator as one string of choices; all pairs that were asked about."""
    notes = Notes(design)
    joint = Space([*design.space.choices, design.cost.shape[1]])
    search_front(
        joint, lambda arch: notes.pair(design.rows[arch[:-1]], arch[-1]), rng, search, budget=budget
    )
    return notes.pairs


def search_hardware_first(
    design: Design, rng: Generator, search: Search = EVOLUTION, *, budget: int
) -> Pairs:
    """The best accelerator for one random architecture, then architectures for that."""
    notes = Notes(design)
    chip = notes.sweep(design.rows[design.space.sample(rng)])
    left = _left(budget, len(notes.asked))
    search_front(
        design.space, lambda arch: notes.pair(design.rows[arch], chip), rng, search, budget=left
    )
    return notes.pairs


def search_architecture_first(
    design: Design, rng: Generator, search: Search = EVOLUTION, *, budget: int
) -> Pairs:
    """Architectures by accuracy and MACs; then the best accelerator for the middle of their front.

    As many questions as there are accelerators are kept for that, and as many again for the rest
    of the front on the accelerator that was chosen.
    """
    notes, seen = Notes(design), list[int]()
    chips = design.cost.shape[1]

    def ask(arch: Arch) -> tuple[float, float]:
        seen.append(design.rows[arch])
        return float(design.accuracy[seen[-1]]), float(design.macs[seen[-1]])

    search_front(design.space, ask, rng, search, budget=_left(budget, 2 * chips))
    found = np.array(seen)[front(design.accuracy[seen], design.macs[seen])].tolist()
    chip = notes.sweep(found[len(found) // 2])
    for network in found[-chips:]:
        notes.pair(network, chip)
    return notes.pairs


def _left(budget: int, spent: int) -> int:
    if budget - spent < len(QUANTILES) + 1:
        raise ValueError(
            f"a budget of {budget} leaves {budget - spent} evaluations for architectures: the "
            f"accelerators alone take {spent}"
        )
    return budget - spent
