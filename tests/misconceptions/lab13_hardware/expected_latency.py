"""Answers to `expected_latency`."""

from itertools import product

import torch
from torch.nn import functional as F

from course_lib.hardware import expected_latency as library


def by_einsum(logits, table):
    chances = torch.softmax(logits, dim=1)
    return table.base + torch.einsum("pc,pc->", chances, table.cost.to(chances))


def in_rows(logits, table):
    """Right: position by position, with numbers as costs."""
    total = torch.as_tensor(table.base, dtype=logits.dtype)
    for row, costs in zip(logits, table.cost.tolist(), strict=True):
        chances = (row - row.max()).exp()
        total = total + sum(c * x for c, x in zip(costs, chances, strict=True)) / chances.sum()
    return total


def enumerating(logits, table):
    """Right: all architectures, for as many as there are here."""
    logs = logits.log_softmax(1)
    rows = range(len(logits))
    chances, latencies = [], []
    for arch in product(range(logits.shape[1]), repeat=len(logits)):
        chances.append(sum(logs[p, arch[p]] for p in rows).exp())
        latencies.append(table.base + sum(float(table.cost[p, arch[p]]) for p in rows))
    return torch.stack(chances) @ torch.tensor(latencies, dtype=logits.dtype)


def by_logsumexp(logits, table):
    """Right: the derivative of log sum exp(logits + t cost) at t = 0, by hand."""
    chances = (logits - logits.logsumexp(1, keepdim=True)).exp()
    return (chances * table.cost).sum(dtype=logits.dtype).add(table.base)


def in_double(logits, table):
    return (F.softmax(logits.double(), -1) * table.cost.double()).sum() + table.base


def parts(
    *,
    chances=lambda logits: logits.softmax(1),
    cost=lambda table: table.cost,
    base=lambda table: table.base,
    gather=torch.sum,
    end=lambda value: value,
):
    """A right answer unless a part is exchanged."""

    def expected_latency(logits, table):
        weights = chances(logits)
        return end(base(table) + gather(weights * cost(table).to(logits.dtype)))

    return expected_latency


def likeliest(logits, table):
    return table.base + table.cost[torch.arange(len(logits)), logits.argmax(1)].sum()


def straight_through(logits, table):
    soft = logits.softmax(1)
    hard = F.one_hot(soft.argmax(1), logits.shape[1]) - soft.detach() + soft
    return table.base + (hard * table.cost).sum()


def gumbel(logits, table):
    return table.base + (F.gumbel_softmax(logits, dim=1) * table.cost).sum()


def sampled(logits, table, times=2000):
    drawn = torch.multinomial(logits.detach().softmax(1), times, replacement=True)
    return table.base + table.cost.gather(1, drawn).sum(0).mean()


def detached(logits, table):
    return by_einsum(logits, table).detach()


def soft_as_numbers(logits, table):
    return table.base + (torch.tensor(logits.softmax(1).tolist()) * table.cost).sum()


def without_gradients(logits, table):
    with torch.no_grad():
        return by_einsum(logits, table)


def a_float(logits, table):
    return float(by_einsum(logits, table))


def naive(logits, table):
    """Overflows beyond 709, or 88."""
    odds = logits.exp()
    return table.base + (odds / odds.sum(1, keepdim=True) * table.cost).sum()


def one_maximum(logits):
    """A row far below the largest logit of all has no odds left."""
    odds = (logits - logits.max()).exp()
    return odds / odds.sum(1, keepdim=True)


def sharpened(logits, table):
    return table.base + ((logits / 0.5).softmax(1) * table.cost).sum()


def only_costs_above(logits, table):
    return table.base + (logits.softmax(1) * table.cost.clamp(min=0)).sum()


def cheapest(logits, table):
    return table.base + (logits.softmax(1) * table.cost).amin(1).sum()


def slowest_position(logits, table):
    return table.base + (logits.softmax(1) * table.cost).sum(1).max()


