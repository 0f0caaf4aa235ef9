"""The controller at work: what it prefers, what it finds, while it learns."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from torch import Tensor

from course_lib.core import Measure, Oracle, Space, make_rng
from course_lib.nas.controller import reinforce_loss, reinforce_steps
from course_lib.show.demo import browser_code, numbers
from course_lib.show.figure import Picture, pictures
from course_lib.show.knobs import listed, number, preset, said, slider, switch
from course_lib.show.live import LiveDemo
from course_lib.show.nas.controller_info import ControllerInfo, controller_info, plot_rewards
from course_lib.show.nas.names import choice_names
from course_lib.show.nas.policy import plot_heat
from course_lib.show.recordings import Run


def _replayed(step: Mapping[str, Any]) -> Any:
    trials = [SimpleNamespace(value=value) for value in step["values"]]
    return SimpleNamespace(
        probabilities=step["probabilities"], entropy=step["entropy"], trials=trials
    )


class ControllerDemo(LiveDemo):
    """Watch a controller learn by REINFORCE on any space and measure.

    limits: ends of the chart's axis; what lies beyond is drawn at the end. budget: trials of one
    run, in the unit of the measure's cost. batch, learning_rate: of `reinforce_steps`.
    """

    _esm = browser_code("heat.js", "lines.js", "nas/controller_demo.js")
    css_class = "demo-controller"
    recording = "controller"

    question = said(
        "Predict first: which choice will the controller prefer in the end? And without a baseline?"
    )
    baseline = switch("baseline", start=True)
    entropy_weight = slider("entropy bonus", (0.0, 0.003, 0.01, 0.03, 0.1, 0.3), 0.003)
    seed = number("seed")
    presets = listed(
        preset("with a baseline", "Only what is better than usual is made more likely.",
               baseline=True, entropy_weight=0.003),
        preset("no baseline", "Every reward is positive: whatever is drawn becomes more likely.",
               baseline=False, entropy_weight=0.003),
        preset("curious", "A large entropy bonus keeps every choice alive.",
               baseline=True, entropy_weight=0.1),
    )  # fmt: skip

    def __init__(
        self,
        space: Space,
        measure: Measure,
        *,
        budget: float = 1000,
        batch: int = 10,
        learning_rate: float = 0.03,
        limits: tuple[float, float] = (0.0, 1.0),
        **traits: Any,
    ) -> None:
        self.space = space
        self.measure = measure
        self.budget = budget
        self.batch = batch
        self.learning_rate = learning_rate
        self.limits = limits
        self.names = choice_names(space)
        self._before: dict[str, Any] = {"spent": [], "best": []}
        super().__init__(**traits)

    def reset(self) -> None:
        if self.steps:
            info = self.info()
            self._before = {"spent": numbers(info.spent), "best": numbers(info.best)}
        super().reset()

    def source(self) -> Iterator[Any]:
        on = self.baseline

        def loss(log_prob: Tensor, reward: Tensor, baseline: float) -> Tensor:
            return reinforce_loss(log_prob, reward, baseline if on else 0.0)

        return reinforce_steps(
            self.space,
            Oracle(self.measure, self.budget),
            make_rng(self.seed),
            loss=loss,
            entropy_weight=self.entropy_weight,
            batch=self.batch,
            learning_rate=self.learning_rate,
        )

    def replay(self, run: Run) -> Iterator[Any]:
        self.names = (run.names["decisions"], run.names["choices"])
        self.limits = tuple(run.names["limits"])
        return map(_replayed, run.steps)

    def record(self, name: str, updates: int) -> Run:
        """The first updates with the present knobs, in a form that `replay` reads."""
        self.reset()
        self.run(updates)
        steps = [
            {
                "probabilities": numbers(step.probabilities, 3),
                "entropy": round(step.entropy, 6),
                "values": numbers([trial.value for trial in step.trials], 6),
            }
            for step in self.steps
        ]
        names = {"decisions": self.names[0], "choices": self.names[1], "limits": self.limits}
        return Run(name, self.settings, names, steps)

    def info(self) -> ControllerInfo:
        return controller_info(self.steps, self.names)

    def picture(self) -> Picture:
        info = self.info()
        return pictures((plot_heat, info.heat), (plot_rewards, info), size=(13, 4.8))

    def _chart(self, info: ControllerInfo) -> dict[str, Any]:
        return {
            "heat": numbers(info.heat.values, 3),
            "decisions": info.heat.decisions,
            "choices": info.heat.choices,
            "spent": numbers(info.spent),
            "best": numbers(info.best),
            "mean": numbers(info.mean),
            "before": self._before,
            "limits": list(self.limits),
            "budget": self.budget,
            "said": f"entropy {info.entropy:.2f} nats",
        }

    def _code(self) -> str:
        off = "" if self.baseline else "lambda log_prob, reward, _: "
        loss = f"{off}reinforce_loss" + ("" if self.baseline else "(log_prob, reward, 0.0)")
        return (
            "from course_lib.core import Oracle, make_rng\n"
            "from course_lib.nas.controller import reinforce, reinforce_loss\n\n"
            f"history = reinforce(\n    space,\n    Oracle(measure, {self.budget}),\n"
            f"    make_rng({self.seed}),\n    loss={loss},\n"
            f"    entropy_weight={self.entropy_weight},\n    batch={self.batch},\n"
            f"    learning_rate={self.learning_rate},\n)\n"
            "history.best()\n"
        )
