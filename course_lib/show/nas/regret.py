"""Searches side by side: how far each stays behind the best, who wins, and how surely."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import NDArray
from torch import Generator

from course_lib.core import Measure
from course_lib.core.compare import Run, values_at
from course_lib.core.statistics import Interval, probability_of_win
from course_lib.show.lines import LinesInfo, lines_info, plot_lines
from course_lib.show.recordings import recorded_runs
from course_lib.show.style import INK, axes, roles

RECORDING = "regret"
Values = NDArray[np.float64]

_RESAMPLES = 1000


@dataclass(frozen=True)
class Regrets:
    """What every run of every search had left to gain.

    budgets: (budgets,) increasing. rows: search -> (seeds, budgets), in points of accuracy.
    """

    budgets: Values
    rows: Mapping[str, Values]

    def __post_init__(self) -> None:
        shapes = {row.shape for row in self.rows.values()}
        alike = len(shapes) == 1 and self.shape[1:] == self.budgets.shape and self.shape[0] > 1
        if len(self.rows) < 2 or not alike:
            raise ValueError(
                "expected two or more searches with regrets of one shape (seeds, budgets) and two "
                f"or more seeds, got shapes {sorted(shapes)} and {len(self.budgets)} budgets"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Seeds, budgets."""
        return next((row.shape for row in self.rows.values()), ())

    @property
    def floor(self) -> float:
        """Half of the smallest regret above zero: where zero stands on a logarithmic axis."""
        values = np.concatenate([row.ravel() for row in self.rows.values()])
        return float(min(values[values > 0], default=1.0)) / 2


def regrets_of(
    histories: Mapping[str, Sequence[Run]],
    measure: Measure,
    budgets: Sequence[float],
    *,
    optimum: float,
) -> Regrets:
    """100 * (optimum - value of the incumbent) at each budget, for the runs of `compare_at`.

    The incumbent is the architecture of the best answer so far; `measure` says what it is worth,
    since some searches buy cheap answers, too.
    """
    rows = {
        name: np.array([values_at(run, measure, budgets) for run in runs])
        for name, runs in histories.items()
    }
    return Regrets(
        np.array(budgets, dtype=float), {name: 100 * (optimum - row) for name, row in rows.items()}
    )


def recorded_regrets() -> Regrets:
    """Fifty seeds of every tuned search on the digits201 table, see data/README.md."""
    runs = recorded_runs(RECORDING)
    return Regrets(
        np.array(runs[0].names["budgets"], dtype=float),
        {run.name: np.array(run.names["regrets"], dtype=float) for run in runs},
    )


@dataclass(frozen=True)
class RegretInfo:
    """Some of the seeds, looked at with one budget.

    regrets: all seeds. chosen: (n,), the seeds that are looked at. place: index of the budget.
    against: the search that the others must beat.
    wins: rival -> the probability that one run of it ends with less regret than one of `against`
        (a tie is half a win). overall: the same, estimated from all seeds.
    leader: the search of the lowest median regret (of equal medians, the lowest mean).
    lead: search -> in which share of bootstrap resamples of the chosen seeds it leads.
    leaders: search -> of how many separate groups of n seeds it is the leader.
    """

    regrets: Regrets
    chosen: NDArray[np.int64]
    place: int
    against: str
    wins: Mapping[str, Interval]
    overall: Mapping[str, float]
    leader: str
    lead: Mapping[str, float]
    leaders: Mapping[str, int]

    @property
    def budget(self) -> float:
        return float(self.regrets.budgets[self.place])

    @property
    def lines(self) -> LinesInfo:
        """Medians of the chosen seeds over the budget; quartiles of `against` and the leader."""
        quartiles = {
            name: np.maximum(
                np.quantile(row[self.chosen], (0.25, 0.5, 0.75), 0), self.regrets.floor
            )
            for name, row in self.regrets.rows.items()
        }
        return lines_info(
            self.regrets.budgets,
            {name: middle for name, (_, middle, _) in quartiles.items()},
            x="trainings",
            y="median regret, points",
            bands={n: tuple(quartiles[n][::2]) for n in dict.fromkeys((self.against, self.leader))},
            logarithmic="xy",
        )

    def describe(self) -> str:
        medians = "; ".join(
            f"{name} {np.median(row[self.chosen, self.place]):.2f}"
            for name, row in self.regrets.rows.items()
        )
        wins = "; ".join(
            f"{name} {win.estimate:.2f} ({win.low:.2f} to {win.high:.2f})"
            for name, win in self.wins.items()
        )
        return (
            f"Median regret in points after {self.budget:g} trainings, {len(self.chosen)} seeds: "
            f"{medians}. Probability of a win against {self.against}, 0.5 being a tie, with "
            f"bootstrap interval: {wins}. {self.verdict}"
        )

    @property
    def verdict(self) -> str:
        """Who is ahead, how surely, and whether other seeds agree."""
        sure = [name for name, win in self.wins.items() if win.low > 0.5]
        said = (
            f"{self.leader} leads, in {self.lead[self.leader]:.0%} of the resamples; ahead of "
            f"{self.against} by the interval: {', '.join(sure) or 'none'}"
        )
        groups = sum(self.leaders.values())
        if groups == 1:
            return f"{said}; no other seeds to compare with."
        often = list(self.leaders.items())[:4]
        others = groups - sum(count for _, count in often)
        counts = [*often, ("others", others)] if others else often
        named = ", ".join(f"{name} {count}" for name, count in counts)
        return f"{said}; leaders of {groups} separate groups of {len(self.chosen)} seeds: {named}."


