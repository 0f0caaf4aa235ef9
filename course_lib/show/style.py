"""One look for every picture: a colour and a second channel per meaning, sizes for a projector."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

BLUE, VERMILION, GREEN, PURPLE, GREY = "#0173b2", "#d55e00", "#029e73", "#cc78bc", "#949494"
"""The colours of seaborn's "colorblind" palette whose contrast on white is at least 3 : 1."""

INK, WINE, BROWN = "#333333", "#7a1f4b", "#8a5a1e"
"""Dark ones, for pictures in which many meanings meet."""
SEQUENTIAL = "viridis"


class Role(NamedTuple):
    """How one meaning looks: a colour, and a line style and marker that say the same without it."""

    colour: str
    line: str
    marker: str


ROLES = {
    "train": Role(BLUE, "-", "o"),
    "valid": Role(VERMILION, "--", "s"),
    "test": Role(GREEN, ":", "^"),
    "random": Role(GREY, "--", "o"),
    "controller": Role(BLUE, "-", "s"),
    "reinforce": Role(BLUE, "-", "s"),
    "q-learning": Role(VERMILION, "-.", "^"),
    "metaqnn": Role(VERMILION, "-.", "^"),
    "metropolis": Role(GREEN, ":", "D"),
    "evolution": Role(PURPLE, "-", "v"),
    "local search": Role(INK, "-.", "P"),
    "halving": Role(WINE, ":", "X"),
    "progressive": Role(BROWN, "-.", "p"),
}
"""A meaning keeps its look in every picture of the course."""

_SPARE = (
    Role(BLUE, "-", "o"),
    Role(VERMILION, "--", "s"),
    Role(GREEN, ":", "^"),
    Role(PURPLE, "-.", "D"),
    Role(GREY, "-", "v"),
    Role(INK, "--", "P"),
)


def roles(names: Iterable[str]) -> dict[str, Role]:
    """The look of each name: by the first meaning that begins a word of it, else an unused colour.

    "trained" is no "train": it is about a network, not about the training images. More names
    than there are colours share colours, never colour and line style together.
    """
    names = list(names)
    known = {name: _meaning(name) for name in names}
    used = {role.colour for role in known.values() if role}
    spare = [role for role in _SPARE if role.colour not in used] or list(_SPARE)
    strangers = [name for name in names if known[name] is None]
    lines, markers = ("-", "--", ":", "-."), [role.marker for role in _SPARE]
    looks = {}
    for index, name in enumerate(strangers):
        role = spare[index % len(spare)]
        turn = index // len(spare)
        looks[name] = role._replace(
            line=lines[(lines.index(role.line) + turn) % len(lines)],
            marker=markers[(markers.index(role.marker) + turn) % len(markers)],
        )
    return {name: known[name] or looks[name] for name in names}


def _meaning(name: str) -> Role | None:
    words = name.lower().replace("_", "-")
    found = (role for meaning, role in ROLES.items() if re.search(rf"\b{meaning}(?!ed)", words))
    return next(found, None)


@contextmanager
def lecture_style() -> Iterator[None]:
    """Large type, quiet axes and opaque white faces while the context lasts."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    settings: Any = {
        **sns.axes_style("ticks"),
        **sns.plotting_context("talk", font_scale=0.85),
        "figure.facecolor": "white",
        "axes.facecolor": "white",
        "savefig.facecolor": "white",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "legend.frameon": False,
        "image.cmap": SEQUENTIAL,
    }
    with plt.rc_context(settings):
        yield


def axes(ax: Axes | None) -> Axes:
    """The axes to draw into: those given, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(9, 4.5), layout="constrained")[1]


def plain_log(axis: Axis) -> None:
    """Ticks at 1, 2 and 5 times the powers of ten, or across three of these at them alone."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1.0,) if high > 1000 * low else (1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def label_ends(ax: Axes, ends: dict[str, tuple[float, float, str]], gap: float = 0.075) -> None:
    """Write each name beside the end (x, y) of its line, moved apart so that none overlap.

    gap: the least distance between two labels, as a share of the height of the axes.
    """
    ax.set_ylim(ax.get_ylim())  # pending autoscaling would move the lines after the labels
    to_axes = ax.transScale + ax.transLimits
    order = sorted(ends, key=lambda name: ends[name][1])
    wanted = [float(to_axes.transform(ends[name][:2])[1]) for name in order]
    for name, place in zip(order, _spread(wanted, gap), strict=True):
        x, y, colour = ends[name]
        ax.annotate(
            name,
            (x, y),
            (1.02, place),
            textcoords="axes fraction",
            color=colour,
            va="center",
            annotation_clip=False,
        )


def _spread(places: list[float], gap: float) -> list[float]:
    """Increasing places moved as little as a sweep up and a sweep down need to keep `gap`."""
    placed: list[float] = []
    for place in places:
        placed.append(max(place, placed[-1] + gap) if placed else place)
    limit = 1.0
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed
