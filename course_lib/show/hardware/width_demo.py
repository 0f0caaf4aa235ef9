"""A slider over channels: from small networks, whose order operations miss, to wide ones."""

from collections.abc import Mapping
from typing import Any

from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.hardware.width import (
    Width,
    WidthInfo,
    plot_cloud,
    plot_correlations,
    width_info,
)
from course_lib.show.knobs import button, choice, listed, preset, said, slider


class WidthDemo(Demo):
    """Widen the networks and watch when operations begin to order them by time.

    widths: channels -> networks that were measured, all on the same devices, two or more.
    """

    _esm = browser_code("lines.js", "hardware/width_demo.js")
    css_class = "demo-width"

    question = said(
        "Predict first: with how many channels do operations order the networks by their time? "
        "Earlier in PyTorch or in ONNX Runtime?"
    )
    channels = slider("channels", start=0)
    device = choice("device")
    actions = listed(button("step", "Wider", "s"), button("reset", "Reset", "r"))
    panels = (plot_cloud, plot_correlations)

    def __init__(self, widths: Mapping[int, Width]) -> None:
        self.widths = dict(sorted(widths.items()))
        order, devices = list(self.widths), list(next(iter(widths.values())).seconds)
        super().__init__(
            values={"channels": order, "device": devices},
            presets=[
                preset("narrow, first device", "Time is what the operators cost to be called.",
                       channels=order[0], device=devices[0]),
                preset("wide, first device", "The same cells, and now arithmetic dominates.",
                       channels=order[-1], device=devices[0]),
                preset("narrow, last device", "The same narrow networks in another order.",
                       channels=order[0], device=devices[-1]),
            ],
            channels=order[0],
            device=devices[0],
        )  # fmt: skip

    def step(self) -> None:
        """The next width; after the widest comes the narrowest."""
        order = list(self.widths)
        self.channels = order[(order.index(self.channels) + 1) % len(order)]

    def info(self) -> WidthInfo:
        return width_info(self.widths, self.channels, self.device)

    def _chart(self, info: WidthInfo) -> dict[str, Any]:
        return {
            "macs": numbers(info.macs / 1e6),
            "milliseconds": numbers(info.milliseconds, 5),
            "device": info.device,
            "widths": list(info.widths),
            "place": info.place,
            "correlation": {name: numbers(row) for name, row in info.correlation.items()},
            "said": f"{info.told}.",
        }

    def _code(self) -> str:
        return (
            "from scipy.stats import spearmanr\n\n"
            f"measured = widths[{self.channels}]\n"
            f"print(spearmanr(measured.macs, measured.seconds[{self.device!r}]).statistic)\n"
        )
