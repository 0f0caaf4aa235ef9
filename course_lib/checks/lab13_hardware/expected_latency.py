"""`expected_latency`: value and gradient beside the enumeration of all architectures."""

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab13_hardware import sections
from course_lib.checks.laws import CHANGED, gradients
from course_lib.checks.values import apart, same, tensor, told_apart
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake
from course_lib.hardware.lookup import LookupTable

STEPS = 60


def _exchanged(
    *,
    weights: Callable[[Tensor], Tensor] = lambda logits: logits.softmax(-1),
    total: Callable[[Tensor], Tensor] = lambda each: each.sum(),
    base: Callable[[LookupTable], float] = lambda table: table.base,
) -> Callable[..., Tensor]:
    """A right answer with one part exchanged."""

    def expected_latency(logits: Tensor, table: LookupTable) -> Tensor:
        return base(table) + total(weights(logits) * table.cost.to(logits.dtype))

    return expected_latency


def _hard(logits: Tensor) -> Tensor:
    """One-hot of the argmax, with the gradient of the softmax."""
    soft = logits.softmax(-1)
    hard = torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).to(soft.dtype)
    return hard + soft - soft.detach()


CUT = Misconception(
    "the gradient is cut off",
    "A search descends this number along the logits: no argmax, no .item(), .detach(), float() or "
    "torch.tensor(...) on the way.",
)
MISTAKES = (
    mistake(
        "the softmax runs over the wrong axis",
        "The choices of one position exclude each other: their probabilities, a row, add up to 1.",
        _exchanged(weights=lambda logits: logits.softmax(0)),
        _exchanged(weights=lambda logits: logits.flatten().softmax(0).view_as(logits)),
    ),
    mistake(
        "the base is left out",
        "What all architectures share takes its time, too: base + the expected costs.",
        _exchanged(base=lambda table: 0.0),
    ),
    mistake(
        "the base is counted once for every position",
        "Once for the whole network: it is the latency of the reference, which the costs begin "
        "from.",
        _exchanged(base=lambda table: len(table.cost) * table.base),
        _exchanged(base=lambda table: (len(table.cost) + 1) * table.base),
    ),
    mistake(
        "the positions are averaged",
        "The positions run one after the other, so their expected costs add up.",
        _exchanged(total=lambda each: each.sum(1).mean()),
        _exchanged(total=lambda each: each.mean()),
    ),
    mistake(
        "this is the latency of the likeliest architecture",
        "Every architecture counts with its probability: this is a mean, not the argmax's latency.",
        _exchanged(weights=_hard),
    ),
    mistake(
        "the logits are no probabilities yet",
        "exp, and divided by the sum of the row: softmax. Sigmoids do not add up to 1 either.",
        _exchanged(weights=lambda logits: logits),
        _exchanged(weights=torch.sigmoid),
        _exchanged(weights=torch.exp),
        _exchanged(weights=lambda logits: logits.log_softmax(-1)),
    ),
    mistake(
        "all choices count alike",
        "Likely choices count more: weigh the costs by the probabilities that the logits stand "
        "for.",
        _exchanged(weights=lambda logits: 0 * logits + 1 / logits.shape[-1]),
    ),
    CUT,
)


def drawn(rng: Generator, positions: int, choices: int) -> tuple[Tensor, LookupTable]:
    """Logits without a gradient, and a table whose costs have both signs."""
    logits = 1.5 * torch.randn(positions, choices, generator=rng, dtype=torch.float64)
    cost = 2 * torch.randn(positions, choices, generator=rng, dtype=torch.float64)
    cost[torch.arange(positions), torch.randint(choices, (positions,), generator=rng)] = 0.0
    return logits, LookupTable(4 + float(torch.rand((), generator=rng)), cost)


def enumerated(logits: Tensor, table: LookupTable) -> tuple[Tensor, Tensor]:
    """Mean latency over all architectures, and its derivative: the mean of latency times score."""
    positions, choices = logits.shape
    odds = logits.exp()
    chances = (odds / odds.sum(1, keepdim=True)).tolist()
    value, slope = 0.0, torch.zeros_like(logits)
    for arch in product(range(choices), repeat=positions):
        chance, latency = 1.0, table.base
        for p, c in enumerate(arch):
            chance *= chances[p][c]
            latency += float(table.cost[p, c])
        value += chance * latency
        score = -torch.tensor(chances, dtype=logits.dtype)  # d log chance / d logits
        score[torch.arange(positions), list(arch)] += 1.0
        slope += chance * latency * score
    return torch.tensor(value, dtype=logits.dtype), slope


def asked(ask: Ask, logits: Tensor, table: LookupTable) -> Tensor:
    """The answer as a scalar tensor."""
    return tensor(ask(logits, table), (), "the expected latency")


def probe(ask: Ask, variant: int) -> list[Any]:
    """Values for three sizes, and the gradient of the last."""
    told: list[Any] = []
    for salt, (positions, choices) in enumerate(((2, 3), (3, 3), (4, 2))):
        logits, table = drawn(seeded(variant, 70 + salt), positions, choices)
        found = asked(ask, logits.requires_grad_(), table)
        told.append(found.detach())
    return [*told, gradients(found, [logits], "the expected latency")[0]]


