"""`bounded_channels`: beside the best of all counts that could be tried, and in whole episodes."""

import math
from typing import Any

import torch

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.engine import Exercise
from course_lib.checks.lab07_amc import sections
from course_lib.checks.lab07_amc.bounds import UNROUNDED, exchanged
from course_lib.checks.lab07_amc.budgets import Question, binding
from course_lib.checks.lab07_amc.costs import Costs
from course_lib.checks.laws import CHANGED
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

MISTAKES = (
    mistake(
        "the later layers are not reckoned at their least",
        "What this layer takes is no longer there for the next ones, and they will be pruned, too: "
        "reserve for them what they need at their least, no more and no less.",
        exchanged(later=lambda least, full: full),
        exchanged(later=lambda least, full: 0),
        exchanged(later=lambda least, full: 1),
        part="counts",
    ),
    mistake(
        "a count is rounded up",
        "Rounding up goes past what was wanted, and past the budget: the published code of AMC "
        "bounds the ratio first and rounds the channels up afterwards. Round down.",
        exchanged(rounded=math.ceil),
        exchanged(rounded=round),
        exchanged(after=lambda count, multiple, full: min(full, count + multiple)),
        part="counts",
    ),
    mistake(
        "a layer falls below its least",
        "No layer keeps fewer than lowest * channels, rounded up to the multiple, whatever is "
        "wanted.",
        exchanged(least_of=lambda least, multiple: 0),
        exchanged(least_of=lambda least, multiple: multiple),
        part="counts",
    ),
    mistake(
        "counts are no multiples",
        "Every count is a multiple of `multiple`, the least ones, too.",
        exchanged(whole=lambda multiple: 1),
        part="counts",
    ),
    mistake(
        "the least is not rounded up to a multiple",
        "Every layer's least is a multiple, too, and the first one that is not below lowest * "
        "channels[i]: divide by the multiple, round up, multiply.",
        *(exchanged(least=least) for least in UNROUNDED),
        part="counts",
    ),
    mistake(
        "the wish, or the budget, plays no part",
        "The budget bounds the wish: a layer that wants less than it may take gets what it wants, "
        "and no layer gets so much that the total cost exceeds the budget.",
        exchanged(wish=lambda wanted: 1.0),
        exchanged(bounded=False),
        part="counts",
    ),
    mistake(
        "a budget that nothing can meet is not refused",
        "If even the least counts of this layer and all later ones cost too much, no count is "
        "right: raise a ValueError.",
        exchanged(refuses=False),
    ),
    CHANGED,
)


def probe(ask: Ask, variant: int) -> dict[str, Any]:
    """Counts where wish, budget, multiple and least have their say, and what is refused."""
    rng = seeded(variant, 9)
    costs, plain = Costs(rng, 5, multiple=4), Costs(rng, 4)
    asked = binding(rng, costs, lowest=0.3, multiple=4) + binding(rng, plain, lowest=0.2)
    full, blocks = costs.total(costs.channels), costs.channels[0] // 4
    wishes = (0.001, (blocks - 0.7) / blocks, (blocks - 0.3) / blocks)
    asked += [Question(costs, wanted, (), full, 0.6, 4) for wanted in wishes]
    counts = torch.tensor([question.asked(ask) for question in asked])
    return {"counts": counts, "refused": [_refused(ask, q) for q in _unmeetable(costs, 0.3, 4)]}


def _unmeetable(costs: Costs, lowest: float, multiple: int) -> list[Question]:
    """Budgets one below the smallest total, also where the layers before have spent it."""
    least, spent = costs.least(lowest, multiple), (costs.channels[0], costs.channels[1])
    return [
        Question(costs, 0.5, kept, costs.total([*kept, *least[len(kept) :]]) - 1, lowest, multiple)
        for kept in ((), (*least[:3],), spent)
    ]


def _refused(ask: Ask, question: Question) -> bool:
    try:
        question.asked(ask)
    except StudentError as error:
        if isinstance(error.error, ValueError):
            return True
        raise
    return False


def wide(ask: Ask, variant: int) -> None:
    """Where the whole network is allowed, the wish decides, from the least count upwards."""
    rng = seeded(variant)
    for layers, lowest in ((1, 0.25), (3, 0.2), (4, 0.35)):
        costs = Costs(rng, layers)
        for t in range(layers):
            kept = tuple(costs.least(lowest, 1)[:t])
            wishes = (0.001, 1.0, 0.06, 0.55, *torch.rand(4, generator=rng).tolist())
            for wanted in wishes:
                Question(costs, wanted, kept, costs.total(costs.channels), lowest).require(ask)


