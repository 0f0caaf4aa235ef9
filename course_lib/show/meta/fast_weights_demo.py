"""Fast weights at work: pairs are stored one by one, and asked for at any moment."""

from typing import Any

import torch
import traitlets

from course_lib.core.meta_train import Parameters
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, hidden, listed, number, preset, said, slider
from course_lib.show.meta.fast_weights import MemoryInfo, memory_info, plot_fast, plot_margins
from course_lib.show.meta.signs import SignsInfo
from course_lib.show.recordings import recorded_runs

RECORDING = "fast_weights"


def recorded_network() -> Parameters:
    """The trained slow network that ships with the course, see `data.make.meta_recordings`."""
    (run,) = recorded_runs(RECORDING)
    return {name: torch.tensor(rows) for name, rows in run.steps[-1].items()}


class FastWeightsDemo(Demo):
    """Store pairs step by step, and see what the network would answer if it were asked now.

    theta: a trained slow network; the recorded one if none is given.
    """

    _esm = browser_code("lines.js", "meta/signs.js", "meta/fast_weights_demo.js")
    css_class = "demo-fast-weights"

    question = said(
        "Predict first: the slow network has no feedback, and its weights stay. Where are the "
        "three pairs, and what will eight pairs do to them?"
    )
    pairs = slider("pairs", (1, 2, 3, 4, 6, 8), 3)
    distractors = slider("distractors", (0, 5, 20, 50), 5)
    seed = number("episode")
    moment = hidden(traitlets.Int(0))
    actions = listed(
        button("step", "Step", "s"), button("finish", "To the end", "e"),
        button("reset", "Reset", "r"),
    )  # fmt: skip
    presets = listed(
        preset("three pairs", "As in training: each pair is written across the same weights, and "
               "nearly every bit comes back.", pairs=3, distractors=5, moment=8),
        preset("a long delay", "Ten times as many distractors as in training: each of them writes "
               "a little, too.", pairs=3, distractors=50, moment=53),
        preset("eight pairs", "More than it was trained for: the pairs disturb each other.",
               pairs=8, distractors=5, moment=13),
    )  # fmt: skip
    panels = (plot_fast, plot_margins)
    inches = (14, 5.2)

    def __init__(self, theta: Parameters | None = None, **traits: Any) -> None:
        self._recorded = theta is None
        self.theta = recorded_network() if theta is None else theta
        super().__init__(**traits)

    def step(self) -> None:
        """The next event; after the last one the episode starts anew."""
        self.moment = (self.moment + 1) % (self.pairs + self.distractors + 1)

    def finish(self) -> None:
        """All events."""
        self.moment = self.pairs + self.distractors

    def info(self) -> MemoryInfo:
        return memory_info(
            self.theta,
            moment=min(self.moment, self.pairs + self.distractors),
            seed=self.seed,
            pairs=self.pairs,
            distractors=self.distractors,
        )

    def _chart(self, info: MemoryInfo) -> dict[str, Any]:
        right, stored = info.right
        return {
            "panels": [_panel(info.fast), _panel(info.margins)],
            "said": f"step {info.moment} of {info.steps}: {info.event}; "
            f"asked now, {right} of {stored} stored bits are right (full squares)",
        }

    def _code(self) -> str:
        made = "theta = recorded_network()\n" if self._recorded else ""
        return (
            "from course_lib.show.figure import pictures\n"
            "from course_lib.show.meta.fast_weights import (\n    memory_info,\n    plot_fast,\n"
            "    plot_margins,\n)\n"
            "from course_lib.show.meta.fast_weights_demo import recorded_network\n\n"
            f"{made}info = memory_info(\n    theta, "
            f"moment={min(self.moment, self.pairs + self.distractors)}, seed={self.seed},\n"
            f"    pairs={self.pairs}, distractors={self.distractors},\n)\n"
            "pictures((plot_fast, info), (plot_margins, info), size=(14, 5.2))\n"
        )


def _panel(info: SignsInfo) -> dict[str, Any]:
    return {
        "title": info.title,
        "rows": info.rows,
        "columns": info.columns,
        "values": numbers(info.values, 3),
        "largest": info.largest,
    }
