"""`expected_energy`: beside the enumeration of which layers are updated."""

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any

import torch
from torch import Generator

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab13_hardware import sections
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import number, shown, told_apart
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

Costs = list[list[float]]
"""F, G, W and U of every layer."""


def _passed(p: Sequence[float], layer: int) -> float:
    """The chance that something before this layer is updated."""
    return 1 - prod(1 - q for q in p[:layer])


def _exchanged(
    *,
    back: Callable[[Sequence[float], int], float] = _passed,
    ahead: Callable[[float], float] = lambda q: 1.0,
    weights: Callable[[float], float] = lambda q: q,
    update: Callable[[float], float] = lambda q: q,
) -> Callable[..., float]:
    """A right answer with one part exchanged: how likely each cost arises."""

    def expected_energy(p: Any, forward: Any, inputs: Any, gradients: Any, updates: Any) -> float:
        total = 0.0
        layers = zip(p, forward, inputs, gradients, updates, strict=True)
        for i, (q, f, g, w, u) in enumerate(layers):
            total += ahead(q) * f + back(p, i) * g + weights(q) * w + update(q) * u
        return total

    return expected_energy


MISTAKES = (
    mistake(
        "every layer pays for its input gradient",
        "Below the lowest updated layer nothing is propagated, and that is where the energy is "
        "saved: the gradient passes layer l only where some layer before it is updated.",
        _exchanged(back=lambda p, i: 1.0),
        _exchanged(back=lambda p, i: _passed(p, len(p))),
    ),
    mistake(
        "a layer passes the gradient on where it is updated itself",
        "A layer that stays still passes the gradient on, if one below it needs it; and an updated "
        "one does not, if none does.",
        _exchanged(back=lambda p, i: p[i]),
        _exchanged(back=lambda p, i: p[i] * _passed(p, i)),
    ),
    mistake(
        "the lowest updated layer passes the gradient on, too",
        "It needs the gradient of its weights, not that of its input: nobody below is waiting.",
        _exchanged(back=lambda p, i: _passed(p, i + 1)),
    ),
    mistake(
        "input and output are mixed up",
        "Layer 0 is next to the input. The gradient comes from the output, down to the lowest "
        "updated layer: who is waiting for it lies before the layer, not behind.",
        _exchanged(back=lambda p, i: 1 - prod(1 - q for q in p[i + 1 :])),
        _exchanged(back=lambda p, i: 1 - prod(1 - q for q in p[i:])),
    ),
    mistake(
        "the chance of at least one is not the sum",
        "The sum counts twice where two are updated together; the largest p forgets the others.",
        _exchanged(back=lambda p, i: float(sum(p[:i]))),
        _exchanged(back=lambda p, i: float(max(p[:i], default=0.0))),
    ),
    mistake(
        "this is the chance of all, or of none",
        "prod(p) is the chance that all layers before it are updated, prod(1 - p) that none is. "
        "One that is waiting is enough.",
        _exchanged(back=lambda p, i: prod(p[:i]) if i else 0.0),
        _exchanged(back=lambda p, i: prod(p[:i])),
        _exchanged(back=lambda p, i: prod(1 - q for q in p[:i])),
    ),
    mistake(
        "what is always paid, and what sometimes, is mixed up",
        "The forward pass runs through all layers in every step. The gradient of a layer's weights "
        "and its update, W and U, are paid where the layer is updated.",
        _exchanged(ahead=lambda q: q),
        _exchanged(weights=lambda q: 1.0),
        _exchanged(update=lambda q: 1.0),
        _exchanged(update=lambda q: 0.0),
    ),
    CHANGED,
)


def drawn(rng: Generator, layers: int, *, size: float = 10.0) -> tuple[list[float], Costs]:
    """Probabilities strictly between 0 and 1, and costs of every kind."""
    p = (0.1 + 0.8 * torch.rand(layers, generator=rng, dtype=torch.float64)).tolist()
    costs = size * (0.2 + torch.rand(4, layers, generator=rng, dtype=torch.float64))
    return p, costs.tolist()


def enumerated(p: Sequence[float], costs: Costs) -> float:
    """The mean over which layers are updated, each set with its probability."""
    total = 0.0
    for updated in product((False, True), repeat=len(p)):
        chance, energy, waiting = 1.0, sum(costs[0]), False
        for q, now, g, w, u in zip(p, updated, *costs[1:], strict=True):
            chance *= q if now else 1 - q
            energy += g * waiting + (w + u) * now
            waiting = waiting or now
        total += chance * energy
    return total


def by_the_lowest(p: Sequence[float], costs: Costs) -> float:
    """The same, by which layer is the lowest that is updated; for many layers."""
    forward, back, weights, update = costs
    total, none = sum(forward), 1.0
    for i, q in enumerate(p):
        total += none * q * sum(back[i + 1 :]) + q * (weights[i] + update[i])
        none *= 1 - q
    return total


def asked(ask: Ask, p: Sequence[float], costs: Sequence[Sequence[float]]) -> float:
    """The answer as a float, given lists of its own."""
    return number(ask(list(p), *map(list, costs)), "the expected energy")


def shown_list(values: Sequence[float]) -> str:
    return shown(torch.tensor(values, dtype=torch.float64))


