import numpy as np
import pytest

from course_lib.core import History, Trial
from course_lib.show.searches import plot_progress, progress_info


def history(values: list[float], cost: float = 1.0) -> History:
    return History(Trial((i,), v, cost) for i, v in enumerate(values))


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


def test_pictures_name_every_search() -> None:
    runs = {name: [history([0.1, 0.2]), history([0.3, 0.4])] for name in ("random", "REINFORCE")}
    info = progress_info(runs)
    ax = plot_progress(info)
    assert {text.get_text() for text in ax.texts} == set(runs)
    assert all(name in info.describe() for name in runs)


def test_empty_histories_are_refused() -> None:
    with pytest.raises(ValueError, match="histories is empty"):
        progress_info({})
    with pytest.raises(ValueError, match="histories is empty"):
        progress_info({"a": [History()]})
