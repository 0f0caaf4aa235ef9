"""The bilevel toy to drag: three gradients of alpha at any point, and where each of them leads."""

from typing import Any

import traitlets

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.figure import Picture, pictures
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

    alpha = traitlets.Float(1.5).tag(sync=True)
    w = traitlets.Float(1.0).tag(sync=True)
    xi = traitlets.Float(0.1).tag(sync=True)
    scenery = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self.taken = 0
        self._published: Any = None
        super().__init__(
            question="Predict first: where does the first-order arrow point the wrong way? And "
            "where does following it end?",
            knobs=[
                {"trait": "alpha", "kind": "slider", "label": "α", "values": _steps(*ALPHAS, 0.05)},
                {"trait": "w", "kind": "slider", "label": "w", "values": _steps(*WEIGHTS, 0.05)},
                {"trait": "xi", "kind": "slider", "label": "inner step ξ",
                 "values": _steps(0, 1, 0.05)},
            ],
            actions=[
                {"name": "step", "label": "Step", "key": "s", "when": "always"},
                {"name": "follow", "label": f"{_FOLLOW} steps", "key": "f", "when": "always"},
                {"name": "reset", "label": "Reset", "key": "r", "when": "always"},
            ],
            presets=[
                {"name": "the wrong way", "knobs": {"alpha": 1.5, "w": 1.5, "xi": 0.1},
                 "comment": "The weight has answered, and first order still walks away from "
                 "the minimum: it does not know that w will follow."},
                {"name": "one full step", "knobs": {"alpha": 1.5, "w": -1.0, "xi": 0.5},
                 "comment": "With ξ = 1/2 one step reaches the weight's answer, wherever it "
                 "starts: one-step and exact agree."},
                {"name": "too long a step", "knobs": {"alpha": 1.5, "w": 0.5, "xi": 1.0},
                 "comment": "The inner step overshoots the answer, and the gradient exaggerates."},
            ],
            scenery={
                "alphas": ALPHAS,
                "weights": WEIGHTS,
                "arrow": ARROW,
                "contours": [{"level": level, "line": numbers(line, 3)}
                             for level, line in contours()],
            },
            **traits,
        )  # fmt: skip
        self.observe(lambda _: self.publish(), ["alpha", "w", "xi"])
        self.publish()

    def choose(self, index: int) -> None:
        self.taken = 0
        super().choose(index)
        self.publish()

    def step(self) -> None:
        """One more alternating step from the dragged point, with each gradient."""
        self.taken += 1
        self.publish()

    def follow(self) -> None:
        """Many more steps."""
        self.taken += _FOLLOW
        self.publish()

    def reset(self) -> None:
        """The first point again, and no trails."""
        self.taken = 0
        for name in ("alpha", "w", "xi"):
            setattr(self, name, self.trait_defaults(name))
        self.note = ""
        self.publish()

    def info(self) -> BilevelInfo:
        return bilevel_info(self.alpha, self.w, xi=self.xi, steps=self.taken)

    def picture(self) -> Picture:
        info = self.info()
        return pictures((plot_bilevel, info), (plot_outer, info), size=(13, 5))

    def _publish(self) -> None:
        """Nothing where this state is on the page already."""
        state = (self.alpha, self.w, self.xi, self.taken)
        if state == self._published:
            return
        self._published = state
        super()._publish()

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
