"""Points of a sinusoid to drag: MAML, pretrained and random weights adapt while they move."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets

from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.meta.sinusoids import INPUTS, regressor
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, hidden, listed, preset, said, slider, switch
from course_lib.show.meta.sinusoid import (
    HEIGHT,
    MOST,
    POINTS,
    WORST,
    SinusoidInfo,
    drawn_task,
    nearest_sinusoid,
    plot_curves,
    plot_errors,
    sinusoid_info,
)

_TASK, _SHOTS = 0, 10


def _points(task: int, shots: int = _SHOTS) -> list[list[float]]:
    points: list[list[float]] = np.round(drawn_task(task)[0][:shots], 2).tolist()
    return points


def _left(task: int) -> list[list[float]]:
    return [point for point in _points(task, POINTS) if point[0] < 0]


class SinusoidDemo(Demo):
    """Drag the support points, choose the number of inner steps, watch three starts adapt.

    starts: name -> weights of `sinusoids.regressor`; else the recorded ones.
    """

    _esm = browser_code("lines.js", "meta/sinusoid_demo.js")
    css_class = "demo-sinusoid"

    question = said(
        "Predict first: how many inner steps does the pretrained network need to come as close to "
        "the dotted sinusoid as MAML comes with one?"
    )
    inner = slider("inner steps", range(MOST + 1), 1)
    rate = slider("step size", (0.001, 0.002, 0.005, 0.01, 0.02, 0.05), 0.01)
    before = switch("curves before")
    task = hidden(traitlets.Int(_TASK))
    points = hidden(traitlets.List(_points(_TASK)))
    scenery = traitlets.Dict().tag(sync=True)
    actions = listed(
        button("step", "One step more", "s"),
        button("draw", "New task", "n"),
        button("add", "Add a point", "a"),
        button("remove", "Remove one", "x"),
        button("reset", "Reset", "r"),
    )
    presets = listed(
        preset("one point", "MAML bends a whole wave to a single point, because it knows waves; "
               "the others only move near the point.",
               task=_TASK, points=_points(_TASK, 1), inner=5),
        preset("left half", "No point on the right half says anything: MAML goes on with the wave "
               "that the left half tells of.", task=_TASK, points=_left(_TASK), inner=5),
        preset("a line", "No task was ever a line: what MAML has learnt is of little use here, or "
               "in the way.", task=_TASK,
               points=[[x, round(0.6 * x, 2)] for x in np.linspace(-4.5, 4.5, 10).tolist()],
               inner=10),
    )  # fmt: skip
    panels = (plot_curves, plot_errors)

    def __init__(self, starts: Mapping[str, Parameters] | None = None, **traits: Any) -> None:
        if starts is None:
            from course_lib.meta.starts import sinusoid_starts

            starts = sinusoid_starts()
        self.starts = dict(starts)
        self._predict = regressor(make_rng(0))[1]
        land = {"inputs": INPUTS, "height": HEIGHT, "most": MOST, "worst": WORST}
        super().__init__(scenery=land, **traits)

    @traitlets.validate("points")
    def _inside(self, proposal: Any) -> list[list[float]]:
        """Wherever the mouse is, a point stays in the picture."""
        points = np.array(proposal["value"], dtype=float)
        if points.ndim != 2 or points.shape[1] != 2 or not 1 <= len(points) <= POINTS:
            raise traitlets.TraitError(
                f"expected 1 to {POINTS} pairs (x, y), got {proposal['value']}"
            )
        limits = np.array([INPUTS[1], HEIGHT])
        rounded: list[list[float]] = np.nan_to_num(points).clip(-limits, limits).round(2).tolist()
        return rounded

    def turned(self, names: set[str]) -> None:
        """Another task brings points of its own."""
        if "task" in names and "points" not in names:
            self.points = _points(self.task, len(self.points))
        self.publish()

    def step(self) -> None:
        """One more inner step; after the most comes none."""
        self.inner = (self.inner + 1) % (MOST + 1)

    def draw(self) -> None:
        """Another sinusoid of the family, with as many points."""
        self.task += 1

    def add(self) -> None:
        """One more point of the sinusoid, where the task has its next one."""
        if len(self.points) == POINTS:
            self.note = f"There are {POINTS} points: that is all there is room for."
            return
        x = float(drawn_task(self.task)[0][len(self.points), 0])
        sine, cosine = self._suited()
        self.points = [*self.points, [x, float(sine * np.sin(x) + cosine * np.cos(x))]]

    def remove(self) -> None:
        """One point less: the last."""
        if len(self.points) == 1:
            self.note = "One point must stay: without it there is nothing to adapt to."
            return
        self.points = self.points[:-1]

    def _suited(self) -> np.ndarray:
        x, y = np.array(self.points).T
        return nearest_sinusoid(x, y, drawn_task(self.task)[1])

    def info(self) -> SinusoidInfo:
        near = drawn_task(self.task)[1].tolist()
        return sinusoid_info(
            self.starts, self._predict, self.points, near=near, steps=self.inner, lr=self.rate
        )

    def _chart(self, info: SinusoidInfo) -> dict[str, Any]:
        def drawn(curves: Mapping[str, np.ndarray], limit: float) -> dict[str, Any]:
            return {name: numbers(row.clip(-limit, limit), 3) for name, row in curves.items()}

        return {
            "grid": numbers(info.grid, 2),
            "target": numbers(info.target, 3),
            "before": drawn(info.before, HEIGHT) if self.before else {},
            "after": drawn(info.after, HEIGHT),
            "points": drawn(info.at_points, WORST),
            "overall": drawn(info.overall, WORST),
            "steps": self.inner,
        }

    def _code(self) -> str:
        return (
            "import torch\n"
            "import torch.nn.functional as F\n\n"
            "from course_lib.core import make_rng\n"
            "from course_lib.meta.maml import inner_loop\n"
            "from course_lib.meta.sinusoids import regressor\n"
            "from course_lib.meta.starts import sinusoid_starts\n\n"
            f"x, y = torch.tensor({self.points}).split(1, dim=1)\n"
            "_, predict = regressor(make_rng(0))\n\n\n"
            "def support_loss(phi):\n"
            "    return F.mse_loss(predict(phi, x), y)\n\n\n"
            "for name, theta in sinusoid_starts().items():\n"
            f"    phi = inner_loop(theta, support_loss, lr={self.rate}, steps={self.inner})\n"
            "    print(name, float(support_loss(phi).sqrt()))\n"
        )
