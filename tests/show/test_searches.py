import numpy as np
import pytest

from course_lib.core import History, Trial
from course_lib.show.searches import progress_info


def history(values: list[float], cost: float = 1.0) -> History:
    return History(Trial((i,), v, cost) for i, v in enumerate(values))


def test_best_so_far_on_a_grid_of_costs_equals_looking_back() -> None:
    runs = {"slow": [history([0.1, 0.5, 0.3, 0.9], cost=2.0)], "fast": [history([0.2] * 9)]}
    info = progress_info(runs, points=29)
    assert info.places[0] == 2
    assert info.places[-1] == 8
    for name, (run,) in runs.items():
        paid = np.cumsum(run.costs)
        expected = [max(run.values[paid <= spent + 1e-9]) for spent in info.places]
        np.testing.assert_array_equal(info.lines[name], expected)


def test_quartiles_over_seeds_and_regret() -> None:
    runs = {"a": [history([v]) for v in (0.1, 0.2, 0.3, 0.4, 0.5)]}
    info = progress_info(runs, optimum=1.0, points=2)
    low, high = info.bands["a"]
    got = [low[0], info.lines["a"][0], high[0]]
    np.testing.assert_allclose(got, [0.6, 0.7, 0.8], rtol=1e-12)
    assert "over 5 seeds" in info.describe()


@pytest.mark.parametrize(("optimum", "scale"), [(None, ""), (0.4, ""), (0.5, "y")])
def test_a_regret_is_drawn_on_a_log_scale_unless_it_is_zero(
    optimum: float | None, scale: str
) -> None:
    runs = {"random": [history([0.1, 0.4]), history([0.3, 0.4])]}
    assert progress_info(runs, optimum=optimum).logarithmic == scale


def test_empty_histories_are_refused() -> None:
    with pytest.raises(ValueError, match="histories is empty"):
        progress_info({})
    with pytest.raises(ValueError, match="histories is empty"):
        progress_info({"a": [History()]})
