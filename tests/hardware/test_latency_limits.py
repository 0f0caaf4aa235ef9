"""Searches under a limit: no question outside of it, and the true best inside of it."""

from functools import partial

import pytest
import torch

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.hardware.latency_limits import LimitedSpace, chosen_per_device, rewarded
from course_lib.hardware.latency_search import latency_reward, worst_latency
from course_lib.nas.search import local_search, metropolis, random_search, regularized_evolution

SPACE = Space((4, 4, 4))
SEARCHES = {
    "random": random_search,
    "evolution": partial(regularized_evolution, population=5, tournament=3),
    "local": local_search,
    "metropolis": partial(metropolis, temperature=0.3),
}


def latency(arch):
    return 1.0 + sum(arch)


def measure(arch, fidelity=None):
    """The slower, the better: every limit is tight."""
    return Trial(arch, value=(sum(arch) + 0.1 * arch[0]) / 10, cost=1 if fidelity is None else 2)


LIMITED = LimitedSpace(SPACE, lambda arch: latency(arch) <= 5)


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_every_search_keeps_the_limit_and_finds_the_best_within(search):
    history = search(LIMITED, Oracle(measure, 150), make_rng(0))
    assert len(history) == 150
    assert all(latency(trial.arch) <= 5 for trial in history)
    within = [measure(arch).value for arch in SPACE if latency(arch) <= 5]
    assert history.best().value == max(within)


def test_what_is_in_the_space_is_what_fits():
    fitting = [arch for arch in SPACE if latency(arch) <= 5]
    assert list(LIMITED) == fitting
    assert LIMITED.size == len(fitting)
    assert (1, 1, 1) in LIMITED
    assert (3, 3, 3) not in LIMITED
    with pytest.raises(ValueError, match="does not keep the limit"):
        LIMITED.validate((3, 3, 3))
    with pytest.raises(ValueError, match="an integer from 0 to 3"):
        LIMITED.validate((0, 0, 4))
    assert LIMITED.describe((0, 1, 2)) == SPACE.describe((0, 1, 2))


def test_draws_are_uniform_over_what_fits():
    rng, count = make_rng(0), 4000
    drawn = [LIMITED.sample(rng) for _ in range(count)]
    shares = torch.tensor([drawn.count(arch) / count for arch in LIMITED])
    chance = 1 / LIMITED.size
    assert (shares - chance).abs().max() < 5 * (chance / count) ** 0.5


@pytest.mark.parametrize("arch", [(0, 0, 0), (1, 1, 2), (0, 3, 1)])
def test_mutations_have_the_probabilities_that_are_said(arch):
    rng, count = make_rng(1), 3000
    drawn = [LIMITED.mutate(arch, rng) for _ in range(count)]
    said = {other: LIMITED.mutation_probability(arch, other) for other in LIMITED}
    assert sum(said.values()) == pytest.approx(1)
    assert {other for other, chance in said.items() if chance} == set(drawn)
    for other, chance in said.items():
        assert abs(drawn.count(other) / count - chance) < 5 * (0.25 / count) ** 0.5


def test_an_island_is_left_by_a_new_draw():
    islands = LimitedSpace(SPACE, lambda arch: arch in ((0, 0, 0), (3, 3, 3)))
    rng = make_rng(0)
    assert {islands.mutate((0, 0, 0), rng) for _ in range(40)} == set(islands)
    with pytest.raises(ValueError, match="a mutation is a new draw"):
        islands.mutation_probability((0, 0, 0), (3, 3, 3))


def test_a_limit_that_nothing_keeps_is_said():
    with pytest.raises(ValueError, match="raise it"):
        LimitedSpace(SPACE, lambda arch: False).sample(make_rng(0))


def test_the_soft_reward_is_the_value_and_both_parts_are_told():
    trial = rewarded(measure, latency, target=4.0, exponent=-0.5)((3, 1, 2))
    accuracy, seconds = torch.tensor([measure((3, 1, 2)).value]), torch.tensor([7.0])
    assert trial.value == pytest.approx(
        latency_reward(accuracy, seconds, target=4.0, exponent=-0.5).item()
    )
    assert trial.objectives == {"accuracy": measure((3, 1, 2)).value, "latency": 7.0}
    assert rewarded(measure, latency, target=4.0)((0, 0, 1), 1).cost == 2


def test_a_harder_exponent_gives_a_faster_winner():
    winners = [
        max(SPACE, key=lambda a: rewarded(measure, latency, target=4.0, exponent=e)(a).value)
        for e in (0.0, -0.7, -1.2)
    ]
    times = [latency(arch) for arch in winners]
    assert times == sorted(times, reverse=True)
    assert times[0] > times[-1]


def test_several_devices_by_the_worst_of_them():
    limits = torch.tensor([5.0, 2.0])

    def both(arch):
        return torch.tensor([[1.0 + sum(arch), 1.0 + arch[0]]])

    soft = rewarded(measure, lambda arch: float(worst_latency(both(arch), limits)), target=1.0)
    assert soft((0, 2, 2)).objectives["latency"] == 1.0
    assert soft((1, 2, 2)).objectives["latency"] == pytest.approx(6 / 5)
    assert soft((2, 0, 1)).objectives["latency"] == pytest.approx(3 / 2)


def test_one_set_of_answers_serves_all_devices():
    archs = list(SPACE)
    times = torch.tensor([[1.0 + sum(arch), 1.0 + 3 * arch[0]] for arch in archs])
    limits = torch.tensor([4.0, 7.0])
    asked = []

    def inherited(arch, fidelity=None):
        asked.append(arch)
        return measure(arch)

    chosen = chosen_per_device(inherited, archs, times, limits)
    for device, trial in enumerate(chosen):
        fitting = [a for a, t in zip(archs, times, strict=True) if t[device] <= limits[device]]
        assert trial == max(map(measure, fitting), key=lambda one: one.value)
    assert len(asked) == len(set(asked)) == int((times <= limits).any(1).sum())
