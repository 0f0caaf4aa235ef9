"""A network's layers under the roofline of a device model, and where its time goes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course_lib.hardware.roofline import (
    LayerCost,
    Roofline,
    fits,
    moved_bytes,
    roofline_latency,
)
from course_lib.show.style import BLUE, INK, VERMILION, axes, plain_log

Values = NDArray[np.float64]


@dataclass(frozen=True)
class RooflineInfo:
    """Layers that compute something, as points under a device's roof; times of all operators.

    intensity: MACs per byte that is moved. reached: MACs per second, overhead included.
    milliseconds: of the network's operators in order, and which part of each is overhead.
    fits: whether the device has room for the network.
    """

    network: str
    device: Roofline
    intensity: Values
    reached: Values
    milliseconds: Values
    overhead: float
    fits: bool

    @property
    def total(self) -> float:
        """Milliseconds of a call."""
        return float(self.milliseconds.sum())

    @property
    def ridge(self) -> float:
        """MACs per byte from which on the memory keeps up."""
        return self.device.peak / self.device.bandwidth

    @property
    def told(self) -> str:
        """Where the time goes, in a sentence."""
        started = self.overhead * len(self.milliseconds) / self.total
        room = "fits" if self.fits else "does not fit into the memory"
        return (
            f"{self.network} on the {self.device.name}: {self.total:.3g} ms, {started:.0%} of it "
            f"to start {len(self.milliseconds)} operators, and it {room}"
        )

    def describe(self) -> str:
        bound = int((self.intensity < self.ridge).sum())
        return (
            f"{self.told}. {bound} of {len(self.intensity)} layers that compute are bound by the "
            f"memory: they have fewer than {self.ridge:.3g} multiply-accumulates per byte. The "
            f"slowest operator takes {self.milliseconds.max():.3g} ms. A model, no measurement."
        )


def roofline_info(network: str, costs: Sequence[LayerCost], device: Roofline) -> RooflineInfo:
    """costs: what `layer_costs` says of the network."""
    seconds = np.array([roofline_latency([cost], device) for cost in costs])
    busy = [place for place, cost in enumerate(costs) if cost.macs]
    moved = np.array([max(moved_bytes(costs[place], device), 1.0) for place in busy])
    macs = np.array([float(costs[place].macs) for place in busy])
    return RooflineInfo(
        network=network,
        device=device,
        intensity=macs / moved,
        reached=macs / seconds[busy],
        milliseconds=1e3 * seconds,
        overhead=1e3 * device.overhead,
        fits=fits(costs, device),
    )


def roof(device: Roofline, intensity: Values) -> Values:
    """What the device can do at most at each intensity, MACs per second."""
    return np.minimum(device.peak, device.bandwidth * intensity)


def plot_roofline(info: RooflineInfo, *, ax: Axes | None = None) -> Axes:
    """The roof as a line, every layer a dot below it."""
    ax = axes(ax)
    ends = [info.intensity.min() / 2, info.intensity.max() * 2, info.ridge / 4, info.ridge * 4]
    across = np.geomspace(min(ends), max(ends), 100)
    ax.plot(across, roof(info.device, across), color=INK, linewidth=3)
    ax.plot(info.intensity, info.reached, "o", color=BLUE, alpha=0.75, markersize=8)
    ax.set(xscale="log", yscale="log", xlabel="MACs per byte", ylabel="MACs per second")
    ax.set_title(info.device.name)
    plain_log(ax.xaxis)
    return ax


def plot_times(info: RooflineInfo, *, ax: Axes | None = None) -> Axes:
    """A bar per operator; the darker part is what it costs to start it."""
    ax = axes(ax)
    places = np.arange(1, len(info.milliseconds) + 1)
    ax.bar(places, info.milliseconds, color=BLUE, alpha=0.6, width=1.0)
    ax.bar(places, np.full(len(places), info.overhead), color=VERMILION, width=1.0)
    ax.set(xlabel="operator", ylabel="milliseconds")
    ax.set_title(f"{info.total:.3g} ms; red: starting the operators", fontsize="medium")
    return ax
