"""The challenge of lab 07: the best half of three trained networks, handed in as channel counts.

Judged before any fine-tuning, with recalibrated normalisations, on pictures that are rendered for
the occasion, beside uniform pruning that spends the same budget to the last channel.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from torch import Generator

from course_lib.checks.artefact import Artefact
from course_lib.checks.lab07_amc.counts_file import Counts, counts_of, load_counts, save_counts
from course_lib.checks.lab07_amc.sections import HALF
from course_lib.checks.result import Result
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong
from course_lib.datasets import cluttered_digits
from course_lib.hardware.budget import uniform_channels
from course_lib.hardware.pruning import Pruning, chain_cost, layer_features
from course_lib.hardware.sliced_accuracy import SlicedAccuracy
from course_lib.hardware.trained_chains import trained_chain

FILE = "lab07_counts.json"
NETWORKS = {f"vgg {seed}": seed for seed in range(3)}
SHARE, LOWEST, PICTURES = 0.5, 0.2, 2000
NEEDED = 0.06
"""Above uniform pruning at equal cost, mean of the three networks, one search each, on the new
pictures of two variants: the best of 20 random shares, filled up, reaches it in 6 of 40 runs (mean
0.039), of 100 in 5 of 6 (0.070); the solution with 100 tries in 10 of 10 (0.088), with 300 in 3 of
3 (0.097)."""
HINTS = (
    "Measure before you search: what is problem.measure(counts).value of "
    "budgets.uniform_channels(problem.channels, problem.total, budget=problem.budget, "
    "lowest=0.2)? And of a few random counts within the budget?",
    "Spend the whole budget: budgets.share_channels turns relative shares into counts within it, "
    "budgets.fill_up gives back single channels until no more fit.",
    "Start with equal shares. Change some of them by random factors, such as "
    "exp(0.3 * normal), and keep the change if the accuracy does not fall. 300 tries a network.",
)
_ARTEFACT = Artefact(
    "lab07_amc", HALF, "prune_network", law="a better half than the same share of every layer"
)
Search = Callable[[Pruning, Generator], Any]


@cache
def problem(number: int) -> Pruning:
    """The network with this number, 0 to 2, at half of its MACs, judged on validation pictures."""
    if number not in range(len(NETWORKS)):
        raise ValueError(f"there are networks 0 to {len(NETWORKS) - 1}, got {number!r}")
    seed = [*NETWORKS.values()][number]
    chain, network, *_ = trained_chain("vgg", seed)
    images = cluttered_digits(train=250, valid=500, test=1, seed=seed)
    channels = tuple(chain.channels[place] for place in chain.free)
    cost = chain_cost(chain)
    return Pruning(
        features=layer_features(chain),
        channels=channels,
        accuracy=SlicedAccuracy(chain, network, images.train, images.valid),
        cost=cost,
        budget=SHARE * sum(cost(channels)),
        lowest=LOWEST,
    )


def uniform(pruning: Pruning) -> Counts:
    """The same share of every layer; single channels are given back until no more fit."""
    return uniform_channels(
        pruning.channels, pruning.total, budget=pruning.budget, lowest=pruning.lowest
    )


def write_challenge(search: Search, variant: int, path: str | Path = FILE) -> str:
    """Call `search(problem, rng)` once for each network, write its counts, say what was written."""
    path = Path(path)

    def counts_into_file() -> str:
        found, gains = {}, []
        for number, name in enumerate(NETWORKS):
            pruning = problem(number)
            answer = search(pruning, seeded(variant, 700 + number))
            found[name] = within_budget(name, counts_of(answer, pruning.channels))
            own, other = (pruning.accuracy(tuple(c)) for c in (found[name], uniform(pruning)))
            gains.append(own - other)
        save_counts(path, found)
        each = ", ".join(f"{gain:+.3f}" for gain in gains)
        return f"Wrote {path}. On validation pictures, beside uniform pruning: {each}."

    return _ARTEFACT.write(path, search, counts_into_file)


def challenge(
    path: str | Path = FILE,
    variants: Sequence[int] = (0,),
    *,
    points: float | None = None,
    needed: float = NEEDED,
) -> Result:
    """All points for counts whose accuracy on new pictures exceeds uniform pruning by `needed`.

    variants: each renders pictures to judge by; the mean over networks and variants counts.
    """
    return _ARTEFACT.judge(Path(path), lambda path: _scored(path, variants, needed), points)


def _scored(path: Path, variants: Sequence[int], needed: float) -> tuple[str, float, float]:
    channels = {name: problem(number).channels for number, name in enumerate(NETWORKS)}
    counts = load_counts(path, channels)
    for name, own in counts.items():
        within_budget(name, own)
    gains = [gain for variant in variants for gain in new_gains(counts, variant)]
    what = f"accuracy on {PICTURES:,} new pictures above uniform pruning, mean of {len(gains)}:"
    return what, float(np.mean(gains)), needed


def within_budget(name: str, counts: Counts) -> Counts:
    """The counts; Wrong if they cost more than the budget."""
    pruning = problem([*NETWORKS].index(name))
    total = pruning.total(counts)
    if total > pruning.budget:
        raise Wrong(
            f"network {name}: channels {counts} cost {total:,.0f} MACs, the budget is "
            f"{pruning.budget:,.0f}"
        )
    return counts


def new_gains(counts: Mapping[str, Counts], variant: int) -> list[float]:
    """Accuracy minus that of uniform pruning, by network, on pictures of the test digits."""
    gains = []
    for number, (name, seed) in enumerate(NETWORKS.items()):
        chain, network, *_ = trained_chain("vgg", seed)
        images = cluttered_digits(
            train=500, valid=1, test=PICTURES, seed=1_000_003 * (variant + 1) + number
        )
        judged = SlicedAccuracy(chain, network, images.train, images.test)
        gains.append(judged(counts[name]) - judged(uniform(problem(number))))
    return gains
