"""Searches side by side: who is ahead at a budget, and whether other seeds say the same."""

from typing import Any

import numpy as np
import traitlets

from course_lib.core import make_rng
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, choice, hidden, listed, preset, said, slider
from course_lib.show.nas.regret import (
    RegretInfo,
    Regrets,
    plot_regret,
    plot_wins,
    recorded_regrets,
    regret_info,
)
from course_lib.show.style import BLUE, BROWN, GREEN, GREY, PURPLE, VERMILION, WINE, roles

SEEDS = (3, 5, 8, 12, 20, 30, 50)
_COLOURS = {
    BLUE: "blue",
    VERMILION: "red",
    GREEN: "green",
    PURPLE: "purple",
    GREY: "grey",
    WINE: "wine",
    BROWN: "brown",
}
_DASHES = {"--": "dashed", ":": "dotted", "-.": "dash-dot"}


class RegretDemo(Demo):
    """Turn budget and number of seeds, and take other seeds: does the winner stay?

    regrets: those of a comparison of your own, see `regrets_of`; the recorded ones if none are
        given, see `data.make.regret_recording`. Step goes on to the next seeds.
    """

    _esm = browser_code("lines.js", "nas/regret_demo.js")
    css_class = "demo-regret"

    question = said(
        "Predict first: three runs of each search name a winner. Will three other runs name the "
        "same one? How many runs would it take?"
    )
    budget = slider("trainings", start=100.0)
    seeds = slider("seeds", start=3)
    against = choice("against")
    first = hidden(traitlets.Int(0))
    actions = listed(button("step", "Other seeds", "s"), button("reset", "Reset", "r"))
    panels = (plot_regret, plot_wins)
    inches = (15, 5.2)

    def __init__(self, regrets: Regrets | None = None) -> None:
        self._recorded = regrets is None
        self.regrets = recorded_regrets() if regrets is None else regrets
        self._known: dict[tuple[Any, ...], RegretInfo] = {}
        count, names = self.regrets.shape[0], list(self.regrets.rows)
        budgets = self.regrets.budgets.tolist()
        sizes = sorted({size for size in SEEDS if size < count} | {count})
        middle = budgets[min((len(budgets) + 1) // 2, len(budgets) - 1)]
        super().__init__(
            values={"budget": budgets, "seeds": sizes, "against": names},
            presets=[
                preset(f"{sizes[0]} seeds", "Press Other seeds, and again: the winner changes, and "
                       "some intervals miss the ring.", budget=middle, seeds=sizes[0]),
                preset(f"{count} seeds", "Now intervals are narrow: what lies right of one half is "
                       "hardly an accident of the seeds.", budget=middle, seeds=count),
                preset("small budget", "After so few trainings every search still looks around: "
                       "no interval lies right of one half.", budget=budgets[0], seeds=count),
            ],
            budget=middle,
            seeds=sizes[0],
            against=names[0],
        )  # fmt: skip

    def step(self) -> None:
        """The next seeds; after the last one comes the first again."""
        count = self.regrets.shape[0]
        if self.seeds == count:
            self.note = f"All {count} seeds are looked at: there are no others."
        self.first = (self.first + self.seeds) % count

    def info(self) -> RegretInfo:
        state = self.budget, self.seeds, self.against, self.first
        if state not in self._known:
            self._known[state] = regret_info(
                self.regrets,
                make_rng(0),
                budget=self.budget,
                against=self.against,
                seeds=self.seeds,
                first=self.first,
            )
        return self._known[state]

    def _chart(self, info: RegretInfo) -> dict[str, Any]:
        own, looks = info.lines, self._looks()
        return {
            "budgets": own.places.tolist(),
            "budget": info.budget,
            "limits": [self.regrets.floor, self._highest()],
            "lines": [
                {"name": name, "look": looks[name], "y": numbers(line)}
                for name, line in own.lines.items()
            ],
            "bands": [
                {"look": looks[name], "low": numbers(low), "high": numbers(high)}
                for name, (low, high) in own.bands.items()
            ],
            "wins": [
                {"name": name, "look": looks[name], "all": numbers(info.overall[name])}
                | {part: numbers(getattr(win, part)) for part in ("estimate", "low", "high")}
                for name, win in info.wins.items()
            ],
            "against": info.against,
            "seeds": self.seeds,
            "all": self.regrets.shape[0],
            "said": info.verdict,
        }

    def _looks(self) -> dict[str, str]:
        """Search -> the CSS classes of its colour and dashes."""
        looks = roles(self.regrets.rows)
        return {
            name: f"{_COLOURS.get(look.colour, 'ink')} {_DASHES.get(look.line, 'plain')}"
            for name, look in looks.items()
        }

    def _highest(self) -> float:
        """Twice the highest median over all seeds; what is beyond it is drawn at the end."""
        return 2 * max(float(np.median(row, 0).max()) for row in self.regrets.rows.values())

    def _code(self) -> str:
        return (
            "from course_lib.core import make_rng\n"
            "from course_lib.show.figure import pictures\n"
            "from course_lib.show.nas.regret import (\n    plot_regret,\n    plot_wins,\n"
            "    recorded_regrets,\n    regret_info,\n)\n\n"
            f"{'regrets = recorded_regrets()' if self._recorded else '# regrets: your own'}\n"
            f"info = regret_info(\n    regrets, make_rng(0), budget={self.budget:g}, "
            f"against={self.against!r},\n    seeds={self.seeds}, first={self.first},\n)\n"
            "pictures((plot_regret, info), (plot_wins, info), size=(15, 5.2))\n"
        )
