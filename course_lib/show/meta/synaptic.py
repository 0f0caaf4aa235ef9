"""A synaptic rule in pictures: its coefficients, and how fast neurons learn by it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.meta.neuron import LocalRule, errors, learn
from course_lib.meta.synaptic_rule import TERMS
from course_lib.meta.tasks import Tasks
from course_lib.show.lines import LinesInfo, lines_info, plot_lines
from course_lib.show.style import BLUE, INK, VERMILION, axes


@dataclass(frozen=True)
class RuleInfo:
    """A rule's coefficients, (16,), and the learning curves of this rule and of others."""

    name: str
    coefficients: np.ndarray
    learning: LinesInfo

    def describe(self) -> str:
        order = np.argsort(-np.abs(self.coefficients))[:4]
        largest = ", ".join(f"{self.coefficients[k]:+.2f} {TERMS[k]}" for k in order)
        return f"The largest coefficients of {self.name}: {largest}. {self.learning.describe()}"


def learning_info(rules: Mapping[str, LocalRule], tasks: Tasks) -> LinesInfo:
    """The mean share of wrong answers of each rule's neurons, after every presentation."""
    x, y = tasks.support_x, tasks.support_y
    lines = {name: errors(learn(rule, x, y), tasks).mean(1) for name, rule in rules.items()}
    return lines_info(
        range(x.shape[1] + 1),
        lines,
        x="presentations",
        y="wrong answers, share",
        said=f"Means over {len(tasks)} functions.",
    )


def rule_info(
    theta: Tensor, rules: Mapping[str, LocalRule], tasks: Tasks, *, name: str = "the learned rule"
) -> RuleInfo:
    """theta: (16,), whose rule may be among `rules`, which learn side by side on the same tasks."""
    return RuleInfo(name, theta.double().numpy(), learning_info(rules, tasks))


def plot_coefficients(info: RuleInfo, *, ax: Axes | None = None) -> Axes:
    """A bar for every term, positive ones full, negative ones hatched."""
    ax = axes(ax)
    places = np.arange(len(TERMS))
    for place, size in zip(places, info.coefficients, strict=True):
        look = {"color": BLUE} if size > 0 else {"facecolor": "white", "edgecolor": VERMILION}
        ax.barh(place, size, hatch=None if size > 0 else "////", **look)
        if abs(size) >= 0.03:
            ax.annotate(f"{size:+.2f}", (size, place), (6 if size > 0 else -6, 0), va="center",
                        textcoords="offset points", fontsize="x-small", color=INK,
                        ha="left" if size > 0 else "right")  # fmt: skip
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_yticks(places, [term.replace(" ", " × ") for term in TERMS], fontsize="x-small")
    ax.invert_yaxis()
    ax.margins(x=0.18)
    ax.set(xlabel="coefficient")
    return ax


def plot_learning(info: RuleInfo, *, ax: Axes | None = None) -> Axes:
    """The learning curves."""
    return plot_lines(info.learning, ax=ax)
