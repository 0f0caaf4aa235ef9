"""Published result tables as pictures: error against size, error row by row."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes, plain_log

RESULTS = Path(__file__).parents[2] / "data" / "published_results.csv"
AGAINST = {
    "params_m": "parameters, millions",
    "flops_b": "operations per image, billions",
    "gpu_days": "cost of the search, GPU days",
}
"""What errors can be drawn over, and how the axis says it."""


@dataclass(frozen=True)
class PublishedRow:
    """One model of a table; a number that the source does not give is nan.

    error: test error in percent, mean where several runs were made, with its standard deviation
    error_std. error_best: error of the best run. params_m: millions of parameters. flops_b:
    billions of operations. gpu_days: cost of the search. searched: whether an algorithm found the
    architecture.
    """

    model: str
    source: str
    year: int
    params_m: float
    flops_b: float
    error: float
    error_std: float
    error_best: float
    gpu_days: float
    searched: bool

    @property
    def shown(self) -> float:
        """The mean error, or where there is none that of the best run."""
        return self.error_best if np.isnan(self.error) else self.error


@dataclass(frozen=True)
class PublishedInfo:
    """A published table, best model first; `against` names what its points are drawn over.

    kinds: what is said of the models that were searched, and of the others. error: which error.
    """

    table: str
    rows: tuple[PublishedRow, ...]
    against: str
    kinds: tuple[str, str] = ("found by a search", "designed by hand")
    error: str = "test error"

    def describe(self) -> str:
        rows = "; ".join(
            f"{row.model} {row.shown:.2f} %"
            + ("" if np.isnan(row.params_m) else f", {row.params_m:g} million parameters")
            + ("" if np.isnan(row.flops_b) else f", {row.flops_b:g} billion operations")
            + ("" if np.isnan(row.gpu_days) else f", {row.gpu_days:g} GPU days")
            for row in self.rows
        )
        return f"Published {self.error}s, best first: {rows}."


def published_info(
    table: str,
    *,
    searched: Sequence[str] = (),
    against: str = "params_m",
    kinds: tuple[str, str] = PublishedInfo.kinds,
    path: str | Path = RESULTS,
) -> PublishedInfo:
    """The rows of one table of published results that state an error, or a top-1 accuracy.

    searched: beginnings of the names of models that an algorithm found; kinds: words for them, and
    for the others. against: a key of `AGAINST`.
    """
    with Path(path).open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    own = [record for record in records if record["table"] == table]
    rows = [row for record in own if not np.isnan((row := _row(record, searched)).shown)]
    if not rows:
        tables = ", ".join(sorted({record["table"] for record in records}))
        raise ValueError(f"no errors for table {table!r} in {path}; its tables are {tables}")
    given = any(record["error"] or record["error_best"] for record in own)
    rows.sort(key=lambda row: row.shown)
    error = PublishedInfo.error if given else "top-1 error"
    return PublishedInfo(table, tuple(rows), against, kinds, error)


def _row(record: dict[str, str], searched: Sequence[str]) -> PublishedRow:
    names = ("params_m", "flops_b", "error", "error_std", "error_best", "gpu_days")
    if record["top1"] and not (record["error"] or record["error_best"]):
        error = f"{100 - float(record['top1']):.2f}"
        record = record | {"error": error, "error_std": record["top1_std"]}
    return PublishedRow(
        model=record["model"],
        source=record["source"],
        year=int(record["year"]),
        searched=record["model"].startswith(tuple(searched)),
        **{name: float(record[name] or "nan") for name in names},
    )


def plot_published(info: PublishedInfo, *, ax: Axes | None = None) -> Axes:
    """One row per model: a dot at its error, a bar of one standard deviation, its parameters.

    Open dots are the best of several runs, whose mean was not published; squares were searched.
    """
    ax = axes(ax)
    right = max(row.shown + np.nan_to_num(row.error_std) for row in info.rows)
    left = min(min(row.shown, np.nan_to_num(row.error_best, nan=np.inf)) for row in info.rows)
    for place, row in enumerate(info.rows):
        colour, marker = _look(row)
        face = "white" if np.isnan(row.error) else colour
        spread = np.nan_to_num(row.error_std)
        ax.hlines(place, row.shown - spread, row.shown + spread, color=colour, linewidth=3)
        ax.plot(row.shown, place, marker, color=colour, markerfacecolor=face, markersize=9)
        if not np.isnan(row.params_m):
            ax.text(1.0, place, f"{row.params_m:g} M", transform=ax.get_yaxis_transform(),
                    ha="right", va="center", color=INK, fontsize="small",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})  # fmt: skip
    margin = 0.05 * (right - left)
    ax.set_xlim(left - margin, right + 5 * margin)
    ax.set_ylim(len(info.rows) - 0.4, -0.6)
    ax.set_yticks(range(len(info.rows)), [row.model for row in info.rows], fontsize="small")
    sized = any(not np.isnan(row.params_m) for row in info.rows)
    ax.set_xlabel(f"{info.error}, %" + ("   (right: parameters)" if sized else ""))
    ax.grid(axis="y", color=GREY, alpha=0.3)
    ax.tick_params(left=False)
    ax.spines["left"].set_visible(False)
    _legend(ax, info)
    return ax


def plot_published_points(info: PublishedInfo, *, ax: Axes | None = None) -> Axes:
    """Error against the number that `info.against` names (log scale), each point named.

    Open dots are the best of several runs, whose mean was not published.
    """
    ax = axes(ax)
    points = {row: float(getattr(row, info.against)) for row in info.rows}
    points = {row: x for row, x in points.items() if not np.isnan(x)}
    for row, x in points.items():
        colour, marker = _look(row)
        face = "white" if np.isnan(row.error) else colour
        ax.plot(x, row.shown, marker, color=colour, markerfacecolor=face, markersize=9)
    ax.set_xscale("log")
    plain_log(ax.xaxis)
    ax.set(xlabel=AGAINST[info.against], ylabel=f"{info.error}, %")
    errors = [row.shown for row in points]
    ax.set_xlim(0.7 * min(points.values()), 1.6 * max(points.values()))
    height = max(errors) - min(errors)
    ax.set_ylim(min(errors) - 0.12 * height, max(errors) + 0.12 * height)
    _legend(ax, info)
    _name_points(ax, points)
    return ax


def _legend(ax: Axes, info: PublishedInfo) -> None:
    """Above the axes, what squares and dots are, where the table has both."""
    if len({row.searched for row in info.rows}) == 2:
        ax.plot([], [], "s", color=VERMILION, label=info.kinds[0])
        ax.plot([], [], "o", color=BLUE, label=info.kinds[1])
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)


def _look(row: PublishedRow) -> tuple[str, str]:
    return (VERMILION, "s") if row.searched else (BLUE, "o")


_PLACES = ((9, 0), (-9, 0), (0, 13), (0, -13), (9, 13), (9, -13), (-9, 13), (-9, -13), (0, 26),
           (0, -26), (9, 26), (9, -26), (-9, 26), (-9, -26))  # fmt: skip
"""Where a name may stand, in points from its dot; the first that is free is taken."""


def _name_points(ax: Axes, points: Mapping[PublishedRow, float]) -> None:
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.draw_without_rendering()
    dots = [ax.transData.transform((x, row.shown)) for row, x in points.items()]
    taken = [Bbox.from_bounds(x - 7, y - 7, 14, 14) for x, y in dots]
    room = ax.get_window_extent()
    for row, x in points.items():
        names = [_name(ax, row, x, place) for place in _PLACES]
        boxes = [name.get_window_extent() for name in names]
        overlaps = [
            sum(_shared(box, other) for other in taken) + 100 * _outside(box, room) for box in boxes
        ]
        keep = int(np.argmin(overlaps))
        taken.append(boxes[keep])
        for index, name in enumerate(names):
            if index != keep:
                name.remove()


def _name(ax: Axes, row: PublishedRow, x: float, place: tuple[int, int]) -> Annotation:
    across = {1: "left", 0: "center", -1: "right"}[int(np.sign(place[0]))]
    return ax.annotate(
        row.model, (x, row.shown), place, textcoords="offset points",
        ha=across, va="center", fontsize="small", color=_look(row)[0],
    )  # fmt: skip


def _shared(one: Bbox, other: Bbox) -> float:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return float(max(width, 0.0) * max(height, 0.0))


def _outside(box: Bbox, room: Bbox) -> float:
    return float(max(room.x0 - box.x0, 0.0) + max(box.x1 - room.x1, 0.0))
