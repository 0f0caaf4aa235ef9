"""Training there and back while momentum and steps turn: with the buffer, and in plain floats."""

from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, hidden, listed, preset, said, slider
from course_lib.show.meta.way_back import (
    NOTHING,
    WayBackInfo,
    plot_paths,
    plot_way_back_errors,
    way_back_info,
)

_WORST = 1e4


class ReversibleDemo(Demo):
    """Momentum and steps: how far plain floats end from the start, how many bits the buffer has.

    Step draws other batches: the seed goes up by one.
    """

    _esm = browser_code("lines.js", "meta/reversible_demo.js")
    css_class = "demo-reversible"

    question = said(
        "Predict first: after how many steps do plain floats no longer find the way back, with "
        "momentum 0.9? And how many bits a step does the buffer need instead?"
    )
    momentum = slider("momentum", (0.5, 0.7, 0.8, 0.9, 0.95, 0.99), 0.9)
    length = slider("steps", (25, 50, 100, 200, 300), 200)
    seed = hidden(traitlets.Int(0))
    actions = listed(button("step", "Other batches", "s"), button("reset", "Reset", "r"))
    presets = listed(
        preset("half forgotten", "A bit of the velocity is lost in every step, and floats are lost "
               "after a few dozen.", momentum=0.5, length=100),
        preset("the usual", "0.15 bits a step: the buffer fits in one integer for hundreds of "
               "steps, a copy of the weights would need 32 bits for each step.",
               momentum=0.9, length=300),
        preset("long memory", "Almost nothing is lost: even floats nearly find the way back.",
               momentum=0.99, length=200),
    )  # fmt: skip
    panels = (plot_paths, plot_way_back_errors)

    def info(self) -> WayBackInfo:
        return way_back_info(self.momentum, self.length, seed=self.seed)

    def _chart(self, info: WayBackInfo) -> dict[str, Any]:
        low, high = info.limits
        return {
            "low": numbers(low),
            "high": numbers(high),
            "there": numbers(info.there.T),
            "plain": _inside(info.plain, low, high),
            "exact": numbers(info.exact[:: max(1, info.steps // 50)].T),
            "error": numbers(np.log10(np.clip(info.errors(info.plain), NOTHING, _WORST))),
            "nothing": float(np.log10(NOTHING)),
            "worst": float(np.log10(_WORST)),
            "said": info.short,
        }

    def _code(self) -> str:
        return (
            "from course_lib.show.meta.way_back import way_back_info\n\n"
            f"info = way_back_info({self.momentum}, {self.length}, seed={self.seed})\n"
            "print(info.describe())\n"
        )


def _inside(points: NDArray[np.float64], low: Any, high: Any) -> list[list[float | None]]:
    """x and y; None where a point lies beyond the picture."""
    inside = ((points >= low) & (points <= high)).all(1)
    x, y = numbers(np.where(inside[:, None], points, 0).T)
    return [x, [height if shown else None for height, shown in zip(y, inside, strict=True)]]
