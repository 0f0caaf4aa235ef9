"""Several searches on the same questions, over several seeds, at the same budget."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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


Run = History | Mapping[float, History]
"""One history, to be cut at any budget, or one per budget, each planned with it."""


def compare_at(
    searches: Mapping[str, Search],
    space: Space,
    measure: Measure,
    *,
    budgets: Sequence[float],
    seeds: Iterable[int],
    planned: Collection[str] = (),
    n_jobs: int = 1,
    progress: bool = True,
) -> dict[str, list[Run]]:
    """Run every search once per seed, so that it may be looked at with each of the budgets.

    A search that never looks at its oracle's budget does the same with a smaller one, only less of
    it: it runs once, with the largest, and may be cut.

    planned: names of those that look (Q-learning explores less as its budget is spent); they run
        once per budget. ValueError: one of them is no search, or there are no budgets.
    """
    if not budgets:
        raise ValueError("budgets is empty: expected at least one")
    if unknown := sorted(set(planned) - set(searches)):
        raise ValueError(f"planned names {unknown}, but the searches are {list(searches)}")
    seeds = list(seeds)

    def run(names: Iterable[str], budget: float) -> dict[str, list[History]]:
        own = {name: searches[name] for name in names}
        if not own:
            return {}
        return compare(
            own, space, measure, budget=budget, seeds=seeds, n_jobs=n_jobs, progress=progress
        )

    once = run([name for name in searches if name not in planned], max(budgets))
    each = {budget: run(planned, budget) for budget in budgets}
    found: dict[str, list[Run]] = {name: list(runs) for name, runs in once.items()}
    for name in planned:
        found[name] = [{b: each[b][name][i] for b in budgets} for i in range(len(seeds))]
    return {name: found[name] for name in searches}


def incumbents(run: Run, budgets: Sequence[float]) -> list[Arch]:
    """At each budget, the architecture of the best answer that was paid by then.

    ValueError: a run per budget has none for one of these.
    """
    if isinstance(run, History):
        paid = np.cumsum(run.costs)
        ends = np.searchsorted(paid, np.array(budgets) * (1 + 1e-9), side="right")
        return [run[:end].best().arch for end in ends]
    if unknown := sorted(set(budgets) - set(run)):
        raise ValueError(f"no run was planned with {unknown}; there are runs with {list(run)}")
    return [run[budget].best().arch for budget in budgets]


def values_at(run: Run, measure: Measure, budgets: Sequence[float]) -> list[float]:
    """The full value of the incumbent at each budget.

    Where searches buy cheap answers, too, `measure` says what the incumbent is worth.
    """
    return [measure(arch).value for arch in incumbents(run, budgets)]
