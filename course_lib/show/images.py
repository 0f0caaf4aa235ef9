"""Pictures of a data set in a grid, each with its label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_lib.datasets import Images
from course_lib.show.style import axes


@dataclass(frozen=True)
class GridInfo:
    """rows x columns pictures, (pictures, height, width) or (..., 3) in [0, 1], and labels."""

    pictures: np.ndarray
    labels: tuple[str, ...]
    columns: int

    def describe(self) -> str:
        height, width = self.pictures.shape[1:3]
        return (
            f"{len(self.pictures)} pictures of {height} by {width} pixels, labelled "
            f"{', '.join(self.labels)}."
        )


def grid_info(
    images: Images, classes: Sequence[str], *, rows: int = 3, columns: int = 8
) -> GridInfo:
    """The first rows x columns pictures, each stretched to [0, 1]."""
    count = rows * columns
    if len(images) < count:
        raise ValueError(f"expected at least {count} pictures, got {len(images)}")
    x = images.x[:count].numpy().transpose(0, 2, 3, 1)
    low, high = x.min((1, 2, 3), keepdims=True), x.max((1, 2, 3), keepdims=True)
    x = (x - low) / np.maximum(high - low, 1e-12)
    labels = tuple(str(classes[int(label)]) for label in images.y[:count])
    return GridInfo(x[..., 0] if x.shape[-1] == 1 else x, labels, columns)


def plot_grid(info: GridInfo, *, ax: Axes | None = None) -> Axes:
    """The pictures in one Axes, side by side, the label above each."""
    ax = axes(ax)
    height, width = info.pictures.shape[1:3]
    gap, head = 0.15 * width, 0.4 * height
    for index, (picture, label) in enumerate(zip(info.pictures, info.labels, strict=True)):
        row, column = divmod(index, info.columns)
        left, top = column * (width + gap), row * (height + head)
        ax.imshow(picture, cmap="gray", extent=(left, left + width, top + height, top))
        ax.text(left + width / 2, top - 0.06 * height, label, ha="center", va="bottom")
    rows = -(-len(info.labels) // info.columns)
    ax.set(xlim=(0, info.columns * (width + gap) - gap))
    ax.set_ylim(rows * (height + head) - head, -head)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax
