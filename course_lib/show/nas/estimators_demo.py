"""Two histograms of gradient estimates against the exact gradient, while knobs turn."""

from typing import Any

import traitlets
from torch import Tensor

from course_lib.nas.estimators import Loss, toy_cell
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, hidden, listed, preset, said, slider, switch
from course_lib.show.nas.estimators import (
    Estimates,
    EstimatorsInfo,
    estimators_info,
    plot_pathwise,
    plot_score,
)


class EstimatorsDemo(Demo):
    """Score function against reparametrisation: turn temperature, baseline, straight-through.

    logits, loss: (edges, choices) and a `Loss`, few enough to enumerate; the toy cell if neither
    is given. Step draws other samples: the seed goes up by one.
    """

    _esm = browser_code("lines.js", "nas/estimators_demo.js")
    css_class = "demo-estimators"

    question = said(
        "Predict first: below which temperature is the reparametrised gradient the wilder of the "
        "two? And with a baseline?"
    )
    tau = slider("temperature", (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0), 1.0)
    baseline = switch("baseline")
    straight_through = switch("straight-through")
    seed = hidden(traitlets.Int(0))
    actions = listed(button("step", "Other samples", "s"), button("reset", "Reset", "r"))
    presets = listed(
        preset("as the deck says", "Biased but of low variance, against a score function without "
               "baseline.", tau=1.0, baseline=False, straight_through=False),
        preset("cold", "The bias is gone, and so is the low variance.",
               tau=0.05, baseline=True, straight_through=False),
        preset("hot", "Very calm, and much too small: nearly the same answer for every sample.",
               tau=5.0, baseline=True, straight_through=False),
    )  # fmt: skip
    panels = (plot_score, plot_pathwise)

    def __init__(
        self, logits: Tensor | None = None, loss: Loss | None = None, **traits: Any
    ) -> None:
        if (logits is None) != (loss is None):
            raise ValueError("expected logits and loss together, or neither")
        self._toy = logits is None
        self.logits, self.loss = toy_cell() if logits is None or loss is None else (logits, loss)
        super().__init__(**traits)

    def info(self) -> EstimatorsInfo:
        return estimators_info(
            self.logits,
            self.loss,
            tau=self.tau,
            baseline=self.baseline,
            hard=self.straight_through,
            seed=self.seed,
        )

    def _chart(self, info: EstimatorsInfo) -> dict[str, Any]:
        return {
            "edges": numbers(info.edges),
            "exact": info.exact,
            "said": f"exact slope {info.exact:+.4f}, samples no. {self.seed}",
            "panels": [
                {**_panel(shown), "other": _panel(other)}
                for shown, other in (
                    (info.score, info.other_score),
                    (info.pathwise, info.other_pathwise),
                )
            ],
        }

    def _code(self) -> str:
        relax = "gumbel_straight_through" if self.straight_through else "gumbel_softmax_sample"
        baseline = "float(expected_loss(logits, loss))" if self.baseline else "0.0"
        toy = "    toy_cell,\n" if self._toy else ""
        make = "logits, loss = toy_cell()\n" if self._toy else ""
        return (
            "from course_lib.core import make_rng\n"
            "from course_lib.nas.estimators import (\n    exact_gradient,\n    expected_loss,\n"
            f"    quality,\n    reparametrised,\n    score_function,\n{toy})\n"
            f"from course_lib.nas.relax import {relax}\n\n"
            f"{make}exact = exact_gradient(logits, loss)\n"
            f"score = score_function(\n    logits, loss, make_rng({self.seed}), samples=2000,\n"
            f"    baseline={baseline},\n)\n"
            f"relaxed = reparametrised(\n    logits, loss, make_rng({self.seed}), samples=2000,\n"
            f"    relax={relax}, tau={self.tau},\n)\n"
            "quality(score, exact), quality(relaxed, exact)\n"
        )


def _panel(one: Estimates) -> dict[str, Any]:
    return {
        "name": one.name,
        "mean": one.mean,
        "sd": one.sd,
        "outside": one.outside,
        "shares": numbers(one.shares),
    }
