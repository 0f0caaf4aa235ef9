"""Laws of comparing: every search gets every seed at the same budget, however many processes."""

import pytest
import torch

from course_lib.core import Oracle, Space, Trial, compare, make_rng
from course_lib.core.compare import compare_at, incumbents, values_at
from course_lib.nas.search import local_search, random_search

SPACE = Space((3, 3, 3))
SEARCHES = {"random": random_search, "local": local_search}


def measure(arch, fidelity=None):
    return Trial(arch, value=float(sum(arch)))


def test_each_history_is_the_search_run_alone():
    threads = torch.get_num_threads()
    histories = compare(SEARCHES, SPACE, measure, budget=7, seeds=iter((5, 6)), progress=False)
    assert torch.get_num_threads() == threads
    assert list(histories) == list(SEARCHES)
    for name, search in SEARCHES.items():
        alone = [search(SPACE, Oracle(measure, 7), make_rng(seed)) for seed in (5, 6)]
        assert histories[name] == alone


@pytest.mark.slow
def test_processes_do_not_change_the_result():
    one, two = (
        compare(SEARCHES, SPACE, measure, budget=7, seeds=(1, 2), n_jobs=jobs, progress=False)
        for jobs in (1, 2)
    )
    assert one == two


def test_nothing_to_compare_is_refused():
    with pytest.raises(ValueError, match="searches is empty"):
        compare({}, SPACE, measure, budget=7, seeds=(1,))


def hurried(space, oracle, rng):
    """Looks at its budget: the smaller it is, the larger the choices of what it asks."""
    with oracle:
        while True:
            oracle((max(0, 2 - int(oracle.budget) // 4),) * 3)
    return oracle.history


BOTH = {"hurried": hurried, "random": random_search}


def at(budgets, **options):
    return compare_at(
        BOTH, SPACE, measure, budgets=budgets, seeds=(5, 6), progress=False, **options
    )


def test_a_search_that_plans_runs_once_per_budget_and_others_once():
    found = at((2, 4, 9), planned=["hurried"])
    assert list(found) == list(BOTH)
    for place, seed in enumerate((5, 6)):
        assert found["random"][place] == random_search(SPACE, Oracle(measure, 9), make_rng(seed))
        assert list(found["hurried"][place]) == [2, 4, 9]
        for budget, history in found["hurried"][place].items():
            assert history == hurried(SPACE, Oracle(measure, budget), make_rng(seed))


def test_what_is_looked_at_is_the_run_with_that_budget():
    """A run of 9 that is cut at 2 has asked (0, 0, 0), a run of 2 has asked (2, 2, 2)."""
    planned, cut = at((2, 9), planned=["hurried"]), at((2, 9))
    assert values_at(planned["hurried"][0], measure, (2, 9)) == [6.0, 0.0]
    assert values_at(cut["hurried"][0], measure, (2, 9)) == [0.0, 0.0]
    assert incumbents(planned["hurried"][0], (9, 2)) == [(0, 0, 0), (2, 2, 2)]
    for seed in (0, 1):
        best = [run.best().value for run in (planned["random"][seed], planned["random"][seed][:2])]
        assert values_at(planned["random"][seed], measure, (9, 2)) == best


@pytest.mark.parametrize(
    ("budgets", "options", "said"),
    [
        ((), {}, "budgets is empty"),
        ((2,), {"planned": ["hasty"]}, r"planned names \['hasty'\], but the searches are"),
    ],
)
def test_no_budget_and_no_such_search_are_refused(budgets, options, said):
    with pytest.raises(ValueError, match=said):
        at(budgets, **options)


def test_a_budget_that_nothing_was_planned_with_is_refused():
    run = at((2, 4), planned=["hurried"])["hurried"][0]
    with pytest.raises(ValueError, match=r"no run was planned with \[3\]; .* \[2, 4\]"):
        incumbents(run, (2, 3))
