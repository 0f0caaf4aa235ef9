"""A theta of two parameters to drag over its landscape, with and without the steps that follow."""

from typing import Any

import numpy as np
import traitlets

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, hidden, listed, preset, said, slider
from course_lib.show.meta.landscape import (
    AMPLITUDES,
    PHASES,
    TASKS,
    LandscapeInfo,
    landscape_info,
    level_lines,
    plot_after,
    plot_before,
)

_FOLLOW = 40


class LandscapeDemo(Demo):
    """Drag theta, choose how many inner steps follow and how long they are, meta-train from there.

    tasks: three pairs (amplitude, phase).
    """

    _esm = browser_code("meta/landscape_demo.js")
    css_class = "demo-landscape"

    question = said(
        "Predict first: one inner step will follow. Does the best θ lie where the mean loss is "
        "least now (joint), and if not, is its wave higher or lower?"
    )
    inner = slider("inner steps", (0, 1, 2, 3, 5, 10), 1)
    rate = slider("step size", (0.05, 0.1, 0.15, 0.2, 0.25, 0.3), 0.2)
    theta = hidden(traitlets.List([0.8, 0.9]))
    taken = hidden(traitlets.Int(0))
    scenery = traitlets.Dict().tag(sync=True)
    actions = listed(
        button("step", "Meta-step", "s"),
        button("follow", f"{_FOLLOW} of them", "f"),
        button("reset", "Reset", "r"),
    )
    presets = listed(
        preset("no step", "Without inner steps both landscapes are one, and meta-training is "
               "joint training: it ends between the tasks.", inner=0, theta=[0.8, 0.9], taken=60),
        preset("one step", "The best start is a higher wave, whose phase one step can turn, and "
               "lies nearer to the low task, whose loss is the flattest.",
               inner=1, rate=0.2, theta=[0.8, 0.9], taken=60),
        preset("ten steps", "After many steps nearly every start arrives: the ground is flat and "
               "low, and gives little to learn from.",
               inner=10, rate=0.2, theta=[3.5, -0.2], taken=60),
    )  # fmt: skip
    panels = (plot_before, plot_after)
    inches = (13, 5.5)

    def __init__(self, tasks: tuple[tuple[float, float], ...] = TASKS, **traits: Any) -> None:
        if len(tasks) != len(TASKS):
            raise ValueError(f"expected {len(TASKS)} pairs (amplitude, phase), got {len(tasks)}")
        self.tasks = tasks
        super().__init__(**traits)

    @traitlets.validate("theta")
    def _inside(self, proposal: Any) -> list[float]:
        """Wherever the mouse is, theta stays in the picture."""
        theta = np.nan_to_num(np.array(proposal["value"], dtype=float))
        if theta.shape != (2,):
            raise traitlets.TraitError(f"expected amplitude and phase, got {proposal['value']}")
        (low, high), (left, right) = AMPLITUDES, PHASES
        inside: list[float] = theta.clip([low, left], [high, right]).round(3).tolist()
        return inside

    def turned(self, names: set[str]) -> None:
        """A theta that is moved by hand starts a new trail."""
        if "theta" in names and "taken" not in names and self.taken:
            self.taken = 0
        else:
            self.publish()

    def choose(self, index: int) -> None:
        """A preset moves theta and brings a trail of its own."""
        self.taken = 0
        super().choose(index)

    def step(self) -> None:
        """One more step of meta-training from the dragged theta."""
        self.taken += 1

    def follow(self) -> None:
        """Many more steps."""
        self.taken += _FOLLOW

    def info(self) -> LandscapeInfo:
        return landscape_info(
            self.theta, tasks=self.tasks, steps=self.inner, lr=self.rate, taken=self.taken
        )

    def _publish(self) -> None:
        self.scenery = {
            "amplitudes": AMPLITUDES,
            "phases": PHASES,
            "tasks": self.tasks,
            "before": self._ground(0),
            "after": self._ground(self.inner),
        }
        super()._publish()

    def _ground(self, steps: int) -> list[dict[str, Any]]:
        lines = level_lines(self.tasks, self.rate if steps else 0.0, steps)
        return [{"level": level, "line": numbers(line, 2)} for level, line in lines]

    def _chart(self, info: LandscapeInfo) -> dict[str, Any]:
        return {
            "steps": self.inner,
            "theta": numbers(info.theta, 3),
            "paths": numbers(info.paths.swapaxes(0, 1), 3),
            "arrows": numbers(info.arrows, 3),
            "joint": numbers(info.joint, 3),
            "maml": numbers(info.maml, 3),
            "trail": numbers(info.trail, 3),
            "losses": numbers([*info.losses.values()], 3),
        }

    def _code(self) -> str:
        return (
            "from course_lib.show.meta.landscape import TASKS, landscape_info\n\n"
            f"info = landscape_info(\n    {list(self.theta)}, steps={self.inner}, lr={self.rate}, "
            f"taken={self.taken}\n)\n"
            "print(info.describe())\n"
        )
