"""Bias and spread of gradient estimators over the temperature, and what more samples buy."""

from collections.abc import Mapping, Sequence

import numpy as np

from course_lib.nas.estimators import Quality
from course_lib.show.lines import LinesInfo, lines_info

EXACT = "length of the exact gradient"


def bias_info(taus: Sequence[float], relaxed: Mapping[str, Sequence[Quality]]) -> LinesInfo:
    """Length of the bias of one estimate; every estimator has one Quality per temperature."""
    lines = {name: [one.bias for one in row] for name, row in relaxed.items()}
    exact = next((one.exact for row in relaxed.values() for one in row), 0.0)
    return lines_info(taus, lines, x="temperature", y="bias", marks={EXACT: exact}, logarithmic="x")


def sd_info(
    taus: Sequence[float],
    relaxed: Mapping[str, Sequence[Quality]],
    fixed: Mapping[str, Quality] | None = None,
) -> LinesInfo:
    """Standard deviation of one estimate; `fixed` are estimators that need no temperature."""
    lines = {name: [one.sd for one in row] for name, row in relaxed.items()}
    return lines_info(
        taus,
        lines,
        x="temperature",
        y="standard deviation",
        marks={name: one.sd for name, one in (fixed or {}).items()},
        logarithmic="xy" if min(map(min, lines.values()), default=1.0) > 0 else "x",
    )


def coldest_calm(spread: LinesInfo, name: str, against: str) -> float:
    """The lowest temperature at which `name` spreads less than the fixed `against`, or nan."""
    calm = spread.lines[name] < spread.marks[against]
    return float(min(spread.places[calm], default=np.nan))


def errors_info(qualities: Mapping[str, Quality], *, most: float = 1e4) -> LinesInfo:
    """Root mean squared error of the mean of 1, ..., `most` gradients: a bias is a floor."""
    samples = np.geomspace(1, most, 81)
    return lines_info(
        samples,
        {name: [one.error(n) for n in samples] for name, one in qualities.items()},
        x="samples that are averaged",
        y="error of the mean gradient",
        marks={EXACT: next(iter(qualities.values())).exact},
        logarithmic="xy",
    )


def least_error(errors: LinesInfo, samples: float) -> str:
    """Whose mean of so many samples has the smallest error."""
    place = int(np.abs(np.log(errors.places / samples)).argmin())
    return min(errors.lines, key=lambda name: float(errors.lines[name][place]))
