"""Several searches on the same questions, over several seeds, at the same budget."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from torch import Generator

from course_lib.core.oracle import Measure, Oracle
from course_lib.core.rng import make_rng
from course_lib.core.space import Space
from course_lib.core.threads import one_thread
from course_lib.core.trial import Arch, History


class Search(Protocol):
    """Anything that spends an oracle's budget on a space."""

    def __call__(self, space: Space, oracle: Oracle, rng: Generator, /) -> History: ...


def compare(
    searches: Mapping[str, Search],
    space: Space,
    measure: Measure,
    *,
    budget: float,
    seeds: Iterable[int],
    n_jobs: int = 1,
    progress: bool = True,
) -> dict[str, list[History]]:
    """Run every search once per seed, each with a fresh oracle; histories in the order of seeds.

    n_jobs: processes (joblib), -1 for all cores; inside `joblib.parallel_config("dask")` the runs
        go to a cluster. The result does not depend on it.
    """
    from joblib import Parallel, delayed
    from tqdm.auto import tqdm

    if not searches:
        raise ValueError("searches is empty: expected at least one name and search")
    seeds = list(seeds)
    runs = [(name, seed) for name in searches for seed in seeds]
    jobs = (delayed(_run)(searches[name], space, measure, budget, seed) for name, seed in runs)
    answers = Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    histories: dict[str, list[History]] = {name: [] for name in searches}
    bar = tqdm(answers, total=len(runs), desc="searches x seeds", disable=not progress)
    for (name, _), history in zip(runs, bar, strict=True):
        histories[name].append(history)
    return histories


def _run(search: Search, space: Space, measure: Measure, budget: float, seed: int) -> History:
    with one_thread():
        return search(space, Oracle(measure, budget), make_rng(seed))


def incumbents(history: History, budgets: Sequence[float]) -> list[Arch]:
    """At each budget, the architecture of the best answer that was paid by then."""
    paid = np.cumsum(history.costs)
    ends = np.searchsorted(paid, np.array(budgets) * (1 + 1e-9), side="right")
    return [history[:end].best().arch for end in ends]


def values_at(history: History, measure: Measure, budgets: Sequence[float]) -> list[float]:
    """The full value of the incumbent at each budget.

    Where searches buy cheap answers, too, `measure` says what the incumbent is worth.
    """
    return [measure(arch).value for arch in incumbents(history, budgets)]
