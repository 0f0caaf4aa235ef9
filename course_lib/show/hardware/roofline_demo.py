"""A chosen network's layers on the roofline of a chosen device model."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.hardware.roofline import MODELS, LayerCost, Roofline
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.hardware.rooflines import (
    RooflineInfo,
    plot_roofline,
    plot_times,
    roof,
    roofline_info,
)
from course_lib.show.knobs import button, choice, listed, preset, said

_DEVICES = {device.name: device for device in MODELS}


class RooflineDemo(Demo):
    """Networks on models of machines that are not here.

    networks: name -> what `layer_costs` says of it, two or more.
    """

    _esm = browser_code("lines.js", "hardware/roofline_demo.js")
    css_class = "demo-roofline"

    question = said(
        "Predict first: which of the three devices is kept waiting by its memory, which by its "
        "arithmetic, and which by starting operators?"
    )
    network = choice("network")
    device = choice("device")
    actions = listed(button("step", "Next device", "s"), button("reset", "Reset", "r"))
    panels = (plot_roofline, plot_times)

    def __init__(self, networks: Mapping[str, Sequence[LayerCost]]) -> None:
        self.networks = {name: tuple(costs) for name, costs in networks.items()}
        names, devices = list(self.networks), list(_DEVICES)
        super().__init__(
            values={"network": names, "device": devices},
            presets=[
                preset("small and fast", "A small network on a fast chip: most of the time goes "
                       "into starting operators.", network=names[0], device=devices[-1]),
                preset("small and slow", "The same network where arithmetic is slow.",
                       network=names[0], device=devices[0]),
                preset("large and fast", "A large network: now see which layers reach the roof.",
                       network=names[-1], device=devices[-1]),
            ],
            network=names[0],
            device=devices[0],
        )  # fmt: skip

    def step(self) -> None:
        """The next device; after the last comes the first."""
        names = list(_DEVICES)
        self.device = names[(names.index(self.device) + 1) % len(names)]

    def info(self) -> RooflineInfo:
        return roofline_info(self.network, self.networks[self.network], _DEVICES[self.device])

    def _chart(self, info: RooflineInfo) -> dict[str, Any]:
        ends = [info.ridge / 4, info.ridge * 4, info.intensity.min() / 2, info.intensity.max() * 2]
        across = np.geomspace(min(ends), max(ends), 60)
        return {
            "across": _significant(across),
            "roof": _significant(roof(info.device, across)),
            "intensity": _significant(info.intensity),
            "reached": _significant(info.reached),
            "milliseconds": numbers(info.milliseconds, 6),
            "overhead": info.overhead,
            "device": info.device.name,
            "said": "; ".join([f"{info.told}.", *_rows(info.device)]),
        }

    def _code(self) -> str:
        constant = self.device.upper()
        return (
            f"from course_lib.hardware.roofline import {constant}, roofline_latency\n\n"
            f"costs = networks[{self.network!r}]\n"
            f"print(1000 * roofline_latency(costs, {constant}), 'ms')\n"
        )


def _rows(device: Roofline) -> list[str]:
    """Where the figures are from, in as many rows as the longest needs."""
    wrapped = [textwrap.wrap(f"A model: {one.source}.".replace(";", ","), 112) for one in MODELS]
    own = wrapped[MODELS.index(device)]
    return own + [""] * (max(map(len, wrapped)) - len(own))


def _significant(values: Any) -> list[float]:
    return [float(f"{value:.4g}") for value in values]
