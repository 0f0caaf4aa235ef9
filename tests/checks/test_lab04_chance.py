"""The statistical tests of lab 04: right draws fail as rarely as stated, others are caught."""

import numpy as np
import pytest
import torch

from course_lib.checks import chance, lab04_gumbel
from course_lib.checks.lab04_gumbel.relaxed import RESOLVED, two_choices
from course_lib.checks.lab04_gumbel.sample_gumbel import gumbel_distribution
from course_lib.core import make_rng
from tests.misconceptions.reference import Solution

RUNS = 400
MOST = 41
"""Binomial(400, 0.05): more than 41 has probability below 1e-4."""


@pytest.fixture(autouse=True)
def one_in_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stated rate, raised from 1e-5 to where it can be counted."""
    monkeypatch.setattr(chance, "RATE", 0.05)


def gumbel(*shape: int, seed: int) -> torch.Tensor:
    u = torch.rand(*shape, generator=make_rng(seed), dtype=torch.float64)
    return -(-u.log()).log()


def test_kolmogorov_smirnov_keeps_its_rate() -> None:
    bound = chance.distance_bound(500)
    draws = gumbel(RUNS, 500, seed=0)
    failed = sum(chance.distance(row, gumbel_distribution) > bound for row in draws)
    assert failed <= MOST
    assert failed >= 5  # not asleep: fewer has probability below 1e-4


def test_it_keeps_its_rate_where_single_precision_saturates() -> None:
    tau, gap, bound = 0.2, 2.0, chance.distance_bound(500)
    logits = torch.tensor([gap, 0.0])
    weights = ((logits + gumbel(RUNS, 500, 2, seed=1)) / tau).float().softmax(-1)[..., 0]
    assert float((weights == 1).double().mean()) > 0.01
    closed = two_choices(gap, tau)
    failed = sum(chance.distance(row, closed, between=RESOLVED) > bound for row in weights)
    assert failed <= MOST


@pytest.mark.parametrize("logits", [[1.2, -1.0, 0.0, 0.6, -0.5], [-0.7, 0.9, -0.17, 0.37]])
def test_chi_square_keeps_its_rate(logits: list[float]) -> None:
    p = torch.tensor(logits, dtype=torch.float64).softmax(0)
    drawn = torch.multinomial(p.expand(RUNS, -1), 1200, True, generator=make_rng(2))
    failed = sum(not chance.fits(chance.counted(row, len(p)), p) for row in drawn)
    assert 5 <= failed <= MOST


def test_pairs_keep_their_rate() -> None:
    p = torch.tensor([-0.7, 0.1, 0.9], dtype=torch.float64).softmax(0)
    drawn = torch.multinomial(p.expand(RUNS, -1), 2400, True, generator=make_rng(3))
    tables = [chance.pairs_counted(row[:1200], row[1200:], 3) for row in drawn]
    failed = sum(not chance.fits(table, p[:, None] * p) for table in tables)
    assert 5 <= failed <= MOST


def test_two_samples_of_one_distribution_are_alike() -> None:
    many = gumbel(20_000, seed=4)
    failed = sum(not chance.alike(row, many) for row in gumbel(RUNS, 500, seed=5))
    # all rows share `many`, so the failures are not independent: three times the rate
    assert failed <= 3 * 0.05 * RUNS
    assert not chance.alike(many, -many)


def test_an_impossible_choice_does_not_fit() -> None:
    assert not chance.fits(torch.tensor([50, 50, 1]), torch.tensor([0.5, 0.5, 0.0]))
    assert chance.fits(torch.tensor([50, 50, 0]), torch.tensor([0.5, 0.5, 0.0]))


def test_the_distance_is_the_largest_gap() -> None:
    draws = torch.tensor([0.1, 0.4, 0.9])
    # uniform: steps to 1/3, 2/3, 1 at 0.1, 0.4, 0.9; the largest gap is 2/3 - 0.4
    assert chance.distance(draws, lambda x: x) == pytest.approx(2 / 3 - 0.4, abs=1e-6)
    assert chance.distance(draws, lambda x: x, between=(2.0, 3.0)) == 1.0
    assert np.isclose(gumbel_distribution(np.array([0.0]))[0], np.exp(-1))


def test_a_notebook_in_double_precision_costs_no_points() -> None:
    answer = Solution("lab04_gumbel").function("sample_gumbel")
    torch.set_default_dtype(torch.float64)
    try:
        result = lab04_gumbel.sample_gumbel(answer)
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert result.passed, str(result)


@pytest.mark.parametrize("spoil", ["sorted", "mirrored", "used twice"])
def test_scores_that_depend_on_each_other_stand_out(
    spoil: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chance, "RATE", 1e-5)
    scores = torch.randn(8, 40, 50, generator=make_rng(7), dtype=torch.float64)
    assert chance.excess(scores) is None
    if spoil == "sorted":
        scores = scores.sort(-1).values
    elif spoil == "mirrored":
        scores[:, 20:] = -scores[:, :20]
    else:
        scores[1::2] = scores[::2]
    assert chance.excess(scores) is not None
