"""What the claims of lectures 02 to 04 share: runs over seeds that can go on, and intervals."""

import hashlib
import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from course_lib.core.threads import one_thread

FOLDER = Path(__file__).parents[1] / "data" / "claims"

Samples = Mapping[str, Sequence[Sequence[float]]]
"""Label -> its sample over seeds, or two samples of which the difference of means is estimated."""


def run_seeds(
    name: str, function: Callable[[int], Any], seeds: Sequence[int], *, n_jobs: int = -1
) -> list[Any]:
    """function(seed) for every seed, one process per core; what it gives must be JSON.

    Each result goes to data/claims/NAME.*.partial.jsonl as it comes, so that an interrupted run
    goes on where it stopped. `forget` removes the file; a change of the function's module, or of
    the arguments that `functools.partial` binds, makes its own.
    """
    from joblib import Parallel, delayed
    from tqdm import tqdm

    path = _partial(name, function)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    done = {entry["seed"]: entry["result"] for entry in map(json.loads, lines)}
    waiting = [seed for seed in seeds if seed not in done]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
    answers = parallel(delayed(_run)(function, seed) for seed in waiting)
    for seed, result in tqdm(answers, desc=name, total=len(waiting)):
        done[seed] = result
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"seed": seed, "result": result}) + "\n")
    return [done[seed] for seed in seeds]


def forget(name: str) -> None:
    """Remove what `run_seeds` kept under names that start so, once the claim is written."""
    for path in FOLDER.glob(f"{name}*.partial.jsonl"):
        path.unlink()


def _partial(name: str, function: Callable[[int], Any]) -> Path:
    bound = function if isinstance(function, partial) else partial(function)
    source = inspect.getsource(sys.modules[bound.func.__module__])
    version = hashlib.sha256(f"{source}{bound.keywords}".encode()).hexdigest()[:8]
    return FOLDER / f"{name}.{version}.partial.jsonl"


def _run(function: Callable[[int], Any], seed: int) -> tuple[int, Any]:
    with one_thread():
        return seed, function(seed)


def estimates(samples: Samples, kind: str = "mean") -> dict[str, Any]:
    """The rows of a claim of the form "estimates", from the samples alone.

    kind: "mean", with Student's t intervals (Welch's for a difference), which unlike the bootstrap
        keep their word with five values; or "share", of samples of zeros and ones, with Wilson's.
    The intervals of all rows hold together with 95 % (Bonferroni).
    """
    level = 1 - 0.05 / len(samples)
    kinds: dict[str, Callable[..., dict[str, Any]]] = {"mean": interval, "share": share}
    rows = [{"label": label, **kinds[kind](*own, level=level)} for label, own in samples.items()]
    return {"form": "estimates", "kind": kind, "level": level, "rows": rows, "samples": samples}


def interval(
    first: Sequence[float], second: Sequence[float] | None = None, *, level: float = 0.95
) -> dict[str, Any]:
    """mean(first), or mean(first) - mean(second), with its t interval.

    A sample whose values are all the same counts as a known number: the length of the interval is
    that of the other sample alone, or zero.
    """
    n = [len(sample) for sample in (first, second) if sample is not None]
    if second is not None and not _spread(first):
        first, second = (np.mean(first) - np.asarray(second)).tolist(), None
    elif second is not None and not _spread(second):
        first, second = (np.asarray(first) - np.mean(second)).tolist(), None
    if second is None:
        mean = float(np.mean(first))
        reach = stats.t.ppf((1 + level) / 2, len(first) - 1) * stats.sem(first)
        return {"mean": mean, "low": mean - float(reach), "high": mean + float(reach), "n": n}
    mean = float(np.mean(first) - np.mean(second))
    low, high = stats.ttest_ind(first, second, equal_var=False).confidence_interval(level)
    return {"mean": mean, "low": float(low), "high": float(high), "n": n}


def share(hits: Sequence[float], *, level: float = 0.95) -> dict[str, Any]:
    """The share of ones among zeros and ones, with Wilson's interval."""
    ones, n = round(sum(hits)), len(hits)
    low, high = stats.binomtest(ones, n).proportion_ci(level, method="wilson")
    return {"mean": ones / n, "low": float(low), "high": float(high), "n": [n]}


def _spread(sample: Sequence[float]) -> bool:
    """Whether the values differ by more than rounding."""
    return bool(np.ptp(sample) > 1e-9 * np.abs(sample).max())


def curve(x: Sequence[float], values: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    """One line of a picture: values (seeds, points) along x, mean and 95 % interval per point."""
    points = [interval(column) for column in np.array(values).T.tolist()]
    return {"x": list(x), **{key: [p[key] for p in points] for key in ("mean", "low", "high")}}
