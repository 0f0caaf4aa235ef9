"""How many channels each layer keeps, what that costs, and what is left of the accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_lib.hardware.budget import fill_up, share_channels
from course_lib.hardware.chain import Chain
from course_lib.hardware.macs import chain_macs
from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes

LEAST = 0.01
"""The smallest ratio: a layer keeps at least one channel, or one multiple."""


@dataclass(frozen=True)
class KeepInfo:
    """A pruned chain; only layers whose channels can be chosen are counted.

    channels, kept: of these layers, before and after. macs, full: operations of all layers and the
    classifier, pruned and whole. accuracy: what is evaluated -> share of images that are right.
    """

    channels: tuple[int, ...]
    kept: tuple[int, ...]
    macs: tuple[int, ...]
    full: tuple[int, ...]
    accuracy: Mapping[str, float]

    @property
    def share(self) -> float:
        """Operations that are left, as a share."""
        return sum(self.macs) / sum(self.full)

    def describe(self) -> str:
        layers = ", ".join(
            f"{own} of {all_}" for own, all_ in zip(self.kept, self.channels, strict=True)
        )
        right = ", ".join(f"{name} {value:.1%}" for name, value in self.accuracy.items())
        return (
            f"Channels kept, layer by layer: {layers}. {self.share:.1%} of the operations are "
            f"left. Accuracy on validation images: {right}."
        )


def keep_info(chain: Chain, kept: Sequence[int], accuracy: Mapping[str, float]) -> KeepInfo:
    """kept: the channels of the free layers, see `Chain.free`."""
    return KeepInfo(
        channels=tuple(chain.channels[layer] for layer in chain.free),
        kept=tuple(kept),
        macs=tuple(chain_macs(chain, chain.tied(kept))),
        full=tuple(chain_macs(chain, chain.channels)),
        accuracy=dict(accuracy),
    )


def rebalanced(
    chain: Chain, kept: Sequence[int], layer: int, *, budget: float, multiple: int = 1
) -> list[int]:
    """The same channels in `layer`, the others scaled by one factor until the budget is spent.

    kept: of the free layers. budget: operations. Where the others at their least leave too little,
    the layer itself gives way.
    """
    widths = [chain.channels[free] for free in chain.free]
    others = [place for place in range(len(kept)) if place != layer]
    for count in range(_multiple(kept[layer], widths[layer], multiple), 0, -1):
        if count % min(multiple, widths[layer]):
            continue

        def whole(rest: Sequence[int], count: int = count) -> list[int]:
            return [*rest[:layer], count, *rest[layer:]]

        def macs(rest: Sequence[int], count: int = count) -> int:
            return sum(chain_macs(chain, chain.tied(whole(rest, count))))

        try:
            rest = share_channels(
                [kept[place] / widths[place] for place in others],
                [widths[place] for place in others],
                macs,
                budget=budget,
                lowest=LEAST,
                multiple=multiple,
            )
        except ValueError:
            continue
        full = [widths[place] for place in others]
        return whole(fill_up(rest, full, macs, budget=budget, multiple=multiple), count)
    raise ValueError(f"even the smallest network needs more than {budget:,.0f} operations")


def _multiple(count: int, width: int, multiple: int) -> int:
    """The largest multiple that is at most `count`, at least one, and never beyond the width."""
    return min(width, max(1, count // multiple) * multiple)


def plot_keep(info: KeepInfo, *, ax: Axes | None = None) -> Axes:
    """A bar for each layer: the share of its channels that stays, with the count above it."""
    ax = axes(ax)
    places = np.arange(len(info.kept))
    ratios = np.array(info.kept) / np.array(info.channels)
    ax.bar(places, np.ones(len(places)), color="none", edgecolor=GREY, linestyle="--", width=0.7)
    ax.bar(places, ratios, color=BLUE, alpha=0.75, width=0.7)
    for place, ratio, own, full in zip(places, ratios, info.kept, info.channels, strict=True):
        ax.text(float(place), float(ratio) + 0.02, f"{own}/{full}", ha="center", color=INK)
    ax.set(xlabel="layer", ylabel="channels kept", ylim=(0, 1.14))
    ax.set_xticks(places, [str(place + 1) for place in places])
    ax.set_title(f"{info.share:.1%} of the operations")
    return ax


def plot_accuracy(info: KeepInfo, *, ax: Axes | None = None) -> Axes:
    """A bar for each way to evaluate."""
    ax = axes(ax)
    names, values = list(info.accuracy), list(info.accuracy.values())
    colours = [GREY, VERMILION, BLUE][: len(names)]
    bars = ax.barh(names, values, color=colours, alpha=0.75, height=0.6)
    ax.bar_label(bars, [f"{value:.1%}" for value in values], padding=4)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.15), xlabel="validation accuracy")
    return ax
