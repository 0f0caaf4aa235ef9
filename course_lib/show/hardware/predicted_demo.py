"""Predicted against measured latency, by device, predictor and number of measurements."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.hardware.predicted import (
    Predict,
    PredictedInfo,
    Values,
    plot_predicted,
    plot_residuals,
    predicted_info,
)
from course_lib.show.knobs import button, choice, hidden, listed, preset, said, slider

SHOWN = 1200


class PredictedDemo(Demo):
    """Measure a few networks, predict the others, look at what is wrong with the prediction.

    seconds: device -> (n,) latencies of the same networks. methods: name -> a predictor. groups:
    (n,) a whole number for each network, by which errors are gathered.
    """

    _esm = browser_code("lines.js", "hardware/predicted_demo.js")
    css_class = "demo-predicted"

    question = said(
        "Predict first: how many networks must be measured until a straight line through simple "
        "counts ranks the others with a correlation of 0.9?"
    )
    device = choice("device")
    predictor = choice("predictor")
    count = slider("measurements", (5, 10, 20, 50, 100, 200), 10)
    seed = hidden(traitlets.Int(0))
    actions = listed(button("step", "Measure others", "s"), button("reset", "Reset", "r"))
    panels = (plot_predicted, plot_residuals)

    def __init__(
        self,
        seconds: Mapping[str, Values],
        methods: Mapping[str, Predict],
        groups: NDArray[np.int64],
    ) -> None:
        self.seconds, self.methods, self.groups = dict(seconds), dict(methods), groups
        devices, names = list(self.seconds), list(self.methods)
        super().__init__(
            values={"device": devices, "predictor": names},
            presets=[
                preset("a few, by counts", "Ten measurements, and most of the order is there.",
                       device=devices[0], predictor=names[-1], count=10),
                preset("a few, by edges", "The same ten, said edge by edge: too many unknowns.",
                       device=devices[0], predictor=names[0], count=10),
                preset("many, by edges", "With enough measurements the edges come near.",
                       device=devices[0], predictor=names[0], count=200),
            ],
            device=devices[0],
            predictor=names[-1],
        )  # fmt: skip

    def info(self) -> PredictedInfo:
        return predicted_info(
            self.device,
            self.seconds[self.device],
            self.predictor,
            self.methods[self.predictor],
            self.groups,
            count=self.count,
            seed=self.seed,
        )

    def _chart(self, info: PredictedInfo) -> dict[str, Any]:
        places = np.linspace(0, len(info.measured) - 1, min(SHOWN, len(info.measured))).astype(int)
        return {
            "measured": numbers(info.measured[places]),
            "predicted": numbers(info.predicted[places]),
            "device": info.device,
            "groups": list(info.residuals),
            "residuals": numbers([[100 * v for v in row] for row in info.residuals.values()], 2),
            "said": f"{info.told}.",
        }

    def _code(self) -> str:
        return (
            "from course_lib.show.hardware.predicted import predicted_info\n\n"
            f"info = predicted_info(\n    {self.device!r}, seconds[{self.device!r}], "
            f"{self.predictor!r}, methods[{self.predictor!r}], groups,\n"
            f"    count={self.count}, seed={self.seed},\n)\n"
            "print(info.skill)\n"
        )
