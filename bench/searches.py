"""How fast a search asks the table."""

import statistics

import optuna

from bench.timing import Row, alternate
from course_lib.core import Oracle, make_rng
from course_lib.core.threads import one_thread
from course_lib.nas.controller import reinforce
from course_lib.nas.search import random_search
from course_lib.nas.table import digits201

EVALUATIONS = 1000


def random_search_row() -> Row:
    """1,000 questions to the same table: ours beside optuna's RandomSampler."""
    table = digits201()
    decisions = [(f"edge {i}", count) for i, count in enumerate(table.space.choices)]

    def objective(trial: optuna.Trial) -> float:
        arch = tuple(trial.suggest_int(name, 0, count - 1) for name, count in decisions)
        return table.measure(arch).value

    def peer() -> None:
        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0)
        )
        study.optimize(objective, n_trials=EVALUATIONS)

    def ours() -> None:
        random_search(table.space, Oracle(table.measure, EVALUATIONS), make_rng(0))

    optuna.logging.set_verbosity(optuna.logging.WARNING)
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
