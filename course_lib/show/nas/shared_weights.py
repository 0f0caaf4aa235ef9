"""Pictures of shared weights: how a supernet learns, and whether it ranks as training does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.show.lines import LinesInfo, lines_info
from course_lib.show.style import BLUE, INK, VERMILION, axes


def loss_info(losses: ArrayLike, *, window: int = 20) -> LinesInfo:
    """Mean of the last `window` losses, in the order of time, within the middle 80 % of them."""
    values = np.asarray(losses, dtype=float)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"losses must be one or more numbers in a row, got shape {values.shape}")
    recent = [values[max(0, end - window) : end] for end in range(1, len(values) + 1)]
    low, high = np.array([np.quantile(part, (0.1, 0.9)) for part in recent]).T
    return lines_info(
        range(1, len(values) + 1),
        {"loss": [part.mean() for part in recent]},
        x=f"batch   (mean and middle 80 % of the last {window})",
        y="cross-entropy of its path",
        said=f"Over the first {window} batches {values[:window].mean():.2f}, over the last "
        f"{recent[-1].mean():.2f}.",
        bands={"loss": (low, high)},
    )


@dataclass(frozen=True)
class AgreementInfo:
    """Accuracies of the same cells: trained alone, and with inherited weights.

    stand_alone: (cells,). inherited: per name, (cells,). text: what is to be said about them.
    """

    stand_alone: np.ndarray
    inherited: dict[str, np.ndarray]
    text: str

    def describe(self) -> str:
        means = "; ".join(
            f"{name}: from {values.min():.2f} to {values.max():.2f}, mean {values.mean():.2f}"
            for name, values in self.inherited.items()
        )
        return (
            f"Inherited against stand-alone accuracy of {len(self.stand_alone)} cells, which alone "
            f"reach {self.stand_alone.min():.2f} to {self.stand_alone.max():.2f}. {means}. "
            f"{self.text}"
        ).strip()


def agreement_info(
    stand_alone: Sequence[float] | np.ndarray,
    inherited: Mapping[str, Sequence[float] | np.ndarray],
    *,
    text: str = "",
) -> AgreementInfo:
    """One or two series of inherited accuracies beside the stand-alone ones, cell by cell."""
    alone = np.asarray(stand_alone, dtype=float)
    series = {name: np.asarray(values, dtype=float) for name, values in inherited.items()}
    for name, values in series.items():
        if values.shape != alone.shape:
            raise ValueError(f"{name} has shape {values.shape}, expected that of the stand-alone "
                             f"accuracies, {alone.shape}")  # fmt: skip
    if not 1 <= len(series) <= len(_MARKS):
        raise ValueError(f"expected 1 to {len(_MARKS)} series, got {len(series)}")
    return AgreementInfo(alone, series, text)


_MARKS = ((BLUE, "o"), (VERMILION, "x"))


def plot_agreement(info: AgreementInfo, *, ax: Axes | None = None) -> Axes:
    """One mark per cell and series; the text as a title."""
    ax = axes(ax)
    for (name, values), (colour, mark) in zip(info.inherited.items(), _MARKS, strict=False):
        ax.plot(info.stand_alone, values, mark, color=colour, label=name, markersize=8, mew=2)
    ax.set(xlabel="accuracy trained alone", ylabel="accuracy with\ninherited weights")
    ax.margins(0.05, 0.15)
    if len(info.inherited) > 1:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    if info.text:
        ax.set_title(info.text, color=INK, fontsize="medium")
    return ax
