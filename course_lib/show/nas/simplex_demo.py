"""Gumbel-softmax samples in a triangle whose probabilities are dragged by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, hidden, listed, preset, said, slider, switch
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

    question = said(
        "Predict first: as the temperature falls, which of the two gauges falls and which one "
        "rises?"
    )
    probabilities = hidden(traitlets.List(_START))
    tau = slider(
        "temperature", (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0), 1.0
    )
    samples = slider("samples", (1, 10, 50, 100, 200, 500, 1000, 5000, 20_000), 200)
    straight_through = switch("straight-through")
    seed = hidden(traitlets.Int(0))
    actions = listed(button("step", "Other noise", "s"), button("reset", "Reset", "r"))
    presets = listed(
        preset("cold", "Samples sit in the corners: little bias, and gradients that are mostly "
               "zero and seldom huge.", tau=0.1, straight_through=False),
        preset("hot", "Samples crowd in the middle: calm gradients of a loss that is not ours.",
               tau=5.0, straight_through=False),
        preset("straight-through", "Corners forward, the gradient of the grey dots backward.",
               tau=1.0, straight_through=True),
    )  # fmt: skip
    panels = (plot_simplex, plot_shares)

    def __init__(self, names: Sequence[str] = ("a", "b", "c"), **traits: Any) -> None:
        self.names = tuple(names)
        super().__init__(**traits)

    @traitlets.validate("probabilities")
    def _inside(self, proposal: Any) -> list[float]:
        """Wherever the mouse is, the point stays in the triangle and off its edges."""
        p = np.nan_to_num(np.array(proposal["value"], dtype=float)).clip(_LEAST, 1.0)
        if p.shape != (3,):
            raise traitlets.TraitError(f"expected three probabilities, got {proposal['value']}")
        return [round(float(share), 4) for share in p / p.sum()]

    def info(self) -> SimplexInfo:
        return simplex_info(
            self.probabilities,
            tau=self.tau,
            samples=self.samples,
            hard=self.straight_through,
            seed=self.seed,
            names=self.names,
        )

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