def mean_of_all(ask: Ask, variant: int) -> None:
    """The mean over all architectures, each with its probability."""
    sizes = ((2, 3), (1, 4), (3, 3), (5, 2), (3, 4 + variant % 2))
    for salt, (positions, choices) in enumerate(sizes):
        logits, table = drawn(seeded(variant, salt), positions, choices)
        expected, _ = enumerated(logits, table)
        found = asked(ask, logits.requires_grad_(), table)
        if not same(found, expected, scale=30):
            right, wrong = told_apart(float(expected), float(found.detach()))
            raise Wrong(
                f"{positions} positions, {choices} choices: the mean latency of all "
                f"{choices**positions} architectures is {right}, got {wrong}"
            )


def gradient_of_all(ask: Ask, variant: int) -> None:
    """The gradient of that mean; the rows' costs that are 0 have their share of it, too."""
    for salt, (positions, choices) in enumerate(((2, 3), (4, 2), (3, 4))):
        logits, table = drawn(seeded(variant, 10 + salt), positions, choices)
        _, expected = enumerated(logits, table)
        leaf = logits.clone().requires_grad_()
        value = asked(ask, leaf, table)
        (found,) = gradients(value, [leaf], "the expected latency", CUT)
        if not same(found, expected, scale=30):
            right, wrong = apart(expected, found)
            raise Wrong(
                f"{positions} positions, {choices} choices: gradient {wrong}, by "
                f"enumeration {right}"
            )


def decided(ask: Ask, variant: int) -> None:
    """Nearly one-hot logits, also beyond 88: the latency of that architecture; what all logits of
    a row have in common, in each row another number, does not count."""
    rng = seeded(variant, 20)
    for size in (30.0, 200.0, 2000.0):
        logits, table = drawn(rng, 4, 3)
        arch = torch.randint(3, (4,), generator=rng).tolist()
        expected = table.base + sum(float(table.cost[p, c]) for p, c in enumerate(arch))
        sharp = torch.zeros_like(logits)
        sharp[torch.arange(4), arch] = size
        for first, step in ((0.0, 0.0), (150.0, 0.0), (-1500.0, 0.0), (900.0, -700.0)):
            shift = first + step * torch.arange(4, dtype=logits.dtype)[:, None]
            found = float(asked(ask, (sharp + shift).requires_grad_(), table).detach())
            if not abs(found - expected) <= 1e-4:
                right, wrong = told_apart(expected, found)
                others = f"{first:g}" + f", {first + step:g}, ... from row to row" * bool(step)
                raise Wrong(
                    f"one logit of each row is larger by {size:g}, all others are {others}: the "
                    f"latency of {tuple(arch)} is {right}, got {wrong}"
                )


def descent(ask: Ask, variant: int) -> None:
    """Down the gradient, the cheapest choices become the likeliest, and the latency the least."""
    logits, table = drawn(seeded(variant, 30), 3, 3)
    least = table.base + float(table.cost.amin(1).sum())
    leaf = (0.2 * logits).requires_grad_()
    for _ in range(STEPS):
        value = asked(ask, leaf, table)
        (slope,) = gradients(value, [leaf], "the expected latency", CUT)
        leaf = (leaf - 4 * slope).detach().requires_grad_()
    found = float(asked(ask, leaf, table).detach())
    if not least - 1e-6 <= found <= least + 0.05:
        raise Wrong(
            f"after {STEPS} steps down the gradient the expected latency is {found:.4g}; that of "
            f"the fastest architecture is {least:.4g}"
        )


def arguments(ask: Ask, variant: int) -> None:
    """float32 and float64, with and without a gradient; logits and table stay as they are."""
    logits, table = drawn(seeded(variant, 40), 3, 4)
    expected, _ = enumerated(logits, table)
    before = logits.clone(), table.cost.clone()
    for given in (logits, logits.float(), logits.clone().requires_grad_()):
        found = asked(ask, given, table)
        if not same(found, expected, scale=30):
            right, wrong = told_apart(float(expected), float(found.detach()))
            raise Wrong(f"logits of {given.dtype}: expected {right}, got {wrong}")
    for name, now, then in zip(("logits", "cost"), (logits, table.cost), before, strict=True):
        if not torch.equal(now, then) or now.requires_grad:
            raise Wrong(f"{name} is not the same after the call", CHANGED)


expected_latency = Exercise(
    lab="lab13_hardware",
    name="expected_latency",
    section=sections.DIFFERENTIABLE,
    library=("course_lib.hardware.expected_latency:expected_latency",),
    laws={
        "the mean over all architectures": mean_of_all,
        "the gradient of that mean": gradient_of_all,
        "where all is decided, one latency": decided,
        "down the gradient to the fastest": descent,
        "any precision, and the arguments stay": arguments,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "The latency is a sum over positions, and the mean of a sum is the sum of the means: no "
        "loop over architectures.",
        "The mean cost of one position: its probabilities, softmax of its logits, times its costs, "
        "summed.",
        "base + (probabilities * cost).sum(), where the softmax runs over the last axis.",
    ),
    basic="the mean over all architectures",
)