def bound(ask: Ask, variant: int) -> None:
    """The largest count that leaves enough for the later layers at their least."""
    rng = seeded(variant, 1)
    for layers, lowest in ((1, 0.3), (3, 0.2), (5, 0.15), (6, 0.4)):
        for question in binding(rng, Costs(rng, layers), lowest=lowest):
            question.require(ask)


def multiples(ask: Ask, variant: int) -> None:
    """Every count is a multiple, the least ones are rounded up to one; the budget is kept."""
    rng = seeded(variant, 2)
    for multiple, lowest in ((2, 0.3), (4, 0.2), (8, 0.45), (8, 0.05)):
        costs = Costs(rng, 4, multiple=multiple)
        for question in binding(rng, costs, lowest=lowest, multiple=multiple):
            question.require(ask)
        for wanted in (0.1, 0.37, 0.9):
            full = costs.total(costs.channels)
            Question(costs, wanted, (), full, lowest, multiple).require(ask)


def at_least(ask: Ask, variant: int) -> None:
    """With the smallest budget that can be met every layer keeps its least, be it 1 or many."""
    rng = seeded(variant, 3)
    for multiple, lowest in ((1, 0.2), (1, 0.001), (1, 0.5), (4, 0.3), (4, 0.001)):
        costs = Costs(rng, 4, multiple=multiple)
        least = costs.least(lowest, multiple)
        for t in range(4):
            for wanted in (0.001, 0.7, 1.0):
                budget = costs.total(least)
                Question(costs, wanted, (*least[:t],), budget, lowest, multiple).require(ask)


def episodes(ask: Ask, variant: int) -> None:
    """Whatever is wanted, an episode ends within its budget, and no layer below its least."""
    rng = seeded(variant, 4)
    for layers, multiple in ((4, 1), (6, 1), (5, 4)):
        costs, lowest = Costs(rng, layers, multiple=multiple), 0.2
        least = costs.least(lowest, multiple)
        smallest, full = costs.total(least), costs.total(costs.channels)
        for share in (0.0, 0.1, 0.3, 0.6):
            budget, kept = smallest + share * (full - smallest), tuple[int, ...]()
            for wanted in torch.rand(layers, generator=rng).sqrt().tolist():
                question = Question(costs, wanted, kept, budget, lowest, multiple)
                question.require(ask)
                kept = (*kept, question.expected)


def in_steps(ask: Ask, variant: int) -> None:
    """Costs that rise in steps, as on a device: of counts that cost the same the largest."""
    rng = seeded(variant, 5)
    for steps in (3, 4, 8):
        for question in binding(rng, Costs(rng, 4, steps=steps), lowest=0.2):
            question.require(ask)


def refused(ask: Ask, variant: int) -> None:
    """A budget below the smallest total, or one that the layers before have spent."""
    rng = seeded(variant, 6)
    for multiple in (1, 4):
        for question in _unmeetable(Costs(rng, 4, multiple=multiple), 0.3, multiple):
            if not _refused(ask, question):
                raise Wrong(
                    f"{question}: the least that can be reached is {question.budget + 1:,}, and "
                    "you keep a count; expected a ValueError"
                )


bounded_channels = Exercise(
    lab="lab07_amc",
    name="bounded_channels",
    section=sections.BUDGET,
    library=(
        "course_lib.hardware.budget:bounded_channels",
        "course_lib.hardware.budget:least_channels",
    ),
    laws={
        "with a wide budget the wish decides": wide,
        "the later layers at their least must still fit": bound,
        "multiples, rounded down": multiples,
        "never below the least": at_least,
        "every episode ends within its budget": episodes,
        "costs that rise in steps": in_steps,
        "a budget that cannot be met is refused": refused,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Begin with the least count of every layer: which number is it, if it must be a multiple "
        "and at least lowest * channels[i]?",
        "macs expects a count for every layer: [*kept, count, *least[t + 1:]] is this layer with "
        "`count`, and the later ones at their least.",
        "count begins at the largest multiple that is at most wanted * channels[t], or at the "
        "least if that is more. While the total is above the budget, take `multiple` away.",
        "If [*kept, *least[t:]] costs more than the budget, nothing can be done: ValueError. "
        "Otherwise the loop ends at the least at the latest.",
    ),
    basic="with a wide budget the wish decides",
    seconds=5.0,
)
