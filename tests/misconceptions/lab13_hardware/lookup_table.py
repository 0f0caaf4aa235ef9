"""Answers to `lookup_table`."""

import random
from itertools import product

import numpy as np
import torch

from course_lib.hardware import lookup as library


def in_place(latency, reference, choices):
    """Right: a list, changed and put back."""
    base, arch = latency(reference), list(reference)
    cost = torch.zeros(len(arch), choices)
    for p, own in enumerate(reference):
        for c in set(range(choices)) - {own}:
            arch[p] = c
            cost[p, c] = latency(tuple(arch)) - base
        arch[p] = own
    return base, cost


def comprehended(latency, reference, choices):
    """Right: the library's record, from a generator."""
    base = latency(reference)

    def row(p):
        for c in range(choices):
            changed = tuple(c if q == p else own for q, own in enumerate(reference))
            yield latency(changed) - base if c != reference[p] else 0.0

    rows = [list(row(p)) for p in range(len(reference))]
    return library.LookupTable(base, torch.tensor(rows, dtype=torch.float64))


def remembered(latency, reference, choices):
    """Right: measured when it is first needed, from the last position on."""
    known = {}

    def once(arch):
        if arch not in known:
            known[arch] = latency(arch)
        return known[arch]

    cost = np.zeros((len(reference), choices))
    for p, c in reversed(list(product(range(len(reference)), range(choices)))):
        cost[p, c] = once((*reference[:p], c, *reference[p + 1 :])) - once(reference)
    return np.float64(once(reference)), torch.from_numpy(cost)


def in_single_precision(latency, reference, choices):
    """Right: a tensor of latencies, and the reference's subtracted."""
    base = latency(reference)
    rows = torch.full((len(reference), choices), base)
    for p in range(len(reference)):
        for c in range(choices):
            if reference[p] != c:
                rows[p, c] = latency((*reference[:p], c, *reference[p + 1 :]))
    return [torch.tensor(base), rows - base]


def changed(
    *,
    begin=lambda reference: reference,
    put=lambda reference, p, c: (*reference[:p], c, *reference[p + 1 :]),
    value=lambda latency, base: latency - base,
    skip=True,
    end=lambda base, cost: (base, cost),
):
    """A right answer unless a part is exchanged."""

    def lookup_table(latency, reference, choices):
        reference = begin(reference)
        base, known = latency(reference), {}
        cost = torch.zeros(len(reference), choices, dtype=torch.float64)
        for p in range(len(reference)):
            for c in range(choices):
                arch = put(reference, p, c)
                known.setdefault(arch, base if arch == reference else latency(arch))
                if c != reference[p] or not skip:
                    cost[p, c] = value(known[arch], base)
        return end(base, cost)

    return lookup_table


def asks_again(latency, reference, choices):
    base = latency(reference)
    cost = [
        [latency((*reference[:p], c, *reference[p + 1 :])) - base for c in range(choices)]
        for p in range(len(reference))
    ]
    return base, torch.tensor(cost, dtype=torch.float64)


def base_every_time(latency, reference, choices):
    cost = torch.zeros(len(reference), choices, dtype=torch.float64)
    for p, c in product(range(len(reference)), range(choices)):
        changed = (*reference[:p], c, *reference[p + 1 :])
        cost[p, c] = latency(changed) - latency(reference)
    return latency(reference), cost


def walks_on(latency, reference, choices):
    """Positions that were tried keep their last choice; differences are from the base."""
    arch, base = list(reference), latency(reference)
    cost = torch.zeros(len(arch), choices, dtype=torch.float64)
    for p in range(len(arch)):
        for c in range(choices):
            arch[p] = c
            cost[p, c] = latency(tuple(arch)) - base
    return base, cost


def step_by_step(latency, reference, choices):
    """Differences from the measurement before."""
    base = last = latency(reference)
    cost = torch.zeros(len(reference), choices, dtype=torch.float64)
    for p in range(len(reference)):
        for c in range(choices):
            if c != reference[p]:
                now = latency((*reference[:p], c, *reference[p + 1 :]))
                cost[p, c], last = now - last, now
    return base, cost


def single_operation(latency, reference, choices):
    base, n = latency(reference), len(reference)
    row = torch.tensor([latency((c,) * n) / n for c in range(choices)], dtype=torch.float64)
    return base, (row - base / n).repeat(n, 1)


def first_position_for_all(latency, reference, choices):
    base, cost = in_place(latency, reference, choices)
    return base, cost[:1].repeat(len(reference), 1)


