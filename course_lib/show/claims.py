"""A claim of the lecture as a card: what to predict, what our own runs say, what would sway us."""

import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_lib.show.estimates import EstimatesInfo, estimates_info, plot_estimates
from course_lib.show.figure import Picture, picture
from course_lib.show.style import BLUE, INK, axes

FOLDER = Path(__file__).parents[2] / "data" / "claims"


@dataclass(frozen=True)
class ClaimInfo:
    """Difference between two searches at several budgets, with intervals over n seeds.

    budgets: (budgets,). difference, low, high: (budgets,), in percentage points of `reported`.
    wins: (budgets,), share of pairs of runs in which the first ends higher.
    level: of each interval, so chosen that those of all budgets hold together.
    """

    statement: str
    prediction: str
    change_our_mind: str
    reported: str
    conditions: str
    names: tuple[str, str]
    n: int
    level: float
    budgets: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    wins: np.ndarray

    def describe(self) -> str:
        first, second = self.names
        rows = "; ".join(
            f"budget {budget}: {mean:+.2f} points ({low:+.2f} to {high:+.2f}), {first} ahead in "
            f"{win:.0%} of pairs"
            for budget, mean, low, high, win in zip(
                self.budgets, self.difference, self.low, self.high, self.wins, strict=True
            )
        )
        words = _sentence(f"{first} minus {second}, {self.n} seeds: {rows}")
        return f"{words} {self.confidence}"

    @property
    def confidence(self) -> str:
        """How sure the intervals are, one by one and together."""
        together = 1 - len(self.budgets) * (1 - self.level)
        return (
            f"Each interval has confidence {_percent(self.level)}; those of all budgets hold "
            f"together with {_percent(together)} (Bonferroni), as far as a bootstrap goes."
        )

    @property
    def verdict(self) -> str:
        """One sentence per direction of the evidence, computed from the intervals."""
        first, second = self.names
        ahead = [int(b) for b, low in zip(self.budgets, self.low, strict=True) if low > 0]
        behind = [int(b) for b, high in zip(self.budgets, self.high, strict=True) if high < 0]
        open_ = [int(b) for b in self.budgets if int(b) not in ahead + behind]
        parts = [
            f"{words} at a budget of {_listed(which)}"
            for words, which in (
                (f"{first} is ahead", ahead),
                (f"{first} is behind", behind),
                (f"no difference from {second} is shown", open_),
            )
            if which
        ]
        return _sentence("; ".join(parts))


def claim_info(name: str, folder: Path = FOLDER) -> ClaimInfo | EstimatesInfo:
    """What `make claims` wrote under this name; ValueError if there is no such claim.

    A duel of two searches at several budgets is a `ClaimInfo`, anything else an `EstimatesInfo`.
    """
    path = folder / f"{name}.json"
    if not path.exists():
        raise ValueError(f"no result for the claim {name!r} in {folder}: run `make claims` first")
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return estimates_info(data) if data.get("form") == "estimates" else _duel_info(data)


def _duel_info(data: dict[str, Any]) -> ClaimInfo:
    first, second = data["samples"]
    rows = data["rows"]
    points = {key: 100 * np.array([row["difference"][key] for row in rows]) for key in _KEYS}
    return ClaimInfo(
        statement=data["statement"],
        prediction=data["prediction"],
        change_our_mind=data["change_our_mind"],
        reported=data["reported"],
        conditions=data["conditions"],
        names=(first, second),
        n=data["n"],
        level=data["level"],
        budgets=np.array([row["budget"] for row in rows]),
        difference=points["mean"],
        low=points["low"],
        high=points["high"],
        wins=np.array([row["win"]["mean"] for row in rows]),
    )


_KEYS = ("mean", "low", "high")


def plot_claim(info: ClaimInfo, *, ax: Axes | None = None) -> Axes:
    """The difference and its interval at each budget; above the zero line the first is ahead."""
    ax = axes(ax)
    places = np.arange(len(info.budgets))
    ax.axhline(0, color=INK, linewidth=1)
    ax.vlines(places, info.low, info.high, color=BLUE, linewidth=5, alpha=0.4)
    ax.plot(places, info.difference, "s", color=BLUE, markersize=9)
    for place, high, win in zip(places, info.high, info.wins, strict=True):
        ax.annotate(f"wins {win:.0%}", (place, high), (0, 6), textcoords="offset points",
                    ha="center", fontsize="small", color=INK)  # fmt: skip
    ax.set_xticks(places, [str(budget) for budget in info.budgets])
    ax.margins(x=0.1, y=0.2)
    ax.set(
        xlabel=f"budget, networks trained   ({_percent(info.level)} intervals over {info.n} seeds)",
        ylabel=f"{info.names[0]} − {info.names[1]},\npoints of accuracy",
    )
    return ax


class ClaimCard:
    """The prediction stands open, the result waits behind a button that works without a kernel."""

    def __init__(self, info: ClaimInfo | EstimatesInfo) -> None:
        self.info = info
        self.picture: Picture
        if isinstance(info, EstimatesInfo):
            self.picture = picture(plot_estimates, info, caption=info.verdict, size=(10, 4.4))
        else:
            self.picture = picture(plot_claim, info, caption=info.verdict, size=(10, 4.4))

    def __repr__(self) -> str:
        info = self.info
        return (
            f"Claim: {info.statement}\nPredict: {info.prediction}\nResult: {info.verdict}\n"
            f"{info.describe()}\n{info.conditions}\n"
            f"What would change our mind: {info.change_our_mind}"
        )

    def _repr_html_(self) -> str:
        info = self.info
        return (
            '<section style="border:2px solid #0173b2;border-radius:8px;padding:.6em 1em;'
            'max-width:960px"><p><b>Claim.</b> '
            f"{html.escape(info.statement)}</p><p><b>Predict first.</b> "
            f"{html.escape(info.prediction)}</p><details><summary style='cursor:pointer'>"
            "<b>Show what our runs say</b></summary>"
            f"{self.picture.html}<p>Shown is the {html.escape(info.reported)}. "
            f"{html.escape(info.conditions)} {html.escape(info.confidence)}</p>"
            f"<p><b>What would change our mind.</b> {html.escape(info.change_our_mind)}</p>"
            "</details></section>"
        )


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _sentence(words: str) -> str:
    """With a capital at its start and all other letters, such as REINFORCE's, as they are."""
    return f"{words[:1].upper()}{words[1:]}."


def _listed(numbers: list[int]) -> str:
    words = [str(number) for number in numbers]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
