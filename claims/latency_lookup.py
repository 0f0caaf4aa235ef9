"""Lecture 13: what orders networks by latency: operations, a look-up table, a fitted line?"""

from collections.abc import Sequence

import torch
from torch import Tensor

from claims.estimates import estimates
from claims.latencies import SPACE, Latencies, groups, latencies
from course_lib.core import make_rng
from course_lib.hardware.latency_predictors import fit_ridge, skill
from course_lib.hardware.lookup import (
    LookupTable,
    check_table,
    lookup_latency,
    lookup_table,
    single_changes,
)
from course_lib.show.measured import Measured

REFERENCE = ("skip_connect",) * 6
FREE = ("none", "skip_connect")
BY = ("operations", "look-up table", "counts")


def lookup() -> Measured:
    """Spearman's correlation with measured latency, per device and way to say it."""
    given = latencies()
    changes = measured_for_the_table(given)
    rows = groups(len(given.archs))
    samples, found = {}, {}
    for device, name in enumerate(given.devices):
        said = {
            "operations": [given.macs] * len(rows),
            "look-up table": [by_table(given, device)] * len(rows),
            "counts": [
                by_counts(given, device, len(changes), own, i) for i, own in enumerate(rows)
            ],
        }
        rank = {way: correlations(given, device, said[way], rows) for way in BY}
        pairs = {"table - operations": BY[1::-1], "counts - table": BY[:0:-1]}
        for label, (one, other) in pairs.items():
            ahead = [a - b for a, b in zip(rank[one], rank[other], strict=True)]
            samples[f"{name}: {label}"] = [ahead]
        found[name] = {way: sum(values) / len(values) for way, values in rank.items()}
    return Measured(
        conditions=f"{given.conditions()} The table was made from {len(changes)} of them, cells of "
        "skip connections with one edge changed, and the line on the counts was fitted to as many "
        "random ones outside of the group that it orders. Edges that do not matter count nothing. "
        + " ".join(f"{name}: {spoken(rank)}." for name, rank in found.items()),
        estimates=estimates(samples),
        over="groups of networks",
        seeds=list(range(len(rows))),
        settings={"measurements": len(changes), "correlation": found},
    )


def spoken(rank: dict[str, float]) -> str:
    return ", ".join(f"{way} {value:.3f}" for way, value in rank.items())


def table_of(given: Latencies, device: int) -> LookupTable:
    """The look-up table of a device, refused where a cost is noise."""
    seconds = given.seconds[:, device]
    operations = SPACE.operations
    table = lookup_table(
        lambda arch: float(seconds[given.places[SPACE.canonical(arch)]]),
        tuple(operations.index(name) for name in REFERENCE),
        len(operations),
    )
    noise = torch.full_like(table.cost, 2**0.5 * given.noise(device))
    return check_table(table, noise, free=[operations.index(name) for name in FREE])


def measured_for_the_table(given: Latencies) -> list[int]:
    """The different networks that `table_of` reads."""
    operations = SPACE.operations
    reference = tuple(operations.index(name) for name in REFERENCE)
    changes = single_changes(reference, len(operations))
    return sorted({given.places[SPACE.canonical(arch)] for arch in changes})


def by_table(given: Latencies, device: int) -> Tensor:
    return lookup_latency(table_of(given, device), torch.tensor(given.archs))


def by_counts(given: Latencies, device: int, count: int, group: Tensor, seed: int) -> Tensor:
    """Ridge on the counts of the canonical form, fitted outside of the group."""
    outside = torch.ones(len(given.archs), dtype=torch.bool)
    outside[group] = False
    rest = outside.nonzero()[:, 0]
    fitted = rest[torch.randperm(len(rest), generator=make_rng(seed))[:count]]
    return fit_ridge(given.counts[fitted], given.seconds[fitted, device])(given.counts)


def correlations(
    given: Latencies, device: int, said: Sequence[Tensor], rows: Sequence[Tensor]
) -> list[float]:
    """Within each group, of what was said for it."""
    seconds = given.seconds[:, device]
    return [skill(own[g], seconds[g]).correlation for own, g in zip(said, rows, strict=True)]
