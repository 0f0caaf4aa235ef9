"""Answers to `expected_energy`."""

import random
from itertools import accumulate
from math import prod
from operator import mul

import numpy as np
import torch

from course_lib.hardware import energy as library


def carried(p, forward, input_gradient, weight_gradient, update):
    none, total = 1.0, 0.0
    for i in range(len(p)):
        total += forward[i] + (1 - none) * input_gradient[i]
        total += p[i] * (weight_gradient[i] + update[i])
        none = none * (1 - p[i])
    return total


def by_numpy(p, forward, input_gradient, weight_gradient, update):
    p, f, g, w, u = map(np.asarray, (p, forward, input_gradient, weight_gradient, update))
    before = np.concatenate([[1.0], np.cumprod(1 - p)[:-1]])
    return f.sum() + g @ (1 - before) + p @ (w + u)


def by_lowest(p, forward, input_gradient, weight_gradient, update):
    """Right: by which layer is the lowest."""
    stays = list(accumulate((1 - q for q in p), mul, initial=1.0))
    updated = zip(p, weight_gradient, update, strict=True)
    total = sum(forward) + sum(q * (w + u) for q, w, u in updated)
    for lowest, q in enumerate(p):
        total += stays[lowest] * q * sum(input_gradient[lowest + 1 :])
    return total


def backwards(p, forward, input_gradient, weight_gradient, update):
    """Right: from the output on, what a layer and all after it cost, waiting or not."""
    waiting = still = 0.0
    for q, f, g, w, u in reversed(
        list(zip(p, forward, input_gradient, weight_gradient, update, strict=True))
    ):
        still = f + q * (w + u) + q * waiting + (1 - q) * still
        waiting = f + g + q * (w + u) + waiting
    return still


def in_torch(p, forward, input_gradient, weight_gradient, update):
    """Right: a tensor of shape ()."""
    p = torch.tensor(p, dtype=torch.float64)
    costs = (forward, input_gradient, weight_gradient, update)
    f, g, w, u = (torch.tensor(cost, dtype=torch.float64) for cost in costs)
    some = 1 - torch.cumprod(torch.cat([torch.ones(1).double(), 1 - p[:-1]]), 0)
    return (f + some * g + p * (w + u)).sum()


def with_chances(
    *,
    back=lambda p, i: 1 - prod(1 - q for q in p[:i]),
    ahead=lambda p, i: 1.0,
    weights=lambda p, i: p[i],
    updates=lambda p, i: p[i],
    end=lambda total: total,
):
    """A right answer unless a part is exchanged."""

    def expected_energy(p, forward, input_gradient, weight_gradient, update):
        total = 0.0
        for i in range(len(p)):
            total += ahead(p, i) * forward[i] + back(p, i) * input_gradient[i]
            total += weights(p, i) * weight_gradient[i] + updates(p, i) * update[i]
        return end(total)

    return expected_energy


def simulated(p, forward, input_gradient, weight_gradient, update, times=300):
    draw, total = random.Random(0), 0.0
    for _ in range(times):
        waiting = False
        for i, q in enumerate(p):
            now = draw.random() < q
            total += forward[i] + waiting * input_gradient[i]
            total += now * (weight_gradient[i] + update[i])
            waiting |= now
    return total / times


def swapped_costs(p, forward, input_gradient, weight_gradient, update):
    return carried(p, input_gradient, forward, weight_gradient, update)


def swapped_gradients(p, forward, input_gradient, weight_gradient, update):
    return carried(p, forward, weight_gradient, input_gradient, update)


def mean_probability(p, forward, input_gradient, weight_gradient, update):
    mean = sum(p) / len(p)
    return carried([mean] * len(p), forward, input_gradient, weight_gradient, update)


def reversed_layers(p, *costs):
    return carried(p[::-1], *(cost[::-1] for cost in costs))


def forward_twice(p, forward, input_gradient, weight_gradient, update):
    """The backward pass for two forward ones."""
    return 3 * sum(forward)


def sorted_schedule(p, *costs):
    return carried(sorted(p), *costs)


def pops(p, forward, input_gradient, weight_gradient, update):
    p = list(p) if type(p) is tuple else p
    found = carried(p, forward, input_gradient, weight_gradient, update)
    p.reverse()
    return found


