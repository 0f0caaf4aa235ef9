"""Accuracy against latency on one device, its front, and the same networks on another."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, axes

Values = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class FrontInfo:
    """All networks on two devices; fronts are places of networks, the fastest first.

    milliseconds: device -> (n,). front: of the chosen device; other_front: of the other one.
    limit: milliseconds on the chosen device. best: the most accurate that keeps it.
    measured: place -> milliseconds on this machine, of networks that were measured just now.
    """

    device: str
    other: str
    accuracy: Values
    milliseconds: Mapping[str, Values]
    front: Places
    other_front: Places
    limit: float
    best: int
    measured: Mapping[int, float]

    @property
    def told(self) -> str:
        """What keeps the limit, and what the front is worth on the other device."""
        shared = len(set(self.front.tolist()) & set(self.other_front.tolist()))
        said = (
            f"limit {self.limit:.3g} ms on {self.device}: best accuracy "
            f"{self.accuracy[self.best]:.2%}; {shared} of the {len(self.front)} networks on this "
            f"front are on that of {self.other}, too"
        )
        if self.measured:
            places = list(self.measured)
            ratio = np.median(
                [self.measured[i] / self.milliseconds[self.device][i] for i in places]
            )
            said += f"; measured here: {len(places)} networks, median {ratio:.2f} of the table's"
        return said

    def describe(self) -> str:
        fastest, best = self.front[0], self.front[-1]
        own = self.milliseconds[self.device]
        return (
            f"{len(self.accuracy):,} networks, {self.told}. The front on {self.device} goes from "
            f"{own[fastest]:.3g} ms with {self.accuracy[fastest]:.2%} to {own[best]:.3g} ms with "
            f"{self.accuracy[best]:.2%}."
        )


def front_places(accuracy: Values, latency: Values) -> Places:
    """The networks that no other beats in both, the fastest first; one of equal ones."""
    order = np.lexsort((-accuracy, latency))
    best = np.maximum.accumulate(accuracy[order])
    leads = accuracy[order] > np.concatenate([[-np.inf], best[:-1]])
    return order[leads]


def front_info(
    accuracy: Values,
    seconds: Mapping[str, Values],
    device: str,
    other: str,
    *,
    share: float,
    measured: Mapping[int, float] | None = None,
) -> FrontInfo:
    """share: of the networks, that keeps the limit. accuracy (n,), seconds: device -> (n,)."""
    milliseconds = {name: 1e3 * np.asarray(row, dtype=float) for name, row in seconds.items()}
    accuracy = np.asarray(accuracy, dtype=float)
    own = milliseconds[device]
    limit = float(np.quantile(own, share, method="higher"))
    keeps = np.flatnonzero(own <= limit)
    return FrontInfo(
        device=device,
        other=other,
        accuracy=accuracy,
        milliseconds=milliseconds,
        front=front_places(accuracy, own),
        other_front=front_places(accuracy, milliseconds[other]),
        limit=limit,
        best=int(keeps[accuracy[keeps].argmax()]),
        measured=dict(measured or {}),
    )


def plot_front(info: FrontInfo, *, ax: Axes | None = None) -> Axes:
    """Every network a dot, the front as steps, the limit, and the best that keeps it."""
    ax = axes(ax)
    own = info.milliseconds[info.device]
    _cloud(info, info.device, ax)
    ax.step(own[info.front], 100 * info.accuracy[info.front], where="post", color=BLUE, linewidth=2)
    ax.axvline(info.limit, color=INK, linestyle="--")
    best = own[info.best], 100 * info.accuracy[info.best]
    ax.plot(*best, "D", color=VERMILION, markersize=11)
    places = list(info.measured)
    here = [info.measured[place] for place in places]
    ax.plot(
        here, 100 * info.accuracy[places] if places else [], "x", color=INK, markersize=9, mew=2
    )
    return ax


def plot_elsewhere(info: FrontInfo, *, ax: Axes | None = None) -> Axes:
    """The other device: its own front as steps, and where the networks of the first one are."""
    ax = axes(ax)
    latency = info.milliseconds[info.other]
    _cloud(info, info.other, ax)
    own = info.other_front
    ax.step(latency[own], 100 * info.accuracy[own], where="post", color=GREEN, linewidth=2)
    ax.plot(latency[info.front], 100 * info.accuracy[info.front], "o", color=BLUE, markersize=8)
    return ax


def _cloud(info: FrontInfo, device: str, ax: Axes) -> None:
    places = shown_places(info)
    latency = info.milliseconds[device]
    ax.plot(latency[places], 100 * info.accuracy[places], ".", color=GREY, alpha=0.35, zorder=0)
    ax.set(xlabel=f"ms on {device}", ylabel="accuracy, %")
    ax.set_ylim(np.quantile(100 * info.accuracy, 0.2), 100 * info.accuracy.max() + 0.5)


def shown_places(info: FrontInfo, most: int = 1200) -> Places:
    """At most so many networks, evenly from the list; the better ones matter, and are kept."""
    good = np.flatnonzero(info.accuracy >= np.quantile(info.accuracy, 0.2))
    some: Places = good[np.linspace(0, len(good) - 1, min(most, len(good))).astype(int)]
    return some
