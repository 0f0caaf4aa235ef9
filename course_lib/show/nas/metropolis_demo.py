"""The Metropolis chain at work: its trace, and where it has been against where it should be."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course_lib.core import Measure, Oracle, Space, Trial, make_rng
from course_lib.nas.search import ChainStep, acceptance, metropolis_steps
from course_lib.show.demo import browser_code, numbers
from course_lib.show.knobs import listed, number, preset, said, slider
from course_lib.show.live import LiveDemo
from course_lib.show.nas.chain import ChainInfo, chain_info, plot_trace, plot_visits
from course_lib.show.recordings import Run

_SHOWN = 250
"""So many steps, the latest, are drawn as a trace."""


def _replayed(step: Mapping[str, Any], values: np.ndarray) -> ChainStep:
    current, proposed = (Trial((), float(values[step[name]])) for name in ("current", "proposed"))
    return ChainStep(current, proposed, step["probability"], step["accepted"])


class MetropolisDemo(LiveDemo):
    """Watch a chain walk over a table of architectures, and turn its temperature.

    space, measure: small enough to ask for the value of every architecture once, at the start.
    budget: of one run, in the unit of the measure's cost.
    The visited shares count the steps since the temperature was last turned.
    """

    _esm = browser_code("lines.js", "nas/metropolis_demo.js")
    css_class = "demo-metropolis"
    recording = "metropolis"
    per_picture = 5

    question = said("Predict first: at which temperature is half of the proposals accepted?")
    temperature = slider(
        "temperature", (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0), 0.02
    )
    seed = number("seed")
    presets = listed(
        preset("cold", "Almost greedy: it climbs, and stays on the first hill.", temperature=0.002),
        preset("warm", "It prefers good architectures and still leaves them.", temperature=0.02),
        preset("hot", "Nearly every proposal is accepted: random search.", temperature=0.5),
    )
    panels = (plot_trace, plot_visits)

    def __init__(
        self, space: Space, measure: Measure, *, budget: float = 20_000, **traits: Any
    ) -> None:
        self.space = space
        self.measure = measure
        self.budget = budget
        self.values = np.array([measure(arch).value for arch in space])
        self._since = 0
        super().__init__(**traits)

    def turned(self, names: set[str]) -> None:
        """Another temperature goes on with the same chain; a recorded one cannot."""
        if self.recorded or names != {"temperature"}:
            self.reset()
        else:
            self._since = len(self.steps)
            self.publish()

    def source(self) -> Iterator[ChainStep]:
        return metropolis_steps(
            self.space,
            Oracle(self.measure, self.budget),
            make_rng(self.seed),
            temperature=self.temperature,
            accept=self._accept,
        )

    def _accept(
        self, value: float, proposed: float, /, *, temperature: float, **proposal: float
    ) -> float:
        """The library's acceptance at the temperature of the slider, not that of the start."""
        return acceptance(value, proposed, temperature=self.temperature, **proposal)

    def reset(self) -> None:
        self._since = 0
        super().reset()

    def replay(self, run: Run) -> Iterator[ChainStep]:
        self.values = np.array(run.names["values"])
        return (_replayed(step, self.values) for step in run.steps)

    def record(self, name: str, steps: int) -> Run:
        """The first steps with the present knobs, in a form that `replay` reads.

        Steps hold places in the sorted values of the table.
        """
        self.reset()
        self.run(steps)
        values = np.sort(self.values)

        def place(value: float) -> int:
            return int(np.searchsorted(values, value))

        rows = [
            {
                "current": place(step.current.value),
                "proposed": place(step.proposed.value),
                "probability": round(step.probability, 3),
                "accepted": step.accepted,
            }
            for step in self.steps
        ]
        names = {"values": values.tolist()}
        return Run(name, self.settings, names, rows)

    def info(self) -> ChainInfo:
        return chain_info(self.steps[self._since :], self.values, temperature=self.temperature)

    def _chart(self, info: ChainInfo) -> dict[str, Any]:
        recent = self.steps[-_SHOWN:]
        words = "press Step or Start"
        if len(info.trace):
            share, distance = info.accepted.mean(), info.distance
            words = f"{share:.0%} accepted, visited and stationary differ by {distance:.2f}"
        return {
            "first": len(self.steps) - len(recent) + 1,
            "trace": numbers(info.shown([step.state.value for step in recent])),
            "proposed": numbers(info.shown([step.proposed.value for step in recent])),
            "accepted": [step.accepted for step in recent],
            "edges": numbers(info.edges),
            "visited": numbers(info.visited),
            "stationary": numbers(info.stationary),
            "said": words,
        }

    def _code(self) -> str:
        return (
            "from course_lib.core import Oracle, make_rng\n"
            "from course_lib.nas.search import metropolis_steps\n\n"
            f"steps = list(\n    metropolis_steps(\n        space,\n"
            f"        Oracle(measure, {max(2, len(self.steps) + 1)}),\n"
            f"        make_rng({self.seed}),\n        temperature={self.temperature},\n    )\n)\n"
        )
