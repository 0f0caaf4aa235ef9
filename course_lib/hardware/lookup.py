"""An additive model of latency: what each choice costs by itself, looked up and summed."""

import itertools
from collections.abc import Callable, Collection
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from course_lib.core import Arch


class LookupTable(NamedTuple):
    """Latency = base + the sum over positions p of cost[p, choice at p], in the device's unit.

    base: the latency of the reference. cost: (positions, choices), 0 at the reference's choices.
    """

    base: float
    cost: Tensor


def single_changes(reference: Arch, choices: int) -> list[Arch]:
    """The reference, then for every position and every choice the reference with that choice.

    1 + positions * choices architectures, the reference itself several times among them: what has
    to be measured, best of all together (`course_lib.hardware.measure`).
    """
    if choices < 1 or not all(0 <= choice < choices for choice in reference):
        raise ValueError(
            f"expected a reference with choices from 0 to {choices - 1}, got {reference}"
        )
    changed = itertools.product(range(len(reference)), range(choices))
    return [reference] + [(*reference[:p], c, *reference[p + 1 :]) for p, c in changed]


def lookup_table(latency: Callable[[Arch], float], reference: Arch, choices: int) -> LookupTable:
    """What each choice adds to the reference: cost[p, c] = latency(reference, p set to c) - base.

    The table says the latency of every architecture exactly where a device is additive, and only
    there. ValueError: a latency is not finite. Source: Cai et al. 2019 (ProxylessNAS), appendix B.
    """
    base, *others = (float(latency(arch)) for arch in single_changes(reference, choices))
    cost = torch.tensor(others, dtype=torch.float64).view(len(reference), choices) - base
    if not cost.isfinite().all():
        raise ValueError(f"a latency is not finite: measure again; the costs are {cost.tolist()}")
    return LookupTable(base, cost)


def lookup_latency(table: LookupTable, archs: Tensor) -> Tensor:
    """base + sum over positions of the cost of the choice there: (n, positions) int64 -> (n,)."""
    positions, choices = table.cost.shape
    if archs.ndim != 2 or archs.shape[1] != positions or archs.dtype != torch.int64:
        raise ValueError(
            f"expected architectures (n, {positions}) as int64, got {tuple(archs.shape)} of "
            f"{archs.dtype}"
        )
    if archs.numel() and not (archs.min() >= 0 and archs.max() < choices):
        raise ValueError(f"a choice lies outside 0 to {choices - 1}, the choices of the table")
    return table.base + table.cost[torch.arange(positions), archs].sum(1)


def measured_table(
    samples: Tensor, choices: int, rng: Generator, *, quantile: float = 0.1, resamples: int = 200
) -> tuple[LookupTable, Tensor]:
    """The table of measurements of `single_changes`, and the standard error of each cost.

    samples: (rounds, 1 + positions * choices), every round all of them. Latencies are low
    quantiles over the rounds. The error is the bootstrap's: whole rounds are drawn with
    replacement, so that what a round did to all counts once.
    """
    rounds, measured = samples.shape
    if rounds < 2 or (measured - 1) % choices or measured == 1:
        raise ValueError(
            f"expected samples (rounds, 1 + positions * {choices}) of two or more rounds, got "
            f"{tuple(samples.shape)}"
        )
    samples = samples.double()
    drawn = torch.randint(rounds, (resamples, rounds), generator=rng)
    again = torch.stack([_costs(samples[rows], quantile) for rows in drawn])
    cost = _costs(samples, quantile).view(-1, choices)
    return LookupTable(float(samples[:, 0].quantile(quantile)), cost), again.std(0).view_as(cost)


def check_table(
    table: LookupTable, noise: Tensor, *, free: Collection[int] = (), errors: float = 2.0
) -> LookupTable:
    """The table itself; ValueError names every cost that does not stand out of the noise.

    noise: (positions, choices), standard errors of the costs; a cost stands out where it is more
    than `errors` of them. free: choices that may cost nothing, such as those of the reference.
    """
    if noise.shape != table.cost.shape:
        raise ValueError(
            f"expected noise of shape {tuple(table.cost.shape)}, got {tuple(noise.shape)}"
        )
    doubtful = [
        f"position {p}, choice {c}: {table.cost[p, c]:.3g} +- {noise[p, c]:.2g}"
        for p, c in (table.cost <= errors * noise).nonzero().tolist()
        if c not in free
    ]
    if doubtful:
        raise ValueError(
            f"{len(doubtful)} costs are not more than {errors:g} standard errors above zero, and "
            "an operation that saves time is noise: measure more rounds, on a quieter machine; "
            + "; ".join(doubtful)
        )
    return table


def _costs(samples: Tensor, quantile: float) -> Tensor:
    latency = samples.quantile(quantile, dim=0)
    return latency[1:] - latency[0]
