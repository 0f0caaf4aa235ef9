"""Searches side by side, from the runs that a claim keeps: a table with its intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.core import make_rng
from course_lib.core.statistics import Interval, bootstrap_interval, probability_of_win
from course_lib.show.measured import Measured


@dataclass(frozen=True)
class SearchRow:
    """One search over seeds; every interval is a bootstrap's, of 95 %.

    wins: per budget, the probability of less regret than the reference has; none for itself.
    regret: per budget, points below the table's best. trainings: until near the best, a run that
    never comes there counted as `most`; reached: how many of the runs came there.
    """

    name: str
    wins: Sequence[Interval]
    regret: Sequence[Interval]
    trainings: Interval
    reached: int


@dataclass(frozen=True)
class SingleRow:
    """A search that gives one answer at one cost, in trainings, on seeds of its own.

    win: the probability of less regret than the reference has after as many trainings. reached: how
    many of the answers are near the best.
    """

    name: str
    cost: int
    win: Interval
    regret: Interval
    reached: int


@dataclass(frozen=True, repr=False)
class SideBySide:
    """Searches, fewest trainings first; near: points below the best that count as near enough.

    single: those that give one answer at one cost, after the others.
    """

    rows: Sequence[SearchRow]
    single: Sequence[SingleRow]
    budgets: Sequence[int]
    reference: str
    near: float
    most: int

    def describe(self) -> str:
        whole = [
            f"{row.name}: regret {', '.join(_text(one, 2) for one in row.regret)} after "
            f"{', '.join(map(str, self.budgets))} trainings; {_near(row)}."
            for row in self.rows
        ]
        single = [
            f"{row.name}: regret {_text(row.regret, 2)} at the cost of {row.cost} trainings, "
            f"probability of a win {_text(row.win, 2)}; near the best in {row.reached} of "
            f"{row.regret.n[0]} runs."
            for row in self.single
        ]
        return " ".join([*whole, *single])

    def __repr__(self) -> str:
        return self.describe()

    def _repr_markdown_(self) -> str:
        """For notebooks: the table, and one sentence that says how to read it."""
        heads = [
            "search",
            *(f"wins after {budget}" for budget in self.budgets),
            *(f"regret after {budget}" for budget in self.budgets),
            f"trainings to within {self.near:g} points",
        ]
        rows = [*map(self._cells, self.rows), *map(self._single_cells, self.single)]
        lines = [heads, ["---"] * len(heads), *rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return f"{table}\n\n{self.legend}"

    @property
    def legend(self) -> str:
        """How the table is read."""
        return (
            f"Means over {self.rows[0].trainings.n[0]} seeds with 95 % bootstrap intervals. Wins: "
            f"the probability of less regret than {self.reference}, a tie being half. Regret: "
            "points of validation accuracy below the table's best. A run that never comes so near "
            f"counts {self.most} trainings.{self._single_legend}"
        )

    @property
    def _single_legend(self) -> str:
        if not self.single:
            return ""
        seeds = " and ".join(f"{row.name}: {row.regret.n[0]} seeds" for row in self.single)
        return (
            f" What gives one answer at one cost has one entry, with its own number of trainings, "
            f"beside {self.reference} with as many ({seeds})."
        )

    def _cells(self, row: SearchRow) -> list[str]:
        wins = [_text(one, 2) for one in row.wins] or ["-"] * len(self.budgets)
        cells = [*wins, *(_text(one, 2) for one in row.regret), _text(row.trainings, 0)]
        return [row.name, *(cell.replace(" ", "\u00a0") for cell in cells)]  # on one line each

    def _single_cells(self, row: SingleRow) -> list[str]:
        none = ["-"] * (len(self.budgets) - 1)
        at = f"at {row.cost}: "
        near = f"{row.reached} of {row.regret.n[0]} are so near"
        return [row.name, at + _text(row.win, 2), *none, at + _text(row.regret, 2), *none, near]


def side_by_side_info(
    measured: Measured, budgets: Sequence[int], *, reference: str = "random search"
) -> SideBySide:
    """The table of the claim `05_side_by_side` at these budgets; ValueError: one is not kept.

    Each of `measured.runs` is {search: {"regret": one number per budget of the curves,
    "trainings": a number, or None where the run never came near the best}}. Where settings have
    "single", it is {search: {"cost", "regret": one per seed, "against": the reference's}}.
    """
    if measured.curves is None or not measured.runs:
        raise ValueError("the measurement keeps no runs and curves: expected 05_side_by_side")
    kept = [int(x) for x in next(iter(measured.curves.lines.values())).x]
    if unknown := sorted(set(budgets) - set(kept)):
        raise ValueError(f"budgets {unknown} are not kept; there is: {kept}")
    places = [kept.index(budget) for budget in budgets]
    most = measured.settings["most"]
    names = list(measured.runs[0])
    rows = [_row(name, reference, measured.runs, places, most) for name in names]
    rows.sort(key=lambda row: row.trainings.estimate)
    near = measured.settings["near"]
    single = [
        _single_row(name, near, **{key: own[key] for key in ("cost", "regret", "against")})
        for name, own in measured.settings.get("single", {}).items()
    ]
    return SideBySide(rows, single, list(budgets), reference, near, most)


def _single_row(
    name: str, near: float, *, cost: int, regret: Sequence[float], against: Sequence[float]
) -> SingleRow:
    return SingleRow(
        name,
        cost,
        win=probability_of_win(against, regret, make_rng(0)),
        regret=bootstrap_interval(regret, make_rng(0)),
        reached=sum(one <= near + 1e-9 for one in regret),
    )


def _row(
    name: str,
    reference: str,
    runs: Sequence[Mapping[str, Mapping[str, Any]]],
    places: Sequence[int],
    most: int,
) -> SearchRow:
    own, theirs = (np.array([run[key]["regret"] for run in runs]) for key in (name, reference))
    paid = [run[name]["trainings"] for run in runs]
    pairs = [] if name == reference else [(theirs[:, place], own[:, place]) for place in places]
    return SearchRow(
        name,
        wins=[probability_of_win(*pair, make_rng(0)) for pair in pairs],
        regret=[bootstrap_interval(own[:, place], make_rng(0)) for place in places],
        trainings=bootstrap_interval([most if t is None else t for t in paid], make_rng(0)),
        reached=len(paid) - paid.count(None),
    )


def _text(one: Interval, digits: int) -> str:
    return f"{one.estimate:.{digits}f} [{one.low:.{digits}f}, {one.high:.{digits}f}]"


def _near(row: SearchRow) -> str:
    return (
        f"near the best in {row.reached} of {row.trainings.n[0]} runs, "
        f"after {row.trainings.estimate:.0f} trainings"
    )
