"""Searches that give one answer at one cost, put beside random search at that cost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from claims.darts_vs_random import SHARED_EPOCHS
from claims.shared_luck import KEPT, LUCK
from claims.tuning import values_at
from course_lib.core import make_rng
from course_lib.core.compare import Run
from course_lib.core.statistics import probability_of_win
from course_lib.nas.table import Table, digits201
from course_lib.show.measured import Curve, Measured, read_measured


@dataclass(frozen=True)
class SingleAnswer:
    """What a search found on its own seeds, and random search with as many trainings.

    regret, against: points of validation accuracy below the table's best, of either; their lengths
    differ. cost: in trainings. said: in words, how the cost was counted.
    """

    cost: int
    seeds: Sequence[int]
    regret: Sequence[float]
    against: Sequence[float]
    said: str

    @property
    def dot(self) -> Curve:
        """The probability of less regret than random search has, a tie being half a win."""
        win = probability_of_win(self.against, self.regret, make_rng(0))
        return Curve([self.cost], [win.estimate], [win.low], [win.high])

    @property
    def kept(self) -> dict[str, Any]:
        """What goes into the file."""
        return {key: value for key, value in asdict(self).items() if key != "said"}


def shared_weights(luck: Sequence[Run]) -> dict[str, SingleAnswer]:
    """Random search with shared weights: taken at its word, and with the best paths trained.

    The cells are those that `03_darts_vs_random` and `05_shared_luck` kept. luck: random search.
    """
    first, fresh = read_measured("03_darts_vs_random"), read_measured("05_shared_luck")
    ranked = [cells_of(run) for measured in (first, fresh) for run in measured.runs]
    seeds = [*first.seeds, *fresh.settings["fresh seeds"]]
    supernet = first.settings["trainings"][LUCK]
    whole = [cells for cells in ranked if len(cells) == KEPT]
    table = digits201()
    return {
        f"{LUCK}, top 1": single(
            table, [cells[:1] for cells in ranked], seeds, luck, supernet, price(first, supernet)
        ),
        f"{LUCK}, top {KEPT} trained": single(
            table,
            whole,
            seeds[-len(whole) :],
            luck,
            supernet + KEPT,
            f"Where the {KEPT} best paths are trained as well, it costs {supernet + KEPT} "
            f"({len(whole)} seeds).",
        ),
    }


def cells_of(run: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The cells that a search with shared weights kept, best first by the shared weights."""
    found = run[LUCK]
    return list(found["cells"]) if "cells" in found else [found["cell"]]


def single(
    table: Table,
    cells: Sequence[Sequence[str]],
    seeds: Sequence[int],
    luck: Sequence[Run],
    cost: int,
    said: str,
) -> SingleAnswer:
    """Per seed the best of its cells by the table's validation accuracy."""
    best = table.best().value
    values = [max(table.measure(table.space.parse(cell)).value for cell in own) for own in cells]
    against = [100 * (best - values_at(run, table.measure, [cost])[0]) for run in luck]
    return SingleAnswer(cost, seeds, [100 * (best - value) for value in values], against, said)


def price(first: Measured, trainings: int) -> str:
    """In words: what a supernet costs in trainings, by processor time and by epochs."""
    seconds = {
        what: sum(run[what]["seconds"] for run in first.runs) / len(first.runs)
        for what in (LUCK, "one training")
    }
    epochs = len(digits201().curve(digits201().best().arch))
    return (
        f"Random search with {LUCK} gives one answer at one cost. Its supernet and the questions "
        f"to it took {seconds[LUCK]:.1f} seconds of processor time, one training "
        f"{seconds['one training']:.1f}: it counts {trainings} trainings. (By epochs of one path "
        f"alone, {SHARED_EPOCHS} of them are {SHARED_EPOCHS / epochs:.1f} trainings.)"
    )
