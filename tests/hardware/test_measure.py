"""Laws of measuring, with a clock that says what we want it to say."""

from collections.abc import Callable

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.measure import levelled, low_quantile, measure, split_half_tau


class Bench:
    """Candidates that take known times on a clock of their own; keeps who was called when."""

    def __init__(self, costs: list[float], first_call: float = 0.0) -> None:
        self.costs, self.first_call = costs, first_call
        self.now = 0.0
        self.calls: list[int] = []
        self.readings = 0

    @property
    def candidates(self) -> list[Callable[[], object]]:
        return [lambda index=index: self._call(index) for index in range(len(self.costs))]

    def _call(self, index: int) -> None:
        self.now += self.costs[index] + self.first_call * (index not in self.calls)
        self.calls.append(index)

    def clock(self) -> float:
        self.readings += 1
        return self.now


def test_a_sample_is_the_time_of_one_call():
    bench = Bench([1.0, 0.25, 3.0])
    samples = measure(bench.candidates, make_rng(0), rounds=10, repeats=4, clock=bench.clock)
    assert samples.shape == (10, 3)
    assert torch.allclose(samples, torch.tensor(bench.costs, dtype=torch.float64).expand(10, 3))


def test_the_clock_is_read_twice_a_sample():
    bench = Bench([1.0, 2.0])
    measure(bench.candidates, make_rng(0), rounds=10, repeats=5, warmup=3, clock=bench.clock)
    assert bench.readings == 2 * 10 * 2
    assert len(bench.calls) == 2 * (3 + 10 * 5)


def test_what_the_first_call_costs_is_not_measured():
    bench = Bench([1.0, 2.0], first_call=100.0)
    samples = measure(bench.candidates, make_rng(0), rounds=10, clock=bench.clock)
    assert samples.amax() == 2.0


def test_all_are_warm_before_the_first_sample():
    bench = Bench([1.0] * 5)
    measure(bench.candidates, make_rng(0), rounds=10, warmup=2, clock=bench.clock)
    assert sorted(bench.calls[:10]) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_every_round_measures_all_once_in_an_order_of_its_own():
    bench = Bench([1.0] * 6)
    measure(bench.candidates, make_rng(0), rounds=20, warmup=0, clock=bench.clock)
    rounds = [tuple(bench.calls[start : start + 6]) for start in range(0, 120, 6)]
    assert all(sorted(order) == list(range(6)) for order in rounds)
    assert len(set(rounds)) > 15


def test_the_calls_of_one_sample_follow_each_other():
    bench = Bench([1.0] * 4)
    measure(bench.candidates, make_rng(0), rounds=10, repeats=3, warmup=0, clock=bench.clock)
    runs = [bench.calls[start : start + 3] for start in range(0, 120, 3)]
    assert all(len(set(run)) == 1 for run in runs)


def test_the_same_seed_gives_the_same_order():
    benches = [Bench([1.0] * 6) for _ in range(2)]
    for bench in benches:
        measure(bench.candidates, make_rng(3), rounds=10, clock=bench.clock)
    assert benches[0].calls == benches[1].calls


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rounds": 9}, "no sample below"),
        ({"quantile": 0.0}, "between 0 and 1"),
        ({"repeats": 0}, "repeats >= 1"),
        ({"warmup": -1}, "warmup >= 0"),
    ],
)
def test_settings_that_measure_nothing_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        measure([lambda: None], make_rng(0), **settings)


def test_no_candidates_are_refused():
    with pytest.raises(ValueError, match="no candidates"):
        measure([], make_rng(0))


@pytest.mark.parametrize("step", [0.0, -1.0])
def test_a_clock_that_does_not_go_forward_is_refused(step):
    now = [0.0]

    def clock() -> float:
        now[0] += step
        return now[0]

    with pytest.raises(ValueError, match=r"the clock says"):
        measure([lambda: None], make_rng(0), rounds=10, clock=clock)


def test_the_low_quantile_forgets_what_only_adds_time():
    quiet = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64).expand(100, 3)
    disturbed = quiet + 50 * (torch.rand(100, 3, generator=make_rng(0), dtype=torch.float64) < 0.7)
    assert torch.equal(low_quantile(disturbed, 0.1), quiet[0])


def test_what_slows_whole_rounds_is_levelled_out():
    """Rounds at any speed of the same candidates: what is left are the candidates, up to a unit."""
    rng = make_rng(0)
    own, speed = 1 + torch.rand(30, generator=rng), 1 + 4 * torch.rand(50, generator=rng)
    left = levelled(speed[:, None] * own)
    assert torch.allclose(left, left[:1].expand(50, -1))
    assert torch.allclose(left[0] / left[0, 0], own / own[0])


def test_levelled_medians_order_better_where_the_speed_comes_and_goes():
    """Each round at a speed of its own, and little noise in each sample."""
    rng = make_rng(0)
    own = 1 + 0.2 * torch.rand(40, generator=rng)
    speed = 1 + 0.5 * torch.rand(100, generator=rng)
    noise = 1 + 0.03 * torch.randn(100, 40, generator=rng)
    samples = speed[:, None] * own * noise

    def right(said):
        return int((said[:, None] < said).eq(own[:, None] < own).sum())

    medians = right(levelled(samples).quantile(0.5, 0))
    assert medians > right(low_quantile(samples, 0.1))
    assert medians > right(samples.quantile(0.5, 0))


def test_nothing_cannot_be_levelled():
    with pytest.raises(ValueError, match="no samples to level"):
        levelled(torch.empty(0, 3))


def test_without_noise_two_halves_rank_alike_and_noise_alone_ranks_nothing():
    rng = make_rng(0)
    quiet = torch.arange(50.0).expand(40, 50)
    assert split_half_tau(quiet, 0.1, rng) == 1
    noise = torch.rand(40, 50, generator=rng)
    assert abs(split_half_tau(noise, 0.1, rng)) < 0.35
    assert split_half_tau(torch.ones(40, 5), 0.1, rng) == 0


def test_more_noise_gives_a_lower_tau():
    rng = make_rng(0)
    times = torch.linspace(1, 2, 60).expand(40, 60)
    taus = [
        split_half_tau(times + scale * torch.rand(40, 60, generator=rng), 0.1, rng)
        for scale in (0.01, 0.5, 10)
    ]
    assert taus[0] > taus[1] > taus[2]


def test_halves_need_two_rounds():
    with pytest.raises(ValueError, match="at least 2 of both"):
        split_half_tau(torch.ones(1, 5), 0.1, make_rng(0))
