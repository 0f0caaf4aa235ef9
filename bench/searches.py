"""How fast a search asks the table."""

import math
import statistics
from functools import partial

import optuna

from bench.timing import Row, alternate
from course_lib.core import Oracle, make_rng
from course_lib.core.threads import one_thread
from course_lib.nas.controller import reinforce
from course_lib.nas.search import random_search, regularized_evolution
from course_lib.nas.table import Table, digits201

EVALUATIONS = 1000
SEEDS, BUDGET, POPULATION = 100, 300, 30
SIZES = ((25, 300), (50, 300), (200, 300), (100, 75), (100, 150), (100, 600))


def random_search_row() -> Row:
    """1,000 questions to the same table: ours beside optuna's RandomSampler."""
    table = digits201()

    def peer() -> None:
        _optuna(table, optuna.samplers.RandomSampler(seed=0), EVALUATIONS)

    def ours() -> None:
        random_search(table.space, Oracle(table.measure, EVALUATIONS), make_rng(0))

    own, other = alternate(ours, peer, repetitions=5)
    return Row(
        what=f"random search, {EVALUATIONS:,} evaluations of the table",
        against="optuna RandomSampler",
        unit="s",
        ours=own,
        peer=other,
        goal="10 times faster",
        met=statistics.median(other) >= 10 * statistics.median(own),
    )


def evolution_row(*, seeds: int = SEEDS, budget: int = BUDGET, repetitions: int = 3) -> Row:
    """Regularized evolution over many seeds, beside optuna's evolution of as large a population."""
    table = digits201()

    def peer() -> None:
        for seed in range(seeds):
            sampler = optuna.samplers.NSGAIISampler(population_size=POPULATION, seed=seed)
            _optuna(table, sampler, budget)

    own, other = alternate(lambda: _evolve(table, seeds, budget), peer, repetitions)
    return Row(
        what=f"regularized evolution, {seeds} seeds x {budget} evaluations of the table",
        against=f"optuna NSGAIISampler, population {POPULATION}",
        unit="s",
        ours=own,
        peer=other,
        goal="20 times faster",
        met=statistics.median(other) >= 20 * statistics.median(own),
    )


def evolution_cost_rows(*, share: float = 1.0, repetitions: int = 5) -> list[Row]:
    """What an evaluation costs as seeds and budget grow, beside 100 seeds x 300: linear if equal.

    share: of the seeds, for a quick look.
    """
    table = digits201()
    rows = []
    for seeds, budget in SIZES:
        sizes = ((max(1, round(seeds * share)), budget), (max(1, round(SEEDS * share)), BUDGET))
        own, other = alternate(
            partial(_evolve, table, *sizes[0]), partial(_evolve, table, *sizes[1]), repetitions
        )
        each = [
            [1e6 * seconds / math.prod(size) for seconds in spent]
            for size, spent in zip(sizes, (own, other), strict=True)
        ]
        rows.append(
            Row(
                what=f"regularized evolution, {sizes[0][0]} seeds x {budget} evaluations, each",
                against=f"{sizes[1][0]} seeds x {BUDGET}",
                unit="µs",
                ours=each[0],
                peer=each[1],
                goal="linear: within a quarter of it",
                met=abs(statistics.median(each[0]) / statistics.median(each[1]) - 1) <= 0.25,
            )
        )
    return rows


def reinforce_row() -> Row:
    """1,000 questions by the controller, on one thread, beside random search.

    Not counted: a process that makes its first `torch.optim.Adam` imports torch._dynamo, which
    takes seconds; the turn that warms up pays for it.
    """
    table = digits201()
    with one_thread():
        own, other = alternate(
            lambda: reinforce(table.space, Oracle(table.measure, EVALUATIONS), make_rng(0)),
            lambda: random_search(table.space, Oracle(table.measure, EVALUATIONS), make_rng(0)),
            repetitions=5,
        )
    return Row(
        what=f"REINFORCE, {EVALUATIONS:,} evaluations of the table, once warm",
        against="random search",
        unit="s",
        ours=own,
        peer=other,
        goal="5 s",
        met=statistics.median(own) <= 5,
    )


def _evolve(table: Table, seeds: int, budget: int) -> None:
    for seed in range(seeds):
        oracle = Oracle(table.measure, budget)
        regularized_evolution(table.space, oracle, make_rng(seed), population=POPULATION)


def _optuna(table: Table, sampler: optuna.samplers.BaseSampler, evaluations: int) -> None:
    """As many questions to the table by a sampler of optuna's."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    decisions = [(f"edge {i}", count) for i, count in enumerate(table.space.choices)]

    def objective(trial: optuna.Trial) -> float:
        arch = tuple(trial.suggest_int(name, 0, count - 1) for name, count in decisions)
        return table.measure(arch).value

    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=evaluations)
