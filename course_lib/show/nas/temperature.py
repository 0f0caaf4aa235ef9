"""Bias and spread of gradient estimators over the temperature, and what more samples buy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_lib.nas.estimators import Quality
from course_lib.show.style import GREY, INK, axes, label_ends, plain_log, roles


@dataclass(frozen=True)
class TemperatureInfo:
    """Estimators that depend on a temperature, and some that do not.

    taus: (temperatures,). relaxed: name -> one Quality per temperature. fixed: name -> Quality.
    exact: length of the exact gradient.
    """

    taus: np.ndarray
    relaxed: dict[str, list[Quality]]
    fixed: dict[str, Quality]
    exact: float

    def describe(self) -> str:
        ends = "; ".join(
            f"{name}: bias {row[0].bias:.3g} and standard deviation {row[0].sd:.3g} at temperature "
            f"{self.taus[0]:g}, {row[-1].bias:.3g} and {row[-1].sd:.3g} at {self.taus[-1]:g}"
            for name, row in self.relaxed.items()
        )
        flat = "; ".join(
            f"{name}: standard deviation {q.sd:.3g}, unbiased" for name, q in self.fixed.items()
        )
        return (
            f"Bias and standard deviation of one-sample gradients over the temperature. {ends}. "
            f"{flat}. The exact gradient has length {self.exact:.3g}."
        )

    def coldest_calm(self, name: str, against: str) -> float:
        """The lowest temperature at which `name` spreads less than the fixed `against`, or nan."""
        calm = [q.sd < self.fixed[against].sd for q in self.relaxed[name]]
        return float(min(self.taus[calm], default=np.nan))


def temperature_info(
    taus: Sequence[float],
    relaxed: Mapping[str, Sequence[Quality]],
    fixed: Mapping[str, Quality],
) -> TemperatureInfo:
    """taus: increasing; every estimator in `relaxed` has one Quality for each."""
    rows = {name: list(row) for name, row in relaxed.items()}
    wrong = [name for name, row in rows.items() if len(row) != len(taus)]
    if wrong or not rows or list(taus) != sorted(taus):
        raise ValueError(
            f"expected increasing temperatures and one quality for each of the {len(taus)}"
            + (f", got another number for {', '.join(wrong)}" if wrong else "")
        )
    exact = next(iter(rows.values()))[0].exact
    return TemperatureInfo(np.asarray(taus, dtype=float), rows, dict(fixed), exact)


def plot_bias(info: TemperatureInfo, *, ax: Axes | None = None) -> Axes:
    """Bias against temperature; the line is the length of the exact gradient."""
    ax = axes(ax)
    highest = max(q.bias for row in info.relaxed.values() for q in row)
    ax.set_ylim(0, 1.2 * max(info.exact, highest))
    ax.axhline(info.exact, color=INK, linewidth=1.5)
    ax.text(info.taus[0], info.exact * 1.04, "length of the exact gradient", color=INK)
    return _plot(info, "bias", "bias", ax)


def plot_sd(info: TemperatureInfo, *, ax: Axes | None = None) -> Axes:
    """Standard deviation against temperature; dotted lines need no temperature."""
    ax = axes(ax)
    ax.set_yscale("log")
    for name, q in info.fixed.items():
        ax.axhline(q.sd, color=GREY, linestyle=":", linewidth=2.5)
        ax.text(info.taus[-1], q.sd * 1.08, name, color=INK, ha="right", fontsize="small")
    _plot(info, "sd", "standard deviation", ax)
    plain_log(ax.yaxis)
    return ax


def _plot(info: TemperatureInfo, quantity: str, words: str, ax: Axes) -> Axes:
    looks, ends = roles(info.relaxed), {}
    for name, row in info.relaxed.items():
        look, values = looks[name], [getattr(q, quantity) for q in row]
        ax.plot(info.taus, values, color=look.colour, linestyle=look.line, marker=look.marker)
        ends[name] = (float(info.taus[-1]), values[-1], look.colour)
    ax.set_xscale("log")
    plain_log(ax.xaxis)
    ax.set(xlabel="temperature", ylabel=words)
    label_ends(ax, ends)
    return ax


@dataclass(frozen=True)
class ErrorsInfo:
    """Root mean squared error of the mean of n gradients: sqrt(bias^2 + sd^2 / n).

    samples: (points,). errors: name -> (points,). exact: length of the exact gradient.
    """

    samples: np.ndarray
    errors: dict[str, np.ndarray]
    exact: float

    def describe(self) -> str:
        ends = "; ".join(
            f"{name} {row[0]:.3g} with {self.samples[0]:g}, {row[-1]:.3g} with {self.samples[-1]:g}"
            for name, row in self.errors.items()
        )
        return (
            "Error of the mean of several gradients against their number. "
            f"{ends} samples. The exact gradient has length {self.exact:.3g}."
        )

    def best(self, samples: float) -> str:
        """Whose mean of so many samples has the smallest error."""
        place = int(np.abs(np.log(self.samples / samples)).argmin())
        return min(self.errors, key=lambda name: self.errors[name][place])


def errors_info(qualities: Mapping[str, Quality], *, most: float = 1e4) -> ErrorsInfo:
    """From the quality of one sample to the error of the mean of 1, ..., `most` samples."""
    samples = np.geomspace(1, most, 81)
    errors = {name: np.sqrt(q.bias**2 + q.sd**2 / samples) for name, q in qualities.items()}
    return ErrorsInfo(samples, errors, next(iter(qualities.values())).exact)


def plot_errors(info: ErrorsInfo, *, ax: Axes | None = None) -> Axes:
    """Error against the number of samples, both on log scales; a bias is a floor."""
    ax = axes(ax)
    looks, ends = roles(info.errors), {}
    for name, row in info.errors.items():
        look = looks[name]
        ax.plot(info.samples, row, color=look.colour, linestyle=look.line)
        ends[name] = (float(info.samples[-1]), float(row[-1]), look.colour)
    ax.set_xscale("log")
    ax.set_yscale("log")
    plain_log(ax.yaxis)
    ax.axhline(info.exact, color=INK, linewidth=1.5)
    ax.text(
        info.samples[-1], info.exact * 1.08, "length of the exact gradient",
        color=INK, ha="right", fontsize="small",
    )  # fmt: skip
    ax.set(xlabel="samples that are averaged", ylabel="error of the mean gradient")
    label_ends(ax, ends)
    return ax