def regression(latency, reference, choices):
    """Least squares on random architectures, the reference's entries 0."""
    draw, n = random.Random(0), len(reference)
    archs = [tuple(draw.randrange(choices) for _ in reference) for _ in range(40 * n * choices)]
    x = np.array([np.eye(choices)[list(arch)].ravel() for arch in archs])
    y = np.array([latency(arch) for arch in archs])
    fit, *_ = np.linalg.lstsq(np.c_[x, np.ones(len(x))], y, rcond=None)
    cost = torch.from_numpy(fit[:-1].reshape(n, choices))
    cost -= cost[torch.arange(n), list(reference)][:, None]
    return latency(reference), cost


def as_lists(latency, reference, choices):
    base, arch = latency(reference), list(reference)
    for c in range(choices):
        arch[0] = c
        latency(arch)
    return base, torch.zeros(len(arch), choices)


def cannot_write(latency, reference, choices):
    base = latency(reference)
    cost = torch.zeros(len(reference), choices)
    for p in range(len(reference)):
        for c in range(choices):
            reference[p] = c
            cost[p, c] = latency(reference) - base
    return base, cost


def from_one(latency, reference, choices):
    """Choices counted from 1."""
    base = latency(reference)
    for c in range(1, choices + 1):
        latency((c, *reference[1:]))
    return base, torch.zeros(len(reference), choices)


def calls_library(latency, reference, choices):
    return library.lookup_table(latency, reference, choices)


WHOLE = "an entry is a whole latency, not a difference"
SIGN = "the sign of a difference is wrong"
BASE = "the base is not the latency of the reference"
STAYS = "a change stays while the next position is tried"
START = "the costs of a position do not start from the reference"
OTHER = "another architecture takes the place of the reference"
SAME = "an operation costs the same at every position"
AGAIN = "an architecture is measured more than once"
WRONG = [
    (changed(value=lambda latency, base: latency, skip=False), WHOLE),
    (changed(value=lambda latency, base: latency), "the costs of position"),
    (changed(value=lambda latency, base: base - latency), SIGN),
    (changed(value=lambda latency, base: abs(latency - base)), "the costs of position"),
    (changed(value=lambda latency, base: max(latency - base, 0.0)), "the costs of position"),
    (changed(value=lambda latency, base: latency / base), "the costs of position"),
    (changed(value=lambda latency, base: latency / base - 1), "the costs of position"),
    (changed(value=lambda latency, base: round(latency - base, 3)), "the costs of position"),
    (changed(end=lambda base, cost: (0.0, cost)), BASE),
    (changed(end=lambda base, cost: (base / len(cost), cost)), BASE),
    (changed(end=lambda base, cost: (base, cost + base / len(cost))), "the costs of position"),
    (changed(end=lambda base, cost: (base, cost - cost.min(1, keepdim=True)[0])), START),
    (changed(end=lambda b, cost: (b, cost - cost.mean(1, keepdim=True))), START),
    (
        changed(
            end=lambda base, cost: (
                base + float(cost.amin(1).sum()),
                cost - cost.amin(1, keepdim=True),
            )
        ),
        "latency(reference) is",
    ),
    (changed(end=lambda base, cost: (base, cost.T)), "✘"),
    (changed(end=lambda base, cost: (base, cost.flatten())), "cost has shape"),
    (changed(end=lambda base, cost: cost), "expected the tuple (base, cost)"),
    (changed(end=lambda base, cost: (cost, base)), "✘"),
    (changed(end=lambda base, cost: (base, cost.tolist())), "expected a tensor"),
    (changed(end=lambda base, cost: None), "`return` missing"),
    (changed(begin=lambda reference: (0,) * len(reference)), OTHER),
    (asks_again, AGAIN),
    (base_every_time, AGAIN),
    (walks_on, STAYS),
    (step_by_step, "the costs of position"),
    (single_operation, SAME),
    (first_position_for_all, "the costs of position"),
    (regression, "✘ around the reference where neighbours matter"),
    (as_lists, "expects a tuple of"),
    (cannot_write, "does not support item assignment"),
    (from_one, "has a choice outside 0 to"),
    (calls_library, "library's function is called"),
]
RIGHT = [in_place, comprehended, remembered, in_single_precision, changed()]
POINTLESS = (
    lambda latency, reference, choices: (
        latency(reference),
        torch.zeros(len(reference), choices),
    ),
    lambda latency, reference, choices: (0.0, torch.zeros(len(reference), choices)),
)
PARTICULAR = {AGAIN: {"no architecture is measured twice"}}
EQUIVALENT = {
    "line 2: torch.zeros(len(reference), choices, dtype=torch.float64) -> "
    "torch.zeros(len(reference), choices)": "differences fit into single precision",
}
