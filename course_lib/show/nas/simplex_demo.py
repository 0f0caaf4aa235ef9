"""Gumbel-softmax samples in a triangle whose probabilities are dragged by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.figure import Picture, pictures
from course_lib.show.nas.simplex import (
    CORNERS,
    SHOWN,
    TARGET,
    SimplexInfo,
    plot_shares,
    plot_simplex,
    simplex_info,
)

_START = [0.4, 0.25, 0.35]
_LEAST = 0.005


class SimplexDemo(Demo):
    """Drag the probabilities of three choices, turn the temperature, pass corners or dots forward.

    names: of the three choices. Step draws other noise: the seed goes up by one.
    """

    _esm = browser_code("nas/simplex_demo.js")
    css_class = "demo-gumbel"

    probabilities: traitlets.List[float] = traitlets.List(_START).tag(sync=True)
    tau = traitlets.Float(1.0).tag(sync=True)
    samples = traitlets.Int(200).tag(sync=True)
    straight_through = traitlets.Bool(False).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)

    def __init__(self, names: Sequence[str] = ("a", "b", "c"), **traits: Any) -> None:
        self.names = tuple(names)
        super().__init__(
            question="Predict first: as the temperature falls, which of the two gauges falls and "
            "which one rises?",
            knobs=[
                {"trait": "tau", "kind": "slider", "label": "temperature",
                 "values": [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0]},
                {"trait": "samples", "kind": "slider", "label": "samples",
                 "values": [1, 10, 50, 100, 200, 500, 1000, 5000, 20_000]},
                {"trait": "straight_through", "kind": "switch", "label": "straight-through"},
            ],
            actions=[
                {"name": "step", "label": "Other noise", "key": "s", "when": "always"},
                {"name": "reset", "label": "Reset", "key": "r", "when": "always"},
            ],
            presets=[
                {"name": "cold", "knobs": {"tau": 0.1, "straight_through": False},
                 "comment": "Samples sit in the corners: little bias, and gradients that are "
                 "mostly zero and seldom huge."},
                {"name": "hot", "knobs": {"tau": 5.0, "straight_through": False},
                 "comment": "Samples crowd in the middle: calm gradients of a loss that is not "
                 "ours."},
                {"name": "straight-through", "knobs": {"tau": 1.0, "straight_through": True},
                 "comment": "Corners forward, the gradient of the grey dots backward."},
            ],
            **traits,
        )  # fmt: skip
        self._at_start = {name: getattr(self, name) for name in self._state}
        self.observe(lambda _: self.publish(), list(self._state))
        self.publish()

    _state = ("probabilities", "tau", "samples", "straight_through", "seed")

    @traitlets.validate("probabilities")
    def _inside(self, proposal: Any) -> list[float]:
        """Wherever the mouse is, the point stays in the triangle and off its edges."""
        p = np.nan_to_num(np.array(proposal["value"], dtype=float)).clip(_LEAST, 1.0)
        if p.shape != (3,):
            raise traitlets.TraitError(f"expected three probabilities, got {proposal['value']}")
        return [round(float(share), 4) for share in p / p.sum()]

    def step(self) -> None:
        """Other noise: the next seed."""
        self.seed += 1

    def reset(self) -> None:
        """Everything as it was at the start."""
        self.note = ""
        with self.hold_trait_notifications():
            for name, value in self._at_start.items():
                setattr(self, name, value)

    def info(self) -> SimplexInfo:
        return simplex_info(
            self.probabilities,
            tau=self.tau,
            samples=self.samples,
            hard=self.straight_through,
            seed=self.seed,
            names=self.names,
        )

    def picture(self) -> Picture:
        info = self.info()
        return pictures((plot_simplex, info), (plot_shares, info), size=(13, 4.8))

    def _chart(self, info: SimplexInfo) -> dict[str, Any]:
        shown = info.points[:SHOWN]
        places = np.rint(1000 * shown @ CORNERS).astype(int)
        nearest = shown.argmax(1)
        return {
            "names": list(self.names),
            "dots": [places[nearest == k].ravel().tolist() for k in range(3)],
            "probabilities": numbers(info.probabilities),
            "shares": numbers(info.shares),
            "mean": numbers(info.mean),
            "target": list(TARGET),
            "samples": self.samples,
            "seed": self.seed,
            "hard": self.straight_through,
            "bias": info.gradient.bias,
            "sd": info.gradient.sd,
            "exact": info.gradient.exact,
        }

    def _code(self) -> str:
        relax = "gumbel_straight_through" if self.straight_through else "gumbel_softmax_sample"
        return (
            "import torch\n\n"
            "from course_lib.core import make_rng\n"
            f"from course_lib.nas.relax import {relax}\n\n"
            f"logits = torch.tensor({list(self.probabilities)}, dtype=torch.float64).log()\n"
            f"samples = {relax}(\n    logits.expand({self.samples}, 3), make_rng({self.seed}), "
            f"tau={self.tau}\n)\n"
            "samples.mean(0)\n"
        )
