"""Pictures of few-shot images: the scripts and their splits, and one episode with its answers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Generator

from course_lib.core import randint
from course_lib.core.meta_train import Parameters
from course_lib.meta.evaluate import Solve
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import GlyphSplits
from course_lib.show.style import BLUE, INK, ROLES, VERMILION, axes

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class GlyphsInfo:
    """A row per script: pictures (characters, height, width) in [0, 1], what they are, its size."""

    scripts: tuple[str, ...]
    splits: tuple[str, ...]
    sizes: tuple[int, ...]
    pictures: tuple[np.ndarray, ...]

    def describe(self) -> str:
        said = [
            f"{split}: "
            + ", ".join(
                f"{script} ({size})"
                for script, own, size in zip(self.scripts, self.splits, self.sizes, strict=True)
                if own == split
            )
            for split in dict.fromkeys(self.splits)
        ]
        return f"Characters drawn white on black, by script (how many). {'; '.join(said)}."


def glyphs_info(few: GlyphSplits, rng: Generator, *, columns: int = 14) -> GlyphsInfo:
    """Up to `columns` different characters of every script, one random image each."""
    rows = []
    for split in SPLITS:
        images: FewShotImages = getattr(few, split)
        own = [few.scripts[label] for label in images.classes]
        for script in dict.fromkeys(own):
            part = images.part(few.of_script(script))
            labels = torch.tensor(part.classes)
            picked = labels[torch.randperm(len(labels), generator=rng)[:columns]].sort().values
            drawn = [_any_image(part, int(label), rng) for label in picked]
            rows.append((script, split, len(labels), np.stack(drawn)))
    scripts, splits, sizes, pictures = zip(*rows, strict=True)
    return GlyphsInfo(scripts, splits, sizes, pictures)


def _any_image(images: FewShotImages, label: int, rng: Generator) -> np.ndarray:
    own = (images.labels == label).nonzero()[:, 0]
    chosen = own[randint(rng, len(own))]
    return np.array(images.x(chosen)[0])


def plot_glyphs(info: GlyphsInfo, *, ax: Axes | None = None) -> Axes:
    """A row of characters per script; the colour and the word at its right say the split."""
    ax = axes(ax)
    size = info.pictures[0].shape[-1]
    columns = max(len(row) for row in info.pictures)
    for index, (script, row) in enumerate(zip(info.scripts, info.pictures, strict=True)):
        top = index * 1.12
        for column, image in enumerate(row):
            _draw(ax, image, column, top)
        ax.text(-0.25, top + 0.5, script, ha="right", va="center", fontsize="small")
    for split in dict.fromkeys(info.splits):
        look, first = ROLES[split], 1.12 * info.splits.index(split)
        last = first + 1.12 * info.splits.count(split) - 0.16
        ax.plot([columns + 0.25] * 2, [first, last], look.line, color=look.colour, lw=4)
        middle = (first + last) / 2
        ax.text(columns + 0.6, middle, split, color=look.colour, va="center", weight="bold")
    _frame(ax, columns + 2.6, 1.12 * len(info.scripts), left=-5.2 * 28 / size)
    return ax


@dataclass(frozen=True)
class EpisodeInfo:
    """One task with its answers; row i is the class that the episode calls i.

    support: (ways, shots, height, width), query: (ways, queries, height, width), in [0, 1].
    answers: (ways, queries) predicted classes. names: what each class is, may be empty.
    """

    support: np.ndarray
    query: np.ndarray
    answers: np.ndarray
    names: tuple[str, ...]
    method: str

    @property
    def right(self) -> np.ndarray:
        """Which answers are right, (ways, queries)."""
        right: np.ndarray = self.answers == np.arange(len(self.answers))[:, None]
        return right

    def describe(self) -> str:
        ways, shots = self.support.shape[:2]
        named = f" ({', '.join(self.names)})" if self.names else ""
        wrong = [
            f"of class {row} called {answer}"
            for row, answers in enumerate(self.answers.tolist())
            for answer in answers
            if answer != row
        ]
        return (
            f"An episode of {ways} classes{named} with {shots} support "
            f"image{'s' if shots > 1 else ''} each. {self.method} classifies {self.right.sum()} of "
            f"{self.right.size} queries rightly"
            + (f"; wrong: {', '.join(wrong)}." if wrong else ".")
        )


def episode_info(
    solve: Solve,
    theta: Parameters,
    images: FewShotImages,
    rng: Generator,
    *,
    ways: int = 5,
    shots: int = 1,
    queries: int = 6,
    method: str = "This method",
    name: Callable[[int], str] | None = None,
) -> EpisodeInfo:
    """Draw an episode and let `solve` answer it; name: of a label, such as its character's."""
    support, query = images.episode(rng, ways=ways, shots=shots, queries=queries)
    x, queried = images.x(support), images.x(query)
    labels = torch.arange(ways)
    with torch.no_grad():
        scores = solve(
            theta, x.flatten(0, 1), labels.repeat_interleave(shots), queried.flatten(0, 1)
        )
    names = [name(int(label)) for label in images.labels[support[:, 0]]] if name else []
    return EpisodeInfo(
        x.mean(2).numpy(),
        queried.mean(2).numpy(),
        scores.argmax(1).reshape(ways, queries).numpy(),
        tuple(names),
        method,
    )


def plot_episode(info: EpisodeInfo, *, ax: Axes | None = None) -> Axes:
    """Support images at the left, queries at the right; a wrong answer is framed and named."""
    ax = axes(ax)
    ways, shots = info.support.shape[:2]
    queries = info.query.shape[1]
    start = shots + 0.8
    for row in range(ways):
        top = 1.15 * row
        ax.text(-0.25, top + 0.5, f"class {row}", ha="right", va="center")
        for shot in range(shots):
            _draw(ax, info.support[row, shot], shot, top)
        for column in range(queries):
            _draw(ax, info.query[row, column], start + column * 1.08, top)
            if not info.right[row, column]:
                _mark(ax, start + column * 1.08, top, f"{info.answers[row, column]}?")
    ax.text(shots / 2, -0.2, "support", ha="center", weight="bold", color=BLUE)
    said = f"queries: {info.right.sum()} of {info.right.size} right"
    ax.text(start, -0.2, said, ha="left", weight="bold", color=INK)
    _frame(ax, start + 1.08 * queries, 1.15 * ways, left=-2.0, top=-0.75)
    return ax


def _draw(ax: Axes, image: np.ndarray, left: float, top: float) -> None:
    extent = (left, left + 0.97, top + 0.97, top)
    ax.imshow(image, cmap="gray", vmin=0, vmax=1, extent=extent)


def _mark(ax: Axes, left: float, top: float, said: str) -> None:
    box = Rectangle((left, top), 0.97, 0.97, fill=False, edgecolor=VERMILION, lw=3, ls="--")
    ax.add_patch(box)
    ax.text(left + 0.93, top + 0.9, said, color="white", backgroundcolor=VERMILION,
            ha="right", va="bottom", fontsize="x-small", weight="bold")  # fmt: skip


def _frame(ax: Axes, right: float, bottom: float, *, left: float, top: float = -0.2) -> None:
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.axis("off")
