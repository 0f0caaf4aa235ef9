"""A population of learning rules over its generations, and what the best of them teaches."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from textwrap import fill
from typing import NamedTuple

from matplotlib.axes import Axes

from course_lib.meta.neuron import LocalRule
from course_lib.meta.rule_trees import Generation, Tree, rule_of, simplified, written
from course_lib.meta.tasks import Tasks
from course_lib.show.lines import LinesInfo, lines_info, plot_lines
from course_lib.show.meta.synaptic import learning_info
from course_lib.show.style import axes


class Seen(NamedTuple):
    """What is shown of a generation: its best tree, the best and the median fitness."""

    tree: Tree
    best: float
    middle: float


@dataclass(frozen=True)
class EvolutionInfo:
    """The fitness over the generations, and learning curves on tasks that no tree was scored on.

    rule: the best tree as text, simplified; empty before the first generation.
    """

    rule: str
    fitness: LinesInfo | None
    learning: LinesInfo

    def describe(self) -> str:
        if self.fitness is None:
            return f"Before the first generation there is no rule. {self.learning.describe()}"
        return f"Best rule: {self.rule}. {self.fitness.describe()} {self.learning.describe()}"


def seen(generations: Iterable[Generation]) -> Iterator[Seen]:
    """A median that is infinite, as more than half of the rules explode, becomes nan."""
    for generation in generations:
        (tree, best), middle = generation.members[0], median(v for _, v in generation.members)
        yield Seen(tree, best, middle if math.isfinite(middle) else math.nan)


def evolution_info(
    history: Sequence[Seen], tasks: Tasks, others: Mapping[str, LocalRule], *, rate: float = 0.3
) -> EvolutionInfo:
    """history: the generations so far. tasks: unseen ones. others: rules to compare with.

    rate: what each tree's answer is multiplied by, as in its fitness.
    """
    if not history:
        return EvolutionInfo("", None, learning_info(others, tasks))
    tree = history[-1].tree
    lines = {"best": [one.best for one in history], "median": [one.middle for one in history]}
    fitness = lines_info(range(len(history)), lines, x="generation", y="fitness (small is fit)")
    rules = {"evolved": rule_of(tree, rate), **others}
    return EvolutionInfo(bare(written(simplified(tree))), fitness, learning_info(rules, tasks))


def bare(text: str) -> str:
    """A tree's text without the brackets around the whole."""
    return text[1:-1] if text.startswith("(") else text


def plot_fitness(info: EvolutionInfo, *, ax: Axes | None = None) -> Axes:
    """Best and median fitness over the generations; before the first, an empty picture."""
    if info.fitness is not None:
        return plot_lines(info.fitness, ax=ax)
    ax = axes(ax)
    ax.set(xlabel="generation", ylabel="fitness (small is fit)")
    return ax


def plot_evolved(info: EvolutionInfo, *, ax: Axes | None = None) -> Axes:
    """Learning curves of the best tree and of the rules to compare with."""
    ax = plot_lines(info.learning, ax=ax)
    words = f"dw = 0.3 × ({info.rule})" if info.rule else "no rule yet"
    ax.set_title(fill(words, 60), fontsize="small")
    return ax