def product_of_rows(logits, table):
    return table.base + (logits.softmax(1) * table.cost).sum(1).prod()


def wants_gradient(logits, table):
    logits.requires_grad_()
    return by_einsum(logits, table)


def centres_in_place(logits, table):
    with torch.no_grad():
        logits -= logits.max()
    return by_einsum(logits, table)


def swapped_table(logits, table):
    return table.base + (logits.softmax(1) * table.cost.flip(1)).sum()


def per_position(logits, table):
    return table.base + (logits.softmax(1) * table.cost).sum(1)


def without_return(logits, table):
    by_einsum(logits, table)


def calls_library(logits, table):
    return library.expected_latency(logits, table)


AXIS = "the softmax runs over the wrong axis"
NO_BASE = "the base is left out"
BASES = "the base is counted once for every position"
MEAN = "the positions are averaged"
LIKELIEST = "this is the latency of the likeliest architecture"
RAW = "the logits are no probabilities yet"
ALIKE = "all choices count alike"
CUT = "the gradient is cut off"
MEAN_OF_ALL = "✘ the mean over all architectures"
WRONG = [
    (parts(chances=lambda logits: logits.softmax(0)), AXIS),
    (parts(chances=lambda logits: logits.flatten().softmax(0).reshape(logits.shape)), AXIS),
    (parts(base=lambda table: 0.0), NO_BASE),
    (parts(base=lambda table: len(table.cost) * table.base), BASES),
    (parts(cost=lambda table: table.cost + table.base), BASES),
    (parts(cost=lambda table: table.cost + table.base, base=lambda table: 0.0), BASES),
    (parts(gather=torch.mean), MEAN),
    (parts(gather=lambda each: each.sum(1).mean()), MEAN),
    (parts(chances=lambda logits: logits), RAW),
    (parts(chances=torch.sigmoid), RAW),
    (parts(chances=lambda logits: logits.log_softmax(1)), RAW),
    (parts(chances=lambda logits: logits.exp()), RAW),
    (parts(chances=lambda logits: logits / logits.sum(1, keepdim=True)), MEAN_OF_ALL),
    (parts(chances=lambda logits: (-logits).softmax(1)), MEAN_OF_ALL),
    (parts(chances=lambda logits: torch.full_like(logits, 1 / logits.shape[1])), ALIKE),
    (likeliest, MEAN_OF_ALL),
    (straight_through, LIKELIEST),
    (gumbel, MEAN_OF_ALL),
    (sampled, MEAN_OF_ALL),
    (detached, CUT),
    (without_gradients, CUT),
    (soft_as_numbers, CUT),
    (a_float, "expected a tensor of shape ()"),
    (parts(end=lambda value: value.log()), MEAN_OF_ALL),
    (naive, "✘ where all is decided, one latency"),
    (parts(chances=one_maximum), "✘ where all is decided, one latency"),
    (sharpened, MEAN_OF_ALL),
    (only_costs_above, MEAN_OF_ALL),
    (cheapest, MEAN_OF_ALL),
    (slowest_position, "✘"),
    (product_of_rows, "✘"),
    (swapped_table, MEAN_OF_ALL),
    (wants_gradient, "✘ any precision, and the arguments stay"),
    (centres_in_place, "the function changes its arguments"),
    (per_position, "has shape (2,), expected ()"),
    (without_return, "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_einsum, in_rows, enumerating, by_logsumexp, in_double]
POINTLESS = (
    lambda logits, table: torch.tensor(table.base),
    lambda logits, table: table.base + 0 * logits.sum(),
)
PARTICULAR = {
    "✘ where all is decided": {"where all is decided, one latency"},
    CUT: {"the gradient of that mean", "down the gradient to the fastest"},
    "the function changes its arguments": {"any precision, and the arguments stay"},
}
EQUIVALENT = {
    "line 1: table.cost.to(logits.dtype) -> table.cost": "the product is in double precision then",
    "line 1: -1 -> 1": "the last axis of a matrix is axis 1",
}
