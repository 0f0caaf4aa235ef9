"""Two histograms of gradient estimates against the exact gradient, while knobs turn."""

from typing import Any

import traitlets
from torch import Tensor

from course_lib.nas.estimators import Loss, toy_cell
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.figure import Picture, pictures
from course_lib.show.nas.estimators import (
    Estimates,
    EstimatorsInfo,
    estimators_info,
    plot_pathwise,
    plot_score,
)

_STATE = ("tau", "baseline", "straight_through", "seed")


class EstimatorsDemo(Demo):
    """Score function against reparametrisation: turn temperature, baseline, straight-through.

    logits, loss: (edges, choices) and a `Loss`, few enough to enumerate; the toy cell if neither
    is given. Step draws other samples: the seed goes up by one.
    """

    _esm = browser_code("nas/estimators_demo.js")
    css_class = "demo-estimators"

    tau = traitlets.Float(1.0).tag(sync=True)
    baseline = traitlets.Bool(False).tag(sync=True)
    straight_through = traitlets.Bool(False).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)

    def __init__(
        self, logits: Tensor | None = None, loss: Loss | None = None, **traits: Any
    ) -> None:
        if (logits is None) != (loss is None):
            raise ValueError("expected logits and loss together, or neither")
        self._toy = logits is None
        self.logits, self.loss = toy_cell() if logits is None or loss is None else (logits, loss)
        super().__init__(
            question="Predict first: below which temperature is the reparametrised gradient the "
            "wilder of the two? And with a baseline?",
            knobs=[
                {"trait": "tau", "kind": "slider", "label": "temperature",
                 "values": [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0]},
                {"trait": "baseline", "kind": "switch", "label": "baseline"},
                {"trait": "straight_through", "kind": "switch", "label": "straight-through"},
            ],
            actions=[
                {"name": "step", "label": "Other samples", "key": "s", "when": "always"},
                {"name": "reset", "label": "Reset", "key": "r", "when": "always"},
            ],
            presets=[
                {"name": "as the deck says",
                 "knobs": {"tau": 1.0, "baseline": False, "straight_through": False},
                 "comment": "Biased but of low variance, against a score function without "
                 "baseline."},
                {"name": "cold",
                 "knobs": {"tau": 0.05, "baseline": True, "straight_through": False},
                 "comment": "The bias is gone, and so is the low variance."},
                {"name": "hot",
                 "knobs": {"tau": 5.0, "baseline": True, "straight_through": False},
                 "comment": "Very calm, and much too small: nearly the same answer for every "
                 "sample."},
            ],
            **traits,
        )  # fmt: skip
        self._at_start = {name: getattr(self, name) for name in _STATE}
        self.observe(lambda _: self.publish(), list(_STATE))
        self.publish()

    def step(self) -> None:
        """Other samples: the next seed."""
        self.seed += 1

    def reset(self) -> None:
        """Everything as it was at the start."""
        self.note = ""
        with self.hold_trait_notifications():
            for name, value in self._at_start.items():
                setattr(self, name, value)

    def info(self) -> EstimatorsInfo:
        return estimators_info(
            self.logits,
            self.loss,
            tau=self.tau,
            baseline=self.baseline,
            hard=self.straight_through,
            seed=self.seed,
        )

    def picture(self) -> Picture:
        info = self.info()
        return pictures((plot_score, info), (plot_pathwise, info), size=(13, 4.8))

    def _chart(self, info: EstimatorsInfo) -> dict[str, Any]:
        return {
            "edges": numbers(info.edges),
            "exact": info.exact,
            "seed": self.seed,
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
