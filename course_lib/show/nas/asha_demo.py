"""Halving by many workers as time goes by: lanes, rungs, and what was found by then."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import traitlets

from course_lib.core import Measure, Space, make_rng
from course_lib.nas.asha_run import asha, synchronous_halving
from course_lib.nas.workers import AshaRun
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.figure import Picture, pictures
from course_lib.show.knobs import button, hidden, listed, preset, said, slider
from course_lib.show.nas.asha import RungsInfo, plot_incumbents, plot_lanes, rungs_info

ASYNCHRONOUS, SYNCHRONOUS = "asynchronous", "synchronous"
_ETAS = (2, 3, 4)
_PLACES = 40


class AshaDemo(Demo):
    """Watch workers promote candidates, with or without waiting for each other.

    space, measure: a table, asked for values at all fidelities; its seconds are the clock.
    horizon: how long both runs go on, in seconds. limits: of the axis of values.
    Step goes to the next job that ends; both schedulers are offered the same candidates.
    """

    _esm = browser_code("lines.js", "nas/asha_demo.js")
    css_class = "demo-asha"

    question = said(
        "Predict first: which of the two loses more when jobs take unevenly long? And with a "
        "single worker?"
    )
    workers = slider("workers", (1, 2, 4, 8, 16), 4)
    stragglers = slider("stragglers", (0.0, 0.25, 0.5, 1.0, 2.0), 0.5)
    time = slider("time", start=0.0)
    scheduler = hidden(traitlets.Unicode(ASYNCHRONOUS))
    eta = hidden(traitlets.Int(2))
    seed = hidden(traitlets.Int(0))
    actions = listed(
        button("step", "Step", "s"),
        button("swap", "Wait or not", "w"),
        button("keep_fewer", "Other eta", "e"),
        button("other", "Other candidates", "n"),
        button("reset", "Reset", "r"),
    )
    presets = listed(
        preset("one worker", "There is nobody to wait for: they differ only in the order of jobs.",
               workers=1, stragglers=0.5, scheduler=SYNCHRONOUS),
        preset("all wait", "The gaps: a rung begins when the slowest job of the one below ended.",
               workers=16, stragglers=1.0, scheduler=SYNCHRONOUS),
        preset("nobody waits", "No gaps: the free promote by what has finished, or start anew.",
               workers=16, stragglers=1.0, scheduler=ASYNCHRONOUS),
    )  # fmt: skip

    def __init__(
        self,
        space: Space,
        measure: Measure,
        *,
        fidelities: Sequence[int] = (1, 2, 4, 8),
        horizon: float = 40.0,
        limits: tuple[float, float] = (0.0, 1.0),
        **traits: Any,
    ) -> None:
        self.space, self.measure, self.fidelities = space, measure, tuple(fidelities)
        self.horizon, self.limits = horizon, limits
        self._runs: dict[str, AshaRun] = {}
        places = [horizon * place / _PLACES for place in range(_PLACES + 1)]
        super().__init__(values={"time": places}, **{"time": places[_PLACES // 2], **traits})

    def _begin(self) -> None:
        self.turned(set(self._state))

    def turned(self, names: set[str]) -> None:
        """Another moment or scheduler is another look at the same runs."""
        if names - {"time", "scheduler"}:
            turned = {"workers": self.workers, "eta": self.eta, "stragglers": self.stragglers}
            self._runs = {
                name: run(
                    self.space,
                    self.measure,
                    make_rng(self.seed),
                    fidelities=self.fidelities,
                    until=self.horizon,
                    **turned,
                )
                for name, run in ((ASYNCHRONOUS, asha), (SYNCHRONOUS, synchronous_halving))
            }
        self.publish()

    def step(self) -> None:
        """To the next end of a job; after the last to the start."""
        ends = [math.ceil(100 * job.end) / 100 for job in self._runs[self.scheduler].jobs]
        later = [end for end in ends if self.time < end <= self.horizon]
        self.time = min(later, default=0.0)

    def swap(self) -> None:
        """The other scheduler, with the same candidates."""
        self.scheduler = SYNCHRONOUS if self.scheduler == ASYNCHRONOUS else ASYNCHRONOUS

    def keep_fewer(self) -> None:
        """The next eta, after the last the first."""
        self.eta = _ETAS[(_ETAS.index(self.eta) + 1) % len(_ETAS)]

    def other(self) -> None:
        """The next seed."""
        self.seed += 1

    def info(self) -> RungsInfo:
        return rungs_info(self._runs, self.scheduler, now=self.time, horizon=self.horizon)

    def picture(self) -> Picture:
        info, right = self.info(), partial(plot_incumbents, limits=self.limits)
        return pictures((plot_lanes, info), (right, info), size=self.inches)

    def _chart(self, info: RungsInfo) -> dict[str, Any]:
        return {
            "rungs": [
                {
                    "fidelity": fidelity,
                    "workers": [job.worker + 1 for job in own],
                    "starts": numbers([job.start for job in own]),
                    "ends": numbers([min(job.end, info.now) for job in own]),
                }
                for rung, fidelity in enumerate(info.fidelities)
                for own in [[job for job in info.jobs if job.rung == rung]]
            ],
            "incumbents": {
                name: [numbers([*times, info.now]), numbers([*values, values[-1]])]
                for name, (times, values) in info.incumbents.items()
                if len(times)
            },
            "workers": info.workers,
            "now": info.now,
            "horizon": self.horizon,
            "limits": list(self.limits),
            "title": f"{info.shown}, eta {info.eta}: workers {info.busy:.0%} busy",
            "said": "; ".join(info.counts()),
        }

    def _code(self) -> str:
        run = "asha" if self.scheduler == ASYNCHRONOUS else "synchronous_halving"
        return (
            "from course_lib.core import make_rng\n"
            f"from course_lib.nas.asha_run import {run}\n"
            "from course_lib.show.nas.asha import rungs_info\n\n"
            f"run = {run}(\n    space,\n    measure,\n    make_rng({self.seed}),\n"
            f"    workers={self.workers},\n    fidelities={self.fidelities},\n    eta={self.eta},\n"
            f"    stragglers={self.stragglers},\n    until={self.horizon},\n)\n"
            f"info = rungs_info({{'run': run}}, 'run', now={self.time})\n"
            "info.describe()\n"
        )
