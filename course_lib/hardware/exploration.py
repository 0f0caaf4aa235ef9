"""Noise around an action that lies in an interval, and how it fades."""

import math
from statistics import NormalDist

from torch import Generator

from course_lib.core import uniform


def truncated_normal(mean: float, sd: float, low: float, high: float, rng: Generator) -> float:
    """One draw of a normal distribution, given that it lies in [low, high]; sd 0 gives the mean.

    mean: in [low, high], or ValueError.
    """
    if not low <= mean <= high:
        raise ValueError(f"the mean must lie in [{low:g}, {high:g}], got {mean:g}")
    if sd == 0:
        return mean
    normal = NormalDist(mean, sd)
    least, most = normal.cdf(low), normal.cdf(high)
    share = least + (most - least) * uniform(rng)
    drawn = normal.inv_cdf(share) if 0 < share < 1 else mean
    return min(max(drawn, low), high)


def noise_decay(episodes: int, *, left: float = 0.05) -> float:
    """The factor per episode after which, at the end, `left` of the noise is left."""
    if episodes < 1 or not 0 < left <= 1:
        raise ValueError(
            f"expected at least one episode and left in (0, 1], got {episodes} and {left}"
        )
    return math.exp(math.log(left) / episodes)