def regret_info(
    regrets: Regrets,
    rng: Generator,
    *,
    budget: float,
    against: str | None = None,
    seeds: int | None = None,
    first: int = 0,
) -> RegretInfo:
    """The seeds first, first + 1, ... (after the last comes 0 again), at one of the budgets.

    against: the first search if none is named. seeds: how many, all if not said. rng: resamples.
    """
    count, rows = regrets.shape[0], regrets.rows
    against, seeds = next(iter(rows)) if against is None else against, seeds or count
    if budget not in regrets.budgets or against not in rows or not 2 <= seeds <= count:
        raise ValueError(
            f"expected a budget of {regrets.budgets.tolist()}, a search of {list(rows)} and 2 to "
            f"{count} seeds, got {budget}, {against!r} and {seeds}"
        )
    place = int(np.flatnonzero(regrets.budgets == budget)[0])
    chosen = np.sort((first + np.arange(seeds)) % count)
    here = {name: row[:, place] for name, row in rows.items()}
    own = here[against]
    rivals = {name: row for name, row in here.items() if name != against}
    groups = np.arange(count - count % seeds).reshape(-1, seeds)
    drawn = torch.randint(seeds, (_RESAMPLES, len(here), seeds), generator=rng).numpy()
    leads = _leads({n: r[chosen][drawn[:, i]] for i, (n, r) in enumerate(here.items())})
    return RegretInfo(
        regrets,
        chosen,
        place,
        against,
        {name: probability_of_win(-row[chosen], -own[chosen], rng) for name, row in rivals.items()},
        {name: _share_of_wins(row, own) for name, row in rivals.items()},
        next(iter(_leads({name: row[chosen][None] for name, row in here.items()}))),
        {name: leads[name] / _RESAMPLES for name in here},
        _leads({name: row[groups] for name, row in here.items()}),
    )


def _leads(groups: Mapping[str, Values]) -> Counter[str]:
    """Search -> in how many groups it has the lowest median; regrets are (groups, seeds)."""
    scores = [np.median(row, -1) + 1e-6 * row.mean(-1) for row in groups.values()]
    names = list(groups)
    return Counter(dict(Counter(names[i] for i in np.argmin(scores, 0)).most_common()))


def _share_of_wins(row: Values, own: Values) -> float:
    return float(((np.sign(own[None, :] - row[:, None]) + 1) / 2).mean())


def plot_regret(info: RegretInfo, *, ax: Axes | None = None) -> Axes:
    """Median regret over the trainings, both logarithmic; a line at the budget."""
    ax = plot_lines(info.lines, ax=axes(ax))
    ax.axvline(info.budget, color=INK, linewidth=1.5, linestyle=(0, (1, 1)))
    return ax


def plot_wins(info: RegretInfo, *, ax: Axes | None = None) -> Axes:
    """Per rival the probability of a win with its interval; where some seeds are left out, a ring
    at what all of them say.
    """
    ax, looks = axes(ax), roles(info.regrets.rows)
    some = len(info.chosen) < info.regrets.shape[0]
    for place, (name, win) in enumerate(info.wins.items()):
        look = looks[name]
        ax.hlines(place, win.low, win.high, color=look.colour, linewidth=5, alpha=0.5)
        ax.plot(win.estimate, place, look.marker, color=look.colour, markersize=10)
        if some:
            ax.plot(
                info.overall[name], place, "o", color=INK, markerfacecolor="none", markersize=15
            )
    ax.axvline(0.5, color=INK, linewidth=1)
    ax.set_yticks(range(len(info.wins)), list(info.wins))
    ax.set(xlim=(-0.03, 1.03), ylim=(len(info.wins) - 0.5, -0.5))
    ax.set_xlabel(
        f"P(win against {info.against}), {info.budget:g} trainings,\n"
        f"{len(info.chosen)} seeds" + (f"; ring: all {info.regrets.shape[0]}" if some else "")
    )
    return ax
