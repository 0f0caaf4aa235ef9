"""A synaptic rule while it is learnt: which terms grow, and what neurons learn by it."""

from typing import Any

import torch
import traitlets

from course_lib.core import make_rng
from course_lib.meta.neuron import delta_rule, hebb_rule, presentations, threshold_functions
from course_lib.meta.synaptic_rule import TERMS, synaptic_rule
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import hidden, preset, said, slider
from course_lib.show.meta.synaptic import RuleInfo, plot_coefficients, plot_learning, rule_info
from course_lib.show.recordings import Run, recorded_runs

RECORDING = "synaptic"
TASKS = 200


def recorded_rule() -> Run:
    """The meta-training that ships with the course, see `data.make.meta_recordings`.

    names: "meta_steps" of the snapshots; "unseen", which of the `threshold_functions(4)` were left
    out; "delta" and "hebb", the best rates of both rules on the others. steps: {"rule": (16,)}.
    """
    (run,) = recorded_runs(RECORDING)
    return run


class SynapticRuleDemo(Demo):
    """Turn the number of meta-training steps; the neurons learn functions that were left out."""

    _esm = browser_code("lines.js", "meta/synaptic_demo.js")
    css_class = "demo-synaptic"

    question = said(
        "Predict first: the delta rule is pre × teacher − pre × post. Will gradient descent find "
        "these two terms, and what will it add where silent inputs are 0?"
    )
    meta_steps = slider("meta-training steps", start=0)
    silent = slider("activity of a silent input", (-1.0, -0.5, 0.0, 0.25, 0.5), 0.0)
    seed = hidden(traitlets.Int(0))
    panels = (plot_coefficients, plot_learning)
    inches = (15, 5.6)

    def __init__(self, **traits: Any) -> None:
        self.run = recorded_rule()
        self._patterns, functions = threshold_functions(4)
        self._unseen = functions[torch.tensor(self.run.names["unseen"])]
        steps = list(self.run.names["meta_steps"])
        super().__init__(
            values={"meta_steps": steps},
            presets=[
                preset("before", "Random small coefficients: the neuron hardly learns.",
                       meta_steps=0, silent=0.0),
                preset("after", "The delta rule, and the same with the opposite sign without pre: "
                       "the rule subtracts a mean from its inputs, and beats the delta rule.",
                       meta_steps=steps[-1], silent=0.0),
                preset("other inputs", "Silent inputs of -1 have a mean of 0 already: what the "
                       "rule subtracts is now wrong, and its lead is gone.",
                       meta_steps=steps[-1], silent=-1.0),
            ],
            **({"meta_steps": steps[-1]} | traits),
        )  # fmt: skip

    @property
    def theta(self) -> torch.Tensor:
        """The coefficients at this point of meta-training, (16,)."""
        return torch.tensor(
            self.run.steps[self.run.names["meta_steps"].index(self.meta_steps)]["rule"]
        )

    def info(self) -> RuleInfo:
        patterns = self._patterns.where(self._patterns > 0, self.silent)
        tasks = presentations(patterns, self._unseen, make_rng(self.seed), tasks=TASKS)
        rules = {
            "learned": synaptic_rule(self.theta),
            "delta": delta_rule(self.run.names["delta"]),
            "Hebb": hebb_rule(self.run.names["hebb"]),
        }
        name = f"the rule after {self.meta_steps} meta-steps"
        return rule_info(self.theta, rules, tasks, name=name)

    def _chart(self, info: RuleInfo) -> dict[str, Any]:
        ends = {name: line[-1] for name, line in info.learning.lines.items()}
        return {
            "terms": [term.replace(" ", "·") for term in TERMS],
            "coefficients": numbers(info.coefficients),
            "limits": [-0.5, 0.5],
            "places": info.learning.places.tolist(),
            "lines": {name: numbers(line) for name, line in info.learning.lines.items()},
            "said": f"after {self.meta_steps} meta-steps, wrong answers in the end: "
            + ", ".join(f"{name} {end:.1%}" for name, end in ends.items())
            + f"; {TASKS} functions that were never in meta-training, tasks no. {self.seed}",
        }

    def _code(self) -> str:
        return (
            "from course_lib.show.figure import pictures\n"
            "from course_lib.show.meta.synaptic import plot_coefficients, plot_learning\n"
            "from course_lib.show.meta.synaptic_demo import SynapticRuleDemo\n\n"
            f"demo = SynapticRuleDemo(meta_steps={self.meta_steps}, silent={self.silent}, "
            f"seed={self.seed})\n"
            "info = demo.info()  # demo.theta holds the sixteen coefficients\n"
            "pictures((plot_coefficients, info), (plot_learning, info), size=(15, 5.6))\n"
        )
