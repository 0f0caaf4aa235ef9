"""The best of n runs, as a picture, against drawing all samples of n runs."""

from itertools import product

import numpy as np
import pytest

from course_lib.show.nas.best_of_n import best_of_n_info
from course_lib.show.nas.regret import Regrets

ROWS = {
    "luck": np.array([[5.0, 4.0], [3.0, 2.0], [6.0, 6.0], [2.5, 0.5]]),
    "skill": np.array([[2.0, 1.0], [2.0, 1.5], [3.0, 1.0], [2.0, 2.5]]),
}
REGRETS = Regrets(np.array([10.0, 50.0]), ROWS)


def test_every_point_is_the_mean_over_all_samples_of_n_runs() -> None:
    info = best_of_n_info(REGRETS, budget=50, most=4)
    assert info.places.tolist() == [1, 2, 3, 4]
    for name, line in info.lines.items():
        for n, regret in zip((1, 2, 3, 4), line, strict=True):
            best = [min(sample) for sample in product(ROWS[name][:, 1], repeat=n)]
            assert regret == pytest.approx(np.mean(best))


def test_it_is_said_how_many_runs_make_luck_look_like_skill() -> None:
    info = best_of_n_info(REGRETS, budget=50, searches=("luck", "skill"), most=6)
    (mark,) = info.marks.values()
    assert mark == pytest.approx(ROWS["skill"][:, 1].mean())
    first = int(np.argmax(info.lines["luck"] <= mark)) + 1
    assert f"The best of {first} runs of luck looks as good as one run of skill." in info.describe()
    assert "Not even the best of 2 runs" in best_of_n_info(REGRETS, budget=10, most=2).said


@pytest.mark.parametrize("more", [{"budget": 20}, {"searches": ("x",)}, {"most": 0}])
def test_what_is_not_there_is_refused(more: dict) -> None:
    with pytest.raises(ValueError, match=r"expected a budget of \[10.0, 50.0\]"):
        best_of_n_info(REGRETS, **{"budget": 50} | more)
