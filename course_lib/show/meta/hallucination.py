"""One episode among its features: real examples, hallucinated ones, and the queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from torch import Generator

from course_lib.core.statistics import bootstrap_interval
from course_lib.meta.embedding import feature_tasks
from course_lib.meta.evaluate import Solve, episode_accuracies
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.hallucinate import Hallucinate, accuracies, enlarge, nearest_mean
from course_lib.show.lines import LinesInfo, lines_info
from course_lib.show.style import BLUE, GREEN, INK, PURPLE, VERMILION, axes

SHOTS = (1, 2, 5)
LOOKS = ((BLUE, "o"), (VERMILION, "s"), (GREEN, "^"), (INK, "D"), (PURPLE, "v"))
"""Colour and marker of a class."""


def shots_info(
    features: FewShotImages,
    hallucinators: Mapping[str, Hallucinate],
    rng: Generator,
    *,
    solve: Solve | None = None,
    episodes: int = 600,
    shots: tuple[int, ...] = SHOTS,
    total: int = 10,
) -> LinesInfo:
    """Accuracy in percent against the real examples of a class, without ("real") and with others.

    Bands: 95 % bootstrap intervals over episodes; all lines meet the same episodes.
    solve: `nearest_mean` if it is not given. total: real and hallucinated examples of a class.
    """
    found = [
        accuracies(
            features,
            hallucinators,
            rng,
            solve=solve or nearest_mean(),
            episodes=episodes,
            shots=count,
            total=total,
        )
        for count in shots
    ]
    intervals = {
        name: [bootstrap_interval(100 * at[name].double().numpy(), rng) for at in found]
        for name in found[0]
    }
    return lines_info(
        shots,
        {name: [one.estimate for one in row] for name, row in intervals.items()},
        x="real examples of a class",
        y="accuracy, %",
        bands={n: ([i.low for i in row], [i.high for i in row]) for n, row in intervals.items()},
        said=f"5-way, {episodes} episodes, the same for all; {total} examples of a class where "
        "some are hallucinated.",
    )


@dataclass(frozen=True)
class HallucinationInfo:
    """An episode in the plane that shows most of its queries' variance, (ways, examples, 2) each.

    share: of the variance of the queries that the plane shows.
    accuracy: of the nearest mean, without and with the hallucinated examples.
    spread: mean distance of hallucinated examples and of queries from their own class's mean, in
        the whole space.
    """

    real: np.ndarray
    hallucinated: np.ndarray
    queries: np.ndarray
    share: float
    accuracy: tuple[float, float]
    spread: tuple[float, float]
    method: str

    def describe(self) -> str:
        ways, shots = self.real.shape[:2]
        return (
            f"Features of an episode with {ways} classes in two dimensions, which show "
            f"{self.share:.0%} of the queries' variance. Of each class: {shots} real, "
            f"{self.hallucinated.shape[1]} hallucinated ({self.method}), {self.queries.shape[1]} "
            f"queries. Mean distance from the mean of their class: hallucinated "
            f"{self.spread[0]:.3g}, queries {self.spread[1]:.3g}. The nearest mean classifies "
            f"{self.accuracy[0]:.0%} of the queries rightly by real examples alone, "
            f"{self.accuracy[1]:.0%} with the hallucinated ones."
        )


def hallucination_info(
    features: FewShotImages,
    hallucinate: Hallucinate,
    rng: Generator,
    *,
    method: str,
    ways: int = 5,
    shots: int = 1,
    queries: int = 15,
    total: int = 10,
) -> HallucinationInfo:
    """Draw one episode, enlarge it, and project it on the queries' two principal components.

    ValueError where nothing is hallucinated. ways: at most 5, the looks that there are.
    """
    if not shots < total or not 2 <= ways <= len(LOOKS):
        raise ValueError(
            f"expected shots < total and 2 to {len(LOOKS)} ways, got shots = {shots}, "
            f"total = {total}, ways = {ways}"
        )
    few = feature_tasks(features, rng, tasks=1, ways=ways, shots=shots, queries=queries)
    more = enlarge(few, hallucinate, rng, total=total)
    solve = nearest_mean(ways)
    before, after = (float(episode_accuracies(solve, {}, tasks)[0]) for tasks in (few, more))
    query = few.query_x[0].double().numpy()
    made = more.support_x[0, ways * shots :].detach().double().numpy()
    middle = query.mean(0)
    _, lengths, directions = np.linalg.svd(query - middle, full_matrices=False)

    def in_plane(x: np.ndarray) -> np.ndarray:
        plane: np.ndarray = (x - middle) @ directions[:2].T
        return plane.reshape(ways, -1, 2)

    return HallucinationInfo(
        real=in_plane(few.support_x[0].double().numpy()),
        hallucinated=in_plane(made),
        queries=in_plane(query),
        share=float((lengths[:2] ** 2).sum() / (lengths**2).sum()),
        accuracy=(before, after),
        spread=(_spread(made, ways), _spread(query, ways)),
        method=method,
    )


def _spread(x: np.ndarray, ways: int) -> float:
    """Mean distance from the own class's mean; x class by class."""
    rows = x.reshape(ways, -1, x.shape[-1])
    return float(np.linalg.norm(rows - rows.mean(1, keepdims=True), axis=2).mean())


def plot_hallucination(info: HallucinationInfo, *, ax: Axes | None = None) -> Axes:
    """Large: real. Hollow: hallucinated, tied to the class's real mean. Small and pale: queries."""
    ax = axes(ax)
    for (colour, marker), real, made, queries in zip(
        LOOKS, info.real, info.hallucinated, info.queries, strict=False
    ):
        ax.plot(*queries.T, marker, color=colour, ms=6, alpha=0.35, mew=0)
        for end in made:
            ax.plot(*np.stack((real.mean(0), end)).T, color=colour, lw=0.8, alpha=0.5)
        ax.plot(*made.T, marker, color=colour, ms=9, mfc="none", mew=2)
        ax.plot(*real.T, marker, color=colour, ms=17, mec="white", mew=2, zorder=3)
    ax.set(xlabel="first component of the queries", ylabel="second component", xticks=[], yticks=[])
    style = partial(Line2D, [], [], color=INK, marker="o", linestyle="")
    handles = [
        style(markersize=17, markeredgecolor="white", label="real"),
        style(markersize=9, markerfacecolor="none", markeredgewidth=2, label="hallucinated"),
        style(markersize=6, alpha=0.35, markeredgewidth=0, label="query"),
    ]
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    ax.set_title(info.method, fontsize="medium")
    return ax
