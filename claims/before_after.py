"""Lecture 07: does the accuracy right after pruning foretell that after fine-tuning?"""

from collections.abc import Sequence

from claims.estimates import estimates
from claims.pruning import TEST, Trained, trained, tuned_accuracy
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.hardware.budget import fill_up
from course_lib.hardware.criteria import top_channels, weight_scores
from course_lib.hardware.pruning import share
from course_lib.hardware.ratio_space import RatioSpace
from course_lib.hardware.recalibrate import pruned_accuracy
from course_lib.hardware.sliced_accuracy import SlicedAccuracy
from course_lib.show.measured import Measured, Samples

SEEDS = range(10)
POLICIES = 32
BUDGETS = (0.5, 0.25)


def before_after() -> Measured:
    """Kendall's tau between accuracy before and after fine-tuning, over policies of equal MACs."""
    runs = run_seeds("07_before_after", ranked, SEEDS, n_jobs=1)
    forget("07_before_after")
    return Measured(
        conditions=f"{len(SEEDS)} networks of the small VGG, {POLICIES} random policies each, "
        "filled up to the same MACs; accuracy on "
        f"{TEST:,} test pictures, before and after two epochs of fine-tuning.",
        estimates=estimates(taus(runs)),
        seeds=list(SEEDS),
        settings={"policies": POLICIES},
        runs=runs,
    )


def taus(runs: Sequence[dict[str, dict[str, float]]]) -> Samples:
    """By budget: tau with recalibration and without, and by how much it is higher with it."""
    samples: dict[str, list[list[float]]] = {}
    for budget in BUDGETS:
        found = [run[f"{budget}"] for run in runs]
        fresh, stale = ([one[way] for one in found] for way in ("recalibrated", "stale"))
        samples[f"{budget:.0%} of MACs, recalibrated"] = [fresh]
        samples[f"{budget:.0%} of MACs, as it was"] = [stale]
        samples[f"{budget:.0%} of MACs, what recalibration adds"] = [
            [round(a - b, 4) for a, b in zip(fresh, stale, strict=True)]
        ]
    return samples


def ranked(seed: int) -> dict[str, dict[str, float]]:
    """Budget -> tau with and without recalibration, and how far policies lie apart afterwards."""
    return {f"{budget}": _taus(trained("vgg", seed, budget=budget), seed) for budget in BUDGETS}


def _taus(own: Trained, seed: int) -> dict[str, float]:
    from scipy.stats import kendalltau

    recalibrated = SlicedAccuracy(own.chain, own.network, own.calibration, own.task.test)
    rows = []
    for counts in _policies(own, seed):
        keep = top_channels(weight_scores(own.network), own.chain.tied(counts))
        stale = pruned_accuracy(own.network, keep, None, own.task.test)
        rows.append((recalibrated(counts), stale, tuned_accuracy(own, counts, seed)))
    fresh, stale_ones, after = zip(*rows, strict=True)
    mean = sum(after) / len(after)
    return {
        "recalibrated": round(float(kendalltau(fresh, after).statistic), 4),
        "stale": round(float(kendalltau(stale_ones, after).statistic), 4),
        "sd after": round((sum((a - mean) ** 2 for a in after) / (len(after) - 1)) ** 0.5, 4),
    }


def _policies(own: Trained, seed: int) -> list[tuple[int, ...]]:
    """Different channel counts, drawn at random and filled up."""
    space, rng, pruning = RatioSpace(own.pruning, share), make_rng(seed), own.pruning
    found: dict[tuple[int, ...], None] = {}
    while len(found) < POLICIES:
        counts = space.channels(space.sample(rng))
        filled = fill_up(counts, pruning.channels, pruning.total, budget=pruning.budget)
        found[tuple(filled)] = None
    return list(found)
