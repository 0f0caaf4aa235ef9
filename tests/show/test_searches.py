import numpy as np
import pytest

from course_lib.core import History, Trial, make_rng
from course_lib.show.searches import duel_info, plot_duel, plot_progress, progress_info


def history(values: list[float], cost: float = 1.0) -> History:
    return History(Trial((i,), v, cost, {}, {"test": 1 - v}) for i, v in enumerate(values))


def test_best_so_far_on_a_grid_of_costs_equals_looking_back() -> None:
    runs = {"slow": [history([0.1, 0.5, 0.3, 0.9], cost=2.0)], "fast": [history([0.2] * 9)]}
    info = progress_info(runs, points=29)
    assert info.spent[0] == 2
    assert info.spent[-1] == 8
    for name, (run,) in runs.items():
        paid = np.cumsum(run.costs)
        expected = [max(run.values[paid <= spent + 1e-9]) for spent in info.spent]
        np.testing.assert_array_equal(info.middle[name], expected)


def test_quartiles_over_seeds_and_regret() -> None:
    runs = {"a": [history([v]) for v in (0.1, 0.2, 0.3, 0.4, 0.5)]}
    info = progress_info(runs, optimum=1.0, points=2)
    got = [info.low["a"][0], info.middle["a"][0], info.high["a"][0]]
    np.testing.assert_allclose(got, [0.6, 0.7, 0.8], rtol=1e-12)
    assert info.seeds == 5


def test_the_reported_quantity_is_that_of_the_trial_chosen_by_value() -> None:
    info = progress_info({"a": [history([0.2, 0.8, 0.5])]}, report="test", points=3)
    np.testing.assert_allclose(info.middle["a"], [0.8, 0.2, 0.2], rtol=1e-12)


def test_winning_is_antisymmetric_and_ties_count_half() -> None:
    runs = {
        "a": [history([v]) for v in (0.1, 0.5, 0.5, 0.7)],
        "b": [history([v]) for v in (0.5, 0.2)],
    }
    ours = duel_info(runs, "a", "b", make_rng(0))
    theirs = duel_info(runs, "b", "a", make_rng(0))
    assert ours.wins == (0 + 0.5 + 0.5 + 1 + 0 + 1 + 1 + 1) / 8
    assert ours.wins + theirs.wins == 1
    assert ours.difference == pytest.approx(-theirs.difference)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """95 % intervals for 25 seeds a side; 200 repetitions, fewer than 85 % has p < 1e-6."""
    draws = np.random.default_rng(0)
    inside = 0
    for repetition in range(200):
        a, b = draws.normal(0.02, 0.1, 25), draws.normal(0.0, 0.1, 25)
        runs = {"a": [history([v]) for v in a], "b": [history([v]) for v in b]}
        info = duel_info(runs, "a", "b", make_rng(repetition), resamples=300)
        low, high = info.difference_interval
        inside += low <= 0.02 <= high
    assert inside >= 170


def test_pictures_name_every_search() -> None:
    runs = {name: [history([0.1, 0.2]), history([0.3, 0.4])] for name in ("random", "REINFORCE")}
    info = progress_info(runs)
    ax = plot_progress(info)
    assert {text.get_text() for text in ax.texts} == set(runs)
    assert all(name in info.describe() for name in runs)
    duel = duel_info(runs, "REINFORCE", "random", make_rng(0))
    assert [tick.get_text() for tick in plot_duel(duel).get_yticklabels()] == list(duel.names)


def test_empty_histories_are_refused() -> None:
    with pytest.raises(ValueError, match="histories is empty"):
        progress_info({})
    with pytest.raises(ValueError, match="histories is empty"):
        progress_info({"a": [History()]})