def probe(ask: Ask, variant: int) -> list[float]:
    """Energies of 2, 4 and 5 layers."""
    return [asked(ask, *drawn(seeded(variant, 70 + n), n)) for n in (2, 4, 5)]


def _require(ask: Ask, p: Sequence[float], costs: Costs, expected: float) -> None:
    found = asked(ask, p, costs)
    if not abs(found - expected) <= 1e-5 * expected:
        right, wrong = told_apart(expected, found)
        named = (f"{name} {shown_list(c)}" for name, c in zip("FGWU", costs, strict=True))
        raise Wrong(
            f"p {shown_list(p)}, {', '.join(named)}: the expected energy is {right}, got {wrong}"
        )


def all_sets(ask: Ask, variant: int) -> None:
    """The mean over all sets of updated layers."""
    for salt, layers in enumerate((3, 2, 5, 7)):
        p, costs = drawn(seeded(variant, salt), layers)
        _require(ask, p, costs, enumerated(p, costs))


def one_cost(ask: Ask, variant: int) -> None:
    """Each of the four costs by itself, in each layer."""
    p, _ = drawn(seeded(variant, 10), 4)
    for kind, layer in product(range(4), range(4)):
        costs = [[float(k == kind and i == layer) for i in range(4)] for k in range(4)]
        found, expected = asked(ask, p, costs), enumerated(p, costs)
        if not abs(found - expected) <= 1e-6:
            right, wrong = told_apart(expected, found)
            raise Wrong(
                f"p {shown_list(p)}: if only {'FGWU'[kind]} of layer {layer} is 1, and all other "
                f"costs are 0, the expected energy is {right}, got {wrong}"
            )


def certain(ask: Ask, variant: int) -> None:
    """Probabilities of 0 and 1: no layer updated, all of them, a single one; and one layer."""
    rng = seeded(variant, 20)
    _, costs = drawn(rng, 5)
    single = [[float(i == k) for i in range(5)] for k in range(5)]
    for p in ([0.0] * 5, [1.0] * 5, *single, [0.0, 0.0, 0.5, 1.0, 0.0]):
        _require(ask, p, costs, enumerated(p, costs))
    p, costs = drawn(rng, 1)
    _require(ask, p, costs, p[0] * (costs[2][0] + costs[3][0]) + costs[0][0])


def order(ask: Ask, variant: int) -> None:
    """Which layers are updated more often matters: 10-30-50 saves 45.4 %, 50-30-10 36.9 %."""
    unit = 1.0 + variant % 7
    costs = [[unit] * 3, [unit] * 3, [0.9 * unit] * 3, [0.1 * unit] * 3]
    for p in ([0.1, 0.3, 0.5], [0.3, 0.3, 0.3], [0.5, 0.3, 0.1]):
        saved, right = (1 - e / (8 * unit) for e in (asked(ask, p, costs), enumerated(p, costs)))
        if not abs(saved - right) <= 1e-5:
            raise Wrong(
                f"three equal layers, F = G = W + U, p {shown_list(p)}: {100 * right:.1f} % of the "
                f"whole step is saved, you say {100 * saved:.1f} %"
            )


def many_layers(ask: Ask, variant: int) -> None:
    """Two hundred layers, whose sets nobody goes through; energies in joules or picojoules."""
    for salt, size in enumerate((10.0, 1e-9, 1e9)):
        p, costs = drawn(seeded(variant, 30 + salt), 200, size=size)
        p = [0.02 * q for q in p]
        _require(ask, p, costs, by_the_lowest(p, costs))


def untouched(ask: Ask, variant: int) -> None:
    """Lists and tuples, which stay as they are."""
    p, costs = drawn(seeded(variant, 40), 4)
    given = [list(p), *map(list, costs)]
    ask(*given)
    if given != [p, *costs]:
        raise Wrong("the lists are not the same after the call", CHANGED)
    expected = enumerated(p, costs)
    found = number(ask(tuple(p), *map(tuple, costs)), "the expected energy")
    if not abs(found - expected) <= 1e-4:
        raise Wrong(f"with tuples the answer is another one than {expected:.6g}")


expected_energy = Exercise(
    lab="lab13_hardware",
    name="expected_energy",
    section=sections.HALO,
    library=(
        "course_lib.hardware.energy:expected_energy",
        "course_lib.hardware.energy:step_energy",
    ),
    laws={
        "the mean over which layers are updated": all_sets,
        "each cost by itself": one_cost,
        "none, all, or a single layer": certain,
        "the order of the layers matters": order,
        "two hundred layers": many_layers,
        "lists and tuples, which stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "The mean of a sum is the sum of the means: for each of the four costs of each layer, how "
        "likely is it that it is paid?",
        "F always; W and U with p_l. G_l: when somebody before layer l waits for the gradient.",
        "At least one of the layers before l is updated: 1 - (1 - p_0) ... (1 - p_{l-1}). For "
        "layer 0 that is 0.",
        "Go through the layers once, and carry along the chance that none was updated so far: "
        "begin with 1, multiply by 1 - p_l after each layer.",
    ),
    basic="the mean over which layers are updated",
    seconds=5.0,
)
