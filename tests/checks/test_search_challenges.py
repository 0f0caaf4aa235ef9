"""Labs 01 and 02: histories are looked up and judged, and random search seldom passes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Generator

from course_lib.checks.lab02_weight_sharing.inherited import SPACE, inherited
from course_lib.checks.result import Outcome
from course_lib.checks.search_challenge import threshold
from course_lib.core import Oracle, Space
from tests.checks.search_cases import CASES, Case, handed_in, random_search


def test_a_good_search_earns_all_points(case: Case, tmp_path: Path) -> None:
    result = case.judged(handed_in(case, tmp_path))
    assert result.outcome is Outcome.PASSED, str(result)
    assert repr(result) == "10.0"
    assert f"mean of the 30 {case.challenge.scored}" in str(result)
    assert f"needed {case.needed:.4f}" in str(result)


def test_a_good_search_passes_in_nearly_every_attempt(case: Case) -> None:
    assert sum(score >= case.needed for score in case.scores(case.good, 30)) >= 29


def test_random_search_passes_in_about_five_of_a_hundred_attempts(case: Case) -> None:
    # binomial(100, 0.05): more than 15 has probability below 1e-4
    assert sum(score >= case.needed for score in case.scores(random_search, 100)) <= 15


def test_random_search_is_told_what_it_needs(case: Case, tmp_path: Path) -> None:
    scores = case.scores(random_search, 3)  # by chance it passes one variant in twenty
    variant = scores.index(min(scores))
    result = case.judged(handed_in(case, tmp_path, random_search, variant), variant)
    assert result.outcome is Outcome.FAILED
    assert f"needed {case.needed:.4f}" in str(result)


def test_the_threshold_is_the_quantile_of_a_simulation_draw_by_draw() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(729) ** 2
    draws = rng.choice(values, (4000, 10, 12)).max(axis=2).mean(axis=1)
    # 5 % +- 1.4 % of 4,000 draws (four standard errors) lie above the exact quantile
    assert abs((draws > threshold(values, budget=12, problems=10)).mean() - 0.05) < 0.014


def test_a_disguise_renames_choices_and_keeps_the_values(lab01: Case) -> None:
    problems = [lab01.challenge.problem(3, number, lab01.table) for number in range(4)]
    seen = [problems[0](arch) for arch in problems[0].space]
    values = [lab01.table.measure(arch).value for arch in lab01.table.space]
    assert sorted(trial.value for trial in seen) == sorted(values)
    assert all(trial.cost == 1 and not trial.info for trial in seen)
    bests = {max(p.space, key=lambda arch, p=p: p(arch).value) for p in problems}
    assert len(bests) > 1


def test_every_cell_has_an_inherited_accuracy() -> None:
    values = inherited()
    assert set(values) == set(SPACE)
    assert all(0.1 < value < 1 for value in values.values())


def trusting(space: Space, oracle: Oracle, rng: Generator) -> None:
    """All money on inherited accuracies, and one training."""
    with oracle:
        cheap = [oracle(space.sample(rng), 1) for _ in range(450)]
        oracle(max(cheap, key=lambda trial: trial.value).arch)


def test_a_filter_beats_trusting_the_supernet_alone(lab02: Case) -> None:
    assert np.mean(lab02.scores(lab02.good, 10)) > np.mean(lab02.scores(trusting, 10))


def five_questions(space: Space, oracle: Oracle, rng: Generator) -> None:
    for _ in range(5):
        oracle(space.sample(rng))


def only_cheap(space: Space, oracle: Oracle, rng: Generator) -> None:
    oracle(space.sample(rng), 1)


def wrong_fidelity(space: Space, oracle: Oracle, rng: Generator) -> None:
    oracle(space.sample(rng), 3)


def without_with(space: Space, oracle: Oracle, rng: Generator) -> None:
    while True:
        oracle(space.sample(rng))


def measures_for_free(space: Space, oracle: Oracle, rng: Generator) -> None:
    """The best of 300, of which 60 are paid for."""
    found = sorted((space.sample(rng) for _ in range(300)), key=lambda a: -oracle.measure(a).value)
    with oracle:
        for arch in found:
            oracle(arch)


@pytest.mark.parametrize(
    ("name", "search", "words"),
    [
        ("lab01", measures_for_free, "300 values were measured and not paid for"),
        ("lab01", five_questions, "asked 5 questions, expected all 60"),
        ("lab01", without_with, "inside `with oracle:`"),
        ("lab02", only_cheap, "trained no cell alone"),
        ("lab02", without_with, "inside `with oracle:`"),
        ("lab02", wrong_fidelity, "fidelity is 3"),
    ],
)
def test_a_search_that_fails_says_why(name: str, search: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=words):
        handed_in(CASES[name](), tmp_path, search)
    assert not (tmp_path / "challenge.json").exists()
