"""Ways to compute one gradient, compared: how far from the exact one, and at what price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_lib.show.style import GREY, INK, axes, plain_log, roles


@dataclass(frozen=True)
class GradientsInfo:
    """Gradients of the same things, computed in several ways.

    errors: name -> (points,) distance to the exact gradient, divided by its length.
    cosines: name -> (points,) cosine of the angle to it. seconds: name -> time of one gradient.
    exact: the name of the way that the others are compared with.
    """

    errors: dict[str, np.ndarray]
    cosines: dict[str, np.ndarray]
    seconds: dict[str, float]
    exact: str

    def times(self, name: str) -> float:
        """The price in units of the cheapest way."""
        return self.seconds[name] / min(self.seconds.values())

    def describe(self) -> str:
        rows = "; ".join(
            f"{name}: distance {np.median(error):.2g} of its length, cosine "
            f"{np.median(self.cosines[name]):.3f}, {self.times(name):.1f} times the least time"
            for name, error in self.errors.items()
        )
        count = len(next(iter(self.errors.values())))
        return (
            f"Gradients against the one by {self.exact} ({self.times(self.exact):.1f} times the "
            f"least time), medians over {count} pairs of batches. {rows}."
        )


def gradients_info(
    gradients: Mapping[str, Sequence[np.ndarray]],
    seconds: Mapping[str, float],
    *,
    exact: str,
) -> GradientsInfo:
    """name -> one gradient per point, and name -> seconds for one; `exact` is one of the names."""
    if exact not in gradients or gradients.keys() != seconds.keys():
        raise ValueError(
            f"expected gradients and seconds of the same names, with {exact!r} among them, got "
            f"{', '.join(gradients)} and {', '.join(seconds)}"
        )
    truth = [np.ravel(g) for g in gradients[exact]]
    others = {
        name: [np.ravel(g) for g in found] for name, found in gradients.items() if name != exact
    }
    errors, cosines = {}, {}
    for name, found in others.items():
        pairs = list(zip(found, truth, strict=True))
        errors[name] = np.array([_norm(g - t) / _norm(t) for g, t in pairs])
        cosines[name] = np.array([g @ t / (_norm(g) * _norm(t)) for g, t in pairs])
    return GradientsInfo(errors, cosines, dict(seconds), exact)


def _norm(vector: np.ndarray) -> float:
    return float(np.linalg.norm(vector))


def plot_gradients(info: GradientsInfo, *, ax: Axes | None = None) -> Axes:
    """A row per way: a mark per point at its distance, a line at the median, the price beside."""
    ax = axes(ax)
    looks = roles(info.errors)
    for place, (name, error) in enumerate(info.errors.items()):
        look = looks[name]
        ax.plot(error, np.full(len(error), place), look.marker, color=look.colour, alpha=0.6)
        ax.plot([np.median(error)] * 2, [place - 0.25, place + 0.25], color=INK, linewidth=3)
        ax.annotate(f"{info.times(name):.1f}× the time", (1.02, place),
                    xycoords=ax.get_yaxis_transform(), va="center", color=INK)  # fmt: skip
    ax.axvline(1, color=GREY, linestyle=":")
    ax.set_xscale("log")
    plain_log(ax.xaxis)
    ax.set_yticks(range(len(info.errors)), list(info.errors))
    ax.set(
        ylim=(len(info.errors) - 0.4, -0.6),
        xlabel=f"distance to the gradient by {info.exact} ({info.times(info.exact):.1f}× the time),"
        "\nas a share of its length",
    )
    return ax