def lists_only(p, forward, input_gradient, weight_gradient, update):
    return carried(list.copy(p), forward, input_gradient, weight_gradient, update)


def forgets_return(p, *costs):
    carried(p, *costs)


def calls_library(p, *costs):
    return library.expected_energy(p, *costs)


ALL = "every layer pays for its input gradient"
ITSELF = "a layer passes the gradient on where it is updated itself"
LOWEST = "the lowest updated layer passes the gradient on, too"
MIXED = "input and output are mixed up"
UNION = "the chance of at least one is not the sum"
EACH = "this is the chance of all, or of none"
ALWAYS = "what is always paid, and what sometimes, is mixed up"
SETS = "✘ the mean over which layers are updated"
WRONG = [
    (with_chances(back=lambda p, i: 1), ALL),
    (with_chances(back=lambda p, i: min(i, 1)), SETS),
    (with_chances(back=lambda p, i: 1 - prod(1 - q for q in p)), ALL),
    (with_chances(back=lambda p, i: p[i]), ITSELF),
    (with_chances(back=lambda p, i: p[i] * (1 - prod(1 - q for q in p[:i]))), ITSELF),
    (with_chances(back=lambda p, i: 1 - prod(1 - q for q in p[: i + 1])), LOWEST),
    (with_chances(back=lambda p, i: 1 - prod(1 - q for q in p[i + 1 :])), MIXED),
    (with_chances(back=lambda p, i: 1 - prod(1 - q for q in p[i:])), MIXED),
    (with_chances(back=lambda p, i: sum(p[:i])), UNION),
    (with_chances(back=lambda p, i: max([0, *p[:i]])), UNION),
    (with_chances(back=lambda p, i: prod(p[:i])), EACH),
    (with_chances(back=lambda p, i: prod(1 - q for q in p[:i])), EACH),
    (with_chances(back=lambda p, i: p[i - 1] if i else 0.0), SETS),
    (with_chances(back=lambda p, i: p[0] if i else 0.0), SETS),
    (with_chances(back=lambda p, i: 0.0), SETS),
    (with_chances(ahead=lambda p, i: p[i]), ALWAYS),
    (with_chances(ahead=lambda p, i: 1 - prod(1 - q for q in p[: i + 1])), SETS),
    (with_chances(weights=lambda p, i: 1.0), ALWAYS),
    (with_chances(updates=lambda p, i: 1.0), ALWAYS),
    (with_chances(weights=lambda p, i: 1.0, updates=lambda p, i: 1.0), SETS),
    (with_chances(weights=lambda p, i: 1 - prod(1 - q for q in p[: i + 1])), SETS),
    (with_chances(updates=lambda p, i: 0.0), ALWAYS),
    (with_chances(updates=lambda p, i: p[i] ** 2), SETS),
    (simulated, SETS),
    (swapped_costs, SETS),
    (swapped_gradients, SETS),
    (mean_probability, SETS),
    (reversed_layers, "✘ the order of the layers matters"),
    (sorted_schedule, SETS),
    (forward_twice, SETS),
    (with_chances(end=lambda total: round(total, 3)), "✘"),
    (with_chances(end=lambda total: [total]), "expected a number"),
    (pops, "the function changes its arguments"),
    (lists_only, "doesn't apply to a 'tuple'"),
    (forgets_return, "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [carried, by_numpy, by_lowest, backwards, in_torch]
POINTLESS = (
    lambda p, forward, *costs: sum(forward),
    lambda p, *costs: sum(map(sum, costs)),
)
PARTICULAR = {
    "the function changes its arguments": {"lists and tuples, which stay as they are"},
    "doesn't apply": {"lists and tuples, which stay as they are"},
}
EQUIVALENT = {
    "line 2: zip(p, forward, input_gradient, weight_gradient, update, ... -> zip(p, forward, "
    "input_gradient, update, weight_gradient, ...": "both are paid where the layer is updated",
    "line 2: zip(p, forward, input_gradient, weight_gradient, update, ... -> zip(p, forward, "
    "input_gradient, weight_gradient, update)": "all five are of one length",
}
