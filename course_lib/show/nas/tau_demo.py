"""Inherited against stand-alone accuracy: how sure a rank correlation is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from course_lib.core import make_rng
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import choice, number, preset, said, slider
from course_lib.show.nas.tau import TauInfo, plot_pairs, plot_tau, tau_info
from course_lib.show.recordings import recorded_runs

RECORDING = "tau"


class TauDemo(Demo):
    """Draw more and more architectures and watch the interval of Kendall's tau.

    stand_alone: (n,) accuracy of each architecture after its own training.
    inherited: per way to normalise, (n,) accuracies with shared weights. Without both the recorded
        ones are taken, see `data.make.tau_recording`.
    The seed draws the order in which the architectures are looked at.
    """

    _esm = browser_code("lines.js", "nas/tau_demo.js")
    css_class = "demo-tau"

    question = said(
        "Predict first: how many architectures must be compared before the interval is half as "
        "wide as it is now?"
    )
    size = slider("architectures", start=20)
    statistics = choice("statistics")
    seed = number("seed")
    panels = (plot_pairs, plot_tau)

    def __init__(
        self,
        stand_alone: Sequence[float] | None = None,
        inherited: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        if stand_alone is None or inherited is None:
            runs = recorded_runs(RECORDING)
            stand_alone = runs[0].names["stand_alone"]
            inherited = {run.name: run.names["inherited"] for run in runs}
        self.stand_alone = np.asarray(stand_alone, dtype=float)
        self.inherited = {name: np.asarray(row, dtype=float) for name, row in inherited.items()}
        self._known: dict[tuple[str, int], TauInfo] = {}
        names = list(self.inherited)
        first = self._info(names[0], 0)
        sizes = first.sizes.tolist()
        few, many = sizes[min(1, len(sizes) - 1)], sizes[-1]
        super().__init__(
            values={"size": sizes, "statistics": names},
            presets=[
                preset("a dozen", "So few pairs can show nearly any correlation: try other seeds.",
                       size=few, statistics=names[0]),
                preset("all", "Many pairs pin tau down; the order of the draws no longer matters.",
                       size=many, statistics=names[0]),
                preset(names[-1], "The same weights, other statistics of batch normalisation.",
                       size=many, statistics=names[-1]),
            ],
            size=few,
            statistics=names[0],
        )  # fmt: skip

    def step(self) -> None:
        """The next larger sample; after the largest comes the smallest."""
        sizes = self._info(self.statistics, self.seed).sizes
        self.size = int(sizes[(np.searchsorted(sizes, self.size) + 1) % len(sizes)])

    def info(self) -> TauInfo:
        return self._info(self.statistics, self.seed).at(self.size)

    def _info(self, name: str, seed: int) -> TauInfo:
        """The pairs in the seed's order; the intervals of all sizes are found once."""
        if (name, seed) not in self._known:
            rng = make_rng(seed)
            order = torch.randperm(len(self.stand_alone), generator=rng).numpy()
            self._known[name, seed] = tau_info(
                self.inherited[name][order],
                self.stand_alone[order],
                rng,
                how=f"inherited accuracy, {name}",
                resamples=1000,
            )
        return self._known[name, seed]

    def _chart(self, info: TauInfo) -> dict[str, Any]:
        tau, low, high = (float(row[info.place]) for row in (info.tau, info.low, info.high))
        return {
            "size": info.size,
            "x": numbers(info.stand_alone),
            "y": numbers(info.inherited),
            "sizes": info.sizes.tolist(),
            "tau": numbers(info.tau),
            "low": numbers(info.low),
            "high": numbers(info.high),
            "place": info.place,
            "how": info.how,
            "said": f"{info.size} architectures: tau {tau:.2f}, interval {low:.2f} to {high:.2f}, "
            f"width {high - low:.2f}",
        }

    def _code(self) -> str:
        return (
            "import torch\n\nfrom course_lib.core import make_rng\n"
            "from course_lib.core.statistics import kendall_tau\n"
            "from course_lib.show.nas.tau_demo import TauDemo\n\ndata = TauDemo()\n"
            f"order = torch.randperm(len(data.stand_alone), generator=make_rng({self.seed}))\n"
            f"some = order[:{self.size}].numpy()\n"
            f"inherited = data.inherited[{self.statistics!r}]\n"
            f"print(kendall_tau(inherited[some], data.stand_alone[some], make_rng({self.seed})))\n"
        )
