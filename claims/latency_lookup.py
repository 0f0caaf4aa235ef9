"""Lecture 13: what orders networks by latency: operations, a look-up table, a fitted line?"""

from collections.abc import Sequence

import torch
from torch import Tensor

from claims.estimates import estimates
from claims.latencies import SPACE, Latencies, groups, latencies
from course_lib.core import Arch, make_rng
from course_lib.hardware.edge_samples import (
    EVERY_EDGE,
    NONE,
    ONE_EDGE,
    SKIP,
    EdgeSamples,
    edges201,
)
from course_lib.hardware.latency_predictors import fit_ridge, skill
from course_lib.hardware.lookup import (
    LookupTable,
    check_table,
    lookup_latency,
    measured_table,
    single_changes,
)
from course_lib.show.measured import Measured

CHOICES = len(SPACE.operations)
BY = ("operations", "table of one edge", "table of six edges", "counts")
PAIRS = ((BY[1], BY[0]), (BY[2], BY[0]), (BY[3], BY[2]))


def lookup() -> Measured:
    """Spearman's correlation with measured latency, per device and way to say it."""
    edges, samples, found, counted = edges201(), {}, {}, {}
    changes = len({SPACE.canonical(arch) for arch in single_changes(EVERY_EDGE, CHOICES)})
    for device in edges.devices:
        given = latencies(device)
        dealt = groups(len(given.archs))
        rank = correlations(given, edges, changes, dealt)
        for one, other in PAIRS:
            ahead = [a - b for a, b in zip(rank[one], rank[other], strict=True)]
            samples[f"{device}: {one} - {other}"] = [ahead]
        found[device] = {way: round(sum(own) / len(own), 4) for way, own in rank.items()}
        counted[device] = len(given.archs)
    return Measured(
        conditions=f"{given.conditions()} Networks were dealt out into {len(dealt)} groups at "
        "random: the intervals say how much depends on them. The table of one edge is made of "
        f"{CHOICES} cells with one edge, that of six edges of {changes} cells of skip connections "
        f"with one edge changed; a line on the counts of the canonical form is fitted to {changes} "
        "random networks outside of the group. Edges that do not matter count nothing.",
        estimates=estimates(samples),
        over="groups of networks",
        seeds=list(range(len(dealt))),
        settings={
            "measurements": changes,
            "networks": counted,
            "correlation": found,
            "standard errors": {name: stands_out(edges, name) for name in edges.devices},
        },
    )


def correlations(
    given: Latencies, edges: EdgeSamples, changes: int, dealt: Sequence[Tensor]
) -> dict[str, list[float]]:
    """Per way the correlation within each group."""
    device, seconds = given.devices[0], given.seconds[:, 0]
    archs = torch.tensor(given.archs)
    said = {
        BY[0]: [given.macs] * len(dealt),
        BY[1]: [lookup_latency(one_edge(edges, device)[0], archs)] * len(dealt),
        BY[2]: [lookup_latency(six_edges(edges, device)[0], archs)] * len(dealt),
        BY[3]: [by_counts(given, changes, own, i) for i, own in enumerate(dealt)],
    }
    return {
        way: [skill(s[own], seconds[own]).correlation for s, own in zip(each, dealt, strict=True)]
        for way, each in said.items()
    }


def six_edges(edges: EdgeSamples, device: str) -> tuple[LookupTable, Tensor]:
    """Each edge and operation by itself, in a cell of skip connections; and the errors."""
    samples = edges.of(device, single_changes(EVERY_EDGE, CHOICES))
    return measured_table(samples, CHOICES, make_rng(0))


def one_edge(edges: EdgeSamples, device: str) -> tuple[LookupTable, Tensor]:
    """Each operation in a cell with one edge, for all edges alike; no operation costs nothing."""
    cells: list[Arch] = [(*ONE_EDGE[:3], choice, *ONE_EDGE[4:]) for choice in range(CHOICES)]
    table, noise = measured_table(edges.of(device, [ONE_EDGE, *cells]), CHOICES, make_rng(0))
    table.cost[:, NONE] = 0
    return LookupTable(table.base, table.cost.expand(6, -1)), noise.expand(6, -1)


def stands_out(edges: EdgeSamples, device: str) -> dict[str, float]:
    """Of each table the least cost of an operation, in standard errors; a small one is refused."""
    least = {}
    for name, (table, noise) in (
        (BY[1], one_edge(edges, device)),
        (BY[2], six_edges(edges, device)),
    ):
        check_table(table, noise, free=(NONE, SKIP))
        least[name] = round(float((table.cost / noise)[:, SKIP + 1 :].min()), 1)
    return least


def by_counts(given: Latencies, count: int, group: Tensor, seed: int) -> Tensor:
    """Ridge on the counts of the canonical form, fitted outside of the group."""
    outside = torch.ones(len(given.archs), dtype=torch.bool)
    outside[group] = False
    rest = outside.nonzero()[:, 0]
    fitted = rest[torch.randperm(len(rest), generator=make_rng(seed))[:count]]
    return fit_ridge(given.counts[fitted], given.seconds[fitted, 0])(given.counts)
