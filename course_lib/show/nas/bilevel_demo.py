"""The bilevel toy to drag: three gradients of alpha at any point, and where each of them leads."""

from typing import Any

import traitlets

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, hidden, listed, preset, said, slider
from course_lib.show.nas.bilevel import (
    ALPHAS,
    ARROW,
    WEIGHTS,
    BilevelInfo,
    bilevel_info,
    contours,
    plot_bilevel,
    plot_outer,
)

_FOLLOW = 40


def _steps(low: float, high: float, step: float) -> list[float]:
    return [round(low + step * k, 2) for k in range(round((high - low) / step) + 1)]


class BilevelDemo(Demo):
    """Drag the point (alpha, w), turn the inner step xi, and follow the three gradients."""

    _esm = browser_code("nas/bilevel_demo.js")
    css_class = "demo-bilevel"

    question = said(
        "Predict first: where does the first-order arrow point the wrong way? And where does "
        "following it end?"
    )
    alpha = slider("α", _steps(*ALPHAS, 0.05), 1.5)
    w = slider("w", _steps(*WEIGHTS, 0.05), 1.0)
    xi = slider("inner step ξ", _steps(0, 1, 0.05), 0.1)
    taken = hidden(traitlets.Int(0))
    scenery = traitlets.Dict().tag(sync=True)
    actions = listed(
        button("step", "Step", "s"),
        button("follow", f"{_FOLLOW} steps", "f"),
        button("reset", "Reset", "r"),
    )
    presets = listed(
        preset("the wrong way", "The weight has answered, and first order still walks away from "
               "the minimum: it does not know that w will follow.",
               alpha=1.5, w=1.5, xi=0.1, taken=0),
        preset("one full step", "With ξ = 1/2 one step reaches the weight's answer, wherever it "
               "starts: one-step and exact agree.", alpha=1.5, w=-1.0, xi=0.5, taken=0),
        preset("too long a step", "The inner step overshoots the answer, and the gradient "
               "exaggerates.", alpha=1.5, w=0.5, xi=1.0, taken=0),
    )  # fmt: skip
    panels = (plot_bilevel, plot_outer)
    inches = (13, 5)

    def __init__(self, **traits: Any) -> None:
        lines = [{"level": level, "line": numbers(line, 3)} for level, line in contours()]
        land = {"alphas": ALPHAS, "weights": WEIGHTS, "arrow": ARROW, "contours": lines}
        super().__init__(scenery=land, **traits)

    def step(self) -> None:
        """One more alternating step from the dragged point, with each gradient."""
        self.taken += 1

    def follow(self) -> None:
        """Many more steps."""
        self.taken += _FOLLOW

    def info(self) -> BilevelInfo:
        return bilevel_info(self.alpha, self.w, xi=self.xi, steps=self.taken)

    def _chart(self, info: BilevelInfo) -> dict[str, Any]:
        return {
            "alpha": info.alpha,
            "w": info.w,
            "best": info.best,
            "unrolled": info.unrolled,
            "gradients": info.gradients,
            "trails": {name: numbers(points, 3) for name, points in info.trails.items()},
        }

    def _code(self) -> str:
        return (
            "import torch\n"
            "from course_lib.nas.bilevel import exact_second_order, first_order\n\n\n"
            "def train_loss(params, alpha):\n"
            '    return (params["w"] - alpha) ** 2\n\n\n'
            "def valid_loss(params, alpha):\n"
            '    return alpha * params["w"] - 2 * alpha + 1\n\n\n'
            f'params, alpha = {{"w": torch.tensor({self.w})}}, torch.tensor({self.alpha})\n'
            "for gradient in (exact_second_order, first_order):\n"
            f"    print(gradient(train_loss, valid_loss, params, alpha, xi={self.xi}))\n"
        )
