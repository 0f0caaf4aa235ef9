"""The side-by-side table: its numbers follow from the runs, its cells stand in their columns."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from course_lib.show.measured import Curve, Curves, Intervals, Measured
from course_lib.show.side_by_side import side_by_side_info

NUMBERS = np.random.default_rng(0)
REGRETS = {
    "random search": NUMBERS.uniform(1, 3, (20, 2)),
    "clever": NUMBERS.uniform(0, 2, (20, 2)),
}
TRAININGS: dict[str, list[Any]] = {
    "random search": [None] * 15 + [50.0] * 5,
    "clever": [10.0] * 18 + [None] * 2,
}


def measured() -> Measured:
    line = Curve([10, 100], [0.5, 0.5], [0.4, 0.4], [0.6, 0.6])
    return Measured(
        conditions="",
        estimates=Intervals("mean", 0.95, [], {}),
        settings={"near": 0.5, "most": 100},
        curves=Curves("trainings", "wins", {"clever": line}),
        runs=[
            {
                name: {"regret": own[seed].tolist(), "trainings": TRAININGS[name][seed]}
                for name, own in REGRETS.items()
            }
            for seed in range(20)
        ],
    )


def test_wins_are_the_mann_whitney_statistic_of_regrets() -> None:
    clever, luck = side_by_side_info(measured(), [100, 10]).rows
    assert (clever.name, luck.name) == ("clever", "random search")  # fewest trainings first
    assert luck.wins == []
    for win, column in zip(clever.wins, (1, 0), strict=True):
        more = stats.mannwhitneyu(REGRETS["random search"][:, column], REGRETS["clever"][:, column])
        assert win.estimate == pytest.approx(more.statistic / 400)
        assert win.low < win.estimate < win.high


def test_regret_and_trainings_are_means_over_seeds() -> None:
    clever, luck = side_by_side_info(measured(), [10]).rows
    assert luck.regret[0].estimate == pytest.approx(REGRETS["random search"][:, 0].mean())
    assert (luck.reached, clever.reached) == (5, 18)
    assert luck.trainings.estimate == pytest.approx((15 * 100 + 5 * 50) / 20)
    assert clever.trainings.estimate == pytest.approx((18 * 10 + 2 * 100) / 20)


def test_the_table_has_a_line_per_search_and_a_cell_per_column() -> None:
    info = side_by_side_info(measured(), [10, 100])
    lines = info._repr_markdown_().split("\n\n")[0].splitlines()
    assert {line.count("|") for line in lines} == {7}
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["clever", "random search"]
    assert "trainings to within 0.5 points" in lines[0]
    assert "counts 100 trainings" in info.legend
    assert "clever: regret" in info.describe() == repr(info)
    assert "near the best in 18 of 20 runs, after 19 trainings" in info.describe()


def test_a_budget_that_was_not_kept_is_refused() -> None:
    with pytest.raises(ValueError, match=r"budgets \[50\] are not kept; there is: \[10, 100\]"):
        side_by_side_info(measured(), [10, 50])


def test_a_claim_without_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="keeps no runs and curves"):
        side_by_side_info(replace(measured(), runs=[]), [10])


def with_a_single_answer() -> Measured:
    own = {"cost": 7, "seeds": [1, 2, 3], "regret": [0.5, 1.0, 3.0], "against": [1.0, 2.0]}
    whole = measured()
    return replace(whole, settings={**whole.settings, "single": {"one shot": own}})


def test_a_single_answer_stands_last_with_its_own_cost_and_seeds() -> None:
    """Of six pairs 0.5 wins two, 1.0 one and ties one, 3.0 none; only 0.5 is near enough."""
    info = side_by_side_info(with_a_single_answer(), [10, 100])
    (one,) = info.single
    assert (one.win.estimate, one.regret.estimate) == pytest.approx((3.5 / 6, 1.5))
    assert (one.cost, one.reached, one.regret.n) == (7, 1, (3,))
    lines = info._repr_markdown_().split("\n\n")[0].splitlines()
    assert {line.count("|") for line in lines} == {7}
    cells = [cell.strip() for cell in lines[-1].split("|")]
    assert cells[1] == "one shot"
    assert cells[2].startswith("at 7: 0.58 [")
    assert (cells[3], cells[5], cells[6]) == ("-", "-", "1 of 3 are so near")
    assert "random search with as many (one shot: 3 seeds)" in info.legend
    assert "one shot: regret 1.50" in info.describe()


def test_without_single_answers_nothing_is_said_of_them() -> None:
    assert "one answer" not in side_by_side_info(measured(), [10]).legend
